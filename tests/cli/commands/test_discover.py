"""`phototagger discover`: a provider of another package is listed, asked and reported."""

import json
import subprocess
import sys

import pytest

from phototagger.errors import ExitCode
from tests.cli.conftest import SAMPLES

FOOD = SAMPLES / "food"
EMBEDDED = ("--model-name", "embedded")
TWELVE_LINES = """\
from phototagger.discover import Proposal

class Tasty:
    "Says that food is tasty."
    version = "1"
    needs = ("pixels",)
    def __init__(self, library):
        self.library = library
    def propose(self, photos):
        for photo in photos:
            yield Proposal(photo, "tasty", len(photo.thumbnail) % 100 / 100)
            yield Proposal(photo, "coffee", 0.5)
"""


@pytest.fixture
def sweet(tagger):
    """A command line beside which somebody's package with providers is installed."""
    package = tagger.folder / "site" / "sweet-1.0.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: sweet\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text(
        "[phototagger.discover]\ntasty = sweet:Tasty\nbroken = no_such_module:Kind\n"
    )
    (package.parent / "sweet.py").write_text(TWELVE_LINES)
    tagger.env["PYTHONPATH"] = str(package.parent)
    (tagger.folder / "labels.txt").write_text("coffee\ndog\n")
    return tagger


def test_a_provider_of_twelve_lines_from_another_package_works(sweet):
    assert len(TWELVE_LINES.splitlines()) == 12
    listed = sweet("discover", "list").stdout.splitlines()
    assert "tasty           Says that food is tasty. (needs pixels; from sweet)" in listed
    assert any(line.startswith("broken") and "no_such_module" in line for line in listed)

    done = sweet("discover", "run", "tasty", FOOD, *EMBEDDED)
    assert done.returncode == 0, done.stderr
    photos = len(list(FOOD.iterdir()))
    assert f"discover: {photos} new, tasty: {2 * photos} labels" in done.stderr
    again = sweet("discover", "run", "tasty", FOOD, *EMBEDDED)
    assert f"discover: 0 new, {photos} as before" in again.stderr

    report = sweet("discover", "report", FOOD, *EMBEDDED)
    (line,) = report.stdout.splitlines()  # coffee is a label already
    assert line.startswith("tasty ")
    assert f"{photos} photos  tasty: " in line
    assert sweet("labels", "add", "tasty", FOOD).returncode == 0
    assert sweet("discover", "report", FOOD, *EMBEDDED).stdout == ""


def test_what_is_proposed_is_not_suggested(sweet):
    before = sweet("run", FOOD, *EMBEDDED)
    after = sweet("run", FOOD, *EMBEDDED, "--discover", "tasty")
    assert after.returncode == 0, after.stderr
    assert "tasty: " in after.stderr
    tables = [
        (sweet.folder / "runs" / done.stdout.split("/")[-1].strip() / "results.csv").read_text()
        for done in (before, after)
    ]
    assert tables[0].count("\n") == tables[1].count("\n") > 1
    assert "tasty" not in tables[1]


def test_a_broken_provider_ends_no_run_but_is_in_its_exit_code(sweet):
    done = sweet("run", FOOD, *EMBEDDED, "--discover", "broken", "--discover", "tasty")
    assert done.returncode == ExitCode.SOME_FAILED
    assert "discover: broken: broken: cannot be used: ModuleNotFoundError" in done.stderr
    assert "tasty: " in done.stderr
    run = sweet.folder / done.stdout.strip()
    assert (run / "results.csv").is_file()
    config = json.loads((run / "config.json").read_text())
    assert config["settings"]["discover"] == ["broken", "tasty"]


def test_an_unknown_provider_is_said_before_anything_is_done(sweet):
    for words in (("run", FOOD, "--discover", "tasti"), ("discover", "run", "tasti", FOOD)):
        done = sweet(*words, *EMBEDDED)
        assert done.returncode == ExitCode.USAGE
        assert "tasti: there is no such provider; did you mean tasty?" in done.stderr
    assert not (sweet.folder / "runs").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "nothing to do"),
        (("all",), "all is no word of it"),
        (("run",), "no provider is named"),
        (("report", "tasty"), "names tasty"),
        (("run", "tasty", "--budget", "much"), "is no number of requests"),
    ],
)
def test_what_is_typed_wrong_is_said(sweet, words, said):
    done = sweet("discover", *words)
    assert done.returncode == ExitCode.USAGE
    assert said in done.stderr


def test_discover_speaks_json(sweet):
    sweet("discover", "run", "tasty", FOOD, *EMBEDDED)
    report = sweet("discover", "report", FOOD, *EMBEDDED, "--json")
    lines = map(json.loads, report.stdout.splitlines())
    gain, end = (one for one in lines if one["event"] in ("gain", "finished"))
    assert (gain["event"], gain["label"], gain["provider"]) == ("gain", "tasty", "tasty")
    assert gain["photos"] == len(list(FOOD.iterdir()))
    assert len(gain["examples"]) == 3
    assert end == {"event": "finished", "run": None, "exit": 0}


def test_a_run_that_asks_nobody_imports_nothing_of_it(sweet):
    script = (
        "import sys; from phototagger.cli.tagger import main; "
        f"code = main(['run', {str(FOOD)!r}, '--model-name', 'embedded', '--quiet']); "
        "print(code, *[m for m in sys.modules if 'discover' in m or m == 'sweet'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=sweet.folder, env=sweet.env, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "0"
