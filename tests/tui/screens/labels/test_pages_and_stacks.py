"""Pages of a label in a library with stacks: each member is a photo of its own there."""

from phototagger.core.checklist import Mark
from phototagger.review.stacks.cells import TIMES
from tests.review.bursts import CATS, DOGS, SHY, burst_set, name
from tests.tui.screens.labels.conftest import paging

OPEN = ("L", "/", *"dog", "enter")
LEAVE = ("escape", "escape", "escape")


def listed(user, label):
    """The figures of a label in the list: approved, rejected, then those that scores give."""
    row = next(line for line in user.screen.splitlines() if line[1:].startswith(f"{label} "))
    return [int(one) for one in row.split()[1:3]], int(row.split()[4])


def test_members_are_on_pages_one_by_one_and_only_what_was_drawn_is_decided(tmp_path):
    async def act(user):
        assert len(user.review.photos.view) == 26
        await user.press(*OPEN)
        drawn = {number for _, number in user.cells.values()}
        assert len(drawn) == 24
        assert drawn >= set(DOGS)
        await user.press(*user.wrong("dog"), "enter")
        assert user.said_of("dog") == {number: number in DOGS for number in drawn}
        assert user.whole() == 0
        await user.press("escape")
        assert listed(user, "dog") == ([4, 20], 6)
        await user.press("escape", "escape")
        user.ui.photo.go_to([DOGS[0]])
        await user.rest()
        assert f"▸· {TIMES}4 " in user.screen
        await user.press("a")
        assert all("dog" in user.approved(name(one)) for one in DOGS)
        assert all(user.review.photos.listing.mark(one) is Mark.APPROVED for one in DOGS)

    paging(tmp_path, burst_set())(act)


def test_the_pages_of_a_marked_stack_are_its_members_and_undo_gives_them_back(tmp_path):
    async def act(user):
        user.ui.photo.go_to([CATS[0]])
        await user.rest()
        await user.press("space", "L")
        assert "2 photos shown" in user.screen
        await user.press("/", *"cat", "enter")
        assert {number for _, number in user.cells.values()} == set(CATS)
        await user.press("enter")
        assert user.said_of("cat") == dict.fromkeys(CATS, True)
        await user.press("backspace")
        await user.press(*LEAVE)
        assert user.said_of("cat") == {}

    paging(tmp_path, burst_set())(act)


def test_a_member_that_a_page_rejects_is_held_back_from_what_its_stack_approves(tmp_path):
    async def act(user):
        await user.press(*OPEN)
        letter = next(one for one, (_, number) in user.cells.items() if number == SHY)
        wrong = set(user.wrong("dog")) ^ {letter}
        await user.press(*sorted(wrong), "enter")
        assert user.said_of("dog")[SHY] is False
        await user.press(*LEAVE)
        user.ui.photo.go_to([DOGS[0]])
        await user.rest()
        await user.press("a")
        assert user.held(name(SHY))["dog"] is False
        assert all("dog" in user.approved(name(one)) for one in DOGS if one != SHY)

    paging(tmp_path, burst_set())(act)
