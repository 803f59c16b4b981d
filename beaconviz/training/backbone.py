"""The network to fine-tune: loaded with a new head, made trainable, and merged after training."""

import json
import re
from dataclasses import dataclass

import torch
from torch import nn
from transformers import AutoConfig, PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerFast

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.extras import extra
from beaconviz.models.checkpoint.files import find_checkpoint
from beaconviz.models.checkpoint.positions import UNBOUNDED, position_count
from beaconviz.models.checkpoint.reading import place_of, read_part
from beaconviz.models.checkpoint.tokenizer_files import check_embeddings, read_tokenizer
from beaconviz.models.checkpoint.weights import read_network
from beaconviz.models.shipped import casing
from beaconviz.models.shipped.minilm import package_folder
from beaconviz.models.tasks import TOKENS
from beaconviz.training.settings import MINILM, Settings

with extra("train", "training"):
    from peft import LoraConfig, PeftModel, get_peft_model
_LONGEST = 512  # tokens of a text, if neither network nor tokenizer has a limit

HEADS = ("classifier", "score")  # transformers' names of a token classification head
_DROPOUTS = (  # transformers' names of dropout rates, by family
    "attention_dropout",
    "attention_probs_dropout_prob",
    "attn_pdrop",
    "dropout",
    "embd_pdrop",
    "embedding_dropout",
    "hidden_dropout_prob",
    "mlp_dropout",
    "resid_pdrop",
)


@dataclass(frozen=True)
class Backbone:
    """A network with a new head, its tokenizer, and its cased vocabulary if it got one."""

    network: PreTrainedModel
    tokenizer: PreTrainedTokenizerFast
    vocabulary: casing.CasedVocabulary | None


def load_backbone(settings: Settings, labels: list[str]) -> Backbone:
    """Load the settings' backbone with a new head for these labels.

    Raises:
        BeaconvizError: there is no such model, or it cannot be fine-tuned with these settings.
    """
    source = str(package_folder()) if settings.backbone == MINILM else settings.backbone
    source, _ = find_checkpoint(source, "minilm, a Hub id or a folder")
    config = _config(source, labels, settings.dropout)
    tokenizer = _tokenizer(source, config)
    network, _ = read_network(source, TOKENS, new_head=True, config=config, dtype=torch.float32)
    check_embeddings(place_of(source), tokenizer, len(network.get_input_embeddings().weight))
    if settings.hidden_noise and tokenizer.mask_token_id is None:
        raise BeaconvizError(
            f"hidden_noise is {settings.hidden_noise}; expected 0, since {settings.backbone} has no mask "
            "token"
        )
    if settings.freeze > network.config.num_hidden_layers:
        raise BeaconvizError(
            f"freeze is {settings.freeze}; {settings.backbone} has "
            f"{network.config.num_hidden_layers} layers"
        )
    longest = min(tokenizer.model_max_length, position_count(network, network.config))
    tokenizer.model_max_length = longest if longest < UNBOUNDED else _LONGEST
    return _cased(network, tokenizer) if settings.cased else Backbone(network, tokenizer, None)


def make_trainable(network: PreTrainedModel, settings: Settings) -> PreTrainedModel | PeftModel:
    """The network with `requires_grad` only for the parameters that `settings.method` trains.

    LoRA adapters are on the linear layers that `settings.targets` names, scaled by 2, without
    dropout.

    Raises:
        BeaconvizError: the network has no layer of the names in `settings.targets`.
    """
    if settings.method == "lora":
        network = _with_lora(network, settings)
    for name, parameter in network.named_parameters():
        if not _is_trained(name, settings):
            parameter.requires_grad_(False)
    return network


def _with_lora(network: PreTrainedModel, settings: Settings) -> PeftModel:
    all_linear = settings.targets == "all-linear"
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=2 * settings.rank,
        target_modules=settings.targets if all_linear else settings.targets.split(","),
        exclude_modules=list(HEADS),
        modules_to_save=[*HEADS, "case"] if settings.cased else [*HEADS],
    )
    try:
        return get_peft_model(network, config)
    except ValueError:
        linear_layers = {
            name.rpartition(".")[2]
            for name, module in network.named_modules()
            if isinstance(module, nn.Linear)
        }
        raise BeaconvizError(
            f"targets is {settings.targets!r}; expected all-linear, or some of "
            f"{', '.join(sorted(linear_layers - set(HEADS)))}"
        ) from None


def make_plain(network: PreTrainedModel | PeftModel, backbone: Backbone) -> PreTrainedModel:
    """The network with its adapter and case vectors merged, so that transformers loads it."""
    if isinstance(network, PeftModel):
        network = network.merge_and_unload()
    if backbone.vocabulary:
        casing.fold(network, backbone.vocabulary)
    return network.eval()


def _tokenizer(source: str, config: PreTrainedConfig) -> PreTrainedTokenizerFast:
    tokenizer = read_tokenizer(source, config)
    if not tokenizer.is_fast:
        raise BeaconvizError(f"{source} has no fast tokenizer, which is needed to label words")
    if "ByteLevel" in json.dumps(json.loads(tokenizer.backend_tokenizer.to_str())["pre_tokenizer"]):
        tokenizer = read_tokenizer(source, config, add_prefix_space=True)
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    return tokenizer


def _config(source: str, labels: list[str], dropout: float) -> PreTrainedConfig:
    config = read_part(
        source,
        AutoConfig.from_pretrained,
        source,
        id2label=dict(enumerate(labels)),
        label2id={label: number for number, label in enumerate(labels)},
    )
    for name in _DROPOUTS:
        if isinstance(getattr(config, name, None), float):
            setattr(config, name, dropout)
    return config


def _cased(network: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> Backbone:
    vocabulary = casing.cased_vocabulary(casing.pieces_of(tokenizer))
    table = network.get_input_embeddings().weight.detach()
    network.set_input_embeddings(casing.CasedEmbedding(table, vocabulary))
    return Backbone(network, casing.cased_tokenizer(tokenizer, vocabulary), vocabulary)


def _is_trained(name: str, settings: Settings) -> bool:
    """Whether a parameter is trained: always in the head and the case vectors; others by method,
    and only above the frozen layers."""
    if re.search(rf"\b({'|'.join(HEADS)}|case)\b", name):
        return True
    if settings.method == "head":
        return False
    layer = re.search(r"\.(\d+)\.", name)
    if layer:
        return int(layer[1]) >= settings.freeze
    return settings.freeze == 0 or "embed" not in name
