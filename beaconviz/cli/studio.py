"""`beaconviz app`: open the Studio in a browser."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

Several = list[str]


def open_studio(
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Where to listen; 8501 or the next free.")
    ] = None,
    address: Annotated[
        str,
        typer.Option(
            help="0.0.0.0 lets other machines in. There is no password; they are offered what ships "
            "with beaconviz and what --model, --data, --documents and --beacons name."
        ),
    ] = "localhost",
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
    closed: Annotated[
        bool,
        typer.Option(
            "--closed",
            help="Offer as little as to other machines, at localhost too: for an app behind a proxy "
            "or a tunnel.",
        ),
    ] = False,
    model: Annotated[
        Several | None, typer.Option(help="A Hub id or a folder to offer. May be given again.")
    ] = None,
    data: Annotated[
        Several | None, typer.Option(help="A file to evaluate on, to offer. May be given again.")
    ] = None,
    documents: Annotated[
        Several | None,
        typer.Option(help="A file or folder to search, to offer. May be given again."),
    ] = None,
    beacons: Annotated[
        Several | None,
        typer.Option(help="A folder of learned beacons to offer. May be given again."),
    ] = None,
) -> None:
    """Open the Studio in a browser."""
    from beaconviz.samples import shipped  # slow imports wait until a command needs them

    named = {
        "model": model or [],
        "data": data or [],
        "documents": documents or [],
        "beacons": beacons or [],
    }
    _check_exist(**named)
    # -P: do not import modules from the current folder.
    command = [sys.executable, "-P", "-m", "beaconviz.ui", "run", str(shipped("app.py"))]
    command += ["--server.address", address]
    command += ["--server.port", str(port)] if port else []
    command += [] if browser else ["--server.headless", "true"]
    command += ["--", *["--closed"] * closed]  # the rest is read by `beaconviz.ui.shell.access`
    command += [f"--{option}={value}" for option, values in named.items() for value in values]
    # Streamlit reads .streamlit/config.toml in the folder of app.py.
    os.execv(command[0], command)


def _check_exist(model: Several, data: Several, documents: Several, beacons: Several) -> None:
    from beaconviz.core.errors import BeaconvizError

    folders = [name for name in model if name.startswith((".", "/", "~")) or name.count("/") > 1]
    missing = {
        "--model": [name for name in folders if not Path(name).expanduser().is_dir()],
        "--data": [name for name in data if not Path(name).is_file()],
        "--documents": [name for name in documents if not Path(name).exists()],
        "--beacons": [name for name in beacons if not Path(name).expanduser().is_dir()],
    }
    for option, names in missing.items():
        if names:
            raise BeaconvizError(
                f"{option} {names[0]!r:.80} is not there; expected the path of what the app should offer"
            )
