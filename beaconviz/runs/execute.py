"""Run texts through a model, with or without edits, and record logits and attention."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from beaconviz.core.design import Design
from beaconviz.core.errors import BeaconvizError
from beaconviz.core.words import Tokens
from beaconviz.engine.elastic import ElasticBeacons
from beaconviz.engine.late import late_start, late_start_batch, skip_rows
from beaconviz.engine.passes import LayerEdits, Pass, Plan, Recorder, running
from beaconviz.engine.trace import LayerTrace
from beaconviz.models.model import Model
from beaconviz.models.tasks.token_classification import tags_of
from beaconviz.runs.decoder import can_share_a_call, decoder_reading
from beaconviz.runs.generate import Watch, generate, generation_limit
from beaconviz.runs.numbers import checked
from beaconviz.runs.run import Run
from beaconviz.runs.steer import edits_of_text

Text = str | Sequence[str]


def run(
    model: Model,
    text_or_words: Text | Tokens,
    design: Design | None = None,
    *,
    second: Text | None = None,
    baseline: Run | None = None,
    learned: ElasticBeacons | None = None,
    limit: int | None = None,
    beams: int = 1,
    forced: str | None = None,
    watch: Watch | None = None,
) -> Run:
    """Runs one text, with a design's edits when there is one.

    Args:
        second: a passage, or the other text of a pair, as `Model.tokenize` takes it.
        baseline: the same text's run without a design. The layers below the first edited one
            are taken from it and not computed again.
        learned: beacons that a module makes for the text; the design is applied after them.
        limit, beams, watch: of models that generate, see `runs.generate.generate_ids`; where a
            model goes on after the text, a limit of 0 has it generate nothing.
        forced: a text that the model has to generate, so that two designs can be compared on it.

    Raises:
        BeaconvizError: a text, a design or a module that does not fit the model.
    """
    tokens = tokenized(model, text_or_words, second)
    if model.family.writes_apart and learned is not None:
        raise BeaconvizError(
            f"learned beacons are for models of one text; {model.name} reads one and writes another"
        )
    if not model.task.writes and (forced is not None or beams != 1):
        generation_limit(model, tokens, limit)  # says that it does not write
    read = None
    if not model.family.writes_apart:
        (read,) = run_batch(model, [tokens], [design], baseline=baseline, learned=learned)
        if not model.task.writes or (forced is None and limit == 0):
            return read
        if learned is not None:
            raise BeaconvizError(
                "learned beacons act on a text that is read, not on one that is written: give limit=0"
            )
    made, traces = generate(
        model, tokens, design, limit=limit, beams=beams, watch=watch, forced=forced
    )
    if read is not None:
        return replace(read, generation=made)
    assert traces is not None
    own: LayerEdits = dict(traces.edits.items())
    return Run(model, tokens, made.logits, design, tuple(traces.layers), own, generation=made)


def tokenized(model: Model, text_or_words: Text | Tokens, second: Text | None = None) -> Tokens:
    """The tokens of a text or of a pair; `Tokens` are returned unchanged."""
    if not isinstance(text_or_words, Tokens):
        return model.tokenize(text_or_words, second)
    if second is not None:
        raise BeaconvizError("the text is tokenized already: tokenize it with its second text")
    return text_or_words


def run_batch(
    model: Model,
    texts: Sequence[Text | Tokens],
    designs: Sequence[Design | None] | None = None,
    *,
    baseline: Run | None = None,
    learned: ElasticBeacons | None = None,
    layer: int | None = None,
) -> list[Run]:
    """Runs several texts in one padded call, each with its own design.

    Args:
        texts: a pair of texts is given as `Tokens`, made by `Model.tokenize`.
        baseline: as in `run`; all texts must then be the same one.
        learned: as in `run`.
        layer: keep the attention of this layer only, for texts without designs. It is layer 0 of
            the run, which has no other layers and no hidden states.
    """
    if model.family.writes_apart:  # each generates a text of its own length
        text_designs = designs or [None] * len(texts)
        return [run(model, *pair) for pair in zip(texts, text_designs, strict=True)]
    if learned is not None:
        learned.check(model.made_for)
        baseline = None  # its lower layers were run without the learned beacons
    tokens = [tokenized(model, text) for text in texts]
    designs = [None] * len(tokens) if designs is None else designs
    if not can_share_a_call(model, tokens):
        pairs = zip(tokens, designs, strict=True)
        return [run(model, *pair, baseline=baseline, learned=learned) for pair in pairs]
    edits = _edits(model, tokens, designs)
    if baseline is not None and not any(edits):
        return [replace(baseline, design=design) for design in designs]
    resume = None if baseline is None else late_start(model.family, edits, baseline.hidden)
    recorder = Recorder(layer=layer)
    plan = Plan(edits, learned=learned, resume=resume)
    logits = _forward(model, Pass(plan, recorder), padded(model, tokens))
    traces: tuple[LayerTrace, ...] = ()  # of the layers below the first one that was run
    hidden: tuple[Tensor, ...] = ()
    if baseline is not None:
        traces, hidden = baseline.traces[: plan.start], baseline.hidden[: plan.start]
    by_token = logits.dim() == 3  # and not of the whole text
    return [
        Run(
            model=model,
            aligned=aligned,
            logits=logits[sample, : len(aligned)] if by_token else logits[sample],
            design=designs[sample],
            traces=(
                *traces,
                *(trace.of_sample(sample, len(aligned)) for trace in recorder.traces),
            ),
            edits=edits[sample],
            hidden=(*hidden, *(states[sample, : len(aligned)] for states in recorder.hidden)),
            states=None if recorder.last is None else recorder.last[sample, : len(aligned)],
            compared_run=_compared_run(model, aligned, baseline),
            decoder=decoder_reading(model, aligned, recorder, sample, edits[sample]),
        )
        for sample, aligned in enumerate(tokens)
    ]


def _edits(
    model: Model, tokens: Sequence[Tokens], designs: Sequence[Design | None]
) -> list[LayerEdits]:
    """The row edits of each text."""
    return [
        {} if design is None else edits_of_text(model, design, aligned)
        for aligned, design in zip(tokens, designs, strict=True)
    ]


def _compared_run(model: Model, tokens: Tokens, baseline: Run | None) -> Run | None:
    """The unedited run of the text to compare with; taken from the baseline, where it has one."""
    if tokens.compared_text is None:
        return None
    baseline_run = None if baseline is None else baseline.compared_run
    return baseline_run or run(model, tokens.compared_text)


def tag_batch(
    model: Model,
    texts: Sequence[Text | Tokens],
    designs: Sequence[Design | None] | None = None,
    learned: ElasticBeacons | None = None,
    *,
    baselines: Sequence[Run] | None = None,
) -> list[list[str]]:
    """Only the tags that `run_batch` would give; no attention is kept.

    Args:
        baselines: each text's run without a design, if there is one. The layers below the first
            edited one are taken from it. Not used with `learned`, which edits layers of its own.
    """
    if learned is not None:
        learned.check(model.made_for)
        baselines = None
    tokens = [tokenized(model, text) for text in texts]
    edits = _edits(model, tokens, designs or [None] * len(tokens))
    resume = None
    if baselines and any(edits):
        resume = late_start_batch(model.family, edits, [run.hidden for run in baselines])
    plan = Plan(edits, learned=learned, resume=resume)
    best = _forward(model, Pass(plan), padded(model, tokens)).argmax(dim=-1)
    return [
        tags_of(text_tokens, model.labels, row)
        for text_tokens, row in zip(tokens, best.tolist(), strict=True)
    ]


def run_logits(
    model: Model,
    baseline: Run,
    edits: Sequence[LayerEdits],
    rows: Sequence[int] | None = None,
) -> Tensor:
    """The logits of the baseline's text under several edits, in one call.

    Args:
        edits: for each sample its row edits, as `edits_of_text` gives them; the call
            starts at the lowest layer that any of them names.
        rows: the tokens whose logits are needed, if each token has its own logits; the others may
            keep the baseline's.

    Returns:
        Float[Tensor, "sample token label"], or over what else the model's task is.
    """
    resume = late_start(model.family, edits, baseline.hidden)
    if resume is not None:
        resume = skip_rows(resume, model.family, edits, baseline.hidden, rows)
        if resume.rows and not len(resume.rows[resume.layer]):  # no requested row is edited
            return _like(baseline.logits, len(edits))
    inputs = padded(model, [baseline.aligned] * len(edits))
    logits = _forward(model, Pass(Plan(edits, resume=resume)), inputs)
    computed = None if resume is None else resume.rows.get(model.layers - 1)
    if computed is None:
        return logits
    whole = _like(baseline.logits, len(edits)).clone()
    whole[:, computed] = logits
    return whole


def _like(logits: Tensor, batch: int) -> Tensor:
    return logits.expand(batch, *logits.shape)


def padded(model: Model, tokens: Sequence[Tokens]) -> dict[str, Tensor]:
    """The network's inputs, each Int[Tensor, "sample token"], padded on the right."""
    longest = max(map(len, tokens))

    def rows(token_rows: Iterable[Sequence[int]], padding: int = 0) -> Tensor:
        filled = [[*row, *[padding] * (longest - len(row))] for row in token_rows]
        return torch.tensor(filled, device=model.device)

    inputs = {
        "input_ids": rows(
            (text_tokens.ids for text_tokens in tokens), model.tokenizer.pad_token_id or 0
        ),
        "attention_mask": rows([1] * len(text_tokens) for text_tokens in tokens),
    }
    if any(any(text_tokens.types) for text_tokens in tokens):
        inputs["token_type_ids"] = rows(
            text_tokens.types or [0] * len(text_tokens) for text_tokens in tokens
        )
    return inputs


@torch.inference_mode()
def _forward(model: Model, forward_pass: Pass, inputs: Mapping[str, Tensor]) -> Tensor:
    return checked(model, call_network(model, forward_pass, inputs))


def call_network(model: Model, forward_pass: Pass, inputs: Mapping[str, Tensor]) -> Tensor:
    """The logits of one forward call under a pass; the caller decides about gradients."""
    # The call is complete in itself: it needs no cache of keys and values.
    cache = {"use_cache": False} if hasattr(model.network.config, "use_cache") else {}
    with running(forward_pass):
        return model.task.logits(model.network(**inputs, **cache))
