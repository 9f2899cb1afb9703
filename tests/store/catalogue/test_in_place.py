"""Nothing is written to a catalogue that was deleted, moved or replaced under its user."""

import os
import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from phototagger.errors import ExitCode, MissingError, PhototaggerError
from phototagger.store import Edit, decide, decisions
from phototagger.store.catalogue.database import CATALOGUE_NAME, Catalogue
from phototagger.store.lock import RunDirLock
from phototagger.store.vectors.by_content import Vectors

ONE, TWO, THREE = (bytes(19) + bytes([number]) for number in range(3))


def deleted(run_dir: Path) -> None:
    shutil.rmtree(run_dir)


def moved(run_dir: Path) -> None:
    run_dir.rename(run_dir.with_name("moved"))


def moved_away_with_its_folder(run_dir: Path) -> None:
    run_dir.parent.rename(run_dir.parent.with_name("elsewhere"))


def replaced(run_dir: Path) -> None:
    moved(run_dir)
    shutil.copytree(run_dir.with_name("moved"), run_dir)


def emptied(run_dir: Path) -> None:
    moved(run_dir)
    run_dir.mkdir()


def turned_into_a_file(run_dir: Path) -> None:
    moved(run_dir)
    run_dir.write_text("a file")


def catalogue_unlinked(run_dir: Path) -> None:
    (run_dir / CATALOGUE_NAME).unlink()


def catalogue_restored(run_dir: Path) -> None:
    shutil.copy2(run_dir / CATALOGUE_NAME, run_dir / "copy")
    (run_dir / "copy").replace(run_dir / CATALOGUE_NAME)


def lock_unlinked(run_dir: Path) -> None:
    (run_dir / "lock").unlink()


GONE = (deleted, moved, moved_away_with_its_folder, emptied, turned_into_a_file, catalogue_unlinked)
OTHER = (replaced, catalogue_restored)
UNLINKED = (deleted, catalogue_unlinked, catalogue_restored)


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    run_dir = tmp_path / "library" / "runs"
    run_dir.mkdir(parents=True)
    return run_dir


def approve(catalogue: Catalogue, sha1: bytes) -> int | None:
    return decide(catalogue, [Edit(sha1, "cat", approved=True)], root="/photos")


@pytest.mark.parametrize("happens", [*GONE, *OTHER])
def test_a_decision_is_refused_and_the_place_named(
    run_dir: Path, happens: Callable[[Path], None]
) -> None:
    with closing(Catalogue(run_dir)) as catalogue:
        approve(catalogue, ONE)
        happens(run_dir)
        with pytest.raises(MissingError) as caught:
            approve(catalogue, TWO)
        assert [one.sha1 for one in decisions(catalogue)] == [ONE]
    error = caught.value
    assert error.exit_code is ExitCode.MISSING
    assert error.cause.startswith(str(run_dir))
    said = "replaced by another one" if happens in OTHER else "deleted, moved or unmounted"
    assert error.cause.endswith(f"was {said} while it was in use")
    if happens in UNLINKED:
        (saved,) = run_dir.parent.glob("runs.saved-*")
        assert error.cure.startswith(f"what was decided is saved in {saved}: rename that, or ")
    else:
        first = "the first one back, or begin anew with this one"
        back = first if happens in OTHER else "it back, then try again"
        assert error.cure == f"bring {back}: until then nothing is recorded"


@pytest.mark.parametrize("happens", UNLINKED)
def test_all_that_was_decided_before_it_was_deleted_is_saved_once(
    run_dir: Path, happens: Callable[[Path], None]
) -> None:
    with closing(Catalogue(run_dir)) as catalogue:
        approve(catalogue, ONE)
        approve(catalogue, TWO)
        happens(run_dir)
        for _ in range(3):
            with pytest.raises(MissingError, match="is saved in"):
                approve(catalogue, THREE)
    (saved,) = run_dir.parent.glob("runs.saved-*")
    assert saved.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(run_dir, ignore_errors=True)
    saved.rename(run_dir)
    with closing(Catalogue(run_dir)) as again:
        assert {one.sha1 for one in decisions(again)} == {ONE, TWO}


def test_a_catalogue_that_holds_nothing_of_a_persons_is_not_saved(run_dir: Path) -> None:
    with closing(Catalogue(run_dir)) as catalogue:
        deleted(run_dir)
        with pytest.raises(MissingError, match="bring it back"):
            approve(catalogue, ONE)
    assert list(run_dir.parent.iterdir()) == []


def test_where_nothing_can_be_saved_the_decision_is_refused_all_the_same(run_dir: Path) -> None:
    with closing(Catalogue(run_dir)) as catalogue:
        approve(catalogue, ONE)
        shutil.rmtree(run_dir.parent)
        with pytest.raises(MissingError, match="bring it back"):
            approve(catalogue, TWO)


def test_what_comes_back_is_written_to_again(run_dir: Path) -> None:
    with closing(Catalogue(run_dir)) as catalogue:
        approve(catalogue, ONE)
        moved(run_dir)
        with pytest.raises(MissingError):
            approve(catalogue, TWO)
        run_dir.with_name("moved").rename(run_dir)
        approve(catalogue, TWO)
    with closing(Catalogue(run_dir, writable=False)) as again:
        assert {one.sha1 for one in decisions(again)} == {ONE, TWO}


@pytest.mark.parametrize("network", [True, False])
def test_it_is_noticed_at_the_end_of_a_transaction_whatever_the_journal(
    run_dir: Path, network: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("phototagger.store.catalogue.database.is_network", lambda _: network)

    def half_way(catalogue: Catalogue) -> None:
        with catalogue.transaction():
            approve(catalogue, ONE)
            deleted(run_dir)
            approve(catalogue, TWO)

    with closing(Catalogue(run_dir)) as catalogue:
        with pytest.raises(MissingError, match="deleted, moved or unmounted"):
            half_way(catalogue)
        assert list(decisions(catalogue)) == []


@pytest.mark.parametrize("happens", [*GONE, *OTHER])
def test_another_thread_neither_opens_nor_makes_another_catalogue(
    run_dir: Path, happens: Callable[[Path], None]
) -> None:
    found: list[BaseException] = []

    def other(catalogue: Catalogue) -> None:
        try:
            list(decisions(catalogue))
        except (PhototaggerError, sqlite3.Error) as error:
            found.append(error)

    with closing(Catalogue(run_dir)) as catalogue:
        approve(catalogue, ONE)
        happens(run_dir)
        before = sorted(run_dir.parent.parent.rglob("*"))
        thread = threading.Thread(target=other, args=(catalogue,))
        thread.start()
        thread.join()
        assert [type(one) for one in found] == [MissingError]
        assert sorted(run_dir.parent.parent.rglob("*")) == before


def test_a_lock_that_was_removed_no_longer_gives_the_right_to_write(run_dir: Path) -> None:
    with (
        closing(RunDirLock(run_dir)) as lock,
        closing(Catalogue(run_dir, lock=lock)) as catalogue,
    ):
        approve(catalogue, ONE)
        lock_unlinked(run_dir)
        with closing(RunDirLock(run_dir)), pytest.raises(MissingError, match=f"{run_dir}/lock"):
            approve(catalogue, TWO)


def test_closing_leaves_the_journal_of_what_took_its_place(run_dir: Path) -> None:
    with closing(Catalogue(run_dir)) as catalogue:
        approve(catalogue, ONE)
        replaced(run_dir)
        with closing(Catalogue(run_dir)) as newer:
            approve(newer, TWO)
            journal = run_dir / f"{CATALOGUE_NAME}-wal"
            before = journal.stat()
            catalogue.close()
            assert os.path.samestat(journal.stat(), before)
        with closing(Catalogue(run_dir, writable=False)) as again:
            assert {one.sha1 for one in decisions(again)} == {ONE, TWO}


@pytest.mark.parametrize("happens", [*GONE, *OTHER])
def test_vectors_are_not_written_into_what_took_the_place(
    run_dir: Path, happens: Callable[[Path], None]
) -> None:
    with closing(Catalogue(run_dir)) as catalogue:
        vectors = Vectors(run_dir / "vectors", check=catalogue.in_place.check)
        vectors.append([ONE], np.ones((1, 4), np.float32))
        happens(run_dir)
        before = sorted(run_dir.parent.parent.rglob("*"))
        with pytest.raises(MissingError, match="while it was in use"):
            vectors.flush()
        with pytest.raises(MissingError, match="while it was in use"):
            Vectors(run_dir / "vectors", check=catalogue.in_place.check)
        assert sorted(run_dir.parent.parent.rglob("*")) == before
