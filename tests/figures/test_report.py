import re

import pytest

from beaconviz.figures import notebook_html, report_html


@pytest.fixture(scope="module")
def page(hostile):
    return report_html(hostile, layer=1, head=0, theme="dark")


def test_the_page_asks_nobody(page):
    own = page.split("</script>", 1)[1]  # after Plotly's own source
    assert not re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=", own)
    assert "@import" not in own


def test_the_page_holds_text_design_entities_maps_heads_and_numbers(page):
    for piece in ("What the model says", "Attention, layer 1, head 0", "Change of each head"):
        assert piece in page
    assert page.count('class="plotly-graph-div"') == 7
    assert "entropy_baseline" in page
    assert "Design file" in page


def test_hostile_text_is_shown_never_run(page):
    body = page.split("</head>", 1)[1]
    assert "<script>alert" not in body
    assert "&lt;script&gt;alert" in body
    assert "<b>Acme" not in body


def test_a_notebook_shows_names_and_heads(comparison):
    shown = notebook_html(comparison)
    assert "co-founder" in shown
    assert shown.count("<td") == comparison.baseline.layers * comparison.baseline.heads
    assert "<script" not in shown
