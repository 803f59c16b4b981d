"""Find a checkpoint's files, and check that they are complete and safe to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi, try_to_load_from_cache
from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError

from beaconviz.core.errors import BeaconvizError
from beaconviz.models.checkpoint.memory import INDEX, SINGLE, Weights, weights_in, weights_on_hub
from beaconviz.models.checkpoint.reading import first_line, read_part, read_settings

ADAPTER = "adapter_config.json"  # PEFT's file name
CONFIG = "config.json"


def find_checkpoint(name: str, expected: str) -> tuple[str, Weights]:
    """The name for `from_pretrained`, and the number of weights of each type.

    Args:
        name: a folder or a Hub id.
        expected: the possible names, for errors.

    Raises:
        BeaconvizError: there is no such folder or model, a file of it is missing or damaged, it has
            no weights that are safe to read, or it is an adapter.
    """
    if not isinstance(name, str) or not name.strip():
        raise BeaconvizError(f"the model name is {name!r}; expected {expected}")
    try:
        folder = Path(name).expanduser()
        is_folder = folder.is_dir()
    except (OSError, RuntimeError, ValueError):  # no folder can have such a name
        raise BeaconvizError(f"there is no model {shortened(name)}; expected {expected}") from None
    if is_folder:
        check_folder(folder)
        return str(folder), read_part(str(folder), weights_in, folder)
    if folder.is_absolute() or name.startswith((".", "~")) or name.count("/") > 1:
        raise BeaconvizError(f"there is no folder {shortened(name)}; expected {expected}")
    return name, _weights_of_hub_model(name, expected)


def shortened(name: str) -> str:
    """A name, quoted and shortened for an error.

    >>> shortened("x" * 300)[:40]
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    """
    return repr(name if len(name) <= 100 else f"{name[:97]}…")


def check_folder(folder: Path) -> None:
    """Raises `BeaconvizError` unless a folder has a config and all its weights as safetensors."""
    _check_no_adapter(folder)
    if not (folder / CONFIG).is_file():
        raise BeaconvizError(_no_config_text(folder))
    config = read_settings(folder / CONFIG)
    if not isinstance(config.get("model_type"), str):
        raise BeaconvizError(
            f"config.json of the folder {str(folder)!r} has no model_type, such as 'bert': it is not "
            "the config of a transformers model; save the model again with save_pretrained"
        )
    names = config.get("architectures")
    if names is not None and not (
        isinstance(names, list) and all(isinstance(n, str) for n in names)
    ):
        raise BeaconvizError(
            f"architectures in config.json of the folder {str(folder)!r} is {names!r}; expected a list "
            'of names, such as ["BertForTokenClassification"]'
        )
    _check_weight_files(folder)


def _check_no_adapter(folder: Path) -> None:
    if not (folder / ADAPTER).is_file():
        return
    base = read_settings(folder / ADAPTER).get("base_model_name_or_path")
    if (folder / CONFIG).is_file():
        raise BeaconvizError(
            f"the folder {str(folder)!r} holds an adapter beside a model, and transformers would read "
            f"the adapter's base, {base!r}, instead: move adapter_config.json away, or merge the "
            "adapter (PEFT's merge_and_unload) and save what comes out into a folder of its own"
        )
    raise BeaconvizError(adapter_text(f"the folder {str(folder)!r}", base))


def adapter_text(place: str, base: Any) -> str:
    return (
        f"{place} holds only an adapter of {base or 'another model'!r}: merge it into that model "
        "(PEFT's merge_and_unload), save the whole with save_pretrained, and take that folder"
    )


def _no_config_text(folder: Path) -> str:
    text = f"the folder {str(folder)!r} has no {CONFIG}; "
    inside = sorted(file.parent.name for file in folder.glob(f"*/{CONFIG}"))
    if inside:
        return f"{text}there is one in {_few(inside)}: take that folder"
    return f"{text}expected a model saved by save_pretrained (found {_listed_files(folder)})"


def _listed_files(folder: Path) -> str:
    return _few(sorted(file.name for file in folder.iterdir())) or "no file"


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:4]) + (" …" if len(names) > 4 else "")


def _check_weight_files(folder: Path) -> None:
    place, single, index = f"the folder {str(folder)!r}", folder / SINGLE, folder / INDEX
    if single.is_file():
        return
    if index.is_file():
        _check_shards(folder, read_settings(index))
        return
    if single.is_symlink():
        raise BeaconvizError(
            f"{SINGLE} of {place} is a link to {str(single.readlink())!r}, which is not there: copy the "
            "file itself"
        )
    if parts := sorted(file.name for file in folder.glob("*.safetensors") if file.is_file()):
        mend = (
            f"the {INDEX} that belongs to them is missing"
            if any("-of-" in part for part in parts)
            else f"rename it to {SINGLE}"
        )
        raise BeaconvizError(f"{place} has no {SINGLE}, but {_few(parts)}: {mend}")
    if any(folder.glob("*.bin")) or any(folder.glob("*.pt")):
        raise BeaconvizError(
            f"{place} has only pickled weights, which can run code; save them again with "
            "save_pretrained, as safetensors"
        )
    raise BeaconvizError(
        f"{place} has no weights; expected {SINGLE} in it, as save_pretrained writes it (found "
        f"{_listed_files(folder)})"
    )


def _check_shards(folder: Path, content: Mapping[str, Any]) -> None:
    place, files = f"{INDEX} of the folder {str(folder)!r}", content.get("weight_map")
    is_map = isinstance(files, dict) and all(isinstance(file, str) for file in files.values())
    if not is_map or not files or "metadata" not in content:
        lacking = "weight_map from weights to files" if not is_map or not files else "metadata"
        raise BeaconvizError(f"{place} has no {lacking}: save the model again with save_pretrained")
    shards = sorted(set(files.values()))
    if outside := [file for file in shards if Path(file).name != file]:
        raise BeaconvizError(
            f"{place} names {outside[0]!r}; expected files of the folder itself: save the model again "
            "with save_pretrained"
        )
    if lost := [file for file in shards if not (folder / file).is_file()]:
        raise BeaconvizError(
            f"the folder {str(folder)!r} lacks {lost[0]}, "
            f"{'one' if len(lost) == 1 else len(lost)} of the {len(shards)} files of weights that "
            f"{INDEX} names: copy the model again, whole"
        )


def _weights_of_hub_model(name: str, expected: str) -> Weights:
    """Asks the Hub once, before transformers asks for each file with retries."""
    try:
        cached = try_to_load_from_cache(name, CONFIG)
    except HFValidationError:
        raise BeaconvizError(f"there is no model {shortened(name)}; expected {expected}") from None
    if isinstance(cached, str) and any(Path(cached).parent.glob("*.safetensors")):
        _check_no_adapter(Path(cached).parent)
        return read_part(name, weights_in, Path(cached).parent)
    info = _ask_hub(name, expected)
    files = [file.rfilename for file in info.siblings or ()]
    if ADAPTER in files:
        raise BeaconvizError(adapter_text(f"{name!r} on the Hub", None))
    if not any(file.endswith(".safetensors") for file in files):
        raise BeaconvizError(
            f"{name!r} has no safetensors on the Hub, and pickled weights can run code; "
            "look for another version of it, or save one with save_pretrained"
        )
    return weights_on_hub(info)


def _ask_hub(name: str, expected: str) -> Any:
    try:
        return HfApi().model_info(name, timeout=10, files_metadata=True)
    except RepositoryNotFoundError:
        raise BeaconvizError(
            f"the Hub has no model {name!r}, or it is private; expected {expected}"
        ) from None
    except (
        Exception
    ) as error:  # transports raise different errors; all mean that the Hub cannot be reached
        raise BeaconvizError(
            f"no model {name!r}: it does not ship with beaconviz and the Hub could not be reached "
            f"({first_line(error)}); expected {expected}"
        ) from error
