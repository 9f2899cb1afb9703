"""A flag beats the file, the file beats the default, and every mistake is told at once."""

import json
import os
import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from phototagger.engine.repeat import settings_from_run
from phototagger.errors import ExitCode, SettingsError
from phototagger.printable import printable
from phototagger.settings.load import read_settings
from phototagger.settings.model import (
    FIRST_TEN,
    PLACEHOLDER_ROOT,
    RULES,
    Settings,
    default_of,
    flag_of,
)
from tests.shared import CHECKOUT

NAMES = tuple(RULES)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


def mistakes(read: Callable[[], Any]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        read()
    assert caught.value.exit_code == ExitCode.USAGE
    return caught.value.mistakes


def mistakes_in(config: Path, text: str | bytes) -> list[str]:
    """Return the mistakes in a file, each without the file's name."""
    config.write_bytes(text.encode() if isinstance(text, str) else text)
    found = mistakes(lambda: read_settings(config=config))
    assert all(one.startswith(f"{config}:") for one in found)
    return [one.removeprefix(f"{config}:") for one in found]


def read(config: Path, text: str | bytes, **typed: Any) -> Settings:
    config.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_settings(typed, config)


# What the project ships


def test_the_shipped_config_has_the_ten_settings_in_order_each_under_its_sentence() -> None:
    text = (CHECKOUT / "config.yaml").read_text()
    assert re.findall(r"^(\w+):", text, re.MULTILINE) == list(FIRST_TEN)
    assert FIRST_TEN == (
        "root", "labels_file", "model_name", "pretrained", "batch_images", "batch_labels",
        "threshold", "topk", "max_images", "run_dir",
    )  # fmt: skip
    for name in FIRST_TEN:
        above = re.search(rf"((?:^# .*\n)+){name}:", text, re.MULTILINE)
        assert above is not None
        assert f"# {RULES[name].sentence}\n" in above[1]


def test_the_shipped_config_says_the_defaults() -> None:
    settings = read_settings(config=CHECKOUT / "config.yaml", folder="/elsewhere")
    paths = {
        "root": "",
        "labels_file": str(CHECKOUT / "labels.txt"),
        "run_dir": str(CHECKOUT / "runs"),
        "cache_dir": "/elsewhere/thumb_cache",
    }
    assert settings == Settings(**paths)


def test_every_setting_has_a_sentence_and_a_flag() -> None:
    assert all(rule.sentence.endswith(".") for rule in RULES.values())
    assert flag_of("labels_file") == "--labels"
    assert flag_of("batch_images") == "--batch-images"
    assert len({flag_of(name) for name in NAMES}) == len(NAMES)


def test_the_defaults_are_those_promised() -> None:
    defaults = Settings()
    assert (defaults.model_name, defaults.pretrained) == ("ViT-L-14", "openai")
    assert (defaults.batch_images, defaults.batch_labels) == (64, 64)
    assert (defaults.threshold, defaults.topk, defaults.max_images) == (0.25, 5, 10_000)
    assert (defaults.cache_dir, defaults.run_dir) == ("thumb_cache", "runs")
    assert (defaults.prompt, defaults.prompts) == ("a photo of {}", ("a photo of {}",))
    assert (defaults.device, defaults.precision, defaults.compile) == ("auto", "auto", False)
    assert defaults.from_thumbs is False
    assert (defaults.max_pixels, defaults.columns) == (100_000_000, 6)
    assert (defaults.sidecar_style, defaults.images, defaults.keys) == ("append", "auto", {})


# Which value wins


def test_a_flag_beats_the_file_and_the_file_beats_the_default(config: Path) -> None:
    settings = read(config, "topk: 7\nthreshold: 0.5\n", topk="9")
    assert (settings.topk, settings.threshold, settings.batch_images) == (9, 0.5, 64)


def test_typed_text_becomes_the_setting_s_own_type() -> None:
    typed = {"topk": "9", "threshold": "-.5", "max_images": "0", "device": "cuda:1"}
    settings = read_settings(typed, folder="/here")
    assert (settings.topk, settings.max_images, settings.device) == (9, 0, "cuda:1")
    assert settings.threshold == -0.5
    assert type(settings.threshold) is float


@pytest.mark.parametrize("yes", [True, False])
def test_yes_and_no_are_true_and_false_in_a_file_and_typed(config: Path, yes: bool) -> None:
    word = str(yes).lower()
    assert read(config, f"compile: {word}\n").compile is yes
    assert read(config, f"compile: {not yes}\n", compile=word).compile is yes


def test_what_is_neither_true_nor_false_is_said(config: Path) -> None:
    assert mistakes_in(config, "compile: 1") == ["1: compile: must be true or false, not 1"]
    [said] = mistakes(lambda: read_settings({"compile": "fast"}))
    assert said == "--compile: must be true or false, not 'fast'"


def test_a_whole_number_does_for_a_fraction(config: Path) -> None:
    threshold = read(config, "threshold: 1\n").threshold
    assert threshold == 1.0
    assert type(threshold) is float


def test_a_wrong_value_in_the_file_is_told_even_where_a_flag_beats_it(config: Path) -> None:
    config.write_text("topk: many\n")
    assert mistakes(lambda: read_settings({"topk": "9"}, config)) == (
        f"{config}:1: topk: must be a whole number, not 'many'",
    )


@pytest.mark.parametrize("text", ["", "# only this\n", "---\n", "{}\n", "\ufeff", "null\n"])
def test_an_empty_file_leaves_the_defaults(config: Path, text: str) -> None:
    assert read(config, text) == read_settings({})


def test_a_byte_order_mark_and_windows_line_ends_are_no_mistake(config: Path) -> None:
    settings = read(config, b"\xef\xbb\xbftopk: 7\r\nthreshold: 0.5\r\n")
    assert (settings.topk, settings.threshold) == (7, 0.5)


# Paths


def test_paths_in_a_file_count_from_the_file_and_typed_ones_from_the_current_folder(
    config: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    settings = read(config, "root: photos\nrun_dir: ../runs\n", labels_file="my/labels.txt")
    assert settings.root == str(tmp_path / "photos")
    assert settings.run_dir == str(tmp_path.parent / "runs")
    assert settings.labels_file == str(tmp_path / "here/my/labels.txt")
    assert settings.cache_dir == str(tmp_path / "here/thumb_cache")


def test_a_file_named_by_a_relative_path_counts_from_its_own_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/c.yaml").write_text("root: photos\n")
    monkeypatch.chdir(tmp_path)
    assert read_settings(config="in/c.yaml").root == str(tmp_path / "in/photos")


def test_a_link_to_a_file_counts_from_where_the_link_lies(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/c.yaml").write_text("root: photos\n")
    (tmp_path / "c.yaml").symlink_to("in/c.yaml")
    assert read_settings(config=tmp_path / "c.yaml").root == str(tmp_path / "photos")


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("~/photos", "/home/me/photos"),
        ("~", "/home/me"),
        ("~nobody_of_this_name/x", "/here/~nobody_of_this_name/x"),
        ("a/~/b", "/here/a/~/b"),
        (".", "/here"),
        ("..", "/"),
        ("/p//q/../r/", "/p/r"),
        ("//p/q", "/p/q"),
        ("a|b, c", "/here/a|b, c"),
        (os.fsdecode(b"\xff"), os.fsdecode(b"/here/\xff")),
    ],
)
def test_a_path_becomes_absolute(monkeypatch: pytest.MonkeyPatch, value: str, path: str) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert read_settings({"root": value}, folder="/here").root == path


@pytest.mark.parametrize(
    ("value", "made"),
    [
        ("openai", "openai"),
        ("laion2b_s34b_b79k", "laion2b_s34b_b79k"),
        ("weights.pt", "{folder}/weights.pt"),
        ("other.pt", "other.pt"),
        ("./other.pt", "{folder}/other.pt"),
        ("in/other.pt", "{folder}/in/other.pt"),
        ("/abs/other.pt", "/abs/other.pt"),
        ("~nobody_of_this_name", "~nobody_of_this_name"),
        ("x" * 300, "x" * 300),
    ],
)
def test_pretrained_is_a_tag_or_a_path(config: Path, value: str, made: str) -> None:
    (config.parent / "weights.pt").write_bytes(b"")
    made = made.format(folder=config.parent)
    assert read(config, yaml.safe_dump({"pretrained": value})).pretrained == made


@pytest.mark.parametrize("text", [f"root: {PLACEHOLDER_ROOT}\n", 'root: ""\n', "topk: 5\n"])
def test_the_placeholder_root_counts_as_none_chosen(config: Path, text: str) -> None:
    assert read(config, text).root == ""


# Mistakes


def test_all_mistakes_are_told_at_once_with_line_key_bound_and_nearest_key(config: Path) -> None:
    text = """\
root: photos
batch_image: 64
batch_labels: 0
threshold: 1.5
topk: "5"
images: kitten

modelname: x
"""
    config.write_text(text)
    typed = {"max_images": "-1", "device": "gpu"}
    choices = "auto, kitty, sixel, sextant, quadrant, halfcell, none"
    assert sorted(mistakes(lambda: read_settings(typed, config))) == [
        "--device: must be auto, cpu, cuda or cuda:N, not 'gpu'",
        "--max-images: must be at least 0, not -1",
        f"{config}:2: batch_image: no such setting; the nearest is batch_images",
        f"{config}:3: batch_labels: must be at least 1, not 0",
        f"{config}:4: threshold: must be at most 1, not 1.5",
        f"{config}:5: topk: must be a whole number, not '5'",
        f"{config}:6: images: must be one of {choices}; 'kitten' is nearest to kitty",
        f"{config}:8: modelname: no such setting; the nearest is model_name",
    ]


def test_mistakes_in_a_file_are_told_in_the_order_of_their_lines(config: Path) -> None:
    found = mistakes_in(config, "topk: 0\nnonsense: 1\ncolumns: 0\ncolumns: 1\n")
    assert [one.split(":")[0] for one in found] == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("topk: true", "must be a whole number, not True"),
        ("topk: 5.0", "must be a whole number, not 5.0"),
        ("topk:", "must be a whole number, not None"),
        ("topk: [5]", "must be a whole number, not [5]"),
        ("topk: 101", "must be at most 100, not 101"),
        ("threshold: high", "must be a number, not 'high'"),
        ("threshold: '0.25'", "must be a number, not '0.25'"),
        ("threshold: no", "must be a number, not False"),
        ("threshold: .nan", "must be a number, not nan"),
        ("threshold: .inf", "must be at most 1, not inf"),
        ("threshold: -1.01", "must be at least -1, not -1.01"),
        ("threshold: 1" + 400 * "0", "must be at most 1, not 1000"),
        ("max_pixels: 999_999", "must be at least 1e+06, not 999999"),
        ("model_name: 5", "must be text, not 5"),
        ("model_name: ''", "must not be empty"),
        ("model_name: yes", "must be text, not True"),
        ("labels_file:", "must be text, not None"),
        ('run_dir: "a\\0b"', "must not hold a NUL character"),
        ("run_dir: ''", "must not be empty"),
        ("root: 2024-01-02", "must be text, not datetime.date(2024, 1, 2)"),
        ("device: cuda:x", "must be auto, cpu, cuda or cuda:N, not 'cuda:x'"),
        ("device: 'cuda:'", "must be auto, cpu, cuda or cuda:N, not 'cuda:'"),
        ("device: cuda:٣", "must be auto, cpu, cuda or cuda:N, not 'cuda:٣'"),
        ("sidecar_style: Append", "'Append' is nearest to append"),
        ("prompt: a photo", "must hold {} exactly once, for the label, not 'a photo'"),
        ("prompt: '{} and {}'", "must hold {} exactly once, for the label, not '{} and {}'"),
        ("prompt: '{label}'", "must hold {} exactly once"),
        ("prompt: '{0}'", "must hold {} exactly once"),
        ("prompt: '{:>5}'", "must hold {} exactly once"),
        ("prompt: '{!r}'", "must hold {} exactly once"),
        ("prompt: '{'", "must hold {} exactly once"),
        ("prompt: '{.__class__}'", "must hold {} exactly once"),
        ("prompt: ['a {}', 'b']", "must hold {} exactly once, for the label, not 'b'"),
        ("prompt: ['a {}', 5]", "must hold {} exactly once, for the label, not 5"),
        ("prompt: []", "must be text or a list of texts, not []"),
        ("prompt: 5", "must be text or a list of texts, not 5"),
        ("keys: up", "must be `action: key` lines, not 'up'"),
        ("keys: {approve: 5}", "must be `action: key` lines of text, not 'approve': 5"),
        ("keys: {1: x}", "must be `action: key` lines of text, not 1: 'x'"),
        ("keys: {approve: ''}", "must be `action: key` lines of text, not 'approve': ''"),
        ("keys: [approve]", "must be ACTION=KEY"),
    ],
)
def test_a_wrong_value_is_told_with_what_would_do(config: Path, line: str, why: str) -> None:
    [mistake] = mistakes_in(config, f"\n{line}\n")
    name = line.partition(":")[0]
    assert mistake.startswith(f"2: {name}: ")
    assert why in mistake


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("topk", "five", "--topk: must be a whole number, not 'five'"),
        ("topk", "5.5", "--topk: must be a whole number, not '5.5'"),
        ("topk", "", "--topk: must be a whole number, not ''"),
        ("topk", "1" + "0" * 5000, "--topk: must be a whole number, not '1"),
        ("threshold", "nan", "--threshold: must be a number, not nan"),
        ("threshold", "1e999", "--threshold: must be at most 1, not inf"),
        ("threshold", "2", "--threshold: must be at most 1, not 2"),
        ("labels_file", "", "--labels: must not be empty"),
        ("keys", ["approve"], "--keys: must be ACTION=KEY"),
        ("keys", ["=x"], "--keys: must be ACTION=KEY"),
        ("prompt", ["{}", "x"], "--prompt: must hold {} exactly once, for the label, not 'x'"),
    ],
)
def test_a_wrong_typed_value_is_told_with_its_flag(name: str, value: Any, why: str) -> None:
    [mistake] = mistakes(lambda: read_settings({name: value}))
    assert mistake.startswith(why)
    assert len(mistake) < 200


@pytest.mark.parametrize(("name", "rule"), RULES.items())
def test_each_bound_is_the_last_value_that_fits(name: str, rule: Any) -> None:
    step = 1 if isinstance(default_of(name), int) else 1e-6
    for bound, beyond in ((rule.low, -step), (rule.high, step)):
        if bound is not None:
            number = type(default_of(name))(bound)
            assert getattr(read_settings({name: str(number)}), name) == number
            with pytest.raises(SettingsError, match="must be at "):
                read_settings({name: str(number + beyond)})


def test_a_prompt_may_be_a_list_for_an_ensemble(config: Path) -> None:
    settings = read(config, 'prompt: ["a photo of {}", "{} in {{art}}"]\n')
    assert settings.prompt == settings.prompts == ("a photo of {}", "{} in {{art}}")
    assert read(config, 'prompt: ["one {}"]\n').prompt == "one {}"
    assert read_settings({"prompt": ["{} a", "{} b"]}).prompts == ("{} a", "{} b")


def test_formats_are_words_in_the_order_of_the_table(config: Path) -> None:
    assert read(config, "formats: [webp, jpeg, webp]\n").formats == ("jpeg", "webp")
    assert read(config, "formats: tiff, png\n").formats == ("png", "tiff")
    assert read_settings({"formats": "webp,jpeg"}).formats == ("jpeg", "webp")
    assert read_settings().frozen()["formats"] == ["jpeg", "png"]
    [mistake] = mistakes_in(config, "formats: [jpg]\n")
    assert mistake.endswith("; 'jpg' is nearest to jpeg")


def test_keys_are_rebound_by_a_mapping_or_by_flags(config: Path) -> None:
    assert read(config, "keys:\n  approve: enter\n  clear: ctrl+x\n").keys == {
        "approve": "enter",
        "clear": "ctrl+x",
    }
    assert read_settings({"keys": ["approve=enter", "search=="]}).keys == {
        "approve": "enter",
        "search": "=",
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("- topk: 5\n", "1: must be `name: value` lines"),
        ("topk 5\n", "1: must be `name: value` lines"),
        ("\n\ntopk: 5: 6\n", "3: is not YAML: mapping values are not allowed here"),
        ("topk: 5\n columns: 6\n", "2: is not YAML: mapping values are not allowed here"),
        ('topk: 5\nroot: "abc\n', "3: is not YAML: found unexpected end of stream"),
        ("topk: 5\n\troot: x\n", "2: is not YAML: found character '\\t' that cannot start"),
        ("topk: *a\n", "1: is not YAML: found undefined alias 'a'"),
        ("topk: 5\n---\ntopk: 6\n", "2: is not YAML: but found another document"),
        ("topk: 5\ncolumns: 6\x07\n", "2: is not YAML: special characters are not allowed"),
        ("topk: 5\nroot: " + "[" * 5000, "is nested too deeply"),
        ("topk: 5\ntopk: 6\n", "2: topk: stands in line 1 already"),
        ("topk: 5\n? [a, b]\n: 1\n", "2: the name of a setting must be text"),
        ("{topk: 5, {}: 1}\n", "1: the name of a setting must be text"),
        ("topk: 5\n<<: {columns: 6}\n", "2: <<: no such setting; the nearest is "),
        ('"\\ud800": 6\n', "1: \\xed\\xa0\\x80: no such setting; the nearest is "),
        ("topk: 5\nmodel_name: !!python/name:os.system ''\n", "2: model_name: could not determine"),
        ("topk: 5\nmodel_name: 2024-13-41\n", "2: model_name: month must be in 1..12"),
        ("topk: 0x" + "f" * 6000, "1: topk: must be at most 100, not "),
        ('root: "\\ud800"\n', "1: root: holds a character that no path can hold"),
        ('prompt: "{} \\ud800"\n', "1: prompt: holds a character that is no text"),
        ('keys: {approve: "\\ud800"}\n', "1: keys: holds a character that is no text"),
        ("model_name: [" + "very " * 1000 + "]", "1: model_name: must be text, not ['very"),
    ],
)
def test_a_malformed_file_is_told_with_its_line(config: Path, text: str, found: str) -> None:
    [mistake] = mistakes_in(config, text)
    assert mistake.lstrip().startswith(found)
    assert len(mistake) < 250


def test_a_few_lines_that_spell_a_list_of_billions_are_told(config: Path) -> None:
    lines = ["topk:", " - &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f" - &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]" for n in range(20)]
    [mistake] = mistakes_in(config, "\n".join(lines))
    assert mistake.startswith("1: topk: must be a whole number, not [['x', 'x', ")
    assert len(mistake) < 200


def test_a_file_that_is_not_utf_8_is_told_with_its_line(config: Path) -> None:
    assert mistakes_in(config, b"topk: 5\r\n# caf\xe9\r\n") == [
        "2: is not UTF-8; save the file as UTF-8"
    ]
    assert mistakes_in(config, "topk: 5\n".encode("utf-16")) == [
        "1: is not UTF-8; save the file as UTF-8"
    ]


def test_a_file_that_cannot_be_read_is_told_by_name(tmp_path: Path) -> None:
    gone = tmp_path / "two\nlines.yaml"
    assert mistakes(lambda: read_settings(config=gone)) == (
        f"{tmp_path}/two\\x0alines.yaml: cannot be read: No such file or directory",
    )
    assert mistakes(lambda: read_settings(config=tmp_path)) == (
        f"{tmp_path}: cannot be read: Is a directory",
    )


# Whatever is written


plain = st.text(st.characters(exclude_categories=()))
scalars = st.none() | st.booleans() | st.integers() | st.floats() | plain | st.binary() | st.dates()
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(plain, inner), max_leaves=5
)
good = {
    "root": st.just(PLACEHOLDER_ROOT),
    "labels_file": st.text("abc/. é", min_size=1),
    "model_name": st.text("abc", min_size=1),
    "pretrained": st.text("abc", min_size=1),
    "batch_images": st.integers(1, 4096),
    "batch_labels": st.integers(1, 4096),
    "threshold": st.floats(-1, 1) | st.integers(-1, 1),
    "topk": st.integers(1, 100),
    "max_images": st.integers(0, 10**9),
    "prompt": st.sampled_from(["{}", ["{}", "the {}"]]),
    "keys": st.dictionaries(st.text("abc", min_size=1), st.text("xyz", min_size=1)),
    "device": st.sampled_from(["auto", "cpu", "cuda", "cuda:0"]),
    "compile": st.booleans(),
    "from_thumbs": st.booleans(),
    "formats": st.lists(st.sampled_from(["png", "webp", "jpeg"]), min_size=1),
}
bad = {
    "root": st.integers() | st.none() | st.lists(plain),
    "labels_file": st.just("") | st.booleans(),
    "batch_images": st.integers(max_value=0) | st.integers(min_value=4097) | st.floats() | plain,
    "threshold": plain | st.booleans() | st.floats(min_value=1.01) | st.just(float("nan")),
    "topk": st.integers(max_value=0) | st.integers(min_value=101) | plain,
    "max_images": st.integers(max_value=-1) | st.integers(min_value=10**9 + 1),
    "prompt": st.sampled_from(["", "{", "{}{}", [], ["{}", ""]]) | st.integers(),
    "keys": st.integers() | st.text("abc") | st.dictionaries(st.integers(), plain, min_size=1),
    "device": st.sampled_from(["gpu", "cuda:-1", "CPU"]) | st.integers(),
    "images": st.text("abc"),
    "compile": st.integers() | plain | st.none(),
    "formats": st.sampled_from([[], "", ["png", 5], ["gif"]]) | st.integers() | st.none(),
}
entries = st.fixed_dictionaries(
    {},
    optional={
        name: st.tuples(st.just(True), good.get(name, st.nothing()))
        | st.tuples(st.just(False), bad.get(name, st.nothing()))
        for name in NAMES
        if name in good or name in bad
    },
)
unknown = st.text("abcdefgh_", min_size=2).filter(lambda name: name not in RULES)


@given(entries, st.dictionaries(unknown, values, max_size=3), st.randoms())
def test_a_file_gives_its_settings_or_each_of_its_mistakes(
    config: Path, known: dict[str, tuple[bool, Any]], others: dict[str, Any], random: Any
) -> None:
    content = {name: value for name, (_, value) in known.items()} | others
    order = list(content)
    random.shuffle(order)
    config.write_text(yaml.safe_dump({name: content[name] for name in order}, sort_keys=False))
    wrong = {name for name, (fits, _) in known.items() if not fits} | set(others)
    if wrong:
        found = mistakes(lambda: read_settings(config=config))
        named = [re.match(rf"{re.escape(str(config))}:(\d+): (\w+): ", one) for one in found]
        assert {match[2] for match in named if match} == wrong
        assert len(found) == len(wrong)
        lines = config.read_text().splitlines()
        assert all(match and lines[int(match[1]) - 1].startswith(match[2]) for match in named)
    else:
        settings = read_settings(config=config)
        for name in ("topk", "threshold", "batch_images", "device", "compile", "keys"):
            if name in content:
                assert getattr(settings, name) == content[name]


@given(st.dictionaries(st.sampled_from(NAMES) | plain, values, max_size=6), st.booleans())
def test_any_mapping_gives_settings_or_mistakes(
    config: Path, content: dict[str, Any], allow_unicode: bool
) -> None:
    written = yaml.safe_dump(content, allow_unicode=allow_unicode)
    config.write_bytes(written.encode("utf-8", "surrogatepass"))
    check(lambda: read_settings(config=config))


@given(st.binary() | st.text(" \n:-[]{}&*!|>'\"%@`#?,topk0123abc\t\r\x85").map(str.encode))
def test_any_bytes_give_settings_or_mistakes(config: Path, data: bytes) -> None:
    config.write_bytes(data)
    check(lambda: read_settings(config=config))


@example({"batch_images": "\ufe00\U000e0100"})
@given(st.dictionaries(st.sampled_from(NAMES), plain | st.lists(plain), max_size=6))
def test_anything_typed_gives_settings_or_mistakes(typed: dict[str, Any]) -> None:
    check(lambda: read_settings(typed, folder="/here"))


def check(read: Callable[[], Settings]) -> None:
    try:
        settings = read()
    except SettingsError as error:
        found = error.mistakes
    else:
        found = ()
        frozen = settings.frozen()
        json.dumps(frozen).encode()
        for name, rule in RULES.items():
            if rule.is_path and frozen[name]:
                assert Path(frozen[name]).is_absolute()
                os.fsencode(frozen[name])
    assert all(one and printable(one) == one for one in found)


# The settings of a run


def frozen_run(tmp_path: Path, **changed: Any) -> Path:
    labels = changed.pop("labels", ["dog", "cat"])
    file = tmp_path / "run.json"
    settings = read_settings({"root": str(tmp_path), "prompt": ["{} a", "{} b"]}).frozen()
    file.write_text(json.dumps({"settings": settings | changed, "labels": labels}))
    return file


def test_a_run_is_repeated_with_its_own_settings_and_labels(tmp_path: Path) -> None:
    settings, given = settings_from_run(frozen_run(tmp_path, topk=7), {"threshold": "0.5"})
    assert given == (["dog", "cat"], None)
    assert settings.root == str(tmp_path)
    assert (settings.topk, settings.threshold, settings.prompts) == (7, 0.5, ("{} a", "{} b"))


def test_everything_frozen_comes_back(tmp_path: Path) -> None:
    before = read_settings({"root": "/p", "keys": ["approve=enter"], "topk": "3", "device": "cpu"})
    file = tmp_path / "run.json"
    file.write_text(json.dumps({"settings": before.frozen(), "labels": ["dog"]}))
    assert settings_from_run(file, {})[0] == before
    assert list(before.frozen()) == [field.name for field in fields(Settings)]


def test_a_typed_labels_file_beats_the_labels_of_a_run(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("Bird\n")
    _, given = settings_from_run(frozen_run(tmp_path), {"labels_file": str(tmp_path / "mine.txt")})
    assert given.labels == ["bird"]
    assert given.tree is not None
    assert given.tree.is_flat


def test_a_run_s_root_that_is_not_utf_8_comes_back(tmp_path: Path) -> None:
    file = frozen_run(tmp_path, root={"path_bytes": b"/p/\xff".hex()})
    assert settings_from_run(file, {})[0].root == os.fsdecode(b"/p/\xff")


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "5", '{"settings": 5, "labels": []}', '{"settings": {}}', b"\xff",
     '{"settings": {}, "labels": [5]}', '{"settings": {}, "labels": ["a|b"]}', "[" * 100_000,
     '{"settings": {}, "labels": 5}', '{"settings": {"root": {"path_bytes": "x"}}, "labels": []}',
     '{"settings": {"root": {"path_bytes": 5}}, "labels": []}',
     '{"settings": {}, "labels": ["a"], "tree": 5}',
     '{"settings": {}, "labels": ["a"], "tree": {"a": [5]}}'],
)  # fmt: skip
def test_a_file_that_is_no_run_s_is_told(tmp_path: Path, text: str | bytes) -> None:
    file = tmp_path / "run.json"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    [mistake] = mistakes(lambda: settings_from_run(file, {}))
    assert mistake.startswith(f"{file}: is not the config.json of a run (")
    [mistake] = mistakes(lambda: settings_from_run(tmp_path / "gone", {}))
    assert mistake == f"{tmp_path}/gone: cannot be read: No such file or directory"


def test_what_is_wrong_in_a_run_s_settings_is_told_by_name(tmp_path: Path) -> None:
    file = frozen_run(tmp_path, topk=0, tokp=5, threshold=float("nan"))
    assert sorted(mistakes(lambda: settings_from_run(file, {"columns": "0"}))) == [
        "--columns: must be at least 1, not 0",
        f"{file}: threshold: must be a number, not nan",
        f"{file}: tokp: no such setting; the nearest is topk",
        f"{file}: topk: must be at least 1, not 0",
    ]
