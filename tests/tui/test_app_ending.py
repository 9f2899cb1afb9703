"""Ending from outside: the exit code says that it was not the person who ended it."""

from phototagger.tui import ending
from tests.tui.reviewing import at_desk


def test_a_hang_up_ends_with_the_code_of_an_interruption_and_loses_nothing(ran, monkeypatch):
    started = []

    class Timer:
        def __init__(self, seconds, call, words):
            started.append((seconds, words))

        def start(self):
            pass

    monkeypatch.setattr(ending.threading, "Timer", Timer)

    async def act(desk):
        await desk.press("a", "2")
        ending.end(desk.app)
        assert desk.app.return_code == 130
        assert desk.decided() == ["a.jpg"]
        assert desk.kept("b.png") is not None

    at_desk(ran, act)
    assert started == [(2.0, [130])]
