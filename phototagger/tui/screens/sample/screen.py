"""A photo that was drawn at random, and labels of which a person says whether they are true."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from phototagger.printable import counted, printable
from phototagger.review import TROUBLE, Review
from phototagger.review.by_label.label_names import shown_label
from phototagger.review.letters import SECOND_BANK, give_keys
from phototagger.tui.bindings import typed_key
from phototagger.tui.contexts import SAMPLE
from phototagger.tui.graphics.pictures import Pictures
from phototagger.tui.keys_said import no_key
from phototagger.tui.rebinding import Bound
from phototagger.tui.screens.confirm import Presses
from phototagger.tui.screens.keyed import STEPS, KeyedScreen
from phototagger.tui.widgets.neighbours import around
from phototagger.tui.widgets.preview import Preview, Zoom
from phototagger.tui.widgets.text import plain

if TYPE_CHECKING:
    from phototagger.review.certificates import SampleLooks

_HELP = (
    "By alphabet, unchecked, without scores, so that what the machine thinks cannot sway you.",
    "Labels that are not listed need no answer.",
    "Not sure? Leave it unchecked: it then counts as wrong, which errs on the safe side.",
    "Nothing is approved by this alone. After the last photo: the result, then enter.",
)
_KEYS = {key: action.name for action in SAMPLE.own for key in action.keys} | {"?": "help"}


class SampleScreen(KeyedScreen):
    """Asks the questions of a sample one after the other; each answer is on disk before the next.

    ``done`` is called when all are answered. A key that answers counts only for a photo that has
    been on the screen for ``settle`` seconds.
    """

    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    SampleScreen #sample-title, SampleScreen #said { height: 1; width: 100%; padding: 0 1; }
    SampleScreen #sample-title { text-style: bold reverse; }
    SampleScreen #sample-main { height: 1fr; }
    SampleScreen #sample-preview { width: 1fr; height: 100%; }
    SampleScreen #sample-labels {
        width: 40%; min-width: 30; max-width: 60; height: 100%; border: round $border;
        border-title-color: $foreground; padding: 0 1; overflow-y: auto;
    }
    SampleScreen.large #sample-labels { display: none; }
    """

    def __init__(
        self,
        review: Review,
        looks: SampleLooks,
        pictures: Pictures,
        bound: Bound,
        done: Callable[[], None],
    ) -> None:
        super().__init__(bound, SAMPLE)
        self._review = review
        self._shown = partial(shown_label, review)
        self._looks = looks
        self._done = done
        self._preview = Preview(review.photos, pictures, id="sample-preview")
        self._preview.around = self._around
        self._keys: dict[str, str] = {}
        self._checked: set[str] = set()
        self._bank = ""
        self._presses = Presses(time.monotonic())
        self.actions |= {
            "next_look": self._next,
            "look_before": self._back,
            "large": self._large,
            "leave_sample": self._leave,
        }

    def compose(self) -> ComposeResult:
        """Lay out the parts."""
        yield Static(id="sample-title")
        with Horizontal(id="sample-main"):
            yield self._preview
            labels = Static(id="sample-labels")
            labels.border_title = "which are true here?"
            yield labels
        yield self.said
        yield self.footer

    def on_mount(self) -> None:
        """Show the first question that waits."""
        self.say("learning rests while the sample runs; your answers teach when it is done")
        self.show()

    def show(self) -> None:
        """Show the question that is asked now."""
        question = self._looks.now
        # The letters that labels have elsewhere may be those of labels that are not asked here.
        self._keys = dict(give_keys(question.labels, {}, len(question.labels), self._shown).labels)
        self._checked = {label for label in question.labels if question.said.get(label)}
        self._bank = ""
        self._presses = Presses(time.monotonic())
        self._preview.show(self._looks.position())
        self._draw()

    def _draw(self) -> None:
        self.query_one("#sample-title", Static).update(
            plain(_title(self._looks, self.size.width - 2))
        )
        rows = [
            Content.assemble(
                (f"{key:>2}", "bold"),
                f" {'■' if label in self._checked else '□'} ",
                (printable(self._shown(label)), "bold" if label in self._checked else ""),
            )
            for key, label in sorted(self._keys.items(), key=lambda pair: pair[1])
        ]
        text = Content("\n").join([*rows, Content(""), *map(Content, _HELP)])
        self.query_one("#sample-labels", Static).update(text)

    def on_key(self, event: events.Key) -> None:
        """Check or uncheck the label whose key was pressed, or do what the key means here."""
        key, self.read = typed_key(event), event.time
        bank, self._bank = self._bank, ""
        if key == SECOND_BANK and not bank:
            self._bank = key
        elif label := self._keys.get(bank + key):
            if self._is_readable():
                self._checked ^= {label}
                self._draw()
        elif key in STEPS:
            self._preview.pan(*STEPS[key])
        elif word := _KEYS.get(key):
            self.action_act(word)
        elif event.is_printable:
            self.say(no_key(bank + key))
        else:
            return
        event.stop()
        event.prevent_default()

    def _is_readable(self) -> bool:
        """Tell whether the labels are on the screen; say how they come there."""
        if self.has_class("large"):
            self.say("nothing was answered: esc shows the labels again")
        return not self.has_class("large")

    def _next(self) -> None:
        """Keep the answer, and ask the next."""
        if not self._is_readable():
            return
        if not self._presses.answer(self.read, self._review.settings.settle):
            self.say("enter did nothing: this photo was only just shown")
            return
        number = self._looks.at + 1
        try:
            self._looks.answer(self._checked)
        except TROUBLE as error:
            self.complain(error)
            return
        self.say(f"answer {number:,} kept (backspace changes it)")
        if self._looks.is_done:
            self._draw()
            self._done()
        else:
            self.show()

    def _back(self) -> None:
        """Ask the one before again."""
        if self._looks.back():
            self.say("answer it again; enter keeps it")
            self.show()
        else:
            self.say("this is the first photo")

    def _large(self) -> None:
        """Show the photo itself alone, then at 100 %, then with the labels again."""
        self._zoom(self._preview.next_zoom)

    def _leave(self) -> None:
        """Close the large picture, else go back to the review; the sample waits."""
        if self._preview.zoom:
            self._zoom(Zoom.SMALL)
        else:
            self.dismiss(None)

    def _zoom(self, zoom: Zoom) -> None:
        self._preview.zoom_to(zoom)
        self.set_class(bool(zoom), "large")

    def _around(self, position: int, most: int) -> Sequence[int]:
        """Return the photos beside one in its folder and those around it."""
        count = len(self._review.photos.listing)
        return range(count)[around(position, count, most)]


def _title(looks: SampleLooks, width: int) -> str:
    """Say what is promised, how far one is, and how many wrong looks the sample can bear.

    In fewer words where it would be wider than so many cells.
    """
    promise, many = looks.sample.promise, len(looks.questions)
    long = "of all labels" if promise.over_labels else "of a photo at random"
    short = "over labels" if promise.over_labels else "by photo"
    gone = f", {looks.gone:,} gone" if looks.gone else ""
    borne = "" if looks.bears is None else f" · may hold {looks.bears:,} wrong"
    sample, sure = f"SAMPLE for {promise.precision:g}", f"{100 * promise.confidence:g} % sure"
    far = f"{looks.looked_at:,} of {many:,} looked at{gone}"
    photos = f"{looks.looked_at:,} of {counted(many, 'photo')} looked at{gone}"
    titles = (
        f"{sample}, {sure} ({long}) · {photos}{borne}",
        f"{sample}, {sure} ({short}) · {far}{borne}",
        f"{sample}, {sure} · {far}{borne}",
        f"{sample} · {far}{borne}",
    )
    return next((title for title in titles if len(title) <= width), titles[-1])
