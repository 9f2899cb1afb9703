"""Changed settings go into config.yaml, of which everything else stays."""

from dataclasses import replace

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from phototagger.errors import SettingsError
from phototagger.settings.keep import ConfigFile, with_values, written
from phototagger.settings.load import read_settings
from phototagger.settings.model import RULES, Settings
from tests.test_readme import CHECKOUT

COMMENTS = st.sampled_from(["# mine", "  # höher # als vorher", "#", "", "   ", "# topk: 9"])
ENDS = st.sampled_from(["\n", "\r\n"])
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
VALUES = {
    "topk": st.integers(1, 100),
    "threshold": st.floats(-1, 1) | st.just(1e-05),
    "compile": st.booleans(),
    "theme": TEXTS,
    "model_name": TEXTS,
    "run_dir": TEXTS.map(lambda text: f"/{text}"),
    "prompt": TEXTS.map(lambda text: f"{text} {{}}") | st.just(["a {}", "b {}"]),
}
NAMES = st.lists(st.sampled_from(sorted(VALUES)), unique=True)


@st.composite
def files(draw):
    """A file's lines, each before and after the values that change, and what changes."""
    end, before, after, values = draw(ENDS), [], [], {}
    changed = draw(NAMES)
    for name in draw(NAMES):
        for _ in range(draw(st.integers(0, 2))):
            line = draw(COMMENTS) + end
            before.append(line)
            after.append(line)
        old = draw(VALUES[name])
        quote = draw(st.sampled_from(['"', "'"])) if isinstance(old, str) else '"'
        tail = draw(st.sampled_from(["", "  # why", "   "])) + end
        values[name] = draw(VALUES[name]) if name in changed else old
        before.append(f"{name}:  {written(old, quote)}{tail}")
        shown = written(values[name], quote if isinstance(old, str) else '"')
        after.append(f"{name}:  {shown if name in changed else written(old, quote)}{tail}")
    changes = {name: values.get(name, draw(VALUES[name])) for name in changed}
    return "".join(before), "".join(after), changes


@given(files())
def test_only_the_values_that_changed_are_others_and_new_ones_come_at_the_end(file):
    before, after, changes = file
    found = with_values(before, changes)
    assert found.startswith(after)
    added = [name for name in changes if name not in (yaml.safe_load(before) or {})]
    rest = yaml.safe_load(found.removeprefix(after)) or {}
    assert list(rest) == added
    assert (yaml.safe_load(found) or {}) == {**(yaml.safe_load(before) or {}), **changes}
    assert with_values(found, changes) == found


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("topk:\n", "topk: 7\n"),
        ("topk: # soon\n", "topk: 7 # soon\n"),
        ("topk: 3", "topk: 7"),
        ("\ufefftopk: 3 # x\r\n", "\ufefftopk: 7 # x\r\n"),
        ("a: &n 3\ntopk: *n # as a\n", "a: &n 3\ntopk: 7 # as a\n"),
        ("---\n  topk: !!int 3\n  theme: x\n", "---\n  topk: 7\n  theme: x\n"),
        ("{topk: 3, theme: x}\n", "{topk: 7, theme: x}\n"),
        ('"topk": 3\n? theme\n: x\n', '"topk": 7\n? theme\n: x\n'),
    ],
)
def test_a_number_is_replaced_wherever_it_stands(before, after):
    assert with_values(before, {"topk": 7}) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("prompt:\n- a {}\n- b {}\n# c\ntopk: 3\n", 'prompt:\n ["x {}", "y {}"]\n# c\ntopk: 3\n'),
        ("prompt: |\n  a {}\n\n# c\n", 'prompt: ["x {}", "y {}"]\n\n# c\n'),
        ('prompt: ["a {}",\n  "b {}"] # c\n', 'prompt: ["x {}", "y {}"] # c\n'),
    ],
)
def test_a_value_of_several_lines_is_replaced_whole(before, after):
    assert with_values(before, {"prompt": ["x {}", "y {}"]}) == after


@pytest.mark.parametrize(
    "text",
    [
        "prompt:\n- a {} # the old one\n- b {}\n",  # its comment would go
        "prompt: &p a {}\ntheme: *p\n",  # the other would have no value
        "- prompt\n",
        "a {}",
        "{theme: x,}\n...\n",
    ],
)
def test_what_cannot_be_replaced_without_a_loss_is_refused(text):
    with pytest.raises((ValueError, yaml.YAMLError)):
        with_values(text, {"prompt": "x {}"})


def test_the_file_that_ships_keeps_every_line_but_the_changed_one(tmp_path):
    path = tmp_path / "config.yaml"
    shipped = (CHECKOUT / "config.yaml").read_text()
    path.write_text(shipped)
    path.chmod(0o640)
    before = read_settings({}, path)
    config = ConfigFile(path, before)
    said = config.save(replace(before, threshold=0.3, theme="textual-light"))
    assert said == f"saved threshold, theme in {path}"
    lines = path.read_text().splitlines()
    kept = shipped.replace("threshold: 0.25", "threshold: 0.3").splitlines()
    assert lines[: len(kept)] == kept
    assert lines[len(kept) :] == ["", f"# {RULES['theme'].sentence}", 'theme: "textual-light"']
    assert path.stat().st_mode & 0o777 == 0o640
    assert read_settings({}, path) == replace(before, threshold=0.3, theme="textual-light")
    assert "nothing to save" in config.save(replace(before, threshold=0.3, theme="textual-light"))


def test_what_a_flag_gave_is_not_saved_and_what_was_changed_back_is_not_either(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("topk: 3\n")
    before = read_settings({"threshold": "0.3"}, path)
    config = ConfigFile(path, before)
    config.save(replace(before, columns=4))
    assert path.read_text().startswith("topk: 3\n\n# How many thumbnails")
    assert "threshold" not in path.read_text()
    config.save(replace(before, columns=6))
    assert yaml.safe_load(path.read_text()) == {"topk": 3, "columns": 6}


def test_a_file_that_is_not_there_is_made_and_says_what_it_is(tmp_path):
    path = tmp_path / "config.yaml"
    config = ConfigFile(path, Settings())
    assert not config.is_there
    config.save(Settings(columns=4))
    assert path.read_text().startswith("# Settings of phototagger.")
    assert read_settings({}, path, tmp_path).columns == 4


def test_a_link_stays_a_link_and_what_it_leads_to_is_written(tmp_path):
    real, link = tmp_path / "dotfiles.yaml", tmp_path / "config.yaml"
    real.write_text("columns: 6 # wide\n")
    link.symlink_to(real)
    ConfigFile(link, Settings()).save(Settings(columns=4))
    assert link.is_symlink()
    assert real.read_text() == "columns: 4 # wide\n"


def test_a_file_that_somebody_spoiled_meanwhile_is_left_and_said(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("columns: [6\n")
    with pytest.raises(SettingsError, match=r"config.yaml: was left as it is .*columns: 4"):
        ConfigFile(path, Settings()).save(Settings(columns=4))
    assert path.read_text() == "columns: [6\n"
    assert list(tmp_path.iterdir()) == [path]
