"""The settings of a training run, checked before anything is loaded."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, ClassVar

from beaconviz.core.errors import BeaconvizError

METHODS = ("lora", "full", "head")
SCHEDULES = ("decay", "plateau")
MINILM = "minilm"

Checks = Mapping[str, tuple[Callable[[Any], bool], str]]  # setting → (is valid, what is expected)

SHARED_CHECKS: Checks = {
    "epochs": (lambda epochs: epochs >= 1, "1 or more"),
    "batch_size": (lambda size: size >= 1, "1 or more"),
    "rank": (lambda rank: rank >= 1, "1 or more"),
    "patience": (lambda epochs: epochs >= 1, "1 or more"),
    "lr": (lambda rate: 0 < rate < 1, "a rate between 0 and 1, such as 8e-4"),
    "warmup": (lambda share: 0 <= share < 1, "a share of the steps, from 0 to below 1"),
    "weight_decay": (lambda decay: 0 <= decay < 1, "from 0 to below 1"),
    "dropout": (lambda share: 0 <= share < 1, "from 0 to below 1"),
}
_CHECKS: Checks = {
    "schedule": (lambda schedule: schedule in SCHEDULES, "decay or plateau"),
    "freeze": (lambda layers: layers >= 0, "a number of layers, 0 or more"),
    "lower_noise": (lambda share: 0 <= share <= 1, "a share from 0 to 1"),
    "upper_noise": (lambda share: 0 <= share <= 1, "a share from 0 to 1"),
    "hidden_noise": (lambda share: 0 <= share < 1, "a share from 0 to below 1"),
}


@dataclass(frozen=True)
class RunSettings:
    """The settings that every training has.

    Attributes:
        train, dev, test: the files to train on, to choose the best epoch on, and to report on.
        out: the folder to write.
    """

    train: Path
    dev: Path
    out: Path
    test: Path | None = None

    called: ClassVar[str]  # the command

    @property
    def checkpoints(self) -> Path:
        return self.out / "checkpoints"

    def check(self, more_checks: Checks) -> None:
        """Check the shared settings and those of `more_checks`.

        Raises:
            BeaconvizError: an invalid value; the message names the setting.
        """
        for name, (fits, expected) in {**SHARED_CHECKS, **more_checks}.items():
            if not fits(getattr(self, name)):
                raise BeaconvizError(f"{name} is {getattr(self, name)!r}; expected {expected}")

    def to_json(self) -> str:
        return json.dumps(asdict(self), default=str, indent=1)

    def command(self) -> str:
        """The command line of this run, without options that have their default."""
        default = {field.name: field.default for field in fields(self)}
        changed = {name: value for name, value in asdict(self).items() if value != default[name]}
        options = [
            f"--{_option(name, value)}" for name, value in changed.items() if name != "train"
        ]
        return " ".join([f"beaconviz {self.called}", str(self.train), *options])


@dataclass(frozen=True)
class Settings(RunSettings):
    """The settings of `finetune`.

    Attributes:
        backbone: "minilm", a Hub id or a folder.
        method: "lora" trains a low-rank adapter and the head, "full" everything, "head" the head.
        case: whether the vocabulary gets capitalised and upper-case copies
            (`beaconviz.models.shipped.casing`); None does so for minilm.
        lr: peak learning rate, reached after `warmup`, then falling linearly to zero.
        warmup: a share of the steps.
        rank: of the adapter.
        freeze: how many of the first layers are not trained; if 1 or more, the embeddings are not
            trained either.
        lower_noise, upper_noise: shares of training sentences read in lower and in upper case.
        hidden_noise: share of their tokens replaced by the mask token.
        patience: epochs without a better dev F1 before training stops.
        bf16: mixed precision.
        schedule: "decay" as under `lr`; "plateau" keeps the rate, without a warm-up, and halves it
            after two epochs without a better dev F1.
        targets: the linear layers that get LoRA adapters, by the last parts of their names and
            separated by commas: "query,value"; "all-linear" is all of them but the head.

    Raises:
        BeaconvizError: an invalid value; the message names the setting.
    """

    backbone: str = MINILM
    method: str = "lora"
    case: bool | None = None
    epochs: int = 5
    lr: float = 8e-4
    batch_size: int = 32
    rank: int = 32
    dropout: float = 0.1
    weight_decay: float = 0.01
    warmup: float = 0.06
    freeze: int = 0
    lower_noise: float = 0.1
    upper_noise: float = 0.03
    hidden_noise: float = 0.0
    patience: int = 3
    seed: int = 7
    bf16: bool = False
    schedule: str = "decay"
    targets: str = "all-linear"

    methods: ClassVar[tuple[str, ...]] = METHODS
    called: ClassVar[str] = "finetune"

    def __post_init__(self) -> None:
        if self.method not in self.methods:
            *first, last = self.methods
            expected = f"{', '.join(first)} or {last}"
            raise BeaconvizError(f"method is {self.method!r}; expected {expected}")
        self.check(_CHECKS)

    @property
    def cased(self) -> bool:
        return self.backbone == MINILM if self.case is None else self.case


def _option(name: str, value: Any) -> str:
    flag = name.replace("_", "-")
    if isinstance(value, bool):
        return flag if value else f"no-{flag}"
    return f"{flag} {value}"
