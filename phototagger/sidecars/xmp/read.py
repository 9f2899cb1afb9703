"""The bytes of a sidecar → its keyword lists, and everything else in a form that compares.

XMP is a subset of RDF/XML (XMP specification part 1, section 7): an attribute and an element say
the same, a nested ``rdf:Description`` and ``rdf:parseType="Resource"`` too. Two files with equal
``foreign`` hold the same properties, whoever laid them out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET  # DOCTYPE is refused below

from phototagger.errors import RefusedSidecar
from phototagger.sidecars.xmp.keywords import Field

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
XML = "{http://www.w3.org/XML/1998/namespace}"
_CONTAINERS = {RDF + "Bag", RDF + "Seq", RDF + "Alt"}
KEYWORD_LISTS = {
    "{http://purl.org/dc/elements/1.1}subject": Field.SUBJECT,
    "{http://ns.adobe.com/lightroom/1.0}hierarchicalSubject": Field.HIERARCHY,
    "{http://www.digikam.org/ns/1.0}TagsList": Field.TAGS,
}
_DEEPEST = 60
MAX_BYTES = 32 * 2**20
"""Larger sidecars are refused: the largest real ones, with painted masks, hold a few MiB."""

_Value = tuple[Any, ...]


@dataclass(frozen=True)
class Sidecar:
    """What one sidecar holds.

    ``keywords``: the entries of each keyword list. ``foreign``: every other property that is not
    empty, by name, in a canonical form. ``abouts``: what the descriptions say they are about.
    ``prefixes``: the namespace prefixes in use.
    """

    keywords: dict[Field, tuple[str, ...]]
    foreign: dict[str, _Value]
    abouts: frozenset[str]
    prefixes: frozenset[str]

    def lost_in(self, after: Sidecar) -> str | None:
        """Return what a rewritten sidecar lacks, alters or adds, in words; None for nothing."""
        for name in {**self.foreign, **after.foreign}:
            if self.foreign.get(name) != after.foreign.get(name):
                return f"property {name.rpartition('}')[2]}"
        if self.abouts != after.abouts:
            return "rdf:about"
        # exiftool's stand-in where a prefix is known to it for another namespace: programs that
        # go by the prefix would no longer find the property
        stand_ins = {prefix for prefix in after.prefixes if re.fullmatch(r"tmp\d+", prefix)}
        return "a namespace prefix" if stand_ins - self.prefixes else None


class _Builder(ET.TreeBuilder):
    """Builds the tree, notes the prefixes, and stops at a DOCTYPE before it can declare."""

    def __init__(self) -> None:
        super().__init__()
        self.namespaces: list[tuple[str, str]] = []

    def doctype(self, *_: str | None) -> None:
        raise RefusedSidecar("it declares a DOCTYPE, which no photo program writes")

    def start_ns(self, prefix: str, uri: str) -> None:
        self.namespaces.append((prefix, uri))


def parse(data: bytes) -> Sidecar:
    """Return what a sidecar holds; raise ``RefusedSidecar`` where it is not plain, safe XMP."""
    rdf, namespaces = read_rdf(data)
    properties, abouts = _descriptions(rdf)
    keywords = {
        field: entries
        for name, field in KEYWORD_LISTS.items()
        if name in properties and (entries := _entries(field, properties.pop(name)))
    }
    return Sidecar(keywords, properties, abouts, frozenset(prefix for prefix, _ in namespaces))


def read_rdf(data: bytes) -> tuple[ET.Element, list[tuple[str, str]]]:
    """Return the ``rdf:RDF`` of a sidecar, and every prefix declared in it with its namespace.

    Raises ``RefusedSidecar`` where it is larger than 32 MiB, no XML, no XMP, or has a DOCTYPE.
    """
    if len(data) > MAX_BYTES:
        raise RefusedSidecar(f"it is larger than {MAX_BYTES >> 20} MiB")
    builder = _Builder()
    try:
        parser = ET.XMLParser(target=builder)  # noqa: S314
        parser.feed(data)
        root = parser.close()
    except (ET.ParseError, ValueError, LookupError) as error:
        raise RefusedSidecar(f"it is not well-formed XML ({error})") from error
    blocks = [root] if root.tag == RDF + "RDF" else [e for e in root if e.tag == RDF + "RDF"]
    if len(blocks) != 1 or (root is not blocks[0] and len(root) != 1):
        raise RefusedSidecar("it is not XMP: it does not hold just one rdf:RDF")
    return blocks[0], builder.namespaces


def _descriptions(rdf: ET.Element) -> tuple[dict[str, _Value], frozenset[str]]:
    """Return the properties of all top-level descriptions, and their ``rdf:about`` values."""
    properties: dict[str, _Value] = {}
    abouts = set()
    for description in rdf:
        if description.tag != RDF + "Description":
            raise RefusedSidecar(f"it is not XMP: {_short(description.tag)} stands at the top")
        about = description.get(RDF + "about") or description.get("about")
        if about:
            abouts.add(about)
        _collect(description, 0, properties)
    return {name: value for name, value in properties.items() if value}, frozenset(abouts)


def _collect(element: ET.Element, depth: int, into: dict[str, _Value]) -> None:
    """Add the properties that an element's attributes and children say."""
    about = {RDF + "about", "about", RDF + "parseType"}
    properties: list[tuple[str, _Value]] = [
        (name, ("text", text) if text else ())
        for name, text in element.items()
        if name not in about and not name.startswith(XML)
    ]
    properties += [(child.tag, _value(child, depth + 1)) for child in element]
    for raw, value in properties:
        name = name_of(raw)
        if name in into:
            raise RefusedSidecar(f"it holds {_short(name)} twice, which photo programs do not read")
        into[name] = value


def _struct(element: ET.Element, depth: int) -> _Value:
    """Return the fields of a structure, sorted; empty where it has none."""
    fields: dict[str, _Value] = {}
    _collect(element, depth, fields)
    filled = tuple(sorted((name, value) for name, value in fields.items() if value))
    return ("struct", filled) if filled else ()


def _value(element: ET.Element, depth: int) -> _Value:
    """Return the canonical value of a property element; an empty tuple where it holds nothing."""
    if depth > _DEEPEST:
        raise RefusedSidecar("its properties are nested too deeply")
    language = element.get(XML + "lang")
    value = _bare_value(element, depth)
    return ("lang", language.lower(), value) if language and value else value


def _bare_value(element: ET.Element, depth: int) -> _Value:
    """Return the canonical value of a property element, its language aside."""
    children = list(element)
    if element.get(RDF + "parseType") == "Resource":
        return _struct(element, depth)
    if element.get(RDF + "parseType") is not None:
        raise RefusedSidecar(f"{_short(element.tag)} has a parseType that XMP does not know")
    if (uri := element.get(RDF + "resource")) is not None and not children:
        return ("uri", uri) if uri else ()
    if not children:
        if any(not name.startswith(XML) for name in element.keys()):  # noqa: SIM118
            return _struct(element, depth)
        return ("text", element.text) if element.text else ()
    if len(children) > 1:
        raise RefusedSidecar(f"{_short(element.tag)} holds several values without a list")
    if children[0].tag in _CONTAINERS:
        items = tuple(_value(item, depth + 1) for item in children[0])
        return (children[0].tag, items) if items else ()
    typed = children[0].tag if children[0].tag != RDF + "Description" else None
    fields = _struct(children[0], depth)
    return ("typed", typed, fields) if typed else fields


def _entries(field: Field, value: _Value) -> tuple[str, ...]:
    """Return the texts of a keyword list, in order."""
    items: Iterable[_Value] = value[1] if value and value[0] in _CONTAINERS else (value,)
    texts = []
    for item in items:
        plain = item[2] if item and item[0] == "lang" else item
        if plain and plain[0] not in {"text", "uri"}:
            raise RefusedSidecar(f"{field} holds something other than keywords")
        if plain and plain[1].strip():
            texts.append(plain[1])
    return tuple(texts)


def name_of(tag: str) -> str:
    """Return a property's name; a namespace's final slash does not count.

    exiftool corrects one that is wrong, and readers take both.
    """
    return tag.replace("/}", "}", 1)


def _short(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition("}")[2]
