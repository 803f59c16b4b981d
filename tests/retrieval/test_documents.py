"""Documents from folders and files, and what is wrong with bad ones."""

from __future__ import annotations

import json

import pytest

import beaconviz as bv
from beaconviz.retrieval.documents import Document, documents_in, read_documents
from beaconviz.retrieval.passages import cut


def texts(collection):
    return {document.id: document.text for document in collection.documents}


def lines(*records):
    return "\n".join(json.dumps(record) for record in records).encode()


def test_json_lines():
    collection = documents_in(
        lines(
            {"id": 7, "title": "T", "text": "one"}, {"text": "two"}, {"id": "x", "text": "three"}
        ),
        "a.jsonl",
    )
    assert texts(collection) == {"7": "one", "2": "two", "x": "three"}
    assert collection.documents[0].full == "T\none"
    assert Document("1", "One", "One and more").full == "One and more"


def test_csv_with_a_quoted_line_break():
    collection = documents_in(b'id,title,text\na,A,"one\ntwo"\nb,,three\n', "a.csv")
    assert texts(collection) == {"a": "one\ntwo", "b": "three"}


def test_a_folder_and_the_folders_in_it(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "a.txt").write_text("one")
    (tmp_path / "in" / "b.md").write_text("two")
    (tmp_path / "photo.png").write_bytes(b"\x89PNG")
    (tmp_path / "empty.txt").write_text("")
    collection = read_documents(tmp_path)
    assert texts(collection) == {"a.txt": "one", "in/b.md": "two"}
    assert collection.remarks == (
        "Left out: files that are no text (1).",
        "Left out: empty documents (1: empty.txt).",
    )


def test_no_file_outside_the_folder_is_read(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "a.txt").write_text("mine")
    (tmp_path / "secret.txt").write_text("not mine")
    (inside / "link.txt").symlink_to(tmp_path / "secret.txt")
    (inside / "folder").symlink_to(tmp_path)
    assert texts(read_documents(inside)) == {"a.txt": "mine"}


def test_empty_documents_are_left_out_and_reported():
    collection = documents_in(
        lines({"id": "1", "text": ""}, {"id": "2", "text": "?!"}, {"text": "a"}), "a.jsonl"
    )
    assert list(texts(collection)) == ["3"]
    assert collection.remarks == ("Left out: empty documents (2: 1, 2).",)


def test_what_is_in_it_has_one_digest():
    first, second = (documents_in(lines({"text": text}), "a.jsonl") for text in ("a", "b"))
    assert first.digest == documents_in(lines({"text": "a"}), "other.jsonl").digest != second.digest


@pytest.mark.parametrize(
    ("data", "name", "message"),
    [
        (b"{", "a.jsonl", "a.jsonl, line 1 is no JSON"),
        (b"[1]", "a.jsonl", "entry 1 of the list is a int; expected"),
        (b'{"title": "T"}', "a.jsonl", r"line 1 has no text \(found title\)"),
        (b'{"text": null}', "a.jsonl", "line 1: text is None"),
        (b'{"text": 3}', "a.jsonl", "text is 3; expected a text"),
        (b'{"id": [1], "text": "a"}', "a.jsonl", r"id is \[1\]"),
        (lines({"id": "1", "text": "a"}, {"id": 1, "text": "b"}), "a.jsonl", "'1' comes twice"),
        (lines({"text": ""}), "a.jsonl", "no document with a word"),
        (b'{"text": "\\ud800"}', "a.jsonl", "half a character"),
        (b"words\nhello\n", "a.csv", "has the columns words; expected text"),
        (b"", "a.csv", "has the columns none"),
        ("é".encode("latin-1"), "a.txt", "is not UTF-8"),
        (b"\xff\xfe\xe9", "a.txt", "UTF-16"),
        (b"\x89PNG\0", "a.txt", "NUL byte"),
        (b"\x89PNG", "a.png", "ends with '.png'"),
        (b"text", "a.pdf", "ends with '.pdf'; expected a folder"),
    ],
)
def test_a_bad_file_is_one_line(data, name, message):
    with pytest.raises(bv.BeaconvizError, match=message):
        documents_in(data, name)


def test_bad_places_are_one_line(tmp_path):
    with pytest.raises(bv.BeaconvizError, match="cannot read"):
        read_documents(tmp_path / "absent.jsonl")
    (tmp_path / "a.png").write_bytes(b"\x89PNG")
    (tmp_path / "b.jpg").write_bytes(b"JFIF")
    with pytest.raises(bv.BeaconvizError, match=r"no text file .*found 1 \.png, 1 \.jpg"):
        read_documents(tmp_path)
    (tmp_path / "c.txt").write_bytes("é".encode("latin-1"))
    with pytest.raises(bv.BeaconvizError, match=r"c\.txt is not UTF-8"):
        read_documents(tmp_path)


def test_a_document_of_a_megabyte_is_cut_into_passages_that_fit(minilm):
    text = "The quick brown fox jumps over the lazy dog again. " * 20_000
    passages = cut(minilm, [Document("1", "", "Short."), Document("2", "", text)])
    assert passages[0] == (0, 0, 6, 1)
    assert {passage.document for passage in passages[1:]} == {1}
    for passage in (passages[1], passages[-1]):
        assert len(minilm.tokenize(text[passage.start : passage.end])) <= minilm.max_tokens
        assert text[passage.end - 1] == "."
    joined = " ".join(text[passage.start : passage.end] for passage in passages[1:])
    assert joined == text.strip()


def test_a_word_that_no_model_takes_is_named(minilm):
    for text in ("a-" * 500, "a" * 1_000_000):  # many tokens; one unknown token
        with pytest.raises(
            bv.BeaconvizError, match=r"^document '1': the word .* put a space into it"
        ):
            cut(minilm, [Document("1", "", text)])


def test_long_unknown_words_are_cut_by_their_characters(minilm):
    text = " ".join(["x" * 3000] * 60)
    passages = cut(minilm, [Document("1", "", text)])
    assert len(passages) == 4
    assert all(len(text[passage.start : passage.end]) <= 50_000 for passage in passages)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (lines({"_id": "3", "title": "", "text": "a", "metadata": {}}), "corpus.jsonl"),  # BEIR
        (lines({"doc_id": 3, "text": "a"}), "a.jsonl"),
        (lines({"docid": "3", "contents": "a"}), "a.jsonl"),  # Pyserini
        (lines({"ID": "3", "text": "a"}), "a.jsonl"),
        (b'[{"id": "3",\n "text": "a"}]', "a.json"),
        (b"id\ttext\ttitle\n3\ta\tT\n", "a.tsv"),  # DPR
        (b"3\ta\n", "collection.tsv"),  # MS MARCO's passages
        (b"3\thttp://x\tT\ta\n", "docs.tsv"),  # and its documents
        (b",text\n3,a\n", "pandas.csv"),  # an index without a name
        (b"Unnamed: 0,text\n3,a\n", "pandas.csv"),
        (b"id;text\n3;a\n", "a.csv"),
        (b"ID,Text\n3,a\n", "a.csv"),
        (b'id, text\n3, "a"\n', "a.csv"),
        (lines({"_ID": "3", "TEXT": "a"}), "a.jsonl"),
        (b'id\ttext\ttitle\n3\t"a"\tT\n', "psgs.tsv"),  # DPR's own
        (lines({"pid": "3", "passage": "a", "docid": "7"}), "a.jsonl"),  # MS MARCO's second version
        (lines({"id": "3", "docid": "3", "text": "a"}), "a.jsonl"),
    ],
)
def test_ids_and_texts_as_collections_have_them(data, name):
    assert texts(documents_in(data, name)) == {"3": "a"}


@pytest.mark.parametrize("field", ["paper_id", "cord_uid", "paperId"])
def test_an_id_of_another_name_is_refused(field):
    with pytest.raises(bv.BeaconvizError, match=f"line 1 has the field '{field}' and no id"):
        documents_in(lines({field: "3", "text": "a"}), "a.jsonl")


def test_two_ids_that_differ_are_told():
    """pandas writes its own numbers as "id", and the judgements name "_id"."""
    with pytest.raises(bv.BeaconvizError, match=r"several ids \(id 0 and _id '3'\): keep the one"):
        documents_in(lines({"id": 0, "_id": "3", "text": "a"}), "a.jsonl")


def test_quotation_marks_of_a_text_are_kept():
    found = documents_in(b'1\t"To be" or "not"\n2\t"say ""no"" now"\n', "collection.tsv")
    assert texts(found) == {"1": '"To be" or "not"', "2": 'say "no" now'}


def test_a_row_longer_than_the_header_is_refused():
    with pytest.raises(bv.BeaconvizError, match=r"row 1 has more fields than the header \(2\)"):
        documents_in(b"id,text\n3,a, b\n", "a.csv")


def test_passages_count_the_words_that_the_model_reads(minilm):
    text = "安娜住在奥斯陆。 Ann lives in Oslo."
    (passage,) = cut(minilm, [Document("1", "", f" {text}\n")])
    assert text == f" {text}\n"[passage.start : passage.end]
    assert passage.words == len(minilm.tokenize(text).words)
