"""Approved labels become sidecars that nobody has to fear."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from phototagger.errors import MissingError
from phototagger.sidecars import apply as apply_module
from phototagger.sidecars.apply import (
    Exiftools,
    SidecarResult,
    plan,
    undo,
    verify,
    write_sidecars,
)
from tests.ledgers import MemoryLedger
from tests.sidecar_files import (
    by_exiv2,
    exiv2_keywords,
    identity,
    keywords,
    leftovers,
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


class House:
    """A folder with a photo, its sidecar, a ledger, and the exiftools of this module."""

    def __init__(self, folder: Path, tools: Exiftools, name: str = "IMG.jpg") -> None:
        self.photo = make_photo(folder / name)
        self.sidecar = folder / f"{name}.xmp"
        self.ledger = MemoryLedger()
        self.tools = tools

    def write(self, *labels: str, style: str = "append") -> SidecarResult:
        (result,) = write_sidecars({self.photo: labels}, self.ledger, style, tools=self.tools)
        assert leftovers(self.photo.parent) == []
        return result


@pytest.fixture
def house(tmp_path: Path, tools: Exiftools) -> House:
    return House(tmp_path, tools)


def test_a_new_sidecar_holds_the_labels_where_programs_read_them(house: House) -> None:
    before = identity(house.photo)
    result = house.write("sunset", "black cat")
    assert (result.outcome, result.added, result.created) == (
        "written",
        ("sunset", "black cat"),
        True,
    )
    assert keywords(house.sidecar) == ["sunset", "black cat"]
    assert keywords(house.sidecar, "lr:hierarchicalSubject") == ["sunset", "black cat"]
    assert keywords(house.sidecar, "digiKam:TagsList") == []
    assert identity(house.photo) == before


def test_writing_again_touches_nothing(house: House) -> None:
    house.write("sunset")
    before = identity(house.sidecar)
    assert house.write("sunset").outcome == "unchanged"
    assert identity(house.sidecar) == before


def test_labels_are_added_and_taken_back_and_the_rest_stays(house: House) -> None:
    develop = (
        "<crs:ToneCurve><rdf:Seq><rdf:li>0, 0</rdf:li></rdf:Seq></crs:ToneCurve><my:x>é</my:x>"
    )
    house.sidecar.write_text(sidecar_text(["family", "Sunset"], inside=develop))
    before = by_exiv2(house.sidecar.read_bytes())
    result = house.write("sunset", "beach")
    assert (result.added, result.removed, result.kept) == (("beach",), (), ("family", "Sunset"))
    assert keywords(house.sidecar) == ["family", "Sunset", "beach"]
    assert house.write("harbour").removed == ("beach",)
    assert keywords(house.sidecar, "lr:hierarchicalSubject") == ["family", "Sunset", "harbour"]
    result = house.write()
    assert (result.added, result.removed, result.kept) == ((), ("harbour",), ("family", "Sunset"))
    assert by_exiv2(house.sidecar.read_bytes()) == before


def test_a_list_that_loses_and_gains_entries_at_once_is_written(house: House) -> None:
    # exiftool puts the first added entry in the place of the first removed
    house.sidecar.write_text(sidecar_text(["a", "b"]))
    house.write("c", "d")
    result = house.write("e", "f", "d")
    assert (result.added, result.removed, result.kept) == (("e", "f"), ("c",), ("a", "b", "d"))
    assert keywords(house.sidecar) == ["a", "b", "e", "f", "d"]


def test_a_photo_with_nothing_approved_gets_no_sidecar(house: House) -> None:
    assert house.write().outcome == "unchanged"
    assert not house.sidecar.exists()


def test_the_difference_is_known_before_anything_is_written(house: House) -> None:
    house.sidecar.write_text(sidecar_text(["family"], tags=["Places/Rome"]))
    before = house.sidecar.read_bytes()
    (planned,) = plan({house.photo: ["sunset"]}, house.ledger, tools=house.tools)
    assert house.sidecar.read_bytes() == before
    assert not house.ledger.kept
    assert not house.ledger.open
    assert planned == house.write("sunset")


def test_keywords_embedded_in_the_photo_are_not_hidden_by_a_new_sidecar(
    tmp_path: Path, tools: Exiftools
) -> None:
    house = House(tmp_path, tools)
    text = sidecar_text(["Ann", "007", "true"], ["People|Ann"], ["People/Ann"])
    make_photo(house.photo, text.encode())
    result = house.write("sunset", "ann")
    assert (result.added, result.kept) == (("sunset",), ("Ann", "007", "true"))
    assert keywords(house.sidecar) == ["Ann", "007", "true", "sunset"]
    # programs that read a hierarchy never showed the subjects beside it
    assert keywords(house.sidecar, "lr:hierarchicalSubject") == ["People|Ann", "sunset"]
    assert keywords(house.sidecar, "digiKam:TagsList") == ["People/Ann", "sunset"]
    house.write()
    assert not house.sidecar.exists()


def test_keywords_of_the_sidecar_under_the_other_name_are_not_hidden(house: House) -> None:
    other = house.photo.with_suffix(".XMP")
    other.write_text(sidecar_text(["from raw"]))
    before = identity(other)
    house.write("sunset")
    assert keywords(house.sidecar) == ["from raw", "sunset"]
    assert identity(other) == before


def test_a_sidecar_under_the_other_name_that_cannot_be_read_is_not_hidden(house: House) -> None:
    house.photo.with_suffix(".xmp").write_text("<x")
    result = house.write("sunset")
    assert result.outcome == "refused"
    assert result.reason.startswith("it would hide IMG.xmp, of which: it is not well-formed")


def test_after_a_change_of_style_the_older_sidecar_is_kept_true_too(house: House) -> None:
    house.write("sunset", "beach")
    old, new = write_sidecars({house.photo: ["beach"]}, house.ledger, "replace", tools=house.tools)[
        ::-1
    ]
    assert (old.sidecar.name, new.sidecar.name) == ("IMG.jpg.xmp", "IMG.xmp")
    assert keywords(old.sidecar) == keywords(new.sidecar) == ["beach"]
    write_sidecars({house.photo: []}, house.ledger, "replace", tools=house.tools)
    assert keywords(old.sidecar) == keywords(new.sidecar) == []


def test_a_folder_in_the_place_of_the_sidecar_is_refused_and_the_photo_stays(house: House) -> None:
    before = identity(house.photo)
    house.sidecar.mkdir()
    result = house.write("sunset")
    assert (result.outcome, result.reason) == ("refused", "it is not a file")
    assert identity(house.photo) == before


def test_a_fifo_in_the_place_of_the_sidecar_is_refused(house: House) -> None:
    os.mkfifo(house.sidecar)
    assert house.write("sunset").reason == "it is not a file"


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("nothing.xmp", "it is a link to nothing"),
        ("IMG.jpg", "it is a link to something that is not named .xmp"),
        ("IMG.jpg.xmp", "it cannot be read"),
    ],
)
def test_a_link_to_anything_but_a_sidecar_is_refused(
    house: House, target: str, reason: str
) -> None:
    before = identity(house.photo)
    house.sidecar.symlink_to(target)
    result = house.write("sunset")
    assert result.outcome == "refused"
    assert result.reason.startswith(reason)
    assert identity(house.photo) == before


def test_a_link_to_a_sidecar_stays_one(house: House) -> None:
    real = house.photo.parent / "elsewhere.XMP"
    real.write_text(sidecar_text(["family"]))
    house.sidecar.symlink_to(real.name)
    assert house.write("sunset").outcome == "written"
    assert house.sidecar.is_symlink()
    assert keywords(real) == ["family", "sunset"]
    assert house.write("sunset").outcome == "unchanged"


def test_two_photos_never_share_one_sidecar_through_links(house: House) -> None:
    second = make_photo(house.photo.with_name("two.jpg"))
    house.sidecar.write_text(sidecar_text(["family"]))
    second.with_name("two.jpg.xmp").symlink_to(house.sidecar.name)
    results = write_sidecars({house.photo: ["a"], second: ["b"]}, house.ledger, tools=house.tools)
    assert [result.outcome for result in results] == ["written", "refused"]
    assert keywords(house.sidecar) == ["family", "a"]


def test_no_sidecar_is_made_for_a_missing_photo_or_one_that_is_no_picture(house: House) -> None:
    house.photo.write_bytes(b"no picture at all")
    assert house.write("sunset").reason == "exiftool finds no picture in the photo"
    house.photo.write_bytes(b"")
    assert house.write("sunset").reason == "exiftool finds no picture in the photo"
    house.photo.unlink()
    assert house.write("sunset").reason == "its photo is not there, or is no file"
    assert not house.sidecar.exists()


def test_what_exiftool_would_not_keep_is_refused_by_name(house: House) -> None:
    wrong = '<my:a><rdf:Description xmlns:stDim="http:wrong" stDim:w="4"/></my:a>'
    house.sidecar.write_text(sidecar_text(["family"], inside=wrong))
    before = identity(house.sidecar)
    result = house.write("sunset")
    assert result.reason == "exiftool would not keep a namespace prefix as it is"
    assert identity(house.sidecar) == before


def test_mode_owner_and_attributes_are_kept_and_the_time_is_not(house: House) -> None:
    house.sidecar.write_text(sidecar_text())
    house.sidecar.chmod(0o640)
    os.utime(house.sidecar, (1, 1))
    if os.getuid() == 0:
        os.chown(house.sidecar, 1234, 2345)
    before = house.sidecar.stat()
    house.write("sunset")
    after = house.sidecar.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (
        before.st_mode,
        before.st_uid,
        before.st_gid,
    )
    assert after.st_mtime > 1


@pytest.mark.parametrize(("folder_has", "sidecar_has"), [(0o755, 0o640), (0o700, 0o600)])
def test_a_new_sidecar_has_the_mode_of_any_new_file_but_no_right_that_its_folder_lacks(
    house: House, folder_has: int, sidecar_has: int
) -> None:
    house.sidecar.parent.chmod(folder_has)
    old = os.umask(0o027)
    try:
        house.write("sunset")
    finally:
        os.umask(old)
    assert stat.S_IMODE(house.sidecar.stat().st_mode) == sidecar_has


LABELS = [
    "-leading dash",
    "@argfile",
    "$HOME ${x} $$",
    "quo\"te 'single' `tick`",
    "&lt;b&gt; &amp; <i>",
    "&#x41;",
    "new\nline",
    "tab\there",
    "emoji 🐈\u200d⬛ \U0001f1ea\U0001f1f8",
    "日本語 ümläut",
    "# not a comment",
    "a=b;c,d",
    "back\\slash \\n",
    "x" * 200,
    "007",
    "%d%f.%e",
    "||".replace("|", "¦"),
    " padded ",
]


def test_labels_that_break_exiftools_ways_in_are_exact(house: House) -> None:
    assert house.write(*LABELS).added == tuple(LABELS)
    assert keywords(house.sidecar) == LABELS
    assert exiv2_keywords(house.sidecar) == LABELS
    house.write(*LABELS[::2])
    assert keywords(house.sidecar) == LABELS[::2]
    house.write()
    assert keywords(house.sidecar) == []


NAMES = [
    "-execute.jpg",
    "new\nline.jpg",
    "$HOME@.jpg",
    "%f 'quo\"te'.jpg",
    "#comment.jpg",
    " space .jpg",
    "🐈.jpg",
    "x" * 247 + ".jpg",
    "é" * 124 + ".jpg",
    os.fsdecode(b"caf\xe9 \xff.jpg"),
]


def test_names_that_break_exiftools_ways_in_get_their_own_sidecars(
    tmp_path: Path, tools: Exiftools
) -> None:
    folder = tmp_path / os.fsdecode(b"-f\xf6lder\n$")
    folder.mkdir()
    photos = [make_photo(folder / name) for name in NAMES]
    before = [identity(photo) for photo in photos]
    ledger = MemoryLedger()
    wanted = {photo: [f"label {n}"] for n, photo in enumerate(photos)}
    results = write_sidecars(wanted, ledger, tools=tools)
    assert {result.outcome for result in results} == {"written"}
    assert [keywords(result.sidecar) for result in results] == list(map(list, wanted.values()))
    assert [identity(photo) for photo in photos] == before
    assert {result.outcome for result in undo(ledger)} == {"written"}
    assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES)


@pytest.mark.parametrize("label", ["a|b", "nul\0", "bell\a", "cr\r", os.fsdecode(b"\xff")])
def test_a_label_that_xml_cannot_keep_refuses_the_sidecar(house: House, label: str) -> None:
    house.sidecar.write_text(sidecar_text(["family"]))
    before = identity(house.sidecar)
    assert house.write("sunset", label).outcome == "refused"
    assert identity(house.sidecar) == before


def test_a_sidecar_changed_while_it_is_written_is_left_to_the_other_program(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.sidecar.write_text(sidecar_text(["family"]))
    begin = house.ledger.begin

    def meddle(intents):
        house.sidecar.write_text(sidecar_text(["family", "meanwhile"]))
        begin(intents)

    monkeypatch.setattr(house.ledger, "begin", meddle)
    result = house.write("sunset")
    assert result.reason == "another program changed it meanwhile; write again"
    monkeypatch.undo()
    assert house.write("sunset").outcome == "written"
    assert keywords(house.sidecar) == ["family", "meanwhile", "sunset"]


def test_one_exiftool_serves_many_files_and_at_most_as_many_as_it_may(tmp_path: Path) -> None:
    photos = [make_photo(tmp_path / f"{n}.jpg") for n in range(20)]
    with Exiftools(files_a_process=8) as tools:
        results = write_sidecars({photo: ["a"] for photo in photos}, MemoryLedger(), tools=tools)
        assert {result.outcome for result in results} == {"written"}
        assert tools.writer.starts == 3
        pid = tools.writer.pid
        stage = tools.stage
    assert pid is not None
    assert not Path(f"/proc/{pid}").exists()
    assert not stage.exists()


def test_nothing_to_do_starts_no_exiftool(house: House) -> None:
    house.write("sunset")
    results = write_sidecars({house.photo: ["sunset"]}, house.ledger, exiftool="no-such-tool")
    assert [result.outcome for result in results] == ["unchanged"]


def test_without_exiftool_the_cure_is_named(house: House) -> None:
    with pytest.raises(MissingError, match="apt install libimage-exiftool-perl"):
        write_sidecars({house.photo: ["sunset"]}, house.ledger, exiftool="no-such-tool")


def test_undo_gives_back_the_bytes_and_what_was_ours(house: House) -> None:
    house.sidecar.write_text(sidecar_text(["family"], inside="<!-- a comment -->"))
    first = house.sidecar.read_bytes()
    house.write("sunset")
    second = house.sidecar.read_bytes()
    house.write("beach")
    (result,) = undo(house.ledger)
    assert (result.outcome, result.added, result.removed, result.kept) == (
        "written",
        ("sunset",),
        ("beach",),
        ("family",),
    )
    assert house.sidecar.read_bytes() == second
    assert list(undo(house.ledger)) == []
    house.write()
    assert keywords(house.sidecar) == ["family"]
    assert first != house.sidecar.read_bytes()


def test_undo_of_the_first_write_gives_back_even_the_comments(house: House) -> None:
    house.sidecar.write_text(sidecar_text(["family"], inside="<!-- a comment -->"))
    first = house.sidecar.read_bytes()
    house.write("sunset")
    list(undo(house.ledger))
    assert house.sidecar.read_bytes() == first
    assert not house.ledger.kept
    assert not house.ledger.bytes_before


def test_undo_removes_a_sidecar_that_the_write_made(house: House) -> None:
    house.write("sunset")
    (said,) = undo(house.ledger, dry_run=True)
    assert house.sidecar.exists()
    (done,) = undo(house.ledger)
    assert said == done
    assert not house.sidecar.exists()
    assert not house.ledger.kept
    assert not house.ledger.open


def test_undo_leaves_what_somebody_changed_since(house: House) -> None:
    house.write("sunset")
    house.sidecar.write_text(house.sidecar.read_text() + "\n")
    before = identity(house.sidecar)
    (result,) = undo(house.ledger)
    assert result.reason == "somebody changed it since; nothing was taken back"
    assert identity(house.sidecar) == before


def test_undo_takes_back_one_write_and_of_the_chosen_photos(house: House) -> None:
    second = make_photo(house.photo.with_name("two.jpg"))
    write_sidecars({house.photo: ["a"]}, house.ledger, tools=house.tools, write_id="1")
    write_sidecars(
        {house.photo: ["a"], second: ["a"]}, house.ledger, tools=house.tools, write_id="2"
    )
    assert list(undo(house.ledger, [house.photo], write_id="2")) == []
    assert [result.photo for result in undo(house.ledger)] == [second]
    assert [result.photo for result in undo(house.ledger)] == [house.photo]


def test_undo_takes_back_what_was_written_last_where_the_clock_was_set_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = make_photo(house.photo.with_name("two.jpg"))
    for labels in ({house.photo: ["a"]}, {second: ["b"]}):
        write_sidecars(labels, house.ledger, tools=house.tools)
        monkeypatch.setattr(apply_module.time, "time_ns", lambda: 1)
    assert [result.photo for result in undo(house.ledger)] == [second]


def test_a_refusal_says_what_exiftool_does_in_plain_text(house: House) -> None:
    text = sidecar_text(["family"]).replace("rdf:about=", 'rdf:bagID="x" rdf:about=')
    house.sidecar.write_text(text)
    assert "Can't handle XMP attribute 'rdf:bagID'" in house.write("sunset").reason


def test_verify_lists_what_others_did(house: House) -> None:
    house.write("sunset", "beach")
    assert list(verify(house.ledger)) == []
    text = house.sidecar.read_text().replace(">sunset<", ">family<")
    house.sidecar.write_text(text)
    (drift,) = verify(house.ledger)
    assert (drift.what, drift.added, drift.removed) == ("edited", ("family",), ("sunset",))
    house.sidecar.write_text("<x")
    (drift,) = verify(house.ledger, [house.photo])
    assert drift.what == "unreadable"
    house.sidecar.unlink()
    (drift,) = verify(house.ledger)
    assert (drift.what, drift.removed) == ("missing", ("sunset", "beach"))
    assert list(verify(house.ledger, [])) == []


def test_a_sidecar_that_somebody_removed_is_made_again_or_forgotten(house: House) -> None:
    house.write("sunset")
    house.sidecar.unlink()
    assert house.write("sunset").created
    house.sidecar.unlink()
    assert house.write().outcome == "unchanged"
    assert not house.sidecar.exists()
    assert not house.ledger.kept


def test_a_hostile_sidecar_is_left_alone(house: House) -> None:
    house.sidecar.write_text('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>')
    before = identity(house.sidecar)
    assert house.write("sunset").reason == "it declares a DOCTYPE, which no photo program writes"
    assert identity(house.sidecar) == before


DARKTABLE = """
<my:masks_history><rdf:Seq/></my:masks_history>
<my:history><rdf:Seq>
 <rdf:li my:num="0" my:operation="colorin" my:params="gz48eJzjYRgFow" my:multi_name=""/>
</rdf:Seq></my:history>
<dc:subject><rdf:Seq><rdf:li>darktable</rdf:li><rdf:li>jpg</rdf:li></rdf:Seq></dc:subject>
<lr:hierarchicalSubject><rdf:Seq><rdf:li>darktable|jpg</rdf:li></rdf:Seq></lr:hierarchicalSubject>
"""


@pytest.mark.parametrize(
    "data",
    [
        sidecar_text(inside=DARKTABLE).encode(),
        sidecar_text(["a", "a", "b"], ["x|y"], ["x/y"]).encode(),
        b"\xef\xbb\xbf" + sidecar_text(["a"]).replace("><", ">\r\n<").encode(),
        (sidecar_text(["a"]) + "<?xpacket end='r'?>").encode(),
        sidecar_text(attributes='dc:subject="a"').encode(),
    ],
)
def test_sidecars_of_unusual_shapes_are_written_and_given_back(house: House, data: bytes) -> None:
    house.sidecar.write_bytes(data)
    before = by_exiv2(data), keywords(house.sidecar)
    assert house.write("new", "ö").outcome == "written"
    assert house.write("ö").outcome == "written"
    assert house.write().outcome == "written"
    after = by_exiv2(house.sidecar.read_bytes()), keywords(house.sidecar)
    if before[1]:
        assert after == (
            {key: value for key, value in before[0].items() if value or key in after[0]},
            before[1],
        )
    assert next(iter(undo(house.ledger))).outcome == "written"


@pytest.mark.parametrize(
    "data",
    [
        sidecar_text(["a"]).encode("utf-16"),
        b'<?xml version="1.0" encoding="iso-8859-1"?>' + sidecar_text(["\xfc"]).encode("latin-1"),
    ],
)
def test_encodings_that_exiftool_breaks_are_refused(house: House, data: bytes) -> None:
    house.sidecar.write_bytes(data)
    assert house.write("new").outcome == "refused"
    assert house.sidecar.read_bytes() == data


def test_an_interrupted_answer_is_never_taken_for_the_next_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.write("sunset")
    real = os.read

    def interrupt(handle: int, size: int) -> bytes:
        monkeypatch.setattr(os, "read", real)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "read", interrupt)
    before = identity(house.sidecar)
    with pytest.raises(KeyboardInterrupt):
        house.write("beach")
    assert identity(house.sidecar) == before
    assert leftovers(house.sidecar.parent) == []
    assert house.write("harbour").outcome == "written"
    assert keywords(house.sidecar) == ["harbour"]
