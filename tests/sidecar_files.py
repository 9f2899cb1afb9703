"""Photos and sidecars made by tests, and what other programs read in them."""

from __future__ import annotations

import hashlib
import shutil
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import exiv2
import pytest
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

needs_exiftool = pytest.mark.skipif(
    shutil.which("exiftool") is None, reason="needs exiftool (apt install libimage-exiftool-perl)"
)
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
LISTS = {
    "dc:subject": "{http://purl.org/dc/elements/1.1/}subject",
    "lr:hierarchicalSubject": "{http://ns.adobe.com/lightroom/1.0/}hierarchicalSubject",
    "digiKam:TagsList": "{http://www.digikam.org/ns/1.0/}TagsList",
}
OURS = {"Xmp.dc.subject", "Xmp.lr.hierarchicalSubject", "Xmp.digiKam.TagsList"}


def make_photo(path: Path, xmp: bytes | None = None) -> Path:
    """Make a small picture, JPEG but for ``.png``, with XMP where given."""
    kind = "PNG" if path.suffix.lower() == ".png" else "JPEG"
    options = {"xmp": xmp} if xmp is not None and kind == "JPEG" else {}
    with path.open("wb") as file:
        Image.new("RGB", (8, 6), (90, 120, 40)).save(file, kind, **options)
    return path


def sidecar_text(
    subject: Sequence[str] = (),
    hierarchy: Sequence[str] = (),
    tags: Sequence[str] = (),
    attributes: str = 'xmp:Rating="4"',
    inside: str = "",
) -> str:
    """Return a sidecar as another program would write it."""
    lists = ""
    for name, entries in (
        ("dc:subject", subject),
        ("lr:hierarchicalSubject", hierarchy),
        ("digiKam:TagsList", tags),
    ):
        items = "".join(f"<rdf:li>{escape(entry)}</rdf:li>" for entry in entries)
        lists += f"<{name}><rdf:Bag>{items}</rdf:Bag></{name}>" if entries else ""
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:lr="http://ns.adobe.com/lightroom/1.0/"'
        ' xmlns:digiKam="http://www.digikam.org/ns/1.0/"'
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
        ' xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"'
        f' xmlns:my="http://example.org/my/" {attributes}>{lists}{inside}'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def keywords(path: Path, name: str = "dc:subject") -> list[str]:
    """Return a keyword list by ElementTree; empty where there is no file or no list."""
    if not path.exists():
        return []
    found = ET.parse(path).getroot().iter(LISTS[name])
    return [item.text or "" for element in found for item in element.iter(RDF + "li")]


def by_exiv2(data: bytes) -> dict[str, str]:
    """Return all that python-exiv2 reads in a sidecar; empty where it reads nothing."""
    try:
        image = exiv2.ImageFactory.open(data)
        image.readMetadata()
    except exiv2.Exiv2Error:
        return {}
    return {datum.key(): str(datum.value()) for datum in image.xmpData()}


def exiv2_keywords(path: Path, key: str = "Xmp.dc.subject") -> list[str]:
    """Return a keyword list by python-exiv2."""
    image = exiv2.ImageFactory.open(path.read_bytes())
    image.readMetadata()
    return [text for d in image.xmpData() if d.key() == key for text in d.value()]


def identity(path: Path) -> tuple[str, int, int, int]:
    """Return what must never change of an original."""
    status = path.stat()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return digest, status.st_mtime_ns, status.st_ino, status.st_mode


def leftovers(folder: Path) -> list[str]:
    """Return the temporary files of ours in a folder."""
    return [path.name for path in folder.glob(".phototagger-*")]
