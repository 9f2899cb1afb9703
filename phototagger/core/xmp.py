"""The bytes of a sidecar → its keyword lists, and everything else in a form that compares.

XMP is a subset of RDF/XML (XMP specification part 1, section 7): an attribute and an element say
the same, a nested ``rdf:Description`` and ``rdf:parseType="Resource"`` too. Two files with equal
``foreign`` hold the same properties, whoever laid them out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET  # DOCTYPE is refused below

from phototagger.core.errors import RefusedSidecar
from phototagger.core.keywords import Field

if TYPE_CHECKING:
    from collections.abc import Iterable

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_CONTAINERS = {_RDF + "Bag", _RDF + "Seq", _RDF + "Alt"}
_FIELDS = {
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
        self.prefixes: set[str] = set()

    def doctype(self, *_: str | None) -> None:
        raise RefusedSidecar("it declares a DOCTYPE, which no photo program writes")

    def start_ns(self, prefix: str, _uri: str) -> None:
        self.prefixes.add(prefix)


def parse(data: bytes) -> Sidecar:
    """Return what a sidecar holds; raise ``RefusedSidecar`` where it is not plain, safe XMP."""
    if len(data) > MAX_BYTES:
        raise RefusedSidecar(f"it is larger than {MAX_BYTES >> 20} MiB")
    builder = _Builder()
    try:
        parser = ET.XMLParser(target=builder)  # noqa: S314
        parser.feed(data)
        root = parser.close()
    except (ET.ParseError, ValueError, LookupError) as error:
        raise RefusedSidecar(f"it is not well-formed XML ({error})") from error
    blocks = [root] if root.tag == _RDF + "RDF" else [e for e in root if e.tag == _RDF + "RDF"]
    if len(blocks) != 1 or (root is not blocks[0] and len(root) != 1):
        raise RefusedSidecar("it is not XMP: it does not hold just one rdf:RDF")
    properties, abouts = _descriptions(blocks[0])
    keywords = {
        field: entries
        for name, field in _FIELDS.items()
        if name in properties and (entries := _entries(field, properties.pop(name)))
    }
    return Sidecar(keywords, properties, abouts, frozenset(builder.prefixes))


def _descriptions(rdf: ET.Element) -> tuple[dict[str, _Value], frozenset[str]]:
    """Return the properties of all top-level descriptions, and their ``rdf:about`` values."""
    properties: dict[str, _Value] = {}
    abouts = set()
    for description in rdf:
        if description.tag != _RDF + "Description":
            raise RefusedSidecar(f"it is not XMP: {_short(description.tag)} stands at the top")
        about = description.get(_RDF + "about") or description.get("about")
        if about:
            abouts.add(about)
        _collect(description, 0, properties)
    return {name: value for name, value in properties.items() if value}, frozenset(abouts)


def _collect(element: ET.Element, depth: int, into: dict[str, _Value]) -> None:
    """Add the properties that an element's attributes and children say."""
    about = {_RDF + "about", "about", _RDF + "parseType"}
    said: list[tuple[str, _Value]] = [
        (name, ("text", text) if text else ())
        for name, text in element.items()
        if name not in about and not name.startswith(_XML)
    ]
    said += [(child.tag, _value(child, depth + 1)) for child in element]
    for raw, value in said:
        # exiftool corrects a final slash of a namespace, and readers take both
        name = raw.replace("/}", "}", 1)
        if name in into:
            raise RefusedSidecar(f"it holds {_short(name)} twice, which photo programs do not read")
        into[name] = value


def _struct(element: ET.Element, depth: int) -> _Value:
    """Return the fields of a structure, sorted; empty where it has none."""
    fields: dict[str, _Value] = {}
    _collect(element, depth, fields)
    kept = tuple(sorted((name, value) for name, value in fields.items() if value))
    return ("struct", kept) if kept else ()


def _value(element: ET.Element, depth: int) -> _Value:
    """Return the canonical value of a property element; an empty tuple where it holds nothing."""
    if depth > _DEEPEST:
        raise RefusedSidecar("its properties are nested too deeply")
    language = element.get(_XML + "lang")
    value = _bare_value(element, depth)
    return ("lang", language.lower(), value) if language and value else value


def _bare_value(element: ET.Element, depth: int) -> _Value:
    """Return the canonical value of a property element, its language aside."""
    children = list(element)
    if element.get(_RDF + "parseType") == "Resource":
        return _struct(element, depth)
    if element.get(_RDF + "parseType") is not None:
        raise RefusedSidecar(f"{_short(element.tag)} has a parseType that XMP does not know")
    if (uri := element.get(_RDF + "resource")) is not None and not children:
        return ("uri", uri) if uri else ()
    if not children:
        if any(not name.startswith(_XML) for name in element.keys()):  # noqa: SIM118
            return _struct(element, depth)
        return ("text", element.text) if element.text else ()
    if len(children) > 1:
        raise RefusedSidecar(f"{_short(element.tag)} holds several values without a list")
    if children[0].tag in _CONTAINERS:
        items = tuple(_value(item, depth + 1) for item in children[0])
        return (children[0].tag, items) if items else ()
    typed = children[0].tag if children[0].tag != _RDF + "Description" else None
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


def _short(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition("}")[2]
