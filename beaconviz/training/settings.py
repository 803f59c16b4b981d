"""What a training depends on, checked before anything is loaded."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, ClassVar

from beaconviz.core.errors import BeaconvizError

METHODS = ("lora", "full", "head")
SCHEDULES = ("decay", "plateau")
MINILM = "minilm"

Checks = Mapping[str, tuple[Callable[[Any], bool], str]]  # what fits, and what is expected

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
    """What every training is told: files to learn from, to choose on and to report on, and a
    folder."""

    train: Path
    dev: Path
    out: Path
    test: Path | None = None

    called: ClassVar[str]  # the command

    @property
    def checkpoints(self) -> Path:
        return self.out / "checkpoints"

    def check(self, own: Checks) -> None:
        """Raises BeaconvizError naming the first setting that makes no sense."""
        for name, (fits, expected) in {**SHARED_CHECKS, **own}.items():
            if not fits(getattr(self, name)):
                raise BeaconvizError(f"{name} is {getattr(self, name)!r}; expected {expected}")

    def to_json(self) -> str:
        return json.dumps(asdict(self), default=str, indent=1)

    def command(self) -> str:
        """The command line that makes this run, without what is default."""
        default = {field.name: field.default for field in fields(self)}
        told = {name: value for name, value in asdict(self).items() if value != default[name]}
        options = [f"--{_option(name, value)}" for name, value in told.items() if name != "train"]
        return " ".join([f"beaconviz {self.called}", str(self.train), *options])


@dataclass(frozen=True)
class Settings(RunSettings):
    """A run of `finetune`.

    backbone: "minilm", a Hub id or a folder. method: "lora" learns a low-rank adapter and the head,
    "full" everything, "head" the head alone. case: give the vocabulary capital letters
    (beaconviz.models.shipped.casing); None does so for minilm. lr: peak rate, reached after
    `warmup` (a share of the steps), falling linearly to zero. freeze: the embeddings and this many
    of the first layers stay as they are. lower_noise, upper_noise: share of training sentences read
    all in one case. hidden_noise: share of their tokens hidden behind the mask. patience: epochs
    without a better dev F1 before stopping. schedule: "plateau" holds the rate, without a warm-up,
    and halves it after two epochs without a better dev F1. targets: the linear layers that LoRA
    sits on, by the
    last parts of their names, with commas between: "query,value"; "all-linear" is every one but the
    head. bf16: mixed precision.

    Raises BeaconvizError naming the first setting that makes no sense.
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
            *others, last = self.methods
            expected = f"{', '.join(others)} or {last}"
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
