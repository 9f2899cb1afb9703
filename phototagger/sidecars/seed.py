"""What a photo says of itself → what a new sidecar begins as, so that it hides nothing.

darktable and digiKam read a sidecar instead of what is embedded, IPTC and the texts of Exif
included. So a new one begins with the photo's own XMP, and says what XMP does not, but IPTC or
Exif do, in the properties that mean the same: IPTC Photo Metadata Standard 2022.1 (the mapping of
IIM to XMP), Exif for XMP (CIPA DC-010), and "Guidelines for Handling Image Metadata" of the MWG.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from phototagger.errors import RefusedSidecar
from phototagger.sidecars.xmp.document import Document, Form
from phototagger.sidecars.xmp.keywords import Field, Keywords, Owned, fits_xml, levels, merge, same
from phototagger.sidecars.xmp.read import parse


@dataclass(frozen=True)
class Embedded:
    """What is embedded in a photo, each value as the bytes that are there.

    ``packets``: its XMP. ``values``: by exiftool's group and name, as ``IPTC:Keywords``.
    """

    packets: tuple[bytes, ...] = ()
    values: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)

    @property
    def is_bare(self) -> bool:
        """Whether a photo has no XMP: stripped of it, or never given any.

        Programs that only edit what a photo says leave it some.
        """
        return not self.packets


@dataclass(frozen=True)
class Seed:
    """What a new sidecar begins as: ``data`` without keyword lists, None for nothing, and those.

    ``note``: what was left out, for people. ``is_bare``: as in ``Embedded``.
    """

    data: bytes | None = None
    keywords: Keywords = field(default_factory=dict)
    note: str = ""
    is_bare: bool = False


@dataclass(frozen=True)
class Source:
    """XMP that a new sidecar would hide: its bytes, whose it is, and which keywords are ours."""

    data: bytes
    whose: str
    owned: Owned = field(default_factory=Owned)


class _Carried(NamedTuple):
    """An XMP property, and where a photo says the same: the first that says anything counts."""

    name: str
    form: Form
    places: tuple[str, ...]


IPTC_KEYWORDS, XP_KEYWORDS = "IPTC:Keywords", "IFD0:XPKeywords"
_RATING, _PERCENT = "IFD0:Rating", "IFD0:RatingPercent"
_ORIENTATION, _TURNED = "IFD0:Orientation", "tiff:Orientation"
_CAPTION, _COMMENT, _DESCRIPTION = (
    "IPTC:Caption-Abstract", "ExifIFD:UserComment", "IFD0:ImageDescription",
)  # fmt: skip
_MAIN = "dc:description"
_OTHER_DESCRIPTIONS = {"exif:UserComment", "tiff:ImageDescription"}
_CARRIED = (
    _Carried("dc:title", Form.ALT, ("IPTC:ObjectName",)),
    # in the order of darktable; the two of Exif stay in properties of their own, too
    _Carried(_MAIN, Form.ALT, (_CAPTION, _COMMENT, _DESCRIPTION)),
    _Carried("exif:UserComment", Form.ALT, (_COMMENT,)),
    _Carried("tiff:ImageDescription", Form.ALT, (_DESCRIPTION,)),
    _Carried("dc:creator", Form.SEQ, ("IPTC:By-line", "IFD0:Artist")),
    _Carried("dc:rights", Form.ALT, ("IPTC:CopyrightNotice", "IFD0:Copyright")),
    _Carried("photoshop:Headline", Form.TEXT, ("IPTC:Headline",)),
    _Carried("photoshop:AuthorsPosition", Form.TEXT, ("IPTC:By-lineTitle",)),
    _Carried("photoshop:CaptionWriter", Form.TEXT, ("IPTC:Writer-Editor",)),
    _Carried("photoshop:Credit", Form.TEXT, ("IPTC:Credit",)),
    _Carried("photoshop:Source", Form.TEXT, ("IPTC:Source",)),
    _Carried("photoshop:Instructions", Form.TEXT, ("IPTC:SpecialInstructions",)),
    _Carried("photoshop:TransmissionReference", Form.TEXT, ("IPTC:OriginalTransmissionReference",)),
    _Carried("photoshop:Category", Form.TEXT, ("IPTC:Category",)),
    _Carried("photoshop:SupplementalCategories", Form.BAG, ("IPTC:SupplementalCategories",)),
    _Carried("photoshop:City", Form.TEXT, ("IPTC:City",)),
    _Carried("photoshop:State", Form.TEXT, ("IPTC:Province-State",)),
    _Carried("photoshop:Country", Form.TEXT, ("IPTC:Country-PrimaryLocationName",)),
    _Carried("Iptc4xmpCore:CountryCode", Form.TEXT, ("IPTC:Country-PrimaryLocationCode",)),
    _Carried("Iptc4xmpCore:Location", Form.TEXT, ("IPTC:Sub-location",)),
)
VALUES = tuple(
    dict.fromkeys(
        (
            *(place for carried in _CARRIED for place in carried.places),
            IPTC_KEYWORDS,
            XP_KEYWORDS,
            _RATING,
            _PERCENT,
            f"{_ORIENTATION}#",  # the number, not its meaning
        )
    )
)
"""What the reader of photos is to ask for beside the XMP."""

_STARS = ((99, "5"), (75, "4"), (50, "3"), (25, "2"), (1, "1"))
"""``RatingPercent`` of Windows, from there on, as stars."""

_PADDING = b"\0 \t\r\n"
_IIM_KEYWORD_BYTES = 64
"""IIM (version 4, dataset 2:25) allows no longer keyword, so programs cut there."""
_LONGEST_CHARACTER = 4


def seed_of(
    embedded: Embedded,
    other: Source | None,
    makes_nothing_of: Callable[[bytes], bool],
    *,
    as_lightroom: bool = False,
) -> Seed:
    """Return what a new sidecar begins as.

    ``other``: the sidecar under the photo's other name, whose word counts first.
    ``makes_nothing_of``: says whether even exiftool finds nothing in a packet that is not plain
    XMP, which other readers refuse as a whole. Raises ``RefusedSidecar`` where what is shown now
    could not be carried over. ``as_lightroom``: it will be named as Lightroom names its own,
    and darktable would do to the picture what such a one says.
    """
    document, keywords, note = Document(), list[Keywords](), ""
    sources = [Source(packet.strip(_PADDING), "the photo's XMP") for packet in embedded.packets]
    for source in [*([other] if other else []), *sources]:
        try:
            document.take(source.data, camera_raw=not as_lightroom)
            lists = parse(source.data).keywords
        except RefusedSidecar as why:
            if source is other or not makes_nothing_of(source.data):
                raise RefusedSidecar(
                    f"it would hide {source.whose}, of which: {why}",
                    "write its metadata anew with the program that it is from",
                ) from why
            note = "the photo's XMP is damaged beyond reading, and left out"
            continue
        keywords.append(merge(lists, source.owned, ()).of(lists))
    if not any(Field.TAGS in lists for lists in keywords):
        # digiKam reads no other list where these are
        tags = document.texts_of("MicrosoftPhoto:LastKeywordXMP")
        keywords.append({Field.TAGS: tuple(tags)} if tags else {})
    values = {
        name: texts
        for name, raw in embedded.values.items()
        if (texts := tuple(text for text in map(_text, raw) if text))
    }
    _carry(values, document)
    orientation = list(values.get(_ORIENTATION, ()))
    if as_lightroom or (orientation and document.texts_of(_TURNED) != orientation):
        document.drop(_TURNED)  # digiKam would turn the picture by it, darktable cut it
    joined = joined_keywords(keywords, embedded.values)
    return Seed(document.encoded() if document else None, joined, note, embedded.is_bare)


def _carry(values: Mapping[str, tuple[str, ...]], document: Document) -> None:
    """Make a document say what IPTC and Exif do, where it does not yet."""
    for name, form, places in _CARRIED:
        texts = next((values[place] for place in places if place in values), ())
        again = name in _OTHER_DESCRIPTIONS and [*texts[:1]] == document.texts_of(_MAIN)[:1]
        if texts and not again:
            document.add(name, form, texts)
    if (rating := _rating(values)) is not None:
        document.add("xmp:Rating", Form.TEXT, [rating])


def _rating(values: Mapping[str, tuple[str, ...]]) -> str | None:
    """Return the stars that Exif says, as XMP has them; None for none."""
    stars, percent = values.get(_RATING, ("",))[0], values.get(_PERCENT, ("",))[0]
    if stars in set("12345"):
        return stars
    if percent.isdigit():
        return next((stars for least, stars in _STARS if int(percent) >= least), None)
    return "0" if stars == "0" else None


def joined_keywords(packets: Sequence[Keywords], values: Mapping[str, Sequence[bytes]]) -> Keywords:
    """Return the keyword lists that show what these packets and values show together.

    Programs show a packet's hierarchy, or where it has none its subjects, and IPTC's keywords:
    where any has a hierarchy all of that belongs there. Those of Windows count where there are no
    others.
    """
    iptc = values.get(IPTC_KEYWORDS, ())
    windows = ";".join(map(_text, values.get(XP_KEYWORDS, ())))
    subject, hierarchy, tags = (
        list(dict.fromkeys(entry for packet in packets for entry in packet.get(name, ())))
        for name in Field
    )
    everywhere = [*subject, *hierarchy, *tags]
    others = [text for raw in iptc if (text := _text(raw)) and not _is_cut(raw, everywhere)]
    if not everywhere and not others:
        others = [word for part in windows.split(";") if (word := part.strip())]
    _add_new(Field.SUBJECT, subject, others)
    if hierarchy:
        flat = (
            packet.get(Field.SUBJECT, ()) for packet in packets if Field.HIERARCHY not in packet
        )
        _add_new(Field.HIERARCHY, hierarchy, [*(entry for part in flat for entry in part), *others])
    lists = zip(Field, (subject, hierarchy, tags), strict=True)
    return {name: tuple(entries) for name, entries in lists if entries}


def _add_new(name: Field, entries: list[str], more: Iterable[str]) -> None:
    """Add to a list the keywords that it does not hold in any spelling, as levels or whole."""
    there = levels(name, entries)
    for keyword in more:
        if same(keyword) not in there:
            entries.append(keyword)
            there.add(same(keyword))


def _is_cut(raw: bytes, keywords: Iterable[str]) -> bool:
    """Say whether an IPTC keyword is the beginning of one of these, cut where IIM ends it."""
    if not _IIM_KEYWORD_BYTES - _LONGEST_CHARACTER < len(raw) <= _IIM_KEYWORD_BYTES:
        return False
    return any(
        keyword.encode().startswith(raw) or keyword.encode("latin-1", "replace").startswith(raw)
        for keyword in keywords
    )


def _text(raw: bytes) -> str:
    """Return what a value says: UTF-8 where its bytes are that, else Latin-1 as Windows has it.

    What XML cannot hold is left out, blanks around it too.
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        whole = raw[: error.start]
        cut = error.reason == "unexpected end of data" and not whole.isascii()
        text = whole.decode() if cut else _latin(raw)
    return "".join(char for char in text if fits_xml(char)).strip()


def _latin(raw: bytes) -> str:
    """Return Latin-1 as Windows has it, and as it is where Windows has nothing."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in raw)
