"""Heads on encoder–decoder families that write nothing, and heads of pre-training."""

from __future__ import annotations

import pytest
import torch
import transformers

import beaconviz as bv
from beaconviz.models.anatomy import stacks
from tests.models.odd import refused
from tests.tiny import CONFIGS, DECODER_CONFIGS, READERS, tiny_head, tiny_tokenizer

TEXT, SECOND = "Ada Lovelace lived in London", "in London lived Ada"
HEADS = [
    ("t5", "T5EncoderModel", "feature-extraction"),
    ("t5", "T5Model", "feature-extraction"),
    ("t5", "T5ForTokenClassification", "token-classification"),
    ("t5", "T5ForSequenceClassification", "text-classification"),
    ("t5", "T5ForQuestionAnswering", "question-answering"),
    ("bart", "BartModel", "feature-extraction"),
    ("bart", "BartForSequenceClassification", "text-classification"),
    ("bart", "BartForQuestionAnswering", "question-answering"),
    ("mbart", "MBartModel", "feature-extraction"),
    ("mbart", "MBartForSequenceClassification", "text-classification"),
    ("mbart", "MBartForQuestionAnswering", "question-answering"),
    ("marian", "MarianModel", "feature-extraction"),
    ("bert", "BertForPreTraining", "fill-mask"),
    ("albert", "AlbertForPreTraining", "fill-mask"),
    ("gpt2", "GPT2DoubleHeadsModel", "text-generation"),
]


@pytest.fixture(scope="module", params=HEADS, ids=[architecture for _, architecture, _ in HEADS])
def case(request, tmp_path_factory):
    family, architecture, task = request.param
    folder = tiny_head(family, architecture, tmp_path_factory.mktemp(architecture))
    stock = getattr(transformers, architecture).from_pretrained(folder).eval()
    return bv.load(str(folder), device="cpu"), stock, task


def run_of(model, *design, **options):
    second = SECOND if model.task.second == "required" else None
    if model.task.writes:
        options["limit"] = 0
    return bv.run(model, TEXT, *design, second=second, **options)


@torch.no_grad()
def stock_logits(run, stock, task):
    ids = torch.tensor([run.aligned.ids])
    inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    if any(run.aligned.types):
        inputs["token_type_ids"] = torch.tensor([run.aligned.types])
    if task == "feature-extraction":
        return stock.get_encoder()(**inputs).last_hidden_state[0]
    output = stock(**inputs)
    if task == "question-answering":
        return torch.stack([output.start_logits[0], output.end_logits[0]], dim=-1)
    return (output.prediction_logits if task == "fill-mask" else output.logits)[0]


def test_they_say_what_transformers_says(case):
    model, stock, task = case
    assert model.task.name == task
    run = run_of(model)
    assert torch.allclose(run.logits, stock_logits(run, stock, task), atol=1e-5)


def test_the_encoder_can_be_edited(case):
    """A beacon of A multiplies the odds of attending by exp(A/√d); T5 divides by nothing."""
    model, _, _ = case
    plain = run_of(model)
    design = bv.Design.neutral(plain.words).with_cells(beacon=[("*", 1, 5.0)])
    edited = run_of(model, design)
    assert not torch.allclose(edited.logits, plain.logits, atol=1e-3)
    word_of = plain.aligned.word_of
    column, other = word_of.index(1), word_of.index(2)
    rows = [token for token in range(other, len(word_of)) if word_of[token] is not None]

    def log_odds(run):  # Float[Tensor, "row"] in the first layer, whose queries no edit changes
        weights = run.attention(0, 1, unit="token")[rows]
        return (weights[:, column] / weights[:, other]).log()

    raised = torch.full((len(rows),), 5.0 / model.head_size**0.5)
    assert torch.allclose(log_odds(edited) - log_odds(plain), raised, atol=1e-3)


def test_a_batch_is_the_same_as_one_by_one(case):
    model, _, _ = case
    if model.task.second == "required" or model.task.writes:
        return
    alone = [bv.run(model, text) for text in (TEXT, "Ada")]
    for run, expected in zip(bv.run_batch(model, [TEXT, "Ada"]), alone, strict=True):
        assert torch.allclose(run.logits, expected.logits, atol=1e-4)


def test_anatomy_and_metrics_are_the_encoders(case):
    model, _, _ = case
    stack = stacks(model)[0]
    assert (stack.layers, stack.vocabulary, stack.hidden) == (model.layers, 400, 32)
    assert [kind.name for kind in stack.kinds] == ["self"]
    assert model.reads_twice == (type(model.network).__name__ in READERS)
    if model.reads_twice:
        encoder, decoder = stacks(model)
        assert [(kind.name, kind.causal) for kind in encoder.kinds] == [("self", False)]
        assert [(kind.name, kind.causal) for kind in decoder.kinds] == [
            ("decoder", True),
            ("cross", False),
        ]
        assert decoder.layers == model.sizes["decoder"].layers
    second = {"second": SECOND} if model.task.second == "required" else {}
    if not model.task.writes:
        design = bv.Design.neutral(run_of(model).words).with_cells(beacon=[(0, 1, 3.0)])
        metrics = bv.compare(model, TEXT, design, **second).metrics()
        assert len(metrics) == model.layers * model.heads


def test_cross_attention_is_not_offered_without_a_decoder(case):
    model, _, _ = case
    if model.reads_twice:
        return
    edit = bv.Edit(beacon=((0, 0, 1.0),), attention="cross")
    with pytest.raises(bv.DesignError, match="has only self"):
        run_of(model, bv.Design(tuple(run_of(model).words), (edit,)))


def test_what_is_left_is_refused_with_what_works(tmp_path):
    folder = tiny_head("bart", "BartForCausalLM", tmp_path)
    refused(folder, "text-generation is not supported for it", "text-classification")


def test_hidden_states_of_a_translator_are_its_encoders(tmp_path):
    folder = tiny_head("marian", "MarianMTModel", tmp_path)
    model = bv.load(str(folder), device="cpu", task="feature-extraction")
    stock = transformers.MarianMTModel.from_pretrained(folder).eval()
    run = bv.run(model, TEXT)
    assert torch.allclose(run.logits, stock_logits(run, stock, "feature-extraction"), atol=1e-5)


def two_networks(encoder, decoder, folder):
    """An encoder–decoder of any two families."""
    config = transformers.EncoderDecoderConfig.from_encoder_decoder_configs(
        CONFIGS[encoder](),
        (CONFIGS | DECODER_CONFIGS)[decoder](),
        pad_token_id=0,
        eos_token_id=2,
        decoder_start_token_id=1,
    )
    torch.manual_seed(3)
    network = transformers.EncoderDecoderModel(config=config)
    with torch.no_grad():
        for name, weight in network.named_parameters():
            if weight.dim() > 1 and "embedding" not in name:
                weight.mul_(8)
    network.save_pretrained(folder)
    tiny_tokenizer(byte_level=False).save_pretrained(folder)
    return folder


@pytest.mark.parametrize(
    ("encoder", "decoder"),
    [("bert", "bert"), ("roberta", "roberta"), ("electra", "bert"), ("bert", "electra")],
)
def test_two_networks_have_all_kinds_of_attention(encoder, decoder, tmp_path):
    folder = two_networks(encoder, decoder, tmp_path)
    model = bv.load(str(folder), device="cpu")
    stock = transformers.EncoderDecoderModel.from_pretrained(folder, attn_implementation="eager")
    run = bv.run(model, TEXT, limit=4)
    with torch.no_grad():
        output = stock.eval()(
            input_ids=torch.tensor([run.aligned.ids]),
            decoder_input_ids=torch.tensor([run.generation.before.ids]),
            output_attentions=True,
        )
    stacks_of = {
        "self": output.encoder_attentions,
        "decoder": output.decoder_attentions,
        "cross": output.cross_attentions,
    }
    assert set(run.kinds) == set(model.sizes) == set(stacks_of)
    for kind, maps in stacks_of.items():
        assert model.sizes[kind] == (len(maps), maps[0].shape[1])
        for layer, weights in enumerate(maps):
            assert torch.allclose(run.weights(layer, attention=kind), weights[0], atol=1e-5)
    edit = bv.Edit(beacon=(("*", 1, 9.0),), attention="cross")
    edited = bv.run(model, TEXT, bv.Design(tuple(run.words), (edit,)), forced=TEXT)
    plain = bv.run(model, TEXT, forced=TEXT)
    assert not torch.allclose(edited.logits, plain.logits, atol=1e-3)


def test_a_decoder_whose_attention_is_elsewhere_is_refused(tmp_path):
    folder = two_networks("distilbert", "gpt2", tmp_path)
    refused(folder, "'distilbert' as encoder and 'gpt2' as decoder; expected two of", "roberta")


@pytest.mark.parametrize("encoder", ["bert", "roberta", "distilbert"])
def test_hidden_states_of_two_networks_are_the_encoders(encoder, tmp_path):
    """Of which a run starts at the first edited layer, as of that encoder alone."""
    folder = two_networks(encoder, "bert", tmp_path)
    model = bv.load(str(folder), device="cpu", task="feature-extraction")
    stock = transformers.EncoderDecoderModel.from_pretrained(folder).eval()
    run = bv.run(model, TEXT)
    assert torch.allclose(run.logits, stock_logits(run, stock, "feature-extraction"), atol=1e-5)
    assert torch.allclose(run.output.vector, run.logits.mean(dim=0))
    edit = bv.Edit(beacon=(("*", 1, 9.0),), layers=(1,))
    design = bv.Design(tuple(run.words), (edit,))
    late = bv.run(model, TEXT, design, baseline=run)
    assert late.hidden[1] is run.hidden[1] or torch.equal(late.hidden[1], run.hidden[1])
    assert torch.allclose(late.logits, bv.run(model, TEXT, design).logits, atol=1e-6)
    assert not torch.allclose(late.logits, run.logits, atol=1e-3)


def test_translate_mini_gives_hidden_states_too():
    model = bv.load("translate-mini", device="cpu", task="feature-extraction")
    whole = bv.load("translate-mini", device="cpu")
    run = bv.run(model, "I like tea", second="I like coffee")
    ids = torch.tensor([run.aligned.ids])
    with torch.no_grad():
        states = whole.network.get_encoder()(ids).last_hidden_state[0]
    assert torch.allclose(run.logits, states, atol=1e-5)
    assert 0 < run.output.cosine < 1
