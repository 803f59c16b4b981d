from beaconviz.data.conll import Sentence
from beaconviz.data.targets import UNMARKED, MarkedSentences, Noise, deciding_tokens, encode
from tests.word_pieces import PIECES, tokenizer


def test_a_word_is_decided_by_its_first_token_with_a_letter_or_digit():
    # [CLS] @ ann - - . [SEP] for the words "@ann", "--" and "."
    word_of = [None, 0, 0, 1, 1, 2, None]
    offsets = [(0, 0), (0, 1), (1, 4), (0, 1), (1, 2), (0, 1), (0, 0)]
    assert deciding_tokens(["@ann", "--", "."], word_of, offsets) == {0: 2, 1: 3, 2: 5}


def test_a_word_without_tokens_is_left_out():
    assert encode(tokenizer(), ["\x00", "Ann"]) == ([2, PIECES.index("ann"), 3], {1: 1})


def test_labels_stand_on_deciding_tokens_only():
    sentences = [Sentence(("@Steve", "Annx", "."), ("B-PER", "I-PER", "O"))]
    [marked] = MarkedSentences(sentences, tokenizer(), ["O", "B-PER", "I-PER"])
    assert [PIECES[number] for number in marked["input_ids"]] == [
        *("[CLS]", "@", "steve", "ann", "##x", ".", "[SEP]")
    ]
    assert marked["labels"] == [UNMARKED, UNMARKED, 1, 2, UNMARKED, 0, UNMARKED]


def test_long_sentences_are_cut():
    [marked] = MarkedSentences([Sentence(("ann",) * 99, ("O",) * 99)], tokenizer(), ["O"])
    assert len(marked["input_ids"]) == len(marked["labels"]) == 32


def test_case_noise():
    words = ("Ann", "saw")
    assert Noise().recase(words) == words
    assert Noise(lower=1.0).recase(words) == ["ann", "saw"]
    assert Noise(upper=1.0).recase(words) == ["ANN", "SAW"]


def test_hidden_tokens_keep_their_labels():
    [marked] = MarkedSentences(
        [Sentence(("Ann", "saw"), ("B-PER", "O"))],
        tokenizer(),
        ["O", "B-PER"],
        Noise(hidden=1.0),
    )
    assert marked["input_ids"] == [2, 4, 4, 3]
    assert marked["labels"] == [UNMARKED, 1, 0, UNMARKED]
