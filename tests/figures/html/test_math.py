"""A notebook typesets formulas: text of people that looks like one is shown as it stands."""

from __future__ import annotations

import html
import re

import pytest
from transformers import (
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForQuestionAnswering,
    AutoModelForSeq2SeqLM,
    AutoModelForSequenceClassification,
)

import beaconviz as bv
from beaconviz.figures import run_entities_html, says_html
from beaconviz.figures.escape import escape, escape_attribute
from beaconviz.figures.html.hits import hits_html
from beaconviz.figures.html.label_table import labels_html
from beaconviz.figures.theme import axis_names
from beaconviz.retrieval.search import Hit, KeyWord, Results
from tests.tiny import tiny_model

TEXT = "It cost $5 and then $7_x for <mask> at $$Apple$$, or \\(a\\) and \\[b\\] in \\begin{c}."
MATH = re.compile(r"\$[^$]*\$|\\[(\[]|\\begin")  # what JupyterLab's MathJax looks for
PRICES = ["$5", "$7", "less than $3 or \\(x\\)"]
HEADS = {
    "classes": ("bert", AutoModelForSequenceClassification),
    "spans": ("bert", AutoModelForQuestionAnswering),
    "masks": ("bert", AutoModelForMaskedLM),
    "next words": ("llama", AutoModelForCausalLM),
    "translation": ("bart", AutoModelForSeq2SeqLM),
    "states": ("bert", AutoModel),
}


def pieces(page: str) -> list[str]:
    """The stretches of text that no tag interrupts, without style sheets."""
    bare = re.sub(r"<(style|script)\b.*?</\1>", "", page, flags=re.DOTALL)
    return [html.unescape(piece) for piece in re.split(r"<[^>]*>", bare)]


def formulas(page: str) -> list[str]:
    return [piece for piece in pieces(page) if MATH.search(piece)]


def compared(family, folder, auto=None):
    how = {} if auto is None else {"labels": None, "auto": auto}
    if auto is AutoModelForSequenceClassification:
        how |= {"id2label": dict(enumerate(PRICES)), "num_labels": len(PRICES)}
    model = bv.load(str(tiny_model(family, folder, **how)), device="cpu")
    second = TEXT if auto is AutoModelForQuestionAnswering else None
    tokens = model.tokenize(TEXT, second)
    design = bv.Design.neutral(tokens.names("word")).with_cells(beacon=[("*", 1, 300.0)])
    return bv.compare(model, tokens, design, limit=5 if model.task.writes else None)


@pytest.mark.parametrize("name", HEADS)
def test_no_formula_reaches_a_notebook(name, tmp_path):
    family, auto = HEADS[name]
    comparison = compared(family, tmp_path, auto)
    for page in (comparison._repr_html_(), says_html(comparison)):
        assert formulas(page) == []
    if name in ("spans", "classes"):
        assert "$" in "".join(pieces(says_html(comparison)))  # there is something to typeset


def test_nor_where_names_are_marked(tmp_path):
    comparison = compared("bert", tmp_path)
    pages = [comparison._repr_html_(), says_html(comparison), labels_html(comparison.label_table())]
    for page in (*pages, run_entities_html(comparison.edited)):
        assert formulas(page) == []
    shown = "".join(pieces(run_entities_html(comparison.baseline)))
    assert "It cost $5 and then $7_x" in shown.replace("  ", " ")


def test_nor_in_what_a_search_found():
    start = TEXT.index("Apple")
    hit = Hit("$1$", 0.5, "The $2 and $3", 1, 2, TEXT, (KeyWord("Apple", 1.0, start, start + 5),))
    results = Results("query", "mean", (hit,))
    page = hits_html(results, note="between $2 and $3")
    assert formulas(page) == []
    assert 'title="$1$"' in page  # no element stands in an attribute


def test_what_is_shown_is_the_text():
    assert "".join(pieces(escape(TEXT))) == TEXT
    assert formulas(html.escape(TEXT))  # which alone does not help
    assert html.unescape(escape_attribute(TEXT)) == TEXT


def test_a_figure_s_label_is_no_formula():
    """Plotly takes a label with two dollars for one where it finds MathJax."""
    (name,) = axis_names(["$5-$7"])
    assert not re.search(r"\$[^$]*\$", name)
    assert html.unescape(name) == "$5-$7"
