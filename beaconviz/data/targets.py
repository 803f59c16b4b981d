"""Training targets of labelled sentences: token ids, and a label at each word's deciding token."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from torch.utils.data import Dataset
from transformers import PreTrainedTokenizerFast

from beaconviz.data.conll import Sentence

UNMARKED = -100  # torch's cross entropy skips this


def deciding_tokens(
    words: Sequence[str], word_of: Sequence[int | None], offsets: Sequence[tuple[int, int]]
) -> dict[int, int]:
    """The token that decides each word's tag: its first with a letter or digit, else its first.

    word_of: the word of each token, None for special tokens. offsets: the characters of each token
    in its word. A word without tokens is left out.
    """
    first: dict[int, int] = {}
    telling: dict[int, int] = {}
    for token, (word, (start, end)) in enumerate(zip(word_of, offsets, strict=True)):
        if word is not None:
            first.setdefault(word, token)
            if any(letter.isalnum() for letter in words[word][start:end]):
                telling.setdefault(word, token)
    return first | telling


def encode(
    tokenizer: PreTrainedTokenizerFast, words: Sequence[str]
) -> tuple[list[int], dict[int, int]]:
    """Token ids of the words, cut at the model's limit, and each word's deciding token."""
    encoding = tokenizer(list(words), is_split_into_words=True, truncation=True).encodings[0]
    return encoding.ids, deciding_tokens(words, encoding.word_ids, encoding.offsets)


@dataclass(frozen=True)
class Noise:
    """Noise in training sentences, as shares: of sentences in all lower or all upper case, and of
    tokens replaced by the mask token, so that the context of a name is learned too."""

    lower: float = 0.0
    upper: float = 0.0
    hidden: float = 0.0

    def recase(self, words: Sequence[str]) -> Sequence[str]:
        draw = random.random()
        if draw < self.lower:
            return [word.lower() for word in words]
        if draw < self.lower + self.upper:
            return [word.upper() for word in words]
        return words

    def hide(self, ids: list[int], tokenizer: PreTrainedTokenizerFast) -> list[int]:
        """The ids with a random share of tokens masked; special tokens are kept."""
        if not self.hidden:
            return ids
        kept = set(tokenizer.all_special_ids)
        return [
            token if token in kept or random.random() >= self.hidden else tokenizer.mask_token_id
            for token in ids
        ]


NO_NOISE = Noise()


class MarkedSentences(Dataset[dict[str, list[int]]]):
    """Sentences as input_ids and labels, encoded on access, so that each epoch has new noise."""

    def __init__(
        self,
        sentences: list[Sentence],
        tokenizer: PreTrainedTokenizerFast,
        labels: list[str],
        noise: Noise = NO_NOISE,
    ):
        self.sentences, self.tokenizer, self.noise = sentences, tokenizer, noise
        self.number = {label: number for number, label in enumerate(labels)}

    def __len__(self) -> int:
        return len(self.sentences)

    def __getitem__(self, index: int) -> dict[str, list[int]]:
        sentence = self.sentences[index]
        ids, deciding = encode(self.tokenizer, self.noise.recase(sentence.words))
        labels = [UNMARKED] * len(ids)
        for word, token in deciding.items():
            labels[token] = self.number[sentence.tags[word]]
        ids = self.noise.hide(ids, self.tokenizer)
        return {"input_ids": ids, "attention_mask": [1] * len(ids), "labels": labels}
