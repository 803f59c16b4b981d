"""The form for an evaluation: the data, the edit, and the number of sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from beaconviz import samples
from beaconviz.core.design import Design
from beaconviz.core.errors import BeaconvizError
from beaconviz.core.presets import PRESETS
from beaconviz.data.conll import Sentence
from beaconviz.data.dataset import Dataset, parse_tag_map, read_dataset, read_dataset_text
from beaconviz.engine.elastic import ElasticBeacons
from beaconviz.evaluate.judge import DesignFor
from beaconviz.models.model import Model
from beaconviz.rules.rule import Rule
from beaconviz.ui.shared import learned_beacons as learned
from beaconviz.ui.shared.rule_draft import KEY as DRAFT
from beaconviz.ui.shared.rule_draft import RuleDraft
from beaconviz.ui.shared.sources import Source, path_box, source_box
from beaconviz.ui.shared.widgets import recalled
from beaconviz.ui.shell import cache
from beaconviz.ui.shell.access import access
from beaconviz.ui.shell.guard import line, plain
from beaconviz.ui.shell.session import Session

MOST_MEGABYTES = 50
_EDITS = ("The Studio's design", "A preset", "A rule", learned.TITLE)
_NO_EDIT = "No edit"
_TYPED = "The rule on the Rules page"
_FIRST_RULE = "mute-punctuation"  # it matches a word in nearly every sentence
_LABELS = {"width": "Distance (words)", "value": "Beacon value (units of S)"}


@dataclass(frozen=True)
class ChosenEdit:
    """An edit to evaluate.

    Attributes:
        name: a description for the person.
        design_for: makes the design for a sentence's words.
        learned: learned beacons, which are applied before the design.
    """

    name: str
    design_for: DesignFor
    learned: ElasticBeacons | None = None


@dataclass(frozen=True)
class Request:
    """A request to evaluate an edit of a model over sentences of a data set."""

    model: Model
    data: str
    sentences: Sequence[Sentence]
    edit: ChosenEdit


def request(
    session: Session, verb: str, *, busy: bool, with_learned: bool, usual: int, least: int = 1
) -> Request | None:
    """Draw the form, with a button called `verb`; the request in the run in which it is pressed.

    Args:
        busy: whether an evaluation is running, so that the button is disabled.
        with_learned: whether learned beacons can be chosen.
        usual: the default number of sentences.
        least: the smallest number of sentences.

    Raises:
        BeaconvizError: a model without labels for the data, or a setting that fits no sentence.
    """
    st.caption(f"Model: {session.view.model}, as in the Studio")
    dataset = data(session)
    chosen = edit(session, with_learned=with_learned)
    count = limit(session, dataset, usual=usual, least=least)
    ready = dataset is not None and chosen is not None and not busy
    pressed = st.button(verb, type="primary", width="stretch", disabled=not ready)
    if not pressed or dataset is None or chosen is None:
        return None
    model = cache.model(session.view.model)
    sentences = dataset.for_labels(model.labels).sentences[:count]
    # A setting that does not fit the longest sentence fits none, which is an error; sentences that
    # are too short for it are left alone.
    chosen.design_for(max(sentences, key=lambda sentence: len(sentence.words)).words)
    return Request(model, dataset.name, sentences, chosen)


def data(session: Session) -> Dataset | None:
    """Draw the choice of a data set; None while there is none, with a line that says why."""
    source = source_box(session, "data", "Data", key="data-source")
    with recalled(session, "tag-map", "") as key:
        pairs = st.text_input(
            "Rename entity types",
            key=key,
            placeholder="GPE=LOC MISC=O",
            help="Type in the data = type in the model. TYPE=O leaves a type out.",
        )
    try:
        tag_map = parse_tag_map(pairs.split())
        dataset = _read(session, source, tag_map)
    except BeaconvizError as error:
        st.error(line(str(error)), icon=":material/error:")
        return None
    if dataset is not None and dataset.remarks:
        st.caption(plain(" ".join(dataset.remarks)))
    return dataset


def _read(session: Session, source: Source, tag_map: dict[str, str]) -> Dataset | None:
    if source == "Sample":
        return read_dataset(samples.shipped("sample_data") / "hard.conll", tag_map=tag_map)
    if source == "Upload":
        return _uploaded(session, tag_map)
    return _from_path(session, source, tag_map)


def _from_path(session: Session, source: Source, tag_map: dict[str, str]) -> Dataset | None:
    path = path_box(
        session,
        source,
        "data",
        key="data-path",
        label="A file on this machine",
        placeholder="test.conll",
    )
    return dataset_at(path, tag_map) if path else None


def dataset_at(path: str, tag_map: dict[str, str]) -> Dataset:
    """The data set in a file of this machine.

    Raises:
        BeaconvizError: a file that this app may not open, or that is no data set.
    """
    access().check_path("data", path)
    return read_dataset(Path(path), tag_map=tag_map)


def _uploaded(session: Session, tag_map: dict[str, str]) -> Dataset | None:
    file = st.file_uploader(
        "CoNLL (2 to 4 columns) or JSON Lines with spans",
        key="data-file",
        max_upload_size=MOST_MEGABYTES,
    )
    if file is not None:
        session.page_data["data-file"] = file.name, file.getvalue()
    name, content = session.page_data.get("data-file", ("", b""))  # kept during visits to pages
    if not name:
        return None
    if file is None:
        st.caption(f"{name}, uploaded earlier")
    return read_dataset_text(content, name, tag_map=tag_map)


def edit(session: Session, *, with_learned: bool, or_none: bool = False) -> ChosenEdit | None:
    """Draw the choice of an edit; None while there is none, or for "No edit".

    Args:
        with_learned: whether learned beacons can be chosen.
        or_none: whether "No edit" can be chosen.
    """
    edits = [*[_NO_EDIT] * or_none, *(_EDITS if with_learned else _EDITS[:3])]
    usual = _NO_EDIT if or_none else _EDITS[2]
    with recalled(session, "edit-or-none" if or_none else "edit-source", usual) as key:
        if st.session_state[key] not in edits:
            st.session_state[key] = usual
        source = st.selectbox("Edit", edits, key=key)
    if source == _NO_EDIT:
        return None
    if source == _EDITS[0]:
        design = session.view.design
        st.caption("Each cell is applied to the words it names, wherever they stand in a sentence.")
        return ChosenEdit("the Studio's design", _realigned(design))
    if source == _EDITS[1]:
        return _preset(session)
    if source == _EDITS[3]:
        beacons = learned.chosen(session)
        name = learned.TITLE.lower()
        return None if beacons is None else ChosenEdit(name, Design.neutral, beacons)
    return _rule(session)


def _rule(session: Session) -> ChosenEdit:
    rules = {name: Rule.from_yaml(text) for name, text in samples.rules().items()}
    draft: RuleDraft | None = st.session_state.get(DRAFT)
    if draft is not None and draft.result is not None:
        rules[_TYPED] = draft.result.rule
    with recalled(session, "evaluate-rule", _FIRST_RULE) as key:
        if st.session_state[key] not in rules:
            st.session_state[key] = _FIRST_RULE
        name = st.selectbox("Rule", list(rules), key=key)
    st.caption(plain(rules[name].about))
    return ChosenEdit(f"rule {rules[name].name}", rules[name].design)


def _preset(session: Session) -> ChosenEdit:
    fitting = [name for name, preset in PRESETS.items() if set(preset.settings) <= set(_LABELS)]
    fitting.remove("worked-example")  # it is for one sentence
    with recalled(session, "evaluate-preset", fitting[0]) as key:
        name = st.selectbox(
            "Preset", fitting, key=key, format_func=lambda name: PRESETS[name].title
        )
    preset = PRESETS[name]
    settings: dict[str, Any] = {}
    for setting, default in preset.settings.items():
        with recalled(session, f"{name}-{setting}", default) as key:
            is_integer = isinstance(default, int)
            settings[setting] = st.number_input(
                _LABELS[setting],
                key=key,
                step=1 if is_integer else 1.0,
                format="%d" if is_integer else "%g",
            )
    values = " ".join(f"{setting}={value:g}" for setting, value in settings.items())
    make: Callable[..., Design] = preset.make
    return ChosenEdit(f"preset {name} {values}", lambda words: make(words, **settings))


def limit(session: Session, dataset: Dataset | None, *, usual: int, least: int) -> int:
    """Draw the choice of the number of sentences, by default `usual`."""
    if dataset is None:
        return 0
    count = len(dataset.sentences)
    if count < 20:
        return count
    with recalled(session, f"limit-{usual}-{dataset.name}-{count}", min(count, usual)) as key:
        return int(st.number_input(f"Sentences, of {count:,}", least, count, key=key))


def _realigned(design: Design) -> DesignFor:
    def for_words(words: Sequence[str]) -> Design:
        return design.realigned(tuple(words))

    return for_words
