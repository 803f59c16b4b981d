import pytest

import beaconviz as bv
from beaconviz import samples
from beaconviz.retrieval.documents import read_documents
from beaconviz.retrieval.index import ready_index

FOLDER = samples.shipped("sample_data") / "retrieval"


@pytest.fixture(scope="session")
def minilm():
    return bv.load("minilm", device="cpu")


@pytest.fixture(scope="session")
def collection():
    return read_documents(FOLDER / "documents.jsonl")


@pytest.fixture(scope="session")
def index(collection, minilm, tmp_path_factory):
    return ready_index(collection, minilm, tmp_path_factory.mktemp("index") / "own")
