"""Optional packages, and how to install them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from beaconviz.core.errors import BeaconvizError


@contextmanager
def extra(name: str, purpose: str) -> Iterator[None]:
    """Raises an error that says how to install an extra, if an import in the block fails.

    with extra("large", "searching very many passages"):
        import faiss

    Args:
        name: of the extra, as in pyproject.toml. purpose: what needs it, in words.

    Raises:
        BeaconvizError: a package is missing.
    """
    try:
        yield
    except ImportError as error:
        package = error.name or "a package"
        raise BeaconvizError(
            f'{purpose} needs {package}, which is not installed: pip install "beaconviz[{name}]"'
        ) from error
