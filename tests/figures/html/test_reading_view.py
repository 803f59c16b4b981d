"""The reading view as a page, and the curves of faithfulness."""

from __future__ import annotations

import json
import re

import torch

from beaconviz.analysis.explain.faithfulness import Faithful
from beaconviz.analysis.explain.keywords import KeyWords
from beaconviz.core.words import split_words
from beaconviz.figures.charts.faithfulness import faithful_figure, faithful_page
from beaconviz.figures.html.bars import Bar, bars_html
from beaconviz.figures.html.reading_view import reading_data, reading_page

TEXT = "  Jobs met </script><b>Bank</b>\n of England. "


def made(*weights):
    return KeyWords(TEXT, split_words(TEXT), torch.tensor(weights), "received", "<any>", 1, ("A.",))


BEFORE, AFTER = made(0.4, 0.1, 0.3, 0.0, 0.2), made(0.1, 0.1, 0.5, 0.0, 0.3)


def test_words_and_gaps_make_up_the_text_again():
    data = reading_data(BEFORE)
    pieces = [data["gaps"][0]]
    for word, gap in zip(data["words"], data["gaps"][1:], strict=True):
        pieces += [word, gap]
    assert "".join(pieces) == TEXT
    assert [side["name"] for side in data["sides"]] == ["key words"]
    both = reading_data(BEFORE, AFTER, 0.5)
    assert [side["name"] for side in both["sides"]] == ["untouched", "edited"]
    assert both["sides"][1]["weights"] == [0.1, 0.1, 0.5, 0.0, 0.3]
    assert both["share"] == 0.5


def test_the_page_needs_no_network_and_escapes_the_text():
    page = reading_page(BEFORE, AFTER)
    assert not re.search(r"(src|href)=|https?://", page)
    assert page.count("</script>") == 1
    assert "<b>Bank" not in page
    assert "&lt;any&gt;" in page
    told = re.search(r"getElementById\('reading'\), (\{.*\})\);</script>", page)[1]
    assert json.loads(told) == reading_data(BEFORE, AFTER)
    assert len(page) < 30_000  # it carries no Plotly


def faith(method="received"):
    curve, draws = torch.tensor([0.1, 0.4]), torch.tensor([[0.0, 0.1], [0.2, 0.3]])
    return Faithful(
        "it <b>",
        "probability",
        0.9,
        (0.1, 0.5),
        (1, 5),
        {method: curve},
        {method: -curve},
        (draws,) * 2,
    )


def test_curves_show_what_is_left():
    figure = faithful_figure(faith())
    (taken, kept) = (one for one in figure.data if one.legendgroup == "received")
    assert [round(y, 6) for y in taken.y] == [0.8, 0.5]
    assert [round(y, 6) for y in kept.y] == [1.0, 1.3]
    (chance, _) = (one for one in figure.data if one.legendgroup == "random")
    assert [round(y, 6) for y in chance.y] == [0.8, 0.7]
    assert figure.layout.yaxis2.matches == "y"  # one scale
    styles = {(one.line.dash, one.marker.symbol) for one in figure.data if one.legendgroup}
    assert len(styles) == 2  # told apart without colour


def test_the_page_of_curves_escapes_what_is_said():
    page = faithful_page("any", "a text", faith())
    assert "it &lt;b&gt;" in page
    assert "it <b>" not in page


def test_bars_without_an_after_are_single():
    html = bars_html([Bar("a", 0.2), Bar("b", 0.4)], limits=(0, 1), written="{:.1f}".format)
    assert "edited" not in html
    assert "→" not in html
    assert html.count("--from") == 2
