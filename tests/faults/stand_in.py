"""A model that is numpy only: deterministic, quick, and it notes every photo it was given."""

import hashlib
import os
from pathlib import Path

import numpy as np

from phototagger.core.preprocess import Preprocess

SIDE = 16
DIMENSION = SIDE * SIDE * 3


class Encoder:
    """Stands in for phototagger.core.encoder.Encoder."""

    preprocess = Preprocess(SIDE, SIDE, (0.5,) * 3, (0.5,) * 3, resize_mode="squash")

    def __init__(self, *_, **__):
        pass

    def images(self, batch):
        """A photo's vector is its pixels; its number goes into the journal, if there is one."""
        journal = os.environ.get("EMBEDDED_JOURNAL")
        if journal:
            with Path(journal).open("ab", buffering=0) as file:
                file.write(b"." * len(batch))
        return batch.reshape(len(batch), -1).astype(np.float32) - 127

    def labels(self, labels, prompt="a photo of {}"):
        rows = [
            np.frombuffer(hashlib.shake_256(one.encode()).digest(DIMENSION), np.int8)
            for one in labels
        ]
        return np.array(rows, np.float32)


def install(patch=setattr):
    """Make every job use the stand-in, under the name `embedded`."""
    from phototagger.engine import model

    patch(model, "load_clip", lambda *_: (None, None, None, _Device()))
    patch(model, "Encoder", Encoder)


class _Device:
    type = "cpu"
