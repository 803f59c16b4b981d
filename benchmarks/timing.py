"""Times of cases that take turns, so that a noisy machine slows all of them alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping

WARM_UPS = 2


def interleaved(runs: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of every case in every round, one after the other."""
    found: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(WARM_UPS + rounds):
        for name, run in runs.items():
            gc.collect()
            start = time.perf_counter()
            run()
            if number >= WARM_UPS:
                found[name].append(time.perf_counter() - start)
    return found


def ratios(spent: list[float], base: list[float]) -> list[float]:
    """Each time divided by the base's of the same round."""
    return [some / one for some, one in zip(spent, base, strict=True)]


def lines(found: Mapping[str, list[float]], base: str) -> str:
    """The median time of every other case, the median of its ratios, the least and the greatest."""
    told = []
    for name, spent in found.items():
        if name != base:
            some = ratios(spent, found[base])
            told.append(
                f"  {name:<18} {statistics.median(spent) * 1000:>7.1f} ms "
                f"{statistics.median(some):>6.2f} × ({min(some):.2f} to {max(some):.2f})"
            )
    return "\n".join(told)
