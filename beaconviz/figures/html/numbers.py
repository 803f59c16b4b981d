"""Format numbers before and after."""

from __future__ import annotations


def probability(value: float) -> str:
    """A probability with two significant digits; one above 0 is never shown as 0.

    >>> probability(0.416), probability(0.0131), probability(0.0031), probability(2e-7)
    ('0.42', '0.013', '0.0031', '<0.0001')
    """
    if 0 < value < 0.0001:
        return "<0.0001"
    return f"{value:.{2 if value <= 0 or value >= 0.1 else 3 if value >= 0.01 else 4}f}"


def moved_rank(before: int, after: int) -> str:
    """The change of a rank, counted from 1; empty where it is the same.

    >>> moved_rank(3, 1)
    '▲ 3. → 1.'
    """
    return "" if before == after else f"{'▲' if after < before else '▼'} {before}. → {after}."
