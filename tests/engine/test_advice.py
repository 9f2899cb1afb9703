"""Errors of the outside world: cause, cure and exit code."""

import errno
import os
import sqlite3
from contextlib import closing

import pytest

from phototagger.engine.advice import told
from phototagger.errors import ExitCode, MissingError, PhototaggerError, UsageError
from phototagger.store import Catalogue
from phototagger.store.photos.contents import KnownFile, remember_files


def os_error(number: int, name: str | None = None) -> OSError:
    return OSError(number, os.strerror(number), name)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_exits_3_and_names_the_cure(number):
    error = told(os_error(number, "/runs/1/results.csv"))
    assert error.exit_code is ExitCode.MISSING
    assert str(error) == (
        f"/runs/1/results.csv: {os.strerror(number)}; "
        "make room, then run again: it goes on where it stopped"
    )
    assert str(told(os_error(number))).startswith(f"the disk: {os.strerror(number)};")


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_a_folder_that_may_not_be_written_exits_3_and_names_the_settings(number):
    error = told(os_error(number, "/runs/lock"))
    assert error.exit_code is ExitCode.MISSING
    assert str(error).startswith(f"/runs/lock: {os.strerror(number)};")
    assert "--run-dir" in str(error)
    assert "--cache-dir" in str(error)


def test_another_error_of_the_system_names_its_file():
    error = told(os_error(errno.EIO, "/runs/caf\udce9\n"))
    said = os.strerror(errno.EIO)
    cure = "the disk or the network fails: check it, then run again"
    assert str(error) == f"/runs/caf\\xe9\\x0a: {said}; {cure}"
    assert error.exit_code is ExitCode.SOME_FAILED
    assert str(told(OSError("odd"))) == "odd; look at what the cause names, then run again"


def full_database() -> sqlite3.Error:
    connection = sqlite3.connect(":memory:")
    connection.execute("PRAGMA max_page_count=1")
    with pytest.raises(sqlite3.OperationalError) as caught:
        connection.execute("CREATE TABLE photo (x)")
    connection.close()
    return caught.value


def damaged_database(folder) -> sqlite3.Error:
    (folder / "catalogue.db").write_bytes(b"no database" * 99)
    connection = sqlite3.connect(folder / "catalogue.db")
    with pytest.raises(sqlite3.DatabaseError) as caught:
        connection.execute("SELECT 1 FROM photo")
    connection.close()
    return caught.value


def test_a_catalogue_on_a_full_disk_is_a_full_disk():
    error = told(full_database())
    assert isinstance(error, MissingError)
    assert "the disk is full; make room" in str(error)


def test_the_folder_of_a_catalogue_on_a_full_disk_is_named(tmp_path):
    with closing(Catalogue(tmp_path)) as catalogue:
        pages = catalogue.connection.execute("PRAGMA page_count").fetchone()[0]
        catalogue.connection.execute(f"PRAGMA max_page_count={pages}")
        with pytest.raises(sqlite3.OperationalError) as raised, catalogue.transaction():
            remember_files(
                catalogue,
                [KnownFile(f"/{n}" * 99, n.to_bytes(20), 1, 1, 1, 1, None) for n in range(999)],
            )
    assert str(told(raised.value)).startswith(f"{tmp_path}/catalogue.db: the disk is full; make")


def test_a_catalogue_that_turns_out_damaged_names_the_repair(tmp_path):
    error = told(damaged_database(tmp_path))
    assert "the catalogue is damaged: file is not a database." in str(error)
    assert "doctor --repair" in str(error)


def test_a_package_that_does_not_load_is_no_mistake_of_phototaggers_own():
    error = told(ImportError("libjpeg.so.8: cannot open shared object file"))
    assert error.exit_code is ExitCode.MISSING
    assert error.cause == (
        "a Python package cannot be loaded: libjpeg.so.8: cannot open shared object file"
    )


def test_too_little_memory_names_the_setting():
    assert told(MemoryError()).exit_code is ExitCode.MISSING
    assert "--batch-images" in str(told(MemoryError()))


def test_an_error_that_names_its_cure_is_told_as_it_is():
    error = UsageError("root: no folder", "name one")
    assert told(error) is error


def test_a_mistake_of_phototaggers_own_is_named_as_such():
    error = told(KeyError("sha1"))
    assert type(error) is PhototaggerError
    assert str(error) == (
        "something that phototagger did not expect: KeyError: 'sha1'; "
        "report it, with REPORT.md of the run folder"
    )
