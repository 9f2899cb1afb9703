"""Sidecars and photos of real programs, where they are here."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import exiv2

from phototagger.sidecars.apply import Exiftools, undo, write_sidecars
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
)

pytestmark = needs_exiftool


def _foreign(data: bytes) -> dict[str, str]:
    """Return every property of others that is not empty, as python-exiv2 reads it."""
    return {key: value for key, value in by_exiv2(data).items() if key not in OURS and value}


def _well_formed(data: bytes) -> bool:
    try:
        ET.fromstring(data)
    except ET.ParseError:
        return False
    return True


def test_every_foreign_sidecar_is_written_whole_or_refused_with_its_bytes(tmp_path: Path) -> None:
    first = {}
    for number, source in enumerate(sorted((shared_data() / "sidecars").rglob("*.xmp"))):
        photo = make_photo(tmp_path / f"{number}.jpg")
        shutil.copy(source, tmp_path / f"{photo.name}.xmp")
        first[photo] = source.read_bytes()
    ledger = MemoryLedger()
    refused = set()
    with Exiftools() as tools:
        for labels in (["alpha", "beta two", "ü$@"], ["alpha", "beta two", "delta"], []):
            results = write_sidecars(dict.fromkeys(first, labels), ledger, tools=tools)
            for result in results:
                data = result.sidecar.read_bytes()
                before = first[result.photo]
                if result.outcome == "refused":
                    refused.add(result.photo)
                    assert result.reason
                    assert data == before
                elif result.photo not in refused:
                    assert result.outcome == "written"
                    assert _foreign(data) == _foreign(before)
                    assert [k for k in keywords(result.sidecar) if k in labels] == labels
    for photo, before in first.items():
        if photo not in refused:
            after = by_exiv2(photo.with_name(f"{photo.name}.xmp").read_bytes())
            was = by_exiv2(before)
            assert {k: after.get(k) for k in OURS} == {k: was.get(k) for k in OURS}
    readable = {p for p, data in first.items() if _well_formed(data) and by_exiv2(data)}
    assert len(readable & refused) <= 2
    assert len(first) - len(refused) >= 18


def test_undo_gives_every_foreign_sidecar_its_bytes_back(tmp_path: Path) -> None:
    first = {}
    for number, source in enumerate(sorted((shared_data() / "sidecars").rglob("*.xmp"))):
        photo = make_photo(tmp_path / f"{number}.jpg")
        shutil.copy(source, tmp_path / f"{photo.name}.xmp")
        first[photo] = source.read_bytes()
    ledger = MemoryLedger()
    write_sidecars({key: ["alpha"] for key in first}, ledger)
    assert {result.outcome for result in undo(ledger)} == {"written"}
    for photo, data in first.items():
        assert photo.with_name(f"{photo.name}.xmp").read_bytes() == data


def _embedded(photo: Path) -> set[str]:
    """Return the keywords that python-exiv2 reads in a photo; IPTC is Latin-1 unless it says."""
    image = exiv2.ImageFactory.open(str(photo))
    image.readMetadata()
    found = {t for d in image.xmpData() if d.key() == "Xmp.dc.subject" for t in d.value()}
    iptc = [str(d.value()) for d in image.iptcData() if d.key() == "Iptc.Application2.Keywords"]
    return found | set(iptc)


def test_originals_stay_and_new_sidecars_hold_what_is_embedded_and_approved(
    tmp_path: Path,
) -> None:
    source = shared_data() / "exif"
    photos = []
    for path in sorted(p for p in source.rglob("*") if p.suffix.lower() in {".jpg", ".png"}):
        copy = tmp_path / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        photos.append(Path(shutil.copy2(path, copy)))
    labels = ["approved label", "zweites Schlüsselwort"]
    before = {photo: identity(photo) for photo in photos}
    results = write_sidecars(dict.fromkeys(photos, labels), MemoryLedger())
    assert {photo: identity(photo) for photo in photos} == before
    assert [result.reason for result in results if result.outcome != "written"] == []
    for result in results:
        expected = _embedded(result.photo) | set(labels)
        assert set(keywords(result.sidecar)) == expected
        assert set(exiv2_keywords(result.sidecar)) == expected
        assert len(keywords(result.sidecar)) == len(expected)
    sidecars = [str(result.sidecar) for result in results]
    said = subprocess.run(
        ["exiftool", "-validate", "-warning", "-error", "-XMP-dc:Subject", "-a", *sidecars],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Error" not in said.stdout + said.stderr
    assert said.stdout.count("Subject  ") == len(results)


def test_the_shared_files_are_as_their_manifest_says_afterwards() -> None:
    """The corpus tests work on copies only."""
    data = shared_data()
    for line in (data / "MANIFEST.tsv").read_text().splitlines()[1:]:
        fields = line.split("\t")
        if fields[0] == "sidecars":
            assert hashlib.sha1((data / fields[1]).read_bytes()).hexdigest() == fields[13]
