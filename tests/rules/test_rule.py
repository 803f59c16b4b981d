"""What rules catch and the designs they make, on sentences whose answers are plain to see."""

import math
from textwrap import indent

import pytest
import torch

from beaconviz.core import presets
from beaconviz.core.design import Design
from beaconviz.rules import words as rule_words
from beaconviz.rules.rule import Rule
from beaconviz.rules.words import RuleError, RuleText
from beaconviz.samples import rules

WORDS = ["Ada", "met", "Bob", ",", "but", "Bob", "left", "NATO", "in", "1984", "."]
#        0   1   2   3 4   5   6    7    8  9    10


def rule(*steps: str, reading: str = "product") -> Rule:
    listed = "\n".join(f"  - {indent(step, '    ').strip()}" for step in steps)
    return Rule.from_yaml(
        f"beaconviz-rule: 1\nname: a test\nreading: {reading}\nsteps:\n{listed}\n"
    )


def caught(words: str, sentence: list[str] = WORDS) -> tuple[int, ...]:
    return rule(f"{{words: {words}, beacon: 1}}").caught(sentence)[0]


def beacon(*steps: str, words: list[str] = WORDS) -> list[list[float]]:
    return rule(*steps).design(words).matrix("beacon").tolist()


def rows(chosen: str, column: int, sentence: list[str] = WORDS) -> list[int]:
    """The rows that a step with these rows acts on, for one caught word."""
    step = f"{{words: {{position: {column}}}, rows: {chosen}, beacon: 1}}"
    matrix = rule(step).design(sentence).matrix("beacon")
    assert matrix.sum() == matrix[:, column].sum()
    return matrix[:, column].nonzero().flatten().tolist()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("{match: '^[Bb]'}", (2, 4, 5)),
        ("{match: e}", (1, 6)),
        ("{shape: title}", (0, 2, 5)),
        ("{shape: [upper, digit]}", (7, 9)),
        ("{shape: lower}", (1, 4, 6, 8)),
        ("{in: [BOB, nato, 'ada,']}", (0, 2, 5, 7)),
        ("{punctuation: true}", (3, 10)),
        ("{punctuation: true, not: {in: [',']}}", (10,)),
        ("{position: first}", (0,)),
        ("{position: last}", (10,)),
        ("{position: {from: -3, to: -2}}", (8, 9)),
        ("{position: {from: 1, every: 4}}", (1, 5, 9)),
        ("{position: 40}", ()),
        ("{length: {min: 4}}", (6, 7, 9)),
        ("{length: {min: 1, max: 2}}", (8,)),
        ("{mention: first}", (2,)),
        ("{mention: again}", (5,)),
        ("{mention: once, shape: title}", (0,)),
        ("{not: {punctuation: false}}", (3, 10)),
        ("{shape: title, match: o}", (2, 5)),
        ("all", tuple(range(11))),
    ],
)
def test_words_are_caught_by_all_tests_together(words, expected):
    assert caught(words) == expected


def test_words_of_a_text_are_known_with_punctuation_glued_to_them():
    words = ["“Paris,”", "said", "Smith-Jones:", "paris!", "U.S.", "iPhone", "4th", "喜"]
    assert caught("{in: [paris]}", words) == (0, 3)
    assert caught("{mention: again}", words) == (3,)
    assert caught("{shape: title}", words) == (0, 2)
    assert caught("{shape: upper}", words) == (4,)
    assert caught("{shape: mixed}", words) == (5,)
    assert caught("{shape: [upper, title, lower, mixed, digit]}", words) == tuple(range(7))


@pytest.mark.parametrize(
    ("chosen", "column", "expected"),
    [
        ("all", 2, list(range(11))),
        ("{within: 0}", 2, [2]),
        ("{within: 1}", 2, [1, 2, 3]),
        ("{beyond: 7}", 2, [10]),
        ("{within: 2, beyond: 0}", 0, [1, 2]),
        ("{clause: same}", 1, [0, 1, 2, 3]),
        ("{clause: other}", 1, [4, 5, 6, 7, 8, 9, 10]),
        ("{words: {shape: title}}", 7, [0, 2, 5]),
        ("{words: {shape: title}, within: 2}", 7, [5]),
        ("{mention: same}", 2, [2, 5]),
        ("{mention: same, beyond: 0}", 2, [5]),
    ],
)
def test_rows_are_chosen_for_each_caught_word(chosen, column, expected):
    assert rows(chosen, column) == expected


def test_clauses_end_at_commas_full_stops_and_conjunctions_but_not_at_abbreviations():
    text = "Mr. Smith of Apple Inc. left, because it rained. She came (late); e.g. now -- or so"
    clauses = RuleText(tuple(text.split())).clauses.tolist()
    assert clauses == [0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 5]


def test_amounts_go_by_distance():
    last = {"words": [*"abcdef"]}
    column = [row[5] for row in beacon("{beacon: {per_word: 1.5, from: 1, most: 4}}", **last)]
    assert column == [4, 4, 3, 1.5, 0, 0]
    column = [row[0] for row in beacon("{beacon: {log: 8, start: 1, least: 2}}", **last)]
    assert column == pytest.approx([2, *(1 + 8 * math.log(1 + d) for d in range(1, 6))])
    column = [row[0] for row in beacon("{beacon: {start: 3, per_word: -1, least: 0}}", **last)]
    assert column == [3, 2, 1, 0, 0, 0]
    column = [row[0] for row in beacon("{beacon: {start: 3, log: 0, most: 2}}", **last)]
    assert column == [2] * 6


def test_beacons_of_several_steps_add_up_and_stay_in_bounds():
    matrix = beacon(
        "{words: {shape: title}, beacon: 4}",
        "{words: {in: [bob]}, rows: {within: 1}, beacon: 2}",
        "{words: {in: [nato]}, beacon: -9000}",
        "{words: {shape: upper}, beacon: -9000}",
    )
    assert [row[2] for row in matrix] == [4, 6, 6, 6, 4, 4, 4, 4, 4, 4, 4]
    assert [row[7] for row in matrix] == [-10_000] * 11
    assert sum(map(sum, matrix)) == 3 * 11 * 4 + 2 * 3 * 2 - 11 * 10_000


def test_a_marker_of_a_later_step_wins():
    design = rule(
        "{marker: 0}",
        "{rows: {within: 1}, marker: 1}",
        "{words: {position: first}, marker: 1}",
        reading="mask",
    ).design([*"abcd"])
    assert design.matrix("marker").tolist() == [
        [1, 1, 0, 0],
        [1, 1, 1, 0],
        [1, 1, 1, 1],
        [1, 0, 1, 1],
    ]
    assert len(design.edits) == 1


def test_in_the_product_reading_a_caught_word_is_one_whose_way_rows_attend():
    step = "{words: {mention: first}, rows: {mention: same, beyond: 0}, marker: 1}"
    (edit,) = rule(step).design(WORDS).edits
    assert edit.marker == ((5, 2, 1.0),)


def test_steps_on_the_same_layers_and_heads_make_one_edit_and_others_stack():
    design = rule(
        "{words: {shape: title}, beacon: 4, layers: [1, 2]}",
        "{words: {shape: upper}, beacon: 5, layers: [3], heads: {3: [0, 2]}}",
        "{words: {shape: digit}, beacon: 6, layers: [1, 2]}",
        "{words: {in: [nobody]}, beacon: 7, heads: [1]}",
    ).design(WORDS)
    first, second = design.edits  # the last catches nothing
    assert (first.layers, first.heads) == ((1, 2), "all")
    assert sorted(first.beacon) == [("*", 0, 4), ("*", 2, 4), ("*", 5, 4), ("*", 9, 6)]
    assert (second.layers, second.heads) == ((3,), {3: (0, 2)})
    assert second.beacon == (("*", 7, 5.0),)


@pytest.mark.parametrize("reading", ["product", "gate", "mask"])
def test_a_design_is_neutral_where_nothing_is_caught(reading):
    nothing = rule("{words: {in: [nobody]}, rows: {within: 3}, marker: 0}", reading=reading)
    assert nothing.design(WORDS) == Design.neutral(WORDS, reading=reading)
    assert nothing.caught(WORDS) == ((),)


@pytest.mark.parametrize(
    "step",
    [
        "{rows: {beyond: 2}, beacon: 3}",
        "{rows: {within: 2}, beacon: 3}",
        "{words: {shape: title}, rows: {beyond: 1}, beacon: {log: 2}}",
    ],
)
@pytest.mark.parametrize("size", [0, 1, 2, 3, 11])
def test_designs_say_with_few_cells_what_their_rule_says_cell_by_cell(step, size):
    words = WORDS[:size]
    made = rule(step)
    design = made.design(words)
    (only,) = made.steps
    (columns,) = made.caught(words)
    expected = torch.zeros(size, size)
    for row in range(size):
        for column in columns:
            away = abs(row - column)
            if (only.rows.within is None or away <= only.rows.within) and (
                only.rows.beyond is None or away > only.rows.beyond
            ):
                expected[row, column] = 2 * math.log1p(away) if only.amount.log else 3
    torch.testing.assert_close(design.matrix("beacon"), expected)


def test_a_rule_of_columns_and_a_rule_of_far_words_stay_small():
    words = [f"Word{n}" for n in range(100)]
    assert len(rule("{beacon: 2}").design(words).edits[0].beacon) == 100
    far = rule("{rows: {beyond: 3}, beacon: 8}").design(words)
    assert len(far.edits[0].beacon) == 100 + 7 * 100 - 12  # a star, and what is near
    assert torch.equal(
        far.matrix("beacon"), presets.long_distance(words, value=8.0).matrix("beacon")
    )


def test_a_text_too_long_for_pairs_of_words_is_told_and_columns_still_work():
    words = ["Ada"] * 3000
    with pytest.raises(RuleError, match=r"3,000 words; .* at most 1,024"):
        rule("{rows: {within: 1}, beacon: 1}").design(words)
    assert len(rule("{words: {shape: title}, beacon: 1}").design(words).edits[0].beacon) == 3000


@pytest.mark.parametrize(
    "step",
    [
        "{words: {match: '(a|aa)+$'}, beacon: 1}",
        "{rows: {words: {match: '(a|aa)+$'}}, beacon: 1}",
    ],
)
def test_a_pattern_that_never_ends_is_stopped(step, monkeypatch):
    monkeypatch.setattr(rule_words, "MATCH_SECONDS", 0.05)
    endless = rule("{beacon: 1}", step)
    with pytest.raises(
        RuleError, match=r"^step 2, match: the pattern '\(a.* not done after 0.05 s"
    ):
        endless.design(["a" * 60 + "!"] * 5)


def test_the_shipped_rules_are_whole_and_each_catches_what_it_is_for():
    shipped = {name: Rule.from_yaml(text) for name, text in rules().items()}
    assert len(shipped) == 5
    assert all(one.about.endswith(".") and len(one.about) > 40 for one in shipped.values())

    def pairs(name: str, text: str, matrix: str = "beacon") -> set[tuple[str, str]]:
        words = text.split()
        design = shipped[name].design(words)
        neutral = Design.neutral(words, reading=design.reading)
        away = design.matrix(matrix) - neutral.matrix(matrix)
        return {(words[i], words[j]) for i, j in away.nonzero().tolist()}

    assert pairs("long-distance", "a b c d e") == {("a", "e"), ("e", "a")}
    assert pairs("local-window", "a b c d e f", "marker") == {("a", "f"), ("f", "a")}
    assert {i for _, i in pairs("mute-punctuation", "Ada , Bob .")} == {",", "."}
    assert pairs("first-mention", "Ada met Bob ; Ada. fled") == {("Ada.", "Ada")}
    held = pairs("long-names", "University of Cape Town won in Rome")
    assert {("University", "Cape"), ("Town", "Cape"), ("University", "of"), ("Cape", "of")} <= held
    assert not {word for pair in held for word in pair} & {"won", "in", "Rome"}
