"""Continue the text without and with the edit, token by token, in background threads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import streamlit as st

import beaconviz as bv
from beaconviz.figures.html.generation import written_html
from beaconviz.models.tasks.generated import generated_texts
from beaconviz.runs.generate import generate_ids, replayed
from beaconviz.runs.run import Run
from beaconviz.ui.shared.background import BackgroundTask
from beaconviz.ui.shared.widgets import hold, recalled
from beaconviz.ui.shell import cache
from beaconviz.ui.shell.session import Session

MOST = 400  # the most tokens; a text without an end stops here
KEY = "writing"


@dataclass
class Writing(BackgroundTask):
    """A run that is generating. `ids` are its tokens so far; `run` is set when it has ended."""

    noun: ClassVar[str] = "tokens"
    read: Run
    limit: int
    ids: Sequence[int] = field(default_factory=list)
    run: Run | None = None

    @property
    def counted(self) -> tuple[int, int]:
        return len(self.ids), self.limit

    @property
    def text(self) -> str:
        """The text generated so far."""
        return str(self.read.model.target.decode(list(self.ids), skip_special_tokens=True))

    def steps(self) -> Iterator[None]:
        def watch(ids: Sequence[int]) -> bool:
            self.ids = ids
            return self.stopping

        model, tokens = self.read.model, self.read.aligned
        generate_ids(model, tokens, self.read.design, limit=self.limit, watch=watch)
        yield

    def finish(self) -> None:
        if self.ids:
            made, _ = replayed(self.read.model, self.read.aligned, self.read.design, self.ids)
            self.run = replace(self.read, generation=made)


@dataclass
class Both:
    """Both runs of a comparison that are generating."""

    comparison: bv.Comparison
    baseline: Writing
    edited: Writing

    @property
    def writings(self) -> tuple[Writing, Writing]:
        return self.baseline, self.edited

    @property
    def running(self) -> bool:
        return any(writing.running for writing in self.writings)

    def of(self, comparison: bv.Comparison) -> bool:
        """Whether the runs continue the shown comparison's text, with its model and design."""
        ours, theirs = (
            (shown.baseline.model, shown.baseline.aligned, shown.edited.design)
            for shown in (self.comparison, comparison)
        )
        return ours == theirs

    @property
    def done(self) -> bv.Comparison | None:
        """The comparison with both generated texts; None until both have ended."""
        before, after = self.baseline.run, self.edited.run
        if before is None or after is None:
            return None
        return replace(self.comparison, baseline=before, edited=after)


def writing_panel(session: Session, comparison: bv.Comparison) -> None:
    """Draw the panel."""
    both: Both | None = session.page_data.get(KEY)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with recalled(session, "write-limit", 40) as key:
            limit = st.number_input("Tokens", 1, MOST, key=key, width=140)
        if cache.model(session.view.model).chats:
            hold("chat", session.view.chat)
            st.toggle(
                "Chat",
                key="chat",
                help="Put the text into the model's chat template, as the user's message",
                on_change=lambda: session.show(
                    replace(session.view, chat=st.session_state["chat"])
                ),
            )
        running = both is not None and both.running
        st.button(
            "Write on",
            key="write-on",
            type="primary",
            disabled=running,
            help="The baseline and the edited model continue the text, with the most likely token at "
            "each step",
            on_click=lambda: _begin(session, comparison, int(limit)),
        )
        if running:
            st.button("Stop", key="write-stop", on_click=lambda: _stop(session))
    if both is None:
        st.caption(
            "Nothing is written yet. The list above has the next token; Write on continues the text, "
            "without and with the edit."
        )
    elif running:
        _streamed(both)
    else:
        _ended(both, comparison)


def _begin(session: Session, comparison: bv.Comparison, limit: int) -> None:
    runs = (comparison.baseline, comparison.edited)
    session.page_data[KEY] = Both(comparison, *(Writing(run, limit).start() for run in runs))


def _stop(session: Session) -> None:
    for writing in session.page_data[KEY].writings:
        writing.stop()


@st.fragment(run_every=0.25)
def _streamed(both: Both) -> None:
    """The growing texts; when both have ended, the page is drawn again."""
    if not both.running:
        st.rerun()
    for column, name, writing in zip(
        st.columns(2), ("Baseline", "Edited"), both.writings, strict=True
    ):
        column.markdown(f"**{name}**")
        column.progress(writing.share, text=writing.progress)
        column.text(writing.text or "…")


def _ended(both: Both, comparison: bv.Comparison) -> None:
    for writing in both.writings:
        if writing.error:
            st.error(writing.error)
            return
    done: Any = both.done
    if done is None:
        st.caption("Nothing was written.")
        return
    if not both.of(comparison):
        st.caption(
            "The text or the design has changed since this was written. Press Write on again."
        )
    for texts in generated_texts(done.baseline.output, done.edited.output):
        st.html(written_html(texts))
