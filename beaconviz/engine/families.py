"""Facts about model families, as data.

A family is here when its attention goes through transformers' attention interface, so that
it can be steered without patching a forward method, and when the tests run it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from beaconviz.core.errors import BeaconvizError


@dataclass(frozen=True)
class Family:
    """The facts of one architecture.

    layers: the attribute path of the base model's list of layers. None when layers share one
        module (ALBERT) or there are two lists: then every run starts at the first layer.
    shared: the path of the module that layers share, as a regular expression.
    can_start_late: whether a run can start at a later layer. False where the network counts its
        layers to tell sliding windows from full attention.
    last_layer_can_skip_rows: whether the last layer can compute only some token rows. False where
        the network reshapes its states to the shape of its input afterwards.
    places: of encoder–decoder networks, the attention modules of each kind, as regular expressions
        of their paths in the whole network, with the layer's number as a group.
    scaled: whether queries arrive scaled by 1/√d, so that their products are S/√d.
    d: gives the d of √d from the config; None is the size of a head.
    """

    name: str
    layers: str | None
    shared: str | None = None
    can_start_late: bool = True
    last_layer_can_skip_rows: bool = True
    places: Mapping[str, str] = field(default_factory=dict)
    scaled: bool = False
    d: Callable[[Any], int] | None = None

    @property
    def writes_apart(self) -> bool:
        """Whether the network reads one text and generates another (encoder–decoder)."""
        return bool(self.places)


_BART = {
    "self": r"model\.encoder\.layers\.(\d+)\.self_attn",
    "decoder": r"model\.decoder\.layers\.(\d+)\.self_attn",
    "cross": r"model\.decoder\.layers\.(\d+)\.encoder_attn",
}
_T5 = {
    "self": r"encoder\.block\.(\d+)\.layer\.0\.SelfAttention",
    "decoder": r"decoder\.block\.(\d+)\.layer\.0\.SelfAttention",
    "cross": r"decoder\.block\.(\d+)\.layer\.1\.EncDecAttention",
}
_TWO_BERTS = {
    "self": r"encoder\.encoder\.layer\.(\d+)\.attention\.self",
    "decoder": r"decoder\.\w+\.encoder\.layer\.(\d+)\.attention\.self",  # bert or a related type
    "cross": r"decoder\.\w+\.encoder\.layer\.(\d+)\.crossattention\.self",
}

FAMILIES: dict[str, Family] = {
    "albert": Family("ALBERT", None, r"encoder\.albert_layer_groups\.\d+\.albert_layers\.\d+"),
    "bart": Family("BART", None, places=_BART),
    "bert": Family("BERT", "encoder.layer"),
    "distilbert": Family("DistilBERT", "transformer.layer"),
    "electra": Family("ELECTRA", "encoder.layer"),
    "encoder-decoder": Family("two BERTs as encoder and decoder", None, places=_TWO_BERTS),
    "gemma2": Family(
        "Gemma 2", "layers", can_start_late=False, d=lambda config: config.query_pre_attn_scalar
    ),
    "gpt2": Family("GPT-2", "h", last_layer_can_skip_rows=False),
    "gpt_neox": Family("GPT-NeoX", "layers"),
    "llama": Family("Llama", "layers"),
    "marian": Family("Marian", None, places=_BART),
    "mbart": Family("mBART", None, places=_BART),
    "modernbert": Family("ModernBERT", "layers"),
    "opt": Family("OPT", "decoder.layers", scaled=True),
    "qwen2": Family("Qwen2", "layers", can_start_late=False),
    "roberta": Family("RoBERTa", "encoder.layer"),
    "t5": Family("T5", None, places=_T5, d=lambda config: 1),
}


def family_of(model_type: str) -> Family:
    """The family of a checkpoint's `model_type`; raises `BeaconvizError` naming those that work."""
    if model_type not in FAMILIES:
        expected = ", ".join(sorted(family.name for family in FAMILIES.values()))
        raise BeaconvizError(
            f"the architecture {model_type!r} cannot be steered here; expected one of {expected}"
        )
    return FAMILIES[model_type]
