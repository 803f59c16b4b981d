"""One small comparison for all figures: the worked example on a tiny random BERT."""

import pytest

from beaconviz import samples
from beaconviz.analysis.comparison import compare
from beaconviz.core.design import Design
from beaconviz.models.loading import load
from tests.tiny import tiny_model

HOSTILE = "<b>Acme</b> met </script><script>alert('Berlin')</script> & \"Jean\" Jordan in Jordan"


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    return load(str(tiny_model("bert", tmp_path_factory.mktemp("bert"))), device="cpu")


@pytest.fixture(scope="session")
def comparison(model):
    design = Design.from_json(samples.designs()["worked-example"])
    return compare(model, samples.texts()[0].text, design)


@pytest.fixture(scope="session")
def hostile(model):
    words = [word.text for word in model.tokenize(HOSTILE).words]
    return compare(model, HOSTILE, Design.neutral(words).with_cells(beacon=[("*", 0, 40.0)]))
