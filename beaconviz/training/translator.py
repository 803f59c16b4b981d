"""Training a translator: pairs, subwords, a new decoder on a pretrained encoder, averaging of
checkpoints, scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.utils.data import Dataset
from transformers import (
    AutoTokenizer,
    DataCollatorForSeq2Seq,
    EarlyStoppingCallback,
    EncoderDecoderModel,
    EvalPrediction,
    PreTrainedTokenizerFast,
    Seq2SeqTrainer,
    Seq2SeqTrainingArguments,
    set_seed,
)

from beaconviz.core.errors import BeaconvizError
from beaconviz.models.loading import TARGET
from beaconviz.training.folder import fit, note_scores, start_folder
from beaconviz.training.translation_data import Pair, read_pairs
from beaconviz.training.translation_scores import (
    LONGEST,
    TranslationScores,
    score_translations,
    translate,
)
from beaconviz.training.translator_model import (
    learn_subwords,
    made_plain,
    new_translator,
    source_tokenizer,
)
from beaconviz.training.translator_settings import TranslatorSettings

BEAMS = (1, 4)


@dataclass(frozen=True)
class Tokenizers:
    """The tokenizers of the two languages."""

    source: PreTrainedTokenizerFast
    target: PreTrainedTokenizerFast


class EncodedPairs(Dataset[dict[str, Any]]):
    """Pairs as `input_ids`, `attention_mask` and `labels`."""

    def __init__(self, pairs: Sequence[Pair], tokenizers: Tokenizers) -> None:
        inputs = tokenizers.source([pair.source for pair in pairs], truncation=True)
        labels = tokenizers.target([pair.target for pair in pairs], truncation=True)
        self.items = [
            {"input_ids": ids, "attention_mask": [1] * len(ids), "labels": label_ids}
            for ids, label_ids in zip(inputs["input_ids"], labels["input_ids"], strict=True)
        ]

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, place: int) -> dict[str, list[int]]:
        return self.items[place]


def train_translator(
    settings: TranslatorSettings, resume: bool = False
) -> dict[str, TranslationScores]:
    """Trains an encoder–decoder and saves it in `settings.out`, so that transformers loads it.

    The target's tokenizer is saved in its folder `target`, the scores in `scores.json`.

    Args:
        resume: continue from the last checkpoint in `settings.out`.

    Returns:
        Scores by data set and beam: "dev, beam 1", …

    Raises:
        BeaconvizError: data, settings or checkpoints that do not fit.
    """
    data = {"train": read_pairs(settings.train), "dev": read_pairs(settings.dev)}
    if settings.test is not None:
        data["test"] = read_pairs(settings.test)
    start_folder(settings, resume)
    set_seed(settings.seed)
    if not resume:
        subwords = learn_subwords((pair.target for pair in data["train"]), settings.subwords)
        subwords.save_pretrained(settings.out / TARGET)
    subwords = AutoTokenizer.from_pretrained(settings.out / TARGET)
    tokenizers = Tokenizers(source_tokenizer(), subwords)
    network = new_translator(settings, subwords)
    trainer = _trainer(settings, network, tokenizers, data)
    effort = fit(trainer, settings, resume)
    _take_average(network, settings, tokenizers, data["dev"])
    network = made_plain(network)
    network.save_pretrained(settings.out)
    tokenizers.source.save_pretrained(settings.out)
    scores = {
        f"{name}, beam {beams}": scored(network, tokenizers, pairs, beams)
        for name, pairs in data.items()
        if name != "train"
        for beams in BEAMS
    }
    note_scores(settings, effort, scores)
    return scores


def scored(
    network: EncoderDecoderModel, tokenizers: Tokenizers, pairs: Sequence[Pair], beams: int = 1
) -> TranslationScores:
    """Scores of the network's translations of the pairs' sources."""
    sources = [pair.source for pair in pairs]
    translations = translate(network, tokenizers.source, tokenizers.target, sources, beams=beams)
    return score_translations(translations, [pair.target for pair in pairs])


def _trainer(
    settings: TranslatorSettings,
    network: EncoderDecoderModel,
    tokenizers: Tokenizers,
    data: Mapping[str, Sequence[Pair]],
) -> Seq2SeqTrainer:
    def bleu(prediction: EvalPrediction) -> dict[str, float]:
        # The trainer groups sentences by length, so the references are taken in its order.
        both_ids = (np.maximum(ids, 0) for ids in (prediction.predictions, prediction.label_ids))
        translations, references = (
            tokenizers.target.batch_decode(ids, skip_special_tokens=True) for ids in both_ids
        )
        return {"bleu": score_translations(translations, references).bleu}

    return Seq2SeqTrainer(
        model=network,
        args=_hyper_parameters(settings),
        train_dataset=EncodedPairs(data["train"], tokenizers),
        eval_dataset=EncodedPairs(data["dev"], tokenizers),
        data_collator=DataCollatorForSeq2Seq(tokenizers.source, model=network),
        processing_class=tokenizers.source,
        compute_metrics=bleu,
        callbacks=[EarlyStoppingCallback(settings.patience)],
    )


def _hyper_parameters(settings: TranslatorSettings) -> Seq2SeqTrainingArguments:
    """AdamW with linear warm-up and decay; BLEU on dev and a checkpoint after each epoch; the best
    epoch is kept."""
    return Seq2SeqTrainingArguments(
        output_dir=str(settings.checkpoints),
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=settings.batch_size,
        per_device_eval_batch_size=2 * settings.batch_size,
        learning_rate=settings.lr,
        warmup_steps=settings.warmup,
        lr_scheduler_type="linear",
        weight_decay=settings.weight_decay,
        label_smoothing_factor=settings.label_smoothing,
        train_sampling_strategy="group_by_length",
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=settings.averaged + 1,
        load_best_model_at_end=True,
        metric_for_best_model="bleu",
        predict_with_generate=True,
        generation_max_length=LONGEST,
        generation_num_beams=1,
        logging_steps=50,
        report_to="none",
        disable_tqdm=False,
        use_cpu=not torch.accelerator.is_available(),
        dataloader_pin_memory=torch.cuda.is_available(),
        seed=settings.seed,
        bf16=settings.bf16,
    )


def _take_average(
    network: EncoderDecoderModel,
    settings: TranslatorSettings,
    tokenizers: Tokenizers,
    dev: Sequence[Pair],
) -> None:
    """Load the mean of the last checkpoints' weights, unless it has a lower BLEU on dev than the
    best checkpoint."""
    folders = sorted(
        settings.checkpoints.glob("checkpoint-*"),
        key=lambda folder: int(folder.name.rpartition("-")[2]),
    )
    best = {name: weight.clone() for name, weight in network.state_dict().items()}
    before = scored(network, tokenizers, dev).bleu
    network.load_state_dict(average(folders[-settings.averaged :]), strict=False)
    if scored(network, tokenizers, dev).bleu < before:
        network.load_state_dict(best)


def average(checkpoints: Sequence[Path]) -> dict[str, Tensor]:
    """The mean of checkpoints' weights, by name.

    Raises:
        BeaconvizError: no checkpoints.
    """
    if not checkpoints:
        raise BeaconvizError("no checkpoints are left to average; train again")
    mean: dict[str, Tensor] = {}
    for folder in checkpoints:
        for name, weight in load_file(folder / "model.safetensors").items():
            mean[name] = mean.get(name, torch.zeros_like(weight)) + weight / len(checkpoints)
    return mean
