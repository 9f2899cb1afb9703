"""Tag photos from the keyboard: CLIP suggests labels, a person decides, sidecars remember."""

import os

# OpenBLAS reads it once, when numpy is imported. After each product its idle threads would wait
# awake for the next one, and burn as much time as ranking a block of photos takes.
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")
