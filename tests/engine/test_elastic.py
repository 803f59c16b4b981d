"""Learned beacons: neutral at first, an ordinary design for any text, and beside the call only."""

import json
import threading
from dataclasses import replace

import pytest
import torch
from torch import nn

import beaconviz as bv
from beaconviz.core.errors import BeaconvizError
from beaconviz.engine import forward, passes
from beaconviz.engine.elastic import ElasticBeacons, MadeFor, Options, Pull
from beaconviz.runs.execute import run_batch, tag_batch
from beaconviz.runs.learned_beacons import FACTS, WEIGHTS, as_design, load_learned, save_learned
from tests.tiny import tiny_model

TEXT = "Ada Lovelace was the co-founder of Apple Inc. in London"
SHORT = "Steve Jobs was quick"
KINDS = [
    Options(distance=0),
    Options(distance=3),
    Options(distance=0, query=2),
    Options(distance=2, query=1, marker=True),
    Options(distance=0, shuffled=True),
]


def made(model, options, **changes):
    """A module with random weights, strong enough to matter."""
    learned = ElasticBeacons(model.made_for, replace(options, frozen=True, **changes))
    with torch.no_grad():
        for weight in learned.parameters():
            weight.mul_(2)
    return learned


def logits(model, text, design=None, learned=None):
    return bv.run(model, text, design, learned=learned).logits


def test_an_untrained_module_changes_nothing_in_any_family(model):
    for options in KINDS:
        learned = ElasticBeacons(model.made_for, options)
        found = bv.run(model, TEXT, learned=learned)
        assert (found.logits - logits(model, TEXT)).abs().max() < 1e-5
        assert as_design(model, learned, TEXT).is_neutral


def test_the_parameters_are_as_many_as_in_the_first_trial():
    learned = ElasticBeacons(MadeFor("minilm", 6, 12, 384), Options(distance=16))
    head = nn.Linear(384, 7)
    assert sum(w.numel() for one in (learned, head) for w in one.parameters()) == 32_719


def test_a_pull_by_hand():
    # two tokens u, one head: column 1 and 2; near by distance −1, 0, 1; query term 3·uᵢ·uⱼ
    states = torch.tensor([[[1.0], [2.0]]])
    learned = ElasticBeacons(MadeFor("one", 1, 1, 1), Options(query=1, distance=1, marker=True))
    with torch.no_grad():
        learned.column.fill_(1.0)
        learned.asks.fill_(3.0)
        learned.answers.fill_(1.0)
        learned.near.copy_(torch.tensor([10.0, 20.0, 30.0]).view(1, 1, 3))
        learned.gate.fill_(torch.log(torch.tensor(3.0)))  # σ is 3/4 at u = 1, 9/10 at u = 2
    pull = learned(0, states, None)
    expected = torch.tensor([[1 + 3 + 20.0, 2 + 6 + 30], [1 + 6 + 10, 2 + 12 + 20]])
    assert torch.allclose(pull.beacon()[0, 0], expected)
    assert torch.allclose(pull.beacon(slice(1, 2))[0, 0], expected[1:])
    assert torch.allclose(pull.added()[0, 0], expected * torch.tensor([1.5, 1.8]))


@pytest.mark.parametrize("options", KINDS)
def test_its_design_for_a_text_does_what_it_does(model, options):
    learned = made(model, options)
    design = as_design(model, learned, TEXT)
    found = bv.run(model, TEXT, learned=learned)
    again = bv.run(model, TEXT, bv.Design.from_json(design.to_json()))
    assert (found.logits - logits(model, TEXT)).abs().max() > 1e-2
    assert (found.logits - again.logits).abs().max() < 1e-4
    for layer in range(found.layers):
        assert torch.allclose(found.weights(layer), again.weights(layer), atol=1e-4)
        assert torch.allclose(found.weights(layer).sum(-1), torch.tensor(1.0), atol=1e-5)


@pytest.mark.parametrize("options", KINDS[:2])
def test_its_design_on_words_is_the_mean_over_their_tokens(models, options):
    model = models["bert"]
    learned = made(model, options)
    tokens, words = (as_design(model, learned, TEXT, unit) for unit in ("token", "word"))
    aligned = bv.run(model, TEXT).aligned
    assert words.words == tuple(TEXT.split())
    pieces = [list(some) for some in aligned.pieces]
    assert max(map(len, pieces)) > 1
    for edit in (0, 7):
        matrix = tokens.matrix("beacon", edit)
        expected = matrix[pieces[4]][:, pieces[6]].mean()
        assert words.matrix("beacon", edit)[4, 6].item() == pytest.approx(expected.item(), abs=1e-5)
    assert (logits(model, TEXT, words) - logits(model, TEXT)).abs().max() > 1e-2


def test_a_person_can_change_one_cell_of_it(models):
    model = models["bert"]
    design = as_design(model, made(model, KINDS[1]), TEXT)
    changed = design.with_cells(beacon=[(3, 5, 40.0)], edit=6)  # 4 heads a layer: layer 1, head 2
    before, after = (bv.run(model, TEXT, one) for one in (design, changed))
    assert torch.equal(before.attention(1, 1), after.attention(1, 1))
    assert after.attention(1, 2)[3, 5] > before.attention(1, 2)[3, 5] + 0.3


@pytest.mark.parametrize(
    ("reading", "options"),  # no one design can say a learned gate and another reading
    [("product", KINDS[1]), ("mask", KINDS[1]), ("gate", KINDS[1]), ("gate", KINDS[3])],
)
def test_a_design_acts_on_what_the_learned_beacons_left(models, reading, options):
    model = models["bert"]
    learned = made(model, options)
    names = as_design(model, learned, TEXT).words
    cells = {"marker": [(2, 4, 0.0), (3, 3, 0.0)], "beacon": [("*", 6, 9.0)]}
    hand = bv.Design.neutral(names, reading=reading, unit="token").with_cells(**cells)
    both = bv.run(model, TEXT, hand, learned=learned)
    # What is learned depends on the states, which the hand-made edit has changed.
    whole = replace(hand, edits=(*pulls(both), *hand.edits))
    again = bv.run(model, TEXT, whole)
    assert (both.logits - again.logits).abs().max() < 1e-4
    assert (both.logits - logits(model, TEXT, None, learned)).abs().max() > 1e-2
    assert torch.allclose(both.weights(1), again.weights(1), atol=1e-4)


def pulls(run):
    """The beacons and gates that a run kept, as edits."""
    for layer, trace in enumerate(run.traces):
        for head in range(run.heads):
            beacon = trace.pull.beacon()[0, head].tolist()
            cells = [(i, j, v) for i, row in enumerate(beacon) for j, v in enumerate(row)]
            gate = () if trace.pull.gate is None else trace.pull.gate[0, head].tolist()
            gates = [("*", j, value) for j, value in enumerate(gate)]
            yield bv.Edit(tuple(gates), tuple(cells), layers=(layer,), heads=(head,))


@pytest.mark.parametrize("reading", [None, "product", "mask"])
@pytest.mark.parametrize("options", KINDS)
def test_padding_and_company_change_nothing(model, options, reading):
    learned, texts = made(model, options), (TEXT, SHORT)
    designs = [None if reading is None else design_for(text, reading) for text in texts]
    together = run_batch(model, texts, designs, learned=learned)
    for text, design, one in zip(texts, designs, together, strict=True):
        alone = bv.run(model, text, design, learned=learned)
        assert (one.logits - alone.logits).abs().max() < 1e-4
        assert torch.allclose(one.weights(2), alone.weights(2), atol=1e-4)
    assert tag_batch(model, texts, designs, learned=learned) == [one.tags for one in together]


def design_for(text, reading):
    design = bv.Design.neutral(text.split(), reading=reading)
    return design.with_cells(beacon=[("*", 1, 9.0)], marker=[(0, 1, 0.0), (2, 2, 0.0)])


def test_the_baseline_is_not_resumed_from(models):
    model, design = models["bert"], bv.Design.neutral(TEXT.split()).targeting(layers=[2])
    design = design.with_cells(beacon=[(0, 1, 9.0)])
    learned, baseline = made(model, KINDS[1]), bv.run(model, TEXT)
    found = bv.run(model, TEXT, design, baseline=baseline, learned=learned)
    assert torch.equal(found.logits, logits(model, TEXT, design, learned))


def test_the_causal_mask_comes_after_what_is_learned():
    torch.manual_seed(0)
    layer = nn.Module()
    layer.is_causal = True
    query, key, value = torch.randn(3, 1, 2, 5, 4).unbind(0)
    learned = ElasticBeacons(MadeFor("one", 1, 2, 8), Options(distance=2, frozen=True))
    recorder = passes.Recorder()
    this = passes.Pass(passes.Plan(learned=learned), recorder)
    this.cursor.states = torch.randn(1, 5, 8)
    with passes.running(this):
        output, _ = forward.steered_attention(layer, query, key, value, None)
    scores = (query @ key.mT + recorder.traces[0].pull.beacon()) / 2
    scores = scores.masked_fill(~torch.ones(5, 5, dtype=torch.bool).tril(), float("-inf"))
    assert torch.allclose(output, (scores.softmax(-1) @ value).transpose(1, 2), atol=1e-5)


def test_a_network_that_does_not_say_what_enters_its_layers_is_refused():
    learned = ElasticBeacons(MadeFor("one", 1, 2, 8))
    states = torch.randn(1, 2, 5, 4)
    told = r"expected a network that beaconviz\.load gave"
    with (
        pytest.raises(BeaconvizError, match=told),
        passes.running(passes.Pass(passes.Plan(learned=learned))),
    ):
        forward.steered_attention(nn.Module(), states, states, states, None)


def test_shuffled_beacons_are_the_same_ones_on_other_tokens(models):
    model = models["bert"]
    straight, shuffled = (
        bv.run(model, TEXT, learned=made(model, KINDS[0], shuffled=on)).traces[0].pull.column[0]
        for on in (False, True)
    )
    assert not torch.allclose(straight, shuffled)
    assert torch.allclose(straight.sort(-1).values, shuffled.sort(-1).values, atol=1e-5)


def test_gradients_agree_with_finite_differences(tmp_path):
    model = bv.load(str(tiny_model("bert", tmp_path)), device="cpu")
    model.network.double()
    learned = ElasticBeacons(model.made_for, Options(query=1, distance=2, marker=True)).double()
    with torch.no_grad():
        for weight in learned.parameters():
            weight.add_(0.1 * torch.randn(weight.shape, generator=torch.Generator().manual_seed(1)))
    inputs = model.tokenizer([TEXT, SHORT], return_tensors="pt", padding=True)
    inputs.pop("token_type_ids", None)

    def loss():
        with passes.running(passes.Pass(passes.Plan(learned=learned))):
            return model.network(**inputs).logits[0, :, 3].sum()

    loss().backward()
    assert all(weight.grad is None for weight in model.network.parameters())
    for weight in learned.parameters():
        steepest = torch.unravel_index(weight.grad.abs().argmax(), weight.shape)
        place = tuple(int(number) for number in steepest)
        slope = weight.grad[place].item()
        said = []
        for step in (1e-5, -2e-5):
            with torch.no_grad():
                weight[place] += step
                said.append(loss().item())
        with torch.no_grad():
            weight[place] += 1e-5
        assert slope != 0
        assert (said[0] - said[1]) / 2e-5 == pytest.approx(slope, rel=1e-4)


def test_threads_never_see_each_others_beacons(models):
    model = models["bert"]
    some = [None, *(made(model, KINDS[1], seed=seed) for seed in range(4))]
    expected = [logits(model, TEXT, None, one) for one in some]
    wrong, start = [], threading.Barrier(len(some))

    def work(number):
        start.wait()
        for _ in range(20):
            if not torch.equal(logits(model, TEXT, None, some[number]), expected[number]):
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(some))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len({tuple(one.flatten().tolist()) for one in expected}) == len(some)


@pytest.mark.parametrize("options", KINDS)
def test_what_is_saved_loads_as_it_was(models, tmp_path, options):
    model = models["distilbert"]
    learned = made(model, options)
    save_learned(learned, tmp_path / "new" / "folder")
    again = load_learned(tmp_path / "new" / "folder", model)
    assert again.options == learned.options
    assert torch.equal(logits(model, TEXT, None, again), logits(model, TEXT, None, learned))
    assert not any(weight.requires_grad for weight in again.parameters())


def test_beacons_of_another_model_are_refused(models, tmp_path):
    learned = made(models["bert"], KINDS[0])
    save_learned(learned, tmp_path)
    told = r"^the learned beacons were made for bert \(3 layers of 4 heads, hidden size 32\); this model is roberta"
    with pytest.raises(BeaconvizError, match=told):
        load_learned(tmp_path, models["roberta"])
    with pytest.raises(BeaconvizError, match=told):
        bv.run(models["roberta"], TEXT, learned=learned)
    with pytest.raises(BeaconvizError, match=told):
        tag_batch(models["roberta"], [TEXT], learned=learned)


def test_a_damaged_folder_is_refused_in_one_line(models, tmp_path):
    model = models["bert"]
    save_learned(made(model, KINDS[1]), tmp_path)
    facts, weights = (tmp_path / FACTS).read_text(), (tmp_path / WEIGHTS).read_bytes()

    def refused(match):
        with pytest.raises(BeaconvizError, match=match) as caught:
            load_learned(tmp_path, model)
        assert "\n" not in str(caught.value)
        (tmp_path / FACTS).write_text(facts)
        (tmp_path / WEIGHTS).write_bytes(weights)

    for text in (
        "",
        "{}",
        "[]",
        facts[:-40],
        facts.replace('"distance": 3', '"distance": -3'),
        facts.replace('"layers": 3', '"layers": "3"'),
    ):
        (tmp_path / FACTS).write_text(text)
        refused("elastic.json is damaged .*; copy the folder again")
    (tmp_path / FACTS).write_text(facts.replace('"distance": 3', '"distance": 4'))
    refused("elastic.safetensors is damaged")
    (tmp_path / WEIGHTS).write_bytes(weights[:-9])
    refused("elastic.safetensors is damaged")
    (tmp_path / WEIGHTS).write_bytes(weights[:-4] + b"\x00\x00\xc0\x7f")
    refused("not finite")
    (tmp_path / WEIGHTS).unlink()
    refused("has no elastic.safetensors; expected a folder that learned beacons were saved in")
    with pytest.raises(BeaconvizError, match="has no elastic"):
        load_learned(tmp_path / "nowhere", model)


def test_a_folder_that_cannot_be_written_is_said(models, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BeaconvizError, match="cannot write learned beacons"):
        save_learned(made(models["bert"], KINDS[0]), tmp_path / "file")


@pytest.mark.parametrize(
    ("field", "value"), [("distance", -1), ("query", -1), ("query", 1.5), ("distance", "16")]
)
def test_options_that_make_no_sense_are_refused(field, value):
    with pytest.raises(BeaconvizError, match=f"^{field} is .*; expected a"):
        Options(**{field: value})


def test_the_facts_are_plain_json(models, tmp_path):
    save_learned(made(models["bert"], KINDS[3]), tmp_path)
    facts = json.loads((tmp_path / FACTS).read_text())
    assert facts["model"] == {"name": "bert", "layers": 3, "heads": 4, "hidden_size": 32}
    assert (facts["options"]["query"], facts["options"]["marker"]) == (1, True)


def test_a_pull_of_one_sample_has_no_padding():
    pull = Pull(torch.arange(6.0).view(2, 1, 3), gate=torch.ones(2, 1, 3))
    assert pull.of_sample(1, 2).column.tolist() == [[[3.0, 4.0]]]
