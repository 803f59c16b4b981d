"""The generation settings of a checkpoint: applied, or refused where that is not possible.

Texts are generated greedily or with beams (`runs.generate`). transformers applies the settings of
generation_config.json that change the logits of a step (repetition_penalty, suppress_tokens,
forced_bos_token_id, …). Sampling, the number of beams and the length are ignored, with a remark:
the last two are arguments of a call. Other decoding methods are not supported.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import GenerationConfig, PreTrainedModel

from beaconviz.core.errors import BeaconvizError
from beaconviz.models.checkpoint.reading import first_line, place_of, read_settings

FILE = "generation_config.json"

# Other decoding methods, and settings that need more than the network.
_REFUSED = (
    "assistant_early_exit",
    "constraints",
    "dola_layers",
    "force_words_ids",
    "guidance_scale",
    "is_assistant",
    "max_time",
    "penalty_alpha",
    "prompt_lookup_num_tokens",
    "stop_strings",
    "token_healing",
    "watermarking_config",
)
# Settings of the call that do not change the generated text.
_CALL = (
    "cache_config",
    "cache_implementation",
    "compile_config",
    "low_memory",
    "max_cache_len",
    "num_return_sequences",
    "output_attentions",
    "output_hidden_states",
    "output_logits",
    "output_scores",
    "return_dict_in_generate",
)
# Settings of sampling, used only with do_sample; greedy decoding ignores them.
_SAMPLING = (
    "temperature",
    "top_k",
    "top_p",
    "min_p",
    "top_h",
    "typical_p",
    "epsilon_cutoff",
    "eta_cutoff",
)
# Settings that are given with a call instead, and the name of that argument.
_NAMED = {"num_beams": "beams", "max_length": "limit", "max_new_tokens": "limit"}
# Settings that act on the token which ends a text.
_ON_END = ("exponential_decay_length_penalty",)
_TOKENS = ("bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id")
_FORCED = ("decoder_start_token_id", "forced_bos_token_id", "forced_eos_token_id")


def check_generation(name: str, network: PreTrainedModel, vocabulary: int) -> tuple[str, ...]:
    """Checks a network's generation settings and prepares it to generate.

    Args:
        vocabulary: the number of tokens that it can generate.

    Returns:
        The settings that are ignored, a sentence each.

    Raises:
        BeaconvizError: settings that are damaged, contradict each other or cannot be applied.
    """
    settings = network.generation_config
    for setting in _REFUSED:
        if (value := getattr(settings, setting, None)) not in (None, False):
            raise _refusal(name, setting, value, "cannot be respected here; take it out")
    if (groups := getattr(settings, "num_beam_groups", None)) not in (None, 1):
        raise _refusal(name, "num_beam_groups", groups, "cannot be respected here; take it out")
    _check_tokens(name, settings, vocabulary)
    remarks = (*_not_followed(settings), *_without_end(name, settings, vocabulary))
    if network.config.is_encoder_decoder and _start(settings) is None:
        raise _refusal(
            name, "decoder_start_token_id", None, "is needed: the token that every text begins with"
        )
    plain = GenerationConfig()
    for setting in _CALL:
        if hasattr(plain, setting):
            setattr(settings, setting, getattr(plain, setting))
    if _is_special(settings):
        _try_out(name, network)
    return remarks


def check_file(folder: Path) -> None:
    """Raises `BeaconvizError` for a damaged file, which transformers would ignore silently."""
    read_settings(folder / FILE)


def _refusal(name: str, setting: str, value: Any, why: str) -> BeaconvizError:
    return BeaconvizError(f"{setting} in {FILE} of {place_of(name)} is {value!r}, which {why}")


def _start(settings: GenerationConfig) -> Any:
    start = settings.decoder_start_token_id
    return settings.bos_token_id if start is None else start


def _check_tokens(name: str, settings: GenerationConfig, vocabulary: int) -> None:
    for setting in dict.fromkeys((*_TOKENS, *_FORCED)):
        value = getattr(settings, setting, None)
        tokens = value if isinstance(value, list) else [] if value is None else [value]
        if not all(isinstance(token, int) and not isinstance(token, bool) for token in tokens):
            raise _refusal(name, setting, value, "is no token's number")
        if setting == "decoder_start_token_id" and isinstance(value, list):
            if len(value) != 1:
                raise _refusal(
                    name, setting, value, "is not one token: every text begins alike here"
                )
            settings.decoder_start_token_id = value[0]
        if setting in _FORCED and not all(0 <= token < vocabulary for token in tokens):
            raise _refusal(
                name, setting, value, f"is outside the network's vocabulary of {vocabulary:,}"
            )


def _not_followed(settings: GenerationConfig) -> list[str]:
    """Remarks on settings that transformers' `generate` would apply, but beaconviz ignores."""
    settings_set = settings.to_diff_dict()
    remarks = []
    if settings_set.get("do_sample"):
        names = [
            f"{setting} {settings_set[setting]}" for setting in _SAMPLING if setting in settings_set
        ]
        remarks.append(
            f"{FILE} asks for sampling ({', '.join(['do_sample', *names])}), which is not followed: "
            "texts are written greedily or with beams."
        )
    named = [setting for setting in _NAMED if settings_set.get(setting) not in (None, 1)]
    if named:
        instead = " and ".join(dict.fromkeys(_NAMED[setting] for setting in named))
        values = ", ".join(f"{setting} {settings_set[setting]}" for setting in named)
        remarks.append(f"{FILE} has {values}, which is not followed: give {instead} yourself.")
    return remarks


def _without_end(name: str, settings: GenerationConfig, vocabulary: int) -> list[str]:
    """A remark where no ending token is inside the vocabulary, so that no text ends."""
    ends = settings.eos_token_id
    ends = ends if isinstance(ends, list) else [] if ends is None else [ends]
    outside = [end for end in ends if not 0 <= end < vocabulary]
    if not outside:
        return []
    inside = [end for end in ends if end not in outside]
    for setting in _ON_END:
        if not inside and (value := getattr(settings, setting, None)) is not None:
            raise _refusal(
                name,
                setting,
                value,
                f"needs a token that ends a text: eos_token_id {outside[0]} is outside the vocabulary "
                f"of {vocabulary:,}",
            )
    settings.eos_token_id = inside or None
    end = "" if inside else ": a text ends at its limit alone"
    return [f"eos_token_id {outside[0]} is outside the vocabulary of {vocabulary:,}{end}."]


def _is_special(settings: GenerationConfig) -> bool:
    """Whether there are settings other than tokens, which may fail during generation."""
    usual = {*_TOKENS, *_CALL, "use_cache", "transformers_version", "_from_model_config"}
    return bool(settings.to_diff_dict().keys() - usual)


def _try_out(name: str, network: PreTrainedModel) -> None:
    """Generates two tokens, greedily and with beams, so that errors show now and not in a run."""
    try:
        for beams in (1, 2):
            _write(network, beams)
    except Exception as error:  # any setting may fail in its own way
        raise BeaconvizError(
            f"{FILE} of {place_of(name)} cannot be used ({first_line(error)}): mend it, or take the "
            "setting out"
        ) from error


@torch.inference_mode()
def _write(network: PreTrainedModel, beams: int) -> None:
    ids = torch.zeros((1, 3), dtype=torch.long, device=network.device)
    network.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        max_new_tokens=2,
        num_beams=beams,
        do_sample=False,
        pad_token_id=network.generation_config.pad_token_id or 0,
    )
