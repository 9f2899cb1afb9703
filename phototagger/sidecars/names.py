"""Which sidecar belongs to which photo: ``IMG.jpg.xmp`` (append) or ``IMG.xmp`` (replace).

All names are chosen before anything is written. With ``replace``, photos that share a stem,
case-folded and a raw or video sibling included, would share a sidecar; they get ``append``.

The sidecar of a raw is ``IMG.xmp`` in either style, which is the one that Lightroom reads; but
where ``IMG.CR3.xmp`` is there, and no ``IMG.xmp``, that one is kept, and so it is named where
another raw has the same stem.
"""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from phototagger.errors import RefusedSidecar

Style = Literal["append", "replace"]

NAME_BYTES = 255
"""The longest file name, in bytes, that Linux file systems allow."""

_RAWS = re.compile(
    r"3fr|ari|arw|bay|cap|cr[23w]|dcr|dng|eip|erf|fff|gpr|iiq|k25|kdc|mdc|mef|mos|mrw|nef|nrw"
    r"|orf|pef|ptx|raf|raw|rw[2l]|sr[2fw]|x3f"
)
_OTHERS = re.compile(
    r"jpe?g|jpe|png|tiff?|webp|hei[cf]|hif|avif|jxl|gif|bmp|psd|exr|jp2|avi|m4v|mov|mp4|mpg|mts"
)


@dataclass(frozen=True)
class Target:
    """The sidecar chosen for a photo.

    ``other``: a sidecar of the photo under the other name, where one is on disk. ``note``: why
    the style that was asked for is not used. ``refused``: why there is no sidecar for it at all.
    """

    photo: Path
    sidecar: Path
    other: Path | None = None
    note: str = ""
    refused: RefusedSidecar | None = None


class _Folder:
    """The names in one folder, read once."""

    def __init__(self, path: Path) -> None:
        self.names = frozenset(os.listdir(path or "."))  # noqa: PTH208  (names, not paths)
        self.folded: dict[str, list[str]] = {}
        self.stems: Counter[str] = Counter()
        self.raws: Counter[str] = Counter()
        for name in self.names:
            self.folded.setdefault(name.casefold(), []).append(name)
            stem, _, suffix = name.casefold().rpartition(".")
            is_raw = bool(_RAWS.fullmatch(suffix))
            self.raws[stem] += is_raw
            self.stems[stem] += is_raw or bool(_OTHERS.fullmatch(suffix))

    def find(self, wanted: str, owner: str) -> str:
        """Return the name on disk, in any case, of a sidecar of ``owner``; else ``wanted``."""
        if wanted in self.names:
            return wanted
        names = self.folded.get(wanted.casefold(), [])
        names = sorted(names, key=lambda name: (name[:-4] != wanted[:-4], name))
        alike = len(self.folded.get(owner.casefold(), ())) > 1
        for name in names:
            # where another photo's name differs only by case, only the extension's case is free
            if not alike or name[:-4] == wanted[:-4]:
                return name
        return wanted


def target_of(photo: Path, style: Style = "append") -> Target:
    """Return the target of one photo; its folder is listed again only once it has changed."""
    try:
        folder: _Folder | RefusedSidecar = _listed(photo.parent, photo.parent.stat().st_mtime_ns)
    except OSError as error:
        folder = _unlisted(error)
    return _choose_one(photo, style, folder)


@lru_cache(1)
def _listed(folder: Path, _changed: int) -> _Folder:
    return _Folder(folder)


def _unlisted(error: OSError) -> RefusedSidecar:
    return RefusedSidecar(f"its folder cannot be read ({error.strerror})")


def choose(photos: Iterable[Path], style: Style = "append") -> list[Target]:
    """Return one target a photo, in order; no two have the same sidecar.

    Reads the folders of the photos. A folder that cannot be read makes its photos refused.
    """
    folders: dict[Path, _Folder | RefusedSidecar] = {}
    listed = list(photos)
    for folder in {photo.parent for photo in listed}:
        try:
            folders[folder] = _Folder(folder)
        except OSError as error:
            folders[folder] = _unlisted(error)
    targets = [_choose_one(photo, style, folders[photo.parent]) for photo in listed]
    return _without_clashes(targets, lambda photo: folders[photo.parent])


def _choose_one(
    photo: Path, style: Style, folder: _Folder | RefusedSidecar, *, clashes: bool = False
) -> Target:
    """Choose by the photo's own name and its siblings, where another's sidecar does not clash."""
    if isinstance(folder, RefusedSidecar):
        return Target(photo, photo, refused=folder)
    if not clashes and _is_of_another(photo, style, folder):
        return _choose_one(photo, "append", folder, clashes=True)
    stem, _, suffix = photo.name.casefold().rpartition(".")
    if _RAWS.fullmatch(suffix) and not clashes:
        style = "append" if folder.raws[stem] > 1 or _is_kept(photo, folder) else "replace"
        shared = folder.raws[stem] > 1
    else:
        shared = folder.stems[stem] > 1
    too_long = _too_long(photo.name + ".xmp")
    if style == "replace" and not shared:
        return _named(photo, folder, photo.stem + ".xmp", photo.name + ".xmp")
    if not too_long:
        note = f"its stem is another file's too, so it is {photo.name}.xmp" if shared else ""
        note = note if style == "replace" else ""
        return _named(photo, folder, photo.name + ".xmp", photo.stem + ".xmp", note)
    if shared or clashes or _too_long(photo.stem + ".xmp"):
        reason = f"its name is too long for a sidecar's ({NAME_BYTES} bytes at most)"
        return Target(photo, photo, refused=RefusedSidecar(reason))
    note = f"{NAME_BYTES} bytes do not hold its whole name and .xmp, so it is {photo.stem}.xmp"
    return _named(photo, folder, photo.stem + ".xmp", "", note)


def _is_of_another(photo: Path, style: Style, folder: _Folder) -> bool:
    """Tell whether ``STEM.xmp`` is the sidecar of a photo that is called ``STEM``.

    That photo may get its sidecar only later, when nobody passes this one.
    """
    wanted = (photo.stem + ".xmp").casefold()
    return any(
        _choose_one(photo.with_name(name), style, folder).sidecar.name.casefold() == wanted
        for name in folder.folded.get(photo.stem.casefold(), ())
        if folder.stems[name.casefold().rpartition(".")[0]]
    )


def _is_kept(photo: Path, folder: _Folder) -> bool:
    """Say whether the only sidecar of a raw is one that is named as darktable names it."""
    appended, replaced = (
        folder.find(f"{name}.xmp", photo.name) for name in (photo.name, photo.stem)
    )
    return appended in folder.names and replaced not in folder.names


def _named(photo: Path, folder: _Folder, name: str, other: str, note: str = "") -> Target:
    """Return the target of that name, as it is spelled on disk."""
    second = folder.find(other, photo.name) if other else ""
    return Target(
        photo,
        photo.with_name(folder.find(name, photo.name)),
        photo.with_name(second) if second in folder.names else None,
        note,
    )


def _without_clashes(
    targets: list[Target], folder_of: Callable[[Path], _Folder | RefusedSidecar]
) -> list[Target]:
    """Move ``replace`` names that are also another photo's name to ``append``.

    ``IMG.jpg.png`` under ``replace`` has the name that ``IMG.jpg`` has under ``append``.
    """
    for _ in range(3):
        taken = Counter(_folded(t.sidecar) for t in targets if t.refused is None)
        clash = {name for name, count in taken.items() if count > 1}
        if not clash:
            return targets
        targets = [
            _choose_one(t.photo, "append", folder_of(t.photo), clashes=True)
            if _folded(t.sidecar) in clash and t.refused is None and not _appended(t)
            else t
            for t in targets
        ]
    seen: set[Path] = set()
    return [_refuse_second(target, seen) for target in targets]


def _refuse_second(target: Target, seen: set[Path]) -> Target:
    """Refuse what would be written to a sidecar that is already another photo's."""
    if target.refused is None and target.sidecar in seen:
        refused = RefusedSidecar(f"{target.sidecar.name} is another photo's sidecar")
        return Target(target.photo, target.sidecar, refused=refused)
    seen.add(target.sidecar)
    return target


def _appended(target: Target) -> bool:
    return _folded(target.sidecar) == _folded(target.photo.with_name(target.photo.name + ".xmp"))


def _folded(path: Path) -> tuple[Path, str]:
    return path.parent, path.name.casefold()


def _too_long(name: str) -> bool:
    return len(os.fsencode(name)) > NAME_BYTES
