"""Training elastic attention: the beacons and gates are learned, the network need not change."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar

from torch import Tensor, nn
from torch.optim import Optimizer
from transformers import PreTrainedModel, set_seed

from beaconviz.core.errors import BeaconvizError
from beaconviz.data.conll import label_names
from beaconviz.engine.attach import make_steerable
from beaconviz.engine.elastic import ElasticBeacons, MadeFor, Options
from beaconviz.engine.families import family_of
from beaconviz.engine.forward import ATTENTION
from beaconviz.engine.passes import Pass, Plan, running
from beaconviz.evaluate.scores import evaluate
from beaconviz.models.loading import load
from beaconviz.runs.learned_beacons import save_learned
from beaconviz.training.backbone import Backbone, load_backbone, make_plain, make_trainable
from beaconviz.training.finetune import Result, make_trainer, mark, read_data, remarks_on
from beaconviz.training.folder import fit, note_scores, start_folder
from beaconviz.training.settings import METHODS, MINILM, Settings


@dataclass(frozen=True)
class ElasticSettings(Settings):
    """The settings of `train_elastic`: those of `Settings` and the `Options` of the module.

    Attributes:
        method: "none" trains the beacons alone, in a model that has a trained head (ner-mini, a Hub
            id or a folder) and keeps its dropout; the others train the beacons together with what
            the method trains.
        beacon_lr: peak learning rate of beacons and gates; None for `lr`. They start at 0 and need
            a higher rate than LoRA or a whole network.
    """

    backbone: str = "ner-mini"
    method: str = "none"
    query: int = Options.query
    distance: int = Options.distance
    marker: bool = Options.marker
    shuffled: bool = Options.shuffled
    frozen: bool = Options.frozen
    beacon_lr: float | None = None

    methods: ClassVar[tuple[str, ...]] = ("none", *METHODS)
    called: ClassVar[str] = "elastic"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.beacon_lr is not None and not 0 < self.beacon_lr < 1:
            raise BeaconvizError(
                f"beacon_lr is {self.beacon_lr!r}; expected a rate between 0 and 1, such as 3e-2"
            )
        wrong_backbone = MINILM if self.method == "none" else "ner-mini"
        if self.backbone == wrong_backbone:
            raise BeaconvizError(
                f"backbone is {wrong_backbone!r} and method {self.method!r}; expected a model with a trained "
                f"head, such as ner-mini, for none, and one like {MINILM} for {', '.join(METHODS)}"
            )
        if self.options.frozen and self.method == "none":
            raise BeaconvizError(
                "frozen beacons and method none leave nothing to train; expected a method of "
                f"{', '.join(METHODS)}"
            )

    @property
    def options(self) -> Options:
        return Options(**{field.name: getattr(self, field.name) for field in fields(Options)})


class ElasticTagger(nn.Module):
    """A network that runs with beacons. Its state dict holds only the trained parameters."""

    def __init__(self, network: nn.Module, beacons: ElasticBeacons) -> None:
        super().__init__()
        self.network, self.beacons = network, beacons
        self.register_state_dict_post_hook(_keep_trained)
        self.register_load_state_dict_post_hook(_require_trained)

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, labels: Tensor | None = None
    ) -> dict[str, Tensor]:
        with running(Pass(Plan(learned=self.beacons))):
            output = self.network(input_ids=input_ids, attention_mask=attention_mask, labels=labels)
        return {name: output[name] for name in ("loss", "logits") if name in output}


def _trained(tagger: nn.Module) -> set[str]:
    return {name for name, weight in tagger.named_parameters() if weight.requires_grad}


def _keep_trained(tagger: nn.Module, state: dict[str, Any], *_: Any) -> None:
    """Remove frozen parameters from the state dict, so that checkpoints stay small."""
    for name in state.keys() - _trained(tagger):
        del state[name]


def _require_trained(tagger: nn.Module, keys: Any) -> None:
    """Report only trained parameters as missing when a checkpoint is loaded."""
    keys.missing_keys[:] = [name for name in keys.missing_keys if name in _trained(tagger)]


def train_elastic(settings: ElasticSettings, resume: bool = False) -> Result:
    """Trains beacons and saves them in `settings.out`, for `load_learned`.

    Unless the method is "none", the network that they were trained with is saved in the same
    folder. `scores.json` has the scores of both together, the number of trained parameters and the
    time (see `note_scores`).

    Args:
        resume: continue from the last checkpoint in `settings.out`.

    Raises:
        BeaconvizError: data, settings, model or checkpoints that do not fit.
    """
    datasets = read_data(settings)
    data = {name: list(dataset.sentences) for name, dataset in datasets.items()}
    labels = label_names(data["train"])
    start_folder(settings, resume)
    set_seed(settings.seed)
    backbone, made_for, labels = _backbone(settings, labels)
    beacons = ElasticBeacons(made_for, settings.options)
    network = _made_trainable(backbone.network, settings)
    tagger = ElasticTagger(network, beacons)
    trainer = make_trainer(
        settings, tagger, backbone, mark(data, backbone, labels, settings), labels
    )
    if settings.beacon_lr is not None:
        _set_beacon_rate(trainer.create_optimizer(), beacons, settings.beacon_lr)
    effort = fit(trainer, settings, resume)
    plain = deploy(tagger, backbone, settings)
    with running(Pass(Plan(learned=beacons.eval()))):
        scores = {
            name: evaluate(plain, backbone.tokenizer, sentences)
            for name, sentences in data.items()
            if name != "train"
        }
    note_scores(settings, effort, scores)
    return Result(settings.out, scores, remarks_on(datasets))


def _set_beacon_rate(optimizer: Optimizer, beacons: ElasticBeacons, lr: float) -> None:
    """Give the beacons a separate peak learning rate, with the same warm-up and decay."""
    beacon_ids = set(map(id, beacons.parameters()))
    for group in list(optimizer.param_groups):
        beacon_weights = [weight for weight in group["params"] if id(weight) in beacon_ids]
        group["params"] = [weight for weight in group["params"] if id(weight) not in beacon_ids]
        optimizer.add_param_group(group | {"params": beacon_weights, "lr": lr})


def deploy(tagger: ElasticTagger, backbone: Backbone, settings: ElasticSettings) -> PreTrainedModel:
    """Saves the network, if it was trained, and the beacons; returns the network as saved."""
    plain = make_plain(tagger.network, backbone)
    if settings.method != "none":
        plain.save_pretrained(settings.out)
        backbone.tokenizer.save_pretrained(settings.out)
    save_learned(tagger.beacons, settings.out)
    return plain


def _backbone(settings: ElasticSettings, labels: list[str]) -> tuple[Backbone, MadeFor, list[str]]:
    """A network prepared for beacons, a description of the model for them, and its labels."""
    if settings.method == "none":
        return _tagger(settings, labels)
    backbone = load_backbone(settings, labels)
    config = backbone.network.config
    family = family_of(config.model_type)
    backbone.network.set_attn_implementation(ATTENTION)
    make_steerable(backbone.network.base_model, family)
    sizes = (config.num_hidden_layers, config.num_attention_heads, config.hidden_size)
    return backbone, MadeFor(settings.out.resolve().name, *sizes), labels


def _tagger(settings: ElasticSettings, labels: list[str]) -> tuple[Backbone, MadeFor, list[str]]:
    """A model with a trained head, loaded by `beaconviz.load`; it must have the data's labels."""
    model = load(settings.backbone, device="cpu")
    if not model.labels:
        raise BeaconvizError(
            f"{settings.backbone} has no labels to train beacons for: add --method head"
        )
    if unknown := sorted(set(labels) - set(model.labels)):
        raise BeaconvizError(
            f"{settings.train} has the tag {unknown[0]}, and {settings.backbone} only "
            f"{', '.join(model.labels)}: map its types, or add --method head"
        )
    tokenizer = model.tokenizer
    tokenizer.model_max_length = model.max_tokens
    return Backbone(model.network, tokenizer, None), model.made_for, list(model.labels)


def _made_trainable(network: PreTrainedModel, settings: ElasticSettings) -> nn.Module:
    if settings.method == "none":
        frozen: nn.Module = network.requires_grad_(False)
        return frozen
    trainable: nn.Module = make_trainable(network, settings)
    return trainable
