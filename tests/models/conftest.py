import pytest

import beaconviz as bv
from tests.tiny import FAMILIES, tiny_model


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """A tiny random token classifier of every family, and a bare BERT encoder."""
    root = tmp_path_factory.mktemp("models")
    folders = {family: tiny_model(family, root / family) for family in FAMILIES}
    return folders | {"bare": tiny_model("bert", root / "bare", labels=None)}


@pytest.fixture(scope="session")
def models(folders):
    return {name: bv.load(str(folder), device="cpu") for name, folder in folders.items()}


@pytest.fixture(scope="session", params=FAMILIES)
def model(request, models):
    return models[request.param]
