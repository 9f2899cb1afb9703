"""A PNG whose pixels are whole is used, whatever is wrong with the chunks beside them."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from phototagger.errors import UnreadablePhoto
from phototagger.imaging.decode import Picture, decode, open_photo
from phototagger.imaging.png_chunks import has_all_rows, without_damage
from tests.imaging.pictures import difference, png_header, scene
from tests.shared import shared_data

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def chunk(kind: bytes, body: bytes, checksum: int | None = None) -> bytes:
    right = zlib.crc32(body, zlib.crc32(kind))
    return struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", checksum or right)


def saved(size: tuple[int, int] = (60, 40), **options: object) -> bytes:
    out = io.BytesIO()
    scene(*size).save(out, "PNG", **options)
    return out.getvalue()


def decoded(data: bytes, **options: int) -> Picture:
    return decode(io.BytesIO(data), "a.png", **options)


def refused(data: bytes) -> str:
    with pytest.raises(UnreadablePhoto) as caught:
        decoded(data)
    assert caught.value.reason.is_damage
    return str(caught.value.reason)


def zipped(name: bytes, text: bytes) -> bytes:
    return name + b"\0\0" + zlib.compress(text)


DAMAGE = {
    "text that unpacks to 1.2 MB": chunk(b"zTXt", zipped(b"a", bytes(1_200_000))),
    "international text of 2 MB": chunk(
        b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(b" " * 2_000_000)
    ),
    "text that does not unpack": chunk(b"zTXt", b"a\0\0not zlib at all"),
    "text of another method": chunk(b"zTXt", b"a\0\7rest"),
    "text with a wrong checksum": chunk(b"tEXt", b"a\0b", 1),
    "100 texts of 900 kB": chunk(b"zTXt", zipped(b"a", bytes(900_000))) * 100,
    "gAMA with a wrong checksum": chunk(b"gAMA", struct.pack(">I", 45455), 1),
    "gAMA without a body": chunk(b"gAMA", b""),
    "pHYs cut short": chunk(b"pHYs", b"\0\0\1"),
    "cHRM cut short": chunk(b"cHRM", b"\0\0\1"),
    "a profile with a wrong checksum": chunk(b"iCCP", zipped(b"icc", PROFILE), 1),
    "a profile of 50 MB": chunk(b"iCCP", zipped(b"icc", bytes(50_000_000))),
    "a profile of another method": chunk(b"iCCP", b"icc\0\7" + zlib.compress(PROFILE)),
    "a profile that is empty": chunk(b"iCCP", b""),
    "a transparency cut short": chunk(b"tRNS", b"\0"),
    "a transparency with a wrong checksum": chunk(b"tRNS", b"\0\1\0\2\0\3", 1),
    "an animation without frames": chunk(b"acTL", b"\0"),
    "a frame cut short": chunk(b"acTL", b"\0\0\0\2\0\0\0\0") + chunk(b"fcTL", b"\0\0"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
@pytest.mark.parametrize("place", ["before", "after"])
def test_what_is_damaged_beside_the_pixels_is_left_out(damage: bytes, place: str) -> None:
    data = saved()
    at = data.index(b"IDAT" if place == "before" else b"IEND") - 4
    found = decoded(data[:at] + damage + data[at:])
    assert difference(found.image, decoded(data).image) == 0
    assert (found.width, found.height) == (60, 40)


def test_what_is_sound_beside_damage_is_kept() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(icc_profile=PROFILE, exif=exif.tobytes(), transparency=(1, 2, 3))
    at = data.index(b"IDAT") - 4
    found = decoded(data[:at] + DAMAGE["pHYs cut short"] + data[at:])
    whole = decoded(data)
    assert (found.width, found.height) == (whole.width, whole.height) == (40, 60)
    assert found.icc_profile == whole.icc_profile == PROFILE
    assert difference(found.image, whole.image) == 0


@pytest.mark.parametrize("kind", [b"IHDR", b"PLTE"])
def test_a_chunk_that_the_pixels_need_has_to_be_right(kind: bytes) -> None:
    out = io.BytesIO()
    scene(60, 40).quantize(16).save(out, "PNG")
    data = bytearray(out.getvalue())
    at = data.index(kind)
    size = int.from_bytes(data[at - 4 : at], "big")
    data[at + 4 + size] ^= 0xFF  # its checksum
    assert refused(bytes(data))


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_a_png_that_is_cut_short_is_refused_with_damage_beside_the_pixels_too(share: float) -> None:
    data = saved()
    at = data.index(b"IDAT") - 4
    damaged = data[:at] + DAMAGE["pHYs cut short"] + data[at : int(len(data) * share)]
    assert refused(damaged)
    assert refused(damaged + chunk(b"IEND", b""))


def rows_of(size: tuple[int, int], rows: int, *, interlaced: bool = False) -> bytes:
    wide, high = size
    header = bytearray(png_header(wide, high, 8, 0)[1])
    header[12] = interlaced
    data = b"".join(b"\0" + bytes([200]) * wide for _ in range(rows))
    parts = (chunk(b"IHDR", bytes(header)), chunk(b"IDAT", zlib.compress(data)))
    return SIGNATURE + b"".join(parts) + chunk(b"IEND", b"")


def test_a_png_with_too_few_rows_in_a_stream_that_ends_well_is_refused() -> None:
    assert decoded(rows_of((50, 30), 30)).image.getextrema() == ((200, 200),) * 3
    assert refused(rows_of((50, 30), 29)).endswith("its last rows are missing")
    assert refused(rows_of((50, 30), 3))


def test_a_png_whose_last_rows_are_black_is_whole() -> None:
    out = io.BytesIO()
    Image.new("RGB", (3000, 700)).save(out, "PNG")
    assert decoded(out.getvalue()).image.getextrema() == ((0, 0),) * 3
    assert has_all_rows(out)


def test_an_interlaced_png_lacks_no_pass() -> None:
    # Adam7 of 8 x 8 pixels: 15 rows of 1, 1, 2, 2, 4, 4 and 8 columns.
    passes = ((1, 1), (1, 1), (2, 1), (2, 2), (4, 2), (4, 4), (8, 4))
    rows = [b"\0" + bytes([9]) * columns for columns, count in passes for _ in range(count)]
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 1))

    def data(count: int) -> bytes:
        return SIGNATURE + header + chunk(b"IDAT", zlib.compress(b"".join(rows[:count])))

    assert decoded(data(15)).image.getextrema() == ((9, 9),) * 3
    for count in range(15):
        assert refused(data(count))


def test_a_png_is_read_part_by_part_without_what_is_damaged() -> None:
    data = saved((400, 300))
    at = data.index(b"IDAT") - 4
    mended = without_damage(io.BytesIO(data[:at] + DAMAGE["pHYs cut short"] + data[at:]))
    assert mended.read(100) == data[:100]
    assert mended.seek(-50, io.SEEK_END) == len(data) - 12 - 50
    assert mended.read() == data[-62:-12]  # the end chunk is left out
    mended.seek(8)
    assert mended.read(25) == data[8:33]


def test_the_shared_png_files_with_damage_beside_the_pixels_are_used() -> None:
    data = shared_data()
    for name in ("01-itxt-zip-1.2MB.png", "05-gama-bad-crc.png", "13-phys-short.png"):
        path = data / "interop" / name
        kept = without_damage(io.BytesIO(path.read_bytes())).read()
        with Image.open(io.BytesIO(kept)) as image:
            assert difference(open_photo(path).image, image.convert("RGB")) == 0
    refused(Path(data / "broken/made/png_truncated.png").read_bytes())
