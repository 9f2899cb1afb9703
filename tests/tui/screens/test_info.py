import os
import tracemalloc

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from phototagger.formats import FORMATS
from phototagger.imaging.opened import plug_in
from phototagger.tui.screens.info import InfoPanel, photo_info
from tests.imaging.pictures import scene
from tests.imaging.raws import save_dng
from tests.shared import SAMPLES, shared_data
from tests.tui.driving import Stage, drive, screen_text

XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
  xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:subject><rdf:Bag>{}</rdf:Bag></dc:subject>
 </rdf:Description></rdf:RDF></x:xmpmeta>"""


def xmp(*words):
    return XMP.format("".join(f"<rdf:li>{word}</rdf:li>" for word in words)).encode()


def photo(path, **tags):
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "Canon", "Canon EOS R5", tags.get("turned", 1)
    detail = exif.get_ifd(0x8769)
    detail[0x9003] = "2021:05:03 10:20:30"
    detail[0xA434] = "RF 24-70\0"
    detail[0x829A], detail[0x829D] = IFDRational(1, 250), IFDRational(28, 10)
    detail[0x8827], detail[0x920A] = 400, IFDRational(50, 1)
    if tags.get("gps"):
        exif.get_ifd(0x8825).update({1: "N", 2: (1.0, 2.0, 3.0), 3: "E", 4: (4.0, 5.0, 6.0)})
    Image.new("RGB", (40, 30)).save(path, exif=exif, xmp=tags.get("xmp", b""))
    return path


def test_the_file_tells_of_camera_and_exposure(tmp_path):
    rows = dict(photo_info(photo(tmp_path / "a.jpg", gps=True)))
    assert rows.pop("size").endswith((" bytes", " KiB"))
    assert rows == {
        "dimensions": "40 x 30, JPEG RGB",
        "taken": "2021-05-03 10:20:30",
        "camera": "Canon EOS R5",
        "lens": "RF 24-70",
        "exposure": "1/250 s, f/2.8, ISO 400, 50 mm",
        "GPS": "has a position",
    }


def test_a_turned_photo_has_its_upright_size_and_no_gps_is_left_out(tmp_path):
    rows = dict(photo_info(photo(tmp_path / "a.jpg", turned=6)))
    assert rows["dimensions"].startswith("30 x 40,")
    assert "GPS" not in rows


def test_keywords_of_the_file_and_of_both_sidecars_are_told_apart(tmp_path):
    path = photo(tmp_path / "a.jpg", xmp=xmp("dog", "beach"))
    (tmp_path / "a.jpg.xmp").write_bytes(xmp("sea"))
    (tmp_path / "a.xmp").write_bytes(b"<not xmp")
    rows = dict(photo_info(path))
    assert rows["keywords"] == "dog, beach"
    assert rows["a.jpg.xmp"] == "sea"
    assert "not well-formed XML" in rows["a.xmp"]


def test_a_long_file_is_not_held_in_memory(tmp_path):
    path = photo(tmp_path / "a.jpg")
    os.truncate(path, 256 * 2**20)
    tracemalloc.start()
    try:
        rows = dict(photo_info(path))
        assert tracemalloc.get_traced_memory()[1] < 32 * 2**20
    finally:
        tracemalloc.stop()
    assert "JPEG" in rows["dimensions"]


def test_a_missing_or_odd_file_is_a_row_not_an_error(tmp_path):
    assert photo_info(tmp_path / "no.jpg") == [
        ("file", "cannot be read: No such file or directory")
    ]
    (tmp_path / "odd.jpg").write_bytes(b"GIF89a and more")
    assert photo_info(tmp_path / "odd.jpg")[1][1].startswith("cannot be read: ")
    (tmp_path / "folder.jpg").mkdir()
    assert photo_info(tmp_path / "folder.jpg") == [("file", "is not a regular file")]


def test_a_hostile_tag_is_one_line_that_is_not_too_long(tmp_path):
    exif = Image.Exif()
    exif[0x0110] = "x\x1b[31m\n" + "y" * 5000
    Image.new("RGB", (4, 3)).save(tmp_path / "a.jpg", exif=exif)
    camera = dict(photo_info(tmp_path / "a.jpg"))["camera"]
    assert camera.startswith("x\\x1b[31m y")
    assert len(camera) == 300


@pytest.mark.filterwarnings("ignore::UserWarning:PIL", "ignore:.*EXIF data:UserWarning")
def test_every_sample_and_every_odd_photo_gives_rows():
    odd = []
    for path in sorted([*SAMPLES.rglob("*.*"), *shared_data().rglob("*.*")]):
        if path.suffix.lower() in (".jpg", ".jpeg", ".png") and path.stat().st_size < 8 << 20:
            rows = photo_info(path)
            assert rows
            assert all(value.isprintable() and value for _, value in rows)
            odd.append(path)
    assert len(odd) > 10


@pytest.mark.parametrize("rows", [[], [("keywords", "[b]dog[/b], " * 40)]])
def test_the_panel_shows_text_as_it_is(rows):
    panel = InfoPanel()
    seen = []

    async def act(pilot):
        panel.put(rows)
        await pilot.pause()
        seen.append(screen_text(pilot.app))

    drive(Stage(panel), act)
    assert ("[b]dog[/b]" in seen[0]) == bool(rows)
    assert "reading" not in seen[0]


@pytest.mark.parametrize("name", ["webp", "tiff", "heic"])
def test_the_file_of_another_format_tells_as_much(tmp_path, name):
    plug_in(FORMATS[name])
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112], exif[0x0132] = "Canon", "R5", 6, "2021:05:03 10:20:30"
    Image.new("RGB", (128, 64)).save(tmp_path / f"a.{name}", exif=exif.tobytes())
    rows = dict(photo_info(tmp_path / f"a.{name}", formats=tuple(FORMATS)))
    assert rows["dimensions"] == f"64 x 128, {FORMATS[name].pillow} RGB"
    assert (rows["camera"], rows["taken"]) == ("Canon R5", "2021-05-03 10:20:30")
    refused = dict(photo_info(tmp_path / f"a.{name}"))
    assert refused["picture"] == "cannot be read: it is no JPEG or PNG"


def test_a_raw_tells_of_its_camera(tmp_path):
    path = save_dng(tmp_path / "a.nef", scene(64, 48), orientation=6)
    rows = dict(photo_info(path, formats=("raw",)))
    assert rows["dimensions"] == "48 x 64, RAW RGB"
    assert (rows["camera"], rows["taken"]) == ("Handmade One", "2024-05-06 07:08:09")
    assert rows["exposure"] == "1/125 s, f/5.6, ISO 200, 35 mm"
