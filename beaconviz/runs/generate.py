"""Models that write: what comes after a text, or the same text in another language.

A text is written with transformers' own `generate`, whose every call attends as the design says.
What stood behind each step is then had in one call over all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache, EncoderDecoderCache, StoppingCriteria

from beaconviz.core.design import Design
from beaconviz.core.edit import Attention
from beaconviz.core.errors import BeaconvizError
from beaconviz.engine.rows import RowEdit
from beaconviz.core.words import Tokens
from beaconviz.models.model import Model
from beaconviz.engine.passes import Pass, Plan, Recorder, running
from beaconviz.runs.steer import plan_generation
from beaconviz.engine.steps import Place
from beaconviz.engine.trace import Traces
from beaconviz.runs.generation import Written, spelled

LIMITS = {"text-generation": 20, "text2text-generation": 128}  # tokens, if nobody says how many
MAX_BEAMS = 16

Watch = Callable[[Sequence[int]], bool]


def write(
    model: Model,
    tokens: Tokens,
    design: Design | None = None,
    *,
    limit: int | None = None,
    beams: int = 1,
    watch: Watch | None = None,
) -> list[int]:
    """The tokens that the model writes, greedily or with beams, the one that ends the text included.

    Args:
        design: acts on rows that are not written yet by its "*", or by the number of a step.
        limit: the most tokens to write.
        watch: called after each step with the tokens so far (of the first beam); True stops.

    Raises:
        BeaconvizError: a model that does not write, or no room to write in.
        DesignError: words, layers or heads that do not fit.
    """
    limit = room(model, tokens, limit)
    if isinstance(beams, bool) or not isinstance(beams, int) or not 1 <= beams <= MAX_BEAMS:
        raise BeaconvizError(f"beams is {beams!r}; expected a number from 1 to {MAX_BEAMS}")
    plan = _plan(model, tokens, design)
    use_cache = not plan.open.need_earlier_queries
    network = model.network
    begun = len(tokens) if model.task.over_next else 1
    options: dict[str, Any] = {"use_cache": use_cache}
    if use_cache:
        options["past_key_values"] = _cache(model)
    if network.generation_config.pad_token_id is None:
        options["pad_token_id"] = model.target.pad_token_id or 0
    if watch is not None:
        options["stopping_criteria"] = [_Watched(watch, begun)]
    with torch.inference_mode(), running(Pass(plan)):
        ids = network.generate(
            input_ids=torch.tensor([tokens.ids], device=model.device),
            attention_mask=torch.ones(1, len(tokens), dtype=torch.long, device=model.device),
            max_new_tokens=limit,
            num_beams=beams,
            do_sample=False,
            **options,
        )
    return [int(number) for number in ids[0, begun:]]


def room(model: Model, tokens: Tokens, limit: int | None) -> int:
    """How many tokens may be written, at most `limit`.

    Raises:
        BeaconvizError: none.
    """
    name = model.task.name
    if not model.task.writes:
        raise BeaconvizError(
            f"{model.name} does not write: it is for {name}; expected a model for {' or '.join(LIMITS)}"
        )
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
        raise BeaconvizError(f"the limit is {limit!r} tokens; expected a whole number from 1")
    positions = model.most_written - (len(tokens) if model.task.over_next else 1)
    if positions < 1:
        raise BeaconvizError(
            f"the text has {len(tokens):,} tokens, and {model.name} takes {model.most_written:,} with "
            "what it writes: shorten the text"
        )
    return min(LIMITS[name] if limit is None else limit, positions)


def retraced(
    model: Model, tokens: Tokens, design: Design | None, ids: Sequence[int], *, forced: bool = False
) -> tuple[Written, Traces | None]:
    """What stands behind every step of a text that was written, or that the model is made to write.

    Args:
        ids: the text's tokens, as `write` gives them or `as_written` makes them.

    Returns:
        Also the attention between the words that were read, where that is another text.
    """
    plan, recorder = _plan(model, tokens, design), None
    if model.task.over_next:
        before = [*tokens.ids, *ids][len(tokens) - 1 : -1]
        logits = _forward(model, Pass(plan), input_ids=[*tokens.ids, *ids[:-1]])[-len(ids) :].clone()
    else:
        recorder = Recorder()
        before = [_start(model), *ids[:-1]]
        logits = _forward(model, Pass(plan, recorder), input_ids=tokens.ids, decoder_input_ids=before)
    target = model.target
    steps = {} if recorder is None else _step_traces(plan, recorder, len(ids))
    made = Written(spelled(target, ids), spelled(target, before), logits, steps, forced)
    if recorder is None:
        return made, None
    own = [trace.of_sample(0, len(tokens)) for trace in recorder.traces]
    return made, Traces(own, plan.edits[0] if plan.edits else {})


def as_written(model: Model, tokens: Tokens, text: str) -> list[int]:
    """The tokens of a text as the model would write them after, or of, the one that it read.

    Raises:
        BeaconvizError: an empty text, or one that is longer than the model writes.
    """
    if not text.strip():
        raise BeaconvizError("the text to write is empty; type at least one word")
    if model.task.over_next:
        ids = model.target(text, add_special_tokens=False)["input_ids"]
    else:
        ids = model.target(text_target=text)["input_ids"]
    most = room(model, tokens, model.most_written)
    if len(ids) > most:
        raise BeaconvizError(
            f"the text to write has {len(ids):,} tokens; {model.name} writes at most {most:,} here: "
            "shorten it"
        )
    return list(ids)


def _plan(model: Model, tokens: Tokens, design: Design | None) -> Plan:
    return Plan() if design is None else plan_generation(model, design, tokens)


def _cache(model: Model) -> Any:
    """Of all keys, also where attention has a window: an edit counts them from the first."""
    if model.task.over_next:
        return DynamicCache()
    return EncoderDecoderCache(DynamicCache(), DynamicCache())


def _start(model: Model) -> int:
    config = model.network.generation_config
    start = config.decoder_start_token_id
    return int(config.bos_token_id if start is None else start)


@torch.inference_mode()
def _forward(model: Model, this: Pass, **ids: Sequence[int]) -> Tensor:
    """The logits of every position written, Float[Tensor, "position vocabulary"]."""
    inputs = {name: torch.tensor([list(some)], device=model.device) for name, some in ids.items()}
    inputs["attention_mask"] = torch.ones_like(inputs["input_ids"])  # OPT counts positions by it
    with running(this):
        return model.network(**inputs, use_cache=False).logits[0]


def _step_traces(plan: Plan, recorder: Recorder, steps: int) -> Mapping[Attention, Traces]:
    """The attention of what was generated apart from the words that were read, by kind."""
    kinds: dict[Attention, Traces] = {}
    for kind in {place[0] for place in recorder.step_traces}:
        layers = sorted(place[1] for place in recorder.step_traces if place[0] == kind)
        traces = [recorder.step_traces[kind, layer] for layer in layers]
        keys = [trace.key.shape[2] for trace in traces]
        kinds[kind] = Traces(
            [trace.of_sample(0, steps, size) for trace, size in zip(traces, keys, strict=True)],
            {
                layer: _row_edits(plan, (kind, layer), steps, size)
                for layer, size in zip(layers, keys, strict=True)
            },
        )
    return kinds


def _row_edits(plan: Plan, place: Place, steps: int, keys: int) -> list[RowEdit]:
    edits = [edit.at(0, steps, keys) for edit in plan.open.get(place, ())]
    return [edit for edit in edits if edit is not None]


class _Watched(StoppingCriteria):
    """Shows each step to who wants to see it, and stops where that is asked for."""

    def __init__(self, watch: Watch, begun: int) -> None:
        self.watch, self.begun = watch, begun

    def __call__(self, input_ids: Tensor, scores: Any, **kwargs: Any) -> Tensor:
        stop = self.watch(input_ids[0, self.begun :].tolist())
        return torch.full((len(input_ids),), bool(stop), device=input_ids.device)
