"""BertViz's head view and model view as a page that needs no network.

BertViz (Vig 2019, arXiv 1906.05714) loads require.js, d3 and jQuery from a network. Here
d3 and jQuery come from the installed packages XStatic-D3 and XStatic-jQuery, and `bertviz.js`
replaces require.js.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from markupsafe import Markup
from torch import Tensor

from beaconviz.core import maps
from beaconviz.core.edit import Attention
from beaconviz.core.errors import BeaconvizError
from beaconviz.figures.markup import macros
from beaconviz.figures.theme import Theme, palette
from beaconviz.runs.run import Run

MAX_BYTES = 15_000_000
_HTML = macros(__file__)
_BERTVIZ_KINDS: dict[str, Attention] = {"encoder": "self", "decoder": "decoder", "cross": "cross"}
DECIMALS = 4
_BYTES_PER_WEIGHT = len("0.1234, ")

_LESS_THAN = "\ue000"  # stands for "<" until the page is made: BertViz does not escape tokens


def bertviz_html(
    run: Run,
    view: Literal["head", "model"] = "head",
    *,
    layers: Sequence[int] = (0, 1),
    unit: Literal["token", "word"] = "token",
    theme: Theme = "light",
) -> Markup:
    """A whole HTML page with BertViz's view of a run, for the chosen layers.

    For a model with a decoder the page has all three kinds of attention, on tokens. As in BertViz,
    a step is named by its input token.

    Raises:
        BeaconvizError: no such view or layer, or a page of more than 15 MB.
    """
    layers = _checked_layers(layers, depth(run))
    rows = maps.rows(run.aligned, unit)
    names = [row.name for row in rows]
    several = len(run.kinds) > 1
    longest = max(len(names), len(run.axes("decoder")[0]) if several else 0)
    size = page_size(longest, len(layers) * run.heads * len(run.kinds))
    if size > MAX_BYTES:
        raise BeaconvizError(
            f"the BertViz page would have {size / 1e6:.0f} MB with {len(layers)} layers of "
            f"{run.heads} heads at {longest} {unit}s; at most {MAX_BYTES / 1e6:.0f} MB are "
            "shown: choose fewer layers or a shorter text"
        )
    shown: dict[str, Any] = {
        "attention": _maps(run, layers, lambda layer: _layer_maps(run, layer, unit)),
        "tokens": _safe(names),
        "sentence_b_start": next((n for n, row in enumerate(rows) if row.segment == 1), None),
    }
    if several:
        shown = {
            f"{name}_attention": _maps(run, layers, partial(_whole, run, kind))
            for name, kind in _BERTVIZ_KINDS.items()
        }
        shown["encoder_tokens"] = _safe(run.tokens)
        shown["decoder_tokens"] = _safe(run.axes("decoder")[1].tokens)
    fragment = _view(view)(
        include_layers=list(layers),
        html_action="return",
        **shown,
        **({"display_mode": theme} if view == "model" else {}),
    )
    return _page(fragment.data, theme)


def depth(run: Run) -> int:
    """The number of layers that every kind of attention has, which BertViz can show."""
    return min(len(traces.layers) for traces in run.kinds.values())


def page_size(length: int, heads: int) -> int:
    """Bytes, at most, of a page with `heads` maps of `length` × `length`.

    >>> page_size(64, 2 * 12) < 1_500_000 < page_size(128, 12 * 12)
    True
    """
    return heads * length * length * _BYTES_PER_WEIGHT + sum(map(len, _scripts()))


def _checked_layers(layers: Sequence[int], count: int) -> list[int]:
    chosen = sorted(set(layers))
    if not chosen:
        raise BeaconvizError("no layer was chosen for BertViz; choose at least one")
    if not 0 <= chosen[0] <= chosen[-1] < count:
        raise BeaconvizError(f"layers are {chosen}; expected numbers from 0 to {count - 1}")
    return chosen


def _maps(run: Run, layers: Sequence[int], made: Callable[[int], Tensor]) -> list[Tensor]:
    """The maps of the chosen layers, in a list with an entry per layer."""
    chosen = {layer: made(layer) for layer in layers}
    stand_in = chosen[layers[0]]  # BertViz needs an entry per layer, but reads only the chosen ones
    return [chosen.get(layer, stand_in) for layer in range(depth(run))]


def _safe(names: Sequence[str]) -> list[str]:
    return [name.replace("<", _LESS_THAN) for name in names]


def _whole(run: Run, kind: Attention, layer: int) -> Tensor:
    """As `_layer_maps`, for any kind of attention, on tokens; only heads that every kind has."""
    heads = range(min(traces.heads for traces in run.kinds.values()))
    return run.weights(layer, heads, kind)[None].cpu().double().round(decimals=DECIMALS)


def _layer_maps(run: Run, layer: int, unit: str) -> Tensor:
    """Float[Tensor, "1 head query key"], rounded to keep the page small."""
    weights = maps.present(run.weights(layer), *run.axes(), unit).cpu()
    return weights[None].double().round(decimals=DECIMALS)


def _view(view: str) -> Callable[..., Any]:
    import bertviz  # slow to import, and rarely needed

    views: dict[str, Callable[..., Any]] = {"head": bertviz.head_view, "model": bertviz.model_view}
    if view not in views:
        raise BeaconvizError(f"view is {view!r}; expected one of {', '.join(views)}")
    return views[view]


@cache
def _scripts() -> tuple[str, str, str]:
    """The source of jQuery, d3, and the replacement for require.js."""
    return (
        (files("xstatic.pkg.jquery") / "data" / "jquery.min.js").read_text("utf-8"),
        (files("xstatic.pkg.d3") / "data" / "d3.js").read_text("utf-8"),
        Path(__file__).with_name("bertviz.js").read_text("utf-8"),
    )


def _page(fragment: str, theme: Theme) -> Markup:
    fragment = re.sub(r'<script src="[^"]*"></script>', "", fragment)
    fragment = fragment.replace(r"\ue000", r"\u003c")  # as json.dumps writes it
    scripts = map(Markup, _scripts())
    return _HTML.page(theme, palette(theme), scripts, Markup(fragment))
