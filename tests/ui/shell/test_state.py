"""The view, its history, and the link that carries it."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from beaconviz.core import presets
from beaconviz.core.design import Design
from beaconviz.core.edit import Edit
from beaconviz.core.errors import BeaconvizError
from beaconviz.ui.shell import share
from beaconviz.ui.shell.saved_views import MOST, Shelf
from beaconviz.ui.shell.state import MAX_STEPS, History, View

WORDS = ("Steve", "Jobs", "was")
VIEW = View("Steve Jobs was", Design.neutral(WORDS))


# As beaconviz 0.2.0 wrote them, before pydantic did.
OLD = "eNpdkMEOgjAMhl-F9DwTve4RvHo0HAqruDg6sg1QCe9uKyEm3rrv__tl2wINYRt58m-wJwN9dBTAAlM69J49GCj0LEIuhSaqzrHJ1YxZuKPsOwa7_ClG9tqfY3LSSoTOcydgSNGNbRGmUQZ73ZwC1KpcvLUBcr5ovEDAFyUZAUOQ_C6u36nH9KAkPVnZbqDzWq8GBo0cWB5D2Hxgj2bT7VRl-5wHaj3Ku28YMuk-f38B1g8mpF3v"
OLD_FULL = (
    "eNqNksFugzAMhl-l8nFKEbDuwmVaX2KHikMgHo0aEpSYrRvi3WfD1LWTKu0Awv_vfL9jMUGDug3-3X5BVSjog0EHFVDU"
    "PjlNuO2tt6CA8Eysvxi96ZE2-9CwaDDZzkM1_aGM3krzR4iGuyJqY33HQsdAFkRPUB2ExiXz-C3EWgEaS-JN4PQnRvnM"
    "VcnGkSlJonKWCvXIUilmPTNBxxNGrrhUh4KfPHuquWMdSwx4ACVGqaRll-VqW0rPrH6TQDsHl6Sf6sK-wQlkycpyydFE"
    "6MmKB20MKcEscw1y1tzdD4UT-psFDTGYsaXrHemrHTX3dvT_yetlMCEskywAqMr1LFR-dE5BGrC1mv8DiiPKNfzyU6x4"
    "tpFZ3Ayvx_AMC7zn2J2CtxBbuTCcWW6PmlbE_A1EccAK"
)


def edited(value: float) -> View:
    return replace(VIEW, design=VIEW.design.with_cells(beacon=[(0, 1, value)]))


class TestHistory:
    def test_undo_and_redo_walk_over_the_steps(self) -> None:
        history = History(VIEW).step(edited(1)).step(edited(2))
        assert history.undo().present == edited(1)
        assert history.undo().undo().present == VIEW
        assert history.undo().undo().redo().redo() == replace(history, stroke=None)

    def test_nothing_to_undo_or_redo_changes_nothing(self) -> None:
        history = History(VIEW)
        assert history.undo() is history
        assert history.redo() is history

    def test_one_stroke_is_one_step(self) -> None:
        history = History(VIEW)
        for value in (1, 2, 3):
            history = history.step(edited(value), stroke=7)
        history = history.step(edited(4), stroke=8)
        assert history.undo().present == edited(3)
        assert history.undo().undo().present == VIEW

    def test_painting_on_after_an_undo_is_a_new_step(self) -> None:
        history = History(VIEW).step(edited(1), stroke=7).undo().step(edited(2), stroke=7)
        assert history.undo().present == VIEW

    def test_a_new_step_forgets_what_was_undone(self) -> None:
        history = History(VIEW).step(edited(1)).undo().step(edited(2))
        assert history.redo() is history

    def test_looking_elsewhere_is_no_step_and_survives_undo(self) -> None:
        history = History(VIEW).step(edited(1))
        history = history.step(replace(history.present, layer=3, panel="heads"))
        assert len(history.past) == 1
        assert history.undo().present == replace(VIEW, layer=3, panel="heads")

    def test_undo_brings_back_the_text_of_the_old_design(self) -> None:
        other = View("Ada Lovelace", Design.neutral(["Ada", "Lovelace"]))
        assert History(VIEW).step(other).undo().present == VIEW

    def test_the_past_is_bounded(self) -> None:
        history = History(VIEW)
        for value in range(1, MAX_STEPS + 50):
            history = history.step(edited(value))
        assert len(history.past) == MAX_STEPS


values = some.floats(-1e4, 1e4, allow_nan=False)
cells = some.lists(
    some.tuples(some.sampled_from([0, 1, 2, "*"]), some.sampled_from([0, 1, 2, "*"]), values),
    max_size=5,
)
views = some.builds(
    lambda text, beacon, layers, unit, looks: View(
        text=text,
        design=Design.neutral(WORDS, unit=unit).with_cells(beacon=beacon).targeting(layers=layers),
        other_unit=looks[0],
        layer=looks[1],
        head=looks[2],
        special=looks[3],
        panel=looks[4],
    ),
    some.text(some.characters(exclude_categories=["Cs"])),
    cells,
    some.one_of(some.just("all"), some.lists(some.integers(0, 11), max_size=3)),
    some.sampled_from(["word", "token"]),
    some.tuples(
        some.sampled_from([None, Design.neutral(WORDS)]),
        some.none() | some.integers(0, 11),
        some.none() | some.integers(0, 11),
        some.booleans(),
        some.sampled_from(["", "words", "lessons"]),
    ),
)


class TestLink:
    @given(views)
    def test_a_link_brings_back_the_view(self, view: View) -> None:
        link = share.encode(view)
        assert share.decode(link) == view
        assert link.replace("-", "").replace("_", "").isalnum()

    def test_links_of_version_0_2_0_open_and_are_written_the_same(self) -> None:
        ada = Design.neutral(["Ada", "met", "Bob"], reading="gate")
        ada = ada.with_cells(marker=[(0, 1, 0.5)], beacon=[("*", 2, 4.0), (1, 0, -2.5)])
        ada = ada.targeting(layers=[0, 2], heads={0: (1, 3), 2: (0,)})
        full = View(
            text="Ada met Bob",
            design=ada.stacked(Edit(beacon=((0, 0, 1.0),), attention="cross")),
            other_unit=Design.neutral(["ada", "met", "bob"], unit="token"),
            edit=1,
            model="translate-mini",
            layer=2,
            special=True,
            panel="heads",
            second="Who?",
            beams=4,
            forced="x",
            chat=True,
        )
        for link, view in ((OLD, VIEW), (OLD_FULL, full)):
            assert share.decode(link) == view
            assert share.encode(view) == link

    def test_heads_by_layer_come_back(self) -> None:
        view = replace(VIEW, design=VIEW.design.targeting(heads={2: (1, 3), 4: (0,)}))
        assert share.decode(share.encode(view)) == view

    @given(some.data())
    def test_a_cut_link_is_refused(self, data: some.DataObject) -> None:
        link = share.encode(edited(1.5))
        cut = data.draw(some.integers(0, len(link) - 1))
        with pytest.raises(BeaconvizError):
            share.decode(link[:cut])

    @given(some.text())
    def test_any_other_text_is_refused(self, text: str) -> None:
        with pytest.raises(BeaconvizError):
            share.decode(text)

    def test_a_bomb_is_refused_before_it_unpacks(self) -> None:
        bomb = packed(b"[" + b" " * 20_000_000)
        assert len(bomb) < share.MAX_LINK
        with pytest.raises(share.LinkError, match="too large"):
            share.decode(bomb)

    def test_deep_nesting_is_refused(self) -> None:
        with pytest.raises(share.LinkError, match="altered"):
            share.decode(packed(b"[" * 100_000))

    @pytest.mark.parametrize(
        ("field", "value", "message"),
        [
            ("beaconviz", 2, "reads 1"),
            ("text", 7, "text is 7"),
            ("text", None, "text is missing; expected a text"),
            ("model", ["ner-mini"], "model is"),
            ("design", None, "design is missing; expected an object"),
            ("design", {"beaconviz": 1, "words": ["a"]}, "incomplete"),
            ("design", {"beaconviz": 1, "words": ["a"], "edits": [], "evil": 1}, "unknown field"),
            ("design", {"edits": [{"marker": [[0], [0, 1], [1.0]], "beacon": []}]}, "incomplete"),
            ("design", {"edits": [{"marker": 5, "beacon": []}]}, "incomplete"),
            ("parked", 3, "parked is 3; expected an object"),
            ("parked", {}, "incomplete"),
            ("beams", 0, "beams is 0; expected 1 or more"),
            ("chta", True, r"unknown field 'chta' \(did you mean chat\?\)"),
            ("edit", 1, "edit is 1"),
            ("edit", -1, "edit is -1"),
            ("layer", "0", "layer is '0'"),
            ("layer", True, "layer is True"),
            ("head", 10**30, "head is"),
            ("special", 1, "special is 1"),
        ],
    )
    def test_a_field_that_does_not_fit_is_named(
        self, field: str, value: object, message: str
    ) -> None:
        with pytest.raises(BeaconvizError, match=message):
            share.decode(altered(field, value))

    def test_numbers_that_are_none_are_refused(self) -> None:
        with pytest.raises(share.LinkError, match="nan"):
            share.decode(packed(b'{"beaconviz": NaN}'))
        for number in ("NaN", "Infinity", "1e999"):
            beacon = [["*"], [0], [float(number.replace("1e999", "inf"))]]
            edits = [{"marker": [], "beacon": beacon}]
            with pytest.raises(BeaconvizError, match=r"holds (nan|inf); expected a finite"):
                share.decode(altered("design", {"beaconviz": 1, "words": ["a"], "edits": edits}))

    def test_a_panel_that_is_gone_opens_the_first(self) -> None:
        assert share.decode(altered("panel", "lessons" * 99)).panel == ("lessons" * 99)[:40]

    def test_a_preset_over_many_words_fits(self) -> None:
        words = [f"word{number}" for number in range(128)]
        view = replace(VIEW, design=presets.local_window(words))
        assert len(share.encode(view)) < 4_000
        assert share.decode(share.encode(view)) == view

    def test_a_design_too_large_for_a_link_says_so(self) -> None:
        size = 128
        beacon = [
            (i, j, (i * 7919 + j * 104729) % 9973 / 7) for i in range(size) for j in range(size)
        ]
        design = Design.neutral([f"w{i}" for i in range(size)]).with_cells(beacon=beacon)
        with pytest.raises(share.LinkError, match="save it as a file"):
            share.encode(replace(VIEW, design=design))


def packed(record: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(record)).decode().rstrip("=")


def altered(field: str, value: object) -> str:
    link = share.encode(VIEW)
    record = json.loads(zlib.decompress(base64.urlsafe_b64decode(link + "=" * (-len(link) % 4))))
    return packed(json.dumps(record | {field: value}).encode())


class TestShelf:
    def test_it_holds_the_last_views_each_under_its_key(self) -> None:
        shelf = Shelf()
        first = shelf.put("first", edited(1))
        assert shelf.take(first) == edited(1)
        assert shelf.put("first", edited(2)) == first
        assert shelf.take(first) == edited(2)
        for number in range(MOST):
            shelf.put(str(number), VIEW)
        assert shelf.take("~0") == VIEW
        with pytest.raises(BeaconvizError, match="open the design file that you saved"):
            shelf.take(first)
