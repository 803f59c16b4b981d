"""The text of any file or upload (data, designs, rules, documents), or why it cannot be read."""

import codecs
from pathlib import Path

from beaconviz.core.errors import BeaconvizError

MAX_BYTES = 50_000_000  # sixteen times the training data of ner-mini
_MARKS = {  # byte order marks; UTF-16's little-endian one begins UTF-32's
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


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
    """UTF-8 as text, or what a byte order mark says: UTF-8, UTF-16 or UTF-32. The mark is taken
    away, and lines end in a line feed.

    Raises:
        BeaconvizError: above MAX_BYTES, binary, or in another encoding; names `name`.
    """
    if len(data) > MAX_BYTES:
        raise BeaconvizError(
            f"{name} has more than {MAX_BYTES // 1_000_000} MB, which is the most that is read: "
            "split it at a blank line, or take a part of it"
        )
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)
    if encoding is None and (zero := data.find(b"\0")) >= 0:
        raise BeaconvizError(
            f"{name}, line {_line(data, zero)}: found a NUL byte, so this is binary, or UTF-16 "
            "without a byte order mark; expected text: save it as UTF-8"
        )
    try:
        text = data.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        if encoding is not None:
            raise BeaconvizError(
                f"{name} begins as {encoding.upper()} text and does not go on as that "
                f"(byte {error.start}): save it as UTF-8"
            ) from None
        raise BeaconvizError(
            f"{name} is not UTF-8 text (byte {error.start}, line {_line(data, error.start)}): "
            "save it as UTF-8, as iconv -f latin1 -t utf-8 does for Western European text"
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _line(data: bytes, place: int) -> int:
    return data.count(b"\n", 0, place) + 1
