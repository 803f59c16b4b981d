"""The pages of the app. A new page is a folder beside this file, and a line here."""

from __future__ import annotations

from functools import partial

from streamlit.navigation.page import StreamlitPage

from beaconviz.ui.evaluate.page import page as evaluate
from beaconviz.ui.heads.page import page as heads
from beaconviz.ui.model.page import page as model
from beaconviz.ui.read.page import page as read
from beaconviz.ui.rules.page import page as rules
from beaconviz.ui.search.page import page as search
from beaconviz.ui.shell import cache
from beaconviz.ui.shell.examples import first_view
from beaconviz.ui.shell.navigation import PageName, register, streamlit_pages
from beaconviz.ui.studio.page import page as studio

register(
    {
        "Studio": studio,
        "Translate": partial(studio, "Translate"),
        "Write": partial(studio, "Write"),
        "Read": read,
        "Search": search,
        "Rules": rules,
        "Evaluate": evaluate,
        "Heads": heads,
        "Model": model,
    }
)


def pages() -> dict[PageName, StreamlitPage]:
    """Every page, by its name."""
    return streamlit_pages()


def warm_up() -> None:
    """Load the model that the first page opens with, and run it once."""
    cache.untouched(first_view())
