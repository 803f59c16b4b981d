import json

import pandas as pd
import pytest
import torch

import beaconviz as bv
from beaconviz.analysis import metrics
from tests.tiny import tiny_model

TEXT = "Steve Jobs was the co-founder of Apple Inc."
WORDS = TEXT.split()


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return bv.load(str(tiny_model("bert", tmp_path_factory.mktemp("bert"))), device="cpu")


@pytest.fixture(scope="module")
def comparison(model):
    design = bv.Design.neutral(WORDS).with_cells(beacon=[("*", 6, 12.0)]).targeting(layers=[1, 2])
    return bv.compare(model, TEXT, design)


def test_metrics_have_a_row_per_layer_and_head(comparison):
    table = comparison.metrics()
    assert table[["layer", "head"]].to_numpy().tolist() == [
        [i, j] for i in range(3) for j in range(4)
    ]
    assert (table.loc[table.layer == 0, "divergence"] == 0).all()
    assert (table.loc[table.layer > 0, "divergence"] > 0).all()
    for _, row in table.iterrows():
        place = int(row.layer), int(row["head"])
        before = comparison.baseline.attention(*place)
        after = comparison.edited.attention(*place)
        assert row.entropy_baseline == pytest.approx(
            metrics.entropy(before).mean().item(), abs=1e-5
        )
        assert row.entropy_change == pytest.approx(
            row.entropy_edited - row.entropy_baseline, abs=1e-6
        )
        assert row.divergence == pytest.approx(
            metrics.divergence(before, after).mean().item(), abs=1e-6
        )
        away = comparison.baseline.attention(*place, special=False)
        words = torch.tensor(
            [w for w in comparison.baseline.aligned.word_of if w is not None]
        ).float()
        expected = metrics.distance(away, words, words).mean().item()
        assert row.distance_baseline == pytest.approx(expected, abs=1e-5)
    found = comparison.divergence().flatten().tolist()
    assert found == pytest.approx(table.divergence.tolist(), abs=1e-6)


@pytest.mark.parametrize("place", [(None, None), (0, None), (2, 3), (None, 1)])
@pytest.mark.parametrize(("unit", "special"), [("word", False), ("token", True)])
def test_a_glance_is_the_map_and_the_divergence(model, comparison, place, unit, special):
    neutral = bv.compare(model, TEXT, bv.Design.neutral(WORDS))
    for one in (comparison, neutral):
        shown, divergence = one.glance(*place, unit, special)
        expected = one.edited.attention(*place, unit=unit, special=special)
        assert torch.allclose(shown, expected, atol=1e-6)
        assert torch.allclose(divergence, one.divergence(), atol=1e-6)


def test_a_neutral_comparison_changes_nothing(model):
    same = bv.compare(model, TEXT, bv.Design.neutral(WORDS))
    assert same.changes == []
    assert same.divergence().abs().max() == 0
    assert (same.words().filter(like="_change") == 0).all().all()


def test_word_numbers(comparison):
    table = comparison.words(layer=2, head=1)
    assert table.word.tolist() == WORDS
    assert table.received_baseline.sum() == pytest.approx(8, abs=1e-4)
    assert table.received_change[6] > 0
    assert table.divergence.between(0, 0.6932).all()


def test_label_probabilities(comparison):
    table = comparison.label_table().frame
    assert table.word.tolist() == WORDS
    assert table.tag_baseline.tolist() == comparison.baseline.tags
    probabilities = table[[f"{label}_edited" for label in comparison.edited.model.labels]]
    assert probabilities.sum(axis=1).tolist() == pytest.approx([1] * 8, abs=1e-5)


def test_plain_data_is_json(comparison):
    data = json.loads(json.dumps(comparison.to_dict()))
    assert set(data) == {
        "model", "device", "words", "tokens", "design", "baseline", "edited", "changes", "metrics",
    }  # fmt: skip
    assert set(data["baseline"]) == set(data["edited"]) == {"entities", "tags"}
    assert len(data["metrics"]) == 12
    assert len(comparison.to_dict(layer=1)["metrics"]) == 4
    assert comparison.to_dict(1, 2)["metrics"][0]["head"] == 2
    with pytest.raises(bv.BeaconvizError, match="layer is 7"):
        comparison.to_dict(layer=7)
    assert bv.Design.from_json(json.dumps(data["design"])) == comparison.design


def test_a_notebook_shows_it(comparison):
    html = comparison._repr_html_()
    assert "Apple" in html
    assert isinstance(comparison.metrics(), pd.DataFrame)
