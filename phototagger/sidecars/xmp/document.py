"""XMP properties → the text of one sidecar: taken whole from packets, or made of plain values.

The first that says a property is kept. What others read in it does not depend on the layout (XMP
specification part 1, section 7), so attributes become elements and all stand in one description.
"""

import html
import re
from collections.abc import Sequence
from enum import StrEnum
from xml.etree import ElementTree as ET  # parsed by xmp/read.py, which refuses a DOCTYPE

from phototagger.sidecars.xmp.read import KEYWORD_LISTS, RDF, XML, name_of, parse, read_rdf

NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "MicrosoftPhoto": "http://ns.microsoft.com/photo/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
}
_XMP_NOTE = "http://ns.adobe.com/xmp/note/"
_CAMERA_RAW = "{http://ns.adobe.com/camera-raw-settings/1.0}"
_DARKTABLE = "{http://darktable.sf.net}"
_IMAGE = "{http://ns.adobe.com/xap/1.0/g/img/}"
_BINARY = re.compile(r"[A-Za-z0-9+/\r\n]{16384,}[=\r\n]*")
_PARSE_TYPE = f"{RDF}parseType"
_LEFT_OUT = {
    *map(name_of, KEYWORD_LISTS),
    name_of(f"{{{_XMP_NOTE}}}HasExtendedXMP"),  # true of a JPEG's segments only
}


class Form(StrEnum):
    """How a property holds its values: as plain text, or in a container of RDF."""

    TEXT = "text"
    ALT = "Alt"
    SEQ = "Seq"
    BAG = "Bag"


class Document:
    """The properties of a sidecar to be, without its keyword lists."""

    def __init__(self) -> None:
        self._about = ""
        self._elements: dict[str, ET.Element] = {}
        self._prefixes = {RDF[1:-1]: "rdf", XML[1:-1]: "xml"}

    def __bool__(self) -> bool:
        return bool(self._elements)

    def texts_of(self, name: str) -> list[str]:
        """Return the texts of a property, in order; none where it is not here."""
        element = self._elements.get(_tag(name))
        texts = () if element is None else element.itertext()
        return [text.strip() for text in texts if text.strip()]

    def drop(self, name: str) -> None:
        """Let a property go, where it is here."""
        self._elements.pop(_tag(name), None)

    def take(self, packet: bytes, *, camera_raw: bool = True) -> None:
        """Take each property of a packet that is not here yet.

        Keyword lists, pictures and other large binary values, and what is empty are left out; so
        is how darktable developed the picture, and without ``camera_raw`` how Camera Raw did: in a
        sidecar they are orders, and would be done to a finished picture a second time.
        Raises ``RefusedSidecar`` where the packet is not plain XMP that can be read exactly.
        """
        parse(packet)
        rdf, namespaces = read_rdf(packet)
        for prefix, uri in namespaces:
            self._name(prefix, uri)
        for description in rdf:
            about = description.get(f"{RDF}about") or description.get("about")
            self._about = self._about or about or ""
            for element in _properties(description):
                name = name_of(element.tag)
                if name in _LEFT_OUT or _is_empty(element) or _is_binary(element):
                    continue
                if _develops(name) and not (camera_raw and name.startswith(_CAMERA_RAW)):
                    continue
                self._elements.setdefault(name, element)

    def add(self, name: str, form: Form, values: Sequence[str]) -> None:
        """Add a property with these values, where it is not here yet; ``name`` as ``dc:title``."""
        prefix = name.partition(":")[0]
        self._name(prefix, NAMESPACES[prefix])
        element = ET.Element(_tag(name, final_slash=True))
        if form is Form.TEXT:
            element.text = values[0]
        else:
            container = ET.SubElement(element, RDF + form)
            for value in values[:1] if form is Form.ALT else values:
                item = ET.SubElement(container, f"{RDF}li")
                item.text = value
                if form is Form.ALT:
                    item.set(f"{XML}lang", "x-default")
        self._elements.setdefault(_tag(name), element)

    def encoded(self) -> bytes:
        """Return the document."""
        properties = "\n  ".join(self._written(element) for element in self._elements.values())
        declared = " ".join(
            f"xmlns:{prefix}={_quoted(uri)}"
            for uri, prefix in self._prefixes.items()
            if prefix != "xml"
        )
        return (
            f'<x:xmpmeta xmlns:x="adobe:ns:meta/">\n<rdf:RDF {declared}>\n'
            f" <rdf:Description rdf:about={_quoted(self._about)}>\n  {properties}\n"
            " </rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n"
        ).encode()

    def _name(self, prefix: str, uri: str) -> None:
        """Give a namespace its prefix, or one like it where another has that already."""
        if uri in self._prefixes or not uri:
            return
        taken, wanted = set(self._prefixes.values()), prefix or "ns"
        while wanted in taken:
            wanted += "_"
        self._prefixes[uri] = wanted

    def _written(self, element: ET.Element) -> str:
        """Return the text of an element, with the prefixes of this document."""
        name = self._prefixed(element.tag)
        attributes = "".join(
            f" {self._prefixed(key)}={_quoted(value)}" for key, value in element.items()
        )
        inside = _escaped(element.text) + "".join(
            self._written(child) + _escaped(child.tail) for child in element
        )
        return f"<{name}{attributes}>{inside}</{name}>"

    def _prefixed(self, tag: str) -> str:
        uri, _, local = tag.rpartition("}")
        return f"{self._prefixes[uri[1:]]}:{local}" if uri else local


def _properties(description: ET.Element) -> list[ET.Element]:
    """Return the properties of a description as elements, also those that are attributes."""
    properties = []
    for name, text in description.items():
        if name in {f"{RDF}about", "about"} or name.startswith(XML):
            continue
        element = ET.Element(name)
        element.text = text
        properties.append(element)
    return [*properties, *description]


def _is_empty(element: ET.Element) -> bool:
    """Say whether a property has neither text nor a value in an attribute."""
    return not any(
        (part.text or "").strip()
        or any(
            value for key, value in part.items() if not key.startswith(XML) and key != _PARSE_TYPE
        )
        for part in element.iter()
    )


def _develops(name: str) -> bool:
    """Say whether a property is of how darktable or Camera Raw developed the picture."""
    if name.startswith(_DARKTABLE):
        return name != f"{_DARKTABLE}colorlabels"
    return name.startswith(_CAMERA_RAW)


def _is_binary(element: ET.Element) -> bool:
    """Say whether a property holds a picture, or another large value in base 64."""
    return any(
        part.tag.startswith(_IMAGE)
        or any(key.startswith(_IMAGE) for key in part.keys())  # noqa: SIM118
        or _BINARY.fullmatch(part.text or "")
        for part in element.iter()
    )


def _tag(name: str, *, final_slash: bool = False) -> str:
    """Return the tag of a name such as ``dc:title``."""
    prefix, _, local = name.partition(":")
    tag = f"{{{NAMESPACES[prefix]}}}{local}"
    return tag if final_slash else name_of(tag)


def _escaped(text: str | None) -> str:
    return html.escape(text or "", quote=False).replace("\r", "&#13;")


def _quoted(text: str) -> str:
    """Return an attribute's value; blanks as they are, which a parser would make spaces."""
    blanks = str.maketrans({"\t": "&#9;", "\n": "&#10;", "\r": "&#13;"})
    return f'"{html.escape(text).translate(blanks)}"'
