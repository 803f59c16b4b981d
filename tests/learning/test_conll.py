import pytest

from beaconviz.core.errors import BeaconvizError
from beaconviz.learning.conll import Sentence, label_names, read_conll


def written(tmp_path, text):
    path = tmp_path / "data.conll"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_sentences_are_read(tmp_path):
    path = written(tmp_path, "\nAnn\tB-PER\nsaw\tO\n\n\nParis\tB-LOC")
    assert read_conll(path) == [
        Sentence(("Ann", "saw"), ("B-PER", "O")),
        Sentence(("Paris",), ("B-LOC",)),
    ]


def test_windows_line_ends_are_read(tmp_path):
    assert read_conll(written(tmp_path, "Ann\tB-PER\r\n\r\nsaw\tO\r\n")) == [
        Sentence(("Ann",), ("B-PER",)),
        Sentence(("saw",), ("O",)),
    ]


def test_every_type_gets_both_labels(tmp_path):
    sentences = read_conll(written(tmp_path, "Rome\tB-LOC\nAnn\tB-PER\nLee\tI-PER\n"))
    assert label_names(sentences) == ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Ann\tB-PER\nsaw O\n", "line 2: found 'saw O', expected token<TAB>tag"),
        ("Ann\tPER\n", "line 1: found 'Ann\\\\tPER'"),
        ("Ann\tB-\n", "line 1"),
        ("Ann\tO\tO\n", "line 1"),
        ("\tO\n", "line 1"),
        ("", "has no sentences"),
        ("\n \n", "has no sentences"),
        (b"Ann\xff\tO\n", "not UTF-8 text .byte 3"),
    ],
)
def test_a_bad_file_is_told_by_line(tmp_path, text, message):
    with pytest.raises(BeaconvizError, match=message) as error:
        read_conll(written(tmp_path, text))
    assert "\n" not in str(error.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BeaconvizError, match=r"cannot read .*nowhere.conll"):
        read_conll(tmp_path / "nowhere.conll")
