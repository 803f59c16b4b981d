"""The index on disk: its vectors, and when it is built again."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer

import beaconviz as bv
from beaconviz.analysis.explain.weights import token_weights, word_states
from beaconviz.core.words import find_words
from beaconviz.models.shipped.minilm import package_folder
from beaconviz.retrieval import nearest
from beaconviz.retrieval.documents import Collection, Document
from beaconviz.retrieval.encoding import encode, pooled
from beaconviz.retrieval.index import build_index, default_folder, open_index, ready_index
from tests.tiny import tiny_model


def test_pooling_by_hand():
    states = torch.tensor([[3.0, 0.0], [0.0, 1.0]])
    assert pooled(states, torch.tensor([0.5, 0.5])).tolist() == pytest.approx(
        [0.9486833, 0.3162278]
    )
    assert pooled(states, torch.tensor([0.0, 1.0])).tolist() == [0.0, 1.0]


def test_mean_vectors_are_those_of_sentence_transformers(index, collection):
    theirs = SentenceTransformer(str(package_folder()), device="cpu")
    expected = theirs.encode([document.full for document in collection.documents])
    assert np.abs(index.mean - expected).max() < 1e-5


def test_attention_pooled_and_word_vectors_are_those_of_a_run(index, minilm):
    for number in (0, 7):
        run = bv.run(minilm, index.text(number))
        weights = token_weights(run, layers=[minilm.layers - 1])
        expected = pooled(run.states, weights)
        assert np.abs(index.received[number] - expected.numpy()).max() < 1e-5
        assert torch.allclose(index.vectors_of(number), word_states(run), atol=2e-3)  # float16
        assert len(index.vectors_of(number)) == len(find_words(index.text(number)))


def test_vectors_do_not_depend_on_the_batch(minilm):
    texts = ["short", "a longer text about lighthouses and the sea", "plates " * 200, "two words"]
    alone = {
        n: vectors
        for text, n in zip(texts, range(4), strict=True)
        for _, vectors in encode(minilm, [text])
    }
    for number, vectors in encode(minilm, texts, batch=4):
        assert torch.allclose(vectors.mean, alone[number].mean, atol=1e-5)
        assert torch.allclose(vectors.received, alone[number].received, atol=1e-5)
        assert torch.allclose(vectors.words, alone[number].words, atol=1e-4)
    with pytest.raises(bv.BeaconvizError, match="the batch is 0; expected 1 or more"):
        list(encode(minilm, texts, batch=0))


def test_it_is_mapped_and_opened_again_as_it_was(index, collection, minilm):
    again = ready_index(
        collection, minilm, index.folder, progress=lambda *_: pytest.fail("built again")
    )
    assert isinstance(again.mean, np.memmap)
    assert again.rebuilt == ""
    for name in ("mean", "received", "words", "passages"):
        assert np.array_equal(getattr(again, name), getattr(index, name))


@pytest.fixture
def small(minilm, tmp_path):
    documents = (Document("a", "", "Bees dance."), Document("b", "", "Bread rises in the oven."))
    collection = Collection("small", documents)
    folder = tmp_path / "index"
    ready_index(collection, minilm, folder)
    return collection, folder


def _truncated(folder):
    file = folder / "words.npy"
    file.write_bytes(file.read_bytes()[:-100])


def _of_another_size(folder):
    np.save(folder / "mean.npy", np.zeros((1, 384), np.float32))


def _older(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"beaconviz-index": 0}))


def _half_a_manifest(folder):
    file = folder / "manifest.json"
    file.write_text(file.read_text()[:-30])


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_truncated, "words.npy cannot be read"),
        (_of_another_size, "damaged"),
        (lambda folder: (folder / "received.npy").unlink(), "received.npy cannot be read"),
        (_half_a_manifest, "damaged"),
        (_older, "by another version"),
    ],
)
def test_an_unusable_index_is_built_again_and_reported(spoil, reason, small, minilm):
    collection, folder = small
    expected = np.array(open_index(collection, minilm, folder).mean)
    spoil(folder)
    again = ready_index(collection, minilm, folder)
    assert reason in again.rebuilt
    assert np.array_equal(again.mean, expected)
    assert ready_index(collection, minilm, folder).rebuilt == ""


def test_other_documents_and_another_model_are_built_anew(small, minilm, tmp_path):
    collection, folder = small
    other = Collection("other", (*collection.documents, Document("c", "", "Ice creeps.")))
    assert "of other documents" in ready_index(other, minilm, folder).rebuilt
    tiny = bv.load(str(tiny_model("bert", tmp_path / "tiny", labels=None)), device="cpu")
    assert "by another model" in ready_index(other, tiny, folder).rebuilt
    assert default_folder(other, tiny) != default_folder(other, minilm)


def test_a_stop_leaves_what_was_there(small, minilm):
    collection, folder = small
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    other = Collection("other", (*collection.documents, Document("c", "", "Ice creeps.")))

    def stop(done, count):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ready_index(other, minilm, folder, progress=stop)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    assert [file.name for file in folder.parent.iterdir()] == [folder.name]


def test_two_sessions_that_ask_at_once_get_one_index(minilm, tmp_path, monkeypatch):
    built = []

    def build(*args, **options):
        built.append(args)
        return build_index(*args, **options)

    monkeypatch.setattr("beaconviz.retrieval.index.build_index", build)
    documents = tuple(Document(str(n), "", f"the lighthouse number {n}") for n in range(3))
    few = Collection("few", documents)
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(ready_index, few, minilm, tmp_path / "index") for _ in range(4)]
        found = [each.result() for each in waiting]
    assert len(built) == 1
    assert all(np.array_equal(each.mean, found[0].mean) for each in found)
    assert not any(each.rebuilt for each in found)


def test_nothing_else_is_written_over(small, minilm, tmp_path):
    collection, _ = small
    other = tmp_path / "papers"
    other.mkdir()
    (other / "thesis.txt").write_text("mine")
    with pytest.raises(bv.BeaconvizError, match=r"holds something else \(thesis.txt\)"):
        ready_index(collection, minilm, other)
    (other / "thesis.txt").rename(other / "words.npy")
    with pytest.raises(bv.BeaconvizError, match=r"an index whose manifest.json is lost: delete it"):
        ready_index(collection, minilm, other)
    assert (other / "words.npy").read_text() == "mine"
    with pytest.raises(bv.BeaconvizError, match="is a file; expected a folder"):
        ready_index(collection, minilm, other / "words.npy")


def test_a_model_without_vectors_is_refused(small):
    with pytest.raises(bv.BeaconvizError, match="such as minilm"):
        ready_index(small[0], bv.load("ner-mini", device="cpu"))


@pytest.mark.parametrize("name", ["mean", "received"])
def test_the_nearest_of_very_many_are_those_of_the_product(name, index, monkeypatch):
    query = torch.nn.functional.normalize(
        torch.from_numpy(np.array(getattr(index, name)[3])), dim=0
    )
    plain = index.cosines(name, query)
    monkeypatch.setattr(nearest, "LIMIT", 3)
    monkeypatch.setattr(nearest, "MOST", 10)
    nearest_only = index.cosines(name, query)
    best = np.argsort(-plain)[:10]
    assert set(np.flatnonzero(nearest_only > -1)) == set(best)
    assert np.allclose(nearest_only[best], plain[best], atol=1e-5)


def test_without_faiss_the_error_says_how_to_install_it(index, monkeypatch):
    monkeypatch.setattr(nearest, "LIMIT", 3)
    monkeypatch.setitem(__import__("sys").modules, "faiss", None)
    index._graphs.clear()
    with pytest.raises(bv.BeaconvizError, match=r'pip install "beaconviz\[large\]"'):
        index.cosines("mean", torch.zeros(384))
