"""A view as a short text that fits in a link, and back: JSON, zlib, base64url.

Cells go by columns (all rows, all columns, all values), which zlib packs thirty times smaller
than cell by cell: a local window over 128 words has 15,750 cells and takes 1,700 characters.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from typing import Annotated, Any

from pydantic import Field

from beaconviz.core.design import Design
from beaconviz.core.edit import MATRICES
from beaconviz.core.errors import BeaconvizError
from beaconviz.core.maps import PAIRS
from beaconviz.core.schema import Schema, check_version, parse_json, read_as
from beaconviz.runs.generate import MAX_BEAMS
from beaconviz.ui.shell.state import View

VERSION = 1
MAX_LINK = 30_000  # characters; servers and browsers begin to refuse addresses above about 64,000
MAX_NAME = 40  # characters of a panel's name
MAX_JSON = 1_000_000  # bytes once decompressed


class LinkError(BeaconvizError):
    """A link that is cut off, altered, too long, or not one of ours."""


Number = Annotated[int, Field(ge=0, lt=10_000)]


class Link(Schema):
    """What a link carries: a `View`, under the names that its fields have in links. Those with a
    default are left out where they have it."""

    beaconviz: int
    model: str
    text: str
    design: dict[str, Any]
    parked: dict[str, Any] | None  # the view's `other_unit`
    edit: Number
    layer: Number | None
    head: Number | None
    special: bool
    panel: str
    second: str = ""
    pair: str = "all"
    beams: Annotated[int, Field(ge=1, le=MAX_BEAMS)] = 1
    forced: str = ""
    chat: bool = False


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
    other_unit = None if view.other_unit is None else _by_columns(view.other_unit)
    designs = {"design": _by_columns(view.design), "parked": other_unit}
    others = {name: value for name, value in vars(view).items() if name != "other_unit"}
    record = Link(beaconviz=VERSION, **others | designs).model_dump(exclude_defaults=True)
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
    check_version(record, "beaconviz", VERSION, "the link", LinkError)
    try:
        carried = read_as(Link, record, "the link", LinkError)
    except LinkError as error:
        raise LinkError(f"the link cannot be opened: {error}; copy it again, whole") from None
    design = _from_columns(carried.design)
    if carried.edit >= len(design.edits):
        raise LinkError(f"edit is {carried.edit}; the link's design has {len(design.edits)} edits")
    return View(
        design=design,
        other_unit=None if carried.parked is None else _from_columns(carried.parked),
        panel=carried.panel[:MAX_NAME],  # a page without it opens its first
        pair=carried.pair if carried.pair in PAIRS else PAIRS[0],
        **carried.model_dump(exclude={"beaconviz", "design", "parked", "panel", "pair"}),
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


def _unpack(link: str) -> Any:
    if len(link) > MAX_LINK:
        raise LinkError(f"the link has {len(link):,} characters; at most {MAX_LINK:,} are read")
    try:
        packed = base64.b64decode(link + "=" * (-len(link) % 4), altchars=b"-_", validate=True)
        unzip = zlib.decompressobj()
        text = unzip.decompress(packed, MAX_JSON)
        if unzip.eof:
            return parse_json(text.decode(), "the link")
    except (binascii.Error, zlib.error, ValueError) as error:
        raise LinkError("the link is cut off or altered: copy it again, whole") from error
    raise LinkError("the link is cut off, or too large: copy it again, whole")
