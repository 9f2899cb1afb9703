"""Each benchmark runs. What it finds on a busy machine is no test."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.__main__ import BENCHMARKS, main
from bench.figures import Figure, alone, compared, show

CHECKOUT = Path(__file__).parents[1]
FIELDS = {"name", "value", "unit", "baseline", "ratio", "must", "ok", "rounds", "load"}


def figures_of(printed: str) -> list[dict]:
    figures = [json.loads(line) for line in printed.splitlines()]
    assert all(set(figure) >= FIELDS for figure in figures)
    return figures


@pytest.mark.parametrize("name", BENCHMARKS)
def test_each_benchmark_runs_and_prints_its_figures_as_json(name, tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.chdir(CHECKOUT)
    assert main([name, "--small", "--json"]) == 0
    printed, said = capfd.readouterr()
    figures = figures_of(printed)
    if name == "peer" and not figures:
        assert "peer: left out: " in said
        return
    assert figures
    assert figures[0]["name"].startswith(name)


def test_it_is_a_program_of_its_own():
    words = [sys.executable, "-m", "bench", "score", "--small", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=CHECKOUT)
    assert done.returncode == 0, done.stderr
    assert figures_of(done.stdout)


def test_an_unknown_name_is_told_with_those_that_there_are(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["nothing", "--small"])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "there is no nothing" in said
    assert all(name in said for name in BENCHMARKS)


@pytest.mark.parametrize(
    ("words", "reached", "code"),
    [(["x"], True, 0), (["x"], False, 1), (["x", "--small"], False, 0)],
)
def test_the_exit_code_says_whether_every_figure_is_reached(
    monkeypatch, capsys, words, reached, code
):
    figure = alone("x", "s", [1.0], "<= 2", lambda _: reached)
    monkeypatch.setattr("bench.__main__.BENCHMARKS", {"x": ""})
    monkeypatch.setattr("bench.__main__._benchmark", lambda _: lambda *, small: [figure])
    assert main([*words, "--json"]) == code
    assert json.loads(capsys.readouterr().out)["ok"] is reached


def test_a_ratio_is_the_median_of_the_rounds_own_ratios():
    figure = compared("x", "s", [1, 9, 3], [2, 3, 4], "<= 1", lambda _, ratio: ratio <= 1)
    assert (figure.value, figure.baseline, figure.ratio, figure.ok) == (3, 3, 0.75, True)
    assert (figure.rounds, round(figure.spread, 2)) == (3, 1.67)


def test_a_figure_is_one_line_that_says_what_was_missed(capsys):
    figure = Figure("score", 2.0, "CPU s", 1.0, 2.0, "<= 1.4x", ok=False, rounds=5, load=0.5)
    show(figure, as_json=False)
    [line] = capsys.readouterr().out.splitlines()
    assert line.split()[0] == "score"
    assert "must <= 1.4x: NO" in line
    assert "5 rounds, load 0.5" in line


def test_a_label_is_finished_by_keys_on_the_real_screen():
    from bench.keys_by_label import one_label
    from tests.review.by_label.conftest import vector_set

    known = vector_set()
    swept = one_label(known, "dog", (120, 40))
    assert swept.wrong == 0
    assert swept.recall >= 0.9
    assert swept.opening <= 6
    assert swept.keys - swept.opening <= 10
    assert abs(swept.said_left - swept.left) < 3
