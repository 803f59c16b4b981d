"""Load a model by name: one that ships, a Hub id, or a local folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from transformers import AutoConfig, PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.labels import spelled
from beaconviz.engine.attach import make_steerable
from beaconviz.engine.families import Family, family_of
from beaconviz.engine.forward import ATTENTION
from beaconviz.models.checkpoint.config import check_sizes, with_plain_calls
from beaconviz.models.checkpoint.files import find_checkpoint
from beaconviz.models.checkpoint.generation_settings import check_file, check_generation
from beaconviz.models.checkpoint.labels import check_labels, remarks_on_labels
from beaconviz.models.checkpoint.memory import check_fits
from beaconviz.models.checkpoint.reading import LOADING, place_of, read_part
from beaconviz.models.checkpoint.tokenizer_files import check_embeddings, read_tokenizer
from beaconviz.models.checkpoint.weights import check_no_head, read_network, remarks_on_unused
from beaconviz.models.encoder_decoder import family_for, part_that_reads, read_as
from beaconviz.models.model import Model, class_names
from beaconviz.models.shipped import minilm, ner_mini, smollm2, translate_mini
from beaconviz.models.tasks import STATES, TOKENS, TRANSLATE, WRITE, Task, task_of

SHIPPED: dict[str, tuple[Task, Callable[[str], tuple[Any, ...]]]] = {
    "ner-mini": (TOKENS, lambda attention: ner_mini.build(attention)),
    "translate-mini": (TRANSLATE, lambda attention: translate_mini.build(attention)),
    "smollm2-135m": (WRITE, lambda attention: smollm2.build(attention)),
    "minilm": (STATES, lambda attention: minilm.build(attention)),
}
TARGET = "target"  # the subfolder with the tokenizer of the output language
DEVICES = ("auto", "cuda", "mps", "cpu")
DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


class Loaded(NamedTuple):
    """The parts of a loaded model, as in `Model`."""

    task: Task
    family: Family
    network: PreTrainedModel
    source: PreTrainedTokenizerBase
    target: PreTrainedTokenizerBase  # usually the same
    remarks: tuple[str, ...] = ()


def load(
    name: str,
    *,
    task: str | None = None,
    device: str = "auto",
    dtype: str | torch.dtype = "auto",
) -> Model:
    """Loads a model for steering: `ner-mini`, `translate-mini`, `smollm2-135m`, `minilm`, a Hub id,
    or a folder with safetensors. Threads that load wait for each other.

    Args:
        task: one of `models.tasks.TASKS`; by default what the checkpoint was trained for.
        device: "auto" takes CUDA, then MPS, then the CPU.
        dtype: "auto" is float32 on the CPU and the checkpoint's own on an accelerator.

    Raises:
        BeaconvizError: nothing of that name, no weights that are safe to read, weights or a
            tokenizer that are missing, damaged or do not fit each other, labels or generation
            settings that contradict each other, an architecture that cannot be steered, a task that
            the checkpoint has no head for, no network, or more weights than there is memory.
    """
    where = _device(device)
    kind = _dtype(dtype, where)
    made = _shipped(name, task) if name in SHIPPED else _from_checkpoint(name, kind, task, where)
    network = made.network
    if (
        made.task.labelled == "texts" and network.config.pad_token_id is None
    ):  # to know the last token by
        network.config.pad_token_id = made.source.pad_token_id
    network = network.to(device=where, dtype=None if kind == "auto" else kind).eval()
    network.requires_grad_(False)
    make_steerable(network, made.family)
    labels = spelled(class_names(network)) if made.task.labelled == "words" else ()
    return Model(
        name, network, made.source, made.target, made.family, made.task, labels, made.remarks
    )


def _shipped(name: str, task: str | None) -> Loaded:
    own, build = SHIPPED[name]
    taken = task_of(own.endings[:1], task)
    with LOADING:
        network, *tokenizers = build(ATTENTION)
    if taken is not own:
        network = network.get_encoder() if own is TRANSLATE else network.base_model
        tokenizers = tokenizers[:1]
    family = family_of(network.config.model_type)
    return Loaded(taken, family, network, tokenizers[0], tokenizers[-1])


def _from_checkpoint(name: str, kind: Any, task: str | None, device: torch.device) -> Loaded:
    name, weights = find_checkpoint(name, _names())
    place = place_of(name)
    written, _ = read_part(name, PreTrainedConfig.get_config_dict, name)
    taken = task_of(written.get("architectures"), task)
    family = family_for(place, written, taken)
    check_sizes(place, written)
    if taken.labelled is not None:
        check_labels(place, written)
    config = with_plain_calls(read_part(name, AutoConfig.from_pretrained, name))
    if taken.writes:
        check_file(Path(name))
    tokenizer = read_tokenizer(name, config)
    if not tokenizer.is_fast and not family.writes_apart:
        raise BeaconvizError(
            f"{name!r} has no fast tokenizer, which says where tokens lie in the text; "
            "save one into the folder as tokenizer.json"
        )
    check_fits(name, weights, kind, device)
    network, left_out = read_network(
        name,
        *read_as(config.model_type, taken),
        config=config,
        attn_implementation=ATTENTION,
        dtype="auto" if kind == "auto" else kind,
    )
    network = part_that_reads(network, taken)
    remarks = _remarks(taken, network, left_out)
    if taken is STATES and task is None:
        check_no_head(place, network, written.get("architectures"), left_out)
    target = _target(name, config, tokenizer)
    check_embeddings(place, tokenizer, _rows(network.get_input_embeddings()))
    if taken.writes:
        writer = network.get_decoder() if family.writes_apart else network
        vocabulary = _rows(writer.get_input_embeddings())
        check_embeddings(f"{place} for what it writes", target, vocabulary)
        remarks += check_generation(name, network, vocabulary)
    return Loaded(taken, family, network, tokenizer, target, remarks)


def _remarks(task: Task, network: Any, left_out: Sequence[str]) -> tuple[str, ...]:
    if task is STATES:  # hidden states need no head
        return ()
    unused = remarks_on_unused(network, left_out)
    if task.labelled is None:
        return unused
    label_kind = "entities" if task.labelled == "words" else "classes"
    return (*unused, *remarks_on_labels(class_names(network), label_kind))


def _rows(embeddings: Any) -> int:
    return int(embeddings.weight.shape[0])


def _target(
    name: str, config: PreTrainedConfig, source: PreTrainedTokenizerBase
) -> PreTrainedTokenizerBase:
    """The tokenizer of the output: from the subfolder `target` if there is one."""
    folder = Path(name) / TARGET
    return read_tokenizer(str(folder), config) if folder.is_dir() else source


def _names() -> str:
    return f"{', '.join(SHIPPED)}, a Hub id such as 'dslim/bert-base-NER', or a folder"


def _device(device: str) -> torch.device:
    if device == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    kind = str(device).partition(":")[0]
    if kind not in DEVICES:
        raise BeaconvizError(f"device is {device!r}; expected one of {', '.join(DEVICES)}")
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not available.get(kind, True):
        raise BeaconvizError(
            f"device is {device!r}, which this machine has not; take 'auto' or 'cpu'"
        )
    return torch.device(device)


def _dtype(dtype: str | torch.dtype, device: torch.device) -> Any:
    if dtype == "auto":
        return torch.float32 if device.type == "cpu" else "auto"
    chosen = DTYPES.get(str(dtype).removeprefix("torch."))
    if chosen is None:
        raise BeaconvizError(f"dtype is {dtype!r}; expected auto, {', '.join(DTYPES)}")
    return chosen
