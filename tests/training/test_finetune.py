import dataclasses
import json
import shutil

import pytest
import torch
import typer
from peft import PeftModel
from safetensors.torch import load_file, save_file
from transformers import AutoModelForTokenClassification, AutoTokenizer
from typer.testing import CliRunner

from beaconviz import cli
from beaconviz.cli.finetune import finetune_command
from beaconviz.core.errors import BeaconvizError
from beaconviz.data.dataset import read_dataset
from beaconviz.evaluate.scores import evaluate
from beaconviz.training.backbone import load_backbone, make_plain, make_trainable
from beaconviz.training.finetune import finetune
from beaconviz.training.folder import start_folder
from beaconviz.training.settings import Settings
from tests.tiny import tiny_model

LABELS = ["O", "B-LOC", "I-LOC", "B-ORG", "I-ORG", "B-PER", "I-PER"]


@pytest.fixture
def settings(conll, uncased_folder, tmp_path):
    """A run that takes a second; what it learns is not the point."""
    return Settings(
        train=conll,
        dev=conll,
        test=conll,
        out=tmp_path / "out",
        backbone=str(uncased_folder),
        case=True,
        epochs=2,
        batch_size=2,
        rank=2,
        lr=0.02,
    )


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.setenv("ACCELERATE_USE_CPU", "true")


def change(settings, **changes):
    return dataclasses.replace(settings, **changes)


def trained_names(settings):
    backbone = load_backbone(settings, LABELS)
    network = make_trainable(backbone.network, settings)
    return {name for name, weight in network.named_parameters() if weight.requires_grad}


def test_a_run_leaves_a_model_that_loads_plainly(settings):
    result = finetune(settings)
    network = AutoModelForTokenClassification.from_pretrained(settings.out)
    tokenizer = AutoTokenizer.from_pretrained(settings.out)
    assert "Steve" in tokenizer.get_vocab()
    assert (
        evaluate(network, tokenizer, read_dataset(settings.test).sentences) == result.scores["test"]
    )
    assert set(result.scores) == {"dev", "test"}
    assert (settings.out / "adapter" / "adapter_model.safetensors").is_file()
    card = (settings.out / "README.md").read_text()
    assert settings.command() in card
    assert f"{result.scores['dev'].f1:.3f}" in card
    with pytest.raises(BeaconvizError, match="holds a run already: add --resume"):
        finetune(settings)


@pytest.mark.parametrize("method", ["lora", "full"])
def test_a_resumed_run_ends_where_an_unbroken_one_does(settings, tmp_path, method, monkeypatch):
    whole = change(settings, method=method, out=tmp_path / "whole")
    finetune(whole)
    broken = change(settings, method=method, out=tmp_path / "broken")
    with monkeypatch.context() as patch:
        patch.setattr("beaconviz.training.finetune.deploy", interrupt)
        with pytest.raises(KeyboardInterrupt):
            finetune(broken)
    forget_last_checkpoint(broken)
    finetune(broken, resume=True)
    weights = [
        AutoModelForTokenClassification.from_pretrained(run.out).state_dict()
        for run in (whole, broken)
    ]
    for name, weight in weights[0].items():
        torch.testing.assert_close(weights[1][name], weight)


def interrupt(*_):
    raise KeyboardInterrupt


def forget_last_checkpoint(settings):
    last = settings.checkpoints / "checkpoint-4"
    for file in last.iterdir():
        file.unlink()
    last.rmdir()


def test_there_must_be_something_to_resume(settings):
    with pytest.raises(BeaconvizError, match="no checkpoint to resume"):
        finetune(settings, resume=True)


def test_a_run_is_resumed_with_its_own_settings(settings):
    (settings.checkpoints / "checkpoint-2").mkdir(parents=True)
    (settings.checkpoints / "checkpoint-2" / "trainer_state.json").write_text("{}")
    (settings.out / "settings.json").write_text(settings.to_json())
    start_folder(settings, resume=True)
    with pytest.raises(BeaconvizError, match=r"settings.json says .* had other settings"):
        start_folder(change(settings, rank=3), resume=True)


def test_lora_trains_adapter_head_and_case(settings):
    names = trained_names(settings)
    assert {name.split(".")[-3] for name in names if "lora" not in name} == {"modules_to_save"}
    assert any("word_embeddings.case" in name for name in names)
    assert any("classifier" in name for name in names)
    assert sum("lora_A" in name for name in names) == 12  # 2 layers of 6 linear maps


def test_lora_is_on_the_target_layers(settings):
    names = trained_names(change(settings, targets="query,value"))
    layers = {name.split(".lora_A")[0].split(".")[-1] for name in names if "lora_A" in name}
    assert layers == {"query", "value"}
    with pytest.raises(
        BeaconvizError, match=r"^targets is 'nothing'; expected .*dense, key, query"
    ):
        trained_names(change(settings, targets="nothing"))


def test_head_trains_the_head_and_the_case(settings):
    names = trained_names(change(settings, method="head"))
    assert names == {
        *("classifier.weight", "classifier.bias"),
        "bert.embeddings.word_embeddings.case.weight",
    }


@pytest.mark.parametrize("method", ["lora", "full"])
def test_frozen_layers_are_not_trained(settings, method):
    names = trained_names(change(settings, method=method, freeze=1))
    assert not any(".layer.0." in name for name in names)
    assert any(".layer.1." in name for name in names)
    assert not any("position_embeddings" in name for name in names)
    assert any("case" in name for name in names)


def test_dropout_is_set_under_every_name(settings):
    config = load_backbone(change(settings, dropout=0.25), LABELS).network.config
    assert (config.hidden_dropout_prob, config.attention_probs_dropout_prob) == (0.25, 0.25)


@pytest.mark.parametrize("family", ["roberta", "modernbert", "distilbert"])
def test_other_families_can_be_tuned(settings, tmp_path, family):
    folder = tiny_model(family, tmp_path / family, labels=None)
    settings = change(settings, backbone=str(folder), case=False)
    backbone = load_backbone(settings, LABELS)
    network = make_trainable(backbone.network, settings)
    assert isinstance(network, PeftModel)
    plain = make_plain(network, backbone)
    assert 0 <= evaluate(plain, backbone.tokenizer, read_dataset(settings.dev).sentences).f1 <= 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("method", "qlora"), ("epochs", 0), ("batch_size", 0), ("rank", 0), ("freeze", -1)),
        *(("lr", 0.0), ("lr", float("nan")), ("warmup", 1.0), ("dropout", -0.1)),
    ],
)
def test_settings_that_make_no_sense_are_named(settings, name, value):
    with pytest.raises(BeaconvizError, match=f"^{name} is .*; expected "):
        change(settings, **{name: value})


def test_a_folder_that_cannot_be_written_is_named(settings, conll):
    with pytest.raises(BeaconvizError, match=r"cannot write into .*three.conll"):
        start_folder(change(settings, out=conll), resume=False)


def test_only_layers_that_exist_are_frozen(settings):
    with pytest.raises(BeaconvizError, match=r"freeze is 3; .* has 2 layers"):
        trained_names(change(settings, freeze=3))


def test_a_backbone_must_exist(settings, tmp_path):
    with pytest.raises(
        BeaconvizError, match=r"there is no folder .*nothing.*expected minilm"
    ) as error:
        load_backbone(change(settings, backbone=str(tmp_path / "nothing")), LABELS)
    assert "\n" not in str(error.value)


def test_dev_may_not_have_types_of_its_own(settings, tmp_path):
    other = tmp_path / "other.conll"
    other.write_text("Rex\tB-DOG\n")
    with pytest.raises(BeaconvizError, match=r"other.conll has DOG entities and .*three.conll has"):
        finetune(change(settings, dev=other))


def test_training_data_must_have_entities(settings, tmp_path):
    none = tmp_path / "none.conll"
    none.write_text("so\tO\n")
    with pytest.raises(BeaconvizError, match=r"none.conll has no entities"):
        finetune(change(settings, train=none))


def test_the_command_line(settings):
    app = typer.Typer()
    app.command()(finetune_command)
    done = CliRunner().invoke(app, settings.command().split()[2:])
    assert done.exit_code == 0, done.output
    assert "micro avg" in done.output
    assert json.loads((settings.out / "settings.json").read_text())["rank"] == 2


def test_what_was_left_out_of_the_data_is_told(settings, tmp_path):
    dev = tmp_path / "dev.jsonl"
    dev.write_text('{"text": "Bob", "spans": []}\n{"text": "Ann", "annotation": null}\n')
    arguments = change(settings, dev=dev, epochs=1).command().split()[1:]
    done = CliRunner().invoke(cli.app, arguments)
    assert done.exit_code == 0, done.output
    assert (
        "dev: Left out: records that nobody annotated with entities (1: number 2)." in done.stderr
    )


@pytest.mark.parametrize("model_max_length", [None, 512])
def test_sentences_are_cut_to_the_positions_that_roberta_has(settings, tmp_path, model_max_length):
    """RoBERTa's positions begin after the padding index, so that no token uses the first two."""
    folder = tiny_model("roberta", tmp_path / "roberta", labels=None)
    tokenizer = json.loads((folder / "tokenizer_config.json").read_text())
    tokenizer["model_max_length"] = model_max_length
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer))
    changed = change(settings, backbone=str(folder), case=False)
    backbone = load_backbone(changed, LABELS)
    assert backbone.tokenizer.model_max_length == 158
    ids = backbone.tokenizer(["Apple"] * 400, is_split_into_words=True, truncation=True).input_ids
    assert len(ids) == 158
    backbone.network(input_ids=torch.tensor([ids]))


def test_a_backbone_that_lacks_a_layer_is_refused(settings, uncased_folder, tmp_path):
    folder = tmp_path / "lacking"
    shutil.copytree(uncased_folder, folder)
    weights = load_file(folder / "model.safetensors")
    kept = {name: weight for name, weight in weights.items() if ".layer.1." not in name}
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(BeaconvizError, match=r"lacks 16 of the .*bert\.encoder\.layer\.1"):
        load_backbone(change(settings, backbone=str(folder)), LABELS)
