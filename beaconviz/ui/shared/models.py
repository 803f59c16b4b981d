"""The models that a box offers."""

from __future__ import annotations

from beaconviz.ui.shell import cache
from beaconviz.ui.shell.access import access


def model_names(*own: str, without: str | None = None) -> list[str]:
    """Names to choose from: what ships or is named, what is loaded and may be offered, and
    `own`."""
    here = access()
    loaded = [name for name in cache.names() if here.offers_model(name)]
    names = dict.fromkeys([*here.model_names, *loaded])
    names.pop(without or "", None)
    return list(dict.fromkeys([*names, *own]))


def model_help(more: str) -> str:
    """What may be typed into the box; `more` is said to those who may type anything."""
    if access().unrestricted:
        return f"A model that ships with beaconviz, a Hub id, or a folder. {more}."
    return "Models that ship with beaconviz, and those that were named when this app was started."
