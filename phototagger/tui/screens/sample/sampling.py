"""From a promise to its sample, and from the sample to what it proves; confirming that."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from phototagger.printable import counted
from phototagger.review import TROUBLE, Review
from phototagger.review.by_label.label_names import shown_label
from phototagger.review.certificates import (
    Approvable,
    Promise,
    Refusal,
    SampleLooks,
    Tested,
    confirming,
    proved,
    refused,
)
from phototagger.tui.graphics.pictures import Pictures
from phototagger.tui.keys import Handlers
from phototagger.tui.rebinding import Bound
from phototagger.tui.screens.choose import ChooseScreen
from phototagger.tui.screens.confirm import ConfirmScreen
from phototagger.tui.screens.review.act_runner import ActRunner
from phototagger.tui.screens.sample.screen import SampleScreen

if TYPE_CHECKING:
    from phototagger.tui.screens.review.screen import ReviewScreen

Came = TypeVar("Came")

_OFFERED = (0.9, 0.95, 0.98)
_USUAL = 0.95


class Sampling:
    """What leads to a sample and on from it; what looks at all photos is done beside the keys."""

    def __init__(
        self,
        screen: ReviewScreen,
        review: Review,
        acts: ActRunner,
        *,
        pictures: Pictures,
        bound: Bound,
    ) -> None:
        self._screen = screen
        self._review = review
        self._acts = acts
        self._pictures = pictures
        self._bound = bound
        self.actions: Handlers = {"sample": self._sample, "confirm": self._confirm}

    def _sample(self) -> None:
        """Go on with the sample that is open, or ask what is to be promised."""
        if not self._acts.is_free():
            return
        looks = SampleLooks(self._review)
        self._beside("looking for a sample …", looks.open, partial(self._opened, looks))

    def _opened(self, looks: SampleLooks, is_open: bool) -> None:  # noqa: FBT001  (what came)
        if looks.ended:
            self._give_up(looks, f"The sample has ended: {looks.ended}. Give it up?")
            return
        if is_open:
            self._show(looks)
            return

        def chosen(precision: float) -> None:
            begin = partial(looks.begin, Promise(precision))
            self._beside("drawing the sample …", begin, lambda _: self._show(looks))

        found = looks.found
        assert found is not None, "none is open"
        within = [one for one in _OFFERED if found.looks(Promise(one)) is not None]
        if not within:
            self._screen.complain(found.too_few(Promise(_OFFERED[0])))
            return
        choices = [
            (precision, f"{precision:g} · {_effort(precision, found)}") for precision in _OFFERED
        ]
        usual = min(_USUAL, within[-1])
        question = "How often is what is approved to be right?"
        ChooseScreen(question, choices, usual).ask_on(self._screen.app, chosen)

    def _show(self, looks: SampleLooks) -> None:
        """Show the sample; where all of it is looked at, what it proves."""
        if looks.is_done:
            self._test(looks)
            return
        shown = SampleScreen(
            self._review, looks, self._pictures, self._bound, lambda: self._test(looks)
        )

        def closed(_: None) -> None:
            self._screen.show_view()
            if not looks.is_done:
                many = counted(len(looks.questions), "photo")
                self._screen.say(f"sample: {looks.looked_at:,} of {many} looked at; P goes on")

        self._screen.app.push_screen(shown, closed)

    def _test(self, looks: SampleLooks) -> None:
        self._beside("testing …", looks.test, partial(self._tell, looks))

    def _tell(self, looks: SampleLooks, tested: Tested) -> None:
        """Say what a test found; approve at enter what it certified."""
        self._leave_sample()
        if tested.certified is None:
            self._tell_refusal(looks, refused(tested))
            return
        plan = looks.plan(tested)

        def approve() -> None:
            self._beside("approving …", lambda: looks.approve(tested, plan), self._screen.done)

        sentence = proved(tested)
        labels = plan.detail(partial(shown_label, self._review))
        detail = (
            f"{sentence[:1].upper()}{sentence[1:]}.\n{labels}\n"
            "They never teach, and enter sidecars only once confirmed."
        )
        question = ConfirmScreen(plan.question, detail, yes="approve")
        self._screen.ask(question, approve, self._say_nothing)

    def _tell_refusal(self, looks: SampleLooks, refusal: Refusal) -> None:
        """Say why nothing is approved; look on at enter, where that could do."""
        many = refusal.looks
        if many is None:
            self._give_up(looks, f"{refusal.said}. Give the sample up?", refusal.cure)
            return

        def look_on() -> None:
            more = partial(looks.look_on, many)
            self._beside("drawing more …", more, lambda _: self._show(looks))

        more = many - len(looks.questions)
        question = ConfirmScreen(
            f"{refusal.said}. Look at {counted(more, 'more photo')}?",
            "A share of the doubt was kept back for that, and is spent then.",
            yes="look on",
        )
        self._screen.ask(question, look_on, self._say_nothing)

    def _say_nothing(self) -> None:
        self._screen.say("nothing is approved; P asks again")

    def _give_up(self, looks: SampleLooks, question: str, detail: str = "") -> None:
        """Close a sample at enter that proves nothing any more."""
        give_up = partial(self._beside, "closing …", looks.give_up, self._screen.say)
        self._screen.ask(ConfirmScreen(question, detail, yes="give it up"), give_up)

    def _leave_sample(self) -> None:
        shown = self._screen.app.screen
        if isinstance(shown, SampleScreen):
            shown.dismiss(None)

    def _confirm(self) -> None:
        """Confirm what certificates approved on the photos on the screen, or on the marked ones."""
        if self._acts.editable_position() is None:
            return
        view, grid = self._review.photos.view, self._screen.grid
        marked = self._acts.chosen()
        seen = (int(view[index]) for index in grid.seen)
        photos = marked or self._review.photos.stacked.all_members(seen)
        scope = "" if marked else "what is on the screen"
        plan = partial(confirming, self._review, photos)
        self._acts.propose(photos, plan, "confirming", scope=scope)

    def _beside(self, doing: str, work: Callable[[], Came], then: Callable[[Came], object]) -> None:
        """Do something beside the keys, which decide nothing meanwhile; then go on."""
        self._acts.busy = doing
        self._screen.show_engine(doing)

        def finish(came: Came) -> None:
            self._acts.rest()
            then(came)

        def working() -> None:
            app = self._screen.app
            try:
                came = work()
            except TROUBLE:
                app.call_from_thread(self._acts.rest)
                raise
            app.call_from_thread(finish, came)

        self._screen.in_thread(working, "act")


def _effort(precision: float, found: Approvable) -> str:
    """Say how many photos are looked at for a precision, or that so few cannot prove it."""
    looks = found.looks(Promise(precision))
    if looks is None:
        return f"cannot be proved of {counted(found.photos, 'photo')}"
    return f"{counted(looks, 'photo')} to look at, of {found.photos:,}"
