"""A new sidecar hides nothing that programs showed of the photo before."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import exiv2
import pytest
from PIL import Image

from phototagger.sidecars.apply import Exiftools, SidecarResult, plan, undo, write_sidecars
from tests.ledgers import MemoryLedger
from tests.shared import shared_data
from tests.sidecar_files import (
    OURS,
    by_exiv2,
    exiv2_keywords,
    identity,
    keywords,
    make_photo,
    needs_exiftool,
    sidecar_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = needs_exiftool


@pytest.fixture(scope="module")
def tools() -> Iterator[Exiftools]:
    with Exiftools() as tools:
        yield tools


def _made(path: Path, *arguments: str, xmp: bytes | None = None) -> Path:
    """Make a photo and let exiftool embed something in it."""
    make_photo(path, xmp)
    if arguments:
        options = ["-q", "-overwrite_original", "-charset", "exif=UTF8"]
        subprocess.run(["exiftool", *options, *arguments, path], check=True)
    return path


def _write(photo: Path, tools: Exiftools, *labels: str) -> SidecarResult:
    (result,) = write_sidecars({photo: labels or ["sunset"]}, MemoryLedger(), tools=tools)
    return result


def _in(photo: Path) -> dict[str, str]:
    """Return what python-exiv2 reads in the sidecar of a photo, a default language aside."""
    found = by_exiv2(photo.with_name(f"{photo.name}.xmp").read_bytes())
    return {key: text.removeprefix('lang="x-default" ') for key, text in found.items()}


XMP = sidecar_text(
    ["Ann"],
    attributes='xmp:Rating="4" xmp:Label="Red" my:own="&lt;é&#10;"',
    inside=(
        '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">A &amp; B</rdf:li>'
        '<rdf:li xml:lang="de">Ä</rdf:li></rdf:Alt></dc:title>'
        "<dc:creator><rdf:Seq><rdf:li>Ann</rdf:li><rdf:li>Bob</rdf:li></rdf:Seq></dc:creator>"
        '<my:place rdf:parseType="Resource"><my:city>Rome</my:city></my:place>'
    ),
)


@pytest.mark.parametrize("name", ["IMG.jpg", "IMG.png"])
def test_the_photos_own_xmp_is_there_whole(tmp_path: Path, tools: Exiftools, name: str) -> None:
    photo = _made(tmp_path / "IMG.jpg", xmp=XMP.encode())
    if name.endswith("png"):
        photo = make_photo(tmp_path / name)
        copy = ["-q", "-overwrite_original", "-tagsFromFile", tmp_path / "IMG.jpg", "-XMP"]
        subprocess.run(["exiftool", *copy, photo], check=True)
    before = identity(photo)
    result = _write(photo, tools)
    assert (result.outcome, result.added, result.kept) == ("written", ("sunset",), ("Ann",))
    after = by_exiv2(result.sidecar.read_bytes())
    embedded = by_exiv2(XMP.encode())
    assert {key: after.get(key) for key in embedded if key not in OURS} == {
        key: value for key, value in embedded.items() if key not in OURS
    }
    assert exiv2_keywords(result.sidecar) == ["Ann", "sunset"]
    assert identity(photo) == before


def test_xmp_over_several_segments_of_a_jpeg_is_put_together(
    tmp_path: Path, tools: Exiftools
) -> None:
    (tmp_path / "long").write_text("word " * 20_000 + "end")
    long = f"-XMP-dc:Description<={tmp_path / 'long'}"
    photo = _made(tmp_path / "IMG.jpg", long, "-XMP-xmp:Rating=3", "-XMP-dc:Title=t")
    _write(photo, tools)
    found = _in(photo)
    assert found["Xmp.dc.description"].endswith("word end")
    assert (found["Xmp.xmp.Rating"], found["Xmp.dc.title"]) == ("3", "t")
    assert "Xmp.xmpNote.HasExtendedXMP" not in found


IPTC = {
    "ObjectName": "Xmp.dc.title",
    "Caption-Abstract": "Xmp.dc.description",
    "By-line": "Xmp.dc.creator",
    "CopyrightNotice": "Xmp.dc.rights",
    "Headline": "Xmp.photoshop.Headline",
    "By-lineTitle": "Xmp.photoshop.AuthorsPosition",
    "Writer-Editor": "Xmp.photoshop.CaptionWriter",
    "Credit": "Xmp.photoshop.Credit",
    "Source": "Xmp.photoshop.Source",
    "SpecialInstructions": "Xmp.photoshop.Instructions",
    "OriginalTransmissionReference": "Xmp.photoshop.TransmissionReference",
    "SupplementalCategories": "Xmp.photoshop.SupplementalCategories",
    "City": "Xmp.photoshop.City",
    "Province-State": "Xmp.photoshop.State",
    "Country-PrimaryLocationName": "Xmp.photoshop.Country",
    "Sub-location": "Xmp.iptc.Location",
}
EXIF = {
    "ImageDescription": "Xmp.dc.description",
    "Artist": "Xmp.dc.creator",
    "Copyright": "Xmp.dc.rights",
}


def test_what_iptc_alone_says_is_said_in_the_properties_that_mean_the_same(
    tmp_path: Path, tools: Exiftools
) -> None:
    texts = {key: f"Zürich & <{number}>" for number, key in enumerate(IPTC.values())}
    arguments = [f"-IPTC:{tag}={texts[key]}" for tag, key in IPTC.items()]
    codes = ["-IPTC:Category=SPO", "-IPTC:Country-PrimaryLocationCode=CHE"]
    photo = _made(tmp_path / "IMG.jpg", *arguments, *codes)
    _write(photo, tools)
    found = _in(photo)
    assert {key: text for key, text in found.items() if key in texts} == texts
    rest = {key: text for key, text in found.items() if key not in texts and key not in OURS}
    assert rest == {
        "Xmp.photoshop.Category": "SPO",
        "Xmp.iptc.CountryCode": "CHE",
    }


def test_what_exif_alone_says_is_said_in_the_properties_that_mean_the_same(
    tmp_path: Path, tools: Exiftools
) -> None:
    photo = _made(tmp_path / "a.jpg", *(f"-IFD0:{tag}=Zürich {tag}" for tag in EXIF))
    commented = _made(tmp_path / "b.jpg", "-ExifIFD:UserComment=Zürich")
    for one in (photo, commented):
        _write(one, tools)
    texts = {key: f"Zürich {tag}" for tag, key in EXIF.items()}
    assert {key: text for key, text in _in(photo).items() if key not in OURS} == texts
    assert _in(commented)["Xmp.dc.description"] == "Zürich"


def test_xmp_counts_before_iptc_and_iptc_before_exif(tmp_path: Path, tools: Exiftools) -> None:
    said = {"-IFD0:ImageDescription": "exif", "-IFD0:Artist": "exif", "-IFD0:Copyright": "exif"}
    said |= {"-ExifIFD:UserComment": "comment", "-IPTC:Caption-Abstract": "iptc"}
    said |= {"-IPTC:By-line": "iptc", "-XMP-dc:Creator": "xmp"}
    photo = _made(tmp_path / "IMG.jpg", *(f"{tag}={text}" for tag, text in said.items()))
    _write(photo, tools)
    found = _in(photo)
    assert (found["Xmp.dc.creator"], found["Xmp.dc.rights"]) == ("xmp", "exif")
    # three programs show three of them first, so none of them goes
    assert found["Xmp.dc.description"] == "iptc"
    assert found["Xmp.exif.UserComment"] == "comment"
    assert found["Xmp.tiff.ImageDescription"] == "exif"


@pytest.mark.parametrize(
    ("said", "rating"),
    [
        (["-IFD0:Rating=4"], "4"),
        (["-IFD0:Rating=0"], "0"),
        (["-IFD0:RatingPercent=75"], "4"),
        (["-IFD0:RatingPercent=99", "-IFD0:Rating=5"], "5"),
        (["-IFD0:Rating=4", "-XMP-xmp:Rating=2"], "2"),
        (["-IFD0:Rating=4", "-XMP-xmp:Rating=-1"], "-1"),
        (["-IFD0:Rating=200"], None),
        (["-IFD0:Make=a camera"], None),
    ],
)
def test_a_rating_of_exif_counts_where_xmp_has_none(
    tmp_path: Path, tools: Exiftools, said: list[str], rating: str | None
) -> None:
    photo = _made(tmp_path / "IMG.jpg", *said)
    _write(photo, tools)
    assert _in(photo).get("Xmp.xmp.Rating") == rating


def test_texts_that_cameras_leave_blank_say_nothing(tmp_path: Path, tools: Exiftools) -> None:
    blank = ["-IFD0:ImageDescription=    ", "-IFD0:Artist= ", "-ExifIFD:UserComment=   "]
    photo = _made(tmp_path / "IMG.jpg", *blank)
    _write(photo, tools)
    assert set(_in(photo)) <= OURS


def test_texts_of_exif_in_any_encoding_are_read_as_they_were_meant(
    tmp_path: Path, tools: Exiftools
) -> None:
    exif = Image.Exif()
    exif[0x013B], exif[0x8298] = "Zürich".encode(), "Zürich \x80".encode("latin-1")
    exif[0x010E] = "a\x07b\ufffe".encode()
    photo = tmp_path / "IMG.jpg"
    Image.new("RGB", (8, 6)).save(photo, exif=exif)
    _write(photo, tools)
    found = _in(photo)
    assert (found["Xmp.dc.creator"], found["Xmp.dc.rights"]) == ("Zürich", "Zürich €")
    assert found["Xmp.dc.description"].startswith("ab")


def _iptc(photo: Path, *keywords: bytes) -> None:
    """Put IPTC keywords into a JPEG, byte for byte and without a coded character set."""
    block = b"".join(b"\x1c\x02\x19" + len(word).to_bytes(2) + word for word in keywords)
    body = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + len(block).to_bytes(4) + block
    body += b"\0" * (len(block) % 2)
    data = photo.read_bytes()
    photo.write_bytes(data[:2] + b"\xff\xed" + (len(body) + 2).to_bytes(2) + body + data[2:])


def test_iptc_keywords_without_a_character_set_are_the_words_of_xmp(
    tmp_path: Path, tools: Exiftools
) -> None:
    photo = make_photo(tmp_path / "IMG.jpg", sidecar_text(["Zürich", "東京"]).encode())
    _iptc(photo, "Zürich".encode(), "東京".encode(), "Größe".encode("latin-1"), b"ASCII")
    _write(photo, tools)
    there = ["Zürich", "東京", "Größe", "ASCII", "sunset"]
    assert keywords(tmp_path / "IMG.jpg.xmp") == there
    assert keywords(tmp_path / "IMG.jpg.xmp", "lr:hierarchicalSubject") == there


@pytest.mark.parametrize(
    "word",
    [
        "the annual meeting of the mountain rescue association in the upper valley",
        "Ü" * 40,
        "x" + "東京" * 20,
    ],
)
def test_an_iptc_keyword_cut_at_64_bytes_is_the_xmp_one_that_it_begins(
    tmp_path: Path, tools: Exiftools, word: str
) -> None:
    photo = make_photo(tmp_path / "IMG.jpg", sidecar_text([word]).encode())
    _iptc(photo, word.encode()[:64], b"short")
    _write(photo, tools)
    assert keywords(tmp_path / "IMG.jpg.xmp") == [word, "short", "sunset"]


def test_an_iptc_keyword_cut_within_a_character_is_no_mojibake(
    tmp_path: Path, tools: Exiftools
) -> None:
    photo = make_photo(tmp_path / "IMG.jpg")
    _iptc(photo, ("x" + "東京" * 20).encode()[:64])
    _write(photo, tools)
    assert keywords(tmp_path / "IMG.jpg.xmp") == [("x" + "東京" * 20)[:22], "sunset"]


def test_keywords_of_windows_count_where_there_are_no_others(
    tmp_path: Path, tools: Exiftools
) -> None:
    alone = _made(tmp_path / "a.jpg", "-IFD0:XPKeywords=sea; Zürich")
    beside = _made(tmp_path / "b.jpg", "-IFD0:XPKeywords=sea", "-IPTC:Keywords=family")
    for photo in (alone, beside):
        _write(photo, tools)
    assert keywords(tmp_path / "a.jpg.xmp") == ["sea", "Zürich", "sunset"]
    assert keywords(tmp_path / "b.jpg.xmp") == ["family", "sunset"]


def test_a_lightroom_hierarchy_stays_as_it_is(tmp_path: Path, tools: Exiftools) -> None:
    text = sidecar_text(["Places", "Europe", "Rome"], ["Places|Europe|Rome"])
    photo = make_photo(tmp_path / "IMG.jpg", text.encode())
    _iptc(photo, b"Places", b"europe", b"Rome", b"holiday")
    _write(photo, tools, "sunset", "EUROPE")
    sidecar = tmp_path / "IMG.jpg.xmp"
    assert keywords(sidecar) == ["Places", "Europe", "Rome", "holiday", "sunset"]
    # darktable shows IPTC's keywords beside the hierarchy
    assert keywords(sidecar, "lr:hierarchicalSubject") == [
        "Places|Europe|Rome",
        "holiday",
        "sunset",
    ]


def test_a_label_that_is_a_level_of_a_keyword_in_a_sidecar_is_there_already(
    tmp_path: Path, tools: Exiftools
) -> None:
    photo = make_photo(tmp_path / "IMG.jpg")
    sidecar = tmp_path / "IMG.jpg.xmp"
    text = sidecar_text(["Zz New", "Cat"], ["Zz New|Animals|Cat"], ["Zz New/Animals/Cat"])
    sidecar.write_text(text)
    assert _write(photo, tools, "zz new").outcome == "unchanged"
    assert sidecar.read_text() == text
    assert _write(photo, tools, "animals").added == ("animals",)
    assert keywords(sidecar, "lr:hierarchicalSubject") == ["Zz New|Animals|Cat"]
    assert keywords(sidecar, "digiKam:TagsList") == ["Zz New/Animals/Cat"]


def test_the_sidecar_under_the_other_name_counts_before_the_photo(
    tmp_path: Path, tools: Exiftools
) -> None:
    photo = _made(
        tmp_path / "IMG.jpg", "-XMP-dc:Title=photo", "-XMP-dc:Rights=photo", "-XMP:Label=Red"
    )
    other = tmp_path / "IMG.xmp"
    inside = '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">other</rdf:li></rdf:Alt></dc:title>'
    other.write_text(sidecar_text(["raw"], inside=inside))
    before = identity(other)
    assert _write(photo, tools).kept == ("raw",)
    found = _in(photo)
    assert (found["Xmp.dc.title"], found["Xmp.dc.rights"]) == ("other", "photo")
    assert (found["Xmp.xmp.Rating"], found["Xmp.xmp.Label"]) == ("4", "Red")
    assert identity(other) == before


def test_our_labels_in_the_sidecar_under_the_other_name_stay_ours(
    tmp_path: Path, tools: Exiftools
) -> None:
    photo = make_photo(tmp_path / "IMG.jpg", sidecar_text(["Ann"]).encode())
    ledger = MemoryLedger()
    write_sidecars({photo: ["old"]}, ledger, "replace", tools=tools)
    write_sidecars({photo: ["new"]}, ledger, tools=tools)
    assert keywords(tmp_path / "IMG.jpg.xmp") == ["Ann", "new"]
    assert _in(photo)["Xmp.xmp.Rating"] == "4"


def test_pictures_in_the_xmp_are_left_out(tmp_path: Path, tools: Exiftools) -> None:
    picture = (
        '<xmp:Thumbnails><rdf:Alt><rdf:li rdf:parseType="Resource">'
        '<xmpGImg:image xmlns:xmpGImg="http://ns.adobe.com/xap/1.0/g/img/">aGVsbG8=</xmpGImg:image>'
        f"</rdf:li></rdf:Alt></xmp:Thumbnails><my:depth>{'aGVsbG8' * 2400}==</my:depth>"
    )
    photo = make_photo(tmp_path / "IMG.jpg", sidecar_text(inside=picture).encode())
    _write(photo, tools)
    assert set(_in(photo)) - OURS == {"Xmp.xmp.Rating"}


DEVELOPED = (
    '<darktable:history xmlns:darktable="http://darktable.sf.net/"><rdf:Seq><rdf:li'
    ' darktable:operation="flip" darktable:params="06000000"/></rdf:Seq></darktable:history>'
    '<darktable:xmp_version xmlns:darktable="http://darktable.sf.net/">5</darktable:xmp_version>'
    '<darktable:colorlabels xmlns:darktable="http://darktable.sf.net/"><rdf:Seq><rdf:li>0</rdf:li>'
    "</rdf:Seq></darktable:colorlabels><crs:Exposure2012>+2.00</crs:Exposure2012>"
)


@pytest.mark.parametrize(
    ("style", "settings"), [("append", {"Xmp.crs.Exposure2012"}), ("replace", set())]
)
def test_a_finished_picture_is_not_developed_a_second_time(
    tmp_path: Path, tools: Exiftools, style: str, settings: set[str]
) -> None:
    photo = make_photo(tmp_path / "IMG.jpg", sidecar_text(inside=DEVELOPED).encode())
    (result,) = write_sidecars({photo: ["sunset"]}, MemoryLedger(), style, tools=tools)
    there = set(by_exiv2(result.sidecar.read_bytes())) - OURS
    assert there == {"Xmp.xmp.Rating", "Xmp.darktable.colorlabels", *settings}


@pytest.mark.parametrize(
    ("exif", "style", "there"),
    [(1, "append", None), (6, "append", "6"), (None, "append", "6"), (6, "replace", None)],
)
def test_no_sidecar_turns_or_cuts_a_picture(
    tmp_path: Path, tools: Exiftools, exif: int | None, style: str, there: str | None
) -> None:
    said = ["-XMP-tiff:Orientation#=6", *([f"-IFD0:Orientation#={exif}"] if exif else [])]
    photo = _made(tmp_path / "IMG.jpg", *said)
    (result,) = write_sidecars({photo: ["sunset"]}, MemoryLedger(), style, tools=tools)
    assert by_exiv2(result.sidecar.read_bytes()).get("Xmp.tiff.Orientation") == there


def test_where_digikam_would_read_the_tags_of_windows_only_it_gets_a_list_of_its_own(
    tmp_path: Path, tools: Exiftools
) -> None:
    photo = _made(tmp_path / "IMG.jpg", "-XMP-microsoft:LastKeywordXMP=a/b", "-XMP-dc:Subject=b")
    result = _write(photo, tools)
    assert keywords(result.sidecar, "digiKam:TagsList") == ["a/b", "sunset"]
    assert keywords(result.sidecar) == ["b", "sunset"]


def test_xmp_that_no_program_reads_is_left_out_with_a_notice(
    tmp_path: Path, tools: Exiftools
) -> None:
    photo = make_photo(tmp_path / "IMG.jpg", b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>\x01 damaged")
    (planned,) = plan({photo: ["sunset"]}, MemoryLedger(), tools=tools)
    result = _write(photo, tools)
    assert result == planned
    assert result.note == "the photo's XMP is damaged beyond reading, and left out"
    assert keywords(result.sidecar) == ["sunset"]


@pytest.mark.parametrize(
    ("xmp", "reason"),
    [
        (sidecar_text(inside="<my:a>A & B</my:a>"), "it is not well-formed XML"),
        (sidecar_text(inside="<my:a>1</my:a><my:a>2</my:a>"), "it holds a twice"),
    ],
)
def test_xmp_that_only_some_programs_read_is_never_hidden(
    tmp_path: Path, tools: Exiftools, xmp: str, reason: str
) -> None:
    photo = make_photo(tmp_path / "IMG.jpg", xmp.encode())
    result = _write(photo, tools)
    assert result.outcome == "refused"
    assert result.reason.startswith(f"it would hide the photo's XMP, of which: {reason}")
    assert not result.sidecar.exists()


def test_a_sidecar_that_we_made_goes_with_our_last_label_and_comes_back_by_undo(
    tmp_path: Path, tools: Exiftools
) -> None:
    photo = make_photo(tmp_path / "IMG.jpg", XMP.encode())
    ledger, sidecar = MemoryLedger(), tmp_path / "IMG.jpg.xmp"
    for labels in (["sunset"], ["sunset", "beach"]):
        write_sidecars({photo: labels}, ledger, tools=tools)
    before = sidecar.read_bytes()
    (planned,) = plan({photo: []}, ledger, tools=tools)
    (result,) = write_sidecars({photo: []}, ledger, tools=tools)
    assert planned == result
    assert (result.outcome, result.removed) == ("written", ("sunset", "beach"))
    assert result.note == "removed: phototagger made it, and it holds no label any more"
    assert not sidecar.exists()
    assert write_sidecars({photo: []}, ledger, tools=tools)[0].outcome == "unchanged"
    assert [done.outcome for done in undo(ledger)] == ["written"]
    assert sidecar.read_bytes() == before
    write_sidecars({photo: []}, ledger, tools=tools)
    assert not sidecar.exists()
    write_sidecars({photo: ["sunset"]}, ledger, tools=tools)
    assert keywords(sidecar) == ["Ann", "sunset"]


def test_a_sidecar_that_we_made_goes_too_where_its_label_was_the_photos_keyword(
    tmp_path: Path, tools: Exiftools
) -> None:
    photo, ledger = make_photo(tmp_path / "IMG.jpg", XMP.encode()), MemoryLedger()
    write_sidecars({photo: ["ann"]}, ledger, tools=tools)
    assert (tmp_path / "IMG.jpg.xmp").exists()
    (result,) = write_sidecars({photo: []}, ledger, tools=tools)
    assert (result.outcome, result.removed) == ("written", ())
    assert not (tmp_path / "IMG.jpg.xmp").exists()


@pytest.mark.parametrize("what", ["another program wrote", "not made by us"])
def test_a_sidecar_that_says_more_than_its_photo_stays(
    tmp_path: Path, tools: Exiftools, what: str
) -> None:
    photo = _made(tmp_path / "IMG.jpg", "-XMP-dc:Title=t")
    ledger, sidecar = MemoryLedger(), tmp_path / "IMG.jpg.xmp"
    if what == "not made by us":
        sidecar.write_text(sidecar_text(attributes=""))
    write_sidecars({photo: ["sunset"]}, ledger, tools=tools)
    if what == "another program wrote":
        sidecar.write_text(sidecar.read_text() + "\n")
    (result,) = write_sidecars({photo: []}, ledger, tools=tools)
    assert (result.outcome, result.removed, result.note) == ("written", ("sunset",), "")
    assert keywords(sidecar) == []
    assert sidecar.exists()


def test_links_to_photos_are_gone_before_anything_is_written(
    tmp_path: Path, tools: Exiftools, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = make_photo(tmp_path / "IMG.jpg", XMP.encode())
    seen = []
    edit = tools.writer.edit

    def watched(*arguments):
        seen.append([path.name for path in tools.stage.iterdir() if path.is_symlink()])
        return edit(*arguments)

    monkeypatch.setattr(tools.writer, "edit", watched)
    assert _write(photo, tools).outcome == "written"
    assert seen == [[]]
    assert "-overwrite_original" not in tools.reader.options


def _xmp_of(photo: Path) -> dict[str, str]:
    """Return what python-exiv2 reads in the XMP of a photo."""
    image = exiv2.ImageFactory.open(str(photo))
    image.readMetadata()
    return {datum.key(): str(datum.value()) for datum in image.xmpData()}


def _by_exiftool(paths: list[Path]) -> list[list[str]]:
    """Return the texts that exiftool reads in XMP of each file, one list a file."""
    names = ["Rating", "Title", "Description", "Creator", "Rights", "Label"]
    fields = "\x1f".join(f"$XMP:{name}" for name in names)
    said = subprocess.run(
        ["exiftool", "-q", "-f", "-p", f"{fields}\x1e", *paths],
        capture_output=True,
        text=True,
        check=False,
    )
    return [file.strip("\n").split("\x1f") for file in said.stdout.split("\x1e")[:-1]]


def test_nothing_of_the_xmp_of_real_photos_is_hidden(tmp_path: Path, tools: Exiftools) -> None:
    photos = []
    sources = [p for p in (shared_data() / "exif").rglob("*") if p.suffix in {".jpg", ".png"}]
    for number, source in enumerate(sorted(sources)):
        photos.append(Path(shutil.copy(source, tmp_path / f"{number:03}{source.suffix}")))
    before = [identity(photo) for photo in photos]
    results = write_sidecars({photo: ["approved"] for photo in photos}, MemoryLedger(), tools=tools)
    assert {(result.outcome, result.reason) for result in results} == {("written", "")}
    assert [identity(photo) for photo in photos] == before
    with_xmp = 0
    for result in results:
        embedded, after = _xmp_of(result.photo), by_exiv2(result.sidecar.read_bytes())
        with_xmp += bool(embedded)
        kept = {
            key: value
            for key, value in embedded.items()
            if key not in OURS and value.removeprefix('lang="x-default"').strip()
        }
        assert {key: after.get(key) for key in kept} == kept, result.photo.name
    assert with_xmp > len(photos) / 4
    said = zip(_by_exiftool(photos), _by_exiftool([r.sidecar for r in results]), strict=True)
    for was, now in said:
        assert all(a.strip() in {"-", "", b.strip()} for a, b in zip(was, now, strict=True))


INTEROP = {
    "iptc-utf8-unmarked-and-xmp.jpg": (["Zürich", "東京", "sunset"], ["Zürich", "東京", "sunset"]),
    "iptc-cut-at-64-bytes.jpg": (
        ["the annual meeting of the mountain rescue association in the upper valley", "sunset"],
        ["the annual meeting of the mountain rescue association in the upper valley", "sunset"],
    ),
    "lightroom-hierarchy.jpg": (
        ["Places", "Europe", "Rome", "sunset"],
        ["Places|Europe|Rome", "sunset"],
    ),
}


@pytest.mark.parametrize("name", INTEROP)
def test_files_after_public_reports_come_out_right(
    tmp_path: Path, tools: Exiftools, name: str
) -> None:
    photo = Path(shutil.copy(shared_data() / "interop" / name, tmp_path))
    sidecar = _write(photo, tools).sidecar
    assert (keywords(sidecar), keywords(sidecar, "lr:hierarchicalSubject")) == INTEROP[name]


def test_a_parent_level_after_a_public_report_is_there_already(
    tmp_path: Path, tools: Exiftools
) -> None:
    for name in ("parent-level.jpg", "parent-level.jpg.xmp"):
        shutil.copy(shared_data() / "interop" / name, tmp_path)
    before = identity(tmp_path / "parent-level.jpg.xmp")
    assert _write(tmp_path / "parent-level.jpg", tools, "zz new").outcome == "unchanged"
    assert identity(tmp_path / "parent-level.jpg.xmp") == before
