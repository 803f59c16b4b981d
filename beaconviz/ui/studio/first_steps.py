"""The three steps next to the first example."""

from __future__ import annotations

from beaconviz.ui.components.greeting import greeting
from beaconviz.ui.shell.examples import first_view
from beaconviz.ui.shell.session import Session

STEPS = (
    "Baseline is what the model says: Barcelona is an organisation (ORG).",
    "In M, the row of Barcelona is 1 at “in” and 0 elsewhere: it may look at that word only.",
    "So edited says that Barcelona is a place (LOC). Undo it (↶), and paint your own.",
)


def first_steps(session: Session) -> None:
    """Draw the steps while the first example is on screen, or the button that shows it again."""
    example = first_view()
    greeting(
        STEPS,
        shown=(session.view.text, session.view.model) == (example.text, example.model),
        on_example=lambda: session.step(example),
        key="first-steps",
    )
