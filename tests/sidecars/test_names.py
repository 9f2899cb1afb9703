"""Which sidecar belongs to which photo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from phototagger.sidecars.names import choose

if TYPE_CHECKING:
    from pathlib import Path


def _names(folder: Path, photos: list[str], style: str, *others: str) -> list[str]:
    for name in [*photos, *others]:
        (folder / name).touch()
    targets = choose([folder / name for name in photos], style)
    return [t.sidecar.name if t.refused is None else str(t.refused) for t in targets]


def test_append_keeps_the_whole_name(tmp_path: Path) -> None:
    names = _names(tmp_path, ["IMG_1.jpg", "IMG_1.png"], "append", "IMG_1.CR2")
    assert names == ["IMG_1.jpg.xmp", "IMG_1.png.xmp"]


def test_replace_replaces_the_extension(tmp_path: Path) -> None:
    assert _names(tmp_path, ["a.b.jpg"], "replace") == ["a.b.xmp"]


@pytest.mark.parametrize("sibling", ["IMG_1.png", "img_1.JPG", "IMG_1.CR2", "Img_1.nef"])
def test_photos_that_share_a_stem_use_append_and_say_so(tmp_path: Path, sibling: str) -> None:
    (tmp_path / sibling).touch()
    photo = tmp_path / "IMG_1.jpg"
    photo.touch()
    (target,) = choose([photo], "replace")
    assert target.sidecar.name == "IMG_1.jpg.xmp"
    assert target.note == "its stem is another file's too, so it is IMG_1.jpg.xmp"


def test_a_note_or_an_old_sidecar_with_the_same_stem_is_no_sibling(tmp_path: Path) -> None:
    assert _names(tmp_path, ["IMG.jpg"], "replace", "IMG.txt", "IMG.xmp") == ["IMG.xmp"]


@pytest.mark.parametrize("on_disk", ["IMG.JPG.XMP", "IMG.JPG.Xmp", "img.jpg.xmp"])
def test_a_sidecar_is_found_in_any_case(tmp_path: Path, on_disk: str) -> None:
    assert _names(tmp_path, ["IMG.JPG"], "append", on_disk) == [on_disk]


def test_of_sidecars_in_other_cases_the_one_with_the_photos_own_name_counts(tmp_path: Path) -> None:
    names = _names(tmp_path, ["a.jpg"], "append", "A.JPG.xmp", "a.jpg.XMP")
    assert names == ["a.jpg.XMP"]


def test_photos_that_differ_only_by_case_keep_their_own_sidecars(tmp_path: Path) -> None:
    names = _names(tmp_path, ["a.jpg", "A.JPG"], "append", "A.JPG.XMP")
    assert names == ["a.jpg.xmp", "A.JPG.XMP"]


def test_no_two_photos_get_one_sidecar(tmp_path: Path) -> None:
    # the first uses append because of its raw sibling, which is what replace makes of the second
    names = _names(tmp_path, ["IMG.jpg", "IMG.jpg.png"], "replace", "IMG.nef")
    assert names == ["IMG.jpg.xmp", "IMG.jpg.png.xmp"]


@pytest.mark.parametrize("style", ["append", "replace"])
@pytest.mark.parametrize(
    "names",
    [
        ["IMG.tif", "IMG.tif.jpg", "IMG.nef"],
        ["a.jpg", "a.jpg.CR2"],
        ["a.JPG", "A.jpg.png", "a.png"],
        ["x" * 243 + ".jpg", "x" * 243 + ".jpg.jpeg"],
    ],
)
def test_a_photo_has_one_sidecar_whichever_others_are_approved(
    tmp_path: Path, names: list[str], style: str
) -> None:
    together = _names(tmp_path, names, style)
    assert [_names(tmp_path, [name], style) for name in names] == [[one] for one in together]


def test_a_name_too_long_for_append_does_not_take_the_sidecar_of_another_photo(
    tmp_path: Path,
) -> None:
    short = "x" * 243 + ".jpg"
    names = _names(tmp_path, [f"{short}.jpeg", short], "append")
    assert names == ["its name is too long for a sidecar's (255 bytes at most)", f"{short}.xmp"]


def test_a_name_too_long_for_append_uses_replace_where_that_is_free(tmp_path: Path) -> None:
    long = "é" * 125 + ".jpg"
    assert _names(tmp_path, [long], "append") == ["é" * 125 + ".xmp"]


def test_a_name_too_long_for_append_is_refused_where_replace_is_not_free(tmp_path: Path) -> None:
    long = "x" * 250
    names = _names(tmp_path, [f"{long}.jpg", f"{long}.png"], "append")
    assert names == ["its name is too long for a sidecar's (255 bytes at most)"] * 2


def test_a_folder_that_is_gone_is_a_refusal(tmp_path: Path) -> None:
    (target,) = choose([tmp_path / "gone" / "a.jpg"])
    assert "folder cannot be read" in str(target.refused)


# Raws


@pytest.mark.parametrize("style", ["append", "replace"])
def test_a_raw_has_the_sidecar_that_lightroom_reads(tmp_path: Path, style: str) -> None:
    assert _names(tmp_path, ["IMG.CR3"], style, "IMG.jpg", "IMG.mov") == ["IMG.xmp"]


def test_a_raw_s_only_sidecar_is_kept(tmp_path: Path) -> None:
    assert _names(tmp_path, ["IMG.CR3"], "append", "img.cr3.XMP") == ["img.cr3.XMP"]
    assert _names(tmp_path, ["IMG.CR3"], "append", "IMG.xmp") == ["IMG.xmp"]


def test_raws_with_one_stem_use_append(tmp_path: Path) -> None:
    names = _names(tmp_path, ["a.CR2", "a.dng"], "replace")
    assert names == ["a.CR2.xmp", "a.dng.xmp"]


def test_a_raw_and_a_photo_whose_whole_name_is_its_stem_have_two_sidecars(tmp_path: Path) -> None:
    names = _names(tmp_path, ["a.jpg", "a.jpg.CR2"], "append")
    assert names == ["a.jpg.xmp", "a.jpg.CR2.xmp"]
