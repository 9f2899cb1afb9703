"""The grid and the large picture in a real terminal: python -m tests.tui.pictured IMAGES FOLDER.

FOLDER holds thumbnails, IMAGES is the setting. ``d`` opens a dialog, ``t`` says something for a
second, ``s`` lets another program have the terminal for a second, ``m`` marks.
"""

import os
import sys

from phototagger.tui.graphics.probe import probe
from phototagger.tui.graphics.terminal import color_system


def main(images, folder):
    terminal = probe(limit=float(os.environ.get("LIMIT", "2")))
    colours = color_system(os.environ, terminal)
    if colours:
        os.environ["TEXTUAL_COLOR_SYSTEM"] = colours
    # Only now: textual reads the environment as it is imported.
    from phototagger.tui.textual_patches.late import pass_over_late_answers
    from tests.tui.pictured_app import Screen

    pass_over_late_answers(terminal.begun)
    app = Screen(images, folder, terminal)
    app.run()
    sys.exit(app.return_code or 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
