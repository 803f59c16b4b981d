import pytest
import torch
from transformers import AutoModelForTokenClassification, AutoTokenizer

from beaconviz.core.errors import BeaconvizError
from beaconviz.models.shipped.casing import (
    CAPITALISED,
    LOWER,
    UPPER,
    CasedEmbedding,
    cased_tokenizer,
    cased_vocabulary,
    fold,
    pieces_of,
)
from tests.word_pieces import PIECES, tokenizer

WORDS = ["[CLS]", "[unused1]", "steve", "##a", "3m", "ß", "."]


def test_copies_follow_the_originals():
    vocabulary = cased_vocabulary(WORDS)
    assert vocabulary.pieces == (*WORDS, "Steve", "STEVE", "##A", "3M")
    assert vocabulary.origin == (0, 1, 2, 3, 4, 5, 6, 2, 2, 3, 4)
    copies = (CAPITALISED, UPPER, CAPITALISED, UPPER)
    assert vocabulary.case == (LOWER,) * len(WORDS) + copies


def test_capitals_survive_and_accents_do_not():
    cased = cased_tokenizer(tokenizer(), cased_vocabulary(PIECES))
    assert cased.tokenize("Steve JOBS saw stevE, Àpple") == [
        *("Steve", "JOBS", "saw", "s", "##t", "##e", "##v", "##E", ",", "Apple")
    ]


def test_copies_start_as_their_originals():
    vocabulary = cased_vocabulary(PIECES)
    embedding = CasedEmbedding(torch.randn(len(PIECES), 8), vocabulary)
    steve, capital = PIECES.index("steve"), vocabulary.pieces.index("Steve")
    assert torch.equal(embedding(torch.tensor(capital)), embedding.table[steve])


def test_folding_is_exact_and_loads_anywhere(uncased_folder, tmp_path):
    uncased = AutoTokenizer.from_pretrained(uncased_folder)
    vocabulary = cased_vocabulary(pieces_of(uncased))
    network = AutoModelForTokenClassification.from_pretrained(uncased_folder).eval()
    network.set_input_embeddings(
        CasedEmbedding(network.get_input_embeddings().weight.detach(), vocabulary)
    )
    with torch.no_grad():
        network.get_input_embeddings().case.weight[1:] = torch.randn(2, 16)
    cased = cased_tokenizer(uncased, vocabulary)
    batch = cased("Steve JOBS was in Paris", return_tensors="pt")
    with torch.no_grad():
        before = network(**batch).logits
        fold(network, vocabulary)
        assert type(network.get_input_embeddings()) is torch.nn.Embedding
        assert torch.equal(network(**batch).logits, before)
        network.save_pretrained(tmp_path)
        cased.save_pretrained(tmp_path)
        loaded = AutoModelForTokenClassification.from_pretrained(tmp_path)
        again = AutoTokenizer.from_pretrained(tmp_path)(
            "Steve JOBS was in Paris", return_tensors="pt"
        )
        assert torch.equal(loaded(**again).logits, before)
    assert loaded.config.vocab_size == len(vocabulary.pieces)


def test_lower_case_learns_no_vector():
    embedding = CasedEmbedding(torch.randn(len(PIECES), 8), cased_vocabulary(PIECES))
    embedding(torch.arange(len(PIECES) + 9)).sum().backward()
    assert torch.equal(embedding.case.weight.grad[LOWER], torch.zeros(8))
    assert embedding.case.weight.grad[CAPITALISED].abs().sum() > 0


def test_a_cased_tokenizer_is_refused():
    vocabulary = cased_vocabulary(PIECES)
    cased = cased_tokenizer(tokenizer(), vocabulary)
    with pytest.raises(BeaconvizError, match=r"lower-casing off: .*--no-case"):
        cased_tokenizer(cased, vocabulary)
