"""Check the names of a checkpoint's labels: one for each number from 0 on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from beaconviz.core.errors import BeaconvizError

_PROBLEMS = ("regression", "single_label_classification", "multi_label_classification")
_EXPECTED = 'expected a name for each number from 0 on, such as {"0": "O", "1": "B-PER"}'


def check_labels(place: str, config: Mapping[str, Any]) -> None:
    """Raises `BeaconvizError` unless each label in a config.json has a distinct name.

    Args:
        place: the checkpoint's name in errors.
    """
    if (problem := config.get("problem_type")) not in (None, *_PROBLEMS):
        raise BeaconvizError(
            f"problem_type in config.json of {place} is {problem!r}; expected {', '.join(_PROBLEMS)}, "
            "or none"
        )
    names = config.get("id2label")
    if names is None:
        if config.get("label2id"):
            raise BeaconvizError(
                f"config.json of {place} has label2id and no id2label: add id2label, the same turned "
                f"round; {_EXPECTED}"
            )
        return
    if not _is_numbered(names):
        raise BeaconvizError(f"id2label in config.json of {place} is {_start(names)}; {_EXPECTED}")
    numbered = {int(number): label for number, label in names.items()}
    _check_names(place, numbered)
    _check_numbers(place, numbered, config.get("num_labels"))
    _check_agreement(place, numbered, config.get("label2id"))


def remarks_on_labels(names: Sequence[str], label_kind: str) -> tuple[str, ...]:
    """A remark where the labels have only the default names of transformers (LABEL_0, …).

    Args:
        label_kind: what the labels name, "entities" or "classes".
    """
    if len(names) < 2 or not all(re.fullmatch(r"LABEL_\d+", name) for name in names):
        return ()
    outside = ", with O for no entity" if label_kind == "entities" else ""
    return (
        f"The {label_kind} have no names ({names[0]} to {names[-1]}): name them in id2label of "
        f"config.json{outside}.",
    )


def _check_names(place: str, numbered: Mapping[int, Any]) -> None:
    for number, label in numbered.items():
        if not isinstance(label, str) or not label.strip():
            raise BeaconvizError(
                f"id2label in config.json of {place} calls label {number} {label!r}; expected a name"
            )
    label, times = max(Counter(numbered.values()).items(), key=lambda pair: pair[1])
    if times > 1:
        both = [str(number) for number, name in numbered.items() if name == label]
        raise BeaconvizError(
            f"id2label in config.json of {place} has the name {label!r} for labels "
            f"{' and '.join(both[:2])}: give each a name of its own"
        )


def _check_numbers(place: str, numbered: Mapping[int, Any], count: Any) -> None:
    gaps = sorted(set(range(max(numbered) + 1)) - set(numbered))
    if gaps:
        raise BeaconvizError(
            f"id2label in config.json of {place} has no name for label {gaps[0]}; {_EXPECTED}"
        )
    if count is not None and count != len(numbered):
        raise BeaconvizError(
            f"config.json of {place} says num_labels {count!r} and names {len(numbered)} labels in "
            "id2label: take num_labels out, or name as many"
        )


def _check_agreement(place: str, numbered: Mapping[int, str], numbers: Any) -> None:
    """Raises where label2id contradicts id2label. One with another set of
    names is ignored."""
    if not isinstance(numbers, Mapping) or set(numbers) != set(numbered.values()):
        return
    for number, label in numbered.items():
        if str(numbers[label]) != str(number):
            raise BeaconvizError(
                f"config.json of {place} contradicts itself: by id2label {label!r} is label {number}, "
                f"by label2id {numbers[label]!r}; make them agree"
            )


def _is_numbered(names: Any) -> bool:
    return bool(
        isinstance(names, Mapping) and names and all(str(number).isdecimal() for number in names)
    )


def _start(names: Any) -> str:
    text = repr(names)
    return text if len(text) <= 60 else f"{text[:57]}…"
