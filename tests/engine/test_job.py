"""A job: the lock it holds, the run folder it continues, what it leaves when it cannot begin."""

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from phototagger.engine.job import Job
from phototagger.errors import (
    LabelsError,
    LockedError,
    MissingError,
    NewerCatalogueError,
    PhototaggerError,
    UsageError,
)
from phototagger.store import Catalogue
from phototagger.store.lock import RunDirLock
from tests.engine.conftest import LABELS


def files_under(folder: Path) -> list[Path]:
    """The files of a folder, but for those in which SQLite's readers meet."""
    return sorted(path for path in folder.rglob("*") if not path.name.endswith(("-shm", "-wal")))


def test_a_job_holds_the_lock_until_it_is_closed(photos):
    with photos.job(), pytest.raises(LockedError, match=f"process {os.getpid()} "):
        photos.job()
    photos.job().close()


def test_a_second_process_is_refused_with_exit_4_and_changes_nothing(photos):
    labels = photos.folder / "labels.txt"
    labels.write_text("cat\n")
    words = ["run", "--root", photos.root, "--labels", labels, "--model-name", "embedded"]
    words += ["--run-dir", photos.folder / "runs", "--cache-dir", photos.folder / "thumb_cache"]
    with photos.job():
        before = files_under(photos.folder)
        done = subprocess.run(
            [sys.executable, "-m", "phototagger", *words],
            env={**os.environ, "XDG_STATE_HOME": str(photos.folder / "state")},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 4
        assert f"is in use by another phototagger: process {os.getpid()} " in done.stderr
        assert files_under(photos.folder) == before


def test_a_root_must_be_chosen_and_be_there_before_anything_is_written(photos):
    for root, said in [("", "root: no folder of photos is chosen"), ("/nowhere", "does not exist")]:
        with pytest.raises(UsageError, match=said):
            photos.job(root=root)
    assert not (photos.folder / "runs").exists()


def test_a_labels_file_that_cannot_be_used_stops_before_anything_is_written(photos):
    for text in ("", "# nothing\n", "a|b\n"):
        file = photos.folder / "labels.txt"
        file.write_text(text)
        with pytest.raises(LabelsError):
            Job(photos.settings(labels_file=str(file)))
    assert not (photos.folder / "runs").exists()


def test_a_run_dir_that_cannot_be_made_names_the_flag(photos):
    (photos.folder / "file").write_text("in the way")
    with pytest.raises(MissingError, match="name another with --run-dir"):
        photos.job(run_dir=str(photos.folder / "file" / "runs"))


@pytest.fixture
def no_connection_stays_open(monkeypatch):
    """Fails where a job that could not begin leaves its catalogue open."""
    opened: list[Catalogue] = []
    begin = Catalogue.__init__

    def begun(self, *arguments, **options):
        opened.append(self)
        begin(self, *arguments, **options)

    monkeypatch.setattr(Catalogue, "__init__", begun)
    yield
    gc.collect()
    assert opened
    assert all(not catalogue._open for catalogue in opened)


@pytest.mark.usefixtures("no_connection_stays_open")
def test_a_run_that_does_not_exist_leaves_nothing_open_and_the_lock_free(photos):
    with pytest.raises(UsageError, match="holds no run '20200101-000000'"):
        Job(photos.settings(), labels=LABELS, run_id="20200101-000000")
    RunDirLock(photos.folder / "runs").release()


@pytest.mark.usefixtures("no_connection_stays_open")
def test_a_run_folder_that_cannot_be_made_leaves_nothing_open(photos, monkeypatch):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("phototagger.engine.job.new_run", refuse)
    with pytest.raises(MissingError, match="make room"):
        photos.job()
    RunDirLock(photos.folder / "runs").release()


def test_a_newer_or_damaged_catalogue_leaves_the_lock_free_and_makes_no_run(photos):
    photos.job().close()
    runs = photos.folder / "runs"
    catalogue = Catalogue(runs)
    catalogue.connection.execute("PRAGMA user_version=99")
    catalogue.connection.execute("UPDATE seal SET rows = 99 WHERE name = ' version'")
    catalogue.close()
    before = files_under(runs)
    with pytest.raises(NewerCatalogueError):
        photos.job(fresh=True)
    assert files_under(runs) == before
    (runs / "catalogue.db").write_bytes(b"no database" * 99)
    with pytest.raises(PhototaggerError, match="is damaged"):
        photos.job(fresh=True)
    assert files_under(runs) == before
    RunDirLock(runs).release()


def test_a_named_run_is_continued(photos):
    first = photos.run("scan").path
    photos.run()
    with Job(photos.settings(), labels=LABELS, run_id=first.name) as job:
        assert job.run.path == first


def test_temporary_files_that_a_killed_process_left_in_the_run_go_when_it_is_continued(photos):
    run = photos.run("scan").path
    (run / ".phototagger-0123456789abcdef.tmp").write_bytes(b"half")
    assert photos.run("scan").path == run
    assert not list(run.glob(".phototagger-*"))


def test_what_was_computed_is_on_disk_when_a_job_is_closed_in_mid_run(photos):
    job = photos.job()
    job.model.labels(LABELS)
    job.model.images.append([bytes(20)], job.model.labels(LABELS)[:1])
    job.close()
    with photos.job() as again:
        assert len(again.model.images) == 1


def test_a_job_may_be_closed_twice(photos):
    job = photos.job()
    job.close()
    job.close()
    photos.job().close()
