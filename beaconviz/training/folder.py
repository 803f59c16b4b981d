"""What every training has: a folder that says what it is, checkpoints to go on from, its effort."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from transformers import Trainer

from beaconviz.core.errors import BeaconvizError
from beaconviz.training.settings import RunSettings


def start_folder(settings: RunSettings, resume: bool) -> None:
    """Makes the folder and notes the settings in it; to resume, they must be the ones noted."""
    noted = settings.out / "settings.json"
    begun = last_checkpoint(settings) is not None
    if begun and not resume:
        raise BeaconvizError(
            f"{settings.out} holds a run already: add --resume or choose another folder"
        )
    if resume and not begun:
        raise BeaconvizError(f"{settings.out} has no checkpoint to resume: leave out --resume")
    if resume and noted.read_text(encoding="utf-8") != settings.to_json():
        raise BeaconvizError(f"{noted} says that this run had other settings: resume with those")
    try:
        settings.out.mkdir(parents=True, exist_ok=True)
        noted.write_text(settings.to_json(), encoding="utf-8")
    except OSError as error:
        raise BeaconvizError(
            f"cannot write into {settings.out} ({error.strerror}): choose another folder"
        ) from None


def last_checkpoint(settings: RunSettings) -> Path | None:
    """The newest checkpoint that was written to its end: the trainer's state comes last in it."""
    states = settings.checkpoints.glob("checkpoint-*/trainer_state.json")
    whole = [state.parent for state in states if _is_json(state)]
    return max(whole, key=lambda folder: int(folder.name.rpartition("-")[2]), default=None)


def _is_json(file: Path) -> bool:
    try:
        json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return True


@dataclass(frozen=True)
class Effort:
    """What a training took: parameters that were open, epochs, and seconds of all processors
    since it was last begun, which a busy machine lengthens less than those of the clock."""

    parameters: int
    epochs: float
    cpu_seconds: float


def fit(trainer: Trainer, settings: RunSettings, resume: bool) -> Effort:
    """Trains, from the last whole checkpoint if that is wanted.

    Raises:
        BeaconvizError: a disk that is full; what was kept before is whole.
    """
    last = last_checkpoint(settings) if resume else None
    parameters = sum(w.numel() for w in trainer.model.parameters() if w.requires_grad)
    begun = time.process_time()
    try:
        trainer.train(resume_from_checkpoint=None if last is None else str(last))
    except (OSError, SafetensorError) as error:
        kept = last_checkpoint(settings)
        told = f"{kept} is whole: make room and add --resume" if kept else "make room, start again"
        raise BeaconvizError(
            f"training stopped, a file could not be kept ({error}); {told}"
        ) from None
    return Effort(parameters, trainer.state.epoch or 0.0, time.process_time() - begun)


def note_scores(settings: RunSettings, effort: Effort, scores: Mapping[str, Any]) -> None:
    """Writes `scores.json` beside what was trained: the command, what it took, and how well it
    does.

    scores: by data set, of what has a `to_dict`.
    """
    facts = {
        "command": settings.command(),
        "trained parameters": effort.parameters,
        "epochs": effort.epochs,
        "cpu seconds": round(effort.cpu_seconds, 1),
        "scores": {name: one.to_dict() for name, one in scores.items()},
    }
    (settings.out / "scores.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")
