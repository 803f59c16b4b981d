"""What a search found, as HTML."""

from __future__ import annotations

from beaconviz.figures.html.hits import hits_html, moved
from beaconviz.retrieval.search import Hit, KeyWord, Results

PASSAGE = "x" * 100 + " <b>bees</b> dance"


def hit(rank, before, title="<i>Bees</i>"):
    key = (KeyWord("bees", 0.4, 104, 108), KeyWord("dance", 0.2, 113, 118))
    return Hit("7", 0.51, title, rank, before, PASSAGE, key)


def test_arrows():
    assert [moved(hit(2, before)) for before in (None, 2, 5, 1)] == ["", "=", "↑3", "↓1"]


def test_rows_are_escaped_and_key_words_marked_in_strength():
    html = hits_html(Results("q", "mean", (hit(1, 3),)), note="<note>")
    assert "<i>Bees" not in html
    assert "&lt;i&gt;Bees" in html
    assert '<mark style="--w:1.00">bees</mark>' in html
    assert '<mark style="--w:0.50">dance</mark>' in html
    assert '<span class="cut">… </span>&lt;b&gt;<mark' in html  # from a whole word on
    assert f'<span class="before">{"x" * 100} </span>' in html  # seen where the whole is shown
    assert "↑2" in html
    assert "rank 3 without the edit" in html
    assert "&lt;note&gt;" in html


def test_a_document_without_a_title_goes_by_its_id():
    assert ">7</span>" in hits_html(Results("q", "mean", (hit(1, None, ""),)))


def test_nothing_found_is_said():
    assert "No document has any of these words" in hits_html(Results("q", "bm25", ()))
