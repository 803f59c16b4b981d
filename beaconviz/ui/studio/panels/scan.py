"""Scan the heads: apply the design at one head at a time, and show the effects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any, Literal

import streamlit as st
from markupsafe import Markup

import beaconviz as bv
from beaconviz.analysis.scan import (
    Direction,
    Divergence,
    LabelScore,
    Measure,
    Scan,
    at_heads,
    effect_of,
    entity_score,
    scanning,
)
from beaconviz.core.labels import split_label
from beaconviz.figures import scan_map
from beaconviz.figures.markup import macros
from beaconviz.ui.shared.charts import head_chart, theme
from beaconviz.ui.shell import cache
from beaconviz.ui.shell.session import Session, current

_HTML = macros(__file__)
KEY = "scan"
SLICE = 0.15  # seconds: the longest delay of a stroke by a scan
_STEP = 3e9  # multiplications in one call of the model, some 50 ms on one core

Kind = Literal["entity", "label", "all"]
_KINDS: dict[Kind, str] = {
    "entity": "An entity",
    "label": "A label at a word",
    "all": "All outputs",
}
_DIRECTIONS: dict[Direction, str] = {"up": "raise it", "down": "lower it", "either": "do either"}


@dataclass
class ScanWork:
    """A scan that may be incomplete, with its subject."""

    about: tuple[str, str, str, Measure]  # model, text
    design: bv.Design  # without its heads, which a scan ignores
    parts: Iterator[Scan]
    scan: Scan | None = None
    whole: bool = False

    def go_on(self) -> Scan | None:
        """Scan for about `SLICE` seconds; gives the scan when it is complete."""
        end = perf_counter() + SLICE
        while not self.whole and perf_counter() < end:
            part = next(self.parts, None)
            self.scan, self.whole = part or self.scan, part is None
        return self.scan if self.whole else None


def scan_panel(session: Session, comparison: bv.Comparison) -> None:
    """Draw the panel. It scans when opened or on request, not at each stroke."""
    if session.view.design.is_neutral:
        st.info(
            "The design is neutral: there is no edit to try at single heads. Paint a cell of M or A "
            "above, or apply a preset from the sidebar."
        )
        return
    if comparison.kinds != ("self",):
        st.info(
            "A scan covers the heads of self-attention only. The design edits a decoder's "
            "attention too: remove these edits to scan the others."
        )
        return
    measure = _chosen_measure(session, comparison)
    if measure is None:
        st.caption("Neither answer has an entity. Measure a label at a word, or all outputs.")
        return
    work = _work(session, comparison, measure)
    scan = work.go_on()
    session.page_data[KEY] = work
    if scan is None:
        _going_on()
        return
    view = session.view
    chosen = None if view.layer is None or view.head is None else (view.layer, view.head)
    left, right = st.columns([6, 5])
    with left:
        head_chart(session, scan_map(scan, selected=chosen, theme=theme()), key="scan-map")
    with right:
        _strongest(session, comparison, measure, scan)


def targets(comparison: bv.Comparison) -> list[LabelScore]:
    """The entities to measure: those of both answers, changed ones first."""
    tokens = comparison.baseline.aligned
    if not comparison.baseline.model.labels:
        return []
    changed = [
        LabelScore(label, tokens.words_between(change.start, change.end))
        for change in comparison.changes
        for label in (change.after, change.before)
        if label is not None
    ]
    measured = [entity_score(tokens, entity) for entity in comparison.baseline.entities]
    return list(dict.fromkeys([*changed, *measured]))


def most_moved(comparison: bv.Comparison, measures: Sequence[LabelScore]) -> LabelScore:
    """The measure that the design changes most."""
    baseline, edited = comparison.baseline, comparison.edited
    return max(measures, key=lambda measure: abs(effect_of(measure, baseline, edited)))


def _chosen_measure(session: Session, comparison: bv.Comparison) -> Measure | None:
    baseline, entities = comparison.baseline, targets(comparison)
    first = most_moved(comparison, entities) if entities else None
    seen = any(token is not None for token in baseline.aligned.deciding)
    kinds: list[Kind] = list(_KINDS) if baseline.model.labels and seen else ["all"]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _forget("scan-kind", kinds)
        kind: Kind = st.segmented_control(
            "Measure the effect on",
            kinds,
            key="scan-kind",
            required=True,
            default=kinds[0] if entities else kinds[-1],
            format_func=_KINDS.__getitem__,
        )
        if kind == "all":
            return Divergence()
        if kind == "label":
            return _label_at_a_word(baseline, first)
        return _entity(session, baseline, entities, first)


def _entity(
    session: Session, baseline: bv.Run, entities: Sequence[LabelScore], first: LabelScore | None
) -> LabelScore | None:
    """A choice of entity; the chosen one stays in the list even if a stroke removes it."""
    place, chosen = session.page_data.get("scan-entity", (None, None))
    if place == _place(session):
        entities, first = list(dict.fromkeys([*entities, chosen])), chosen
    if first is None:
        return None
    names = _distinct_names(baseline, entities)
    entity: LabelScore = _pick("Entity", entities, entities.index(first), "scan-entity", names, 320)
    session.page_data["scan-entity"] = _place(session), entity
    return entity


def _distinct_names(
    baseline: bv.Run, measures: Sequence[LabelScore]
) -> Callable[[LabelScore], str]:
    """Distinct names for measures; repeated entities are named with their word number."""
    times = Counter(measure.name(baseline) for measure in measures)

    def name(measure: LabelScore) -> str:
        plain = measure.name(baseline)
        return plain if times[plain] < 2 else f"{plain}, word {measure.words[0]}"

    return name


def _label_at_a_word(baseline: bv.Run, first: LabelScore | None) -> LabelScore:
    """Two lists, of labels and of words, that start at `first`."""
    words = [word for word, token in enumerate(baseline.aligned.deciding) if token is not None]
    labels = list(dict.fromkeys(split_label(label)[1] or "O" for label in baseline.model.labels))
    labels.sort(key="O".__eq__)
    label = first.label if first else labels[0]
    word = first.words[0] if first else words[0]
    chosen = _pick(
        "Label", labels, labels.index(label), "scan-label",
        lambda label: "no entity" if label == "O" else label, 130,
    )  # fmt: skip
    place = _pick(
        "Word", words, words.index(word), "scan-word",
        lambda word: f"{word} {baseline.words[word]}", 220,
    )  # fmt: skip
    return LabelScore(chosen, (place,))


def _pick(caption: str, options: Sequence[Any], index: int, key: str, name: Any, width: int) -> Any:
    _forget(key, options)
    return st.selectbox(caption, options, index=index, key=key, format_func=name, width=width)


def _forget(key: str, options: Sequence[Any]) -> None:
    """Drop a choice that is no longer offered."""
    if st.session_state.get(key) not in options:
        st.session_state.pop(key, None)


def _work(session: Session, comparison: bv.Comparison, measure: Measure) -> ScanWork:
    """The scan on screen, or a new one if its subject changed."""
    view, model = session.view, cache.model(session.view.model)
    about, design = (*_place(session), measure), at_heads(view.design, {})
    work: ScanWork | None = session.page_data.get(KEY)
    if work is None or work.about != about:
        size = model.network.num_parameters(exclude_embeddings=True) * len(
            comparison.baseline.aligned
        )
        parts = scanning(
            model, comparison.baseline, design, measure, batch=max(1, int(_STEP / size))
        )
        return ScanWork(about, design, parts)
    if work.design != design:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                "Scan again", key="scan-again", on_click=lambda: session.page_data.pop(KEY, None)
            )
            st.caption("The design has changed since this scan.")
    return work


def _place(session: Session) -> tuple[str, str, str]:
    return session.view.model, session.view.text, session.view.second


@st.fragment(run_every=0.1)
def _going_on() -> None:
    """Runs a long scan in slices, so that strokes in between are answered."""
    session = current()
    work: ScanWork = session.page_data[KEY]
    if work.go_on() is not None:
        st.rerun()
    done, heads = (work.scan.done, work.scan.effect.numel()) if work.scan else (0, 1)
    st.progress(done / heads, f"Trying one head at a time: {done} of {heads}")


def _strongest(session: Session, comparison: bv.Comparison, measure: Measure, scan: Scan) -> None:
    """The heads with the largest effects, and a design for only these heads."""
    whole = effect_of(measure, comparison.baseline, comparison.edited)
    st.html(_summary(scan, whole))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        direction: Direction = "either"
        if scan.signed:
            direction = st.segmented_control(
                "Heads that",
                list(_DIRECTIONS),
                key="scan-direction",
                required=True,
                default="up" if whole > 0 else "down",
                format_func=_DIRECTIONS.__getitem__,
            )
        count = st.number_input("How many", 1, scan.effect.numel(), 5, key="scan-count", width=120)
        heads = scan.best(count, direction)
        aimed = at_heads(session.view.design, heads)
        st.button(
            "Edit only these heads",
            key="scan-aim",
            help="Undo brings the others back",
            disabled=not heads or aimed == session.view.design,
            on_click=lambda: session.step(replace(session.view, design=aimed)),
        )
    st.html(table_html(scan, direction, count))


def _summary(scan: Scan, whole: float) -> Markup:
    name = scan.measured
    if not scan.signed:
        return _HTML.size(name, f"{whole:.3g}", scan.unit)
    before, after = f"{scan.before:.4f}", f"{scan.before + whole:.4f}"
    return _HTML.signed(f"{name[:1].upper()}{name[1:]}", before, after, _change(whole))


def table_html(scan: Scan, direction: Direction, count: int) -> Markup:
    """A table of the strongest heads, each with its effect and the value with it alone."""
    rows = [
        (layer, head, _change(effect, scan.signed), f"{scan.before + effect:.4f}")
        for layer, head, effect in scan.ranked(direction)[:count]
    ]
    return _HTML.heads(rows, scan.signed) if rows else _HTML.no_head()


def _change(effect: float, signed: bool = True) -> str:
    """A change with a sign that is not a hyphen.

    >>> _change(-0.25)
    '−0.2500'
    """
    return f"{effect:+.4f}".replace("-", "−") if signed else f"{effect:.3g}"
