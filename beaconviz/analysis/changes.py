"""What counts as a change between two answers, for each kind of model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from beaconviz.analysis.generations import rewrites
from beaconviz.models.tasks import Over
from beaconviz.runs.answers import Answer
from beaconviz.runs.run import Run


@dataclass(frozen=True)
class Change:
    """An output of one run that the other lacks or has with another value.

    `text` is the part of the input at `start` and `end` that it belongs to: a name or a mask; of
    the whole input it is "class", "answer", "cosine" or "text". `before` and `after` are the values
    (of a name, its label), None where a run has none.
    """

    text: str
    start: int
    end: int
    before: str | None
    after: str | None
    score_before: float | None
    score_after: float | None

    def __str__(self) -> str:
        return f"{self.text} {self.before or 'none'} → {self.after or 'none'}"


def changes(baseline: Run, edited: Run) -> list[Change]:
    """What the edit changed, in the order of the text."""
    found = _CHANGES[baseline.model.task.over](baseline, edited)
    return found + (_written(baseline, edited) if baseline.model.task.over_next else [])


def _entities(baseline: Run, edited: Run) -> list[Change]:
    """Entities that appeared, went, or changed their label."""
    old = {(entity.start, entity.end): entity for entity in baseline.entities}
    new = {(entity.start, entity.end): entity for entity in edited.entities}
    found = []
    for start, end in sorted(old.keys() | new.keys()):
        before, after = old.get((start, end)), new.get((start, end))
        if before and after and before.label == after.label:
            continue
        found.append(
            Change(
                text=baseline.aligned.text[start:end],
                start=start,
                end=end,
                before=before.label if before else None,
                after=after.label if after else None,
                score_before=before.score if before else None,
                score_after=after.score if after else None,
            )
        )
    return found


def _classes(baseline: Run, edited: Run) -> list[Change]:
    """Another likeliest class; of several, those that cross ½; a number, to two digits."""
    names, (old, new) = (
        baseline.model.classes,
        (one.class_scores.tolist() for one in (baseline, edited)),
    )
    classing = baseline.model.classing
    if classing == "one":
        before, after = (max(range(len(some)), key=some.__getitem__) for some in (old, new))
        sides = [("class", names[before], names[after], old[before], new[after])]
    elif classing == "several":
        each = zip(names, old, new, strict=True)
        sides = [(name, _yes(p), _yes(q), p, q) for name, p, q in each]
    else:
        sides = [(n, f"{x:.2f}", f"{y:.2f}", x, y) for n, x, y in zip(names, old, new, strict=True)]
    return [_of_all(baseline, *side) for side in sides if side[1] != side[2]]


def _yes(probability: float) -> str:
    return "yes" if probability >= 0.5 else "no"


def _answers(baseline: Run, edited: Run) -> list[Change]:
    """Another answer."""
    before, after = baseline.answer, edited.answer
    if _place(before) == _place(after):
        return []
    (old, was), (new, now) = (
        (None, None) if one is None else (one.text, one.score) for one in (before, after)
    )
    return [_of_all(baseline, "answer", old, new, was, now)]


def _place(answer: Answer | None) -> tuple[int, int] | None:
    return None if answer is None else (answer.start, answer.end)


def _guesses(baseline: Run, edited: Run) -> list[Change]:
    """Another likeliest word, at each place where one is asked for."""
    tokens, found = baseline.aligned, []
    for place in baseline.asked:
        old, new = baseline.guessed(place), edited.guessed(place)
        before, after = int(old.argmax()), int(new.argmax())
        if before == after:
            continue
        start, end = tokens.spans[place]
        was, now = (baseline.model.spell(token) for token in (before, after))
        scores = float(old[before]), float(new[after])
        found.append(Change(tokens.text[start:end], start, end, was, now, *scores))
    return found


def _written(baseline: Run, edited: Run) -> list[Change]:
    """Stretches of a text that are written otherwise."""
    if baseline.generation is None or edited.generation is None:
        return []
    return [
        _of_all(baseline, "text", one.before, one.after, None, None)
        for one in rewrites(baseline.generation, edited.generation)
        if one.before or one.after
    ]


def _states(baseline: Run, edited: Run) -> list[Change]:
    """Another cosine, to two digits."""
    if baseline.cosine is None or edited.cosine is None:
        return []
    old, new = baseline.cosine, edited.cosine
    before, after = f"{old:.2f}", f"{new:.2f}"
    return [] if before == after else [_of_all(baseline, "cosine", before, after, old, new)]


def _of_all(
    baseline: Run,
    what: str,
    before: str | None,
    after: str | None,
    score_before: float | None,
    score_after: float | None,
) -> Change:
    end = len(baseline.aligned.text)
    return Change(what, 0, end, before, after, score_before, score_after)


_CHANGES: dict[Over, Callable[[Run, Run], list[Change]]] = {
    "labels": _entities,
    "classes": _classes,
    "spans": _answers,
    "vocabulary": _guesses,
    "steps": _written,
    "states": _states,
}
