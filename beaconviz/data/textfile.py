"""Read the text of any file or upload (data, designs, rules, documents)."""

import codecs
import unicodedata
from pathlib import Path

from beaconviz.core.errors import BeaconvizError

MAX_BYTES = 50_000_000  # sixteen times the training data of ner-mini
_MARKS = {  # byte order marks; UTF-32's come first, since one begins with UTF-16's
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}

# The first bytes of binary formats, with their names and how to get text from them.
_OTHERS = {
    b"\x1f\x8b": "a gzip file: unpack it first",
    b"BZh": "a bzip2 file: unpack it first",
    b"\xfd7zXZ": "an xz file: unpack it first",
    b"\x28\xb5\x2f\xfd": "a zstd file: unpack it first",
    b"PK\x03\x04": "a zip file or a spreadsheet: unpack it first, or save it as CSV",
    b"PAR1": "a Parquet file: write it as JSON Lines (to_json of datasets or pandas)",
    b"ARROW1": "an Arrow file: write it as JSON Lines (to_json of datasets or pandas)",
    b"\xff\xff\xff\xff": "an Arrow stream: write it as JSON Lines (to_json of datasets or pandas)",
    b"%PDF": "a PDF: save its text",
    b"SQLite format 3\0": "an SQLite database: export a table as CSV",
    b"\x78\x9c": "compressed data, as of spaCy's DocBin: write its texts and entities as JSON Lines",
    b"\x80\x04": "a pickle, which can run code: write it as JSON Lines",
    b"\x80\x05": "a pickle, which can run code: write it as JSON Lines",
}
_BEGINNING = 4_096  # bytes that are checked
_TEXTS = (b"BZh", b"PAR1", b"ARROW1", b"%PDF")  # a text file may also begin with these


def read_text(path: Path, expected: str = "a CoNLL or JSON Lines file") -> str:
    """The text of a file, as `decode` gives it.

    Raises:
        BeaconvizError: the file is missing, is a folder or cannot be read, or is not text.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # a ValueError is a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise BeaconvizError(f"cannot read {path}: {reason}; expected {expected}") from None
    return decode(data, str(path))


def decode(data: bytes, name: str) -> str:
    """Decodes UTF-8, or the encoding of a byte order mark: UTF-8, UTF-16 or UTF-32. The mark is
    removed, and lines end in a line feed.

    Raises:
        BeaconvizError: above MAX_BYTES, binary, or in another encoding; names `name`.
    """
    if (binary_kind := _binary_kind(data[:_BEGINNING])) is not None:
        raise BeaconvizError(f"{name} is {binary_kind}; expected text")
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
            "save it as UTF-8, as iconv -f cp1252 -t utf-8 does for Western European text"
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _binary_kind(data: bytes) -> str | None:
    """The kind of a binary file, by its first bytes; None for text."""
    for start, kind in _OTHERS.items():
        if data.startswith(start) and (start not in _TEXTS or _is_binary(data)):
            return kind
    return None


def _is_binary(data: bytes) -> bool:
    text = data.decode("utf-8", "replace")
    return any(unicodedata.category(c) == "Cc" and not c.isspace() for c in text)


def _line(data: bytes, place: int) -> int:
    return data.count(b"\n", 0, place) + 1
