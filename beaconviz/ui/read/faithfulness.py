"""The section "Is it faithful?" of the Read page, which hides the key words from the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import streamlit as st
from markupsafe import Markup

from beaconviz.analysis.explain.faithfulness import Faithful, faithful
from beaconviz.core.design import Design
from beaconviz.core.errors import BeaconvizError
from beaconviz.figures.charts.faithfulness import faithful_figure
from beaconviz.figures.markup import macros
from beaconviz.models.model import Model
from beaconviz.models.tasks.values import Statement
from beaconviz.runs.execute import run
from beaconviz.runs.run import Run
from beaconviz.ui.read.form import ReadingRequest
from beaconviz.ui.shared.background import CallTask
from beaconviz.ui.shared.charts import PLAIN, theme
from beaconviz.ui.shared.parts import PARTS
from beaconviz.ui.shared.progress import progress
from beaconviz.ui.shared.widgets import recalled
from beaconviz.ui.shell.guard import line, plain
from beaconviz.ui.shell.session import Session

JOB = "faithfulness"  # where a session keeps its job

_HTML = macros(__file__)


@dataclass
class FaithfulnessJob(CallTask):
    """The test of one output of a run, baseline or edited.

    key_of_test: the model, text, design and number of the output; a new one needs a new test.
    """

    noun: ClassVar[str] = "readings of the text"
    key_of_test: tuple[Model, str, Design | None, int]
    run: Run
    output: Statement
    result: Faithful | None = None

    def call(self) -> None:
        self.result = faithful(self.run, statement=self.output, progress=self.report)


def section(session: Session, request: ReadingRequest) -> None:
    """Draw the section."""
    st.html(PARTS.heading("Is it faithful?"))
    st.caption(
        "Attention weights alone do not explain an output. This test hides the words that each method "
        "ranks highest and runs the model again: if they matter, the output falls more than when random "
        "words are hidden. Faithful: it falls more than for 95 of 100 random choices, and no less than "
        "for the words that integrated gradients ranks highest."
    )
    design = _tested_design(session, request)
    try:
        tokens = request.model.tokenize(request.text)
        tested = run(request.model, tokens, design, limit=0 if request.model.task.writes else None)
        outputs = tested.output.statements()
    except BeaconvizError as error:
        st.info(line(str(error)))
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with recalled(session, "faithful-output", 0) as key:
            if st.session_state[key] >= len(outputs):
                st.session_state[key] = 0
            number = st.selectbox(
                "Output to test",
                range(len(outputs)),
                key=key,
                format_func=lambda n: outputs[n].name,
                width=420,
            )
        pressed = st.button("Test faithfulness", key="faithful-test", type="primary")
    key_of_test = (request.model, request.text, design, number)
    job: FaithfulnessJob | None = session.page_data.get(JOB)
    if pressed:
        if job is not None:
            job.stop()
        job = FaithfulnessJob(key_of_test, tested, outputs[number])
        session.page_data[JOB] = job.start()
    if job is None or job.key_of_test != key_of_test:
        return
    if job.running:
        progress(job, stop_help="Stops the test; its result is not kept")
    elif job.error:
        st.error(line(job.error), icon=":material/error:")
    elif job.result is not None:
        _result(job.result)


def _tested_design(session: Session, request: ReadingRequest) -> Design | None:
    """The design of the run that is tested: None for the baseline."""
    if request.design is None:
        return None
    with recalled(session, "faithful-run", "edited") as key:
        tested = st.segmented_control("Run to test", ("baseline", "edited"), key=key, required=True)
    return request.design if tested == "edited" else None


def _result(test: Faithful) -> None:
    st.markdown(
        f"With the whole text: {plain(test.name)}, {test.unit} {test.before:.3f}. Numbers of words "
        f"removed or kept: {', '.join(map(str, test.counts))}."
    )
    st.plotly_chart(
        faithful_figure(test, theme=theme()), theme=None, key="faithful-chart", config=PLAIN
    )
    st.html(_table(test))


def _table(test: Faithful) -> Markup:
    return _HTML.table(test.table().itertuples())
