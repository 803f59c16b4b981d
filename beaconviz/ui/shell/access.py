"""Access rules: which models, files and folders this app opens.

An app that can only be reached from its own machine opens any folder, any file and any Hub id. An
app that other machines can reach, or that was started with `--closed`, opens only what ships with
beaconviz and what its command line names. The server's settings decide, not what a browser sends.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, NoReturn

import streamlit as st

from beaconviz.core.errors import BeaconvizError
from beaconviz.models.loading import SHIPPED

Kind = Literal["data", "documents", "beacons"]
KINDS: dict[Kind, str] = {
    "data": "data file",
    "documents": "document folder",
    "beacons": "folder of learned beacons",
}
SCRIPT = "app.py"  # only the arguments of `streamlit run app.py` are the app's


class AccessError(BeaconvizError):
    """A model, file or folder that this app may not open."""


@dataclass(frozen=True)
class Access:
    """What an app may open.

    Attributes:
        unrestricted: anything; the app can only be reached from its own machine.
        models: the models that the command line names.
        paths: the paths that the command line names, each with its kind.
    """

    unrestricted: bool
    models: tuple[str, ...] = ()
    paths: tuple[tuple[Kind, str], ...] = ()

    @property
    def model_names(self) -> tuple[str, ...]:
        """The models that the app offers: those that ship and those of the command line."""
        return tuple(dict.fromkeys([*SHIPPED, *self.models]))

    def named(self, kind: Kind) -> tuple[str, ...]:
        """The paths of one kind that the command line names."""
        return tuple(path for path_kind, path in self.paths if path_kind == kind)

    def offers_model(self, name: str) -> bool:
        """Whether a model may be loaded; the name must be spelled as it is offered."""
        return self.unrestricted or name in self.model_names

    def check_model(self, name: str) -> None:
        """Check that a model may be loaded.

        Raises:
            AccessError: it is not offered.
        """
        if not self.offers_model(name):
            raise AccessError(
                f"this app does not offer the model {name!r:.80}; choose {', '.join(self.model_names)}, "
                "or ask who runs the app to name it with --model"
            )

    def check_path(self, kind: Kind, path: str) -> None:
        """Check that a file or folder may be opened.

        Raises:
            AccessError: it is not offered.
        """
        if not self.unrestricted and path not in self.named(kind):
            raise AccessError(
                f"this app does not open the {KINDS[kind]} {path!r:.80}; upload a file, or ask who runs "
                f"the app to name it with --{kind}"
            )


def access() -> Access:
    """The access rules of this server.

    Raises:
        BeaconvizError: the app was started with unknown options.
    """
    return granted(_own_arguments(sys.argv), st.get_option("server.address"))


def granted(arguments: Sequence[str], address: str | None) -> Access:
    """The access rules of an app that was started with these arguments and listens at this address.

    >>> granted([], "localhost").unrestricted, granted([], "0.0.0.0").unrestricted
    (True, False)
    >>> granted(["--closed", "--model", "runs/ner"], "localhost").models
    ('runs/ner',)
    """
    options = _parser().parse_args(arguments)
    paths = tuple((kind, path) for kind in KINDS for path in getattr(options, kind))
    return Access(is_loopback(address) and not options.closed, tuple(options.model), paths)


def is_loopback(address: str | None) -> bool:
    """Whether a server at this address can be reached only from its own machine.

    Without an address a server listens on all networks. A name other than `localhost` counts as
    reachable from others.
    """
    if address == "localhost":
        return True
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return False


def _own_arguments(argv: Sequence[str]) -> Sequence[str]:
    return argv[1:] if Path(argv[0]).name == SCRIPT else ()


class _Parser(ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BeaconvizError(f"the app was started with options it does not have: {message}")


def _parser() -> ArgumentParser:
    parser = _Parser(add_help=False, allow_abbrev=False)
    parser.add_argument("--closed", action="store_true")
    for name in ("model", *KINDS):
        parser.add_argument(f"--{name}", action="append", default=[])
    return parser
