"""What to do next, in a few words: they end the line above the keys."""

from dataclasses import dataclass

from phototagger.tui.keys_said import shown_key
from phototagger.tui.rebinding import Bound

FIRST_PHOTOS = 3
"""So many photos are decided by somebody who is new here."""

MANY_FINDS = 3
"""After so many photos in a row with a label that was typed, letter keys are worth knowing."""


@dataclass(frozen=True)
class Progressed:
    """How far the work is: photos in all, undecided ones, those of the folder under the cursor.

    ``held_back``: whether all that is undecided was held back from what was approved of its stack.
    ``finds``: approved photos in a row for which a label was found by typing. ``letters``: whether
    letter keys are on.
    """

    photos: int = 0
    undecided: int = 0
    undecided_here: int = 0
    held_back: bool = False
    finds: int = 0
    letters: bool = False


def next_step(now: Progressed, bound: Bound) -> str:
    """Return what helps most now, by the keys in force; nothing where the work needs no word."""

    def key(name: str) -> str:
        return shown_key(bound.action(name).keys[0])

    sentence = ""
    if not now.photos:
        sentence = ""
    elif not now.undecided:
        sentence = f"all done: {key('write')} writes sidecars, {key('export')} the tables"
    elif now.held_back:
        sentence = (
            f"only held back left: {key('next_undecided')} goes there, {key('open_stack')} looks"
        )
    elif not now.undecided_here:
        sentence = f"folder done: {key('next_folder')} goes to the next one"
    elif now.finds >= MANY_FINDS and not now.letters:
        sentence = f"{key('letters')} gives every label a key"
    elif now.photos - now.undecided < FIRST_PHOTOS and not now.letters:
        digits = f"{key('toggle_1')}-{key('toggle_9')}"
        sentence = f"{key('approve')} approves, {digits} check"
        sentence += f", {key('find_label')} finds a label, {key('help')} helps"
    return sentence
