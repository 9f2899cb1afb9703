"""A JPEG that lacks only its end is used; one whose pixels are cut short is not."""

import io
from pathlib import Path

import pytest
from PIL import Image

from phototagger.errors import UnreadablePhoto
from phototagger.imaging.decode import Picture, decode, open_photo
from phototagger.imaging.jpeg_ending import fillings
from tests.imaging.pictures import difference, scene
from tests.shared import shared_data

EOI = b"\xff\xd9"
KINDS = {
    "baseline": {"quality": 90},
    "without subsampling": {"quality": 95, "subsampling": 0},
    "optimised": {"optimize": True},
    "progressive": {"progressive": True},
    "restarts": {"restart_marker_rows": 1},
    "gray": {"mode": "L"},
    "cmyk": {"mode": "CMYK"},
}


def jpeg(size: tuple[int, int] = (120, 90), mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    scene(*size).convert(mode).save(out, "JPEG", **options)
    return out.getvalue()


def decoded(data: bytes, **options: int) -> Picture:
    return decode(io.BytesIO(data), "a.jpg", **options)


def refused(data: bytes, **options: int) -> str:
    with pytest.raises(UnreadablePhoto) as caught:
        decoded(data, **options)
    assert caught.value.reason.code in ("broken", "header")
    return str(caught.value.reason)


kinds = pytest.mark.parametrize("options", KINDS.values(), ids=KINDS.keys())


@kinds
@pytest.mark.parametrize(
    "trailer",
    [b"", b"\xff", b"SEFT trailer of a vendor", b"\0" * 5000, jpeg((16, 16)), b"\xff\xc0\0\3\1"],
    ids=["nothing", "half", "vendor", "zeros", "picture", "marker"],
)
def test_a_jpeg_without_its_end_gives_the_same_pixels(
    options: dict[str, object], trailer: bytes
) -> None:
    whole = jpeg(**options)
    found = decoded(whole.removesuffix(EOI) + trailer)
    assert difference(found.image, decoded(whole).image) == 0


@kinds
@pytest.mark.parametrize("cut", [1, 2, 3, 5, 8, 20, 100, 1000])
@pytest.mark.parametrize("scale", [{}, {"short": 10}], ids=["full", "reduced"])
def test_a_jpeg_without_its_last_pixels_is_refused(
    options: dict[str, object], cut: int, scale: dict[str, int]
) -> None:
    assert refused(jpeg(**options)[: -len(EOI) - cut], **scale)


@pytest.mark.parametrize("options", [one for one in KINDS.values() if "progressive" not in one])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.8])
@pytest.mark.parametrize("trailer", [EOI, b"\0" * 20_000], ids=["end", "zeros"])
def test_a_jpeg_that_is_cut_short_and_filled_up_is_refused(
    options: dict[str, object], share: float, trailer: bytes
) -> None:
    whole = jpeg((300, 200), **options)
    assert refused(whole[: int(len(whole) * share)] + trailer)


def test_a_progressive_jpeg_without_its_last_scans_and_end_is_refused() -> None:
    whole = jpeg(progressive=True)
    scans = [at for at in range(len(whole)) if whole.startswith(b"\xff\xda", at)]
    tables = [at for at in range(len(whole)) if whole.startswith(b"\xff\xc4", at)]
    for at in scans[1:]:
        before = max((table for table in tables if table < at), default=at)
        assert not list(fillings(whole[:before]))
        refused(whole[:before])
    assert difference(decoded(whole[:-2]).image, decoded(whole).image) == 0


def test_a_gray_picture_is_no_picture_that_is_cut_short() -> None:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (128, 128, 128)).save(out, "JPEG")
    assert decoded(out.getvalue()).image.getextrema() == ((128, 128),) * 3
    assert decoded(out.getvalue().removesuffix(EOI)).image.getextrema() == ((128, 128),) * 3


def test_zeros_after_the_end_do_no_harm() -> None:
    assert difference(decoded(jpeg() + bytes(9000)).image, decoded(jpeg()).image) == 0


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8\xff\xda\0\2", EOI])
def test_what_holds_no_picture_is_ended_in_no_way(data: bytes) -> None:
    assert list(fillings(data)) == []


@pytest.mark.parametrize(
    "options",
    [{}, {"progressive": True}, {"restart_marker_blocks": 1}, {"restart_marker_rows": 1}],
    ids=["baseline", "progressive", "restarts", "restarts by row"],
)
def test_no_cut_of_a_jpeg_is_taken_for_a_whole_picture(options: dict[str, object]) -> None:
    whole = jpeg((40, 30), **options)
    for at in range(whole.index(b"\xff\xda"), len(whole) - len(EOI)):
        refused(whole[:at])


def test_the_shared_jpeg_without_its_end_is_used_and_the_truncated_ones_are_not() -> None:
    data = shared_data()
    path = data / "interop" / "no-eoi.jpg"
    with Image.open(io.BytesIO(path.read_bytes() + EOI)) as image:
        assert difference(open_photo(path).image, image.convert("RGB")) == 0
    for truncated in sorted((data / "broken/made").glob("truncated_*.jpg")):
        refused(Path(truncated).read_bytes())
