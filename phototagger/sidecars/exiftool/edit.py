"""exiftool, which only ever sees files of a private folder.

``Writer`` edits copies of sidecars; ``Reader`` reads what is embedded in photos, through links, and
is never given a writing option. Between them only bytes pass, through this program.
"""

import base64
import html
import re
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar
from xml.etree import ElementTree as ET

from phototagger.errors import RefusedSidecar
from phototagger.imaging.jpeg_header import HEADER_BYTES, surely_nothing_to_carry
from phototagger.sidecars.exiftool.session import FILES_A_PROCESS, Patience, StayOpen
from phototagger.sidecars.file import stage_folder
from phototagger.sidecars.seed import VALUES, Embedded
from phototagger.sidecars.xmp.keywords import Field, KeywordEdit
from phototagger.sidecars.xmp.read import RDF

_TAGS = {
    Field.SUBJECT: "XMP-dc:Subject",
    Field.HIERARCHY: "XMP-lr:HierarchicalSubject",
    Field.TAGS: "XMP-digiKam:TagsList",
}
_RDF_LI, _RDF_DATATYPE = f"{RDF}li", f"{RDF}datatype"
_MIME_TYPE, _PACKETS = "File:MIMEType", "XMP:XMP"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ASKED = [f"-{tag}" for tag in (_MIME_TYPE, "XMP", *VALUES)]


class Writer(StayOpen):
    """Edits keyword lists in staged copies of sidecars."""

    options = ("-E", "-charset", "UTF8", "-overwrite_original")

    def edit(
        self, name: str, data: bytes | None, edits: Mapping[Field, KeywordEdit]
    ) -> tuple[bytes, str]:
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

        message = ""
        try:
            answer = self.ask([*lines, name], prepare=prepare).replace(f" - {name}", "")
            message = "; ".join(map(html.unescape, answer.split("\n"))).strip("; ")
            return copy.read_bytes(), message
        except FileNotFoundError:
            raise RefusedSidecar(f"exiftool made nothing of it ({message or 'no word'})") from None
        finally:
            copy.unlink(missing_ok=True)


class Reader(StayOpen):
    """Reads what is embedded in photos; it has no writing option."""

    # IPTC and Exif are taken as they are: with -b, what is not UTF-8 comes in base 64
    options = ("-charset", "UTF8", "-charset", "iptc=UTF8", "-fast", "-a", "-b", "-X")
    errors = subprocess.DEVNULL

    def embedded(self, photos: Sequence[Path]) -> list[Embedded | RefusedSidecar]:
        """Return what is embedded in each photo, or why there is no telling.

        exiftool is asked about those photos only that may have anything to carry over.
        """
        return [Embedded() if _surely_nothing(photo) else self._asked(photo) for photo in photos]

    def makes_nothing_of(self, packet: bytes) -> bool:
        """Say whether exiftool finds no property at all in an XMP packet."""
        copy = self.stage / "packet.xmp"
        try:
            copy.write_bytes(packet)
            output = self.ask(["-XMP:all", copy.name])
        except OSError as error:
            raise RefusedSidecar(f"its copy cannot be written ({error.strerror})") from error
        finally:
            copy.unlink(missing_ok=True)
        return not any(_block_and_name(tag)[0].startswith("XMP-") for tag in _tags(output))

    def _asked(self, photo: Path) -> Embedded | RefusedSidecar:
        """Return what exiftool finds in a photo, each asked for by itself: one may hang it.

        The link to it does not stay for the writer to find.
        """
        link = self.stage / "0.jpg"

        def prepare() -> None:
            link.unlink(missing_ok=True)
            link.symlink_to(photo.absolute())

        try:
            return _described(self.ask([*_ASKED, link.name], prepare=prepare))
        except RefusedSidecar as refused:
            return refused
        finally:
            link.unlink(missing_ok=True)


def _surely_nothing(photo: Path) -> bool:
    """Say whether a photo certainly has nothing embedded that a sidecar would hide."""
    try:
        with photo.open("rb") as file:
            return surely_nothing_to_carry(file.read(HEADER_BYTES))
    except OSError:
        return False


def _described(output: str) -> Embedded:
    """Return what exiftool's XML output holds; raise ``RefusedSidecar`` for no picture."""
    values: dict[str, tuple[bytes, ...]] = {}
    for tag in _tags(output):
        key = ":".join(_block_and_name(tag))
        values[key] = (*values.get(key, ()), *_values(tag))
    if not any(kind.startswith(b"image/") for kind in values.pop(_MIME_TYPE, ())):
        raise RefusedSidecar("exiftool finds no picture in the photo")
    return Embedded(values.pop(_PACKETS, ()), values)


def _tags(output: str) -> list[ET.Element]:
    """Return the tags in exiftool's XML output about one file."""
    end = output.find("</rdf:RDF>")
    if end < 0:
        return []
    fitting = _NOT_XML.sub("\ufffd", output[: end + 10])
    rdf = ET.fromstring(fitting)  # noqa: S314  (exiftool's own output)
    return [tag for description in rdf for tag in description]


def _block_and_name(tag: ET.Element) -> tuple[str, str]:
    """Return where a tag was found, as ``IPTC``, ``IFD0`` or ``XMP-dc``, and its name."""
    group, _, name = tag.tag.rpartition("}")
    block = group.rsplit("/", 3)[-3]
    return "IPTC" if block.startswith("IPTC") else block, name  # IPTC2 is a second IPTC block


def _values(tag: ET.Element) -> list[bytes]:
    """Return the values of a tag as they stand in the photo."""
    items = list(tag.iter(_RDF_LI)) or [tag]
    return [
        base64.b64decode(item.text or "")
        if item.get(_RDF_DATATYPE, "").endswith("#base64Binary")
        else (item.text or "").encode()
        for item in items
    ]


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
