"""Capital letters for a model that was trained without them.

An uncased BERT reads "Apple" and "apple" alike, which hurts name recognition. Its vocabulary
is extended here with a capitalised and an upper-cased copy of every entry

    steve → Steve, STEVE        ##donald → ##Donald, ##DONALD

and lower-casing is turned off. A copy's embedding is that of its original plus
one learned vector for its case. BERT adds up its embeddings, so once the vectors
are learned they fold into the table exactly: what comes out is a plain BERT with
a plain, longer vocabulary.
"""

import json
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.functional import embedding
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from beaconviz.core.errors import BeaconvizError

LOWER, CAPITALISED, UPPER = range(3)
_COPIES = ((CAPITALISED, str.capitalize), (UPPER, str.upper))


@dataclass(frozen=True)
class CasedVocabulary:
    """The extended vocabulary; the first entries are the original ones, ids unchanged.

    pieces: entry of each id. origin: id of its lower-case original.
    case: LOWER, CAPITALISED or UPPER.
    """

    pieces: tuple[str, ...]
    origin: tuple[int, ...]
    case: tuple[int, ...]


def cased_vocabulary(pieces: list[str]) -> CasedVocabulary:
    """
    >>> cased_vocabulary(["[CLS]", "steve", "##a", "3"]).pieces
    ('[CLS]', 'steve', '##a', '3', 'Steve', 'STEVE', '##A')
    """
    entries = {piece: (number, LOWER) for number, piece in enumerate(pieces)}
    for number, piece in enumerate(pieces):
        for case, copy in _copies(piece):
            entries.setdefault(copy, (number, case))
    return CasedVocabulary(
        pieces=tuple(entries),
        origin=tuple(origin for origin, _ in entries.values()),
        case=tuple(case for _, case in entries.values()),
    )


def _copies(piece: str) -> list[tuple[int, str]]:
    """The cased copies of an entry that lower-casing maps back to it; none for "[CLS]"."""
    if piece.startswith("[") and piece.endswith("]") and len(piece) > 2:
        return []
    prefix, body = ("##", piece[2:]) if piece.startswith("##") else ("", piece)
    copies = [(case, change(body)) for case, change in _COPIES]
    return [(case, prefix + copy) for case, copy in copies if copy != body and copy.lower() == body]


class CasedEmbedding(nn.Module):
    """Embeddings of a cased vocabulary, with separate case vectors: ids (…) → (…, width).

    `case.weight` is (3, width) and starts at zero; its first row, lower case, stays there.
    """

    def __init__(self, table: Tensor, vocabulary: CasedVocabulary):
        super().__init__()
        self.table = nn.Parameter(table)
        self.case = nn.Embedding(3, table.shape[1], padding_idx=LOWER)
        nn.init.zeros_(self.case.weight)
        self.origin_of: Tensor
        self.case_of: Tensor
        self.register_buffer("origin_of", torch.tensor(vocabulary.origin), persistent=False)
        self.register_buffer("case_of", torch.tensor(vocabulary.case), persistent=False)

    def forward(self, ids: Tensor) -> Tensor:
        vectors: Tensor = embedding(self.origin_of[ids], self.table) + self.case(self.case_of[ids])
        return vectors


def folded(table: Tensor, case: Tensor, vocabulary: CasedVocabulary) -> Tensor:
    """The plain table (cased entries, width) of `table` (entries, width) and `case` (3, width)."""
    return table[torch.tensor(vocabulary.origin)] + case[torch.tensor(vocabulary.case)]


def fold(network: PreTrainedModel, vocabulary: CasedVocabulary) -> None:
    """Turn the network's CasedEmbedding into a plain embedding, exactly."""
    cased = network.get_input_embeddings()
    table = folded(cased.table.detach(), cased.case.weight.detach(), vocabulary)
    network.set_input_embeddings(
        nn.Embedding.from_pretrained(table, freeze=False, padding_idx=network.config.pad_token_id)
    )
    network.config.vocab_size = len(table)


def pieces_of(tokenizer: PreTrainedTokenizerFast) -> list[str]:
    """The vocabulary in the order of its ids."""
    number_of = tokenizer.get_vocab()
    return sorted(number_of, key=lambda piece: number_of[piece])


def cased_tokenizer(
    tokenizer: PreTrainedTokenizerFast, vocabulary: CasedVocabulary
) -> PreTrainedTokenizerFast:
    """The same tokenizer over the cased vocabulary. Accents are still stripped, as before."""
    parts = json.loads(tokenizer.backend_tokenizer.to_str())
    kind, lowers = parts["model"]["type"], (parts["normalizer"] or {}).get("lowercase")
    if kind != "WordPiece" or not lowers:
        raise BeaconvizError(
            "case copies need a WordPiece tokenizer that lower-cases, and "
            f"{tokenizer.name_or_path or 'this one'} is {kind}, lower-casing "
            f"{'on' if lowers else 'off'}: leave them out with --no-case"
        )
    parts["model"]["vocab"] = {piece: number for number, piece in enumerate(vocabulary.pieces)}
    parts["normalizer"] |= {"lowercase": False, "strip_accents": True}
    parts |= {"truncation": None, "padding": None}
    return PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(json.dumps(parts)),
        model_max_length=tokenizer.model_max_length,
        **tokenizer.special_tokens_map,
    )
