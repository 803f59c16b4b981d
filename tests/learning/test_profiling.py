"""A profile equals running each choice of heads by hand."""

import random

import pytest

import beaconviz as bv
from beaconviz.core import presets
from beaconviz.learning.evaluation import score
from beaconviz.learning.profiling import DRAWS, profile
from tests.learning.test_judge import LABELS, SENTENCES
from tests.tiny import tiny_model


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return bv.load(str(tiny_model("bert", tmp_path_factory.mktemp("bert"), labels=LABELS)))


def boosted(words):
    return presets.boost(words, word=0, value=200.0)


def f1(model, sentences, heads):
    found = []
    for one in sentences:
        design = boosted(one.words).targeting(heads=heads) if heads else None
        found.append(tuple(bv.run(model, list(one.words), design).tags))
    return score([one.tags for one in sentences], found).f1


def test_it_equals_runs_by_hand(model):
    *steps, last = profile(model, SENTENCES, boosted, counts=(1, 3, 99), batch_size=2, seed=4)
    assert [step.done for step in steps] == [*range(1, 13), 12 + 1 + DRAWS, 12 + 2 * (1 + DRAWS)]
    assert all(step.total == 12 + 2 * (1 + DRAWS) and step.profile is None for step in steps)
    found = last.profile
    numbers = list(range(len(SENTENCES)))
    random.Random(4).shuffle(numbers)
    first, second = ([SENTENCES[n] for n in some] for some in (numbers[:3], numbers[3:]))
    for layer, head in [(0, 0), (1, 3), (2, 2)]:
        assert found.alone[layer, head] == pytest.approx(f1(model, first, {layer: (head,)}))
    assert found.tried == pytest.approx(f1(model, first, None))
    assert found.held_out == pytest.approx(f1(model, second, None))
    assert found.every == pytest.approx(f1(model, second, dict.fromkeys(range(3), (0, 1, 2, 3))))
    assert [point.k for point in found.curve] == [1, 3]  # 99 heads are more than there are
    assert found.curve[1].best == pytest.approx(f1(model, second, found.best(3)))
    assert len(found.curve[0].random) == DRAWS


def test_heads_are_ranked_by_what_they_do_alone(model):
    *_, last = profile(model, SENTENCES, boosted, counts=(1,))
    ranked = last.profile.ranked()
    values = [last.profile.alone[head] for head in ranked]
    assert values == sorted(values, reverse=True)
    assert sum(map(len, last.profile.best(5).values())) == 5
    told = last.profile.to_dict()
    assert told["heads"][0]["change"] == pytest.approx(values[0] - last.profile.tried)
