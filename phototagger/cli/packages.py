"""The packages phototagger stands on, each with the oldest version that was tried with it."""

import re
from collections.abc import Iterator
from importlib import metadata
from typing import NamedTuple

from phototagger.errors import MissingError

OLDEST = {
    "textual": "8.2",
    "rich": "14.3",
    "torch": "2.4",
    "open-clip-torch": "3.0",
    "numpy": "1.26",
    "pillow": "10.4",
    "textual-image": "0.12",
    "pyyaml": "6.0.1",
    "polars": "1.30",
}
"""The required packages; pyproject.toml asks for the same."""


class Unfit(NamedTuple):
    """A required package that is not installed (``version`` empty) or too old."""

    name: str
    version: str

    def __str__(self) -> str:
        if not self.version:
            return f"{self.name} is not installed"
        return f"{self.name} {self.version} is older than {OLDEST[self.name]}"


def unfit() -> list[Unfit]:
    """Return the packages that do not do, from what their installers wrote; nothing is imported."""
    return list(_unfit())


def _unfit() -> Iterator[Unfit]:
    for name, oldest in OLDEST.items():
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            yield Unfit(name, "")
            continue
        if _numbers(version) < _numbers(oldest):
            yield Unfit(name, version)


def cure_of(packages: list[Unfit]) -> str:
    """Return the command that installs packages that will do."""
    wanted = " ".join(f"'{package.name}>={OLDEST[package.name]}'" for package in packages)
    return f"pip install --upgrade {wanted}"


def check_packages() -> None:
    """Raise MissingError, with the cure, where a required package is missing or too old."""
    packages = unfit()
    if packages:
        causes = ", ".join(map(str, packages))
        raise MissingError(causes, f"type `{cure_of(packages)}`")


def _numbers(version: str) -> tuple[int, ...]:
    """Return a version's release (PEP 440), without what follows it: 2.4.0rc1+cpu is (2, 4, 0)."""
    release = re.match(r"v?(?:\d+!)?(\d+(?:\.\d+)*)", version)
    return tuple(map(int, release[1].split("."))) if release else ()
