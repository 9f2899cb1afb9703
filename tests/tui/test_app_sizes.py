"""Terminals of every size, also while one works."""

import pytest

from tests.tui.reviewing import at_review

SIZES = [(60, 20), (80, 24), (120, 36), (160, 48)]


@pytest.mark.parametrize("images", ["none", "halfcell"])
@pytest.mark.parametrize("size", SIZES)
def test_photos_labels_status_and_footer_are_there(many, size, images):
    async def act(user):
        assert "▸· a.jpg" in user.screen
        assert "1 ■   snow" in user.screen
        assert "67 undecided" in user.status
        footer = user.screen.splitlines()[-1]
        assert " a approve" in footer
        assert " ? help  q quit " in footer
        assert ("folders" in user.screen) == (size[0] >= 110)
        await user.press("a")
        assert user.decided() == ["a.jpg"]

    at_review(many, act, size, images=images)


def test_the_terminal_may_change_in_mid_work(many):
    async def act(user):
        decided = []
        await user.press("]", "]", "]", *"llllll", "2")
        kept = user.kept(user.here)
        for size in [(60, 20), (160, 48), (80, 24), (160, 48), (60, 20)]:
            here = user.here
            await user.pilot.resize_terminal(*size)
            await user.rest()
            assert user.here == here
            assert f"▸{'✎' if not decided else '·'} {here.rpartition('/')[2]}" in user.screen
            assert (user.app.size.width, user.app.size.height) == size
            await user.press("a")
            decided.append(here)
            assert user.decided() == decided
        assert user.approved(decided[0]) == kept

    at_review(many, act, (160, 48))


@pytest.mark.parametrize("key", ["?", "f", "s", "A", "w"])
def test_a_dialog_survives_another_size(ran, key):
    async def act(user):
        await user.press(key)
        for size in [(60, 20), (160, 48)]:
            await user.pilot.resize_terminal(*size)
            await user.rest()
            assert " esc " in user.screen
        await user.press("escape")
        assert "will be approved (1)" in user.screen
        assert user.decided() == []

    at_review(ran, act, (120, 36))


@pytest.mark.parametrize("size", [(40, 12), (80, 14), (60, 20), (80, 24)])
def test_what_is_shown_beside_the_photos_is_all_on_the_screen(wordy, size):
    async def act(user):
        for keys in (["i"], ["z"], ["escape", "#"], ["escape", ";"], ["escape", "i"]):
            await user.press(*keys)
            main = user.ui.query_one("#main").region
            for part in user.ui.query("#side *").results():
                if part.id and part.is_on_screen and part.region:
                    assert main.contains_region(part.region), (keys, part)

    at_review(wordy, act, size)


@pytest.mark.parametrize("keys", [[], ["i"]])
@pytest.mark.parametrize("size", [(40, 12), (80, 14), (60, 20)])
def test_the_last_label_can_be_seen_and_checked(wordy, size, keys):
    async def act(user):
        await user.press(*keys, "tab", "G")
        last = next(line for line in user.screen.splitlines() if ">" in line)
        assert user.ui.labels.label in last
        await user.press("space")
        assert user.ui.labels.label in (user.kept(user.here) or ())

    at_review(wordy, act, size)
