"""The README tells the truth: its commands run, its tables are those of the code."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from phototagger.discover.vocabulary import KEYWORDS
from tests.cli.conftest import Tagger

CHECKOUT = Path(__file__).parents[1]
README = (CHECKOUT / "README.md").read_text()
PAGES = sorted((CHECKOUT / "docs").glob("*.md"))
HEADLESS = (CHECKOUT / "docs" / "headless.md").read_text()


def commands_in(text: str) -> list[str]:
    """Return the commands that a text shows, in order."""
    return [
        line.removeprefix("$ ")
        for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL)
        for line in block.splitlines()
        if line.startswith("$ ")
    ]


COMMANDS = commands_in(README)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A person's folder: photos, labels, and phototagger on the PATH."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(CHECKOUT / "samples" / "food", folder / "photos")
    shutil.copy(CHECKOUT / "labels.txt", folder)
    return folder


def run_in(folder: Path, line: str, *programs: Path) -> subprocess.CompletedProcess[str]:
    """Run a line in a folder, with a phototagger on the PATH: another one, where it is told."""
    places = [*programs, Path(sys.executable).parent, os.environ["PATH"]]
    env = {
        **os.environ,
        "PATH": os.pathsep.join(map(str, places)),
        "XDG_STATE_HOME": str(folder / "state"),
    }
    return subprocess.run(
        ["bash", "-c", line], cwd=folder, env=env, capture_output=True, text=True, check=False
    )


def test_the_readme_shows_commands():
    assert len(COMMANDS) >= 8


@pytest.mark.parametrize("line", [one for one in COMMANDS if not one.startswith("make ")])
def test_every_command_of_the_readme_works(folder, line):
    done = run_in(folder, line)
    assert done.returncode == 0, done.stderr


FEW_KEYWORDS = f"""#!{sys.executable}
from pathlib import Path

from phototagger.cli.tagger import entry
from phototagger.discover import vocabulary

if __name__ == "__main__":
    vocabulary.KEYWORDS = Path(__file__).with_name("keywords.txt")
    entry()
"""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a phototagger that knows fewer keywords: the model has to read each."""
    place = tmp_path_factory.mktemp("programs")
    some = [line for line in KEYWORDS.read_text().splitlines() if not line.startswith("#")][::20]
    (place / "keywords.txt").write_text("\n".join(some))
    (place / "phototagger").write_text(FEW_KEYWORDS)
    (place / "phototagger").chmod(0o755)
    return place


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_a_page_works_and_the_readme_leads_there(page, programs, tmp_path):
    shutil.copytree(CHECKOUT / "samples" / "food", tmp_path / "photos")
    shutil.copy(CHECKOUT / "labels.txt", tmp_path)
    tagger = Tagger(tmp_path)
    for line in commands_in(page.read_text()):
        # What needs no shell, and is no program of ours, need not import torch again.
        is_plain = re.fullmatch(r"phototagger (?!discover)[\w ./:=,\"-]+", line)
        done = tagger(*shlex.split(line)[1:]) if is_plain else run_in(tmp_path, line, programs)
        assert done.returncode == 0, f"{line}: {done.stderr}"
    assert f"(docs/{page.name})" in README


@pytest.mark.parametrize("line", [one for one in COMMANDS if one.startswith("make ")])
def test_every_make_target_of_the_readme_exists(line):
    target = line.split()[1]
    done = subprocess.run(
        ["make", "-n", target], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_python_of_the_pages_works(folder):
    (code,) = re.findall(r"```python\n(.*?)```", HEADLESS, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "espresso.jpg coffee" in done.stdout


def test_the_generated_tables_are_up_to_date():
    done = subprocess.run(
        [sys.executable, CHECKOUT / "scripts" / "docs.py", "--check"], check=False
    )
    assert done.returncode == 0, "run `make docs`"


def test_the_line_that_installs_the_embedded_model_is_the_one_in_the_code():
    from phototagger.model.embedded import INSTALL_LINE

    assert INSTALL_LINE in README
    setup = (CHECKOUT / "scripts" / "setup.sh").read_text()
    assert all(word in setup for word in INSTALL_LINE.split() if "==" in word)


def test_every_file_of_a_run_is_named(folder):
    run_in(folder, "phototagger run photos --model-name embedded")
    newest = sorted((folder / "runs").glob("2*"))[-1]
    for path in newest.iterdir():
        assert path.name in HEADLESS


def test_every_key_of_the_review_is_in_its_page():
    from phototagger.tui.keys_said import key_table_markdown

    assert key_table_markdown() in (CHECKOUT / "docs" / "review.md").read_text()


def test_the_picture_of_the_review_is_there_small_and_of_no_machine():
    (name,) = re.findall(r"!\[.*?\]\((.*?)\)", README)
    page = CHECKOUT / "docs" / "terminals.md"
    terminals = re.findall(r"!\[.*?\]\((.*?)\)", page.read_text())
    assert {page.parent / one for one in terminals} == {*page.parent.glob("images/*.png")}
    picture = (CHECKOUT / name).read_text()
    assert len(picture) < 400_000
    assert all(word in picture for word in ("honey-bee.jpg", "butterfly", "threshold", "approve"))
    assert not any(word in picture for word in ("/tmp", "/root", "/home"))
    for one in terminals:
        data = (page.parent / one).read_bytes()
        assert data.startswith(b"\x89PNG")
        assert len(data) < 150_000


def test_every_file_that_contributing_names_is_there():
    text = (CHECKOUT / "CONTRIBUTING.md").read_text()
    named = set(re.findall(r"`((?:phototagger/|tests/)?[a-z_]+/[a-z_/]+\.py)`", text))
    assert len(named) > 30
    package = CHECKOUT / "phototagger"
    places = {name: (CHECKOUT / name, package / name, package / "tui" / name) for name in named}
    assert [name for name, paths in places.items() if not any(map(Path.exists, paths))] == []


def test_the_readme_stays_a_first_screen_and_every_link_of_the_pages_leads_somewhere():
    assert len(README) < 16_000
    for page in (CHECKOUT / "README.md", *PAGES):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
