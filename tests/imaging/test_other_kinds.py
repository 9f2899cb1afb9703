"""What has the name of a JPEG or PNG and is another kind of file is named."""

import io

import pytest
from PIL import Image, features

from phototagger.imaging.other_kinds import kind_of
from tests.imaging.pictures import corners, scene

SAVED = {
    "GIF": "a GIF image", "BMP": "a BMP image", "TIFF": "a TIFF or raw image",
    "WEBP": "a WEBP image", "AVIF": "an AVIF image", "JPEG2000": "a JPEG 2000 image",
    "ICO": "a Windows icon (ICO)", "PCX": "a PCX image", "TGA": "a TGA image",
    "PPM": "a Netpbm image", "DDS": "a DDS texture", "PDF": "a PDF document",
    "EPS": "a PostScript document", "QOI": "a QOI image",
}  # fmt: skip


@pytest.mark.parametrize(("form", "kind"), SAVED.items())
def test_what_pillow_saves_in_another_form_is_named(form: str, kind: str) -> None:
    if form == "AVIF" and not features.check("avif"):
        form, head = "", b"\0\0\0\x1cftypavif\0\0\0\0"
    else:
        out = io.BytesIO()
        corners().save(out, form)
        head = out.getvalue()[:1024]
    assert kind_of(head) == kind


@pytest.mark.parametrize("mode", ["L", "P", "RGB", "RGBA"])
@pytest.mark.parametrize("packed", [None, "tga_rle"])
def test_a_tga_of_any_mode_is_named(mode: str, packed: str | None) -> None:
    out = io.BytesIO()
    scene(300, 200).convert(mode).save(out, "TGA", compression=packed)
    assert kind_of(out.getvalue()[:1024]) == "a TGA image"


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"8BPS\0\1" + bytes(20), "a Photoshop document (PSD)"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL image"),
        (b"\xff\x0a\xfa\x1f", "a JPEG XL image"),
        (b"\xff\x4f\xff\x51\0\x2f", "a JPEG 2000 image"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "a HEIC image"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1", "a raw image (CR3)"),
        (b"\0\0\0\x20ftypisom\0\0\2\0", "an MP4 video"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0", "a QuickTime video"),
        (b"RIFF\0\0\0\0AVI LIST", "an AVI video"),
        (b"FUJIFILMCCD-RAW 0201", "a raw image (RAF)"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg">', "an SVG drawing"),
        (b"<?xml version='1.0'?><x:xmpmeta xmlns:x='adobe:ns:meta/'>", "an XMP sidecar"),
        (b"\n<!DOCTYPE html>\n<title>404 Not Found</title>", "a web page (HTML)"),
        (b"<?xml version='1.0'?><a/>", "an XML document"),
        (b"PK\3\4\x14\0", "a ZIP archive"),
    ],
)
def test_a_kind_that_pillow_does_not_save_is_named(head: bytes, kind: str) -> None:
    assert kind_of(head) == kind


@pytest.mark.parametrize(
    "head", [b"", b"x", b"plain text, no photo", bytes(1024), b"\xff" * 1024, bytes(range(256))]
)
def test_what_is_none_of_them_has_no_kind(head: bytes) -> None:
    assert kind_of(head) is None


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_photo_is_no_other_kind(form: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (30, 20)).save(out, form)
    assert kind_of(out.getvalue()[:1024]) is None
