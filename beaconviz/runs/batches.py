"""How texts are grouped into batches."""

from __future__ import annotations

from collections.abc import Sequence

from beaconviz.models.model import Model

# The most tokens in one padded call on a CPU. With more, the tensors no longer fit into the
# processor's cache, and a token takes about a sixth longer (measured with MiniLM).
CACHED_TOKENS = 512


def batches(model: Model, lengths: Sequence[int], most: int) -> list[list[int]]:
    """Groups texts of similar length, the longest first; each batch lists the texts' numbers.

    Args:
        lengths: of the texts, in tokens.
        most: the most texts in a batch; on a CPU there may be fewer.

    >>> from types import SimpleNamespace
    >>> cpu = SimpleNamespace(device=SimpleNamespace(type="cpu"))
    >>> batches(cpu, [150, 600, 200, 150], most=32)
    [[1], [2, 0], [3]]
    """
    order = sorted(range(len(lengths)), key=lambda number: -lengths[number])
    parts = []
    while order:
        fitting = max(1, CACHED_TOKENS // lengths[order[0]])  # padded to the first, the longest
        count = min(most, fitting) if model.device.type == "cpu" else most
        parts.append(order[:count])
        order = order[count:]
    return parts
