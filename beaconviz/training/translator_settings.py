"""The settings of a translator's training, checked before anything is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from beaconviz.training.settings import Checks, RunSettings

_CHECKS: Checks = {
    "subwords": (lambda size: size >= 50, "50 or more"),
    "layers": (lambda layers: layers >= 1, "1 or more"),
    "feed_forward": (lambda size: size >= 1, "1 or more"),
    "label_smoothing": (lambda share: 0 <= share < 1, "from 0 to below 1"),
    "averaged": (lambda count: count >= 1, "1 or more"),
}


@dataclass(frozen=True)
class TranslatorSettings(RunSettings):
    """The settings of `train_translator`.

    Attributes:
        subwords: the most subwords of the target language.
        layers, feed_forward: the decoder's number of layers, and their feed-forward size.
        rank: of the encoder's LoRA adapter.
        lr: peak learning rate, reached after `warmup`, then falling linearly to zero.
        warmup: a share of the steps.
        label_smoothing: the share of the probability for all other subwords (Szegedy et al. 2016).
        averaged: how many of the last checkpoints are averaged (Vaswani et al. 2017); the average
            is used unless it has a lower BLEU on dev than the best checkpoint.
        patience: epochs without a better dev BLEU before training stops.
        bf16: mixed precision.

    Raises:
        BeaconvizError: an invalid value; the message names the setting.
    """

    subwords: int = 4000
    layers: int = 2
    feed_forward: int = 768
    rank: int = 8
    epochs: int = 40
    lr: float = 1e-3
    batch_size: int = 64
    dropout: float = 0.2
    weight_decay: float = 0.01
    warmup: float = 0.06
    label_smoothing: float = 0.1
    averaged: int = 5
    patience: int = 8
    seed: int = 7
    bf16: bool = False

    called: ClassVar[str] = "train-translator"

    def __post_init__(self) -> None:
        self.check(_CHECKS)
