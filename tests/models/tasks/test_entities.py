import pytest

from beaconviz.core.labels import to_bio
from beaconviz.core.words import split_words
from beaconviz.models.tasks.entities import find_entities, trim


@pytest.mark.parametrize(
    ("labels", "tags"),
    [
        (["B-PER", "I-PER", "O"], ["B-PER", "I-PER", "O"]),
        (["I-PER", "I-PER", "B-PER"], ["B-PER", "I-PER", "B-PER"]),  # IOB1
        (["B-PER", "E-PER", "S-ORG", "I-ORG"], ["B-PER", "I-PER", "B-ORG", "B-ORG"]),  # BIOES
        (["B-PER", "I-ORG"], ["B-PER", "B-ORG"]),
        (["PER", "PER", "O", "ORG"], ["B-PER", "I-PER", "O", "B-ORG"]),
        ([], []),
    ],
)
def test_every_scheme_becomes_bio(labels, tags):
    assert to_bio(labels) == tags


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Paris,", "Paris"),
        ("London.", "London"),
        ("Inc.", "Inc."),
        ("Inc.,", "Inc."),
        ("U.S.", "U.S."),
        ("J.", "J."),
        ('"Apple', "Apple"),
        ("(Apple Inc.)", "Apple Inc."),
        ("O'Neil's", "O'Neil's"),
        ("@jack", "@jack"),
        ("Jobs’", "Jobs"),
        ("AT&T!", "AT&T"),
        ("!!!", "!!!"),
        ("Congo (Brazzaville)", "Congo (Brazzaville)"),
        ("東京。", "東京"),
    ],
)
def test_entities_do_not_swallow_punctuation(text, name):
    start, end = trim(text, 0, len(text))
    assert text[start:end] == name


def test_entities_have_characters_of_the_text_and_mean_scores():
    text = "Then Steve Jobs, of  Apple Inc."
    tags = ["O", "B-PER", "I-PER", "O", "B-ORG", "I-ORG"]
    found = find_entities(text, split_words(text), tags, [1.0, 0.5, 0.7, 1.0, 0.9, 0.8])
    assert [(e.text, e.label) for e in found] == [("Steve Jobs", "PER"), ("Apple Inc.", "ORG")]
    assert all(text[e.start : e.end] == e.text for e in found)
    assert [e.score for e in found] == pytest.approx([0.6, 0.85])
