"""Packages that only some of beaconviz needs, and how to get them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from beaconviz.core.errors import BeaconvizError


@contextmanager
def extra(name: str, what: str) -> Iterator[None]:
    """Says how to install an extra, where a package imported in the block is missing.

    with extra("large", "searching very many passages"):
        import faiss

    Args:
        name: of the extra, as in pyproject.toml. what: needs it, in words.

    Raises:
        BeaconvizError: a package is missing.
    """
    try:
        yield
    except ImportError as error:
        package = error.name or "a package"
        raise BeaconvizError(
            f'{what} needs {package}, which is not installed: pip install "beaconviz[{name}]"'
        ) from error
