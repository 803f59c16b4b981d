"""Breaks one line at a time, and says which breakage no test noticed.

    python -m tests.mutants [WORD …]      # only those whose file or reason has a word

The list is `mutants.toml`: what is broken, why it matters, and the tests that should notice. Each
runs on a copy of the project. Exit code 1: more than 5 % of them went unnoticed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).parents[2]
LIST = Path(__file__).with_name("mutants.toml")
ALLOWED = 0.05  # the share that may go unnoticed
WORKERS = 2


@dataclass(frozen=True)
class Mutant:
    """One breakage: `old`, which stands once in `file`, becomes `new`."""

    file: str
    old: str
    new: str
    why: str
    tests: tuple[str, ...]

    def write(self, root: Path) -> str:
        """Break a copy of the project; returns the whole text that was there."""
        path = root / self.file
        text = path.read_text("utf-8")
        if text.count(self.old) != 1:
            raise SystemExit(f"{self.file} has {self.old!r} {text.count(self.old)} times, not once")
        path.write_text(text.replace(self.old, self.new), "utf-8")
        return text


def read_list() -> list[Mutant]:
    """The list, in its order."""
    entries = tomllib.loads(LIST.read_text("utf-8"))["mutant"]
    return [Mutant(**{**entry, "tests": tuple(entry["tests"])}) for entry in entries]


def copy_of_the_project(folder: Path) -> Path:
    """What the tests need of it."""
    for name in ("beaconviz", "tests", "sample_data", ".streamlit", "docs"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "app.py", "constraints.txt", "CONTRIBUTING.md"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def is_noticed(mutant: Mutant, root: Path) -> bool:
    """Whether a test of the broken copy fails."""
    text = mutant.write(root)
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *mutant.tests]
    own = os.environ | {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        result = subprocess.run(command, cwd=root, env=own, capture_output=True, check=False)
    finally:
        (root / mutant.file).write_text(text, "utf-8")
    if result.returncode not in (0, 1, 2):  # 2: the module cannot even be imported
        raise SystemExit(f"pytest ended with {result.returncode}: {result.stdout.decode()[-2000:]}")
    return result.returncode != 0


def main(words: list[str]) -> int:
    chosen = [
        mutant
        for mutant in read_list()
        if not words or any(word in f"{mutant.file} {mutant.why}" for word in words)
    ]
    missed = []
    with tempfile.TemporaryDirectory() as folder:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(WORKERS):
            copies.put(copy_of_the_project(Path(folder) / str(number)))

        def run(mutant: Mutant) -> tuple[Mutant, bool]:
            root = copies.get()
            try:
                return mutant, is_noticed(mutant, root)
            finally:
                copies.put(root)

        with ThreadPoolExecutor(WORKERS) as pool:
            for mutant, noticed in pool.map(run, chosen):
                print(
                    "noticed " if noticed else "MISSED  ", mutant.file, "--", mutant.why, flush=True
                )
                missed += [] if noticed else [mutant]
    print(f"{len(chosen) - len(missed)} noticed, {len(missed)} missed")
    return int(len(missed) > ALLOWED * len(chosen))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
