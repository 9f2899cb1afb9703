"""stdout and stderr that are full, closed or left by their reader, of every kind of command."""

import shlex
import subprocess

import pytest

from tests.cli.conftest import SAMPLES, Tagger

EMBEDDED = ("--model-name", "embedded")
COMMANDS = [
    ("scan", SAMPLES, *EMBEDDED),
    ("export", SAMPLES, *EMBEDDED, "--json"),
    ("stats", SAMPLES, *EMBEDDED),
    ("approvals", "export", "-"),
    ("sidecars", SAMPLES, *EMBEDDED, "--dry-run", "--json"),
    ("completion", "bash"),
    ("scan", "--help"),
]
FULL = "phototagger: stdout: No space left on device; make room"


def redirected(tagger: Tagger, command: tuple, how: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a shell does that was told to put its streams elsewhere."""
    line = f"{shlex.join(tagger.command(*command))} {how}; exit ${{PIPESTATUS[0]}}"
    return subprocess.run(
        ["bash", "-c", line], cwd=tagger.folder, env=tagger.env, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: " ".join(map(str, one[:2]))[:12])
def test_a_full_stdout_is_said_and_makes_exit_3(tagged: Tagger, command: tuple) -> None:
    done = redirected(tagged, command, ">/dev/full")
    assert done.returncode == 3
    assert FULL in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize(
    "how", ["2>/dev/full", ">&-", "2>&-", ">&- 2>&-", "| true", "2>&1 | head -c 1", "| head -1"]
)
@pytest.mark.parametrize("command", [COMMANDS[0], COMMANDS[1]], ids=["text", "json"])
def test_where_nothing_can_be_said_the_job_is_done_all_the_same(tagged, command, how) -> None:
    done = redirected(tagged, command, how)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize("how", [">/dev/full", "2>/dev/full", ">&- 2>&-", "2>&1 | true"])
def test_a_mistake_has_its_own_exit_code_whatever_can_be_said(tagged, how) -> None:
    for command in (("scan", "absent"), ("scan", "absent", "--json"), ("--nonsense",)):
        assert redirected(tagged, command, how).returncode == 2


def test_the_review_wants_a_terminal_to_draw_on(tagged: Tagger) -> None:
    done = redirected(tagged, ("review", SAMPLES), "2>&1 >/dev/null")
    assert done.returncode == 2
    assert "the review needs a terminal" in done.stdout
