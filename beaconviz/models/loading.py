"""Load a model by name: one that ships, a Hub id, or a local folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import torch
from huggingface_hub import HfApi, try_to_load_from_cache
from huggingface_hub.errors import RepositoryNotFoundError
from safetensors import SafetensorError
from transformers import (
    AutoConfig,
    AutoTokenizer,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from beaconviz.core.design import Attention
from beaconviz.core.errors import BeaconvizError
from beaconviz.core.words import Tokens, Word, align, moved, placed_words
from beaconviz.models import ner_mini, smollm2, translate_mini
from beaconviz.models.elastic import MadeFor
from beaconviz.models.families import Family, family_of
from beaconviz.models.memory import Weights, check_fits, weights_in, weights_on_hub
from beaconviz.models.offsets import found_spans
from beaconviz.models.steering import ATTENTION, Size, attention_sizes, make_steerable
from beaconviz.models.tasks import CLASSES, TOKENS, TRANSLATE, WRITE, Task, task_of

SHIPPED: dict[str, tuple[Task, Callable[[str], tuple[Any, ...]]]] = {
    "ner-mini": (TOKENS, lambda attention: ner_mini.build(attention)),
    "translate-mini": (TRANSLATE, lambda attention: translate_mini.build(attention)),
    "smollm2-135m": (WRITE, lambda attention: smollm2.build(attention)),
}
TARGET = "target"  # a folder beside a network: the tokenizer of what it writes
DEVICES = ("auto", "cuda", "mps", "cpu")
_ANY_LENGTH = 1_000_000
DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


@dataclass(frozen=True, eq=False)
class Model:
    """A transformers model that can be steered, and its tokenizers: of what it reads, and of what it
    writes, which are most often the same."""

    name: str
    network: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    target: PreTrainedTokenizerBase
    family: Family
    task: Task
    labels: tuple[str, ...]  # of the token classes; empty where the task has none

    @property
    def device(self) -> torch.device:
        return self.network.device

    @property
    def dtype(self) -> torch.dtype:
        return self.network.dtype

    @property
    def config(self) -> PreTrainedConfig:
        """Of the network, or of its encoder, where that has one of its own."""
        return getattr(self.network.config, "encoder", self.network.config)

    @cached_property
    def sizes(self) -> dict[Attention, Size]:
        """Layers and heads of each kind of attention that the network has."""
        if not self.family.writes_apart:
            config = self.config
            return {"self": Size(config.num_hidden_layers, config.num_attention_heads)}
        return attention_sizes(self.network)

    @property
    def layers(self) -> int:
        """Of the attention between the words that are read."""
        return self.sizes["self"].layers

    @property
    def heads(self) -> int:
        """Of each of these layers."""
        return self.sizes["self"].heads

    def spell(self, token: int) -> str:
        """A token of the vocabulary it writes as text, with the space before it where it has one."""
        return str(self.target.decode([token]))

    @property
    def head_size(self) -> int:
        """d of the formula, which divides scores by √d: the size of a head, but for families that
        divide by a size of their own (Gemma 2), or not at all (T5: 1)."""
        if self.family.d is not None:
            return int(self.family.d(self.config))
        own = getattr(self.config, "head_dim", None)
        return int(own or self.config.hidden_size // self.heads)

    @property
    def max_tokens(self) -> int:
        """The longest text the model takes, special tokens included."""
        config = self.config
        # RoBERTa numbers positions from its padding index on.
        offset = (config.pad_token_id or 0) + 1 if config.model_type == "roberta" else 0
        # T5 has relative positions alone; what its tokenizer says is what it was trained on.
        positions = getattr(config, "max_position_embeddings", None) or _ANY_LENGTH
        return min(int(positions) - offset, int(self.tokenizer.model_max_length))

    @property
    def most_written(self) -> int:
        """Positions of what it writes; where that goes on after the text, of both together."""
        if not self.family.writes_apart:
            return self.max_tokens
        config = getattr(self.network.config, "decoder", self.network.config)
        return int(getattr(config, "max_position_embeddings", None) or _ANY_LENGTH)

    @property
    def made_for(self) -> MadeFor:
        """What a learned module is told apart by."""
        folder = Path(self.name).expanduser()
        name = folder.resolve().name if folder.is_dir() else self.name
        return MadeFor(name, self.layers, self.heads, int(self.config.hidden_size))

    @property
    def classes(self) -> tuple[str, ...]:
        """Of a whole text; empty where the task has none."""
        return _names_of_labels(self.network) if self.task.over == "classes" else ()

    @property
    def classing(self) -> Literal["one", "several", "numbers"]:
        """Whether a text is of one class or of several, or the classes are numbers to tell."""
        config = self.network.config
        kind = getattr(config, "problem_type", None)
        if kind == "regression" or (kind is None and config.num_labels == 1):
            return "numbers"
        return "several" if kind == "multi_label_classification" else "one"

    @property
    def chats(self) -> bool:
        """Whether it writes, and its tokenizer has a template for what people say to it."""
        return self.task.over_next and bool(getattr(self.tokenizer, "chat_template", None))

    def tokenize(
        self,
        text_or_words: str | Sequence[str],
        second: str | Sequence[str] | None = None,
        *,
        chat: bool = False,
    ) -> Tokens:
        """The text's words and tokens, special tokens included; none ends a text that a model is to go
        on after.

        Args:
            second: a second text: the passage for a question, the other of a pair. The network
                reads both together, and the words are those of both; but hidden states are had of
                each alone, and the second's tokens are `Tokens.beside`.
            chat: put the text into the model's chat template, as what a person says; the tokens around
                it are special ones.

        Raises:
            BeaconvizError: nothing to read, more than the model takes, not as many texts as it
                takes, or a model without a chat template.
        """
        takes = self.task.second
        if second is None and takes == "needed":
            raise BeaconvizError(
                f"{self.name} answers a question from a passage, and one text was given; give the "
                "passage as the second text"
            )
        if second is not None and takes == "none":
            raise BeaconvizError(
                f"{self.name} is for {self.task.name}, which reads one text, and two were given; "
                "leave the second out"
            )
        text, words = placed_words(text_or_words)
        if chat:
            return self._said(text, words)
        if second is None:
            return self._tokens(text, words)
        other, more = placed_words(second, "the second text")
        if takes == "beside":
            return replace(self._tokens(text, words), beside=self._tokens(other, more))
        start = len(text) + 1
        return self._tokens(f"{text}\n{other}", (*words, *moved(more, start)), start)

    def _said(self, text: str, words: tuple[Word, ...]) -> Tokens:
        """A text as somebody says it in a chat."""
        if not self.chats:
            raise BeaconvizError(f"{self.name} has no chat template: leave chat out")
        whole = self.tokenizer.apply_chat_template(
            [{"role": "user", "content": text}], tokenize=False, add_generation_prompt=True
        )
        start = whole.rfind(text.strip())
        if start < 0:
            raise BeaconvizError(
                f"the chat template of {self.name} alters the text: leave chat out"
            )
        start -= len(text) - len(text.lstrip())
        encoded = self.tokenizer(
            whole, add_special_tokens=False, return_offsets_mapping=True, verbose=False
        )
        ids = encoded["input_ids"]
        self._check_length(len(ids), len(words), "the text has, in its chat template,", "it")
        inside = [
            begin < start + len(text) and end > start for begin, end in encoded["offset_mapping"]
        ]
        spans = tuple(
            (max(begin - start, 0), min(end - start, len(text))) if own else (0, 0)
            for (begin, end), own in zip(encoded["offset_mapping"], inside, strict=True)
        )
        special = tuple(not own for own in inside)
        return Tokens(
            text=text,
            words=words,
            tokens=tuple(self.tokenizer.convert_ids_to_tokens(ids)),
            ids=tuple(ids),
            word_of=align(words, spans, special),
            spans=spans,
            special=special,
        )

    def _check_length(self, count: int, words: int, what: str, them: str) -> None:
        if count > self.max_tokens:
            raise BeaconvizError(
                f"{what} {count:,} tokens ({words:,} words); {self.name} takes at most "
                f"{self.max_tokens:,}: shorten {them} by about {_share(count, self.max_tokens)}"
            )

    def _tokens(self, text: str, words: tuple[Word, ...], second: int | None = None) -> Tokens:
        texts = [text] if second is None else [text[: second - 1], text[second:]]
        encoded = self.tokenizer(
            *texts,
            return_offsets_mapping=self.tokenizer.is_fast,
            return_special_tokens_mask=True,
            verbose=False,
        )
        ids = encoded["input_ids"]
        what, them = ("the text has", "it") if second is None else ("both texts have", "them")
        self._check_length(len(ids), len(words), what, them)
        special = tuple(map(bool, encoded["special_tokens_mask"]))
        if self.tokenizer.is_fast:
            starts = [(second or 0) if of == 1 else 0 for of in encoded.sequence_ids()]
            spans = tuple(
                (int(begin) + start, int(end) + start)
                for (begin, end), start in zip(encoded["offset_mapping"], starts, strict=True)
            )
        else:
            spans = found_spans(text, self.tokenizer.convert_ids_to_tokens(ids), special)
        own = [place for place, alone in enumerate(special) if not alone]
        if self.task.over_next and own:  # what ends a text would have the model begin another one
            end = own[-1] + 1
            ids, special, spans = ids[:end], special[:end], spans[:end]
        return Tokens(
            text=text,
            words=words,
            tokens=tuple(self.tokenizer.convert_ids_to_tokens(ids)),
            ids=tuple(ids),
            word_of=align(words, spans, special),
            spans=spans,
            special=special,
            types=tuple(encoded.get("token_type_ids", ())) if self._typed else (),
            second=second,
        )

    @property
    def _typed(self) -> bool:
        """Whether the network tells two texts apart by token types."""
        return int(getattr(self.network.config, "type_vocab_size", 0) or 0) > 1


def load(
    name: str,
    *,
    task: str | None = None,
    device: str = "auto",
    dtype: str | torch.dtype = "auto",
) -> Model:
    """Loads a model for steering: `ner-mini`, `translate-mini`, `smollm2-135m`, a Hub id, or a folder
    with safetensors.

    Args:
        task: one of `models.tasks.TASKS`; by default what the checkpoint was trained for.
        device: "auto" takes CUDA, then MPS, then the CPU.
        dtype: "auto" is float32 on the CPU and the checkpoint's own on an accelerator.

    Raises:
        BeaconvizError: nothing of that name, no weights that are safe to read, an architecture
            that cannot be steered, a task that the checkpoint has no head for, no network, or more
            weights than there is memory.
    """
    where = _device(device)
    kind = _dtype(dtype, where)
    if name in SHIPPED:
        own, build = SHIPPED[name]
        found = task_of([own.endings[0]], task)
        _check_supported(name, own, found)
        network, *tokenizers = build(ATTENTION)
        network = network if found is own else network.base_model
    else:
        found, network, *tokenizers = _from_checkpoint(name, kind, task, where)
    if found is CLASSES and network.config.pad_token_id is None:  # to know the last token by
        network.config.pad_token_id = tokenizers[0].pad_token_id
    network = network.to(device=where, dtype=None if kind == "auto" else kind).eval()
    network.requires_grad_(False)
    family = family_of(network.config.model_type)
    make_steerable(network, family)
    source, target = tokenizers[0], tokenizers[-1]  # most often the same
    return Model(name, network, source, target, family, found, _labels(network, found))


def _from_checkpoint(
    name: str, kind: Any, task: str | None, device: torch.device
) -> tuple[Task, PreTrainedModel, PreTrainedTokenizerBase, PreTrainedTokenizerBase]:
    if not isinstance(name, str) or not name.strip():
        raise BeaconvizError(f"the model name is {name!r}; expected {_names()}")
    folder = Path(name).expanduser()
    if folder.is_dir():
        _check_folder(folder)
        name = str(folder)
        weights = _reading(name, weights_in, folder)
    elif folder.is_absolute() or name.startswith((".", "~")) or name.count("/") > 1:
        raise BeaconvizError(f"there is no folder {name!r}; expected {_names()}")
    else:
        weights = _check_hub(name)
    config = _reading(name, AutoConfig.from_pretrained, name)
    family = family_of(config.model_type)
    found = task_of(config.architectures, task)
    if family.writes_apart:
        _check_supported(name, TRANSLATE, found)
    tokenizer = _reading(name, AutoTokenizer.from_pretrained, name)
    if not tokenizer.is_fast and not family.writes_apart:
        raise BeaconvizError(
            f"{name!r} has no fast tokenizer, which says where tokens lie in the text; "
            "save one into the folder as tokenizer.json"
        )
    check_fits(name, weights, kind, device)
    network = _reading(
        name,
        found.auto.from_pretrained,
        name,
        attn_implementation=ATTENTION,
        use_safetensors=True,
        dtype="auto" if kind == "auto" else kind,
    )
    return found, network, tokenizer, _target(name, tokenizer)


def _check_supported(name: str, own: Task, wanted: Task) -> None:
    if own is TRANSLATE and wanted is not own:
        raise BeaconvizError(
            f"{name!r} reads one text and writes another; {wanted.name} is not supported for it: leave "
            f"the task out, or take a checkpoint for {wanted.name} of another family"
        )


def _target(name: str, source: PreTrainedTokenizerBase) -> PreTrainedTokenizerBase:
    """The tokenizer of what is written: in a folder `target` of the model's own, if there is one."""
    folder = Path(name).expanduser() / TARGET
    if not folder.is_dir():
        return source
    return _reading(str(folder), AutoTokenizer.from_pretrained, str(folder))


def _check_folder(folder: Path) -> None:
    if not (folder / "config.json").is_file():
        raise BeaconvizError(
            f"the folder {str(folder)!r} has no config.json; expected a model saved by save_pretrained"
        )
    if any(folder.glob("*.safetensors")):
        return
    if any(folder.glob("*.bin")) or any(folder.glob("*.pt")):
        raise BeaconvizError(
            f"the folder {str(folder)!r} has only pickled weights, which can run code; "
            "save them again with save_pretrained, as safetensors"
        )
    raise BeaconvizError(
        f"the folder {str(folder)!r} has no weights; expected model.safetensors in it"
    )


def _check_hub(name: str) -> Weights:
    """One question to the Hub, before transformers asks for file after file, each with retries."""
    cached = try_to_load_from_cache(name, "config.json")
    if isinstance(cached, str) and any(Path(cached).parent.glob("*.safetensors")):
        return _reading(name, weights_in, Path(cached).parent)
    try:
        info = HfApi().model_info(name, timeout=10, files_metadata=True)
    except RepositoryNotFoundError:
        raise BeaconvizError(
            f"the Hub has no model {name!r}, or it is private; expected {_names()}"
        ) from None
    except Exception as error:  # every transport has its own; all mean that it cannot be had now
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise BeaconvizError(
            f"no model {name!r}: it does not ship with beaconviz and the Hub could not be reached "
            f"({reason}); expected {_names()}"
        ) from error
    if not any(file.rfilename.endswith(".safetensors") for file in info.siblings or ()):
        raise BeaconvizError(
            f"{name!r} has no safetensors on the Hub, and pickled weights can run code; "
            "look for another version of it, or save one with save_pretrained"
        )
    return weights_on_hub(info)


def _reading(name: str, read: Any, *args: Any, **kwargs: Any) -> Any:
    """Reads a part of a checkpoint; what transformers raises becomes one line."""
    try:
        return read(*args, **kwargs)
    except (
        OSError,
        ValueError,
        KeyError,
        RuntimeError,
        ImportError,
        TypeError,
        SafetensorError,
    ) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        what = "the folder" if Path(name).is_dir() else "the model"
        raise BeaconvizError(f"{what} {name!r} could not be read ({reason})") from error


def _names() -> str:
    return f"{', '.join(SHIPPED)}, a Hub id such as 'dslim/bert-base-NER', or a folder"


def _labels(network: PreTrainedModel, task: Task) -> tuple[str, ...]:
    if task.over != "labels":
        return ()
    return _names_of_labels(network)


def _names_of_labels(network: PreTrainedModel) -> tuple[str, ...]:
    return tuple(network.config.id2label[i] for i in range(network.config.num_labels))


def _device(device: str) -> torch.device:
    if device == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    kind = str(device).partition(":")[0]
    if kind not in DEVICES:
        raise BeaconvizError(f"device is {device!r}; expected one of {', '.join(DEVICES)}")
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not available.get(kind, True):
        raise BeaconvizError(
            f"device is {device!r}, which this machine has not; take 'auto' or 'cpu'"
        )
    return torch.device(device)


def _dtype(dtype: str | torch.dtype, device: torch.device) -> Any:
    if dtype == "auto":
        return torch.float32 if device.type == "cpu" else "auto"
    found = DTYPES.get(str(dtype).removeprefix("torch."))
    if found is None:
        raise BeaconvizError(f"dtype is {dtype!r}; expected auto, {', '.join(DTYPES)}")
    return found


def _share(length: int, limit: int) -> str:
    return f"{100 * (length - limit) / length:.0f} %"
