"""Facts about model families, as data.

A family is here when its attention goes through transformers' attention interface, so that
it can be steered without patching a forward method, and when the tests run it.
"""

from __future__ import annotations

from dataclasses import dataclass

from beaconviz.core.errors import BeaconvizError


@dataclass(frozen=True)
class Family:
    """What beaconviz has to know of one architecture.

    layers: the base model's list of layers, by attribute path. None when layers share one
        module (ALBERT): then a run cannot start at a later layer, and runs all of them.
    shared: the module that layers share, as a regular expression of its path.
    late: whether a run can start at a later layer. Not where the network counts its layers to tell
        sliding windows from full attention.
    """

    name: str
    layers: str | None
    shared: str | None = None
    late: bool = True


FAMILIES: dict[str, Family] = {
    "albert": Family("ALBERT", None, r"encoder\.albert_layer_groups\.\d+\.albert_layers\.\d+"),
    "bert": Family("BERT", "encoder.layer"),
    "distilbert": Family("DistilBERT", "transformer.layer"),
    "electra": Family("ELECTRA", "encoder.layer"),
    "gemma2": Family("Gemma 2", "layers", late=False),
    "gpt2": Family("GPT-2", "h"),
    "gpt_neox": Family("GPT-NeoX", "layers"),
    "llama": Family("Llama", "layers"),
    "modernbert": Family("ModernBERT", "layers"),
    "opt": Family("OPT", "decoder.layers"),
    "qwen2": Family("Qwen2", "layers", late=False),
    "roberta": Family("RoBERTa", "encoder.layer"),
}


def family_of(model_type: str) -> Family:
    """The family of a checkpoint's `model_type`; raises `BeaconvizError` naming those that work."""
    if model_type not in FAMILIES:
        known = ", ".join(sorted(family.name for family in FAMILIES.values()))
        raise BeaconvizError(
            f"the architecture {model_type!r} cannot be steered here; expected one of {known}"
        )
    return FAMILIES[model_type]
