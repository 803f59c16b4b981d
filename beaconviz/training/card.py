"""The model card that is written beside the weights."""

from collections.abc import Mapping

from beaconviz.evaluate.scores import Scores
from beaconviz.training.settings import Settings


def card(settings: Settings, sizes: Mapping[str, int], scores: Mapping[str, Scores]) -> str:
    """The model card in Markdown: what the model is, how it was made, and its scores.

    Args:
        sizes: the number of sentences of each data set.
        scores: the scores on each data set.
    """
    results = "\n\n".join(f"### {name}\n\n{result.table()}" for name, result in scores.items())
    return f"""---
library_name: transformers
pipeline_tag: token-classification
---
# {settings.out.name}

Named entities, fine-tuned by beaconviz from `{settings.backbone}`.

## How it was made

    {settings.command()}

1. Data: {", ".join(f"{count:,} sentences {name}" for name, count in sizes.items())}.
2. Labels: BIO tags; a word's label is on its first token that has a letter or digit.
   {_noise_sentences(settings)}
3. Hyper-parameters: {settings.method}{f" of rank {settings.rank}" if settings.method == "lora" else ""},
   AdamW, peak rate {settings.lr}, warm-up {settings.warmup:.0%}, weight decay {settings.weight_decay},
   dropout {settings.dropout}, batches of {settings.batch_size}, {settings.epochs} epochs, seed {settings.seed}.
4. Training: the epoch with the best dev F1 was kept.
5. Test: below, of the weights as they are saved here.
6. Deployment: adapter and case vectors are merged, so `from_pretrained` and `beaconviz.load` read
   this folder as it is.

## Results

Strict: an entity counts when its type and both its ends are right.

{results}
"""


def _noise_sentences(settings: Settings) -> str:
    """English sentences about the noise that was added to the training sentences."""
    sentences = []
    if settings.cased:
        sentences.append(
            "The vocabulary has capitalised and upper-case copies, a learned vector each."
        )
    if settings.lower_noise or settings.upper_noise:
        sentences.append(
            f"{settings.lower_noise:.0%} of the sentences were read in lower, "
            f"{settings.upper_noise:.0%} in upper case."
        )
    if settings.hidden_noise:
        sentences.append(f"{settings.hidden_noise:.0%} of the tokens were hidden behind the mask.")
    return " ".join(sentences)
