"""Photo → cached thumbnail."""

import hashlib
import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps, PngImagePlugin

from phototagger.core.thumb_cache import save_thumbnail, thumbnail_path
from phototagger.core.thumbs import encode_thumbnail, make_thumbnail
from phototagger.errors import UnreadablePhoto
from phototagger.imaging.decode import Picture, open_photo
from tests.imaging.pictures import (
    ADOBE_RGB,
    SRGB,
    corners,
    difference,
    in_srgb,
    profile,
    save_turned,
    scene,
)
from tests.shared import SAMPLES, names_in

SHA1 = bytes.fromhex("ab" + "0123456789" * 3 + "abcdef01")


def thumbnail_of(path: Path) -> Image.Image:
    with Image.open(make_thumbnail(path, path.parent / "cache")) as image:
        image.load()
    assert image.format == "JPEG"
    assert image.mode == "RGB"
    return image


def test_a_thumbnail_is_kept_under_its_content_s_sha1(tmp_path: Path) -> None:
    scene(600, 400).save(tmp_path / "a.png")
    sha1 = hashlib.sha1((tmp_path / "a.png").read_bytes()).hexdigest()
    made = make_thumbnail(tmp_path / "a.png", tmp_path / "cache")
    assert made == tmp_path / "cache" / sha1[:2] / f"{sha1}.jpg"
    assert made == thumbnail_path(tmp_path / "cache", bytes.fromhex(sha1))
    assert names_in(tmp_path / "cache") == sorted(["CACHEDIR.TAG", sha1[:2]])
    assert names_in(made.parent) == [f"{sha1}.jpg"]


@pytest.mark.parametrize(
    ("size", "made"),
    [
        ((1200, 800), (512, 341)),
        ((800, 1200), (341, 512)),
        ((512, 512), (512, 512)),
        ((513, 400), (512, 399)),
        ((300, 200), (300, 200)),
        ((1, 1), (1, 1)),
        ((30_000, 10), (512, 1)),
        ((10, 30_000), (1, 512)),
        ((30_000, 5), (512, 1)),
        ((1024, 1), (512, 1)),
    ],
)
@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_the_long_edge_is_512_and_nothing_is_enlarged_or_lost(
    tmp_path: Path, name: str, size: tuple[int, int], made: tuple[int, int]
) -> None:
    Image.new("RGB", size, (200, 40, 90)).save(tmp_path / name)
    image = thumbnail_of(tmp_path / name)
    assert image.size == made
    assert difference(image, Image.new("RGB", made, (200, 40, 90))) <= 4


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_thumbnail_is_upright_and_says_nothing_of_turning(
    tmp_path: Path, orientation: int
) -> None:
    save_turned(corners(960, 640), orientation, tmp_path / "a.jpg")
    image = thumbnail_of(tmp_path / "a.jpg")
    assert image.size == (512, 341)
    assert dict(image.getexif()) == {}
    seen = [image.getpixel(at) for at in ((100, 80), (400, 80), (400, 260), (100, 260))]
    wanted = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]
    assert np.abs(np.subtract(seen, wanted)).max() <= 6


@pytest.mark.parametrize("name", ["animals/cat.jpg", "nature/dahlia.png", "rocket.jpg"])
def test_a_thumbnail_looks_like_its_photo(tmp_path: Path, name: str) -> None:
    with Image.open(SAMPLES / name) as photo:
        whole = ImageOps.exif_transpose(photo.convert("RGB"))
    with Image.open(make_thumbnail(SAMPLES / name, tmp_path)) as image:
        whole = whole.resize(image.size, Image.Resampling.LANCZOS)
        apart = np.abs(np.asarray(whole, np.int16) - np.asarray(image, np.int16))
    assert apart.mean() < 3


def test_alpha_is_put_on_white(tmp_path: Path) -> None:
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(tmp_path / "a.png")
    assert thumbnail_of(tmp_path / "a.png").getpixel((5, 5)) == (255, 255, 255)


# Colours


@pytest.mark.parametrize("colour", [(150, 160, 60), (120, 90, 140), (60, 130, 100), (255,) * 3])
@pytest.mark.parametrize(("mode", "name"), [("RGB", "a.jpg"), ("RGB", "a.png"), ("RGBA", "a.png")])
def test_colours_are_converted_to_srgb(
    tmp_path: Path, mode: str, name: str, colour: tuple[int, int, int]
) -> None:
    icc = profile(ADOBE_RGB, 2.2, "a wide space")
    Image.new("RGB", (64, 64), colour).convert(mode).save(
        tmp_path / name, icc_profile=icc, **({"quality": 98} if name == "a.jpg" else {})
    )
    image = thumbnail_of(tmp_path / name)
    assert np.abs(np.subtract(image.getpixel((30, 30)), in_srgb(colour, 2.2))).max() <= 3
    assert "icc_profile" not in image.info


def test_a_colour_of_a_wide_space_is_another_one_in_srgb() -> None:
    assert in_srgb((255, 255, 255), 2.2) == (255, 255, 255)
    assert in_srgb((120, 90, 140), 2.2)[0] - 120 > 5


@pytest.mark.parametrize(
    "icc", [profile(SRGB, 2.2, "sRGB of a kind"), b"no profile at all", b"", b"\0" * 200]
)
def test_colours_in_srgb_or_with_a_profile_that_cannot_be_read_stay(
    tmp_path: Path, icc: bytes
) -> None:
    Image.new("RGB", (64, 64), (120, 90, 140)).save(tmp_path / "a.png", icc_profile=icc)
    seen = thumbnail_of(tmp_path / "a.png").getpixel((30, 30))
    assert np.abs(np.subtract(seen, (120, 90, 140))).max() <= 3


def test_a_profile_of_another_kind_of_colours_changes_nothing() -> None:
    gray = profile(ADOBE_RGB, 2.2, "gray").replace(b"mntrRGB ", b"mntrGRAY")
    image = Image.new("RGB", (64, 64), (120, 90, 140))
    made = Image.open(io.BytesIO(encode_thumbnail(Picture(image, 64, 64, gray))))
    assert np.abs(np.subtract(made.getpixel((30, 30)), (120, 90, 140))).max() <= 3


def test_pillow_writes_to_a_descriptor_itself_so_that_other_threads_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    save, descriptors = Image.Image.save, []

    def noted(image: Image.Image, file: io.IOBase, *rest: str, **options: object) -> None:
        descriptors.append(file.fileno())
        save(image, file, *rest, **options)

    picture = Picture(scene(300, 200), 300, 200)
    out = io.BytesIO()
    picture.image.save(out, "JPEG", quality=85)
    monkeypatch.setattr(Image.Image, "save", noted)
    assert encode_thumbnail(picture) == out.getvalue()
    assert len(descriptors) == 1
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptors[0])


# What else a photo holds


def test_comments_and_metadata_stay_with_the_photo(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "a secret"
    Image.new("RGB", (64, 64)).save(tmp_path / "a.jpg", exif=exif, comment=b"a secret", dpi=(9, 9))
    target = make_thumbnail(tmp_path / "a.jpg", tmp_path / "cache")
    assert b"secret" not in target.read_bytes()


@pytest.mark.parametrize("length", [8, 70_000])
def test_a_comment_of_any_length_spoils_no_thumbnail(tmp_path: Path, length: int) -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("comment", "x" * length)
    Image.new("RGB", (64, 64)).save(tmp_path / "a.png", pnginfo=texts)
    target = make_thumbnail(tmp_path / "a.png", tmp_path / "cache")
    assert b"xxxxxxxx" not in target.read_bytes()


# The cache


def test_a_thumbnail_that_is_there_is_not_made_again(tmp_path: Path) -> None:
    scene(60, 40).save(tmp_path / "a.png")
    target = make_thumbnail(tmp_path / "a.png", tmp_path / "cache")
    kept = target.read_bytes()[:-2] + b"kept\xff\xd9"
    target.write_bytes(kept)
    assert make_thumbnail(tmp_path / "a.png", tmp_path / "cache").read_bytes() == kept
    target.write_bytes(b"")
    assert make_thumbnail(tmp_path / "a.png", tmp_path / "cache").read_bytes() != b""


def test_photos_of_one_content_share_a_thumbnail(tmp_path: Path) -> None:
    scene(60, 40).save(tmp_path / "a.png")
    (tmp_path / "b.jpg").write_bytes((tmp_path / "a.png").read_bytes())
    cache = tmp_path / "cache"
    assert make_thumbnail(tmp_path / "a.png", cache) == make_thumbnail(tmp_path / "b.jpg", cache)


def test_a_photo_that_cannot_be_read_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no photo")
    with pytest.raises(UnreadablePhoto):
        make_thumbnail(tmp_path / "a.jpg", tmp_path / "cache")
    scene(60, 40).save(tmp_path / "b.png")
    with pytest.raises(UnreadablePhoto, match="more than max_pixels"):
        make_thumbnail(tmp_path / "b.png", tmp_path / "cache", max_pixels=100)
    assert names_in(tmp_path) == ["a.jpg", "b.png"]


def test_a_write_that_fails_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def replace(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(OSError, match="No space left"):
        save_thumbnail(b"data", tmp_path, SHA1)
    assert names_in(tmp_path / "ab") == []


def test_the_photo_is_not_changed(tmp_path: Path) -> None:
    scene(600, 400).save(tmp_path / "a.jpg")
    before = (tmp_path / "a.jpg").read_bytes(), (tmp_path / "a.jpg").stat().st_mtime_ns
    make_thumbnail(tmp_path / "a.jpg", tmp_path / "cache")
    assert before == ((tmp_path / "a.jpg").read_bytes(), (tmp_path / "a.jpg").stat().st_mtime_ns)


def test_a_picture_decoded_smaller_gives_the_thumbnail_of_the_whole_one(tmp_path: Path) -> None:
    scene(2400, 1600).save(tmp_path / "a.jpg", quality=95)
    made = [
        Image.open(io.BytesIO(encode_thumbnail(open_photo(tmp_path / "a.jpg", long=long))))
        for long in (0, 512)
    ]
    assert made[0].size == made[1].size == (512, 341)
    apart = np.abs(np.asarray(made[0], np.int16) - np.asarray(made[1], np.int16))
    assert apart.mean() < 1.5


def test_a_line_of_70_million_pixels_has_a_thumbnail() -> None:
    line = Image.new("RGB", (70_000_000, 1), (85, 85, 85))
    with Image.open(io.BytesIO(encode_thumbnail(Picture(line, *line.size)))) as image:
        assert image.size == (512, 1)
        assert image.getextrema() == ((85, 85),) * 3
