"""Training a translator: the data, the trained parameters, and the saved folder."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import torch
import typer
from safetensors.torch import save_file
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, EncoderDecoderModel, Trainer
from typer.testing import CliRunner

from beaconviz.cli.translator import translator_command
from beaconviz.core.errors import BeaconvizError
from beaconviz.training.translation_data import Pair, read_pairs
from beaconviz.training.translation_scores import score_translations, translate
from beaconviz.training.translator import TARGET, average, train_translator
from beaconviz.training.translator_model import learn_subwords, new_translator, source_tokenizer
from beaconviz.training.translator_settings import TranslatorSettings

LINES = """\
I like apples.\t我喜歡蘋果。\tsomebody
I like tea.\t我喜欢茶。
You like tea.\t你喜欢茶，对吗？

You are here.\t你在这里。
"""
PAIRS = [
    Pair("I like apples.", "我喜欢苹果。"),
    Pair("I like tea.", "我喜欢茶。"),
    Pair("You like tea.", "你喜欢茶，对吗？"),
    Pair("You are here.", "你在这里。"),
]


@pytest.fixture
def tsv(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.tsv"
    path.write_text(LINES, "utf-8")
    return path


@pytest.fixture
def settings(tsv: Path, tmp_path: Path) -> TranslatorSettings:
    """A run of a few seconds that learns its four pairs by heart."""
    return TranslatorSettings(
        tsv, tsv, tmp_path / "out", subwords=80, layers=1, feed_forward=16, rank=2,
        epochs=25, lr=5e-3, batch_size=4, dropout=0.0, label_smoothing=0.0, averaged=2, patience=30,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCELERATE_USE_CPU", "true")


def test_pairs_are_read_and_become_simplified(tsv: Path) -> None:
    assert read_pairs(tsv) == PAIRS


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("I like tea.\n", "line 1: found 'I like tea.'; expected a sentence, a tab"),
        ("a\tb\n\nc\t \n", "line 3"),
    ],
)
def test_a_bad_file_is_refused_with_the_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bad.tsv"
    path.write_text(text, "utf-8")
    with pytest.raises(BeaconvizError, match=message):
        read_pairs(path)


def test_subwords_are_the_same_each_time() -> None:
    rare = [chr(0x4E00 + n) for n in range(300)]  # each once, so that half of a tie is dropped
    texts = [*(pair.target for pair in PAIRS * 500), "".join(rare), "a b a b"]
    vocabularies = [learn_subwords(texts, 400).get_vocab() for _ in range(4)]
    assert vocabularies.count(vocabularies[0]) == 4
    assert "▁" in "".join(vocabularies[0])
    kept = sum(character in vocabularies[0] for character in rare)
    assert 0 < kept < 300


def test_subwords_come_from_the_training_side_alone() -> None:
    subwords = learn_subwords([pair.target for pair in PAIRS], 60)
    for pair in PAIRS:
        ids = subwords(pair.target)["input_ids"]
        assert ids[-1] == subwords.eos_token_id
        assert subwords.decode(ids, skip_special_tokens=True) == pair.target
    assert subwords.unk_token_id in subwords("火")["input_ids"]
    assert "喜欢" in subwords.get_vocab()


def test_of_the_encoder_only_the_adapter_is_learned(settings: TranslatorSettings) -> None:
    network = new_translator(settings, learn_subwords([p.target for p in PAIRS], 60))
    opened = {name for name, weight in network.named_parameters() if weight.requires_grad}
    assert {name for name in opened if name.startswith("encoder.")} == {
        name for name, _ in network.named_parameters() if "lora_" in name
    }
    assert {name for name, _ in network.named_parameters() if name.startswith("decoder.")} <= opened


def test_what_is_shipped_by_default_fits_twelve_megabytes(settings: TranslatorSettings) -> None:
    usual = TranslatorSettings(settings.train, settings.dev, settings.out)
    subwords = learn_subwords([pair.target for pair in PAIRS], 60)
    network = new_translator(usual, subwords)
    learned = sum(weight.numel() for weight in network.parameters() if weight.requires_grad)
    missing = (usual.subwords - len(subwords)) * (network.config.decoder.hidden_size + 1)
    assert 2 * (learned + missing) <= 12e6  # in half precision


def test_a_translator_learns_and_what_it_leaves_is_whole(settings: TranslatorSettings) -> None:
    scores = train_translator(settings)
    assert set(scores) == {"dev, beam 1", "dev, beam 4"}
    network = AutoModelForSeq2SeqLM.from_pretrained(settings.out)
    assert isinstance(network, EncoderDecoderModel)
    source = AutoTokenizer.from_pretrained(settings.out)
    target = AutoTokenizer.from_pretrained(settings.out / TARGET)
    translations = translate(network, source, target, [pair.source for pair in PAIRS])
    again = score_translations(translations, [pair.target for pair in PAIRS])
    assert again == scores["dev, beam 1"]
    assert again.bleu > 50  # of its own four pairs
    states = settings.checkpoints.glob("checkpoint-*/trainer_state.json")
    assert all(json.loads(state.read_text("utf-8"))["best_metric"] > 50 for state in states)
    facts = json.loads((settings.out / "scores.json").read_text("utf-8"))
    assert facts["scores"]["dev, beam 1"]["bleu"] == again.bleu
    assert facts["command"].startswith("beaconviz train-translator ")


def test_translations_do_not_depend_on_the_batch(settings: TranslatorSettings) -> None:
    subwords = learn_subwords([pair.target for pair in PAIRS], 60)
    network, source = new_translator(settings, subwords), source_tokenizer()
    sentences = ["I like tea.", "You are here, and you like apples.", "Tea"]
    together = translate(network, source, subwords, sentences)
    assert together == [
        translate(network, source, subwords, [sentence])[0] for sentence in sentences
    ]


def test_a_run_that_was_killed_ends_where_an_unbroken_one_does(
    settings: TranslatorSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = dataclasses.replace(settings, epochs=3, averaged=3)
    whole, broken = (dataclasses.replace(short, out=tmp_path / name) for name in ("a", "b"))
    train_translator(whole)
    save, calls = Trainer._save_optimizer_and_scheduler, []

    def killed(trainer: Trainer, folder: str) -> None:
        calls.append(folder)
        if len(calls) > 1:
            raise KeyboardInterrupt
        save(trainer, folder)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_save_optimizer_and_scheduler", killed)
        with pytest.raises(KeyboardInterrupt):
            train_translator(broken)
    train_translator(broken, resume=True)
    ends = [AutoModelForSeq2SeqLM.from_pretrained(run.out).state_dict() for run in (whole, broken)]
    for name, weight in ends[0].items():
        torch.testing.assert_close(ends[1][name], weight)


def test_the_average_is_the_mean_of_the_weights(tmp_path: Path) -> None:
    folders = []
    for number in (1.0, 4.0):
        folder = tmp_path / f"checkpoint-{number:.0f}"
        folder.mkdir()
        save_file({"w": torch.full((2,), number)}, folder / "model.safetensors")
        folders.append(folder)
    assert average(folders)["w"].tolist() == [2.5, 2.5]
    with pytest.raises(BeaconvizError, match="no checkpoints"):
        average([])


@pytest.mark.parametrize(
    ("options", "message"),
    [(["--label-smoothing", "2"], "label_smoothing is 2.0"), (["--subwords", "3"], "50 or more")],
)
def test_invalid_settings_are_refused(
    tsv: Path, tmp_path: Path, options: list[str], message: str
) -> None:
    app = typer.Typer()
    app.command()(translator_command)
    arguments = [str(tsv), "--dev", str(tsv), "--out", str(tmp_path / "out"), *options]
    result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, BeaconvizError)
    assert message in str(result.exception)


def test_scores_are_those_of_sacrebleu() -> None:
    from sacrebleu.metrics import BLEU, CHRF

    translations, gold = ["我喜欢茶。", "你在那里。"], ["我喜欢茶。", "你在这里。"]
    scores = score_translations(translations, gold)
    assert scores.bleu == BLEU(tokenize="zh").corpus_score(translations, [gold]).score
    assert scores.chrf == CHRF().corpus_score(translations, [gold]).score
    assert 0 < scores.bleu < 100
