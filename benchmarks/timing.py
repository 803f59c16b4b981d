"""Times of cases that take turns, so that other load on the machine slows all of them alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping

WARM_UPS = 2


def interleaved(runs: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """The seconds of every case in every round; the cases take turns."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(WARM_UPS + rounds):
        for name, run in runs.items():
            gc.collect()
            start = time.perf_counter()
            run()
            if number >= WARM_UPS:
                times[name].append(time.perf_counter() - start)
    return times


def ratios(seconds: list[float], base: list[float]) -> list[float]:
    """Each time divided by the base's time in the same round."""
    return [value / base_value for value, base_value in zip(seconds, base, strict=True)]


def lines(times: Mapping[str, list[float]], base: str) -> str:
    """A line for each case but the base: its median time, and the median, least and greatest ratio
    to the base."""
    rows = []
    for name, seconds in times.items():
        if name != base:
            relative = ratios(seconds, times[base])
            rows.append(
                f"  {name:<18} {statistics.median(seconds) * 1000:>7.1f} ms "
                f"{statistics.median(relative):>6.2f} × ({min(relative):.2f} to {max(relative):.2f})"
            )
    return "\n".join(rows)
