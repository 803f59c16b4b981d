from html.parser import HTMLParser
from types import SimpleNamespace

import pytest

import beaconviz as bv
from beaconviz.core.design import Design
from beaconviz.figures import entities_html, run_entities_html, says_html
from beaconviz.figures.html.entities import marked_text_html
from beaconviz.models.tasks.entities import Entity
from beaconviz.models.tasks.values import Change, MarkedText


def marked(before, after, changes=(), text=None):
    return Page(marked_text_html(MarkedText(text or TEXT, before, after, changes)))


class Page(HTMLParser):
    """Collects what a browser would show, and the tags it would make."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.texts, self.classes, self._open = [], [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self._open = tag
        self.classes += (dict(attrs).get("class") or "").split()

    def handle_data(self, data):
        if self._open != "style":
            self.texts.append(data)

    def handle_endtag(self, tag):
        self._open = ""

    @property
    def text(self):
        return "".join(self.texts)


def entity(text, word, label, score=0.98):
    start = text.index(word)
    return Entity(word, label, start, start + len(word), score)


TEXT = "Steve Jobs was the co-founder of Apple Inc."
JOBS = entity(TEXT, "Steve Jobs", "PER")
APPLE = entity(TEXT, "Apple Inc.", "ORG")
LOST = Change("Apple Inc.", 33, 43, "ORG", None, 0.98, None)


def test_baseline_stands_above_edited_and_a_lost_name_is_called_out():
    page = marked([JOBS, APPLE], [JOBS], [LOST])
    assert page.text.index("baseline") < page.text.index("edited")
    assert page.text.count("Apple Inc.") == 3  # baseline, dashed in edited, and the change
    assert "−ORG" in page.text
    assert "Apple Inc. ORG 0.98 → none" in page.text
    assert page.classes.count("bv-same") == 3
    assert page.classes.count("bv-gone") == 1


def test_a_new_name_is_framed_and_takes_the_place_of_what_it_overlaps():
    shorter = entity(TEXT, "Apple", "PER", 0.6)
    page = marked([APPLE], [shorter])
    assert "bv-new" in page.classes
    assert "bv-gone" not in page.classes
    assert "PER 0.60" in page.text


def test_nothing_changed_is_said():
    page = marked([JOBS], [JOBS])
    assert "No entity changed." in page.text


@pytest.mark.parametrize(("beacon", "moved"), [(16.0, True), (1e-4, False)])
def test_where_nothing_changed_the_largest_fall_of_a_label_is_told(beacon, moved):
    model = bv.load("ner-mini")
    design = Design.neutral(TEXT.split()).with_cells(beacon=[("*", 7, beacon)])
    comparison = bv.compare(model, TEXT, design)
    assert not comparison.changes
    page = Page(says_html(comparison))
    before, after = (run.output.probabilities for run in (comparison.baseline, comparison.edited))
    best = before.argmax(-1)
    falls = [float(before[n, best[n]] - after[n, best[n]]) for n in range(8)]
    word = falls.index(max(falls))
    told = f"Closest: {TEXT.split()[word]} "
    assert (max(falls) >= 0.01) == moved
    if moved:
        was, now = float(before[word, best[word]]), float(after[word, best[word]])
        assert told in page.text
        assert f"{was:.2f} → {now:.2f}" in page.text
    else:
        assert "No word's label lost more than 0.01" in page.text


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"><img onerror=x>', "&amp; 'a'"])
def test_text_and_labels_are_shown_never_run(hostile):
    one = Entity(hostile, "<i>", 0, len(hostile), 0.5)
    changes = [Change(hostile, 0, len(hostile), None, "<i>", None, 0.5)]
    page = marked([], [one], changes, hostile)
    assert set(page.tags) == {"style", "div", "span", "mark", "ul", "li", "b"}
    assert page.text.count(hostile) == 3


def test_control_characters_become_visible_and_line_breaks_stay():
    page = Page(run_entities_html(SimpleNamespace(source="a\x00b\nc\x7f", entities=[])))
    assert "a␀b\nc␡" in page.text


def test_a_real_comparison(comparison):
    assert entities_html(comparison) == says_html(comparison)
    page = Page(says_html(comparison))
    assert page.text.count("co-founder") >= 2
