"""An index of a collection on disk: vectors, mapped into memory when they are read.

A folder holds:

- `mean.npy` and `received.npy`, Float32["passage hidden"]: vectors of length 1;
- `words.npy`, Float16["word hidden"]: the word vectors of all passages, concatenated;
- `passages.npy`, Int64["passage 4"]: the document's number, the passage's first character and the
  one after its last, and the end of its rows in `words.npy`;
- `manifest.json`: the format's version, and digests of the model and the documents.

It is written to a temporary folder and moved when it is complete, so that an interrupted build
leaves no incomplete index.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from filelock import FileLock
from numpy.lib.format import open_memmap
from numpy.typing import NDArray
from torch import Tensor

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.words import Word, find_words
from beaconviz.models.model import Model
from beaconviz.retrieval import nearest
from beaconviz.retrieval.documents import Collection
from beaconviz.retrieval.encoding import check_model, encode
from beaconviz.retrieval.lexical import Lexical
from beaconviz.retrieval.passages import Passage, cut

FORMAT = 1
MANIFEST = "manifest.json"
_ARRAYS = ("mean", "received", "words", "passages")

Progress = Callable[[int, int], None]  # called with the passages done and the total


class StaleIndexError(BeaconvizError):
    """An index that cannot be used; the text says why."""


@dataclass(frozen=True, eq=False)
class Index:
    """A collection that can be searched.

    Attributes:
        mean, received, words, passages: the arrays described in the module's docstring.
        rebuilt: why an earlier index was replaced; empty if there was none.
    """

    collection: Collection
    model: Model
    folder: Path
    mean: NDArray[np.float32]
    received: NDArray[np.float32]
    words: NDArray[np.float16]
    passages: NDArray[np.int64]
    rebuilt: str = ""
    _graphs: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def lexical(self) -> Lexical:
        """Ranks the documents by their words."""
        return Lexical([document.full for document in self.collection.documents])

    @cached_property
    def firsts(self) -> NDArray[np.int64]:
        """The number of every document's first passage."""
        return np.searchsorted(self.passages[:, 0], np.arange(len(self.collection.documents)))

    def cosines(self, name: Literal["mean", "received"], vector: Tensor) -> NDArray[np.float32]:
        """The cosine of each passage with a vector of length 1, Float["passage"].

        With more than `nearest.LIMIT` passages only the highest are computed; the others are -1.
        """
        vectors: NDArray[np.float32] = getattr(self, name)
        if len(vectors) <= nearest.LIMIT:  # torch, since numpy's threads would slow torch's down
            return (torch.from_numpy(vectors) @ vector).numpy()
        if name not in self._graphs:
            self._graphs[name] = nearest.graph_of(vectors)
        return nearest.products(self._graphs[name], vector.numpy())

    def passage(self, number: int) -> Passage:
        document, start, end = (int(entry) for entry in self.passages[number, :3])
        first, stop = self._rows(number)
        return Passage(document, start, end, stop - first)

    def text(self, number: int) -> str:
        """The text of a passage."""
        passage = self.passage(number)
        return self.collection.documents[passage.document].full[passage.start : passage.end]

    def words_of(self, number: int) -> tuple[Word, ...]:
        """The words of a passage with their positions in its text, one for each row of
        `vectors_of`."""
        text = self.text(number)
        words = find_words(text)
        first, stop = self._rows(number)
        # Fewer where one token covers several characters of a script without spaces.
        return words if len(words) == stop - first else self.model.tokenize(text).words

    def vectors_of(self, number: int) -> Tensor:
        """The vectors of a passage's words, Float["word hidden"]."""
        first, stop = self._rows(number)
        return torch.from_numpy(self.words[first:stop]).float()

    def _rows(self, number: int) -> tuple[int, int]:
        """The first row of a passage in `words`, and the row after its last."""
        first = int(self.passages[number - 1, 3]) if number else 0
        return first, int(self.passages[number, 3])


def default_folder(collection: Collection, model: Model) -> Path:
    """The default folder of an index: in the user's cache, named by documents and model."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    digest = hashlib.sha256(f"{collection.digest} {digest_of(model)}".encode()).hexdigest()
    return cache / "beaconviz" / "indexes" / digest[:20]


def ready_index(
    collection: Collection,
    model: Model,
    folder: Path | None = None,
    *,
    batch: int = 32,
    progress: Progress | None = None,
) -> Index:
    """The index of a collection: opened, or built if there is no usable one.

    Args:
        progress: called with the passages done and the total. An exception that it raises ends the
            build, and an index that was there stays.

    Raises:
        BeaconvizError: a model that gives no vectors, or a folder that holds something else or
            cannot be written.
    """
    check_model(model)
    folder = default_folder(collection, model) if folder is None else Path(folder).expanduser()
    _check_place(folder)
    with suppress(StaleIndexError):  # nothing is written where it is whole
        if (index := _opened(collection, model, folder)) is not None:
            return index
    with _build_lock(folder):
        reason = ""
        try:  # somebody else may have built it meanwhile
            if (index := _opened(collection, model, folder)) is not None:
                return index
        except StaleIndexError as error:
            reason = str(error)
        build_index(collection, model, folder, batch=batch, progress=progress)
        return open_index(collection, model, folder, rebuilt=reason)


def _opened(collection: Collection, model: Model, folder: Path) -> Index | None:
    """The index in a folder; None where there is none."""
    if not folder.is_dir() or not any(folder.iterdir()):
        return None
    return open_index(collection, model, folder)


def _build_lock(folder: Path) -> FileLock:
    """A lock that one session or process of a user holds at a time, to build the index of a folder.
    Its file is kept elsewhere, so that nothing is left beside the folder."""
    name = hashlib.sha256(f"{Path.home()} {folder.resolve()}".encode()).hexdigest()
    return FileLock(Path(tempfile.gettempdir()) / f"beaconviz-{name[:20]}.lock")


def open_index(collection: Collection, model: Model, folder: Path, *, rebuilt: str = "") -> Index:
    """An index that was built before.

    Raises:
        StaleIndexError: it belongs to another collection, model or version, or is damaged.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        expected = _manifest(collection, model)
        for name, reason in (
            ("beaconviz-index", "by another version"),
            ("documents", "of other documents"),
            ("model", "by another model"),
        ):
            if manifest[name] != expected[name]:
                raise StaleIndexError(f"the index in {folder} was made {reason}")
        arrays = {name: _mapped(folder, name) for name in _ARRAYS}
        shapes = {name: list(array.shape) for name, array in arrays.items()}
    except StaleIndexError:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StaleIndexError(f"the index in {folder} is damaged ({_short(error)})") from None
    if shapes != manifest.get("shapes"):
        raise StaleIndexError(f"the index in {folder} is damaged (a file has another size)")
    return Index(collection, model, folder, **arrays, rebuilt=rebuilt)


def _mapped(folder: Path, name: str) -> Any:
    """An array of an index, mapped into memory."""
    try:  # mode "c" does not change the file; with "r" torch would warn about read-only memory
        return np.load(folder / f"{name}.npy", mmap_mode="c")
    except (OSError, ValueError, EOFError):
        raise StaleIndexError(
            f"the index in {folder} is damaged ({name}.npy cannot be read)"
        ) from None


def build_index(
    collection: Collection,
    model: Model,
    folder: Path,
    *,
    batch: int = 32,
    progress: Progress | None = None,
) -> None:
    """Writes the index of a collection and replaces an earlier one; see `ready_index`."""
    check_model(model)
    _check_place(folder)
    passages = cut(model, collection.documents)
    texts = [
        collection.documents[passage.document].full[passage.start : passage.end]
        for passage in passages
    ]
    ends = np.cumsum([passage.words for passage in passages])
    unfinished = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        unfinished.mkdir(parents=True)
        _write(unfinished, collection, model, passages, texts, ends, batch, progress)
        shutil.rmtree(folder, ignore_errors=True)
        unfinished.rename(folder)
    except OSError as error:
        raise BeaconvizError(
            f"cannot write the index to {folder}: {error.strerror}; name another folder"
        ) from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _write(
    folder: Path,
    collection: Collection,
    model: Model,
    passages: list[Passage],
    texts: list[str],
    ends: NDArray[np.int64],
    batch: int,
    progress: Progress | None,
) -> None:
    hidden = int(model.config.hidden_size)
    count, words = len(passages), int(ends[-1])
    shapes = {"mean": (count, hidden), "received": (count, hidden), "words": (words, hidden)}
    dtypes: dict[str, Any] = {"mean": np.float32, "received": np.float32, "words": np.float16}
    arrays = {
        name: open_memmap(folder / f"{name}.npy", mode="w+", dtype=dtypes[name], shape=shape)
        for name, shape in shapes.items()
    }
    for done, (number, vectors) in enumerate(encode(model, texts, batch), 1):
        arrays["mean"][number], arrays["received"][number] = vectors.mean, vectors.received
        arrays["words"][ends[number] - len(vectors.words) : ends[number]] = vectors.words
        if progress is not None:
            progress(done, count)
    for array in arrays.values():
        array.flush()
    np.save(folder / "passages.npy", np.column_stack([np.array(passages, np.int64)[:, :3], ends]))
    manifest = _manifest(collection, model)
    manifest["shapes"] = {
        **{name: list(shape) for name, shape in shapes.items()},
        "passages": [count, 4],
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")


def _manifest(collection: Collection, model: Model) -> dict[str, Any]:
    return {
        "beaconviz-index": FORMAT,
        "model": digest_of(model),
        "model_name": model.name,
        "documents": collection.digest,
    }


def digest_of(model: Model) -> str:
    """SHA-256 of a model's weights and vocabulary, in hexadecimal; computed once per model."""
    digest: str | None = getattr(model.network, "beaconviz_digest", None)
    if digest is None:
        hasher = hashlib.sha256(json.dumps(model.tokenizer.get_vocab(), sort_keys=True).encode())
        for name, weight in sorted(model.network.state_dict().items()):
            hasher.update(name.encode())
            hasher.update(weight.detach().float().cpu().numpy().tobytes())
        digest = model.network.beaconviz_digest = hasher.hexdigest()
    return digest


def _check_place(folder: Path) -> None:
    """Check that a folder is an index, is empty or does not exist, so that no other file is lost.

    Raises:
        BeaconvizError: it holds something else.
    """
    if folder.exists() and not folder.is_dir():
        raise BeaconvizError(f"{folder} is a file; expected a folder for the index")
    if not folder.is_dir():
        return
    names = {file.name for file in folder.iterdir()}
    index_files = {MANIFEST, *(f"{name}.npy" for name in _ARRAYS)}
    if names and (names - index_files or not _is_manifest(folder / MANIFEST)):
        foreign_files = ", ".join(sorted(names - index_files)[:3])
        if not foreign_files:
            raise BeaconvizError(
                f"the folder {folder} looks like an index whose {MANIFEST} is lost: delete it, or name "
                "another folder"
            )
        raise BeaconvizError(
            f"the folder {folder} holds something else ({foreign_files}): name an empty one for the index, or "
            "one that is not there yet"
        )


def _is_manifest(manifest: Path) -> bool:
    """Whether a file looks like an index's manifest, even a damaged one."""
    try:
        return '"beaconviz-index"' in manifest.read_text("utf-8", errors="replace")
    except OSError:
        return False


def _short(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
