"""Sets Pillow's own limit and warnings aside, for whoever imports this before opening a photo."""

from __future__ import annotations

import warnings

from PIL import Image

# The header's size is checked where a photo is decoded, against the person's own limit.
Image.MAX_IMAGE_PIXELS = None
# Damage beside the pixels does no harm, and damage to them is an error.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
