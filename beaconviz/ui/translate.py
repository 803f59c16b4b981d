"""The Translate page: the Studio, for models that read one text and write another."""

from beaconviz.ui import studio


def page() -> None:
    """Draw the page."""
    studio.page("Translate")
