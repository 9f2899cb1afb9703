"""Which versions of what made a run, read from package metadata without importing anything."""

from collections.abc import Mapping
from functools import cache
from importlib import metadata

_PACKAGES = ("phototagger", "torch", "open-clip-torch", "numpy", "pillow", "polars")


@cache
def versions() -> Mapping[str, str | None]:
    """Return the version of each package; None where it is not installed."""
    by_package: dict[str, str | None] = {}
    for package in _PACKAGES:
        try:
            by_package[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            by_package[package] = None
    return by_package
