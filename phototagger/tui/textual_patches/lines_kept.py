"""Lines of widgets that are gone are let go.

Textual remembers by ``lru_cache`` which two styles a widget's lines begin with, for the last 1,024
widgets, and with that their lines: each dialog that was opened costs 12 kB until so many were
shown, 50 MB in all. The two styles follow from two colours alone.
"""

from functools import lru_cache
from typing import Any

from textual import _styles_cache

from phototagger.tui.textual_patches import guards


def let_lines_go() -> bool:
    """Have Textual remember styles by colours alone, from now on; tell whether it can."""
    cache: Any = _styles_cache.StylesCache
    method = vars(cache).get("get_inner_outer")
    plain = getattr(method, "__wrapped__", None)
    if plain is None or not guards.takes(cache, "get_inner_outer", *_PARAMETERS):
        return False
    styles = lru_cache(1024)(lambda base, background: plain(None, base, background))
    cache.get_inner_outer = lambda _, base, background: styles(base, background)
    return True


_PARAMETERS = ("cls", "base_background", "background")
