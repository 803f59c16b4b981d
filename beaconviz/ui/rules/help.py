"""The fields of a rule, as a help text for the sidebar."""

STYLE = """<style>
.bv-help { font-size: 0.8rem; line-height: 1.35; }
.bv-help h4 { font-size: 0.85rem; font-weight: 600; margin: 0.8rem 0 0.1rem; padding: 0; }
.bv-help p { margin: 0 0 0.3rem; font-size: inherit; line-height: inherit; }
.bv-help div { margin-bottom: 0.2rem; color: color-mix(in srgb, currentColor 80%, transparent); }
.bv-help code { font-size: 0.75rem; padding: 0; background: none; color: var(--st-text-color, inherit); }
.st-key-rule-text textarea { font: 0.82rem/1.5 var(--st-code-font, monospace); tab-size: 2; }
</style>"""

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


def _section(title: str, about: str, fields: tuple[tuple[str, str], ...]) -> str:
    listed = "".join(f"<div><code>{code}</code> {says}</div>" for code, says in fields)
    return f"<h4>{title}</h4><p>{about}</p>{listed}"


HELP = f"<div class='bv-help'>{''.join(_section(*section) for section in _SECTIONS)}</div>"
