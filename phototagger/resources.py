"""Files that ship with phototagger: the sample photos and the starter labels."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def bundled_file(name: str) -> Path:
    """Return the path of ``samples`` or ``labels.txt``, in an installed wheel or a checkout."""
    installed = _PACKAGE / "data" / name
    return installed if installed.exists() else _PACKAGE.parent / name
