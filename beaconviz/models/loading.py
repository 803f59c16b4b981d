"""Load a model by name: one that ships, a Hub id, or a local folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import HfApi, try_to_load_from_cache
from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError
from safetensors import SafetensorError
from transformers import (
    AutoConfig,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.labels import spelled
from beaconviz.engine.attach import make_steerable
from beaconviz.engine.families import family_of
from beaconviz.engine.forward import ATTENTION
from beaconviz.models.memory import Weights, check_fits, weights_in, weights_on_hub
from beaconviz.models.model import Model, class_names
from beaconviz.models.shipped import minilm, ner_mini, smollm2, translate_mini
from beaconviz.models.tasks import CLASSES, STATES, TOKENS, TRANSLATE, WRITE, Task, task_of

SHIPPED: dict[str, tuple[Task, Callable[[str], tuple[Any, ...]]]] = {
    "ner-mini": (TOKENS, lambda attention: ner_mini.build(attention)),
    "translate-mini": (TRANSLATE, lambda attention: translate_mini.build(attention)),
    "smollm2-135m": (WRITE, lambda attention: smollm2.build(attention)),
    "minilm": (STATES, lambda attention: minilm.build(attention)),
}
TARGET = "target"  # a folder beside a network: the tokenizer of what it writes
DEVICES = ("auto", "cuda", "mps", "cpu")
DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


def load(
    name: str,
    *,
    task: str | None = None,
    device: str = "auto",
    dtype: str | torch.dtype = "auto",
) -> Model:
    """Loads a model for steering: `ner-mini`, `translate-mini`, `smollm2-135m`, `minilm`, a Hub id, or a
    folder with safetensors.

    Args:
        task: one of `models.tasks.TASKS`; by default what the checkpoint was trained for.
        device: "auto" takes CUDA, then MPS, then the CPU.
        dtype: "auto" is float32 on the CPU and the checkpoint's own on an accelerator.

    Raises:
        BeaconvizError: nothing of that name, no weights that are safe to read, an architecture
            that cannot be steered, a task that the checkpoint has no head for, no network, or more
            weights than there is memory.
    """
    where = _device(device)
    kind = _dtype(dtype, where)
    if name in SHIPPED:
        own, build = SHIPPED[name]
        found = task_of(own.endings[:1], task)
        _check_supported(name, own, found)
        network, *tokenizers = build(ATTENTION)
        network = network if found is own else network.base_model
    else:
        found, network, *tokenizers = _from_checkpoint(name, kind, task, where)
    if found is CLASSES and network.config.pad_token_id is None:  # to know the last token by
        network.config.pad_token_id = tokenizers[0].pad_token_id
    network = network.to(device=where, dtype=None if kind == "auto" else kind).eval()
    network.requires_grad_(False)
    family = family_of(network.config.model_type)
    make_steerable(network, family)
    source, target = tokenizers[0], tokenizers[-1]  # most often the same
    return Model(name, network, source, target, family, found, _labels(network, found))


def _from_checkpoint(
    name: str, kind: Any, task: str | None, device: torch.device
) -> tuple[Task, PreTrainedModel, PreTrainedTokenizerBase, PreTrainedTokenizerBase]:
    if not isinstance(name, str) or not name.strip():
        raise BeaconvizError(f"the model name is {name!r}; expected {_names()}")
    folder = Path(name).expanduser()
    if folder.is_dir():
        _check_folder(folder)
        name = str(folder)
        weights = _reading(name, weights_in, folder)
    elif folder.is_absolute() or name.startswith((".", "~")) or name.count("/") > 1:
        raise BeaconvizError(f"there is no folder {name!r}; expected {_names()}")
    else:
        weights = _check_hub(name)
    config = _reading(name, AutoConfig.from_pretrained, name)
    family = family_of(config.model_type)
    found = task_of(config.architectures, task)
    if family.writes_apart:
        _check_supported(name, TRANSLATE, found)
    tokenizer = _reading(name, AutoTokenizer.from_pretrained, name)
    if not tokenizer.is_fast and not family.writes_apart:
        raise BeaconvizError(
            f"{name!r} has no fast tokenizer, which says where tokens lie in the text; "
            "save one into the folder as tokenizer.json"
        )
    check_fits(name, weights, kind, device)
    network = _reading(
        name,
        found.auto.from_pretrained,
        name,
        attn_implementation=ATTENTION,
        use_safetensors=True,
        dtype="auto" if kind == "auto" else kind,
    )
    return found, network, tokenizer, _target(name, tokenizer)


def _check_supported(name: str, own: Task, wanted: Task) -> None:
    if own is TRANSLATE and wanted is not own:
        raise BeaconvizError(
            f"{name!r} reads one text and writes another; {wanted.name} is not supported for it: leave "
            f"the task out, or take a checkpoint for {wanted.name} of another family"
        )


def _target(name: str, source: PreTrainedTokenizerBase) -> PreTrainedTokenizerBase:
    """The tokenizer of what is written: in a folder `target` of the model's own, if there is one."""
    folder = Path(name).expanduser() / TARGET
    if not folder.is_dir():
        return source
    return _reading(str(folder), AutoTokenizer.from_pretrained, str(folder))


def _check_folder(folder: Path) -> None:
    if not (folder / "config.json").is_file():
        raise BeaconvizError(
            f"the folder {str(folder)!r} has no config.json; expected a model saved by save_pretrained"
        )
    if any(folder.glob("*.safetensors")):
        return
    if any(folder.glob("*.bin")) or any(folder.glob("*.pt")):
        raise BeaconvizError(
            f"the folder {str(folder)!r} has only pickled weights, which can run code; "
            "save them again with save_pretrained, as safetensors"
        )
    raise BeaconvizError(
        f"the folder {str(folder)!r} has no weights; expected model.safetensors in it"
    )


def _check_hub(name: str) -> Weights:
    """One question to the Hub, before transformers asks for file after file, each with retries."""
    try:
        cached = try_to_load_from_cache(name, "config.json")
    except HFValidationError:
        raise BeaconvizError(f"there is no model {name!r}; expected {_names()}") from None
    if isinstance(cached, str) and any(Path(cached).parent.glob("*.safetensors")):
        return _reading(name, weights_in, Path(cached).parent)
    try:
        info = HfApi().model_info(name, timeout=10, files_metadata=True)
    except RepositoryNotFoundError:
        raise BeaconvizError(
            f"the Hub has no model {name!r}, or it is private; expected {_names()}"
        ) from None
    except Exception as error:  # every transport has its own; all mean that it cannot be had now
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise BeaconvizError(
            f"no model {name!r}: it does not ship with beaconviz and the Hub could not be reached "
            f"({reason}); expected {_names()}"
        ) from error
    if not any(file.rfilename.endswith(".safetensors") for file in info.siblings or ()):
        raise BeaconvizError(
            f"{name!r} has no safetensors on the Hub, and pickled weights can run code; "
            "look for another version of it, or save one with save_pretrained"
        )
    return weights_on_hub(info)


def _reading(name: str, read: Any, *args: Any, **kwargs: Any) -> Any:
    """Reads a part of a checkpoint; what transformers raises becomes one line."""
    try:
        return read(*args, **kwargs)
    except (
        OSError,
        ValueError,
        KeyError,
        RuntimeError,
        ImportError,
        TypeError,
        SafetensorError,
    ) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        what = "the folder" if Path(name).is_dir() else "the model"
        raise BeaconvizError(f"{what} {name!r} could not be read ({reason})") from error


def _names() -> str:
    return f"{', '.join(SHIPPED)}, a Hub id such as 'dslim/bert-base-NER', or a folder"


def _labels(network: PreTrainedModel, task: Task) -> tuple[str, ...]:
    return spelled(class_names(network)) if task.over == "labels" else ()


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
    found = DTYPES.get(str(dtype).removeprefix("torch."))
    if found is None:
        raise BeaconvizError(f"dtype is {dtype!r}; expected auto, {', '.join(DTYPES)}")
    return found
