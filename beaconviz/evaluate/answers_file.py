"""The answers of an evaluation in a JSON Lines file, so that an interrupted one can be resumed.

The first line holds a key of the data, model and edit; each other line the answers to one
sentence. An incomplete line (a killed process, a full disk) is dropped.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from beaconviz.core.errors import BeaconvizError
from beaconviz.data.conll import Sentence
from beaconviz.evaluate.judge import Judged


def evaluation_key(sentences: Sequence[Sentence], model: str, edit: str) -> str:
    """The key of an evaluation: a hash of the data, the model's name and `edit`, the full
    definition of the edit."""
    identity = json.dumps(
        [model, edit, [(sentence.as_written, sentence.tags) for sentence in sentences]]
    )
    return hashlib.sha256(identity.encode()).hexdigest()


class Saved:
    """The answers of one evaluation in a file.

    Raises:
        BeaconvizError: a file that cannot be read or written, or is another evaluation's.
    """

    def __init__(self, file: Path, key: str) -> None:
        self.file, self.key = file, key
        lines = self._lines()
        self.done = {answers.number: answers for answers in filter(None, map(_judged, lines[1:]))}
        if lines:
            self._check(lines[0])
        self._write("w", [json.dumps({"evaluation": key}), *map(_line, self.done.values())])

    def add(self, judged: Iterable[Judged]) -> None:
        """Add answers to the file."""
        judged = list(judged)
        self.done |= {answers.number: answers for answers in judged}
        self._write("a", map(_line, judged))

    def _lines(self) -> list[str]:
        try:
            return self.file.read_text("utf-8").splitlines() if self.file.exists() else []
        except (OSError, UnicodeDecodeError):
            raise self._not_an_evaluation() from None

    def _check(self, first: str) -> None:
        try:
            key = json.loads(first)["evaluation"]
        except (ValueError, TypeError, KeyError):
            raise self._not_an_evaluation() from None
        if key != self.key:
            raise BeaconvizError(
                f"{self.file} holds answers for other data, another model or another edit; "
                "name another file, or delete it"
            )

    def _not_an_evaluation(self) -> BeaconvizError:
        return BeaconvizError(
            f"{self.file} holds no answers of an evaluation; name a new file to keep them in"
        )

    def _write(self, mode: str, lines: Iterable[str]) -> None:
        try:
            with self.file.open(mode, encoding="utf-8") as out:
                out.writelines(f"{line}\n" for line in lines)
        except OSError as error:
            raise BeaconvizError(
                f"cannot write {self.file}: {error.strerror}; what it holds is kept: "
                "free disk space, or name another file"
            ) from None


def _line(judged: Judged) -> str:
    return json.dumps(asdict(judged))


def _judged(line: str) -> Judged | None:
    try:
        return _JUDGED.validate_json(line, strict=True)
    except ValidationError:
        return None


_JUDGED = TypeAdapter(Judged)
