"""Real photos that lie beside the checkout and cannot be passed on."""

import os
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
SAMPLES = CHECKOUT / "samples"
RELEASED = CHECKOUT / "tests" / "store" / "catalogue" / "released"
"""An SQL dump of a catalogue of every version that was released."""


def shared_data() -> Path:
    """Return ``../shared/data``, or the folder that PHOTOTAGGER_SHARED names; skips without it."""
    named = os.environ.get("PHOTOTAGGER_SHARED")
    shared = Path(named) if named else CHECKOUT.parent / "shared"
    for folder in (shared / "data", shared):
        if (folder / "MANIFEST.tsv").is_file():
            return folder
    pytest.skip(f"needs ../shared: there is no data in {shared}")


def names_in(folder: Path) -> list[str]:
    """Return what lies in a folder, hidden files too, in order."""
    return sorted(path.name for path in folder.iterdir())
