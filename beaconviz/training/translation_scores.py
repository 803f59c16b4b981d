"""The quality of translations: BLEU and chrF against one reference each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from beaconviz.core.extras import extra

BATCH = 64
LONGEST = 64  # tokens of a translation


@dataclass(frozen=True)
class TranslationScores:
    """Scores of a file of translations, from 0 to 100: BLEU over characters (Papineni et al. 2002;
    Post 2018, `zh` tokenizer) and chrF (Popović 2015)."""

    bleu: float
    chrf: float

    def to_dict(self) -> dict[str, float]:
        return asdict(self)


def score_translations(translations: Sequence[str], references: Sequence[str]) -> TranslationScores:
    """Scores of translations against their references."""
    with extra("translate", "scoring translations"):
        from sacrebleu import corpus_bleu, corpus_chrf

    bleu = corpus_bleu(list(translations), [list(references)], tokenize="zh")
    return TranslationScores(bleu.score, corpus_chrf(list(translations), [list(references)]).score)


@torch.inference_mode()
def translate(
    network: PreTrainedModel,
    source: PreTrainedTokenizerFast,
    target: PreTrainedTokenizerFast,
    sentences: Sequence[str],
    *,
    beams: int = 1,
) -> list[str]:
    """A translation of each sentence, of at most `LONGEST` tokens; sentences of similar length are
    run together."""
    translations = [""] * len(sentences)
    order = sorted(range(len(sentences)), key=lambda n: len(sentences[n]))
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        inputs = source(
            [sentences[n] for n in batch], padding=True, truncation=True, return_tensors="pt"
        )
        outputs = network.eval().generate(
            input_ids=inputs["input_ids"].to(network.device),
            attention_mask=inputs["attention_mask"].to(network.device),
            max_new_tokens=LONGEST,
            num_beams=beams,
            do_sample=False,
        )
        for n, text in zip(
            batch, target.batch_decode(outputs, skip_special_tokens=True), strict=True
        ):
            translations[n] = text
    return translations
