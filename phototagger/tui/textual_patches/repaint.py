"""Less work at each repaint of pictures that are made of block characters."""

from collections.abc import Sequence

from textual.filter import ANSIToTruecolor, LineFilter
from textual.scroll_view import ScrollView


def for_pictures(filters: Sequence[LineFilter]) -> list[LineFilter]:
    """Return the line filters without the one that looks at each segment for the 16 colours.

    Pictures of block characters have none of them, and thousands of segments.
    """
    return [line_filter for line_filter in filters if not isinstance(line_filter, ANSIToTruecolor)]


class PictureView(ScrollView):
    """A scrolled view of pictures."""

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return the filters that apply."""
        return for_pictures(super().get_line_filters())
