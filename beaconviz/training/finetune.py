"""Fine-tuning for named entities: data, marks, hyper-parameters, training, deployment, test."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from transformers import (
    DataCollatorForTokenClassification,
    EarlyStoppingCallback,
    EvalPrediction,
    Trainer,
    TrainingArguments,
    set_seed,
)

from beaconviz.core.errors import BeaconvizError
from beaconviz.data.conll import Sentence, label_names
from beaconviz.data.dataset import Dataset, read_dataset
from beaconviz.data.targets import UNMARKED, MarkedSentences, Noise
from beaconviz.evaluate.scores import Scores, evaluate, score
from beaconviz.training.backbone import Backbone, load_backbone, make_plain, make_trainable
from beaconviz.training.card import card
from beaconviz.training.folder import fit, note_scores, start_folder
from beaconviz.training.settings import Settings


@dataclass(frozen=True)
class Result:
    """The folder with the model, and its scores per data set ("dev", "test").

    remarks: what was left out of the data, a sentence each.
    """

    out: Path
    scores: dict[str, Scores]
    remarks: tuple[str, ...] = ()


def finetune(settings: Settings, resume: bool = False) -> Result:
    """Fine-tunes a model and saves it in `settings.out`, for `beaconviz.load`.

    The folder also gets the model card, `scores.json` (see `note_scores`), the adapter (method
    "lora") and the checkpoints.

    Args:
        resume: continue from the last checkpoint in `settings.out`.

    Raises:
        BeaconvizError: data, settings, backbone or checkpoints that do not fit.
    """
    # data
    datasets = read_data(settings)
    data = {name: list(dataset.sentences) for name, dataset in datasets.items()}
    labels = label_names(data["train"])
    start_folder(settings, resume)
    # tokens and label ids
    set_seed(settings.seed)
    backbone = load_backbone(settings, labels)
    marked = mark(data, backbone, labels, settings)
    # hyper-parameters, training
    network = make_trainable(backbone.network, settings)
    trainer = make_trainer(settings, network, backbone, marked, labels)
    effort = fit(trainer, settings, resume)
    # saving, and scores of the saved model
    deploy(trainer, backbone, settings)
    scores = {
        name: evaluate(trainer.model, backbone.tokenizer, sentences)
        for name, sentences in data.items()
        if name != "train"
    }
    note_scores(settings, effort, scores)
    sizes = {name: len(sentences) for name, sentences in data.items()}
    (settings.out / "README.md").write_text(card(settings, sizes, scores), encoding="utf-8")
    return Result(settings.out, scores, remarks_on(datasets))


def remarks_on(datasets: Mapping[str, Dataset]) -> tuple[str, ...]:
    """What was left out of each data set."""
    return tuple(f"{name}: {text}" for name, data in datasets.items() for text in data.remarks)


def read_data(settings: Settings) -> dict[str, Dataset]:
    """The data sets of train, dev and, if there is one, test.

    Raises:
        BeaconvizError: train has no entities, or another file has types that train does not have.
    """
    paths = {"train": settings.train, "dev": settings.dev, "test": settings.test}
    data = {name: read_dataset(path) for name, path in paths.items() if path}
    train_labels = set(label_names(data["train"].sentences))
    if train_labels == {"O"}:
        raise BeaconvizError(
            f"{settings.train} has no entities: expected some tags B-TYPE and I-TYPE"
        )
    for name, dataset in data.items():
        if new_labels := set(label_names(dataset.sentences)) - train_labels:
            raise BeaconvizError(
                f"{paths[name]} has {min(new_labels)[2:]} entities and {settings.train} has none: "
                "a model cannot learn them"
            )
    return data


def mark(
    data: dict[str, list[Sentence]], backbone: Backbone, labels: list[str], settings: Settings
) -> dict[str, MarkedSentences]:
    """Train and dev as token ids and label ids; with noise on train only."""
    noise = Noise(settings.lower_noise, settings.upper_noise, settings.hidden_noise)
    return {
        "train": MarkedSentences(data["train"], backbone.tokenizer, labels, noise),
        "dev": MarkedSentences(data["dev"], backbone.tokenizer, labels),
    }


def make_trainer(
    settings: Settings,
    network: nn.Module,
    backbone: Backbone,
    marked: dict[str, MarkedSentences],
    labels: list[str],
) -> Trainer:
    """A trainer of the parameters of `network` that have `requires_grad`."""
    return Trainer(
        model=network,
        args=hyper_parameters(settings),
        train_dataset=marked["train"],
        eval_dataset=marked["dev"],
        data_collator=DataCollatorForTokenClassification(backbone.tokenizer),
        processing_class=backbone.tokenizer,
        compute_metrics=lambda prediction: {"f1": _f1(prediction, labels)},
        callbacks=[EarlyStoppingCallback(settings.patience)],
    )


def hyper_parameters(settings: Settings) -> TrainingArguments:
    """AdamW with linear warm-up and decay; evaluation on dev and a checkpoint after each epoch; the
    best epoch is kept."""
    plateau = settings.schedule == "plateau"
    return TrainingArguments(
        output_dir=str(settings.checkpoints),
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=settings.batch_size,
        per_device_eval_batch_size=2 * settings.batch_size,
        learning_rate=settings.lr,
        warmup_steps=settings.warmup,
        lr_scheduler_type="reduce_lr_on_plateau" if plateau else "linear",
        lr_scheduler_kwargs={"mode": "max", "factor": 0.5, "patience": 1} if plateau else None,
        weight_decay=settings.weight_decay,
        train_sampling_strategy="group_by_length",
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="f1",
        logging_steps=50,
        remove_unused_columns=False,
        label_names=["labels"],
        report_to="none",
        disable_tqdm=False,
        use_cpu=not torch.accelerator.is_available(),
        dataloader_pin_memory=torch.cuda.is_available(),
        seed=settings.seed,
        bf16=settings.bf16,
    )


def deploy(trainer: Trainer, backbone: Backbone, settings: Settings) -> None:
    """Saves the adapter, then the merged model and the tokenizer; the trainer keeps the merged
    model."""
    if settings.method == "lora":
        trainer.model.save_pretrained(settings.out / "adapter")
    trainer.model = make_plain(trainer.model, backbone)
    trainer.model.save_pretrained(settings.out)
    backbone.tokenizer.save_pretrained(settings.out)


def _f1(prediction: EvalPrediction, labels: list[str]) -> float:
    best = np.argmax(prediction.predictions, -1)  # (sentences, tokens)
    gold, predicted = (
        [
            [labels[n] for n in row[marks != UNMARKED]]
            for row, marks in zip(ids, prediction.label_ids, strict=True)
        ]
        for ids in (prediction.label_ids, best)
    )
    return score(gold, predicted).f1
