"""What a person names as a file is read within limits, and nothing is waited for."""

import os
import socket
import threading
from pathlib import Path

import pytest

from phototagger.core.labels import MOST_BYTES, read_labels
from phototagger.engine.repeat import settings_from_run
from phototagger.errors import LabelsError, SettingsError, UsageError
from phototagger.files.named import open_named, read_named
from phototagger.settings.load import read_settings
from phototagger.store.vectors.embeddings import INDEX, read_embeddings

NO_FILE = "it is a pipe, a socket or a device, no regular file"
WRONG = {
    "pipe": NO_FILE,
    "socket": NO_FILE,
    "/dev/zero": NO_FILE,
    "folder": "Is a directory",
    "link to nowhere": "No such file or directory",
    "loop": "Too many levels of symbolic links",
    "huge": "it has more than 10 MB",
}


@pytest.fixture
def named(tmp_path: Path) -> Path:
    """A folder of things that are no file to read."""
    os.mkfifo(tmp_path / "pipe")
    bound = socket.socket(socket.AF_UNIX)
    bound.bind(str(tmp_path / "socket"))
    bound.close()
    (tmp_path / "folder").mkdir()
    (tmp_path / "link to nowhere").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(3_000_000_000)
    return tmp_path


@pytest.mark.parametrize(("name", "why"), WRONG.items())
def test_what_is_no_file_to_read_is_named_at_once(named: Path, name: str, why: str) -> None:
    if name == "socket":
        why = "No such device or address"
    with pytest.raises(OSError) as caught:  # noqa: PT011  (its text is compared)
        read_named(named / name, 10_000_000)
    assert caught.value.strerror == why


@pytest.mark.parametrize("name", WRONG)
def test_labels_and_settings_are_read_from_a_file_only(named: Path, name: str) -> None:
    path = named / name
    with pytest.raises(LabelsError, match="cannot be read: ") as caught:
        read_labels(path)
    assert str(path) in str(caught.value)
    with pytest.raises(SettingsError, match="cannot be read: "):
        read_settings(config=path)
    with pytest.raises(SettingsError, match="cannot be read: "):
        settings_from_run(path, {})
    (named / INDEX).symlink_to(path)
    with pytest.raises(UsageError, match="holds no embeddings that can be read"):
        read_embeddings(named, "model", "[]")


def test_a_labels_file_may_have_10_mb_and_no_more(tmp_path: Path) -> None:
    file = tmp_path / "labels.txt"
    file.write_bytes(b"cat\n".ljust(MOST_BYTES, b"\n"))
    assert read_labels(file) == ["cat"]
    file.write_bytes(b"cat\n".ljust(MOST_BYTES + 1, b"\n"))
    with pytest.raises(LabelsError, match="cannot be read: it has more than 10 MB"):
        read_labels(file)


def test_a_pipe_is_read_to_its_end_where_one_will_do() -> None:
    outlet, inlet = os.pipe()  # as a shell gives one, with its writer
    writer = threading.Thread(target=Path(f"/dev/fd/{inlet}").write_bytes, args=(b"a\n" * 100_000,))
    writer.start()
    name = f"/dev/fd/{outlet}"
    try:
        with open_named(name, pipe=True) as file:
            writer_began = file.read(1)
            os.close(inlet)
            assert writer_began + file.read() == b"a\n" * 100_000
    finally:
        writer.join()
        os.close(outlet)


def test_a_pipe_that_nobody_writes_to_is_empty(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert read_named(tmp_path / "pipe", 10**6, pipe=True) == b""


def test_nothing_stays_open_of_what_is_refused(named: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for name in WRONG:
        with pytest.raises(OSError):  # noqa: PT011
            read_named(named / name, 5)
    open_named(named / "huge").close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
