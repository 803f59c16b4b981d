"""Read a checkpoint's tokenizer from its files; refuse a substitute without a vocabulary.

Where a folder has no tokenizer, transformers makes one with only special tokens. Where
tokenizer_config.json names no class, it builds the family's default one from the vocabulary and
drops the normalizer of tokenizer.json.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from huggingface_hub import try_to_load_from_cache
from huggingface_hub.errors import HFValidationError
from transformers import (
    AutoTokenizer,
    PreTrainedConfig,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
)
from transformers.models.auto.tokenization_auto import (
    TOKENIZER_MAPPING_NAMES,
    tokenizer_class_from_name,
)

from beaconviz.core.errors import BeaconvizError
from beaconviz.models.checkpoint.reading import place_of, read_part, read_settings

FAST = "tokenizer.json"
SETTINGS = "tokenizer_config.json"
_VOCABULARIES = (FAST, "vocab.txt", "vocab.json", "tekken.json", "*.model", "*.spm", "*.tiktoken")
_GENERIC = ("TokenizersBackend", "PreTrainedTokenizerFast")  # of tokenizer.json as it is
_MEND = "save the one it was trained with there, with tokenizer.save_pretrained"

_ROLES: Mapping[str, tuple[str, ...]] = {  # usual names of the special tokens
    "pad_token": ("[PAD]", "<pad>"),
    "unk_token": ("[UNK]", "<unk>"),
    "mask_token": ("[MASK]", "<mask>"),
    "cls_token": ("[CLS]", "<s>"),
    "sep_token": ("[SEP]", "</s>"),
    "bos_token": ("<s>", "<bos>", "<|endoftext|>"),
    "eos_token": ("</s>", "<eos>", "<|endoftext|>"),
}


def read_tokenizer(name: str, config: PreTrainedConfig, **options: Any) -> PreTrainedTokenizerBase:
    """The tokenizer of a folder or a Hub id.

    Args:
        config: of its network.
        options: those of `from_pretrained`.

    Raises:
        BeaconvizError: there is no tokenizer, or one that cannot be read, or whose vocabulary holds
            special tokens alone.
    """
    if Path(name).is_dir():
        _check_files(Path(name))
        tokenizer = _read(name, Path(name), config, options)
    else:
        tokenizer = read_part(name, AutoTokenizer.from_pretrained, name, **options)
        if (cached := _cached(name)) is not None:
            tokenizer = _read(str(cached), cached, config, options)
    _check_vocabulary(place_of(name), tokenizer)
    _check_longest(place_of(name), tokenizer)
    return tokenizer


def check_embeddings(place: str, tokenizer: PreTrainedTokenizerBase, count: int) -> None:
    """Raises `BeaconvizError` unless the network has an embedding for each token.

    Args:
        count: the number of embeddings, which may exceed the number of tokens.
    """
    last, number = max(tokenizer.get_vocab().items(), key=lambda pair: pair[1])
    if number >= count:
        raise BeaconvizError(
            f"the tokenizer of {place} has {number + 1:,} tokens, the last {last!r}, and the network "
            f"{count:,} embeddings: call its resize_token_embeddings({number + 1}), train and save "
            "it, or take the tokenizer it was trained with"
        )


def _check_files(folder: Path) -> None:
    files = [file for pattern in _VOCABULARIES for file in folder.glob(pattern)]
    if not files:
        raise BeaconvizError(f"the folder {str(folder)!r} has no tokenizer: {_MEND}")
    if all(file.stat().st_size == 0 for file in files):
        raise BeaconvizError(
            f"the folder {str(folder)!r} has no tokenizer, {files[0].name} is empty: {_MEND}"
        )
    read_settings(folder / SETTINGS)
    read_settings(folder / FAST)


def _read(
    name: str, folder: Path, config: PreTrainedConfig, options: Mapping[str, Any]
) -> PreTrainedTokenizerBase:
    own = read_settings(folder / SETTINGS).get("tokenizer_class")
    if not (folder / FAST).is_file() or (own is not None and own not in _GENERIC):
        return read_part(name, AutoTokenizer.from_pretrained, name, **options)
    special = {} if own else read_part(name, _special_tokens, folder, config)
    return read_part(name, PreTrainedTokenizerFast.from_pretrained, name, **special, **options)


def _cached(name: str) -> Path | None:
    """Where a Hub id's tokenizer.json was stored, if it has one."""
    try:
        stored = try_to_load_from_cache(name, FAST)
    except HFValidationError:
        return None
    return Path(stored).parent if isinstance(stored, str) else None


def _special_tokens(folder: Path, config: PreTrainedConfig) -> dict[str, Any]:
    """The role of each special token (mask, padding, …), where the files do not declare it.

    A special token of tokenizer.json gets a role by its name in the family's default tokenizer, by
    a common name, or by its number in the network's config.
    """
    content = read_settings(folder / FAST)
    special = {
        token["id"]: token["content"]
        for token in content.get("added_tokens") or ()
        if token.get("special")
    }
    names = set(special.values())
    unknown = content["model"].get("unk_token")
    roles = {"unk_token": unknown} if isinstance(unknown, str) else {}
    for role in _ROLES.keys() - roles.keys():
        fitting = (token for token in _candidates(role, special, config) if token in names)
        if (token := next(fitting, None)) is not None:
            roles[role] = token
    roles |= _declared_tokens(folder)
    return roles | {"extra_special_tokens": sorted(names - set(roles.values()))}


def _candidates(
    role: str, special: Mapping[int, str], config: PreTrainedConfig
) -> Iterator[str | None]:
    usual = tokenizer_class_from_name(TOKENIZER_MAPPING_NAMES.get(config.model_type) or "")
    if usual is not None:
        parameter = inspect.signature(usual.__init__).parameters.get(role)
        yield None if parameter is None or not parameter.default else str(parameter.default)
    yield from _ROLES[role]
    number = getattr(config, f"{role}_id", None)
    yield special.get(number) if isinstance(number, int) else None


def _declared_tokens(folder: Path) -> dict[str, str]:
    """The special tokens declared in the files next to tokenizer.json, by role."""
    declared = read_settings(folder / "special_tokens_map.json") | read_settings(folder / SETTINGS)
    tokens = {role: declared[role] for role in _ROLES if declared.get(role)}
    return {
        role: str(token["content"] if isinstance(token, dict) else token)
        for role, token in tokens.items()
    }


def _check_vocabulary(place: str, tokenizer: PreTrainedTokenizerBase) -> None:
    vocabulary = tokenizer.get_vocab()
    special = _special(tokenizer)
    if any(piece.strip("▁# ") for piece in vocabulary.keys() - special):
        return
    raise BeaconvizError(
        f"the tokenizer of {place} knows no word: its vocabulary of {len(vocabulary)} holds special "
        f"tokens alone, as a stand-in for a lost one does; {_MEND}"
    )


def _special(tokenizer: PreTrainedTokenizerBase) -> Collection[str]:
    added = getattr(tokenizer, "added_tokens_decoder", {}).values()
    return {*tokenizer.all_special_tokens, *(token.content for token in added if token.special)}


def _check_longest(place: str, tokenizer: PreTrainedTokenizerBase) -> None:
    longest = tokenizer.model_max_length
    if isinstance(longest, bool) or not isinstance(longest, int | float) or longest < 1:
        raise BeaconvizError(
            f"model_max_length in {SETTINGS} of {place} is {longest!r}; expected a number of tokens, "
            "or none where the network's positions say it"
        )
