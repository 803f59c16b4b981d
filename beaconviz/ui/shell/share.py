"""A view as a short text that fits in a link, and back: JSON, zlib, base64url.

Cells go by columns (all rows, all columns, all values), which zlib packs thirty times smaller
than cell by cell: a local window over 128 words has 15,750 cells and takes 1,700 characters.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from typing import Any, NoReturn, TypeVar

from beaconviz.core.design import Design
from beaconviz.core.edit import MATRICES
from beaconviz.core.errors import BeaconvizError
from beaconviz.core.maps import PAIRS
from beaconviz.runs.generate import MAX_BEAMS
from beaconviz.ui.shell.state import View

T = TypeVar("T")

VERSION = 1
MAX_LINK = 30_000  # characters; servers and browsers begin to refuse addresses above about 64,000
MAX_NAME = 40  # characters of a panel's name
MAX_JSON = 1_000_000  # bytes once decompressed


class LinkError(BeaconvizError):
    """A link that is cut off, altered, too long, or not one of ours."""


def encode(view: View) -> str:
    """The view as a text of letters, digits, `-` and `_`.

    Raises:
        LinkError: the link would be too long for browsers and servers.
    """
    if (values := _distinct(view.design)) > MAX_LINK / 2:  # each takes about two characters or more
        raise LinkError(
            f"this design has {values:,} different numbers, more than a link of {MAX_LINK:,} "
            "characters holds: save it as a file instead"
        )
    record = {
        "beaconviz": VERSION,
        "model": view.model,
        "text": view.text,
        "design": _by_columns(view.design),
        "parked": None if view.other_unit is None else _by_columns(view.other_unit),
        "edit": view.edit,
        "layer": view.layer,
        "head": view.head,
        "special": view.special,
        "panel": view.panel,
        **({"second": view.second} if view.second else {}),
        **({"pair": view.pair} if view.pair != "all" else {}),
        **({"beams": view.beams} if view.beams != 1 else {}),
        **({"forced": view.forced} if view.forced else {}),
        **({"chat": True} if view.chat else {}),
    }
    packed = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()
    link = base64.urlsafe_b64encode(zlib.compress(packed, 9)).decode().rstrip("=")
    if len(link) > MAX_LINK:
        raise LinkError(
            f"this design takes a link of {len(link):,} characters, above the {MAX_LINK:,} that "
            "browsers carry safely: save it as a file instead"
        )
    return link


def decode(link: str) -> View:
    """The view that a link carries. Nothing in it is trusted.

    Raises:
        BeaconvizError: what is wrong with the link, in one line.
    """
    record = _unpack(link)
    version = record.get("beaconviz")
    if version != VERSION:
        raise LinkError(
            f"the link says beaconviz {version!r}; this one reads {VERSION}: "
            "open it with the beaconviz that made it"
        )
    design = _from_columns(record.get("design"))
    other_unit = record.get("parked")  # the name that it has in links
    pair = _take({"pair": "all"} | record, "pair", str)
    return View(
        text=_take(record, "text", str),
        model=_take(record, "model", str),
        design=design,
        other_unit=None if other_unit is None else _from_columns(other_unit),
        edit=_number(record, "edit", len(design.edits)) or 0,
        layer=_number(record, "layer"),
        head=_number(record, "head"),
        special=_take(record, "special", bool),
        panel=_take(record, "panel", str)[:MAX_NAME],  # a page without it opens its first
        second=_take({"second": ""} | record, "second", str),
        pair=pair if pair in PAIRS else PAIRS[0],
        beams=_number({"beams": 1} | record, "beams", MAX_BEAMS + 1) or 1,
        forced=_take({"forced": ""} | record, "forced", str),
        chat=_take({"chat": False} | record, "chat", bool),
    )


def _distinct(design: Design) -> int:
    """How many different values the cells of a design have: told before the work of packing."""
    cells = (getattr(edit, name) for edit in design.edits for name in MATRICES)
    return len({value for matrix in cells for _, _, value in matrix})


def _by_columns(design: Design) -> dict[str, Any]:
    data = design.to_dict()
    for edit in data["edits"]:
        for name in MATRICES:
            edit[name] = list(zip(*edit[name], strict=True))
    return data


def _from_columns(data: Any) -> Design:
    try:
        for edit in data["edits"]:
            for name in MATRICES:
                edit[name] = [list(cell) for cell in zip(*edit[name], strict=True)]
    except (TypeError, KeyError, ValueError) as error:
        raise LinkError("the link's design is incomplete: copy the link again") from error
    return Design.from_dict(data)


def _unpack(link: str) -> dict[str, Any]:
    if len(link) > MAX_LINK:
        raise LinkError(f"the link has {len(link):,} characters; at most {MAX_LINK:,} are read")
    try:
        packed = base64.b64decode(link + "=" * (-len(link) % 4), altchars=b"-_", validate=True)
        unzip = zlib.decompressobj()
        text = unzip.decompress(packed, MAX_JSON)
        if not unzip.eof:
            raise LinkError("the link is cut off, or too large: copy it again, whole")
        record = json.loads(text, parse_constant=_refuse)
    except (binascii.Error, zlib.error, ValueError, RecursionError) as error:
        if isinstance(error, LinkError):
            raise
        raise LinkError("the link is cut off or altered: copy it again, whole") from error
    if not isinstance(record, dict):
        raise LinkError(f"the link holds a {type(record).__name__}; expected a JSON object")
    return record


def _refuse(constant: str) -> NoReturn:
    raise LinkError(f"the link holds {constant}; expected finite numbers")


def _take(record: dict[str, Any], field: str, kind: type[T]) -> T:
    value = record.get(field)
    if not isinstance(value, kind):
        raise LinkError(f"the link's {field} is {value!r:.60}; expected a {kind.__name__}")
    return value


def _number(record: dict[str, Any], field: str, below: int = 10_000) -> int | None:
    value = record.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < max(below, 1):
        raise LinkError(f"the link's {field} is {value!r:.60}; expected a number from 0")
    return value
