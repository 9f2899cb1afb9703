"""Which cells of a widget can be seen, and the way to the terminal past Textual's drawing."""

import sys
from collections.abc import Callable, Sequence
from typing import Any

from textual.app import App
from textual.errors import NoWidget
from textual.geometry import Region
from textual.screen import Screen
from textual.widget import Widget

from phototagger.tui.textual_patches import guards

Layout = dict[Widget, tuple[Region, Region]]


def layout_of(screen: Screen[Any]) -> Layout | None:
    """Return the regions and clips of the visible widgets, from the front to the back, if known.

    Textual makes a new dictionary whenever it lays the screen out.
    """
    return screen._compositor.visible_widgets if guards.LAYOUT else None


def shown_whole(screens: Sequence[Screen[Any]], widget: Widget) -> Callable[[Region], bool] | None:
    """Return what tells whether a region of the terminal shows a widget and nothing before it.

    ``screens`` lie on one another, the last in front; one that lets what is below shine through
    covers only what its own widgets take. None where nothing of the widget's content can be seen.
    """
    if widget.screen not in screens:
        return None
    at = screens.index(widget.screen)
    layouts = [layout_of(layer) for layer in screens[at:]]
    layout, over = layouts[0], layouts[1:]
    if layout is None or None in over:
        return _by_cells(widget.screen, widget) if at == len(screens) - 1 else None
    if widget not in layout or any(layer.styles.background.a for layer in screens[at + 1 :]):
        return None
    room = widget.content_region.intersection(layout[widget][1])
    above = []
    for other, (region, clip) in layout.items():
        if other is widget:
            break
        above.append(region.intersection(clip))
    for screen, its in zip(screens[at + 1 :], over, strict=True):
        regions = (its or {}).items()
        above += [
            region.intersection(clip) for cover, (region, clip) in regions if cover is not screen
        ]
    return lambda area: room.contains_region(area) and not any(map(area.overlaps, above))


def _by_cells(screen: Screen[Any], widget: Widget) -> Callable[[Region], bool] | None:
    """Ask at the corners and the middle of a region, where whatever lies before it would be."""
    try:
        room = widget.content_region.intersection(screen.find_widget(widget).clip)
    except NoWidget:
        return None

    def tell(area: Region) -> bool:
        columns = {area.x, area.x + area.width // 2, area.right - 1}
        rows = {area.y, area.y + area.height // 2, area.bottom - 1}
        return room.contains_region(area) and all(
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
