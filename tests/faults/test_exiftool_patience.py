"""exiftool hangs, dies, babbles: it costs its file, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from phototagger.errors import InterruptedByUser
from phototagger.sidecars.apply import Exiftools, plan, write_sidecars
from phototagger.sidecars.exiftool.session import Patience
from tests.exiftool_standin import BAD, DEEDS, StandIn
from tests.ledgers import MemoryLedger
from tests.sidecar_files import (
    identity,
    keywords,
    leftovers,
    make_photo,
    needs_exiftool,
    sidecar_text,
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = needs_exiftool


def _photos(folder: Path, bad: tuple[int, ...], count: int = 5) -> list[Path]:
    """Make photos with foreign sidecars, some of which hold the word at which it misbehaves."""
    photos = [make_photo(folder / f"{number}.jpg") for number in range(count)]
    for number, photo in enumerate(photos):
        word = BAD if number in bad else "family"
        photo.with_name(f"{photo.name}.xmp").write_text(sidecar_text([word]))
    return photos


def _sidecar(photo: Path) -> Path:
    return photo.with_name(f"{photo.name}.xmp")


@pytest.mark.parametrize("deed", DEEDS)
def test_the_file_it_fails_at_is_named_and_the_rest_are_written(tmp_path: Path, deed: str) -> None:
    photos = _photos(tmp_path, bad=(1,))
    tool = StandIn(tmp_path / "bin", deed)
    before = identity(_sidecar(photos[1]))
    ledger = MemoryLedger()
    with tool.tools() as tools:
        results = write_sidecars({photo: ["a"] for photo in photos}, ledger, tools=tools)
    assert [result.outcome for result in results] == ["written", "refused", *["written"] * 3]
    dies = deed == "answers half and dies"
    assert results[1].reason == (
        "exiftool died, twice (half an answer)" if dies else "exiftool gave no answer within 600 s"
    )
    assert identity(_sidecar(photos[1])) == before
    assert keywords(_sidecar(photos[4])) == ["family", "a"]
    assert leftovers(tmp_path) == []
    assert not ledger.open
    assert len(tool.starts) == (3 if dies else 2)
    assert tool.is_gone()


def test_a_photo_that_hangs_it_costs_its_own_sidecar_only(tmp_path: Path) -> None:
    embedded = [sidecar_text([word]).encode() for word in ("one", BAD, "three")]
    photos = [make_photo(tmp_path / f"{n}.jpg", xmp) for n, xmp in enumerate(embedded)]
    tool = StandIn(tmp_path / "bin", "hangs")
    with tool.tools() as tools:
        results = write_sidecars({photo: ["a"] for photo in photos}, MemoryLedger(), tools=tools)
    assert [result.outcome for result in results] == ["written", "refused", "written"]
    assert results[1].reason == "exiftool gave no answer within 600 s"
    assert not _sidecar(photos[1]).exists()


def test_a_second_hang_ends_the_work_and_the_rest_are_refused_with_the_cure(tmp_path: Path) -> None:
    photos = _photos(tmp_path, bad=(1, 3), count=40)
    tool = StandIn(tmp_path / "bin", "hangs")
    ledger = MemoryLedger()
    with tool.tools() as tools:
        results = write_sidecars({photo: ["a"] for photo in photos}, ledger, tools=tools)
    assert [result.outcome for result in results[:4]] == ["written", "refused"] * 2
    assert results[3].reason == "exiftool gave no answer within 600 s"
    (reason,) = {result.reason for result in results[4:]}
    assert reason == (
        "exiftool failed at 2 files before and was not asked again; look at the files that are "
        "named for it, and whether `exiftool -ver` answers, then run again"
    )
    assert len(tool.starts) == 2
    assert leftovers(tmp_path) == []
    assert keywords(_sidecar(photos[39])) == ["family"]


@pytest.mark.parametrize("deed", ["hangs", "answers half and dies"])
def test_an_exiftool_that_never_answers_is_asked_about_two_files_at_most(
    tmp_path: Path, deed: str
) -> None:
    photos = _photos(tmp_path, bad=(), count=6)
    tool = StandIn(tmp_path / "bin", deed, at_start=True)
    with tool.tools() as tools:
        results = write_sidecars({photo: ["a"] for photo in photos}, MemoryLedger(), tools=tools)
    assert {result.outcome for result in results} == {"refused"}
    assert len(tool.starts) <= 4
    assert tool.is_gone()


def test_each_file_gets_ten_seconds_of_its_own_and_nobody_stops_it_unasked() -> None:
    patience = Patience()
    assert patience.seconds == 10
    patience.check()


def test_who_asks_to_stop_is_heard_while_exiftool_hangs(tmp_path: Path) -> None:
    photos = _photos(tmp_path, bad=(1,))
    tool = StandIn(tmp_path / "bin", "hangs at SIGTERM")
    befores = [identity(_sidecar(photo)) for photo in photos]
    ledger = MemoryLedger()
    with (
        tool.tools(stopped=lambda: bool(tool.deeds)) as tools,
        pytest.raises(InterruptedByUser),
    ):
        write_sidecars({photo: ["a"] for photo in photos}, ledger, tools=tools)
    assert [identity(_sidecar(photo)) for photo in photos] == befores
    assert leftovers(tmp_path) == []
    assert not ledger.open
    assert tool.is_gone()


def test_who_asks_to_stop_is_heard_while_a_preview_hangs(tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "a.jpg", sidecar_text([BAD]).encode())
    tool = StandIn(tmp_path / "bin", "hangs")
    with (
        tool.tools(stopped=lambda: bool(tool.deeds)) as tools,
        pytest.raises(InterruptedByUser),
    ):
        list(plan({photo: ["a"]}, MemoryLedger(), tools=tools))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PERL_UNICODE", "S"),
        ("PERL_UNICODE", "SDA"),
        ("PERL5OPT", "-Mopen=:utf8"),
        ("PERL5OPT", "-MNo::Such::Module"),
        ("PERLIO", ":utf8"),
        ("PERL5DB", "BEGIN { die }"),
        ("LANG", "xx_YY.nonsense"),
        ("LC_ALL", "ja_JP.SJIS"),
        ("LANGUAGE", "de"),
        ("EXIFTOOL_HOME", "FOLDER"),
        ("HOME", "FOLDER"),
        ("PERL5LIB", "FOLDER"),
    ],
)
def test_nothing_in_the_environment_changes_what_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    hostile = tmp_path / "hostile"
    (hostile / "Image").mkdir(parents=True)
    (hostile / ".ExifTool_config").write_text("die 'read'; 1;")
    (hostile / "Image" / "ExifTool.pm").write_text("die 'read'; 1;")
    (hostile / "strict.pm").write_text("die 'read'; 1;")
    monkeypatch.setenv(name, value.replace("FOLDER", str(hostile)))
    photos = [make_photo(tmp_path / f"{n}.jpg", sidecar_text(["Zoë"]).encode()) for n in range(2)]
    results = write_sidecars({photo: ["größe 日本"] for photo in photos}, MemoryLedger())
    assert [result.reason for result in results] == ["", ""]
    assert keywords(_sidecar(photos[1])) == ["Zoë", "größe 日本"]


def test_an_exiftool_that_needs_the_users_perl_libraries_gets_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needing = tmp_path / "exiftool"
    needing.write_text('#!/bin/sh\n[ -n "$PERL5LIB" ] && exec exiftool "$@"\nexit 2\n')
    needing.chmod(0o755)
    monkeypatch.setenv("PERL5LIB", str(tmp_path))
    photos = [make_photo(tmp_path / f"{n}.jpg") for n in range(3)]
    with Exiftools(str(needing), files_a_process=1) as tools:
        results = write_sidecars({photo: ["a"] for photo in photos}, MemoryLedger(), tools=tools)
        assert {result.outcome for result in results} == {"written"}
        assert tools.writer.starts == 4


@pytest.mark.parametrize(
    ("number", "flags"),
    [
        (signal.SIGTERM, ()),
        (signal.SIGTERM, ("--dry-run",)),
        (signal.SIGINT, ()),
        (signal.SIGHUP, ()),
    ],
)
def test_a_signal_ends_the_command_while_exiftool_hangs(
    tmp_path: Path, number: signal.Signals, flags: tuple[str, ...]
) -> None:
    tool = StandIn(tmp_path / "bin", "hangs at SIGTERM")
    photos = tmp_path / "photos"
    photos.mkdir()
    photo = make_photo(photos / "a.jpg", sidecar_text([BAD]).encode())
    (tmp_path / "labels.txt").write_text("cat\n")
    environment = {
        **os.environ,
        "PATH": f"{tool.path.parent}:{os.environ['PATH']}",
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "TMPDIR": str(tmp_path),
    }

    def begin(*words: str) -> subprocess.Popen[str]:
        # Who runs the tests under nohup does not mean the program.
        hearing = ("env", "--default-signal=HUP", sys.executable, "-m", "phototagger")
        return subprocess.Popen(
            [*hearing, *words, str(photos), "--model-name", "embedded"],
            cwd=tmp_path,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )

    assert begin("approve", "--label", "cat").communicate()[1].startswith("run_dir")
    with begin("sidecars", *flags) as command:
        try:
            while not tool.deeds:
                assert command.poll() is None
                time.sleep(0.02)
            command.send_signal(number)
            _, said = command.communicate(timeout=8)
        finally:
            command.kill()
    assert command.returncode == 130
    assert "Traceback" not in said
    assert tool.is_gone()
    assert list(photos.iterdir()) == [photo]
    assert list(tmp_path.glob("phototagger-stage-*")) == []
