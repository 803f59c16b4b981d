"""The models that a selection box offers."""

from __future__ import annotations

from beaconviz.ui.shell import cache
from beaconviz.ui.shell.access import access


def model_names(*also: str, without: str | None = None) -> list[str]:
    """The names of models to choose from: those that ship, that the command line names, that are
    loaded and may be offered, and `also`."""
    permissions = access()
    loaded = [name for name in cache.names() if permissions.offers_model(name)]
    names = dict.fromkeys([*permissions.model_names, *loaded])
    names.pop(without or "", None)
    return list(dict.fromkeys([*names, *also]))


def model_help(more: str) -> str:
    """The help text of the box; `more` is added where any name may be typed."""
    if access().unrestricted:
        return f"A model that ships with beaconviz, a Hub id, or a folder. {more}."
    return "Models that ship with beaconviz, and those that were named when this app was started."
