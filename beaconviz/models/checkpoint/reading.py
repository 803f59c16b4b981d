"""Read parts of a checkpoint with transformers, one thread at a time, with one-line errors."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable
from pathlib import Path
from threading import RLock
from typing import Any, ParamSpec, TypeVar

from beaconviz.core.errors import BeaconvizError

Parameters = ParamSpec("Parameters")
Value = TypeVar("Value")

_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

# While `from_pretrained` builds a network, it replaces functions of torch and sets its default type
# for the whole process: two threads that load at once spoil each other's networks.
LOADING = RLock()


def read_part(
    name: str,
    read: Callable[Parameters, Value],
    *args: Parameters.args,
    **kwargs: Parameters.kwargs,
) -> Value:
    """The result of `read`, called while no other thread loads.

    Raises:
        BeaconvizError: whatever it raises, in one line.
    """
    try:
        with LOADING:
            return read(*args, **kwargs)
    except BeaconvizError:
        raise
    except (
        Exception
    ) as error:  # readers raise different errors; all mean that the part cannot be read
        raise BeaconvizError(f"{place_of(name)} could not be read ({first_line(error)})") from error


def place_of(name: str) -> str:
    """The name of a checkpoint in errors."""
    return f"the {'folder' if Path(name).is_dir() else 'model'} {name!r}"


def first_line(error: Exception) -> str:
    """The message of an error, in one line.

    >>> first_line(KeyError("gelu_very_new"))
    "'gelu_very_new' is missing or unknown"
    """
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if isinstance(error, KeyError):
        return f"{lines[0]} is missing or unknown"
    if len(lines) > 1 and lines[0].endswith(":"):
        return f"{lines[0]} {lines[1]}"
    return lines[0] if lines else type(error).__name__


def read_settings(file: Path) -> dict[str, Any]:
    """The object in a JSON file of a checkpoint; empty where there is no such file.

    Raises:
        BeaconvizError: it is not valid JSON, or not an object.
    """
    if not file.is_file():
        return {}
    place = f"{file.name} of the folder {str(file.parent)!r}"
    try:
        data = file.read_bytes()
        if data.startswith(_MARKS):
            raise BeaconvizError(
                f"{place} begins with a byte order mark, which transformers does not read: save it as "
                "UTF-8 without one"
            )
        settings = json.loads(data.decode("utf-8"))
    except json.JSONDecodeError as error:
        raise BeaconvizError(
            f"{place} is not valid JSON (line {error.lineno}, column {error.colno}): save it again "
            "with save_pretrained, or fix it there"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise BeaconvizError(f"{place} could not be read ({first_line(error)})") from None
    if not isinstance(settings, dict):
        raise BeaconvizError(
            f"{place} holds a {type(settings).__name__}; expected an object with names and values, "
            "as save_pretrained writes it"
        )
    return settings
