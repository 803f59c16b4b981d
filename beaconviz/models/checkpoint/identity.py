"""What a model that was loaded before is told apart by: its name, and its folder's files."""

from __future__ import annotations

from pathlib import Path

Content = tuple[tuple[str, int, int], ...]  # file, bytes, nanoseconds of its last change


def content_of(name: str) -> Content:
    """What changes when a model's folder is written again; empty for a name that is no folder.

    Nothing is read but the list of files: those of the folder itself, and of the tokenizer of what
    it writes. Checkpoints of a training lie deeper.
    """
    try:
        folder = Path(name).expanduser()
        files = sorted((*folder.glob("*"), *folder.glob("target/*"))) if folder.is_dir() else []
        stats = [(file, file.stat()) for file in files if file.is_file()]
    except (OSError, RuntimeError, ValueError):  # no folder has such a name, or it is just written
        return ()
    return tuple(
        (str(file.relative_to(folder)), stat.st_size, stat.st_mtime_ns) for file, stat in stats
    )
