"""Text of people never becomes HTML: with any text in it, a figure has the same elements."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from types import SimpleNamespace as Fake

import pandas as pd
import pytest
import torch

import beaconviz as bv
from beaconviz.analysis.explain.faithfulness import Faithful
from beaconviz.analysis.explain.keywords import KeyWords
from beaconviz.analysis.scan import Scan
from beaconviz.core.words import split_words
from beaconviz.figures.charts.evaluation import evaluation_html
from beaconviz.figures.charts.faithfulness import faithful_page
from beaconviz.figures.charts.head_profile import profile_html
from beaconviz.figures.html.answers import answers_html
from beaconviz.figures.html.bars import bars_html, score_bars_html
from beaconviz.figures.html.entities import changes_html, marked_text_html, run_entities_html
from beaconviz.figures.html.generation import written_html
from beaconviz.figures.html.guesses import guesses_html
from beaconviz.figures.html.hits import hits_html
from beaconviz.figures.html.label_table import labels_html
from beaconviz.figures.html.output import DRAWN
from beaconviz.figures.html.overview import overview_html
from beaconviz.figures.html.reading_view import reading_page
from beaconviz.figures.html.rule_marks import rule_html
from beaconviz.figures.page import page_html, table_html
from beaconviz.models.tasks.answers import Answer
from beaconviz.models.tasks.entities import Entity
from beaconviz.models.tasks.rewrites import Rewrite
from beaconviz.models.tasks.values import (
    Bar,
    Bars,
    Change,
    GeneratedTexts,
    LabelTable,
    MarkedAnswer,
    MarkedText,
    Note,
    RankedWords,
)
from beaconviz.retrieval.search import Hit, KeyWord, Results
from beaconviz.rules.rule import Rule
from beaconviz.rules.steps import Amount, Step
from beaconviz.ui.read import faithfulness
from beaconviz.ui.shared.parts import PARTS
from beaconviz.ui.studio.panels import scan
from tests.figures.charts.test_head_profile import RESULT
from tests.tiny import tiny_model

PLAIN = "plain"
HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</style></title></textarea><b>",
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    "&lt;script&gt; &amp; <!--",
]
ROW = {"precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 2}


class Elements(HTMLParser):
    """The elements of a page with the names of their attributes, and all that is shown of it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, ...]] = []
        self.shown: list[str] = []
        self._raw = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, *(name for name, _ in attrs)))
        self.shown += [value or "" for _, value in attrs]
        self._raw = tag in ("script", "style")

    def handle_endtag(self, tag):
        self._raw = False

    def handle_data(self, data):
        if not self._raw:
            self.shown.append(data)


def entity(text: str, label: str = "PER") -> Entity:
    return Entity(text, label, 0, len(text), 0.5)


def both(text: str) -> MarkedText:
    """A name that is in both runs, with its label, and a change of it."""
    known, change = [entity(text, text)], Change(text, 0, 9, text, text, 0.5, 0.5)
    return MarkedText(text, known, known, [change])


def lost(text: str) -> MarkedText:
    return MarkedText(text, [entity(text, text)], [])


def labels(text: str) -> str:
    columns = {"word": text, "tag_baseline": text, "tag_edited": text}
    columns |= {f"{text}_baseline": 1.0, f"{text}_edited": 1.0}
    return labels_html(LabelTable("Labels", (text,), pd.DataFrame([columns])))


def answers(text: str) -> str:
    answer = Answer(text, len(text) + 1, 2 * len(text) + 1, 0.5)
    return answers_html(MarkedAnswer(f"{text} {text} {text}", answer, answer, changed=True))


def classes(text: str) -> str:
    return score_bars_html(Bars([Bar(text, 0.5, 0.5)]))


def guesses(text: str) -> str:
    row = {"guess": text, "baseline": 0.5, "edited": 0.9, "change": 0.4}
    rows = [row | {"place": place, "rank_baseline": 1, "rank_edited": 1} for place in (0, 1)]
    return guesses_html(RankedWords(pd.DataFrame(rows)))


def no_mask(text: str) -> str:
    return DRAWN[Note](Note(text))


def written(text: str) -> str:
    generation = Fake(
        tokens=Fake(spans=[(0, len(text))], ids=[0]),
        text=text,
        probabilities=torch.ones(1),
        score=0.0,
        likeliest=lambda *_: [(0, 0.5)],
    )
    rewrite = Rewrite(text, text, (0, 1), (0, 1))
    return written_html(GeneratedTexts(generation, generation, [rewrite], lambda _: text))


def hits(text: str) -> str:
    key = (KeyWord(text, 1.0, 0, len(text)),)
    results = Results("q", "mean", (Hit(text, 0.5, text, 1, 2, text, key),))
    return hits_html(results, note=text)


def untitled(text: str) -> str:
    return hits_html(Results("q", "mean", (Hit(text, 0.5, "", 1, None, "x", ()),)))


def rule(text: str) -> str:
    step = Step(beacon=Amount(start=8))
    return rule_html(Rule(name=text, steps=(step,), about=text), [text, text], [[1]], 32)


def reading(text: str) -> str:
    words = split_words("a b")
    found = KeyWords("a b", words, torch.tensor([0.5, 0.5]), text, text, 1, (text,))
    return reading_page(found, title=text)


def faithful(text: str) -> Faithful:
    curve, draws = torch.tensor([0.1, 0.4]), torch.tensor([[0.0, 0.1], [0.2, 0.3]])
    methods = {"received": curve}
    return Faithful(text, text, 0.9, (0.1, 0.5), (1, 5), methods, methods, (draws, draws))


def table_of_faithfulness(text: str) -> str:
    row = {"method": text, "comprehensiveness": 0.5, "sufficiency": 0.5, "verdict": text}
    return faithfulness._table(Fake(table=lambda: pd.DataFrame([row])))


def evaluation(text: str) -> str:
    run = ROW | {"types": {"PER": ROW}, "macro": ROW, "partial": ROW, "type": ROW}
    return evaluation_html(
        {
            "data": text,
            "model": text,
            "edit": text,
            "baseline": run,
            "edited": run,
            "change": {"f1": 0.1, "interval": [-0.2, 0.3], "p": 0.5},
            "fixed": [],
            "broken": [],
            "slices": [],
            "verdict": text,
            "remarks": [text],
        }
    )


def profile(text: str) -> str:
    return profile_html(text, RESULT | {"verdict": text, "remarks": [text]})


FIGURES: dict[str, Callable[[str], str]] = {
    "entities": lambda text: marked_text_html(both(text)),
    "a lost entity": lambda text: marked_text_html(lost(text)),
    "labels": labels,
    "answers": answers,
    "classes": classes,
    "guesses": guesses,
    "no mask": no_mask,
    "written": written,
    "entities of a run": lambda text: run_entities_html(
        Fake(source=text, entities=[entity(text, text)])
    ),
    "changes": lambda text: changes_html([Change(text, 0, 1, text, text, None, None)]),
    "no changes": lambda text: changes_html([], otherwise=text),
    "bars": lambda text: bars_html(
        [Bar(text, 0.5, 0.2, text)], limits=(0, 1), written=lambda _: text, note=text
    ),
    "hits": hits,
    "hits without a title": untitled,
    "rule": rule,
    "reading": reading,
    "faithfulness": lambda text: faithful_page(text, text, faithful(text)),
    "table of faithfulness": table_of_faithfulness,
    "evaluation": evaluation,
    "profile": profile,
    "page": lambda text: page_html(text, text, figures=False),
    "scan": lambda text: scan._summary(Scan(text, text, True, 0.5, torch.zeros(1, 1)), 0.1),
    "unsigned scan": lambda text: scan._summary(
        Scan(text, text, False, 0.5, torch.zeros(1, 1)), 0.1
    ),
    "facts": PARTS.facts,
    "problem": PARTS.problem,
    "heading": PARTS.heading,
    "name of a text": PARTS.text_name,
    "two answers": PARTS.side_by_side,
}


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_has_the_same_elements_with_any_text(name, text):
    figure = FIGURES[name]
    plain, hostile = Elements(figure(PLAIN)), Elements(figure(text))
    assert hostile.elements == plain.elements
    assert any(PLAIN in shown.lower() for shown in plain.shown)
    assert "".join(hostile.shown).lower().count(text.lower()) >= 1


def test_a_drawn_model_has_the_same_elements_with_any_labels(tmp_path):
    def drawn(number: int, text: str) -> Elements:
        labels = ["O", *(f"B-{text}{label}" for label in range(12))]
        folder = tiny_model("bert", tmp_path / str(number), labels=labels)
        return Elements(overview_html(bv.load(str(folder), device="cpu")))

    plain = drawn(0, PLAIN)
    assert ("details",) in plain.elements
    for number, text in enumerate(HOSTILE, 1):
        hostile = drawn(number, text)
        assert hostile.elements == plain.elements
        assert any(text in shown for shown in hostile.shown)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_table_has_the_same_elements_with_any_text(text):
    tables = [Elements(table_html(pd.DataFrame({word: [word]}))) for word in (PLAIN, text)]
    assert tables[0].elements == tables[1].elements
    assert tables[1].shown.count(text) == 2
