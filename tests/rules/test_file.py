"""The rule file: what is read is written back, and what does not fit is told in one line."""

import pytest

from beaconviz.core.errors import BeaconvizError
from beaconviz.rules.rule import MAX_STEPS, Rule
from beaconviz.samples import rules

HEAD = "beaconviz-rule: 1\nname: a test\n"
EVERYTHING = """
beaconviz-rule: 1
name: "Everything: & more"
about: 'All fields, with ü and "quotes".'
reading: gate
steps:
  - words:
      match: '\\d{2}'
      shape: [title, upper]
      in: [of, no, "1"]
      punctuation: false
      position: {from: 2, every: 3}
      length: {max: 9}
      mention: again
      not: {in: [off]}
    rows: {within: 9, beyond: 1, clause: other, mention: same, words: {position: last}}
    beacon: {start: -1, per_word: 1.5, log: 2, from: 3, least: -1e-3, most: 40}
    layers: [0, 2]
    heads: {0: [1], 2: [0, 3]}
  - marker: 0.5
    heads: [0]
"""


@pytest.mark.parametrize("text", [EVERYTHING, *rules().values()])
def test_a_rule_is_written_as_it_was_read(text):
    rule = Rule.from_yaml(text)
    assert Rule.from_yaml(rule.to_yaml()) == rule


def test_what_is_left_out_is_not_written_and_numbers_stay_short():
    rule = Rule.from_yaml(
        f"{HEAD}steps:\n"
        "  - {words: all, rows: all, beacon: {start: 3, log: 0, most: 2}}  # 2 at any distance\n"
        "  - {words: {position: {every: 1}, shape: title, not: {in: [on, 'no']}}, marker: 0.5}\n"
    )
    assert rule.to_yaml() == (
        "beaconviz-rule: 1\nname: a test\nsteps:\n- {beacon: 2}\n"
        "- words:\n    shape: [title]\n    position: {every: 1}\n    not:\n      in: [on, no]\n"
        "  marker: 0.5\n"
    )
    assert Rule.from_yaml(rule.to_yaml()) == rule


def test_yaml_is_read_as_its_version_1_2_has_it():
    """Words that YAML 1.1 took for truth values, dates and times are words."""
    words = ["on", "off", "yes", "no", "n", "2020-01-01", "12:30", "=x"]
    rule = Rule.from_yaml(
        f"\ufeff{HEAD}steps:\n  - {{words: {{in: [{', '.join(words)}]}}, beacon: 1e1}}"
    )
    assert list(rule.steps[0].words.among) == words
    assert rule.steps[0].amount.start == 10


def test_all_fields_are_read():
    rule = Rule.from_yaml(EVERYTHING)
    first, second = rule.steps
    assert (rule.name, rule.reading) == ("Everything: & more", "gate")
    assert first.words.among == ("of", "no", "1")
    assert first.words.opposite.among == ("off",)
    assert (first.rows.clause, first.rows.words.position.start) == ("other", -1)
    assert (first.amount.least, first.amount.beyond) == (-0.001, 3)
    assert (first.layers, first.heads) == ((0, 2), {0: (1,), 2: (0, 3)})
    assert (second.matrix, second.amount.start, second.layers) == ("marker", 0.5, "all")


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("{beacon: 1, marker: 1}", "step 2 has both a beacon and a marker"),
        ("{words: all}", "step 2 has neither beacon nor marker"),
        ("beacon", "step 2 is 'beacon'; expected an object with words, rows"),
        ("{baecon: 1}", "step 2 has the unknown field 'baecon' (did you mean beacon?)"),
        ("{beacon: '4'}", "step 2, beacon is '4'; expected a number from -10000 to 10000"),
        ("{beacon: true}", "step 2, beacon is True; expected a number from -10000 to 10000"),
        ("{beacon: .nan}", "step 2, beacon is nan; expected a number from -10000 to 10000"),
        ("{beacon: 1e5}", "step 2, beacon is 100000.0; expected a number from -10000 to 10000"),
        (f"{{beacon: 0x{'f' * 6000}}}", "step 2, beacon is a number of thousands of digits"),
        ("{beacon: {from: 3}}", "step 2, beacon has neither per_word nor log"),
        ("{beacon: {log: 1, to: 3}}", "step 2, beacon has the unknown field 'to'"),
        (
            "{beacon: {log: 1, least: 3, most: 1}}",
            "step 2, beacon has the least 3, which is above most, 1",
        ),
        ("{words: title, beacon: 1}", "step 2, words is 'title'; expected an object with match"),
        ("{words: {}, beacon: 1}", "step 2, words is {}; expected a field or more"),
        ("{words: {shap: title}, beacon: 1}", "'shap' (did you mean shape?); known are match"),
        (
            "{words: {shape: titel}, beacon: 1}",
            "words.shape is 'titel'; expected 'upper', 'title', 'lower', 'mixed' or 'digit' (did you mean title?)",
        ),
        ("{words: {in: [1]}, beacon: 1}", "words.in[0] is 1; expected a word: put it in quotes"),
        (
            "{words: {match: '(a'}, beacon: 1}",
            "words.match is '(a', which is no regular expression",
        ),
        ("{words: {match: '(a{99}){99}'}, beacon: 1}", "counts come to more than 1,000 copies"),
        (
            "{words: {position: {every: 0}}, beacon: 1}",
            "step 2, words.position.every is 0; expected 1 or more",
        ),
        ("{words: {position: middle}, beacon: 1}", "words.position is 'middle'; expected first"),
        (
            "{words: {length: {min: 4, max: 2}}, beacon: 1}",
            "words.length has the min 4, which is above max, 2",
        ),
        (
            "{words: {not: {not: {in: [a]}}}, beacon: 1}",
            "words.not has a 'not' within a 'not'; expected one",
        ),
        ("{rows: {within: 1.5}, beacon: 1}", "step 2, rows.within is 1.5; expected a whole number"),
        (
            "{rows: {words: {shap: x}}, beacon: 1}",
            "step 2, rows.words has the unknown field 'shap'",
        ),
        ("{rows: near, beacon: 1}", "step 2, rows is 'near'; expected an object with within"),
        ("{rows: {}, beacon: 1}", "step 2, rows is {}; expected a field or more"),
        ("{words: {shape: []}, beacon: 1}", "words.shape has 0 entries; expected at least 1"),
        ("{words: {shape: }, beacon: 1}", "words.shape is empty; expected a value: give one, or"),
        ("{words: {among: [a]}, beacon: 1}", "step 2, words has the unknown field 'among'"),
        ("{words: {in: a}, beacon: 1}", "step 2, words.in is 'a'; expected a list"),
        ("{words: {position: 1.5}, beacon: 1}", "words.position is 1.5; expected first, last"),
        ("{words: {match: ' '}, beacon: 1}", "words.match is ' '; expected a text that is not"),
        ("{beacon: {}}", "step 2, beacon is {}; expected a field or more"),
        ("{beacon: }", "step 2, beacon is empty; expected a value"),
        ("{layers: [0, a], beacon: 1}", "step 2, layers[1] is 'a'; expected a whole number"),
        ("{heads: {a: [1]}, beacon: 1}", "step 2, heads has the key 'a'; expected a whole number"),
        ("{layers: 3, beacon: 1}", "step 2, layers is 3; expected 'all' or a list"),
        ("{heads: {0: [-1]}, beacon: 1}", "step 2, heads[0][0] is -1; expected 0 or more"),
    ],
)
def test_a_step_that_does_not_fit_is_named_with_its_field(step, said):
    with pytest.raises(BeaconvizError) as told:
        Rule.from_yaml(f"{HEAD}steps:\n  - beacon: 1\n  - {step}\n")
    assert said in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the rule is missing; expected an object with beaconviz-rule"),
        ("- a", "the rule is ['a']; expected an object"),
        ("name: x", '"beaconviz-rule" is missing; expected the version number 1'),
        (
            "beaconviz-rule: 2",
            "the rule is of version 2; this beaconviz reads 1: update beaconviz",
        ),
        ("beaconviz-rule: true", '"beaconviz-rule" is True; expected'),
        ("beaconviz-rule: 1", "the rule has no name; expected a text"),
        (HEAD, "the rule has no steps; expected a list of steps"),
        (f"{HEAD}steps: []", "steps has 0 entries; expected at least 1"),
        (f"{HEAD}steps: [{'{beacon: 1},' * (MAX_STEPS + 1)}]", "steps has 101 entries"),
        (f"{HEAD}steps: [beacon: 1]\nstep: 2", "unknown field 'step' (did you mean steps?)"),
        (
            f"{HEAD}reading: maks\nsteps: [marker: 1]",
            "expected 'product', 'gate' or 'mask' (did you mean mask?)",
        ),
        (
            f"{HEAD}reading: mask\nsteps: [marker: 0.5]",
            "step 1, marker is 0.5; in the mask reading",
        ),
        (f"{HEAD}reading: mask\nsteps: [marker: {{log: 1}}]", "marker is a function of distance"),
        (f"{HEAD}name: again", 'line 3, column 1: found duplicate key "name"'),
        ("a: [1", "the rule is not valid YAML: line 1, column 6"),
        (f"a: {'1' * 5000}", "the rule is not valid YAML (Exceeds"),
        ("a: \x00", "the rule is not valid YAML"),
        ("a: &x [1]\nb: *x", "an anchor, an alias or a tag in line 1"),
        ("a: !!python/name:os.system ''", "an anchor, an alias or a tag in line 1"),
        ("[" * 5_000, "nested too deeply"),
        (
            f"{HEAD}steps:\n  - beacon: 1\n    beacon: {'9' * 300}",
            "line 5, column 5: found duplicate",
        ),
        (f"{HEAD}steps: [{{words: {'{not: ' * 150}{{in: [a]}}{'}' * 150}, beacon: 1}}]", "'not'"),
        ("a" * 100_001, "at most 100 KB are read"),
    ],
)
def test_a_text_that_is_no_rule_is_told_in_one_line(text, said):
    with pytest.raises(BeaconvizError) as told:
        Rule.from_yaml(text)
    assert said in str(told.value)
    assert "\n" not in str(told.value)
