"""Killed at every step: sidecars are whole, and the next write knows whose each keyword is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from phototagger.sidecars.apply import Exiftools, undo, write_sidecars
from tests.kill_points import killed_at
from tests.ledgers import FileLedger
from tests.sidecar_files import (
    identity,
    keywords,
    leftovers,
    make_photo,
    needs_exiftool,
    sidecar_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = needs_exiftool


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exiftools]:
    """Both exiftools, running: no step lies within an answer, so killed children may share them."""
    folder = tmp_path_factory.mktemp("tools")
    with Exiftools() as tools:
        _write(folder, {make_photo(folder / "a.jpg", sidecar_text(["x"]).encode()): ["a"]}, tools)
        yield tools


def _write(folder: Path, approved: dict[Path, list[str]], tools: Exiftools | None = None) -> None:
    results = write_sidecars(approved, FileLedger(folder / "ledger"), tools=tools)
    assert [result.reason for result in results if result.outcome == "refused"] == []


def _sweep(prepare: Callable[[Path], Callable[[], object]], folder: Path) -> Iterator[Path]:
    """Yield a fresh folder for each step, killed there; stop after the last step."""
    for step in range(200):
        place = folder / str(step)
        place.mkdir()
        work = prepare(place)
        if not killed_at(step, work):
            assert step > 12
            return
        yield place
    raise AssertionError("the work has no end")


def _house(folder: Path) -> tuple[Path, Path]:
    """Make a photo without a sidecar and one with a foreign one."""
    new, old = make_photo(folder / "new.jpg"), make_photo(folder / "old.jpg")
    old.with_name("old.jpg.xmp").write_text(sidecar_text(["family"]))
    return new, old


def test_killed_while_writing(tmp_path: Path, tools: Exiftools) -> None:
    originals = {}

    def prepare(folder: Path) -> Callable[[], object]:
        new, old = _house(folder)
        originals[folder] = [identity(new), identity(old)]
        return lambda: _write(folder, {new: ["a", "b"], old: ["a", "b"]}, tools)

    for folder in _sweep(prepare, tmp_path):
        new, old = folder / "new.jpg", folder / "old.jpg"
        assert [identity(new), identity(old)] == originals[folder]
        assert keywords(folder / "new.jpg.xmp") in ([], ["a", "b"])
        assert keywords(folder / "old.jpg.xmp") in (["family"], ["family", "a", "b"])
        _write(folder, {new: ["b"], old: ["b"]}, tools)
        assert leftovers(folder) == []
        assert keywords(folder / "new.jpg.xmp") == ["b"]
        assert keywords(folder / "old.jpg.xmp") == ["family", "b"]
        _write(folder, {new: [], old: []}, tools)
        assert keywords(folder / "old.jpg.xmp") == ["family"]
        assert keywords(folder / "old.jpg.xmp", "lr:hierarchicalSubject") == []


def test_killed_while_writing_and_edited_by_another_program_before_the_next_write(
    tmp_path: Path, tools: Exiftools
) -> None:
    def prepare(folder: Path) -> Callable[[], object]:
        _, old = _house(folder)
        return lambda: _write(folder, {old: ["a"]}, tools)

    for folder in _sweep(prepare, tmp_path):
        sidecar, old = folder / "old.jpg.xmp", folder / "old.jpg"
        sidecar.write_text(sidecar.read_text().replace("family", "friends"))
        there = keywords(sidecar)
        assert there in (["friends"], ["friends", "a"])
        _write(folder, {old: []}, tools)
        assert keywords(sidecar) == ["friends"]
        assert leftovers(folder) == []


def test_killed_while_taking_back(tmp_path: Path, tools: Exiftools) -> None:
    def prepare(folder: Path) -> Callable[[], object]:
        new, old = _house(folder)
        _write(folder, {new: ["a"], old: ["a"]}, tools)
        return lambda: list(undo(FileLedger(folder / "ledger")))

    for folder in _sweep(prepare, tmp_path):
        new, old = folder / "new.jpg", folder / "old.jpg"
        assert keywords(folder / "new.jpg.xmp") in ([], ["a"])
        assert keywords(folder / "old.jpg.xmp") in (["family"], ["family", "a"])
        ledger = FileLedger(folder / "ledger")
        assert {result.outcome for result in undo(ledger)} <= {"written"}
        assert not (folder / "new.jpg.xmp").exists()
        assert (folder / "old.jpg.xmp").read_text() == sidecar_text(["family"])
        assert leftovers(folder) == []
        assert ledger.kept == ledger.open == ledger.bytes_before == {}
        _write(folder, {new: ["b"], old: ["b"]}, tools)
        assert keywords(folder / "old.jpg.xmp") == ["family", "b"]


def test_the_private_folders_of_killed_processes_go_at_the_next_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "tmp").mkdir()
    new, _ = _house(tmp_path)
    assert killed_at(10, lambda: _write(tmp_path, {new: ["a"]}))
    assert len(list((tmp_path / "tmp").iterdir())) == 1
    _write(tmp_path, {new: ["a"]})
    assert list((tmp_path / "tmp").iterdir()) == []
