"""Models that write, of every family: against stock transformers and the plain definition."""

from __future__ import annotations

import math
import shutil

import pytest
import torch
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    DynamicCache,
    EncoderDecoderCache,
)

import beaconviz as bv
from beaconviz.core import presets
from beaconviz.core.interventions import READINGS
from beaconviz.engine import forward
from beaconviz.engine.elastic import ElasticBeacons
from beaconviz.runs.generate import forced_ids, generate_ids, replayed
from tests.definition import dense
from tests.tiny import DECODERS, TRANSLATORS, tiny_model

TEXT = "Ada Lovelace was the co-founder of Apple Inc. in London"
WORDS = TEXT.split()
LIMIT = 9


def auto_of(family):
    return AutoModelForCausalLM if family in DECODERS else AutoModelForSeq2SeqLM


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("writers")
    return {
        family: tiny_model(family, root / family, labels=None, auto=auto_of(family))
        for family in DECODERS + TRANSLATORS
    }


@pytest.fixture(scope="module", params=DECODERS + TRANSLATORS)
def model(request, folders):
    return bv.load(str(folders[request.param]), device="cpu")


@pytest.fixture(scope="module", params=TRANSLATORS)
def translator(request, folders):
    return bv.load(str(folders[request.param]), device="cpu")


@pytest.fixture(scope="module")
def llama(folders):
    return bv.load(str(folders["llama"]), device="cpu")


@pytest.fixture(scope="module")
def bart(folders):
    return bv.load(str(folders["bart"]), device="cpu")


def stock(model, folders):
    family = model.network.config.model_type
    kind = "eager"  # Gemma 2 has no fused attention of its own, since that takes no cap
    return auto_of(family).from_pretrained(folders[family], attn_implementation=kind).eval()


def generated(network, tokens, begun, **options):
    ids = torch.tensor([tokens.ids])
    found = network.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        max_new_tokens=LIMIT,
        do_sample=False,
        pad_token_id=0,
        **options,
    )
    return found[0, begun:].tolist()


def begin(model, tokens):
    return len(tokens) if model.task.over_next else 1


def written_design(model, reading):
    """Edits of every kind of attention that the model has, of rows by number and of all rows."""
    edits = []
    for kind in model.sizes:
        own = 0 if kind == "decoder" else 3
        edits.append(bv.Edit(beacon=(("*", own, 7.0), (2, 1, 5.0)), attention=kind, heads=(0, 1)))
        if reading == "product":
            back = (("*", 4, 0.5),) if kind == "self" else ((3, 1, 1.5), (2, 2, 0.0))
            edits.append(bv.Edit(marker=back, beacon=((1, 0, 3.0),), attention=kind, layers=(1,)))
        else:
            edits.append(
                bv.Edit(marker=(("*", own, 0.0), (1, 1, 0.0)), attention=kind, layers=(1,))
            )
    return bv.Design(WORDS, tuple(edits), reading)


def test_it_writes_what_the_stock_model_writes(model, folders):
    tokens = model.tokenize(TEXT)
    network = stock(model, folders)
    for beams in (1, 3):
        expected = generated(network, tokens, begin(model, tokens), num_beams=beams)
        for design in (None, bv.Design.neutral(WORDS)):
            assert generate_ids(model, tokens, design, limit=LIMIT, beams=beams) == expected
    run = bv.run(model, TEXT, limit=LIMIT)
    assert list(run.generation.tokens.ids) == generated(network, tokens, begin(model, tokens))
    assert run.text == model.target.decode(
        run.generation.tokens.ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
    )


def test_logits_and_maps_are_the_stock_models(translator, folders):
    network = stock(translator, folders)
    run = bv.run(translator, TEXT, bv.Design.neutral(WORDS), limit=LIMIT)
    before = [network.generation_config.decoder_start_token_id, *run.generation.tokens.ids[:-1]]
    with torch.no_grad():
        expected = network(
            input_ids=torch.tensor([run.aligned.ids]),
            decoder_input_ids=torch.tensor([before]),
            output_attentions=True,
        )
    assert (run.logits - expected.logits[0]).abs().max() < 1e-5
    for kind, stack in (
        ("self", expected.encoder_attentions),
        ("decoder", expected.decoder_attentions),
        ("cross", expected.cross_attentions),
    ):
        assert translator.sizes[kind] == (len(stack), stack[0].shape[1])
        for layer, weights in enumerate(stack):
            found = run.weights(layer, attention=kind)
            assert torch.allclose(found, weights[0], atol=1e-5)
            assert torch.allclose(found.sum(-1), torch.ones(found.shape[:-1]))


@pytest.mark.parametrize("reading", READINGS)
def test_an_edited_text_equals_the_definition_in_the_whole_network(model, reading, monkeypatch):
    tokens, design = model.tokenize(TEXT), written_design(model, reading)
    ids = generate_ids(model, tokens, None, limit=LIMIT)
    made, own = replayed(model, tokens, design, ids)
    count = len(ids)
    if model.task.over_next:  # the last token is written, and never read
        attend, calls = dense(design, tokens, after=count - 1)
    else:
        attend, calls = dense(design, tokens, apart=count)
    monkeypatch.setitem(forward.AttentionInterface._global_mapping, forward.ATTENTION, attend)
    plain, _ = replayed(model, tokens, None, ids)
    monkeypatch.undo()
    untouched, _ = replayed(model, tokens, None, ids)
    assert (made.logits - plain.logits).abs().max() < 1e-4
    assert (made.logits - untouched.logits).abs().max() > 1e-3  # and it did something
    for (kind, layer), weights in calls.items():
        traces = own if kind == "self" else made.attention[kind]
        if traces is not None:
            assert torch.allclose(traces.weights(layer), weights, atol=1e-4)


@pytest.mark.parametrize("reading", READINGS)
def test_writing_with_a_cache_is_writing_without_one(model, reading):
    tokens, design = model.tokenize(TEXT), written_design(model, reading)
    ids: list[int] = []
    for _ in range(LIMIT):  # the whole text again for every token
        made, _ = replayed(model, tokens, design, [*ids, 0])
        ids.append(int(made.logits[-1].argmax()))
        if ids[-1] == model.network.generation_config.eos_token_id:
            break
    assert generate_ids(model, tokens, design, limit=LIMIT) == ids
    with bv.steering(model, design, tokens):
        assert generated(model.network, tokens, begin(model, tokens), use_cache=False) == ids


@pytest.mark.parametrize("kind", ["decoder", "cross"])
def test_a_step_that_goes_the_way_of_an_earlier_one_alone(translator, kind):
    """A marker of one kind, that no edit of another one keeps from the cache."""
    tokens = translator.tokenize(TEXT)
    marker = ((1, 0, 40.0), (1, 1, 0.0), (2, 0, 40.0), (2, 2, 0.0))
    design = bv.Design(WORDS, (bv.Edit(marker=marker, attention=kind),), "product")
    with bv.steering(translator, design, tokens):
        expected = generated(translator.network, tokens, 1, use_cache=False)
    ids = generate_ids(translator, tokens, design, limit=LIMIT)
    assert ids == expected
    made, _ = replayed(translator, tokens, design, ids)
    assert made.logits.argmax(dim=-1).tolist() == ids


@pytest.mark.parametrize("kind", ["decoder", "cross"])
def test_the_edit_of_one_step_is_of_that_step_with_a_cache(translator, kind):
    """Also where no other attention is edited, by which steps could be counted."""
    tokens, step = translator.tokenize(TEXT), 2
    ids = [5, 6, 7, 8, 9]
    column = 3 if kind == "cross" else 0
    edit = bv.Edit(beacon=((step, column, 40.0 * translator.head_size**0.5),), attention=kind)
    design = bv.Design(WORDS, (edit,))
    made, _ = replayed(translator, tokens, design, ids)
    plain, _ = replayed(translator, tokens, None, ids)
    assert torch.allclose(made.logits[:step], plain.logits[:step], atol=1e-5)
    assert (made.logits[step] - plain.logits[step]).abs().max() > 1e-3
    logits = logits_with_cache(translator, tokens, design, made.before.ids)
    assert torch.allclose(logits, made.logits, atol=1e-4)


@torch.no_grad()
def logits_with_cache(model, tokens, design, before):
    """A call a step, Float[Tensor, "step vocabulary"]."""
    cache, logits = EncoderDecoderCache(DynamicCache(), DynamicCache()), []
    read = torch.tensor([tokens.ids])
    with bv.steering(model, design, tokens):
        encoded = model.network.get_encoder()(input_ids=read)
        for token in before:
            output = model.network(
                encoder_outputs=encoded,
                attention_mask=torch.ones_like(read),
                decoder_input_ids=torch.tensor([[token]]),
                past_key_values=cache,
                use_cache=True,
            )
            logits.append(output.logits[0, -1])
    return torch.stack(logits)


def test_edits_of_what_is_written_have_gradients(llama):
    tokens = llama.tokenize(TEXT)
    query = torch.zeros(1, requires_grad=True)
    design = bv.Design(WORDS, (bv.Edit(beacon=((4, 1, 3.0),)),))
    states = llama.network.get_input_embeddings()(torch.tensor([tokens.ids])) + query
    with bv.steering(llama, design, tokens):
        llama.network(inputs_embeds=states, use_cache=False).logits.sum().backward()
    assert query.grad.abs() > 0


def test_a_column_edit_is_written_with_the_cache(model, monkeypatch):
    tokens = model.tokenize(TEXT)
    cell = bv.Edit(beacon=(("*", 3, 9.0),), attention="self" if model.task.over_next else "cross")
    asked = []
    original = type(model.network).generate
    monkeypatch.setattr(
        type(model.network),
        "generate",
        lambda *args, **options: asked.append(options["use_cache"]) or original(*args, **options),
    )
    generate_ids(model, tokens, bv.Design(WORDS, (cell,)), limit=LIMIT)
    generate_ids(model, tokens, written_design(model, "product"), limit=LIMIT)
    assert asked == [True, False]  # a cache keeps no queries for M to take


def test_beams_are_edited_alike(model):
    tokens, design = model.tokenize(TEXT), written_design(model, "gate")
    with bv.steering(model, design, tokens):
        expected = generated(
            model.network, tokens, begin(model, tokens), num_beams=3, use_cache=False
        )
    assert generate_ids(model, tokens, design, limit=LIMIT, beams=3) == expected


@pytest.mark.parametrize("family", ["llama", "gpt2"])
def test_a_pasta_preset_writes_what_rescaled_weights_write(folders, family, monkeypatch):
    """Golden test: α on the weights of every token of the text that is not highlighted, special
    tokens included, in all rows; then renormalised (arXiv 2311.02262, and its code's "exclude")."""
    model = bv.load(str(folders[family]), device="cpu")
    tokens, alpha, heads = model.tokenize(TEXT), 0.01, {0: (1,), 1: (0, 2)}
    shown = [word in (6, 7) for word in tokens.word_of]
    assert any(shown)
    assert any(tokens.special)
    design = presets.pasta(
        tokens.names("token"),
        highlighted=[token for token, lit in enumerate(shown) if lit],
        alpha=alpha,
        head_size=model.head_size,
        unit="token",
    ).targeting(heads=heads)
    ids = generate_ids(model, tokens, design, limit=LIMIT)
    made, _ = replayed(model, tokens, design, ids)
    calls = []

    def rescaled(module, query, key, value, mask, scaling=None, dropout=0.0, **kwargs):
        groups = query.shape[1] // key.shape[1]
        key, value = (x.repeat_interleave(groups, dim=1) for x in (key, value))
        logits = query @ key.transpose(-2, -1) * scaling
        earlier = torch.ones(logits.shape[-2:], dtype=torch.bool).tril()
        weights = torch.softmax(logits.masked_fill(~earlier, -math.inf), dim=-1)
        scale = torch.ones(logits.shape[-1])  # of what is written, nothing is scaled
        scale[: len(tokens)] = torch.where(torch.tensor(shown), 1.0, alpha)
        for head in heads.get(len(calls), ()):
            rows = weights[0, head] * scale
            weights[0, head] = rows / rows.sum(dim=-1, keepdim=True)
        calls.append(weights)
        return (weights @ value).transpose(1, 2).contiguous(), None

    monkeypatch.setitem(forward.AttentionInterface._global_mapping, forward.ATTENTION, rescaled)
    plain, _ = replayed(model, tokens, None, ids)
    monkeypatch.undo()
    assert (made.logits - plain.logits).abs().max() < 1e-4
    assert (made.logits - replayed(model, tokens, None, ids)[0].logits).abs().max() > 1e-3


def test_d_of_models_that_do_not_scale(folders):
    model = bv.load(str(folders["t5"]), device="cpu")
    assert model.head_size == 1
    assert bv.run(model, TEXT, limit=2).traces[0].scaling == 1


def test_a_text_is_forced(model):
    tokens = model.tokenize(TEXT)
    free, forced = bv.run(model, TEXT, limit=LIMIT), bv.run(model, TEXT, forced="Apple fell")
    assert forced.generation.forced
    assert not free.generation.forced
    assert forced.text.split() == ["Apple", "fell"]
    assert list(forced.generation.tokens.ids) == forced_ids(model, tokens, "Apple fell")
    assert forced.generation.score < 0
    again, _ = replayed(model, tokens, None, forced_ids(model, tokens, "Apple fell"), forced=True)
    assert torch.equal(again.probabilities, forced.generation.probabilities)


def test_the_likeliest_tokens_of_a_step(bart):
    run = bv.run(bart, TEXT, limit=LIMIT)
    for step, token in enumerate(run.generation.tokens.ids):
        (best, chance), *others = run.generation.likeliest(step, 5)
        assert best == token
        assert chance == pytest.approx(float(run.generation.probabilities[step]), abs=1e-6)
        assert len(others) == 4
        assert all(0 <= other <= chance for _, other in others)
    with pytest.raises(bv.BeaconvizError, match="the step is 99; expected a number from 0"):
        run.generation.likeliest(99, 3)


def test_maps_have_the_sides_they_say(bart):
    run = bv.run(bart, TEXT, forced="Apple fell")
    for unit in ("token", "word"):
        for kind in ("cross", "decoder"):
            steps, keys = run.axes(kind)
            words = kind == "cross" and unit == "word"
            for special in (True, False):
                found = run.attention(1, 0, unit, special, attention=kind)
                every = special or kind == "decoder"
                rows = len(steps) - (0 if every else sum(steps.special))
                edges = sum(keys.special) if every else 0
                columns = len(keys.words) if words else len(keys) - sum(keys.special)
                assert found.shape == (rows, columns + edges)
                assert torch.allclose(found.sum(-1), torch.ones(rows), atol=1e-5)
    with pytest.raises(bv.BeaconvizError, match="layer is 3; expected a number from 0 to 2"):
        run.attention(3, 0, attention="cross")


def test_somebody_watches_and_stops(llama):
    seen = []

    def watch(ids):
        seen.append(list(ids))
        return len(ids) == 4

    run = bv.run(llama, TEXT, limit=LIMIT, watch=watch)
    assert list(run.generation.tokens.ids) == seen[-1]
    assert [len(ids) for ids in seen] == [1, 2, 3, 4]


def test_nothing_is_written_where_nothing_is_asked_for(llama):
    run = bv.run(llama, TEXT, limit=0)
    assert run.text is None
    assert run.generation is None
    assert torch.equal(run.logits, bv.run(llama, TEXT, limit=3).logits)


def test_learned_beacons_do_not_write(llama, bart):
    made = ElasticBeacons(llama.made_for)
    assert bv.run(llama, TEXT, limit=0, learned=made).text is None
    with pytest.raises(bv.BeaconvizError, match="not on one that is written: give limit=0"):
        bv.run(llama, TEXT, limit=2, learned=made)
    with pytest.raises(bv.BeaconvizError, match="reads one and writes another"):
        bv.run(bart, TEXT, learned=made)


def test_no_token_ends_the_text_that_a_model_goes_on_after(llama, bart):
    assert "</s>" not in llama.tokenize(TEXT).tokens
    assert llama.tokenize(TEXT).tokens[0] == "<s>"
    assert bart.tokenize(TEXT).tokens[-1] == "</s>"


def test_a_text_is_said_in_a_chat(llama, folders, tmp_path):
    text = "Ada lived in London"
    assert not llama.chats
    with pytest.raises(bv.BeaconvizError, match="has no chat template: leave chat out"):
        llama.tokenize(text, chat=True)
    shutil.copytree(folders["llama"], tmp_path, dirs_exist_ok=True)
    template = "{% for m in messages %}<s>Jobs: {{ m['content'] }}</s>{% endfor %}<s>Apple:"
    (tmp_path / "chat_template.jinja").write_text(template)
    model = bv.load(str(tmp_path), device="cpu")
    tokens = model.tokenize(text, chat=True)
    assert model.chats
    assert tokens.text == text
    assert [word.text for word in tokens.words] == text.split()
    said = "".join(
        text[slice(*span)]
        for span, alone in zip(tokens.spans, tokens.special, strict=True)
        if not alone
    )
    assert said.split() == text.split()
    assert model.tokenizer.decode(tokens.ids) == f"<s>Jobs: {text}</s><s>Apple:"
    for own in ("Jobs", "Apple"):  # which the template says too
        told = model.tokenize(own, chat=True)
        first = next(n for n, (start, end) in enumerate(told.spans) if end > start)
        assert "<s>Jobs: ".startswith(model.tokenizer.decode(told.ids[:first]))
    run = bv.run(model, tokens, limit=3)
    assert run.output.predicted_positions == (len(tokens) - 1,)
    assert run.text is not None
    edited = bv.run(model, tokens, presets.boost(text.split(), word=0, value=9.0), limit=0)
    assert (edited.logits[-1] - run.logits[-1]).abs().max() > 1e-4


def test_bad_wishes_are_told(llama, bart, folders):
    for text, options, message in (
        (TEXT, {"limit": -1}, "the limit is -1 tokens; expected a whole number from 1"),
        (TEXT, {"beams": 0}, "beams is 0; expected a number from 1 to 16"),
        (TEXT, {"forced": " "}, "the text to write is empty"),
        (TEXT, {"forced": "Apple " * 200}, "the text to write has .* tokens; .* writes at most"),
        (TEXT, {"forced": "Apple " * 145}, "writes at most 1[0-4]. here: shorten it"),
        ("Apple " * 149, {}, "with what it writes: shorten the text|takes at most 150"),
    ):
        with pytest.raises(bv.BeaconvizError, match=message):
            bv.run(llama, text, **options)
    cross = bv.Design(WORDS, (bv.Edit(beacon=(("*", 1, 2.0),), attention="cross"),))
    with pytest.raises(bv.DesignError, match=r"attention is 'cross'; .* has only self"):
        bv.run(llama, TEXT, cross, limit=1)
    with pytest.raises(bv.DesignError, match=r"attention is 'cross'; .* has only self"):
        bv.run(llama, TEXT, cross, limit=0)
    far = bv.Design(WORDS, (bv.Edit(beacon=(("*", 9999, 2.0),), attention="decoder"),))
    with pytest.raises(bv.DesignError, match=r"names step 9,999; .* writes at most .*: leave"):
        bv.run(bart, TEXT, far, limit=1)
    layered = bv.Edit(beacon=(("*", 1, 2.0),), attention="cross", layers=(7,))
    with pytest.raises(bv.DesignError, match=r"a number from 0 to 2 \(3 layers"):
        bv.run(bart, TEXT, bv.Design(WORDS, (layered,)), limit=1)
    with pytest.raises(bv.BeaconvizError, match=r"attention is 'cross'; .* has only self"):
        bv.run(llama, TEXT, limit=0).attention(0, 0, attention="cross")
    with pytest.raises(bv.BeaconvizError, match="no head for fill-mask"):
        bv.load(str(folders["bart"]), task="fill-mask")


@pytest.mark.parametrize("kind", ["cross", "decoder"])
def test_a_marker_cannot_point_to_a_later_step(kind):
    for cell in ((1, 2, 1.0), ("*", 1, 1.0), (2, "*", 1.0)):
        with pytest.raises(bv.DesignError, match="may not point to later steps"):
            bv.Design(WORDS, (bv.Edit(marker=(cell,), attention=kind),))
    bv.Design(WORDS, (bv.Edit(marker=((2, 1, 1.0),), attention=kind),))


def test_edits_of_steps_are_kept_as_files_and_follow_their_words():
    edit = bv.Edit(
        beacon=(("*", 3, 4.0), (40, 1, 2.0)), marker=((2, 0, 0.5),), attention="cross", layers=(1,)
    )
    design = bv.Design(WORDS, (edit, bv.Edit(beacon=((5, 2, 1.0),), attention="decoder")), "gate")
    assert bv.Design.from_json(design.to_json()) == design
    moved = design.realigned(["Oh,", *WORDS]).edits
    assert moved[0].beacon == (("*", 4, 4.0), (40, 2, 2.0))
    assert moved[0].marker == ((2, 1, 0.5),)
    assert moved[1].beacon == ((5, 2, 1.0),)
    assert design.with_reading("mask").edits[0].marker == ((2, 0, 1.0),)
    assert design.with_reading("product").edits[0].marker == ()
    assert not design.is_neutral
    assert design.without(beacon=[("*", 3)]).edits[0].beacon == ((40, 1, 2.0),)
    kept = bv.Design(WORDS, (edit,), "gate").without(beacon=[("*", "*")], marker=[("*", "*")])
    assert kept.is_neutral
    with pytest.raises(bv.DesignError, match="expected a number from 0 to 9999"):
        bv.Design(WORDS, (bv.Edit(beacon=((10_000, 1, 2.0),), attention="cross"),))
