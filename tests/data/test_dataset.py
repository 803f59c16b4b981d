import json
from dataclasses import replace

import pytest

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.words import join_words
from beaconviz.data import textfile
from beaconviz.data.conll import Sentence
from beaconviz.data.dataset import Dataset, parse_tag_map, read_dataset, read_dataset_text
from beaconviz.samples import shipped

WNUT = "Ann\tB-person\nLee\tI-person\nof\tO\nAcme\tB-corporation\nIT\tB-product\n"
ROME = Sentence(("Rome",), ("B-LOC",))


def test_a_conll_file(tmp_path):
    path = tmp_path / "two.conll"
    path.write_text("Ann I-PER\nLee I-PER\n\nin O\nRome I-LOC\n", encoding="utf-8")
    assert read_dataset(path) == Dataset(
        name="two.conll",
        sentences=(
            Sentence(("Ann", "Lee"), ("B-PER", "I-PER")),
            Sentence(("in", "Rome"), ("O", "B-LOC")),
        ),
        types=("LOC", "PER"),
        scheme="IOB1",
    )


@pytest.mark.parametrize(
    "data",
    [
        "Rome\tB-LOC\r\n\r\n",
        "Rome\tB-LOC\r",
        b"\xef\xbb\xbfRome\tB-LOC",
        "Rome\tB-LOC\r\n".encode("utf-16"),
        "Rome\tB-LOC\n".encode("utf-32"),
        b"\xfe\xff" + "Rome\tB-LOC\n".encode("utf-16-be"),
        '{"text": "Rome", "spans": [[0, 4, "LOC"]]}\r\n',
        ' {"words": ["Rome"], "tags": ["U-LOC"]}',
    ],
)
def test_an_upload_of_either_format(data):
    [sentence] = read_dataset_text(data, "upload").sentences
    assert replace(sentence, text=None) == ROME
    assert sentence.text in (None, "Rome")


def test_the_ending_tells_json_lines():
    with pytest.raises(BeaconvizError, match=r"up.JSONL, line 1: .* not valid JSON"):
        read_dataset_text("Rome\tB-LOC\n", "up.JSONL")


@pytest.mark.parametrize(
    ("name", "count"), [("sample.conll", 12), ("sample.jsonl", 12), ("hard.conll", 60)]
)
def test_the_samples_are_data_for_the_shipped_model(name, count):
    data = read_dataset(shipped("sample_data") / name)
    assert len(data.sentences) == count
    assert data.types == ("LOC", "ORG", "PER")


@pytest.mark.parametrize(
    "data",
    [
        "Ann b-per\nLee i-per\nsang o\n",
        "Ann B_per\nLee I_per\nsang O\n",
        "Ann per-B\nLee per-I\nsang O\n",
        "Ann B-per\nLee M-per\nsang X\n",
        '{"tokens": ["Ann", "Lee", "sang"], "ner_tags": ["B:per", "I:per", "0"]}',
    ],
)
def test_tags_in_every_spelling_of_labels(data):
    assert read_dataset_text(data, "x").sentences[0].tags == ("B-per", "I-per", "O")


def test_a_sentence_is_read_as_its_text_stands():
    [sentence] = read_dataset_text(
        '{"text": "安娜  saw Bob", "spans": [[0, 2, "PER"]]}', "x"
    ).sentences
    assert sentence.as_written == sentence.whole == "安娜  saw Bob"
    assert [word.start for word in sentence.placed] == [0, 1, 4, 8]
    [sentence] = read_dataset_text("安 B-PER\n娜 I-PER\nsaw O\n", "x").sentences
    assert sentence.as_written == ("安", "娜", "saw")
    assert sentence.whole == "安娜 saw"


def test_a_map_renames_and_drops_types():
    tag_map = parse_tag_map(["person=PER", "corporation=ORG", "product = O"])
    data = read_dataset_text(WNUT, "wnut", tag_map=tag_map)
    assert data.sentences[0].tags == ("B-PER", "I-PER", "O", "B-ORG", "O")
    assert data.types == ("ORG", "PER")


def test_types_mapped_to_one_stay_two_entities():
    data = read_dataset_text("Rome B-city\nItaly I-country\n", "x", tag_map={"city": "LOC", "country": "LOC"})  # fmt: skip
    assert data.sentences[0].tags == ("B-LOC", "B-LOC")


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ("LOCATION", "'LOCATION' is not of the form FROM=TO"),
        ("=LOC", "not of the form"),
        ("A=", "not of the form"),
        ("A=B=C", "not of the form"),
        ("O=PER", "names tags"),
        ("B-LOCATION=B-LOC", "names tags: write types"),
        ("MISC=PER", "MISC is mapped to both O and PER"),
    ],
)
def test_a_bad_map(pair, message):
    with pytest.raises(BeaconvizError, match=message):
        parse_tag_map(["MISC=O", pair])


def test_types_that_the_model_lacks_are_told_with_a_map_that_mends_it():
    labels = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"]
    with pytest.raises(BeaconvizError) as error:
        read_dataset_text(WNUT, "wnut").for_labels(labels)
    assert str(error.value) == (
        "wnut has corporation, person, product, which the model lacks; it has PER, ORG, LOC: "
        "map them, as with --map corporation=ORG --map person=PER --map product=O (O drops a type)"
    )
    told = str(error.value).split("with ")[1].split(" (O")[0].split()[1::2]
    mended = read_dataset_text(WNUT, "wnut", tag_map=parse_tag_map(told))
    assert mended.for_labels(labels) is mended


def test_a_suggestion_is_quoted_for_the_shell():
    data = read_dataset_text('{"text": "Rome", "spans": [[0, 4, "my place"]]}', "x")
    with pytest.raises(BeaconvizError, match="--map 'my place=O'"):
        data.for_labels(["LOC"])


def test_a_model_without_labels_is_told():
    with pytest.raises(BeaconvizError, match="names no entities"):
        read_dataset_text(WNUT, "wnut").for_labels(["O"])


def test_a_sentence_of_5000_words_is_data():
    words = [f"w{n}" for n in range(5000)]
    conll = "\n".join(f"{word} {'I' if n else 'B'}-X" for n, word in enumerate(words))
    text = " ".join(words)
    spans = json.dumps({"text": text, "spans": [[0, len(text), "X"]]})
    for data in (conll, spans):
        [sentence] = read_dataset_text(data, "long").sentences
        assert sentence.words == tuple(words)
        assert sentence.tags == ("B-X", *["I-X"] * 4999)
        join_words(sentence.words)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "bad has no sentences: expected lines of token<TAB>tag"),
        (b"\n \n-DOCSTART- O\n# a comment\n", "bad has no sentences"),
        (b"Ann\tO\nAnn\xff\tO\n", r"bad is not UTF-8 text \(byte 9, line 2\): save it as UTF-8"),
        (b"\xff\xfeA", r"bad begins as UTF-16 text and does not go on as that \(byte 2\)"),
        ("Ann\tO\n".encode("utf-16-le"), "line 1: found a NUL byte, so this is binary, or UTF-16"),
        (b"PK\x03\x04\n\x00", "is a zip file or a spreadsheet: unpack it first"),
        (b"\x1f\x8b\x08\x00", "is a gzip file: unpack it first"),
        (b"PAR1\x15\x04\x00", "is a Parquet file: write it as JSON Lines"),
        (b"\xff\xff\xff\xff\x88", "is an Arrow stream: write it as JSON Lines"),
        (b"\x78\x9c\xed\x9d", "as of spaCy's DocBin: write its texts and entities"),
        (b"%PDF-1.7\n\x00", "is a PDF: save its text"),
        (b"SQLite format 3\x00", "is an SQLite database"),
        (b"\x80\x04\x95", "is a pickle, which can run code"),
        ("Ann\tO\n\ud800\tO\n", "bad is not UTF-8 text"),
        ("Ann\tO\n10\xa0000\tO\n", r"line 2: found the word '10\\xa0000', expected one without white"),
        ("New York\tB-LOC\n", "line 1: found the word 'New York'"),
        ('{"words": ["a", "b\\u0007"], "tags": ["O", "O"]}', "line 1: found the word"),
        ('{"words": ["\\ud800"], "tags": ["O"]}', "line 1: found the word"),
        ("\n\u200b O\n", "line 2: found a sentence of invisible characters"),
        ("word O\n" * 20_000, "line 1: found a sentence of 20,000 words, .* put a blank line between"),
        ("Ann\tPER\n", "line 1: found the tag 'PER' at the word 'Ann', expected O, or a type with B-"),
        ("Ann\tO\nBob\tB-\n", "line 2: found the tag 'B-'"),
        ("Ann\tO\nBob\tB-PER\nin\tPER\n", "line 3: found the tag 'PER' at the word 'in'"),
        ('{"words": ["Ann"], "tags": ["PER"]}', "line 1: found the tag 'PER' at the word 'Ann'"),
        ("a B-X\nb E-X\nc L-X\n", "bad: found the tags B-X, E-X, L-X, which no scheme has"),
    ],
)  # fmt: skip
def test_bad_data_is_told(data, message):
    with pytest.raises(BeaconvizError, match=message) as error:
        read_dataset_text(data, "bad")
    assert "\n" not in str(error.value)


def test_what_is_no_file_is_told(tmp_path):
    for path in (tmp_path, tmp_path / "nowhere.conll", tmp_path / "a\0b"):
        with pytest.raises(BeaconvizError, match=r"cannot read .* expected a CoNLL or JSON Lines"):
            read_dataset(path)


def test_a_large_file_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(textfile, "MAX_BYTES", 2_000_000)
    path = tmp_path / "large.conll"
    path.write_bytes(b"\n" * 2_000_001)
    with pytest.raises(BeaconvizError, match=r"large.conll has more than 2 MB, .* split it"):
        read_dataset(path)
    path.write_bytes(b"Ann\tO\n" + b"\n" * 1_999_994)
    assert len(read_dataset(path).sentences) == 1


@pytest.mark.parametrize("word", ["%PDF", "PAR1", "ARROW1", "BZh", "SQLite"])
def test_a_text_that_begins_as_other_files_do_is_a_text(word):
    assert read_dataset_text(f"{word}\tB-ORG\nsays\tO\n", "a.conll").sentences[0].words[0] == word


TASK = {"data": {"text": "Ann sang"}, "annotations": []}
DONE = {"data": {"text": "Bob ran"}, "annotations": [{"result": []}]}


def test_what_is_left_out_is_told():
    data = read_dataset_text(json.dumps([TASK, DONE, *[TASK] * 5]), "x")
    assert [sentence.words for sentence in data.sentences] == [("Bob", "ran")]
    assert data.remarks == (
        "Left out: records that nobody annotated with entities (6: number 1, 3, 4, 5, 6, …).",
    )
    assert read_dataset_text(json.dumps([DONE]), "x").remarks == ()


def test_nothing_but_what_is_left_out():
    rejected = {"text": "Ann", "spans": [], "answer": "reject"}
    with pytest.raises(BeaconvizError) as error:
        read_dataset_text(json.dumps([TASK, rejected]), "x")
    assert str(error.value) == (
        "x has no annotated sentence; expected at least one: annotate some and export them again. "
        "Left out: records that nobody annotated with entities (1: number 1). "
        "Left out: records that an annotator rejected or skipped (1: number 2)."
    )


def test_names_of_numbered_tags_beside_the_file(tmp_path):
    path = tmp_path / "train.jsonl"
    path.write_text('{"tokens": ["Rome"], "ner_tags": [1]}', encoding="utf-8")
    with pytest.raises(BeaconvizError, match=r"ner_tags holds numbers, and neither the file nor"):
        read_dataset(path)
    feature = {"feature": {"names": ["O", "B-LOC"], "_type": "ClassLabel"}, "_type": "Sequence"}
    info = {"features": {"ner_tags": feature}}
    (tmp_path / "dataset_info.json").write_text(json.dumps(info), encoding="utf-8")
    assert read_dataset(path).sentences == (ROME,)
    for number in (2, -1, -100):
        path.write_text(f'{{"tokens": ["Rome"], "ner_tags": [{number}]}}', encoding="utf-8")
        with pytest.raises(
            BeaconvizError, match=rf"ner_tags\[0\] is {number}, expected a number from 0"
        ):
            read_dataset(path)
