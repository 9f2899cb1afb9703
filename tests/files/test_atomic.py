"""Files are there whole or not at all."""

import errno
import os
import resource
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from phototagger.engine.advice import told
from phototagger.files.atomic import remove_leftovers, sync_folder, write_atomically
from phototagger.files.own import naming, read_own
from tests.shared import names_in


def test_a_file_takes_its_place_only_once_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "table.csv"
    target.write_bytes(b"old")
    with write_atomically(target) as file:
        file.write(b"new")
        file.flush()
        assert target.read_bytes() == b"old"
    assert target.read_bytes() == b"new"
    assert names_in(tmp_path) == ["table.csv"]


@pytest.mark.parametrize("stop", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, stop: BaseException
) -> None:
    target = tmp_path / "table.csv"
    target.write_bytes(b"old")

    def write_half() -> None:
        with write_atomically(target) as file:
            file.write(b"half")
            raise stop

    with pytest.raises(type(stop)):
        write_half()
    assert target.read_bytes() == b"old"
    assert names_in(tmp_path) == ["table.csv"]


def test_a_place_that_cannot_be_taken_leaves_no_temporary_file(tmp_path: Path) -> None:
    target = tmp_path / "table.csv"
    target.mkdir()
    with pytest.raises(IsADirectoryError), write_atomically(target) as file:
        file.write(b"new")
    assert names_in(tmp_path) == ["table.csv"]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), write_atomically(tmp_path / "no" / "table.csv"):
        pytest.fail("there is no file to write to")


def test_a_link_in_the_place_is_replaced_and_not_followed(tmp_path: Path) -> None:
    original = tmp_path / "original.csv"
    original.write_bytes(b"old")
    target = tmp_path / "table.csv"
    target.symlink_to(original)
    with write_atomically(target) as file:
        file.write(b"new")
    assert original.read_bytes() == b"old"
    assert target.read_bytes() == b"new"
    assert not target.is_symlink()


def test_a_folder_in_the_targets_place_is_named_and_left(tmp_path: Path) -> None:
    target = tmp_path / "table.csv"
    target.mkdir()
    with pytest.raises(IsADirectoryError) as caught, write_atomically(target) as file:
        file.write(b"new")
    assert caught.value.filename == str(target)
    assert names_in(tmp_path) == ["table.csv"]


@pytest.mark.parametrize(("durable", "synced"), [(True, ["file", "folder"]), (False, [])])
def test_a_durable_file_is_on_disk_before_its_name_and_then_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, durable: bool, synced: list[str]
) -> None:
    seen = []

    def fsync(handle: int) -> None:
        path = Path(f"/proc/self/fd/{handle}").readlink()
        seen.append("folder" if path == tmp_path else "file")
        assert (tmp_path / "table.csv").exists() == (path == tmp_path)

    monkeypatch.setattr(os, "fsync", fsync)
    with write_atomically(tmp_path / "table.csv", durable=durable) as file:
        file.write(b"new")
    assert seen == synced


def test_a_name_of_255_bytes_can_be_written(tmp_path: Path) -> None:
    target = tmp_path / ("n" * 255)
    with write_atomically(target) as file:
        file.write(b"new")
    assert target.read_bytes() == b"new"


def test_leftovers_of_a_killed_process_are_removed_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "[odd] *name"
    folder.mkdir()
    left = temporary_of_an_ended_process(folder)
    stays = [".phototagger-x", ".phototagger-my notes.tmp", "a.tmp", "table.csv"]
    stays += [f".phototagger-{'0' * 15}.tmp", f".phototagger-{'f' * 16}.tmp~"]
    for name in (left, f"{left}-journal", f".phototagger-{'f' * 16}.tmp", *stays):
        (folder / name).write_bytes(b"")
    (folder / f".phototagger-{'e' * 16}.tmp").mkdir()
    (folder / f".phototagger-{'d' * 16}.tmp").symlink_to("table.csv")
    remove_leftovers(folder)
    kinds = [f".phototagger-{letter * 16}.tmp" for letter in "de"]
    assert names_in(folder) == sorted([*stays, *kinds])


def temporary_of_an_ended_process(folder: Path) -> str:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return f".phototagger-{child:08x}00000000.tmp"


def test_what_a_living_process_writes_is_left_alone(tmp_path: Path) -> None:
    own = tmp_path / f".phototagger-{os.getpid():08x}00000000.tmp"
    parents = tmp_path / f".phototagger-{os.getppid():08x}00000000.tmp"
    own.write_bytes(b"")
    parents.write_bytes(b"")
    remove_leftovers(tmp_path)
    assert names_in(tmp_path) == sorted([own.name, parents.name])
    os.utime(own, (1, 1))  # a process of the same number, before this one
    remove_leftovers(tmp_path)
    assert names_in(tmp_path) == [parents.name]


def test_what_a_stranger_left_is_left_alone(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        left = tmp_path / f".phototagger-{'f' * 16}.tmp"
        left.write_bytes(b"")
        os.chown(left, 1234, 1234)
        remove_leftovers(tmp_path)
        assert left.exists()


def test_a_folder_that_is_no_folder_cannot_be_synced(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotADirectoryError):
        sync_folder(tmp_path / "file")


@pytest.fixture
def a_small_limit() -> Iterator[None]:
    """No file may hold more than 1,000 bytes, as on a disk that gets full meanwhile."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("a_small_limit")
def test_a_full_disk_that_polars_met_is_an_error_of_the_system_that_names_the_target(
    tmp_path: Path,
) -> None:
    target = tmp_path / "table.parquet"
    rows = pl.DataFrame({"row": range(9999)})
    with pytest.raises(OSError, match="File too large") as caught, write_atomically(target) as file:
        rows.lazy().sink_parquet(file)
    assert (caught.value.errno, caught.value.filename) == (errno.EFBIG, str(target))
    assert names_in(tmp_path) == []


@pytest.mark.usefixtures("a_small_limit")
def test_an_error_while_a_file_is_written_names_what_it_was_to_become(tmp_path: Path) -> None:
    target = tmp_path / "table.csv"

    def write() -> None:
        with write_atomically(target) as file:
            file.write(b"x" * 2000)

    with pytest.raises(OSError, match="File too large") as caught:
        write()
    assert str(told(caught.value)).startswith(f"{target}: File too large; make room")
    assert names_in(tmp_path) == []


def test_an_error_while_a_file_is_read_names_it() -> None:
    with pytest.raises(OSError, match="Input/output error") as caught:
        read_own("/proc/self/mem")
    assert str(told(caught.value)).startswith("/proc/self/mem: Input/output error; the disk or")


def test_another_file_that_an_error_names_stays_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught, naming(tmp_path / "a"):
        (tmp_path / "b").read_bytes()
    assert caught.value.filename == str(tmp_path / "b")
