"""Whatever names, labels, keywords and files say, no command lets it act on a terminal."""

import csv
import json
import os
import pty
import subprocess
import unicodedata
from pathlib import Path

import pytest

from phototagger.printable import printable
from tests.cli.conftest import SAMPLES, Tagger

EVIL = "A\x1b]0;x\x07\x9b31m\x9d8;;u\x9c\u202egpj\u200b[red][link=x]y[bold]"
"""A window title, colours, a hyperlink, text turned around, something hidden, and markup."""

LABEL = "\u202egod[red]\u200b"
EMBEDDED = ("--model-name", "embedded", "--labels", "labels.txt")
_HIDDEN = {"Cc", "Cs", "Zl", "Zp"}


def harm_in(text: str) -> set[str]:
    """Return the characters that could act or deceive; line ends are no harm."""
    kept = text.replace("\r\n", "\n").replace("\n", "")
    return {one for one in kept if unicodedata.category(one) in _HIDDEN or one in "\u202e\u200b"}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Tagger:
    """A root, folders, photos, labels, keywords and a run_dir with hostile names and text."""
    folder = tmp_path_factory.mktemp("hostile")
    tagger = Tagger(folder)
    root = folder / f"root {EVIL}"
    inner = root / f"in\n{EVIL}"
    inner.mkdir(parents=True)
    photo = (SAMPLES / "animals" / "cat.jpg").read_bytes()
    (inner / f"{EVIL}.jpg").write_bytes(photo)
    (inner / f"broken\n{EVIL}.jpg").write_bytes(photo[:200])
    (root / os.fsdecode(b"caf\xe9\x1b[2J.jpg")).write_bytes(photo + b"1")
    (root / f"{EVIL}.png").symlink_to(f"nowhere {EVIL}")
    (folder / "labels.txt").write_text(f"{LABEL}\ncat\n[bold]x[/bold]\n[@click=app.quit]q\n")
    words = ("--cache-dir", f"cache {EVIL}", "--run-dir", f"runs {EVIL}")
    tagger.words = (root, *EMBEDDED, *words)
    for command in ("run", "approve"):
        more = ("--label", LABEL, "--label", "[bold]x[/bold]") if command == "approve" else ()
        done = tagger(command, *tagger.words, *more)
        assert done.returncode in (0, 1), done.stderr
    (inner / f"{EVIL}.jpg.xmp").write_text(
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:subject><rdf:Bag>'
        "<rdf:li>\x9b31mforeign\u202e\u200b&#10;two</rdf:li>"
        "</rdf:Bag></dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    return tagger


def on_a_terminal(tagger: Tagger, words: list[str]) -> str:
    """Return what a command says where stdout and stderr are a terminal."""
    parent, child = pty.openpty()
    process = subprocess.Popen(
        words, cwd=tagger.folder, env={**tagger.env, "TERM": "dumb", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL, stdout=child, stderr=child,
    )  # fmt: skip
    os.close(child)
    drawn = b""
    while True:
        try:
            block = os.read(parent, 65536)
        except OSError:  # as Linux says that nobody writes any more
            break
        drawn += block
    process.wait(timeout=60)
    os.close(parent)
    return drawn.decode()


COMMANDS = [
    ("scan",),
    ("scan", "--dry-run"),
    ("export",),
    ("sidecars", "--dry-run"),
    ("stats",),
    ("labels",),
    ("doctor",),
    ("approvals", "export", "-"),
    ("approve", "--label", "x\x1b"),
    ("scan", "--run", EVIL),
    ("scan", "--config", EVIL),
    ("stats", "--png", f"{EVIL}/x.png"),
    ("thumbs", "--prune"),
    ("sidecars", "--verify"),
    (EVIL,),
    ("--batch=" + EVIL,),
    ("completion", EVIL),
]


def words_of(tagger: Tagger, command: tuple[str, ...], *more: str) -> list[str]:
    if command[0] in ("approvals", "completion") or EVIL in command[0]:
        return tagger.command(*command, *more, *map(str, tagger.words[5:]))
    return tagger.command(command[0], *tagger.words, *command[1:], *more)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: printable(" ".join(one))[:30])
def test_no_command_lets_it_through(hostile: Tagger, command: tuple[str, ...]) -> None:
    shown = on_a_terminal(hostile, words_of(hostile, command))
    assert not harm_in(shown), shown
    assert shown
    done = subprocess.run(
        words_of(hostile, command, "--json"), cwd=hostile.folder, env=hostile.env,
        stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    assert not harm_in(done.stderr.decode()), done.stderr
    assert b"Traceback" not in done.stderr
    assert not harm_in(done.stdout.decode()), done.stdout
    assert all(map(json.loads, done.stdout.splitlines()))


def test_a_pipe_gets_paths_as_they_are_and_narration_without_harm(hostile: Tagger) -> None:
    done = subprocess.run(
        words_of(hostile, ("scan", "-0")), cwd=hostile.folder, env=hostile.env,
        stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    assert Path(os.fsdecode(done.stdout.removesuffix(b"\0"))).name == "photos.parquet"
    assert f"runs {EVIL}".encode() in done.stdout
    assert not harm_in(done.stderr.decode()), done.stderr
    quiet = subprocess.run(
        words_of(hostile, ("scan", "--quiet")), cwd=hostile.folder, env=hostile.env,
        stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    assert quiet.stderr == b""


def test_sidecars_are_written_and_taken_back_without_it(hostile: Tagger) -> None:
    for more in ((), ("--verify",), ("--undo", "--dry-run"), ("--undo",)):
        shown = on_a_terminal(hostile, words_of(hostile, ("sidecars", *more)))
        assert not harm_in(shown), shown


def test_files_for_people_are_free_of_it(hostile: Tagger) -> None:
    (run,) = Path(hostile.folder, f"runs {EVIL}").glob("2*")
    for name in ("log.txt", "config.json"):
        text = (run / name).read_text(encoding="utf-8")
        assert text
        assert not harm_in(text), text
    with (run / "failures.csv").open(encoding="utf-8", newline="") as file:
        failures = list(csv.DictReader(file))
    assert len(failures) == 2
    assert not any(harm_in(one["reason"]) for one in failures)
    assert any(EVIL in one["path"] for one in failures)  # a table has names as they are
    assert json.loads((run / "config.json").read_text())["labels"][0] == LABEL


def test_a_report_has_no_markup_of_others(hostile: Tagger) -> None:
    only = hostile.folder / f"only {EVIL}"
    only.mkdir()
    (only / f"<img src=x>[l](u){EVIL}.jpg").write_bytes(b"no photo")
    done = hostile("run", only, *EMBEDDED)
    assert done.returncode == 1, done.stderr
    (report,) = (hostile.folder / "runs").glob("2*/REPORT.md")
    text = report.read_text(encoding="utf-8")
    assert not harm_in(text), text
    cause = text.partition("## Likely cause")[2].partition("##")[0]
    assert r"\<img src=x>\[l\](u)" in cause
