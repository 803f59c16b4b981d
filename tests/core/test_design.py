import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from beaconviz.core import presets
from beaconviz.core.design import Design
from beaconviz.core.edit import DesignError, Edit
from beaconviz.core.interventions import READINGS

WORDS = ["Steve", "Jobs", "was", "Apple"]
EXAMPLE = presets.EXAMPLE_TEXT.split()


def test_with_cells_is_pure_and_later_cells_win():
    neutral = Design.neutral(WORDS)
    design = neutral.with_cells(beacon=[(0, 1, 2.0)]).with_cells(beacon=[("*", 1, 4), (2, 1, 1.0)])
    assert neutral.is_neutral
    assert not design.is_neutral
    assert design.matrix("beacon")[:, 1].tolist() == [4, 4, 1, 4]
    assert design.value("beacon", 2, 1) == 1
    assert design.value("beacon", 0, 0) == 0
    assert design.edits[0].beacon == (("*", 1, 4.0), (2, 1, 1.0))


@pytest.mark.parametrize("reading", READINGS)
def test_neutral_matrices(reading):
    design = Design.neutral(WORDS, reading=reading)
    expected = torch.eye(4) if reading == "product" else torch.ones(4, 4)
    assert torch.equal(design.matrix("marker"), expected)
    assert design.with_cells(marker=[(1, 1, 1.0)], beacon=[("*", 0, 0.0)]).is_neutral


@pytest.mark.parametrize("reading", READINGS)
def test_without_restores_neutral_even_under_a_star(reading):
    design = Design.neutral(WORDS, reading=reading).with_cells(
        marker=[(1, "*", 0.0), (2, 3, 0.0)], beacon=[("*", 3, 5.0)]
    )
    cleared = design.without(marker=[(1, 1)], beacon=[(0, 3), (2, "*")])
    assert cleared.value("marker", 1, 1) == 1
    assert cleared.value("marker", 1, 0) == 0
    assert cleared.matrix("beacon")[:, 3].tolist() == [0, 5, 0, 5]
    assert design.without(marker=[("*", "*")], beacon=[("*", "*")]).is_neutral


cells = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 2, 3, "*"]),
        st.sampled_from([0, 1, 2, 3, "*"]),
        st.sampled_from([0.0, 1.0]),
    ),
    max_size=8,
)


@settings(deadline=None, max_examples=80)
@given(cells, cells, st.sampled_from(READINGS))
def test_json_gives_the_same_design_back(marker, beacon, reading):
    design = Design.neutral(WORDS, reading=reading).with_cells(marker, beacon)
    design = design.targeting(layers=[0, 2], heads={1: (0, 3)}).stacked(Edit(beacon=((0, 0, 2.5),)))
    assert Design.from_json(design.to_json()) == design


def test_whole_matrices_are_read():
    rows = [[0.0] * 8 for _ in range(8)]
    rows[0][2] = rows[2][6] = 1
    text = json.dumps(
        {"beaconviz": 1, "words": EXAMPLE, "edits": [{"marker": rows, "beacon": [[2, 6, 1]]}]}
    )
    assert Design.from_json(text) == presets.worked_example(EXAMPLE)


def test_three_words_could_be_cells_or_a_matrix():
    def marker(rows):
        text = json.dumps({"beaconviz": 1, "words": ["a", "b", "c"], "edits": [{"marker": rows}]})
        return Design.from_json(text).matrix("marker").tolist()

    assert marker([[0.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]) == [
        [0, 1, 0],
        [0, 1, 0],
        [0, 0, 1],
    ]
    assert marker([[0, 1, 0.5], [1, 2, 0.5], [2, 0, 0.5]]) == [
        [1, 0.5, 0],
        [0, 1, 0.5],
        [0.5, 0, 1],
    ]


@pytest.mark.parametrize("first", READINGS)
@pytest.mark.parametrize("second", READINGS)
def test_the_worked_example_is_the_same_matrix_in_every_reading(first, second):
    design = presets.worked_example(EXAMPLE, reading=first)
    assert design.with_reading(second) == presets.worked_example(EXAMPLE, reading=second)
    assert design.with_reading(second).matrix("marker").sum() == 2


def test_rows_that_were_neutral_stay_neutral_in_another_reading():
    design = Design.neutral(WORDS).with_cells(marker=[(2, 3, 0.5)], beacon=[(0, 1, 3.0)])
    mask = design.with_reading("mask")
    assert mask.matrix("marker").tolist() == [[1] * 4, [1] * 4, [0, 0, 1, 1], [1] * 4]
    assert mask.edits[0].beacon == design.edits[0].beacon


def test_cells_follow_their_words_to_another_text():
    design = Design.neutral(WORDS).with_cells(
        marker=[(2, 3, 0.5)], beacon=[("*", 3, 1.0), (0, 1, 2.0)]
    )
    moved = design.realigned(["Yesterday", "Jobs", "was", "at", "Apple"])
    assert moved.words == ("Yesterday", "Jobs", "was", "at", "Apple")
    assert moved.edits[0].marker == ((2, 4, 0.5),)
    assert moved.edits[0].beacon == (("*", 4, 1.0),)


def test_cells_follow_their_characters_where_the_same_text_is_cut_otherwise():
    words = list("安娜住在")
    design = Design.neutral(words, reading="gate").with_cells(
        marker=[(0, 1, 0.5), (2, 3, 2.0)], beacon=[("*", 0, 1.0), ("*", 1, 1.0), (3, "*", 4.0)]
    )
    moved = design.realigned(["安娜", "住", "在"])
    assert moved.edits[0].marker == ((0, 0, 0.5), (1, 2, 2.0))
    assert moved.edits[0].beacon == (("*", 0, 1.0), (2, "*", 4.0))
    assert moved.realigned(words).edits[0].beacon == (("*", 0, 1.0), ("*", 1, 1.0), (3, "*", 4.0))
    assert design.realigned(words) == design


def edit(**fields):
    return {"beaconviz": 1, "words": WORDS, "edits": [fields]}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], r"the design is \[\]; expected an object with beaconviz, unit"),
        ("x", "the design is .x.; expected an object with"),
        ({"words": WORDS}, '"beaconviz" is missing'),
        ({"beaconviz": 2, "words": WORDS}, "version 2; this beaconviz reads 1: update"),
        ({"beaconviz": True, "words": WORDS}, '"beaconviz" is True'),
        ({"beaconviz": 1}, "the design has no words; expected a list of"),
        ({"beaconviz": 1, "words": []}, "words has 0 entries; expected at least 1"),
        ({"beaconviz": 1, "words": ["a", 3]}, r"words\[1\] is 3; expected a text"),
        (
            {"beaconviz": 1, "words": WORDS, "colour": 1},
            "the design has the unknown field 'colour'; known are beaconviz, unit",
        ),
        (
            {"beaconviz": 1, "words": WORDS, "reading": "sum"},
            "reading is 'sum'; expected 'product', 'gate' or 'mask'$",
        ),
        ({"beaconviz": 1, "words": WORDS, "unit": ["word"]}, "unit is"),
        ({"beaconviz": 1, "words": WORDS, "edits": [4]}, r"edits\[0\] is 4; expected an object"),
        (edit(markers=[]), r"edits\[0\] has the unknown field 'markers' \(did you mean marker\?\)"),
        (edit(marker=[[0, 1]]), r"edits\[0\].marker\[0\] has 2 numbers; expected a cell"),
        (
            edit(marker=[[0, 4, 1.0]]),
            r"edits\[0\].marker\[0\] column is 4; expected a number from 0 to 3",
        ),
        (edit(marker=[[-1, 0, 1.0]]), r"row is -1"),
        (
            edit(beacon=[[0, 1, float("nan")]]),
            r"edits\[0\].beacon\[0\] holds nan; expected a finite number from -10000 to",
        ),
        (edit(beacon=[[0, 1, float("inf")]]), "holds inf"),
        (edit(beacon=[[0, 1, 10001]]), "holds 10001.0; expected a finite number"),
        (edit(beacon=[[0, 1, 10**400]]), "expected a finite number"),
        (edit(beacon=[[0, 1, True]]), r"beacon\[0\]\[2\] is True; expected a finite number"),
        (edit(beacon=[[0, True, 1.0]]), r"beacon\[0\]\[1\] is True; expected a whole number"),
        (edit(beacon=[[0, [1], 1.0]]), r"beacon\[0\]\[1\] is \[1\]; expected a whole number"),
        (
            edit(beacon=[[0, "?", 1.0]]),
            r"beacon\[0\]\[1\] is '\?'; expected a whole number, '\*' or",
        ),
        (edit(beacon=[0, 1, 2]), r"edits\[0\].beacon\[0\] is 0; expected a list"),
        (edit(marker=[[0] * 4] * 3), r"has 4 numbers; expected a cell .* or in all 4 rows of 4"),
        (
            edit(marker=[[0, 0, 0, "x"]] + [[0] * 4] * 3),
            r"marker\[0\]\[3\] is 'x'; expected a whole number or",
        ),
        (edit(layers=[0, "one"]), r"edits\[0\].layers\[1\] is 'one'"),
        (edit(layers="some"), r"edits\[0\].layers is 'some'; expected 'all' or a list"),
        (edit(layers=[1, -1]), r"edits\[0\].layers\[1\] is -1; expected 0 or more"),
        (edit(layers=None), r"layers is missing; expected 'all' or a list"),
        (edit(heads={"x": [1]}), r"edits\[0\].heads has the key 'x'; expected a whole number"),
        (edit(heads={"01": [1]}), r"heads has the key '01'; expected a whole number"),
        (edit(heads={"9" * 50: [1]}), r"heads has the key '9+'; expected less than 1,000,000"),
        (edit(heads=3), r"heads is 3; expected 'all', a list or an object"),
        (edit(beacon=[[0, 1.5, 1]]), "column is 1.5; expected a number from 0 to 3"),
        (edit(beacon=[[0, 1, "*"]]), r"beacon\[0\]\[2\] is '\*'; expected a finite number"),
        (edit(beacon=None), r"edits\[0\].beacon is missing; expected a list"),
        ({"beaconviz": 1.0, "words": WORDS}, '"beaconviz" is 1.0; expected the version number 1'),
        ({"beaconviz": 2, "wordz": 1}, "update beaconviz"),
        (
            {"beaconviz": 1, "words": ["a"] * 8193},
            "words has 8,193 entries; expected at most 8,192",
        ),
        (
            {"beaconviz": 1, "words": WORDS, "edits": [{}] * 10_001},
            "edits has 10,001 entries; expected at most 10,000",
        ),
        ({"beaconviz": 1, "words": WORDS, "reading": "gat"}, r"\(did you mean gate\?\)"),
        (edit(heads={"1": "all"}), r"edits\[0\].heads\[1\] is 'all'; expected a list"),
        (edit(attention="sideways"), "attention is 'sideways'"),
    ],
)
def test_what_does_not_fit_is_named(data, message):
    with pytest.raises(DesignError, match=message) as error:
        Design.from_json(json.dumps(data))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{"beaconviz": 1, "words": ["a"',
            r"not valid JSON \(line 1, column 31: .*\): export it again, or fix it there",
        ),
        ("", r"not valid JSON \(line 1, column 1"),
        ("[" * 100_000, "nested too deeply"),
        ('{"beaconviz": 1, "words": ["a"], "words": ["b"]}', "'words' is given twice"),
        ('{"beaconviz": ' + "9" * 5000 + "}", "not valid JSON .*4300 digits"),
        ("x" * 50_000_000, "50.0 MB; at most 5 MB"),
    ],
)
def test_files_that_are_no_design(text, message):
    with pytest.raises(DesignError, match=message):
        Design.from_json(text)


def test_the_mask_reading_holds_zero_and_one_only():
    with pytest.raises(DesignError, match="M holds only 0 and 1"):
        Design.neutral(WORDS, reading="mask").with_cells(marker=[(0, 1, 0.5)])


def test_presets_make_what_they_say():
    words = ["a", "b", "c", "d", "e", "f"]
    band = presets.local_window(words, width=1).matrix("marker")
    assert band.tolist() == [[float(abs(i - j) <= 1) for j in range(6)] for i in range(6)]
    far = presets.long_distance(words, width=3, value=2.0).matrix("beacon")
    assert far.nonzero().tolist() == [[0, 4], [0, 5], [1, 5], [4, 0], [5, 0], [5, 1]]
    assert presets.look_only_at(words, word=1, target=4).matrix("marker")[1].tolist() == [
        0,
        0,
        0,
        0,
        1,
        0,
    ]
    assert presets.boost(words, word=2, value=3.0).edits[0].beacon == (("*", 2, 3.0),)
    assert presets.mute(words, word=2).matrix("beacon")[5, 2] == -1e4
    pasta = presets.pasta(words, highlighted=[1], head_size=4, alpha=0.5).matrix("beacon")
    assert pasta[0].tolist() == pytest.approx([-1.386, 0, -1.386, -1.386, -1.386, -1.386], abs=1e-3)


@pytest.mark.parametrize(
    "make",
    [
        lambda: presets.worked_example(["too", "short"]),
        lambda: presets.boost(WORDS, word=4),
        lambda: presets.local_window(WORDS, width=-1),
        lambda: presets.pasta(WORDS, highlighted=[9], head_size=32),
        lambda: presets.pasta(WORDS, highlighted=[0], head_size=32, alpha=0.0),
    ],
)
def test_presets_refuse_what_does_not_fit(make):
    with pytest.raises(DesignError):
        make()
