"""The text of a data file or an upload, or one line on why it cannot be read."""

import codecs
from pathlib import Path

from beaconviz.core.errors import BeaconvizError

MAX_BYTES = 50_000_000  # sixteen times the training data of ner-mini
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


def read_text(path: Path, expected: str = "a CoNLL or JSON Lines file") -> str:
    """The text of a file, as `decode` gives it.

    Raises:
        BeaconvizError: the file is missing, is a folder or cannot be read, or is no text.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # a ValueError is a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise BeaconvizError(f"cannot read {path}: {reason}; expected {expected}") from None
    return decode(data, str(path))


def decode(data: bytes, name: str) -> str:
    """UTF-8, with or without a byte order mark, as text whose lines end in a line feed.

    Raises:
        BeaconvizError: above MAX_BYTES, binary, or in another encoding; names `name`.
    """
    if len(data) > MAX_BYTES:
        raise BeaconvizError(
            f"{name} has more than {MAX_BYTES // 1_000_000} MB, which is the most that is read: "
            "split it at a blank line, or take a part of it"
        )
    if data.startswith(_WIDE):
        raise BeaconvizError(f"{name} is UTF-16 or UTF-32 text, expected UTF-8: save it as UTF-8")
    if (zero := data.find(b"\0")) >= 0:
        raise BeaconvizError(
            f"{name}, line {_line(data, zero)}: found a NUL byte, so this is binary or UTF-16; "
            "expected text: save it as UTF-8"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BeaconvizError(
            f"{name} is not UTF-8 text (byte {error.start}, line {_line(data, error.start)}): "
            "save it as UTF-8, as iconv -f latin1 -t utf-8 does for Western European text"
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _line(data: bytes, place: int) -> int:
    return data.count(b"\n", 0, place) + 1
