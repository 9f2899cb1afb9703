"""The store of pictures: threads, stale requests, what is kept."""

import threading
from pathlib import Path

import pytest
from PIL import Image

from bench.pictures import with_preview
from phototagger.tui.graphics.blocks import Blocks, Box, Painted
from phototagger.tui.graphics.pictures import EVERY, Original, PictureFiles, Pictures
from tests.engine.process.processes import until
from tests.tui.standin import Loop, thumbnail

BOX = Box(8, 4)


class Gate:
    """A painter that waits until it may go on, and notes what it drew and where."""

    name = "gate"

    def __init__(self, *, is_open=False, size=1000):
        self.drawn = []
        self.threads = set()
        self.size = size
        self.gate = threading.Event()
        self.started = threading.Semaphore(0)
        if is_open:
            self.gate.set()

    def pixels(self, box):
        return box.columns, 2 * box.rows

    def encode(self, image, box):
        self.started.release()
        assert self.gate.wait(10)
        self.threads.add(threading.current_thread())
        self.drawn.append(image.getpixel((2, 2))[0] // 50)
        return Painted([], box.columns, 0, 0, self.size)


@pytest.fixture
def files(tmp_path):
    return [
        str(thumbnail(tmp_path, number, (64, 48), (number * 50 + 25, 0, 0))) for number in range(5)
    ]


@pytest.fixture
def store():
    made = []

    def make(painter, **options):
        made.append(Pictures(Loop(), painter, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()
        one._threads.shutdown(wait=True)


def finish(pictures):
    """Wait until the threads have nothing to do."""
    done = threading.Event()
    for _ in range(1000):
        with pictures._lock:
            if not pictures._workers:
                break
        done.wait(0.01)
    assert not pictures._workers
    pictures._loop.run()


def want(pictures, wish, files, then=()):
    pictures.want(wish, [(file, BOX) for file in files], [(file, BOX) for file in then])


def test_a_picture_is_drawn_in_a_thread_and_told_once(store, files):
    told, painter = [], Gate(is_open=True)
    pictures = store(painter)
    wish = pictures.user(told.append)
    assert pictures.request(files[0], BOX) is None
    want(pictures, wish, files[:1])
    finish(pictures)
    assert told == [[files[0]]]
    assert pictures.request(files[0], BOX) is not None
    assert threading.main_thread() not in painter.threads
    want(pictures, wish, files[:1])
    finish(pictures)
    assert len(painter.drawn) == 1


def test_what_is_ready_together_is_told_together(store, files):
    told, painter = [], Gate(is_open=True)
    pictures = store(painter)
    want(pictures, pictures.user(told.append), files)
    finish(pictures)
    assert [sorted(paths) for paths in told] == [files]


def test_while_more_is_coming_it_is_told_every_30_ms(store, files):
    told, painter = [], Gate()
    pictures = store(painter)
    want(pictures, pictures.user(told.append), files)
    assert all(painter.started.acquire(timeout=10) for _ in range(2))
    with pictures._lock:
        pictures._running.discard((files[0], BOX))
        assert pictures._put((files[0], BOX), Painted([], 1, 0, 0, 1))
        assert not pictures._put((files[1], BOX), Painted([], 1, 0, 0, 1))
    pictures._arm()
    assert told == []
    ((delay, flush),) = pictures._loop.timers
    assert delay == EVERY
    flush()
    assert told == [files[:2]]
    pictures._loop.timers = []
    painter.gate.set()
    finish(pictures)


def test_what_is_no_longer_wanted_is_never_drawn(store, files):
    told, painter = [], Gate()
    pictures = store(painter)
    wish = pictures.user(told.append)
    want(pictures, wish, files[:3])
    assert all(painter.started.acquire(timeout=10) for _ in range(2))
    want(pictures, wish, files[3:4])
    want(pictures, wish, files[4:])
    painter.gate.set()
    finish(pictures)
    assert sorted(painter.drawn) == [0, 1, 4]
    assert told == [files[4:]]


def test_what_comes_next_is_drawn_after_what_is_seen_and_not_told(store, files):
    told, painter = [], Gate(is_open=True)
    pictures = store(painter)
    first, second = pictures.user(told.append), pictures.user(told.append)
    pictures._threads.submit(threading.Event().wait, 0.05)
    want(pictures, first, files[:1], then=files[3:])
    want(pictures, second, files[1:3])
    finish(pictures)
    assert set(painter.drawn[:1]) <= {0, 1, 2}
    assert sorted(painter.drawn) == [0, 1, 2, 3, 4]
    assert sorted(path for paths in told for path in paths) == files[:3]
    assert pictures.request(files[4], BOX) is not None


def test_the_least_recently_used_go_first_when_it_is_full(store, files):
    painter = Gate(is_open=True, size=40)
    pictures = store(painter, limit=100)
    wish = pictures.user(lambda _: None)
    for file in (files[0], files[1]):
        want(pictures, wish, [file])
        finish(pictures)
    assert pictures.request(files[0], BOX) is not None
    want(pictures, wish, [files[2]])
    finish(pictures)
    assert pictures.size == 80
    assert pictures.request(files[1], BOX) is None
    assert pictures.request(files[0], BOX) is not None


def test_a_picture_larger_than_the_limit_is_drawn_once(store, files):
    painter = Gate(is_open=True, size=1000)
    pictures = store(painter, limit=100)
    want(pictures, pictures.user(lambda _: None), files)
    finish(pictures)
    assert sorted(painter.drawn) == [0, 1, 2, 3, 4]
    assert pictures.size == 1000


def test_the_same_file_in_another_box_is_another_picture(store, files):
    painter = Gate(is_open=True)
    pictures = store(painter)
    pictures.want(pictures.user(lambda _: None), [(files[0], BOX), (files[0], Box(4, 2))])
    finish(pictures)
    assert painter.drawn == [0, 0]


def test_missing_and_damaged_thumbnails_are_told_as_such(store, files, tmp_path):
    told = []
    pictures = store(Blocks("halfcell"))
    damaged, cut = tmp_path / "damaged.jpg", tmp_path / "cut.jpg"
    damaged.write_bytes(b"\xff\xd8\xff\xe0 no picture")
    cut.write_bytes(Path(files[0]).read_bytes()[:200])
    odd = [str(damaged), str(cut), str(tmp_path / "none.jpg"), str(tmp_path)]
    wish = pictures.user(told.append)
    want(pictures, wish, odd)
    finish(pictures)
    assert sorted(path for paths in told for path in paths) == sorted(odd)
    for path in odd:
        assert pictures.is_missing(path, BOX)
        assert pictures.request(path, BOX) is None


def test_a_thumbnail_made_later_is_found_after_retry(store, tmp_path):
    pictures = store(Blocks("halfcell"))
    wish = pictures.user(lambda _: None)
    path = str(tmp_path / "00.jpg")
    want(pictures, wish, [path])
    finish(pictures)
    thumbnail(tmp_path)
    want(pictures, wish, [path])
    finish(pictures)
    assert pictures.is_missing(path, BOX)
    pictures.retry()
    want(pictures, wish, [path])
    finish(pictures)
    assert pictures.request(path, BOX).columns == 8


def test_without_a_painter_nothing_is_read(store, files):
    pictures = store(None)
    want(pictures, pictures.user(lambda _: None), files)
    assert pictures._workers == 0
    assert pictures.request(files[0], BOX) is None
    assert not pictures.is_missing(files[0], BOX)


def test_after_closing_nothing_is_told(store, files):
    told, painter = [], Gate()
    pictures = store(painter)
    want(pictures, pictures.user(told.append), files)
    assert painter.started.acquire(timeout=10)
    pictures.close()
    painter.gate.set()
    finish(pictures)
    assert told == []
    assert len(painter.drawn) <= 2


def test_another_painter_draws_what_is_wanted_again(store, files):
    first, other = Gate(), Gate(is_open=True, size=7)
    pictures = store(first)
    pictures.want(pictures.user(lambda _: None), [(files[0], BOX)])
    assert first.started.acquire(timeout=10)
    pictures.use(other)
    first.gate.set()
    assert other.started.acquire(timeout=10)
    pictures._threads.shutdown(wait=True)
    assert pictures.request(files[0], BOX).size == pictures.size == 7


def test_until_its_thumbnail_is_drawn_a_photo_shows_its_preview(store, tmp_path, files):
    with open(files[1], "rb") as small, Image.open(small) as preview:  # noqa: PTH123
        photo = tmp_path / "photo.jpg"
        photo.write_bytes(with_preview(Path(files[0]).read_bytes(), preview=preview.convert("RGB")))
    painter = Gate(is_open=True)
    pictures = store(painter)
    wish = pictures.user(lambda _: None)
    unread = PictureFiles(Original(photo), "", unread=True)
    read = PictureFiles(Original(photo), files[2])
    assert pictures.best(unread, BOX) is None
    pictures.want(wish, [(unread.wanted, BOX)])
    until(lambda: pictures.best(unread, BOX))
    assert painter.drawn == [1]
    before = pictures.best(read, BOX)
    assert before is pictures.best(unread, BOX)
    pictures.want(wish, [(read.wanted, BOX)])
    until(lambda: pictures.best(read, BOX) is not before)
    assert painter.drawn == [1, 2]


def test_a_photo_without_a_preview_is_not_said_to_have_no_picture(store, files):
    pictures = store(Gate(is_open=True))
    wish = pictures.user(lambda _: None)
    original = Original(files[0])  # it has no EXIF
    pictures.want(wish, [(original, BOX)])
    until(lambda: (original, BOX) in pictures._missing)
    assert not pictures.is_missing(original, BOX)
