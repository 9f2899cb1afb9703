"""exiftool, which only ever sees files of a private folder.

``Writer`` edits copies of sidecars; ``Reader`` reads the keywords embedded in photos, through
links, and is never given a writing option.
"""

from __future__ import annotations

import subprocess
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self, TypeVar
from xml.etree import ElementTree as ET

from phototagger.core.errors import RefusedSidecar
from phototagger.core.jpeg_header import HEADER_BYTES, surely_no_keywords
from phototagger.core.keywords import Edit, Field, fits_xml
from phototagger.core.sidecar_file import stage_folder
from phototagger.core.stay_open import FILES_A_PROCESS, Patience, StayOpen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

_TAGS = {
    Field.SUBJECT: "XMP-dc:Subject",
    Field.HIERARCHY: "XMP-lr:HierarchicalSubject",
    Field.TAGS: "XMP-digiKam:TagsList",
}
_RDF_LI = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li"
_RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"


class Writer(StayOpen):
    """Edits keyword lists in staged copies of sidecars."""

    options = ("-E", "-charset", "UTF8", "-overwrite_original")

    def edit(self, name: str, data: bytes | None, edits: Mapping[Field, Edit]) -> tuple[bytes, str]:
        """Return the edited copy of a sidecar, made where ``data`` is None, and what exiftool says.

        ``name`` is the copy's in the stage; it does not stay. What exiftool says is for people:
        whether it worked shows in the bytes. An added entry must not be there yet: exiftool would
        add it a second time. Raises ``RefusedSidecar`` where there is no copy, ``OSError``.
        """
        copy = self.stage / name
        lines = []
        for field, edit in edits.items():
            lines += [f"-{_TAGS[field]}-={_escaped(entry)}" for entry in edit.removed]
            lines += [f"-{_TAGS[field]}+={_escaped(entry)}" for entry in edit.added]

        def prepare() -> None:
            copy.unlink(missing_ok=True)
            if data is not None:
                copy.write_bytes(data)

        told = ""
        try:
            said = self.ask([*lines, name], prepare=prepare).replace(f" - {name}", "")
            told = "; ".join(said.split("\n")).strip("; ")
            return copy.read_bytes(), told
        except FileNotFoundError:
            raise RefusedSidecar(f"exiftool made nothing of it ({told or 'no word'})") from None
        finally:
            copy.unlink(missing_ok=True)


class Reader(StayOpen):
    """Reads the keywords embedded in photos; it has no writing option."""

    # IPTC without a coded character set is Latin-1
    options = ("-charset", "UTF8", "-charset", "iptc=Latin", "-fast", "-a", "-X")
    errors = subprocess.DEVNULL

    def embedded(
        self, photos: Sequence[Path]
    ) -> list[dict[Field, tuple[str, ...]] | RefusedSidecar]:
        """Return the keywords embedded in each photo, or why there is no telling.

        ``dc:subject`` holds those of XMP, then those of IPTC that XMP lacks. exiftool is asked
        about those photos only that may have any.
        """
        return [{} if _surely_none(photo) else self._asked(photo) for photo in photos]

    def _asked(self, photo: Path) -> dict[Field, tuple[str, ...]] | RefusedSidecar:
        """Return what exiftool finds in a photo, each asked for by itself: one may hang it."""
        link = self.stage / "0.jpg"
        tags = ["-File:MIMEType", "-IPTC:Keywords", *(f"-{tag}" for tag in _TAGS.values())]

        def prepare() -> None:
            link.unlink(missing_ok=True)
            link.symlink_to(photo.absolute())

        try:
            found = _described(self.ask([*tags, link.name], prepare=prepare))
        except RefusedSidecar as refused:
            return refused
        return found.get(link.name, RefusedSidecar("exiftool finds no picture in the photo"))


def _surely_none(photo: Path) -> bool:
    """Say whether a photo certainly has no embedded keywords."""
    try:
        with photo.open("rb") as file:
            return surely_no_keywords(file.read(HEADER_BYTES))
    except OSError:
        return False


def _described(said: str) -> dict[str, dict[Field, tuple[str, ...]]]:
    """Return the keywords in exiftool's XML output, by file, for the files that are pictures."""
    end = said.find("</rdf:RDF>")
    if end < 0:
        return {}
    found = {}
    for description in ET.fromstring(said[: end + 10]):  # noqa: S314  (exiftool's own output)
        texts: dict[str, list[str]] = {}
        for tag in description:
            group, _, name = tag.tag.rpartition("}")
            block = group.rsplit("/", 3)[-3]  # IPTC2 is a second IPTC block
            items = [item.text or "" for item in tag.iter(_RDF_LI)] or [tag.text or ""]
            key = f"IPTC:{name}" if block.startswith("IPTC") else f"{block}:{name}"
            texts.setdefault(key, []).extend(items)
        if not any(kind.startswith("image/") for kind in texts.get("File:MIMEType", ())):
            continue
        texts.setdefault("XMP-dc:Subject", []).extend(texts.get("IPTC:Keywords", ()))
        cleaned = {field: _cleaned(texts.get(tag, ())) for field, tag in _TAGS.items()}
        found[description.get(_RDF_ABOUT, "")] = {f: kept for f, kept in cleaned.items() if kept}
    return found


def _cleaned(entries: Sequence[str]) -> tuple[str, ...]:
    """Return each entry once, without the characters that XML cannot hold."""
    plain = ("".join(char for char in entry if fits_xml(char)).strip() for entry in entries)
    return tuple(dict.fromkeys(entry for entry in plain if entry))


def _escaped(text: str) -> str:
    """Return text for ``-E``: exact whatever it holds, and never more than one line."""
    return "".join(c if c.isascii() and c.isalnum() else f"&#x{ord(c):x};" for c in text)


_Kind = TypeVar("_Kind", bound=StayOpen)


class Exiftools:
    """The two exiftools and their private folder, made when first needed, gone at the end.

    To be used by one thread, as a context manager. ``command``: the exiftool to run. ``patience``
    is theirs together: where one hangs, so would the other.
    """

    def __init__(
        self,
        command: str = "exiftool",
        *,
        files_a_process: int = FILES_A_PROCESS,
        patience: Patience | None = None,
    ) -> None:
        self._command = command
        self._files_a_process = files_a_process
        self._patience = patience or Patience()
        self._open = ExitStack()
        self._stage: Path | None = None
        self._writer: Writer | None = None
        self._reader: Reader | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stage = self._writer = self._reader = None
        self._open.close()

    @property
    def stage(self) -> Path:
        """The private folder that exiftool sees."""
        if self._stage is None:
            self._stage = self._open.enter_context(stage_folder())
        return self._stage

    @property
    def writer(self) -> Writer:
        """The exiftool that edits staged copies."""
        if self._writer is None:
            self._writer = self._opened(Writer)
        return self._writer

    @property
    def reader(self) -> Reader:
        """The exiftool that reads photos."""
        if self._reader is None:
            self._reader = self._opened(Reader)
        return self._reader

    def _opened(self, kind: type[_Kind]) -> _Kind:
        tool = kind(
            self.stage,
            self._command,
            files_a_process=self._files_a_process,
            patience=self._patience,
        )
        self._open.callback(tool.close)
        return tool
