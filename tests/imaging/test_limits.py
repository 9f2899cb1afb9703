"""What photos may be decoded, one by one and many at once."""

import numpy as np

from phototagger.imaging.limits import USUAL, Limits
from phototagger.settings.model import Settings


def test_where_no_setting_says_otherwise_the_usual_limits_hold():
    assert Limits.of(Settings()) == USUAL


def test_many_sizes_are_refused_as_each_alone():
    shapes = np.array([[40, 25], [40, 26], [0, 0], [60_000, 60_000]], np.int32)
    limits = Limits(1000)
    alone = [limits.refusal(int(wide), int(high), 1) is not None for wide, high in shapes]
    assert limits.refuses(shapes).tolist() == alone == [False, True, False, True]
