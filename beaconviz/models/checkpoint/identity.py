"""The identity of a loaded model in a cache: its name, and its folder's files."""

from __future__ import annotations

from pathlib import Path

Content = tuple[tuple[str, int, int], ...]  # file, bytes, nanoseconds of its last change


def content_of(name: str) -> Content:
    """A value that changes when a model's folder is written again; empty if it is not a folder.

    Only the list of files is read: of the folder itself and of its target tokenizer. Training
    checkpoints in deeper folders are left out.
    """
    try:
        folder = Path(name).expanduser()
        files = sorted((*folder.glob("*"), *folder.glob("target/*"))) if folder.is_dir() else []
        stats = [(file, file.stat()) for file in files if file.is_file()]
    except (
        OSError,
        RuntimeError,
        ValueError,
    ):  # no folder can have such a name, or it is being written
        return ()
    return tuple(
        (str(file.relative_to(folder)), stat.st_size, stat.st_mtime_ns) for file, stat in stats
    )
