"""Which other kind of file it is that has the name of a JPEG or PNG, by its first bytes."""

import re

HEAD_BYTES = 1024
"""How much of a file's beginning is looked at."""

# First bytes of a whole kind, from each format's specification.
_MAGIC = (
    (b"GIF8", "a GIF image"),
    (b"BM", "a BMP image"),
    (b"\0\0\1\0", "a Windows icon (ICO)"),
    (b"II*\0", "a TIFF or raw image"),
    (b"MM\0*", "a TIFF or raw image"),
    (b"II+\0", "a TIFF or raw image"),
    (b"MM\0+", "a TIFF or raw image"),
    (b"IIRO", "a raw image (ORF)"),
    (b"IIRS", "a raw image (ORF)"),
    (b"IIU\0", "a raw image (RW2)"),
    (b"FUJIFILMCCD-RAW", "a raw image (RAF)"),
    (b"FOVb", "a raw image (X3F)"),
    (b"8BPS", "a Photoshop document (PSD)"),
    (b"gimp xcf", "a GIMP image (XCF)"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 image"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 image"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL image"),
    (b"\xff\x0a", "a JPEG XL image"),
    (b"II\xbc\1", "a JPEG XR image"),
    (b"\x8aMNG\r\n\x1a\n", "an MNG animation"),
    (b"v/1\1", "an OpenEXR image"),
    (b"#?RADIANCE", "a Radiance HDR image"),
    (b"qoif", "a QOI image"),
    (b"DDS ", "a DDS texture"),
    (b"%PDF", "a PDF document"),
    (b"%!PS", "a PostScript document"),
    (b"PK\3\4", "a ZIP archive"),
    (b"Rar!\x1a\7", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM video"),
    (b"\0\0\1\xba", "an MPEG video"),
    (b"ID3", "an MP3 recording"),
    (b"\0\5\x16\7", "an AppleDouble file, which holds only what macOS knows of another"),
    (b"SQLite format 3\0", "an SQLite database"),
)
_RIFF = {b"WEBP": "a WEBP image", b"AVI ": "an AVI video", b"WAVE": "a WAV recording"}
# Brands of ISO 14496-12 files; what has another one is taken for a video.
_BRANDS = {
    b"avif": "an AVIF image",
    b"avis": "an AVIF image",
    b"crx ": "a raw image (CR3)",
    b"qt  ": "a QuickTime video",
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"),
                    "a HEIC image"),
}  # fmt: skip
_TEXTS = (
    (re.compile(rb"<svg[\s>]", re.I), "an SVG drawing"),
    (re.compile(rb"<!doctype html|<html[\s>]|<head[\s>]", re.I), "a web page (HTML)"),
    (re.compile(rb"<x:xmpmeta|<rdf:RDF"), "an XMP sidecar"),
    (re.compile(rb"^\s*<\?xml"), "an XML document"),
)
_NETPBM = re.compile(rb"P[1-7]\s")
_PCX = re.compile(rb"\x0a[\x00\x02-\x05]\x01[\x01\x02\x04\x08]", re.S)
# A TGA begins without a name: length of an ID, colour map, type, the map's 5 bytes, origin and
# size, then bits a pixel and flags.
_TGA = re.compile(
    rb".(?:\x00[\x02\x03\x0a\x0b]\x00{5}|\x01[\x01\x09]...[\x00\x01][\x0f\x10\x18\x20])"
    rb".{4}(?!\x00\x00)..(?!\x00\x00)..[\x08\x0f\x10\x18\x20][\x00-\x3f]",
    re.S,
)
_HEADERS = ((_NETPBM, "a Netpbm image"), (_PCX, "a PCX image"), (_TGA, "a TGA image"))


def kind_of(head: bytes) -> str | None:
    """Return the kind of a file by its first ``HEAD_BYTES``; None where it is none of those."""
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "an MP4 video")
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    for pattern, kind in _TEXTS:
        if b"\0" not in head and pattern.search(head):
            return kind
    for pattern, kind in _HEADERS:
        if pattern.match(head):
            return kind
    return None
