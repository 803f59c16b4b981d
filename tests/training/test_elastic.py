"""Beacons are trained, the network is not, and the saved folder is complete."""

import dataclasses
import json

import pytest
import torch
import typer
from safetensors.torch import load_file
from transformers import (
    AutoModelForTokenClassification,
    DataCollatorForTokenClassification,
    Trainer,
)
from typer.testing import CliRunner

import beaconviz as bv
from beaconviz.cli.elastic import elastic_command
from beaconviz.core.errors import BeaconvizError
from beaconviz.data.dataset import read_dataset
from beaconviz.data.targets import MarkedSentences
from beaconviz.engine.elastic import ElasticBeacons, Options
from beaconviz.engine.passes import Pass, Plan, running
from beaconviz.evaluate.scores import evaluate
from beaconviz.runs.learned_beacons import as_design, load_learned
from beaconviz.training.elastic import ElasticSettings, train_elastic
from beaconviz.training.folder import last_checkpoint
from tests.tiny import tiny_model


@pytest.fixture(scope="module")
def tagger(tmp_path_factory):
    return tiny_model("bert", tmp_path_factory.mktemp("tiny") / "tagger")


@pytest.fixture
def settings(conll, tagger, tmp_path):
    """A run that takes a second, of beacons alone."""
    return ElasticSettings(
        train=conll,
        dev=conll,
        test=conll,
        out=tmp_path / "out",
        backbone=str(tagger),
        case=False,
        epochs=2,
        batch_size=2,
        rank=2,
        lr=0.02,
        lower_noise=0.0,
        upper_noise=0.0,
        distance=3,
    )


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.setenv("ACCELERATE_USE_CPU", "true")


def change(settings, **changes):
    return dataclasses.replace(settings, **changes)


def loss(network, tokenizer, sentences, beacons):
    """The mean cross entropy of the sentences' deciding tokens."""
    labels = [network.config.id2label[n] for n in range(network.config.num_labels)]
    batch = DataCollatorForTokenClassification(tokenizer)(
        list(MarkedSentences(sentences, tokenizer, labels))
    )
    with torch.no_grad(), running(Pass(Plan(learned=beacons))):
        return network(**batch).loss.item()


@pytest.mark.parametrize("schedule", ["decay", "plateau"])
def test_training_lowers_the_loss_and_leaves_the_network_alone(settings, tagger, schedule):
    settings = change(settings, epochs=20, patience=20, schedule=schedule, marker=True, query=1)
    result = train_elastic(settings)
    model = bv.load(str(tagger), device="cpu")
    learned = ElasticBeacons(
        model.made_for, settings.options
    )  # of the last epoch, not of the best F1
    last = load_file(settings.checkpoints / "checkpoint-40" / "model.safetensors")
    learned.load_state_dict({name.removeprefix("beacons."): w for name, w in last.items()})
    sentences = read_dataset(settings.train).sentences
    before, after = (
        loss(model.network, model.tokenizer, sentences, beacons)
        for beacons in (ElasticBeacons(model.made_for), learned)
    )
    assert after < 0.9 * before
    rates = torch.load(settings.checkpoints / "checkpoint-40" / "scheduler.pt")["_last_lr"]
    halvings = torch.log2(settings.lr / torch.tensor(rates[0])) if schedule == "plateau" else 0
    assert rates[0] == 0 if schedule == "decay" else halvings >= 1
    assert halvings == pytest.approx(round(float(halvings)), abs=1e-4)
    for name, weight in learned.named_parameters():
        assert weight.abs().max() > 0, name
    assert not (result.out / "model.safetensors").exists()  # the beacons alone


def test_the_network_is_bit_identical_after_training(settings, monkeypatch):
    taggers = []

    def keep(tagger, *_):
        taggers.append(tagger)
        raise KeyboardInterrupt

    monkeypatch.setattr("beaconviz.training.elastic.deploy", keep)
    with pytest.raises(KeyboardInterrupt):
        train_elastic(settings)
    stock = AutoModelForTokenClassification.from_pretrained(settings.backbone)
    trained = dict(taggers[0].network.named_parameters())
    for name, weight in stock.named_parameters():
        assert torch.equal(trained[name], weight), name
    assert taggers[0].beacons.column.abs().max() > 0
    assert set(taggers[0].state_dict()) == {
        "beacons.column",
        "beacons.near",
    }  # what checkpoints hold


def test_the_scores_are_those_of_what_was_saved(settings):
    result = train_elastic(change(settings, epochs=6, patience=6))
    model = bv.load(settings.backbone, device="cpu")
    learned = load_learned(result.out, model)
    sentences = read_dataset(settings.test).sentences
    with running(Pass(Plan(learned=learned))):
        assert evaluate(model.network, model.tokenizer, sentences) == result.scores["test"]
    facts = json.loads((result.out / "scores.json").read_text())
    assert facts["trained parameters"] == 3 * 4 * (32 + 7)
    assert facts["scores"]["test"]["f1"] == result.scores["test"].f1
    assert facts["command"].startswith("beaconviz elastic ")
    design = as_design(model, learned, sentences[0].words, "word")
    assert not design.is_neutral


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("head", {}),
        ("head", {"frozen": True}),
        ("head", {"shuffled": True, "case": True}),
        ("lora", {"marker": True}),
        ("full", {"query": 1}),
    ],
)
def test_beacons_with_a_head_leave_a_model_and_beacons_that_belong_together(
    settings, uncased_folder, method, options
):
    settings = change(settings, method=method, backbone=str(uncased_folder), **options)
    result = train_elastic(settings)
    model = bv.load(str(settings.out), device="cpu")
    learned = load_learned(settings.out, model)
    sentences = read_dataset(settings.dev).sentences
    with running(Pass(Plan(learned=learned))):
        assert evaluate(model.network, model.tokenizer, sentences) == result.scores["dev"]
    assert learned.options == settings.options
    moved = not torch.equal(learned.column, ElasticBeacons(model.made_for, settings.options).column)
    assert moved == (not settings.frozen)


def test_beacons_and_their_network_can_be_moved_to_another_folder(settings, uncased_folder):
    settings = change(settings, method="head", backbone=str(uncased_folder), epochs=1)
    folder = train_elastic(settings).out.rename(settings.out.parent / "elsewhere")
    assert load_learned(folder, bv.load(str(folder), device="cpu")).options == settings.options


def test_beacons_can_have_a_rate_of_their_own(settings, uncased_folder):
    settings = change(
        settings, method="head", backbone=str(uncased_folder), beacon_lr=0.5, epochs=20
    )
    settings = change(settings, schedule="plateau", patience=20)
    train_elastic(settings)
    rates = torch.load(settings.checkpoints / "checkpoint-40" / "scheduler.pt")["_last_lr"]
    assert {rate / rates[0] for rate in rates} == {1.0, settings.beacon_lr / settings.lr}


def test_head_and_beacons_train_what_the_issue_counts(settings, uncased_folder):
    settings = change(settings, method="head", backbone=str(uncased_folder), epochs=1, distance=16)
    facts = json.loads((train_elastic(settings).out / "scores.json").read_text())
    assert facts["trained parameters"] == 2 * 2 * (16 + 33) + 7 * (16 + 1)


def test_a_run_that_a_full_disk_stopped_ends_where_an_unbroken_one_does(
    settings, tmp_path, monkeypatch
):
    unbroken, broken = (change(settings, out=tmp_path / name) for name in ("whole", "broken"))
    train_elastic(unbroken)
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_save_optimizer_and_scheduler", full_after(1))
        with pytest.raises(BeaconvizError, match=r"checkpoint-2 is complete: free disk space and"):
            train_elastic(broken)
    assert (broken.checkpoints / "checkpoint-4").is_dir()  # half of it
    train_elastic(broken, resume=True)
    model = bv.load(settings.backbone, device="cpu")
    states = [load_learned(run.out, model).state_dict() for run in (unbroken, broken)]
    for name, weight in states[0].items():
        torch.testing.assert_close(states[1][name], weight)
    with pytest.raises(BeaconvizError, match="holds a run already"):
        train_elastic(unbroken)


def full_after(count):
    """A save method that works `count` times, then reports a full disk."""
    save, calls = Trainer._save_optimizer_and_scheduler, []

    def saving(trainer, folder):
        calls.append(folder)
        if len(calls) > count:
            raise OSError(28, "No space left on device")
        save(trainer, folder)

    return saving


def test_a_run_that_was_killed_goes_on(settings, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("beaconviz.training.elastic.deploy", interrupt)
        with pytest.raises(KeyboardInterrupt):
            train_elastic(settings)
    last = settings.checkpoints / "checkpoint-4" / "trainer_state.json"
    last.write_text(last.read_text()[:50])
    assert last_checkpoint(settings).name == "checkpoint-2"
    train_elastic(settings, resume=True)
    assert json.loads(last.read_text())["global_step"] == 4


def interrupt(*_):
    raise KeyboardInterrupt


def test_the_same_seed_gives_the_same_beacons(settings, tmp_path):
    def once(name, seed):
        out = train_elastic(change(settings, out=tmp_path / name, seed=seed, epochs=1)).out
        return load_learned(out, bv.load(settings.backbone, device="cpu")).column

    assert torch.equal(once("a", 3), once("b", 3))
    assert not torch.equal(once("a2", 3), once("c", 4))


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"method": "soft"}, "^method is 'soft'; expected none, lora, full or head"),
        ({"distance": -1}, "^distance is -1; expected a number of tokens"),
        ({"frozen": True}, "nothing to train; expected a method of lora, full, head"),
        ({"backbone": "minilm"}, "^backbone is 'minilm' and method 'none'; expected a model with"),
        ({"backbone": "ner-mini", "method": "lora"}, "^backbone is 'ner-mini' and method 'lora'"),
        ({"schedule": "cosine"}, "^schedule is 'cosine'; expected decay or plateau"),
    ],
)
def test_settings_that_make_no_sense_are_named(settings, changes, match):
    with pytest.raises(BeaconvizError, match=match):
        change(settings, **changes)


def test_beacons_alone_need_a_model_that_knows_the_tags(settings, tmp_path):
    other = tmp_path / "other.conll"
    other.write_text("Rex\tB-DOG\nran\tO\n")
    with pytest.raises(BeaconvizError, match=r"has the tag B-DOG, .* only O, B-PER.*--method head"):
        train_elastic(change(settings, train=other, dev=other, test=None))
    bare = tiny_model("bert", tmp_path / "bare", labels=None)
    with pytest.raises(BeaconvizError, match="no labels to train beacons for: add --method head"):
        train_elastic(change(settings, backbone=str(bare), out=tmp_path / "second"))


def test_the_options_are_those_of_the_module(settings):
    settings = change(settings, query=2, marker=True, shuffled=True, seed=11)
    assert settings.options == Options(query=2, distance=3, marker=True, shuffled=True, seed=11)


def test_the_command_line(settings):
    app = typer.Typer()
    app.command()(elastic_command)
    settings = change(settings, marker=True, query=1)
    result = CliRunner().invoke(app, settings.command().split()[2:])
    assert result.exit_code == 0, result.output
    assert f"saved in {settings.out}" in result.output
    assert (settings.out / "settings.json").read_text() == settings.to_json()
