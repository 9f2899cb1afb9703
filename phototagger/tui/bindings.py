"""The table of keys as Textual takes it: bindings, palette, footer."""

from textual import events
from textual.binding import Binding

from phototagger.tui.contexts import PHOTOS, Context, actions_in
from phototagger.tui.keys import ACTIONS, BY_NAME, MOVE
from phototagger.tui.keys_said import shown_key, shown_keys
from phototagger.tui.rebinding import Bound
from phototagger.tui.textual_patches.late import has_caps_lock


def bindings_of(*names: str, call: str = "{}") -> list[Binding]:
    """Return the Textual bindings of some actions, with their names as ids.

    ``call``: what Textual runs, with the action's name in the place of ``{}``.
    Default keys: ``App.set_keymap(bound.keymap)`` puts the person's own in their place, in every
    widget at once.
    """
    return [
        Binding(
            key,
            call.format(action.name),
            action.short,
            key_display=shown_key(key),
            tooltip=action.sentence,
            id=action.name,
        )
        for action in (BY_NAME[name] for name in names)
        for key in action.keys
    ]


def all_bindings() -> list[Binding]:
    """Return the bindings of the whole table but the palette's, which Textual makes itself.

    Each runs the action ``act`` of the review's screen with the name from the table.
    """
    names = (action.name for action in ACTIONS if action.name != "palette")
    return bindings_of(*names, call="act('{}')")


def palette_entries(bound: Bound, context: Context = PHOTOS) -> list[tuple[str, str, str]]:
    """Return (title, sentence, name) of every action worth searching for, with its keys here."""
    keys_of = {action.name: shown_keys(action) for action in actions_in(context, bound.actions)}
    return [
        (
            f"{action.short} ({keys_of[action.name]})" if action.name in keys_of else action.short,
            action.sentence,
            action.name,
        )
        for action in bound.actions
        if not (action.group == MOVE or action.fixed or action.name.startswith("toggle"))
    ]


def footer_entries(bound: Bound, context: Context = PHOTOS) -> list[tuple[str, str, str]]:
    """Return (key, word, name) of what stands in the footer of a context, in order."""
    action_of = {action.name: action for action in actions_in(context, bound.actions)}
    return [
        (shown_key(action_of[name].keys[0]), action_of[name].short, name)
        for name in context.footer
        if name in action_of
    ]


def typed_key(event: events.Key) -> str:
    """Return a key as the table writes it; caps lock counts for nothing."""
    character = event.character or ""
    if len(character) == 1 and character.isprintable() and character != " ":
        return character.swapcase() if has_caps_lock(event) else character
    name = event.key.removeprefix("shift+")
    return name.upper() if event.key == f"shift+{name}" and len(name) == 1 else event.key
