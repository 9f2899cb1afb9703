"""Commands that only read need no right to write, as in another user's run_dir."""

import resource
import shutil
from collections.abc import Iterator

import pytest

from tests.cli.conftest import SAMPLES, Tagger
from tests.places import hashes, without_overriding

ROOT = ("--root", SAMPLES, "--model-name", "embedded")


@pytest.fixture(scope="module", params=["closed", "killed"])
def kept(
    tagged: Tagger, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Tagger]:
    """A copy of a tagged folder of which nothing may be written, but for its table and state."""
    folder = tmp_path_factory.mktemp("kept") / "folder"
    shutil.copytree(tagged.folder, folder)
    if request.param == "killed":
        (folder / "runs" / "catalogue.db-wal").write_bytes(b"cut short")
    for within in ("runs", "thumb_cache"):
        for path in [folder / within, *(folder / within).rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
    yield Tagger(folder)
    for path in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
        path.chmod(0o755)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("stats", *ROOT), "suggested"),
        (("run", *ROOT, "--dry-run"), "0 to compute"),
        (("thumbs", *ROOT, "--prune", "--dry-run"), "prune:"),
        (("sidecars", *ROOT, "--dry-run"), "nothing is approved"),
        (("sidecars", *ROOT, "--verify"), "0 of ours"),
        (("approvals", "export", "table.csv"), "0 decisions"),
        (("labels", *ROOT), "labels"),
    ],
)
def test_a_command_that_only_reads_writes_nothing(
    kept: Tagger, words: tuple[str, ...], said: str
) -> None:
    before = hashes(kept.folder / "runs")
    done = kept(*words, preexec_fn=without_overriding)
    assert done.returncode == 0, done.stderr
    assert said in done.stdout + done.stderr
    assert hashes(kept.folder / "runs") == before


def test_doctor_tells_the_catalogue_that_can_be_read_from_the_folder_that_cannot_be_written(
    kept: Tagger,
) -> None:
    done = kept("doctor", *ROOT, preexec_fn=without_overriding)
    assert "ok, 1 copy of other days" in done.stdout
    assert f"{kept.folder / 'runs'} cannot be written" in done.stdout


@pytest.mark.parametrize("words", [("stats", *ROOT), ("sidecars", *ROOT, "--verify")])
def test_a_full_disk_keeps_nobody_from_reading(tagged: Tagger, words: tuple[str, ...]) -> None:
    before = hashes(tagged.folder / "runs")
    done = tagged(*words, preexec_fn=without_room)
    assert done.returncode == 0, done.stderr
    after = hashes(tagged.folder / "runs")
    assert {name: after.get(name) for name in before} == before


def without_room() -> None:
    """Let no file grow, as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
