"""A page of the app without a browser, as a person's hands and eyes."""

from __future__ import annotations

import json
from pathlib import Path

from streamlit.testing.v1 import AppTest

from beaconviz import samples
from beaconviz.core.design import Design
from beaconviz.ui.shell import actions
from beaconviz.ui.shell.session import LINK, STUDIO, Session
from beaconviz.ui.shell.state import History, View
from beaconviz.ui.studio.live import BENCH
from tests.ui.patience import PATIENCE

APP = str(Path(__file__).parents[2] / "app.py")
WORDS = ["Steve", "Jobs", "was", "the", "co-founder", "of", "Apple", "Inc."]


_DESIGN = Design.from_json(samples.designs()["worked-example"])
WORKED = View(text=actions.text_of(_DESIGN), design=_DESIGN)  # the worked example of the sources


class Studio:
    """The page, as a person's hands and eyes.

    It is opened on `view`, or by a link; with neither, as a person finds it who comes for the first
    time.
    """

    def __init__(self, link: str | None = None, view: View | None = WORKED) -> None:
        self.app = AppTest.from_file(APP, default_timeout=PATIENCE)
        if link is not None:
            self.app.query_params[LINK] = link
        elif view is not None:
            self.app.session_state[STUDIO] = Session(History(view))
        self.run()
        self.seq = 0

    def run(self) -> Studio:
        self.app.run()
        assert not self.app.exception, "a traceback on the screen"
        return self

    @property
    def session(self) -> Session:
        return self.app.session_state[STUDIO]

    @property
    def design(self) -> Design:
        return self.session.view.design

    @property
    def says(self) -> str:
        return "".join([self.bench["says"], *(html.proto.body for html in self.app.get("html"))])

    @property
    def errors(self) -> list[str]:
        return [error.value for error in self.app.error]

    @property
    def bench(self) -> dict:
        """What was sent to the workbench."""
        data = next(x.proto.bytes for x in self.app.get("bidi_component") if x.proto.bytes)
        return json.loads(data[4 : 4 + int.from_bytes(data[:4], "little")])

    def send(self, **messages: dict) -> Studio:
        """What a browser sends: edit, command or view."""
        self.seq += 1
        stamped = {name: {"seq": self.seq, **message} for name, message in messages.items()}
        self.app.session_state[BENCH] = stamped
        return self.run()

    def paint(self, stroke: int = 1, **cells: list) -> Studio:
        generation = self.bench["document"]["generation"]
        edit = {"generation": generation, "stroke": stroke, "marker": [], "beacon": []}
        return self.send(edit=edit | cells)

    def write(self, text: str) -> Studio:
        self.app.text_input(key="text").set_value(text)
        return self.run()

    def press(self, key: str) -> Studio:
        self.app.button(key=key).click()
        return self.run()

    def load(self, name: str) -> Studio:
        self.app.selectbox(key="model").options.append(name)  # as somebody who types it
        return self.choose("model", name)

    def choose(self, key: str, value: object) -> Studio:
        for widgets in (self.app.segmented_control, self.app.pills, self.app.selectbox):
            found = [widget for widget in widgets if widget.key == key]
            if found:
                found[0].set_value(value)
                return self.run()
        raise AssertionError(f"no control {key}")
