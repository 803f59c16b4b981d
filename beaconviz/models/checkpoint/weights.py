"""Read a network, and check that the checkpoint has every weight its logits depend on."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
import transformers
from torch import Tensor, nn
from transformers import PreTrainedModel

from beaconviz.core.errors import BeaconvizError
from beaconviz.models.checkpoint.memory import stored_types
from beaconviz.models.checkpoint.reading import place_of, read_part
from beaconviz.models.tasks import Task

Shapes = Iterable[tuple[str, Sequence[int], Sequence[int]]]  # name, in the file, by the config

# Names of pre-training heads, which other tasks do not use.
_PRETRAINING = (
    "cls.",
    "decoder.",
    "discriminator_predictions.",
    "embed_out.",
    "final_logits_bias",
    "generator_",
    "head.",
    "lm_head.",
    "multiple_choice_head.",
    "predictions.",
    "sop_classifier.",
    "vocab_",
)
# Buffers that a network computes itself, and weights that its config switches off.
_COUNTED = re.compile(
    r"(position_ids|masked_bias|inv_freq|(attn|attention)\.bias|embed_positions\.weight"
    r"|relative_attention_bias\.weight|version)$"
)


def read_network(
    name: str, task: Task, loader: Any = None, *, new_head: bool = False, **options: Any
) -> tuple[Any, list[str]]:
    """The network of a checkpoint with the head of a task, and the names of unused weights.

    Args:
        loader: the transformers class that loads it; by default the task's.
        new_head: the head is to be trained, and need not be in the checkpoint.
        options: those of `from_pretrained`.

    Raises:
        BeaconvizError: the checkpoint lacks weights that the task's logits depend on, has them in
            shapes that contradict its config, for layers or parts of a layer that this network does
            not have, as integers, or with NaN or infinity.
    """
    network, report = read_part(
        name,
        (loader or task.auto).from_pretrained,
        name,
        use_safetensors=True,
        output_loading_info=True,
        ignore_mismatched_sizes=True,  # refused below, with both shapes
        **options,
    )
    place = place_of(name)
    inner = f"{network.base_model_prefix}." if new_head else ""
    mismatched = sorted(key for key in report["mismatched_keys"] if key[0].startswith(inner))
    missing = sorted(key for key in report["missing_keys"] if key.startswith(inner))
    _check_shapes(place, network, task, mismatched)
    unexpected = sorted(report["unexpected_keys"])
    if missing and (needed := _needed(network, task, missing)):
        raise BeaconvizError(_missing_text(place, network, needed, unexpected))
    _check_inside(place, network, unexpected)
    _check_types(name, place, network)
    _check_finite(place, network)
    return network, unexpected


def remarks_on_unused(network: PreTrainedModel, unused: Sequence[str]) -> tuple[str, ...]:
    """A remark where a checkpoint has unused weights outside the network's body, such as those of a
    CRF layer; pre-training heads are ignored."""
    heads = _heads(network, unused)
    if not heads:
        return ()
    return (
        f"The checkpoint has weights that {type(network).__name__} does not use ({_listed(heads)}): "
        "where it was trained with them, its answers may be others.",
    )


def check_no_head(
    place: str, network: PreTrainedModel, architectures: Sequence[str] | None, unused: Sequence[str]
) -> None:
    """Refuses a head that would be dropped only because the config does not name its task.

    Heads of unsupported tasks, such as `BertForMultipleChoice`, are dropped.
    """
    name = (architectures or ("",))[0]
    if hasattr(transformers, name) and not name.endswith("Model"):
        return
    # Without an architecture every head counts, also pre-training heads.
    heads = _heads(network, unused) if name else _outside(network, unused)
    if heads:
        raise BeaconvizError(
            f"config.json of {place} names {f'the architecture {name}' if name else 'no architecture'}, "
            f"and the weights have a head ({heads[0]}): add what it is for, such as "
            '"architectures": ["BertForTokenClassification"], or load hidden states with the task '
            "feature-extraction"
        )


def _heads(network: PreTrainedModel, unused: Sequence[str]) -> list[str]:
    return [key for key in _outside(network, unused) if not key.startswith(_PRETRAINING)]


def _outside(network: PreTrainedModel, unused: Sequence[str]) -> list[str]:
    """The unused weights outside the network's body and pooler."""
    prefix = network.base_model_prefix
    return [
        key
        for key in unused
        if not key.startswith((f"{prefix}.", "pooler.")) and not _is_inside(network, key)
    ]


def _is_inside(network: PreTrainedModel, key: str) -> bool:
    """Whether a weight belongs to the network's body, by its name in the file."""
    part = key.removeprefix(f"{network.base_model_prefix}.").partition(".")[0]
    body = network.base_model
    return part != "pooler" and part in {name for name, _ in body.named_children()}


def _check_shapes(place: str, network: PreTrainedModel, task: Task, shapes: Shapes) -> None:
    for key, stored, configured in shapes:
        labels = network.config.num_labels
        is_head = configured[0] == labels and len(stored) == len(configured)
        if task.labelled is not None and is_head and "embed" not in key:
            raise BeaconvizError(
                f"the head of {place} has {stored[0]} labels ({key}), and config.json {labels}: name "
                f"the {stored[0]} in its id2label"
            )
        raise BeaconvizError(
            f"{key} of {place} is {_by(stored)} in the file and {_by(configured)} by config.json: the "
            "two are of different models; save network and config together with save_pretrained"
        )


def _by(shape: Sequence[int]) -> str:
    return " × ".join(map(str, shape)) or "one number"


def _needed(network: PreTrainedModel, task: Task, missing: Sequence[str]) -> list[str]:
    """The missing weights that the task's logits depend on; an unused pooler does not count."""
    parameters = dict(network.named_parameters())
    inner = [key for key in missing if key in parameters and parameters[key].requires_grad]
    try:
        logits = task.logits(network(**_short_text(network)))
    except (RuntimeError, ValueError):  # a head of another shape: the needed weights are unknown
        return list(missing)
    gradients = torch.autograd.grad(
        logits.float().sum(), [parameters[key] for key in inner], allow_unused=True
    )
    unused = {key for key, gradient in zip(inner, gradients, strict=True) if gradient is None}
    return [key for key in missing if key not in unused]


def _short_text(network: PreTrainedModel) -> Mapping[str, Tensor]:
    """Inputs that every network accepts; BART needs an ending token to read a class."""
    end, rows = network.config.eos_token_id, network.get_input_embeddings().weight.shape[0]
    token = end if isinstance(end, int) and end < rows else 0
    ids = torch.tensor([[token] * 3], device=network.device)
    mask = torch.ones_like(ids)
    inputs = {"input_ids": ids, "attention_mask": mask}
    takes = inspect.signature(network.forward).parameters
    return inputs | ({"decoder_input_ids": ids} if "decoder_input_ids" in takes else {})


def _missing_text(
    place: str, network: PreTrainedModel, missing: Sequence[str], unexpected: Sequence[str]
) -> str:
    text = (
        f"{place} lacks {len(missing)} of the {len(network.state_dict())} weights of "
        f"{type(network).__name__} ({_listed(missing)})"
    )
    if prefix := _prefix(missing, unexpected):
        return (
            f"{text}: in the file their names begin with {prefix!r}, which a wrapper put there; save "
            "the model inside the wrapper with save_pretrained, or rename the weights"
        )
    if any("lora_" in key or ".base_layer." in key for key in unexpected):
        return f"{text}, and holds an adapter: merge it (PEFT's merge_and_unload) and save it again"
    if unexpected:
        text += f"; it has {_listed(unexpected)}, which are not of this architecture"
    return (
        f"{text}: they would be made up at random; save the whole trained model with "
        "save_pretrained, or mend architectures and model_type in its config.json"
    )


def _prefix(missing: Sequence[str], unexpected: Sequence[str]) -> str:
    """The prefix that the missing weights' names have in the file; empty if there is none."""
    ending = missing[0]
    before = [key.removesuffix(ending) for key in unexpected if key.endswith(f".{ending}")]
    for prefix in sorted(before, key=len):
        if {prefix + key for key in missing} <= set(unexpected):
            return prefix
    return ""


def _listed(keys: Sequence[str]) -> str:
    """The first names of a list, and how many more there are."""
    more = len(keys) - 3
    return ", ".join(keys[:3]) + (f" and {more} more" if more > 0 else "")


def _check_inside(place: str, network: PreTrainedModel, unexpected: Sequence[str]) -> None:
    """Refuses weights of the body that the configured network does not have."""
    patterns = {_pattern(key) for key in network.state_dict()}
    if beyond := [key for key in unexpected if _pattern(key) in patterns]:
        raise BeaconvizError(
            f"{place} has weights of layers that its config.json does not count ({_listed(beyond)}): "
            "the answers would be those of a shorter network; mend the number of layers there"
        )
    inner = [key for key in unexpected if _is_inside(network, key) and not _COUNTED.search(key)]
    if any("lora_" in key for key in inner):
        raise BeaconvizError(
            f"{place} holds an adapter beside the network ({_listed(inner)}), which transformers would "
            "leave out: merge it (PEFT's merge_and_unload) and save it again"
        )
    if inner:
        raise BeaconvizError(
            f"{place} has weights inside its layers that {type(network).__name__} does not have "
            f"({_listed(inner)}): the answers would be those of another network; mend config.json, or "
            "save the model again with this version of transformers"
        )


def _check_types(name: str, place: str, network: PreTrainedModel) -> None:
    """Refuses integer weights, such as quantized ones, where the network computes with floats."""
    if getattr(network.config, "quantization_config", None) is not None:
        return
    prefix = f"{network.base_model_prefix}."
    real = {key for key, weight in network.named_parameters() if weight.is_floating_point()}
    real |= {key.removeprefix(prefix) for key in real}
    for key, kind in stored_types(Path(name)).items():
        if key in real and not kind.startswith(("F", "BF")):
            raise BeaconvizError(
                f"{key} of {place} is stored as {kind}, and the network computes with real numbers "
                "(F32, F16, BF16): the file is quantized or damaged; take the one it was made of"
            )


def _pattern(key: str) -> str:
    return re.sub(r"(?<=\.)\d+(?=\.)", "*", key)


def _check_finite(place: str, network: nn.Module) -> None:
    for key, weight in network.named_parameters():
        if not weight.is_floating_point() or not weight.numel():
            continue
        if not all(bound.isfinite() for bound in torch.aminmax(weight.detach())):
            count = int((~torch.isfinite(weight)).sum())
            raise BeaconvizError(
                f"{key} of {place} holds {count:,} values that are no numbers (NaN or infinity"
                f"{_overflow(weight)}): take a checkpoint from before its training diverged"
            )


def _overflow(weight: Tensor) -> str:
    if weight.dtype != torch.float16:
        return ""
    return " in float16, whose largest number is 65,504; try float32 or bfloat16"
