"""The table of steps: what it promises of each, and what is done in which order."""

import inspect
from importlib import import_module

import pytest

from phototagger.cli.command_table import COMMANDS
from phototagger.engine.step import RUN, STEPS, steps_of
from phototagger.tui.screens.run import CHOICES


@pytest.mark.parametrize("step", STEPS.values(), ids=lambda step: step.name)
def test_every_step_has_a_file_of_its_word(step):
    module = import_module(f"phototagger.engine.steps.{step.name}")
    assert inspect.isgeneratorfunction(getattr(module, step.name))
    assert inspect.isgeneratorfunction(module.planned)
    assert callable(module.outputs)


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("scan", "scan"),
        ("thumbs", "scan thumbs"),
        ("embed", "scan embed"),
        ("vocabulary", "vocabulary"),
        ("score", "scan embed score"),
        ("medoids", "scan embed medoids"),
        ("export", "scan embed score export"),
        ("discover", "scan embed score discover"),
        ("sidecars", "scan sidecars"),
        (RUN, "scan embed score medoids export"),
    ],
)
def test_what_is_missing_before_a_step_is_done_first(name, names):
    assert " ".join(step.name for step in steps_of(name)) == names


def test_a_run_may_end_with_sidecars():
    names = [step.name for step in steps_of(RUN, "sidecars")]
    assert names == ["scan", "embed", "score", "medoids", "export", "sidecars"]


def test_commands_and_the_run_screen_say_what_the_table_says():
    choices = {choice.name: choice.does for choice in CHOICES}
    assert list(choices) == [RUN, *STEPS]
    for step in STEPS.values():
        assert choices[step.name] == step.sentence
        assert (step.name in COMMANDS) == step.is_command
        if step.is_command:
            assert COMMANDS[step.name].sentence == step.sentence
