"""What to evaluate: the data, the edit, and how much of it."""

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
from beaconviz.ui.shared.rule_draft import KEY as DESK
from beaconviz.ui.shared.rule_draft import Desk
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
_FIRST_RULE = "mute-punctuation"  # it has something to do in every sentence
_LABELS = {"width": "Distance (words)", "value": "Beacon value (units of S)"}


@dataclass(frozen=True)
class ChosenEdit:
    """An edit to evaluate: its name, and the design it is for a sentence's words; learned beacons
    come beside that, and need no design."""

    name: str
    design_for: DesignFor
    learned: ElasticBeacons | None = None


@dataclass(frozen=True)
class Request:
    """What somebody wants done: an edit, over sentences of a data set, in a model."""

    model: Model
    data: str
    sentences: Sequence[Sentence]
    edit: ChosenEdit


def request(
    session: Session, verb: str, *, busy: bool, with_learned: bool, usual: int, least: int = 1
) -> Request | None:
    """Draw the whole form, with a button called `verb`; the request when it is pressed.

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
    # A setting that fits no sentence is an error; one that misses some leaves them alone.
    chosen.design_for(max(sentences, key=lambda sentence: len(sentence.words)).words)
    return Request(model, dataset.name, sentences, chosen)


def data(session: Session) -> Dataset | None:
    """The data set that is chosen; None while there is none, with a line that says why."""
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
        if source == "Sample":
            return read_dataset(samples.shipped("sample_data") / "hard.conll", tag_map=tag_map)
        if source == "Upload":
            return _uploaded(session, tag_map)
        return _from_path(session, source, tag_map)
    except BeaconvizError as error:
        st.error(line(str(error)), icon=":material/error:")
        return None


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
        BeaconvizError: a file that this app does not open, or that holds no data.
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
    name, content = session.page_data.get("data-file", ("", b""))  # it survives a visit to a page
    if not name:
        return None
    if file is None:
        st.caption(f"{name}, uploaded earlier")
    return read_dataset_text(content, name, tag_map=tag_map)


def edit(session: Session, *, with_learned: bool, or_none: bool = False) -> ChosenEdit | None:
    """The edit that is chosen; None while there is none, or for "No edit" where that may be
    chosen."""
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
    desk: Desk | None = st.session_state.get(DESK)
    if desk is not None and desk.made is not None:
        rules[_TYPED] = desk.made.rule
    with recalled(session, "evaluate-rule", _FIRST_RULE) as key:
        if st.session_state[key] not in rules:
            st.session_state[key] = _FIRST_RULE
        name = st.selectbox("Rule", list(rules), key=key)
    st.caption(plain(rules[name].about))
    return ChosenEdit(f"rule {rules[name].name}", rules[name].design)


def _preset(session: Session) -> ChosenEdit:
    fitting = [name for name, preset in PRESETS.items() if set(preset.settings) <= set(_LABELS)]
    fitting.remove("worked-example")  # it speaks of one sentence
    with recalled(session, "evaluate-preset", fitting[0]) as key:
        name = st.selectbox(
            "Preset", fitting, key=key, format_func=lambda name: PRESETS[name].title
        )
    preset = PRESETS[name]
    settings: dict[str, Any] = {}
    for setting, default in preset.settings.items():
        with recalled(session, f"{name}-{setting}", default) as key:
            whole = isinstance(default, int)
            settings[setting] = st.number_input(
                _LABELS[setting], key=key, step=1 if whole else 1.0, format="%d" if whole else "%g"
            )
    values = " ".join(f"{setting}={value:g}" for setting, value in settings.items())
    make: Callable[..., Design] = preset.make
    return ChosenEdit(f"preset {name} {values}", lambda words: make(words, **settings))


def limit(session: Session, dataset: Dataset | None, *, usual: int, least: int) -> int:
    """How many sentences to take, `usual` of them if nothing is said."""
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
