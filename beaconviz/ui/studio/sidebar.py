"""The sidebar: the model, the kind of edit, and the layers and heads that it acts on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from beaconviz.core.edit import Edit, Unit
from beaconviz.core.interventions import READINGS
from beaconviz.core.maps import PAIRS
from beaconviz.core.presets import PRESETS, Preset
from beaconviz.figures.html.readings import reading_html
from beaconviz.runs.learned_beacons import as_design
from beaconviz.ui.shared import learned_beacons as learned
from beaconviz.ui.shared.models import model_help, model_names
from beaconviz.ui.shared.parts import PARTS
from beaconviz.ui.shared.widgets import hold, on_choice
from beaconviz.ui.shell import actions, cache
from beaconviz.ui.shell.access import access
from beaconviz.ui.shell.session import Session
from beaconviz.ui.shell.state import View

_KINDS = {
    False: {"cross": "output → text", "self": "text", "decoder": "output"},
    True: {"cross": "decoder → text", "self": "text", "decoder": "decoder"},
}
_ABOUT_KINDS = {
    False: "Output → text: from each written token to the words of the text (cross-attention). "
    "Text: between the words of the text (encoder). Output: from each written token to those "
    "written before it (decoder).",
    True: "Text: between the words of the text (encoder). The decoder reads the text again, one "
    "token later: step i reads token i − 1, step 0 a start token, and what it gives is taken for "
    "token i. Decoder → text: from each step to the words of the text (cross-attention). Decoder: "
    "from each step to the steps up to it.",
}
_SETTINGS = {
    "word": "Word",
    "target": "Attends only to",
    "highlighted": "Highlighted words",
    "value": "Beacon value (units of S)",
    "alpha": "α",
    "width": "Distance (words)",
}

MOST_BUTTONS = 8  # edits; a longer stack is shown as a list


def sidebar(session: Session) -> None:
    """Draw the controls; each one proposes a new view."""
    _kind(session)
    _reading(session)
    _preset(session)
    _where(session)
    _look(session)


def model_box(session: Session) -> None:
    """Draw the choice of the model, and its facts."""
    view = session.view
    hold("model", view.model)
    st.selectbox(
        "Model",
        model_names(view.model),
        key="model",
        accept_new_options=access().unrestricted,
        on_change=on_choice("model", lambda name: session.turn(name.strip())),
        help=model_help("Hub ids look like dslim/bert-base-NER"),
    )
    model = cache.model(view.model)
    device = {"cpu": "CPU", "cuda": "CUDA", "mps": "Apple GPU"}[model.device.type]
    sizes = model.sizes.get(view.attention, model.sizes["self"])
    st.html(
        PARTS.facts(
            f"{sizes.layers} layers × {sizes.heads} heads, d = {model.head_size}"
            f" · runs on {device} in {str(model.dtype).removeprefix('torch.')}"
        )
    )


def _kind(session: Session) -> None:
    """Draw the choice of the kind of attention, where the model has several."""
    view, model = session.view, cache.model(session.view.model)
    sizes, again = model.sizes, model.reads_twice
    if len(sizes) == 1:
        return
    hold("attention", view.attention)
    st.segmented_control(
        "Attention edited and shown",
        [kind for kind in ("cross", "self", "decoder") if kind in sizes],
        key="attention",
        required=True,
        format_func=_KINDS[again].__getitem__,
        on_change=on_choice(
            "attention", lambda kind: session.step(actions.turned(session.view, kind))
        ),
        help=_ABOUT_KINDS[again],
        width="stretch",
    )


def _reading(session: Session) -> None:
    reading = session.view.design.reading
    hold("reading", reading)
    st.segmented_control(
        "Reading of the marker M",
        READINGS,
        key="reading",
        required=True,
        on_change=on_choice(
            "reading", lambda name: session.step(actions.reread(session.view, name))
        ),
        width="stretch",
    )
    st.html(reading_html(reading))


def _preset(session: Session) -> None:
    with st.container(key="preset-box"):
        name = st.selectbox(
            "Preset",
            [*PRESETS, learned.TITLE],
            key="preset",
            index=None,
            placeholder="Choose a design to start from",
            format_func=lambda name: PRESETS[name].title if name in PRESETS else name,
        )
        if name is None:
            return
        if name == learned.TITLE:
            _learned(session)
            return
        preset = PRESETS[name]
        st.caption(f"{preset.about[0].upper()}{preset.about[1:]}.")
        settings = {
            setting: _setting(session, name, setting, default)
            for setting, default in preset.settings.items()
        }
        st.button(
            "Apply",
            key="apply",
            width="stretch",
            on_click=lambda: session.attempt(lambda: _applied(session, preset, settings)),
        )


def _setting(session: Session, preset: str, name: str, default: Any) -> Any:
    words = session.view.design.words
    key, label = f"preset-{preset}-{name}", _SETTINGS[name]
    if name in ("word", "target"):
        _forget_beyond(key, len(words))
        return st.selectbox(label, range(len(words)), key=key, format_func=_numbered(words))
    if name == "highlighted":
        _forget_beyond(key, len(words))
        return st.multiselect(label, range(len(words)), key=key, format_func=_numbered(words))
    if isinstance(default, int):
        return st.number_input(label, 0, 10_000, default, key=key)
    return st.number_input(label, value=default, key=key, format="%g")


def _applied(session: Session, preset: Preset, settings: dict[str, Any]) -> View:
    view = session.view
    tokens = cache.untouched(view).aligned
    return actions.preset(view, preset, settings, tokens, cache.model(view.model).head_size)


def _learned(session: Session) -> None:
    st.caption(f"{learned.ABOUT}. Choose a head in the map to see its matrix.")
    folder = learned.folder_box(session)

    def made() -> View:
        view = session.view
        model, beacons = cache.model(view.model), learned.beacons(view.model, folder)
        return actions.opened(view, as_design(model, beacons, view.text))

    st.button(
        "Apply",
        key="apply",
        width="stretch",
        disabled=not folder,
        on_click=lambda: session.attempt(made),
    )


def _where(session: Session) -> None:
    """Draw the choice of the shown edit, and of its layers and heads."""
    view, model = session.view, cache.model(session.view.model)
    if len(view.design.edits) > 1:
        hold("edit", view.edit)
        _stack(session, range(len(view.design.edits)))
    edit, sizes = view.design.edits[view.edit], model.sizes[view.attention]
    _numbers(session, "layers", sizes.layers, edit.layers)
    if isinstance(edit.heads, Mapping):
        _pairs(session, edit.heads)
    else:
        _numbers(session, "heads", sizes.heads, edit.heads)
    if view.layer is not None and view.head is not None:
        layers, heads = (view.layer,), (view.head,)
        st.button(
            f"Edit only layer {view.layer}, head {view.head}",
            key="only",
            width="stretch",
            on_click=lambda: session.step(actions.aimed(session.view, layers, heads)),
            disabled=(edit.layers, edit.heads) == (layers, heads),
        )


def _stack(session: Session, numbers: range) -> None:
    shown = on_choice("edit", lambda number: session.show(replace(session.view, edit=number)))

    label, few = "Edit shown", len(numbers) <= MOST_BUTTONS
    if few:
        st.segmented_control(
            label,
            numbers,
            key="edit",
            required=True,
            format_func=_counted_from_one,
            on_change=shown,
        )
    else:
        edits = session.view.design.edits
        st.selectbox(
            label,
            numbers,
            key="edit",
            format_func=lambda number: f"{number + 1}{_place(edits[number])}",
            on_change=shown,
        )


def _counted_from_one(number: int) -> str:
    return f"{number + 1}"


def _place(edit: Edit) -> str:
    """Where an edit of one head acts: ": layer 2, head 5"."""
    if edit.layers == "all" or isinstance(edit.heads, (str, Mapping)):
        return ""
    only = len(edit.layers) == len(edit.heads) == 1
    return f": layer {edit.layers[0]}, head {edit.heads[0]}" if only else ""


def _numbers(session: Session, noun: str, count: int, chosen: Any) -> None:
    everywhere = chosen == "all"
    hold(noun, [] if everywhere else list(chosen))
    st.pills(
        f"{noun.capitalize()} edited{': all' if everywhere else ''}",
        range(count),
        key=noun,
        selection_mode="multi",
        on_change=lambda: _aim(session),
        help=f"Choose {noun} to edit only those. With none chosen, all are edited.",
    )


def _pairs(session: Session, heads: Mapping[int, tuple[int, ...]]) -> None:
    """Heads that differ from layer to layer, as "layer.head"."""
    sizes = cache.model(session.view.model).sizes[session.view.attention]
    hold("pairs", [(layer, head) for layer, members in heads.items() for head in members])
    st.multiselect(
        "Heads edited",
        [(layer, head) for layer in range(sizes.layers) for head in range(sizes.heads)],
        key="pairs",
        format_func=lambda pair: f"{pair[0]}.{pair[1]}",
        on_change=lambda: _aim(session),
        help="Each is layer.head. With none chosen, all are edited.",
    )


def _aim(session: Session) -> None:
    heads: Any
    if isinstance(session.view.design.edits[session.view.edit].heads, Mapping):
        heads = {}
        for layer, head in sorted(_chosen("pairs")):
            heads[layer] = (*heads.get(layer, ()), head)
    else:
        heads = tuple(sorted(_chosen("heads")))
    layers = tuple(sorted(_chosen("layers")))
    session.step(actions.aimed(session.view, layers or "all", heads or "all"))


def _look(session: Session) -> None:
    view = session.view
    hold("unit", view.design.unit)
    hold("special", view.special)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "Rows and columns",
            ("word", "token"),
            key="unit",
            required=True,
            format_func=lambda unit: f"{unit}s",
            on_change=on_choice("unit", lambda unit: _switch(session, unit)),
        )
        st.toggle(
            "Special tokens",
            key="special",
            on_change=lambda: session.show(replace(session.view, special=_chosen("special"))),
            help="Show special tokens such as [CLS] in the maps. Without them, each row is rescaled to "
            "sum to 1.",
        )
    if cache.untouched(view).aligned.second is not None:
        _pair(session)


def _pair(session: Session) -> None:
    hold("pair", session.view.pair)
    st.segmented_control(
        "Maps of the two texts",
        PAIRS,
        key="pair",
        required=True,
        on_change=on_choice("pair", lambda part: session.show(replace(session.view, pair=part))),
        help="a is the first text, b the second; a→b is the attention from words of a to words of b",
        width="stretch",
    )


def _switch(session: Session, unit: Unit) -> None:
    tokens = cache.untouched(session.view).aligned
    session.step(actions.switched(session.view, unit, tokens))


def _chosen(key: str) -> Any:
    return st.session_state[key]


def _numbered(words: tuple[str, ...]) -> Any:
    return lambda number: f"{number} {words[number]}"


def _forget_beyond(key: str, count: int) -> None:
    """Drop a choice of words that the text no longer has."""
    kept = st.session_state.get(key)
    if isinstance(kept, int) and kept >= count:
        del st.session_state[key]
    if isinstance(kept, list):
        st.session_state[key] = [number for number in kept if number < count]
