"""A profile equals running each choice of heads by hand."""

import random
from dataclasses import replace

import pytest

import beaconviz as bv
from beaconviz.analysis.scan import at_heads
from beaconviz.core import presets
from beaconviz.core.edit import Edit
from beaconviz.core.errors import BeaconvizError
from beaconviz.evaluate.head_profile import DRAWS, RIVALS, Point, Profile, profile
from beaconviz.evaluate.scores import score
from tests.evaluate.test_judge import LABELS, SENTENCES
from tests.tiny import tiny_model


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return bv.load(str(tiny_model("bert", tmp_path_factory.mktemp("bert"), labels=LABELS)))


def boosted(words):
    return presets.boost(words, word=0, value=200.0)


def f1(model, sentences, heads):
    predicted = []
    for sentence in sentences:
        design = boosted(sentence.words).targeting(heads=heads) if heads else None
        predicted.append(tuple(bv.run(model, list(sentence.words), design).tags))
    return score([sentence.tags for sentence in sentences], predicted).f1


def test_it_equals_runs_by_hand(model):
    *steps, last = profile(model, SENTENCES, boosted, counts=(1, 3, 99), batch_size=2, seed=4)
    total = 12 + 2 * (1 + DRAWS) + 3
    assert [step.done for step in steps] == [*range(2, 14), *range(16, 24)]
    assert all(step.total == total for step in (*steps, last))
    assert last.done == total
    result = last.profile
    numbers = list(range(len(SENTENCES)))
    random.Random(4).shuffle(numbers)
    first, second = ([SENTENCES[n] for n in half] for half in (numbers[:3], numbers[3:]))
    for layer, head in [(0, 0), (1, 3), (2, 2)]:
        assert result.alone[layer, head] == pytest.approx(f1(model, first, {layer: (head,)}))
    assert result.tried == pytest.approx(f1(model, first, None))
    assert result.held_out == pytest.approx(f1(model, second, None))
    assert result.every == pytest.approx(f1(model, second, dict.fromkeys(range(3), (0, 1, 2, 3))))
    assert [point.k for point in result.curve] == [1, 3]  # 99 heads are more than there are
    assert result.curve[1].best == pytest.approx(f1(model, second, result.best(3)))
    assert len(result.curve[0].random) == DRAWS


def test_heads_are_ranked_by_what_they_do_alone(model):
    *_, last = profile(model, SENTENCES, boosted, counts=(1,))
    ranked = last.profile.ranked()
    values = [last.profile.alone[head] for head in ranked]
    assert values == sorted(values, reverse=True)
    assert sum(map(len, last.profile.best(5).values())) == 5
    fields = last.profile.to_dict()
    assert fields["heads"][0]["change"] == pytest.approx(values[0] - last.profile.tried)


def test_what_is_done_when_somebody_stops_is_there(model):
    steps = list(profile(model, SENTENCES, boosted, counts=(1, 3)))
    assert [len(step.profile.alone) for step in steps[:12]] == list(range(1, 13))
    assert not steps[11].profile.curve
    assert [len(step.profile.curve) for step in steps[-5:]] == [1, 1, 1, 1, 2]
    assert steps[-5].profile.verdict


def test_all_edits_of_a_stack_move_to_the_heads(model):
    def stacked(words):
        return boosted(words).stacked(Edit(beacon=(("*", 0, 300.0),)))

    *_, last = profile(model, SENTENCES, stacked, counts=(1,), seed=4)
    numbers = list(range(len(SENTENCES)))
    random.Random(4).shuffle(numbers)
    first = [SENTENCES[n] for n in numbers[:3]]
    for head, value in last.profile.alone.items():
        predicted = [
            tuple(bv.run(model, list(sentence.words), alone(stacked(sentence.words), head)).tags)
            for sentence in first
        ]
        assert value == pytest.approx(score([sentence.tags for sentence in first], predicted).f1)


def alone(design, head):
    return at_heads(design, {head[0]: (head[1],)})


def test_too_few_sentences_are_refused(model):
    with pytest.raises(BeaconvizError, match="found 3 sentences"):
        next(profile(model, SENTENCES[:3], boosted))


UP, DOWN, EVEN = (0.01, 0.05), (-0.05, -0.01), (-0.01, 0.02)


def verdict(*over, k=4, best=0.6, random=(0.5, 0.5, 0.4)):
    point = Point(k, best, random, dict(zip(RIVALS, over, strict=True)))
    low = replace(point, k=1, best=0.0)
    return Profile({}, 0.5, 99, held_out=0.5, every=0.3, curve=(low, point)).verdict


def test_the_verdict_says_what_the_intervals_say():
    assert verdict(UP, UP, UP) == (
        "The best 4 heads did better than the untouched model, all heads and random heads."
    )
    assert verdict(EVEN, UP, EVEN) == (
        "The best 4 heads did better than all heads; "
        "no clear difference from the untouched model or random heads."
    )
    assert verdict(DOWN, UP, DOWN, k=2) == (
        "The best 2 heads did better than all heads "
        "and worse than the untouched model and random heads."
    )
    assert verdict(EVEN, EVEN, EVEN) == (
        "No clear difference between the best 4 heads "
        "and the untouched model, all heads or random heads."
    )


def test_the_verdict_of_a_score_that_never_changes():
    point = Point(1, 0.5, (0.5,), dict.fromkeys(RIVALS, (0.0, 0.0)))
    result = Profile({}, 0.5, 99, held_out=0.5, every=0.5, curve=(point,))
    assert (
        result.verdict
        == "No choice of heads that was tried changes the held-out score: it stays at 0.500."
    )
    assert not replace(result, every=0.4).flat
    assert not replace(result, curve=(replace(point, random=(0.6,)),)).flat


def test_few_sentences_are_remarked_upon():
    point = Point(1, 0.5, (0.5,), dict.fromkeys(RIVALS, (0.0, 0.0)))
    few, many = (Profile({}, 0.5, size, 0.5, 0.5, (point,)).remarks for size in (6, 60))
    assert [line for line in few if line not in many] == [
        "Only 6 sentences are held out: too few to rely on."
    ]


def test_the_best_of_equals_has_the_fewest_heads(model):
    *_, last = profile(model, SENTENCES, boosted, counts=(1, 3))
    result = last.profile
    flat = tuple(replace(point, best=0.5) for point in result.curve)
    assert replace(result, curve=flat).top.k == 1
    assert set(result.rivals) == set(RIVALS)
