"""Check that a model's weights fit into memory, before any of them is read."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
import torch
from safetensors import SafetensorError, safe_open

from beaconviz.core.errors import BeaconvizError

Weights = Mapping[str, int]  # the count of numbers of each safetensors type

INDEX = "model.safetensors.index.json"
SINGLE = "model.safetensors"
_CONTAINER = Path("/sys/fs/cgroup")  # the memory limit of a container


def weights_in(folder: Path) -> Weights:
    """The weights of a folder that transformers would load; only file headers are read."""
    counts: Counter[str] = Counter()
    for file in _files(folder):
        counts += _weights_in_file(file)
    return counts


def stored_types(folder: Path) -> dict[str, str]:
    """The safetensors type of every weight of a folder, by its name; empty for no folder."""
    types: dict[str, str] = {}
    for file in _files(folder) if folder.is_dir() else ():
        with safe_open(file, "pt") as opened:
            names = opened.keys()  # an open file is no mapping, and cannot be looped over itself
            types |= {name: opened.get_slice(name).get_dtype() for name in names}
    return types


def _files(folder: Path) -> list[Path]:
    """The files of weights that transformers would read."""
    index, single = folder / INDEX, folder / SINGLE
    if single.is_file():
        return [single]
    if index.is_file():
        names = set(json.loads(index.read_text("utf-8"))["weight_map"].values())
        return sorted(folder / name for name in names if (folder / name).is_file())
    return sorted(folder.glob("*.safetensors"))


def _weights_in_file(file: Path) -> Counter[str]:
    counts: Counter[str] = Counter()
    try:
        with safe_open(file, "pt") as opened:
            names = opened.keys()  # not a mapping: it cannot be iterated over itself
            for name in names:
                weight = opened.get_slice(name)
                counts[weight.get_dtype()] += math.prod(weight.get_shape())
    except SafetensorError as error:
        raise BeaconvizError(
            f"{file.name} of the folder {str(file.parent)!r} could not be read, it is cut short or no "
            f"safetensors file ({error}): copy it again, whole"
        ) from None
    return counts


def weights_on_hub(info: Any) -> Weights:
    """The weights of a model on the Hub, from `HfApi().model_info(…, files_metadata=True)`.

    Where the Hub has no count, it is computed from file sizes, as float32.
    """
    counted = getattr(info, "safetensors", None)
    if counted is not None and counted.parameters:
        return dict(counted.parameters)
    sizes = {
        file.rfilename: getattr(file, "size", None) or 0
        for file in info.siblings or ()
        if re.fullmatch(r"[^/]*\.safetensors", file.rfilename)
    }
    return {"F32": sizes.get(SINGLE, sum(sizes.values())) // 4}


def bytes_of(weights: Weights, dtype: torch.dtype | str) -> int:
    """The bytes of weights in memory when loaded as `dtype`; "auto" keeps their type.

    >>> bytes_of({"F16": 1000, "I64": 10}, torch.float32)
    4080
    >>> bytes_of({"F16": 1000, "I64": 10}, "auto")
    2080
    """
    return sum(
        count * (dtype.itemsize if isinstance(dtype, torch.dtype) and "F" in name else _size(name))
        for name, count in weights.items()
    )


def free(device: torch.device) -> int:
    """The bytes that are free on a device."""
    if device.type == "cuda":
        unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int(torch.cuda.mem_get_info(device)[0] + unused)
    here = int(psutil.virtual_memory().available)
    bounded = _free_in_container()
    return here if bounded is None else min(here, bounded)


def check_fits(name: str, weights: Weights, dtype: torch.dtype | str, device: torch.device) -> None:
    """Raises `BeaconvizError` unless the weights fit, as `dtype`, into what is free.

    Weights for an accelerator pass through main memory first.
    """
    need = bytes_of(weights, dtype)
    for place in dict.fromkeys((torch.device("cpu"), device)):
        there = free(place)
        if need <= there:
            continue
        kind = "as stored" if dtype == "auto" else f"in {str(dtype).removeprefix('torch.')}"
        half = bytes_of(weights, torch.bfloat16)
        mend = "take a smaller model"
        if half <= there and half < need:
            mend += f', or load it with dtype="bfloat16", which needs {_gigabytes(half)}'
        raise BeaconvizError(
            f"the model {name!r} needs {_gigabytes(need)} of memory {kind}, and "
            f"{_gigabytes(there)} are free on {place.type}: {mend}"
        )


def _size(name: str) -> int:
    """The bytes of a number of a safetensors type, such as F32, BF16, F8_E4M3, I64 or BOOL."""
    bits = re.search(r"\d+", name)
    return 1 if bits is None else max(1, int(bits[0]) // 8)


def _free_in_container() -> int | None:
    """The memory left under a container's limit; cached files do not count as used."""
    try:
        bound = int((_CONTAINER / "memory.max").read_text())
        used = int((_CONTAINER / "memory.current").read_text())
        lines = dict(line.split() for line in (_CONTAINER / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):  # no container, or one without a bound ("max")
        return None
    return max(0, bound - used + int(lines.get("inactive_file", 0)))


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e8 else f"{count / 1e6:,.1f} MB"
