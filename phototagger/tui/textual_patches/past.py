"""Which cells of a widget can be seen, and the way to the terminal past Textual's drawing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from textual.errors import NoWidget

from phototagger.tui.textual_patches import guards

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App
    from textual.geometry import Region
    from textual.screen import Screen
    from textual.widget import Widget

    Layout = dict[Widget, tuple[Region, Region]]


def layout_of(screen: Screen[Any]) -> Layout | None:
    """Return the regions and clips of the visible widgets, from the front to the back, if known.

    Textual makes a new dictionary whenever it lays the screen out.
    """
    return screen._compositor.visible_widgets if guards.LAYOUT else None


def shown_whole(screen: Screen[Any], widget: Widget) -> Callable[[Region], bool] | None:
    """Return what tells whether a region of the screen shows a widget and nothing before it.

    None where nothing of the widget's content can be seen.
    """
    layout = layout_of(screen)
    if layout is None:
        return _by_cells(screen, widget)
    if widget not in layout:
        return None
    room = widget.content_region.intersection(layout[widget][1])
    above = []
    for other, (region, clip) in layout.items():
        if other is widget:
            break
        above.append(region.intersection(clip))
    return lambda there: room.contains_region(there) and not any(map(there.overlaps, above))


def _by_cells(screen: Screen[Any], widget: Widget) -> Callable[[Region], bool] | None:
    """Ask for the corners and the middle of a region: what stands before it is larger, or small."""
    try:
        room = widget.content_region.intersection(screen.find_widget(widget).clip)
    except NoWidget:
        return None

    def tell(there: Region) -> bool:
        columns = {there.x, there.x + there.width // 2, there.right - 1}
        rows = {there.y, there.y + there.height // 2, there.bottom - 1}
        return room.contains_region(there) and all(
            screen.get_widget_at(x, y)[0] is widget for x in columns for y in rows
        )

    return tell


def write_past(app: App[Any], text: str) -> None:
    """Write to the terminal what Textual knows nothing of, in turn with what it writes."""
    driver = getattr(app, "_driver", None)
    if driver is not None:
        driver.write(text)
        driver.flush()
    elif not app.is_headless and sys.__stderr__ is not None:  # where Textual writes, too
        sys.__stderr__.write(text)
        sys.__stderr__.flush()
