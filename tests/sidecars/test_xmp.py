"""What counts as a sidecar, and as the same sidecar."""

from __future__ import annotations

import pytest

from phototagger.errors import RefusedSidecar
from phototagger.sidecars.xmp.keywords import Field
from phototagger.sidecars.xmp.read import parse
from tests.sidecar_files import sidecar_text

_START = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/" xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
)


def _parse(text: str):
    return parse(text.encode())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not well-formed"),
        ("<a><b></a>", "not well-formed"),
        ("<svg xmlns='http://www.w3.org/2000/svg'/>", "just one rdf:RDF"),
        (f"{_START}<r:RDF/><r:RDF/></x:xmpmeta>", "just one rdf:RDF"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "DOCTYPE"),
        (f"{_START}<r:RDF><r:Bag/></r:RDF></x:xmpmeta>", "Bag stands at the top"),
        (sidecar_text(inside="<xmp:Rating>3</xmp:Rating>"), "Rating twice"),
        (sidecar_text(inside="<my:a/><my:a>1</my:a>"), "a twice"),
        (sidecar_text(inside='<my:a rdf:parseType="Literal"><b/></my:a>'), "parseType"),
        (sidecar_text(inside="<my:a>" * 500 + "</my:a>" * 500), "too deeply"),
        (sidecar_text(inside="<dc:subject><rdf:Description my:a='1'/></dc:subject>"), "keywords"),
        ("<?xml version='1.0' encoding='no-such'?><a/>", "not well-formed"),
    ],
)
def test_what_is_not_plain_xmp_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(RefusedSidecar, match=reason):
        _parse(text)


def test_a_billion_laughs_are_refused_before_the_first() -> None:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    text = f'<!DOCTYPE x [<!ENTITY l0 "ha">{entities}]><x>&l11;</x>'
    with pytest.raises(RefusedSidecar, match="DOCTYPE"):
        _parse(text)


def test_a_huge_sidecar_is_refused() -> None:
    with pytest.raises(RefusedSidecar, match="larger than 32 MiB"):
        parse(b" " * (2**25 + 1))


@pytest.mark.parametrize(
    "form",
    [
        '<my:a rdf:parseType="Resource"><my:b>1</my:b><my:c>2</my:c></my:a>',
        '<my:a><rdf:Description my:c="2"><my:b>1</my:b></rdf:Description></my:a>',
        '<my:a my:c="2" my:b="1"/>',
        "<my:a><rdf:Description><my:c>2</my:c><my:b>1</my:b><my:d/></rdf:Description></my:a>",
    ],
)
def test_the_ways_to_write_a_structure_are_the_same(form: str) -> None:
    plain = '<my:a rdf:parseType="Resource"><my:b>1</my:b><my:c>2</my:c></my:a>'
    assert _parse(sidecar_text(inside=form)).lost_in(_parse(sidecar_text(inside=plain))) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<my:a>1</my:a>", ""),
        ("", "<my:a>1</my:a>"),
        ("<my:a>1</my:a>", "<my:a>1 </my:a>"),
        ("<my:a><rdf:Seq><rdf:li>1</rdf:li></rdf:Seq></my:a>", "<my:a>1</my:a>"),
        (
            "<my:a><rdf:Seq><rdf:li>1</rdf:li></rdf:Seq></my:a>",
            "<my:a><rdf:Bag><rdf:li>1</rdf:li></rdf:Bag></my:a>",
        ),
        ('<my:a xml:lang="de">1</my:a>', "<my:a>1</my:a>"),
        ('<my:a rdf:resource="u"/>', "<my:a>u</my:a>"),
        ("<my:a><my:T my:b='1'/></my:a>", "<my:a><rdf:Description my:b='1'/></my:a>"),
    ],
)
def test_a_property_that_another_program_would_miss_is_named(before: str, after: str) -> None:
    lost = _parse(sidecar_text(inside=before)).lost_in(_parse(sidecar_text(inside=after)))
    assert lost == "property a"


def test_empty_properties_and_comments_do_not_count() -> None:
    full = sidecar_text(inside="<!-- hello --><my:a/><my:b><rdf:Seq/></my:b>")
    assert _parse(full).lost_in(_parse(sidecar_text())) is None


def test_keywords_are_read_in_any_form_of_the_list() -> None:
    assert _parse(sidecar_text(attributes='dc:subject="one"')).keywords == {Field.SUBJECT: ("one",)}
    sequence = "<dc:subject><rdf:Seq><rdf:li>a</rdf:li><rdf:li/></rdf:Seq></dc:subject>"
    assert _parse(sidecar_text(inside=sequence)).keywords == {Field.SUBJECT: ("a",)}
    assert _parse(sidecar_text()).keywords == {}


def test_a_sidecar_in_utf_16_is_read() -> None:
    text = sidecar_text(["Zürich"])
    assert parse(text.encode("utf-16")).keywords == {Field.SUBJECT: ("Zürich",)}
