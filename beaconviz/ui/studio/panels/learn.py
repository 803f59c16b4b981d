"""Learn a design for this sentence: choose a word's new label, and watch the search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import streamlit as st

import beaconviz as bv
from beaconviz.core.edit import Heads
from beaconviz.core.labels import split_label
from beaconviz.figures.charts.maps import matrix_figure
from beaconviz.figures.charts.optimize import loss_curve, saliency_map
from beaconviz.optimize.flip import MOST_STEPS, flipping
from beaconviz.optimize.learn import STEPS, learn
from beaconviz.optimize.objective import Objective, kinds
from beaconviz.optimize.relaxed import Layers
from beaconviz.optimize.saliency import saliency
from beaconviz.ui.shared.charts import PLAIN, theme
from beaconviz.ui.shell import actions, cache
from beaconviz.ui.shell.guard import guarded, plain
from beaconviz.ui.shell.session import Session, current
from beaconviz.ui.studio.panels.learn_work import KEY, LearnWork, outcome

_MATRICES = {"A": ("beacon",), "M": ("marker",), "A and M": ("marker", "beacon")}
_SPARSITY = {"few": 0.6, "some": 0.3, "many": 0.1}
_MAP = "learn-map"  # the last drawn saliency, with its model and objective


class ChosenObjective(NamedTuple):
    """The user's choices."""

    word: int
    label: str
    matrices: Sequence[str]
    sparsity: float
    layers: Layers
    heads: Any  # Heads, or "learned"


def learn_panel(session: Session, comparison: bv.Comparison) -> None:
    """Draw the panel."""
    baseline = comparison.baseline
    if not baseline.model.labels:
        st.info(
            "This model has no labels for words, so there is none to give. "
            "Load a model for token classification, such as ner-mini."
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = _choose(session, baseline)
    with st.container(horizontal=True, vertical_alignment="center"):
        painting = _begin(session, baseline, chosen)
    work: LearnWork | None = session.page_data.get(KEY)
    if work is not None and work.about == _about(session):
        if work.done:
            _result(session, work, baseline)
        else:
            _going_on()
    if painting:
        _where_to_paint(session, baseline, chosen)


def _choose(session: Session, baseline: bv.Run) -> ChosenObjective:
    words = [word for word, token in enumerate(baseline.aligned.deciding) if token is not None]
    names = [word for word in words if baseline.tags[word].startswith("B-")]
    word = _pick(
        "Make", words, (names or words)[-1], "learn-word",
        lambda word: f"{word} {baseline.words[word]}", 200,
    )  # fmt: skip
    labels = kinds(baseline.model.labels)
    now = split_label(baseline.tags[word])[1] or "none"
    other_labels = [label for label in labels if label not in (now, "none")]
    label = _pick(
        "an entity of type", labels, (other_labels or labels)[0], "learn-label",
        lambda label: "no entity" if label == "none" else label, 150,
    )  # fmt: skip
    edit = session.view.design.edits[session.view.edit]
    can_learn = ["A"] if session.view.design.kind.values is not None else list(_MATRICES)
    _forget("learn-matrices", can_learn)
    matrices = st.segmented_control(
        "by learning",
        can_learn,
        key="learn-matrices",
        required=True,
        default="A",
        help="M of the mask reading is 0 or 1, and cannot be learned by gradient steps",
    )
    cells = st.segmented_control(
        "with cells",
        list(_SPARSITY),
        key="learn-cells",
        required=True,
        default="some",
        help="Fewer cells are easier to read; more can do more",
    )
    where = st.segmented_control(
        "on heads",
        ["as edited", "learned"],
        key="learn-where",
        required=True,
        default="as edited",
        help="As edited: the layers and heads chosen in the sidebar. "
        "Learned: of these layers, the heads that do most",
    )
    heads: Any = "learned" if where == "learned" else edit.heads
    return ChosenObjective(word, label, _MATRICES[matrices], _SPARSITY[cells], edit.layers, heads)


def _begin(session: Session, baseline: bv.Run, chosen: ChosenObjective) -> bool:
    """The buttons that start a search; gives whether to show where to paint."""
    model, reading = cache.model(session.view.model), session.view.design.reading
    objective = Objective({chosen.word: chosen.label})
    shared: dict[str, Any] = {"reading": reading, "layers": chosen.layers, "baseline": baseline}
    edit = session.view.design.edits[session.view.edit]
    work = LearnWork(_about(session), chosen.word, chosen.label, STEPS)
    about = "Starts without an edit, and tries to keep the tags of all other words"
    if st.button("Learn", key="learn-start", type="primary", help=about):
        session.page_data[KEY] = work.begin(
            lambda stopped: learn(
                model,
                session.view.text,
                objective,
                matrices=chosen.matrices,
                heads=chosen.heads,
                sparsity=chosen.sparsity,
                stopped=stopped,
                **shared,
            )
        )
    about = "No cell of it can be left out; whatever else it changes"
    if st.button("Small edit", key="learn-flip", help=about):
        work = LearnWork(_about(session), chosen.word, chosen.label, MOST_STEPS)
        session.page_data[KEY] = work.begin(
            lambda stopped: flipping(
                model, session.view.text, objective, heads=edit.heads, stopped=stopped, **shared
            )
        )
    return st.toggle(
        "Show where to paint",
        key="learn-paint",
        help="How much each cell of A raises or lowers the label: the gradient",
    )


@st.fragment(run_every=0.2)
def _going_on() -> None:
    """Runs a few steps at a time, so that strokes in between are answered."""
    session = current()
    work: LearnWork | None = session.page_data.get(KEY)
    if work is None:
        return
    with guarded():
        share, text = work.progress
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Stop", key="learn-stop", on_click=work.stop, disabled=work.stopping)
            st.progress(share, plain(text))
        rests = work.rests(session.exchange.answered)
        _draw(work, rests=rests)
        if rests:
            return
        del session.page_data[KEY]  # a failed search is not continued
        work.go_on()  # after drawing, since Streamlit fades elements that wait to be drawn
        session.page_data[KEY] = work
        if work.done:
            st.rerun()


def _result(session: Session, work: LearnWork, baseline: bv.Run) -> None:
    step = work.last
    if step is None:
        return
    say = st.success if step.verdict.met else st.warning
    say(plain(outcome(work, baseline)))
    st.button(
        "Use this design",
        key="learn-use",
        help="Replaces the design in the editors; Undo restores that one",
        on_click=lambda: session.step(actions.opened(session.view, step.design)),
        disabled=session.view.design == step.design,
    )
    _draw(work)


def _draw(work: LearnWork, *, rests: bool = False) -> None:
    """Draw the loss so far, and the matrices."""
    step = work.look(rests=rests)
    if step is None:
        return
    edit = step.design.edits[0]
    names = [name for name in ("marker", "beacon") if getattr(edit, name)] or ["beacon"]
    columns = st.columns([2, *[3] * len(names)])
    losses = work.losses if step.phase != "search" else work.losses[: step.number + 1]
    curve = loss_curve(losses, steps=work.most, theme=theme())
    columns[0].plotly_chart(curve, theme=None, key="learn-loss", config=PLAIN)
    for column, name in zip(columns[1:], names, strict=True):
        figure = matrix_figure(step.design, name, theme=theme())
        column.plotly_chart(figure, theme=None, key=f"learn-{name}", config=PLAIN)


def _where_to_paint(session: Session, baseline: bv.Run, chosen: ChosenObjective) -> None:
    heads: Heads = session.view.design.edits[session.view.edit].heads
    about = (*_about(session), chosen.word, chosen.label, chosen.layers, str(heads))
    kept = session.page_data.get(_MAP)
    if kept is None or kept[0] != about:
        slopes = saliency(
            cache.model(session.view.model),
            session.view.text,
            chosen.word,
            chosen.label,
            layers=chosen.layers,
            heads=heads,
            baseline=baseline,
        )
        session.page_data[_MAP] = kept = (about, slopes)
    name = f"{baseline.words[chosen.word]} as {chosen.label}"
    figure = saliency_map(kept[1], baseline.words, name, theme=theme())
    left, right = st.columns([3, 2], vertical_alignment="center")
    left.plotly_chart(figure, theme=None, key=_MAP, config=PLAIN)
    right.caption(
        "Orange: a value of A above 0 in this cell raises the label. Blue: a value below 0 does. These are "
        "the gradients at A = 0; large values can act differently."
    )


def _about(session: Session) -> tuple[str, str]:
    return session.view.model, session.view.text


def _pick(
    caption: str,
    options: Sequence[Any],
    first: Any,
    key: str,
    name: Callable[[Any], str],
    width: int,
) -> Any:
    _forget(key, options)
    index = list(options).index(first)
    return st.selectbox(caption, options, index=index, key=key, format_func=name, width=width)


def _forget(key: str, options: Sequence[Any]) -> None:
    """Drop a choice that is no longer offered."""
    if st.session_state.get(key) not in options:
        st.session_state.pop(key, None)
