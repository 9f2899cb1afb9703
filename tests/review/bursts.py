"""A library with two bursts: dogs, of whom one hardly shows, and cats; and other photos."""

from contextlib import contextmanager

import numpy as np

from bench.keys_library import VectorSet, make_keys_library
from phototagger.review.open_review import open_job, open_review

DOGS, CATS = range(24, 28), range(28, 30)
SHY = 27  # its own score denies that a dog is there
LABELS = ["dog", "cat", "sea", "sky", "tree", "snow", "road", "lamp", "boat", "bird"]


def burst_set():
    """Photos 24 to 27 show dogs, 28 and 29 cats; the others have nothing in common."""
    random = np.random.default_rng(2)
    labels = np.eye(64, dtype=np.float32)[: len(LABELS)]
    scenes = [*range(24), *(24 for _ in DOGS), *(25 for _ in CATS)]
    images = np.eye(64, dtype=np.float32)[[20 + one for one in scenes]]
    images[list(DOGS), 0], images[SHY, 0] = 0.35, 0.2
    images[list(CATS), 1] = 0.5
    images[:, 50:] += 0.02 * random.standard_normal((len(images), 14))
    truth = np.zeros((len(images), len(LABELS)), bool)
    truth[list(DOGS), 0] = truth[list(CATS), 1] = True
    taken = np.array([*(60.0 * one for one in range(24)), *range(2000, 2004), 3000, 3005])
    return VectorSet(images, labels, LABELS, truth, taken=taken, scenes=np.array(scenes))


def name(number):
    return f"IMG_{number:05}.jpg"


@contextmanager
def reviewed(folder):
    """The review of such a library, made in a folder where there is none yet."""
    settings = make_keys_library(folder, burst_set())
    with opened(settings) as review:
        yield review


@contextmanager
def opened(settings):
    """A review of such a library, with its stacks."""
    from phototagger.review.stacks.found import stacks_of

    job, held_by = open_job(settings)
    with job, open_review(job, held_by) as review:
        listing = review.photos.listing
        found = stacks_of(job, listing, review.settings.stack_seconds)
        review.photos.stacked.take(found, listing)
        yield review
