"""The fields of a rule, as a help text for the sidebar."""

from markupsafe import Markup

from beaconviz.figures.markup import macros

_HTML = macros(__file__)
STYLE: Markup = _HTML.style()

_SECTIONS = (
    (
        "words: which words match",
        "All fields that are given have to hold; without any, every word matches.",
        (
            ("match: '^Mc'", "a regular expression found in the word"),
            ("shape: [title, upper]", "or lower, mixed, digit"),
            ("in: [of, the]", "in any case, with or without punctuation"),
            ("punctuation: true", "neither letter nor digit"),
            ("position: first", "last, 3, or {from: 1, to: -2, every: 2}"),
            ("length: {min: 4}", "letters and digits; also max"),
            ("mention: first", "of several; also again, once"),
            ("not: {in: [The]}", "the opposite of such fields"),
        ),
    ),
    (
        "rows: which words attend to them",
        "If left out, all words.",
        (
            ("within: 3", "at most so many words away"),
            ("beyond: 3", "further away"),
            ("clause: same", "or other"),
            ("mention: same", "the same word again"),
            ("words: {shape: title}", "fields as above"),
        ),
    ),
    (
        "beacon or marker: the value",
        "A number, or a function of the distance. Beacons of several steps are added; of markers, "
        "the last one counts.",
        (
            ("beacon: 6", "in units of S"),
            ("beacon: {per_word: 1.5, from: 3, most: 40}", "more with each word beyond 3"),
            ("beacon: {log: 8, start: 2, least: 0}", "8 · ln(1 + words away) + 2"),
        ),
    ),
    (
        "layers, heads: where the edit acts",
        "If left out, all of them.",
        (("layers: [3, 4]", ""), ("heads: {3: [0, 7]}", "or a list, for every layer")),
    ),
)

HELP: Markup = _HTML.help(_SECTIONS)
