"""An evaluation equals a plain loop over `compare`."""

import json

import pytest
import torch
from seqeval.metrics.sequence_labeling import get_entities

import beaconviz as bv
from beaconviz.core import presets
from beaconviz.core.errors import BeaconvizError
from beaconviz.core.words import split_words
from beaconviz.data.conll import Sentence
from beaconviz.data.dataset import read_dataset_text
from beaconviz.engine.elastic import ElasticBeacons, MadeFor, Options
from beaconviz.evaluate.answers_file import Saved, evaluation_key
from beaconviz.evaluate.judge import Judged, Tokenized, giveaways, judge, judge_batch, readable
from beaconviz.models.tasks.entities import trim
from beaconviz.runs.execute import run_batch, tag_batch
from tests.tiny import FAMILIES, tiny_model
from tests.tokenizers import TOKENIZERS

LABELS = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG"]
TEXTS = [
    ("Steve Jobs was the co-founder of Apple Inc.", "B-PER I-PER O O O O B-ORG I-ORG"),
    ("Ann saw Bob", "B-PER O B-PER"),
    ("the founder of Apple", "O O O B-ORG"),
    ("it was", "O O"),
    ("Apple", "B-ORG"),
]
SENTENCES = [Sentence(tuple(text.split()), tuple(tags.split())) for text, tags in TEXTS]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return bv.load(str(tiny_model("bert", tmp_path_factory.mktemp("bert"), labels=LABELS)))


def boosted(words):
    return presets.boost(words, word=1, value=60.0)


def by_number(batches):
    return {answers.number: answers for batch in batches for answers in batch}


@pytest.mark.parametrize("batch_size", [1, 3, 32])
@pytest.mark.parametrize(
    "make", [boosted, lambda words: presets.local_window(words, width=1), bv.Design.neutral]
)
def test_it_equals_a_plain_loop_over_compare(model, make, batch_size):
    done = by_number(judge(model, SENTENCES, make, batch_size=batch_size))
    assert sorted(done) == list(range(len(SENTENCES)))
    for number, sentence in enumerate(SENTENCES):
        words = list(sentence.words)
        try:
            design = make(words)
        except bv.DesignError:  # word 1 of one word
            design = bv.Design.neutral(words)
        plain = bv.compare(model, words, design)
        assert list(done[number].baseline) == plain.baseline.tags
        assert list(done[number].edited) == plain.edited.tags


@pytest.mark.parametrize("family", FAMILIES)
def test_layers_below_the_edit_are_taken_from_the_baselines(family, tmp_path):
    model = bv.load(str(tiny_model(family, tmp_path, labels=LABELS)), device="cpu")
    tokens = [readable(model, sentence.words) for sentence in SENTENCES[:4]]
    designs = [
        presets.boost(text_tokens.names("word"), word=1, value=60.0).targeting(layers=[layer])
        for text_tokens, layer in zip(tokens, (2, 1, 1, 2), strict=True)
    ]
    baselines = run_batch(model, tokens)
    logits, calls = [], []
    model.network.register_forward_hook(lambda *call: logits.append(call[-1].logits))
    if model.family.layers:
        layers = model.network.base_model.get_submodule(model.family.layers)
        layers[0].register_forward_hook(lambda *call: calls.append(call))
    tags = tag_batch(model, tokens, designs, baselines=baselines)
    assert not calls
    for number, (text_tokens, design) in enumerate(zip(tokens, designs, strict=True)):
        run = bv.run(model, text_tokens, design)
        assert tags[number] == run.tags
        assert (logits[0][number, : len(text_tokens)] - run.logits).abs().max() < 1e-5
        assert (run.logits - baselines[number].logits).abs().max() > 1e-3


def untrained_beacons(model):
    """Beacons that are not trained, but change answers."""
    return ElasticBeacons(model.made_for, Options(frozen=True, marker=True, query=1, distance=2))


@pytest.mark.parametrize("make", [bv.Design.neutral, lambda words: presets.mute(words, word=0)])
def test_learned_beacons_equal_a_plain_loop_over_run(model, make):
    learned = untrained_beacons(model)
    done = by_number(judge(model, SENTENCES, make, learned=learned, batch_size=3))
    for number, sentence in enumerate(SENTENCES):
        words = list(sentence.words)
        assert list(done[number].baseline) == bv.run(model, words).tags
        assert list(done[number].edited) == bv.run(model, words, make(words), learned=learned).tags
    assert not any(answers.left_alone for answers in done.values())
    assert any(answers.baseline != answers.edited for answers in done.values())


def test_learned_beacons_of_another_model_are_refused(model):
    other = ElasticBeacons(MadeFor("other", 2, 2, 8))
    with pytest.raises(BeaconvizError, match="made for other"):
        next(judge(model, SENTENCES, bv.Design.neutral, learned=other))


def test_what_a_design_does_not_fit_is_left_alone(model):
    done = by_number(judge(model, SENTENCES, boosted))
    assert [done[n].left_alone for n in range(5)] == [False, False, False, False, True]
    assert done[4].edited == done[4].baseline


def test_what_is_done_is_not_run_again(model):
    first = next(judge(model, SENTENCES, boosted, batch_size=2))
    rest = by_number(
        judge(
            model,
            SENTENCES,
            boosted,
            batch_size=2,
            done={answers.number: answers for answers in first},
        )
    )
    assert rest.keys() == set(range(5)) - {answers.number for answers in first}


def test_a_sentence_longer_than_the_model_counts_as_outside_beyond_it(model):
    words = ("word",) * 5000
    long = Sentence(words, ("B-PER", *["O"] * 4999))
    read = len(readable(model, words).words)
    assert 10 < read < 5000
    [[answers]] = judge(model, [long], boosted)
    assert answers.read == read
    assert len(answers.baseline) == len(answers.edited) == 5000
    assert set(answers.baseline[read:]) == {"O"}
    assert answers.giveaways == giveaways(bv.run(model, list(words[:read])), [(0, 0)])


def test_a_bare_encoder_is_refused(tmp_path):
    with pytest.raises(BeaconvizError, match="no labels"):
        next(judge(bv.load(str(tiny_model("bert", tmp_path, labels=[]))), SENTENCES, boosted))


def test_the_giveaway_is_the_word_outside_that_the_entity_looks_at_most(model):
    words = list(SENTENCES[0].words)
    design = presets.boost(words, word=3, value=1e4)
    assert giveaways(bv.run(model, words, design), [(0, 1), (6, 7)]) == (2, 3)
    inside = presets.boost(words, word=7, value=1e4)  # an entity does not give itself away
    [distance] = giveaways(bv.run(model, words, inside), [(6, 7)])
    assert distance is None or distance >= 1
    assert giveaways(bv.run(model, ["Apple"]), [(0, 0)]) == (None,)


class TestSaved:
    def test_a_kill_loses_the_line_it_cut(self, model, tmp_path):
        file, key = tmp_path / "answers.jsonl", evaluation_key(SENTENCES, "tiny", "boost")
        saved = Saved(file, key)
        for batch in judge(model, SENTENCES, boosted, batch_size=2):
            saved.add(batch)
        everything = dict(saved.done)
        file.write_text(file.read_text()[:-20])
        again = Saved(file, key)
        assert len(again.done) == 4
        assert all(again.done[n] == everything[n] for n in again.done)
        assert [json.loads(line) for line in file.read_text().splitlines()]  # whole lines again
        rest = by_number(judge(model, SENTENCES, boosted, done=again.done))
        assert again.done | rest == everything

    def test_a_line_of_other_types_is_dropped(self, tmp_path):
        file, answer = tmp_path / "answers.jsonl", Judged(3, ("O",), ("O",), False, 1, (None, 2))
        Saved(file, "key").add([answer])
        whole = file.read_text()
        for before, after in (
            ('"read": 1', '"read": "1"'),
            ('["O"]', '"O"'),
            ("[null, 2]", "[2.5]"),
        ):
            file.write_text(whole.replace(before, after))
            assert Saved(file, "key").done == {}
        file.write_text(whole)
        assert Saved(file, "key").done == {3: answer}

    def test_other_answers_are_refused_and_kept(self, tmp_path):
        file = tmp_path / "answers.jsonl"
        Saved(file, evaluation_key(SENTENCES, "tiny", "boost"))
        before = file.read_text()
        with pytest.raises(BeaconvizError, match="other data, another model or another edit"):
            Saved(file, evaluation_key(SENTENCES, "tiny", "mute"))
        assert file.read_text() == before

    @pytest.mark.parametrize("content", [b"{}\n", b"\xff\xfe", b"my thesis\n"])
    def test_a_file_that_is_something_else_is_left_alone(self, tmp_path, content):
        file = tmp_path / "thesis.txt"
        file.write_bytes(content)
        with pytest.raises(BeaconvizError, match="holds no answers"):
            Saved(file, "key")
        assert file.read_bytes() == content

    def test_a_folder_that_is_not_there_is_one_line(self, tmp_path):
        with pytest.raises(BeaconvizError, match="cannot write"):
            Saved(tmp_path / "no" / "answers.jsonl", "key")


CHINESE = "安娜住在奥斯陆。"


@pytest.mark.parametrize("text", [CHINESE, "Ann  Lee\tsaw\u00a0 安娜。", " Ann\n(Lee) 東京 กา"])
@pytest.mark.parametrize("kind", sorted(TOKENIZERS))
def test_a_text_is_judged_as_the_app_shows_it(kind, text, tmp_path):
    folder = tiny_model("bert", tmp_path)
    TOKENIZERS[kind]().save_pretrained(folder)
    model = bv.load(str(folder), device="cpu")
    [sentence] = read_dataset_text(json.dumps({"text": text, "spans": []}), "x").sentences
    assert readable(model, sentence.as_written) == model.tokenize(text)
    [judged] = judge_batch(model, [Tokenized.of(model, 0, sentence)], bv.Design.neutral)
    assert len(judged.baseline) == len(sentence.words) == judged.read
    shown = [entity.text for entity in bv.run(model, text).entities]
    spans = get_entities(list(judged.baseline))
    places = [(sentence.placed[a].start, sentence.placed[b].end) for _, a, b in spans]
    assert [text[slice(*trim(text, *place))] for place in places] == shown


def test_the_tag_of_one_token_is_that_of_all_its_words(tmp_path):
    folder = tiny_model("bert", tmp_path)
    TOKENIZERS["sentencepiece"]().save_pretrained(folder)
    model = bv.load(str(folder), device="cpu")
    label = model.labels.index("B-LOC")
    with torch.no_grad():
        model.network.classifier.weight.zero_()
        model.network.classifier.bias[label] = 9.0
    gold = Sentence(tuple(CHINESE), ("B-PER", "I-PER", *["O"] * 6), CHINESE)
    [judged] = judge_batch(model, [Tokenized.of(model, 0, gold)], bv.Design.neutral)
    assert judged.baseline == (
        "B-LOC",
        "I-LOC",
        "B-LOC",
        "I-LOC",
        "B-LOC",
        "I-LOC",
        "I-LOC",
        "B-LOC",
    )
    assert judged.read == 8
    assert judged.giveaways != (None,)


def test_a_long_text_is_cut_after_the_last_word_that_is_read(tmp_path):
    folder = tiny_model("bert", tmp_path)
    TOKENIZERS["sentencepiece"]().save_pretrained(folder)
    model = bv.load(str(folder), device="cpu")
    text = CHINESE * 60
    words = split_words(text)
    gold = Sentence(tuple(word.text for word in words), ("O",) * len(words), text)
    tokens = readable(model, text)
    assert len(tokens) <= model.max_tokens
    assert text.startswith(tokens.text)
    [judged] = judge_batch(model, [Tokenized.of(model, 0, gold)], bv.Design.neutral)
    assert judged.read == len(tokens.text) < len(words) == len(judged.baseline)
    assert set(judged.baseline[judged.read :]) == {"O"}
