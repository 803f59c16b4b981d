"""What a model says of a text, as a number that an explanation can be about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

from beaconviz.analysis.scan import LabelScore, entity_score, words_between
from beaconviz.core.errors import BeaconvizError
from beaconviz.models.anatomy import is_causal
from beaconviz.models.tasks import WRITE
from beaconviz.runs.decoder import ending_positions
from beaconviz.runs.run import Run


@dataclass(frozen=True, eq=False)
class Said:
    """One thing that a model says.

    Attributes:
        name, unit: what, in words, and what `value` is counted in.
        asking: the tokens where the model says it; None where all of them speak.
        about: the words that it is about, which are never taken away.
        value: of logits as `out_of_sight` gives them and the tokens that were seen,
            Bool["sample token"], Float["sample"]: a probability, or a cosine.
        slope: what gradients are taken of, Float["sample"] of logits: a log probability, which does
            not flatten where the model is sure; or a dot product.
    """

    name: str
    unit: str
    asking: tuple[int, ...] | None
    about: tuple[int, ...]
    value: Callable[[Tensor, Tensor], Tensor]
    slope: Callable[[Tensor], Tensor]


def sayings(run: Run, query: Tensor | None = None) -> list[Said]:
    """What a model says of a text, the first thing first: each entity; the likeliest class; the
    answer; the likeliest word at each mask, or after the text; or the text's vector.

    Args:
        query: a vector, Float["hidden"], that the text's own is compared with; by default the
            text's own vector without anything taken away.

    Raises:
        BeaconvizError: a model that says nothing of this text.
    """
    over = run.model.task.over
    if over == "steps":
        raise BeaconvizError(
            f"explanations are of models of one text; {run.model_name} reads one and writes another"
        )
    return {
        "labels": lambda: _entities(run),
        "classes": lambda: [_class(run)],
        "spans": lambda: [_answer(run)],
        "vocabulary": lambda: [_word(run, place) for place in run.asked],
        "states": lambda: [_vector(run, query)],
    }[over]()


def everything(run: Run) -> Said:
    """All that a model says of a text, as one: the tags of all words; else the first of
    `sayings`."""
    if run.model.task.over != "labels":
        return sayings(run)[0]
    rows = [token for token in run.aligned.deciding if token is not None]
    best = run.logits[rows].argmax(dim=-1)

    def chances(logits: Tensor) -> Tensor:
        told = torch.log_softmax(logits[:, rows].double(), dim=-1)  # (sample, word, label)
        return told.gather(-1, best[None, :, None].expand(len(logits), -1, -1))[..., 0]

    return Said(
        name="the tags of all words",
        unit="probability",
        asking=None,
        about=(),
        value=lambda logits, seen: chances(logits).exp().mean(dim=-1),
        slope=lambda logits: chances(logits).mean(dim=-1),
    )


def _entities(run: Run) -> list[Said]:
    if not run.entities:
        raise BeaconvizError(
            f"{run.model_name} finds no entity in this text, so there is nothing to explain: "
            "take a text with names"
        )
    return [_entity(run, entity_score(run.aligned, entity)) for entity in run.entities]


def _entity(run: Run, measure: LabelScore) -> Said:
    return Said(
        name=measure.name(run),
        unit="probability",
        asking=tuple(token for word in measure.words for token in run.aligned.pieces[word]),
        about=measure.words,
        value=lambda logits, seen: measure.values(run, logits),
        slope=lambda logits: measure.values(run, logits).log(),
    )


def _class(run: Run) -> Said:
    model = run.model
    best = int(run.logits.argmax())
    told = model.classing

    def score(logits: Tensor) -> Tensor:
        if told == "numbers":
            return logits[:, best]
        if told == "several":
            return torch.sigmoid(logits[:, best])
        return torch.softmax(logits, dim=-1)[:, best]

    reads, of = _class_place(run)
    pooled = getattr(model.config, "classifier_pooling", "cls") == "mean"
    return Said(
        name=model.classes[best],
        unit="its number" if told == "numbers" else "probability",
        asking=None if pooled or reads is None else (reads,),
        about=() if of is None else (of,),
        value=lambda logits, seen: score(logits),
        slope=lambda logits: score(logits) if told == "numbers" else score(logits).log(),
    )


def _class_place(run: Run) -> tuple[int | None, int | None]:
    """The token at which a class is said, and the word that is read there. A decoder that reads the
    text again says it: none of the encoder's tokens does."""
    if run.decoder is not None:
        return None, run.decoder.tokens.word_of[ending_positions(run.model, run.aligned)[-1]]
    place = len(run.aligned) - 1 if is_causal(run.model, "self") else 0
    return place, run.aligned.word_of[place]


def _answer(run: Run) -> Said:
    found = run.answer
    if found is None:
        raise BeaconvizError("the passage has no word that could be an answer: give a longer one")
    shift = run.aligned.second or 0
    words = words_between(run.aligned, found.start + shift, found.end + shift)
    tokens = tuple(t for word in words for t in run.aligned.pieces[word])
    ends = (tokens[0], tokens[-1])

    def score(logits: Tensor, seen: Tensor | None = None) -> Tensor:
        if seen is not None:
            logits = logits.masked_fill(~seen[..., None].to(logits.device), float("-inf"))
        chances = torch.log_softmax(logits.double(), dim=1)
        return chances[:, ends[0], 0] + chances[:, ends[1], 1]

    # Of a decoder that reads the text again: none of the encoder's tokens says where it is.
    asking = tuple(dict.fromkeys(ends)) if run.decoder is None else None
    return Said(
        f"the answer “{found.text}”", "probability", asking, words,
        lambda logits, seen: score(logits, seen).exp(), score,
    )  # fmt: skip


def _word(run: Run, place: int) -> Said:
    best = int(run.logits[place].argmax())
    of = run.aligned.word_of[place]
    guess = run.model.spell(best).strip() or run.model.spell(best)
    where = "comes next" if run.model.task is WRITE else "stands at the mask"

    def score(logits: Tensor) -> Tensor:
        return torch.log_softmax(logits[:, place].double(), dim=-1)[:, best]

    return Said(
        f"“{guess}” {where}", "probability", (place,), () if of is None else (of,),
        lambda logits, seen: score(logits).exp(), score,
    )  # fmt: skip


def _vector(run: Run, query: Tensor | None) -> Said:
    own = run.sentence
    wanted = (own if query is None else query).to(run.model.device)

    def value(states: Tensor, seen: Tensor) -> Tensor:
        counted = seen[..., None].to(states)  # (sample, token, 1)
        mean = (states * counted).sum(dim=1) / counted.sum(dim=1).clamp(min=1)
        return cosine_similarity(mean, wanted.to(mean), dim=-1)

    def slope(states: Tensor) -> Tensor:
        # Of a cosine with itself the gradient is 0; the dot product points the same way.
        product: Tensor = states.mean(dim=1) @ (wanted / wanted.norm()).to(states)
        return product

    name = "the text's vector" if query is None else "the likeness of the text and the query"
    return Said(name, "cosine", None, (), value, slope)
