"""The folder of a training run: its settings, its checkpoints, and the record of its scores."""

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
    """Makes the folder and writes the settings into it.

    Raises:
        BeaconvizError: the folder holds a run and `resume` is not given; there is nothing to
            resume, or it had other settings; or the folder cannot be written.
    """
    settings_file = settings.out / "settings.json"
    has_checkpoint = last_checkpoint(settings) is not None
    if has_checkpoint and not resume:
        raise BeaconvizError(
            f"{settings.out} holds a run already: add --resume or choose another folder"
        )
    if resume and not has_checkpoint:
        raise BeaconvizError(f"{settings.out} has no checkpoint to resume: leave out --resume")
    if resume and settings_file.read_text(encoding="utf-8") != settings.to_json():
        raise BeaconvizError(
            f"{settings_file} says that this run had other settings: resume with those"
        )
    try:
        settings.out.mkdir(parents=True, exist_ok=True)
        settings_file.write_text(settings.to_json(), encoding="utf-8")
    except OSError as error:
        raise BeaconvizError(
            f"cannot write into {settings.out} ({error.strerror}): choose another folder"
        ) from None


def last_checkpoint(settings: RunSettings) -> Path | None:
    """The newest complete checkpoint: the trainer writes its state last."""
    states = settings.checkpoints.glob("checkpoint-*/trainer_state.json")
    complete = [state.parent for state in states if _is_json(state)]
    return max(complete, key=lambda folder: int(folder.name.rpartition("-")[2]), default=None)


def _is_json(file: Path) -> bool:
    try:
        json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return True


@dataclass(frozen=True)
class Effort:
    """The cost of a training.

    Attributes:
        parameters: the number of trained parameters.
        epochs: the number of epochs.
        cpu_seconds: CPU time of all processors since the start or the last resume; it depends less
            on other load than wall-clock time.
    """

    parameters: int
    epochs: float
    cpu_seconds: float


def fit(trainer: Trainer, settings: RunSettings, resume: bool) -> Effort:
    """Trains, with `resume` from the last complete checkpoint.

    Raises:
        BeaconvizError: a checkpoint cannot be written, as on a full disk; earlier ones stay.
    """
    last = last_checkpoint(settings) if resume else None
    parameters = sum(w.numel() for w in trainer.model.parameters() if w.requires_grad)
    start = time.process_time()
    try:
        trainer.train(resume_from_checkpoint=None if last is None else str(last))
    except (OSError, SafetensorError) as error:
        checkpoint = last_checkpoint(settings)
        advice = (
            f"{checkpoint} is complete: free disk space and add --resume"
            if checkpoint
            else "free disk space and start again"
        )
        raise BeaconvizError(
            f"training stopped, a file could not be written ({error}); {advice}"
        ) from None
    return Effort(parameters, trainer.state.epoch or 0.0, time.process_time() - start)


def note_scores(settings: RunSettings, effort: Effort, scores: Mapping[str, Any]) -> None:
    """Writes `scores.json` into the folder of the run: the command, the cost and the scores.

    Args:
        scores: data set → scores, which have a method `to_dict`.
    """
    facts = {
        "command": settings.command(),
        "trained parameters": effort.parameters,
        "epochs": effort.epochs,
        "cpu seconds": round(effort.cpu_seconds, 1),
        "scores": {name: result.to_dict() for name, result in scores.items()},
    }
    (settings.out / "scores.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")
