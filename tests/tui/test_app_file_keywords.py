"""`E` in the review: the keywords that a photo or its sidecar has already."""

from tests.sidecar_files import needs_exiftool, sidecar_text
from tests.tui.reviewing import at_review

pytestmark = needs_exiftool


def test_e_checks_the_keywords_of_the_sidecar_and_approving_keeps_them(ran):
    async def act(user):
        name = user.here
        path = ran.root / name
        path.with_name(path.name + ".xmp").write_text(sidecar_text(["Rome", "snow"]))
        await user.press("c", "E")
        assert "checked, as the file says: rome, snow; approving keeps them" in user.screen
        assert user.approved(name) == set()
        await user.press("a")
        assert user.approved(name) >= {"rome", "snow"}

    at_review(ran, act)


def test_a_photo_without_keywords_says_so(ran):
    async def act(user):
        await user.press("E")
        assert "no keyword in the photo or its sidecar" in user.screen

    at_review(ran, act)
