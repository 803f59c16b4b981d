"""The Write page: the Studio, for models that go on after a text."""

from beaconviz.ui import studio


def page() -> None:
    """Draw the page."""
    studio.page("Write")
