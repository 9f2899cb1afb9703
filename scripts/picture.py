"""Draws the README's picture of the review: ``python scripts/picture.py``.

It tags samples/ with the embedded model, opens the review on a screen of 120 x 36 that nobody sees,
presses some keys, and writes what stands there into docs/images/review.svg.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from pathlib import Path
from unittest.mock import patch

from phototagger.core.labels import read_labels
from phototagger.engine.job import Job
from phototagger.engine.runner import run_steps
from phototagger.engine.step import steps_of
from phototagger.review import Review
from phototagger.review.open_review import open_job
from phototagger.settings.model import Settings
from phototagger.tui.app import ReviewApp
from phototagger.tui.rebinding import rebound

CHECKOUT = Path(__file__).parents[1]
PICTURE = CHECKOUT / "docs" / "images" / "review.svg"
SIZE = (120, 36)
KEYS = tuple("1aa1aaa3")


def main() -> int:
    """Draw the picture."""
    with tempfile.TemporaryDirectory() as folder:
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        PICTURE.write_text(drawn(Path(folder)))
    return 0


def drawn(folder: Path) -> str:
    """Return the SVG of the review after some keys."""
    settings = Settings(
        root=str(CHECKOUT / "samples"),
        labels_file=str(CHECKOUT / "labels.txt"),
        model_name="embedded",
        run_dir=str(folder / "runs"),
        cache_dir=str(folder / "thumbs"),
        images="quadrant",
        columns=3,
    )
    with Job(settings, labels=read_labels(settings.labels_file)) as job:
        for _ in run_steps(job, steps_of("run")):
            pass
    opened, _ = open_job(settings)
    with opened:
        review = Review(opened)
        # A pace of its own, or each drawing would have another.
        photos = review.photos
        photos.pace = lambda: (31.0, 60 * photos.undecided() / 31.0)  # type: ignore[method-assign]
        return asyncio.run(_seen(review))


async def _seen(review: Review) -> str:
    # A console without a terminal knows no colours.
    with patch("rich.console.Console.color_system", "truecolor"):
        app = ReviewApp(review, rebound({}))
        async with app.run_test(size=SIZE) as pilot:
            for key in (*KEYS, *[""] * 5):
                await app.workers.wait_for_complete()
                await pilot.pause(0.2)
                if key:
                    await pilot.press(key)
            return _small(app.export_screenshot(title="phototagger review samples"))


def _small(svg: str) -> str:
    """Return the SVG without what makes it large, or differ from drawing to drawing.

    Half blocks become rectangles: not every font draws them without gaps.
    """
    svg = re.sub(r"terminal-\d+", "t", svg)
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r' clip-path="url\(#t-line-\d+\)"', "", svg)
    svg = re.sub(r'<clipPath id="t-line-.*?</clipPath>\s*', "", svg, flags=re.DOTALL)
    svg = svg.replace(' shape-rendering="crispEdges"', "").replace(
        "<style>", "<style>rect { shape-rendering: crispEdges }", 1
    )
    return _HALF_BLOCKS.sub(_rectangle, svg)


_HALF_BLOCKS = re.compile(
    r'<text class="(t-r\d+)" x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)">▀+</text>'
)
_LINE_TOP = 18.5  # above the baseline, in the units of Rich's SVG
_HALF_LINE = 12.3


def _rectangle(found: re.Match[str]) -> str:
    style, x, y, width = found.groups()
    top = f"{float(y) - _LINE_TOP:g}"
    return f'<rect class="{style}" x="{x}" y="{top}" width="{width}" height="{_HALF_LINE}"/>'


if __name__ == "__main__":
    sys.exit(main())
