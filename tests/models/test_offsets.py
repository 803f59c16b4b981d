"""Where the pieces of a slow tokenizer lie, where they are not spelled as the text is."""

from beaconviz.models.offsets import searched_spans


def found(text, *pieces):
    spans = searched_spans(text, pieces, [False] * len(pieces))
    return [text[start:end] for start, end in spans]


def test_words_after_a_long_unknown_one_are_found():
    text = "Supercalifragilistic hello world"
    pieces = ("▁", "<unk>", "▁hello", "▁world")
    assert found(text, *pieces)[2:] == ["hello", "world"]
    assert found("Достоевский met Tom", "▁", "<unk>", "▁met", "▁Tom")[2:] == ["met", "Tom"]


def test_a_piece_that_begins_a_word_is_not_found_inside_one():
    assert found("Xyzabcate a cat", "▁", "<unk>", "▁a", "▁cat")[2:] == ["a", "cat"]


def test_letters_whose_small_form_is_longer_move_nothing():
    assert found("İİİ is big", "▁", "<unk>", "▁is", "▁big")[2:] == ["is", "big"]
