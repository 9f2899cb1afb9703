"""The model on the nodes of a Ray cluster: the same results, whatever becomes of a node."""

import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from phototagger.engine.cluster import cluster
from phototagger.engine.cluster.cluster import Cluster
from phototagger.engine.cluster.host import Host, NodePart
from phototagger.engine.events import Notice, StepFinished
from phototagger.engine.job import Job
from phototagger.engine.process import child
from phototagger.engine.runner import run_steps
from phototagger.engine.step import steps_of
from phototagger.errors import MissingError, PhototaggerError, UsageError
from tests.engine.conftest import LABELS, Library
from tests.engine.pictures import LIBRARY, picture
from tests.engine.process.processes import COMMAND, Process, is_there, until

CHECKOUT = Path(__file__).parents[3]
PHOTOS = 60
MARK = "PHOTOTAGGER_TEST_MARK"


@dataclass
class Nodes:
    """A cluster of two nodes, and what the stand-in model does on them."""

    process: subprocess.Popen[str]
    model: Process
    address: str = ""

    def ask(self, word: str) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        self.address = self.process.stdout.readline().strip()
        assert self.address

    def computing(self) -> set[int]:
        """The processes that were asked for vectors of photos."""
        file = self.model.folder / "batches"
        return set(map(int, file.read_text().split())) if file.exists() else set()

    def forget(self) -> None:
        for file in self.model.folder.iterdir():
            file.unlink()


@pytest.fixture(scope="module")
def cluster_of_two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    model = Process(tmp_path_factory.mktemp("nodes") / "model")
    command = [sys.executable, "-m", "tests.engine.cluster.two_nodes"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, cwd=CHECKOUT, start_new_session=True,
        env={**os.environ, "STANDIN": str(model.folder)},
    ) as process:  # fmt: skip
        yield Nodes(process, model)


@pytest.fixture
def nodes(cluster_of_two: Nodes, monkeypatch: pytest.MonkeyPatch) -> Nodes:
    monkeypatch.setattr(child, "COMMAND", COMMAND)
    cluster_of_two.forget()
    cluster_of_two.ask("two")
    return cluster_of_two


@pytest.fixture
def many(photos: Library) -> Library:
    """A library that takes two nodes many batches, with a copy and a broken photo."""
    for number in range(PHOTOS):
        picture(photos.root / "many" / f"{number:03}.png", 100 + number)
    (photos.root / "broken.jpg").write_text("no photo")
    (photos.root / "zoo.jpg").write_bytes((photos.root / "a.jpg").read_bytes())
    return photos


def embed(photos: Library, address: str | None, **more: object) -> tuple[np.ndarray, list[Any]]:
    with Job(photos.settings(**more), labels=LABELS, ray_address=address) as job:
        events = list(run_steps(job, steps_of("embed")))
        usable = job.photos.usable()
        assert usable.sum() == len(job.photos) - 1
        assert len(job.model.images) == len(np.unique(job.photos.keys[usable], axis=0))
        return job.model.images.get(job.photos.keys[usable]), events


def without_ray(photos: Library) -> np.ndarray:
    return embed(photos, None, run_dir=f"{photos.folder}/alone")[0]


def notices(events: list[Any]) -> list[str]:
    return [one.text for one in events if isinstance(one, Notice)]


def beside(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_a_node_that_is_killed_in_the_middle_leaves_its_photos_to_the_other(many, nodes):
    nodes.model.do("wait")

    def kill_one_while_both_are_at_a_batch() -> None:
        until(lambda: len(nodes.computing()) == 2, seconds=120)
        nodes.ask("kill")
        until(lambda: sum(map(is_there, nodes.computing())) == 1, seconds=60)
        nodes.model.do("")

    killing = beside(kill_one_while_both_are_at_a_batch)
    rows, events = embed(many, nodes.address)
    killing.join()
    assert np.array_equal(rows, without_ray(many))
    [computes, lost] = notices(events)[-2:]
    assert lost.endswith(" is left out, the others go on: the node is gone from the cluster")
    assert computes.startswith("a Ray cluster computes: ")
    assert computes.count("node ") == 2
    until(lambda: not any(map(is_there, nodes.computing())))


def test_a_process_that_crashes_again_and_again_on_every_node_ends_the_step(photos, nodes):
    nodes.model.do("crash")
    with pytest.raises(PhototaggerError) as caught:
        embed(photos, nodes.address)
    assert f"crashed (signal {int(signal.SIGSEGV)}: " in caught.value.cause
    assert "the logs that Ray keeps on that node" in caught.value.cure


def test_a_driver_that_is_killed_leaves_nobody_working_and_is_typed_again(many, nodes):
    settings = many.settings()
    labels = many.folder / "labels.txt"
    labels.write_text("\n".join(LABELS))
    words = [
        "embed", "--root", settings.root, "--run-dir", settings.run_dir, "--labels", str(labels),
        "--cache-dir", settings.cache_dir, "--model-name", "embedded", "--batch-images", "3",
        "--engine", "ray", "--ray-address", nodes.address,
    ]  # fmt: skip
    with driven(words, many.folder) as driver:
        until(lambda: nodes.model.did("batches") >= 6, seconds=120)
        nodes.model.do("wait")
        driver.kill()
    until(lambda: not any(map(is_there, nodes.computing())), seconds=60)
    nodes.model.do("")
    rows, events = embed(many, nodes.address)
    assert np.array_equal(rows, without_ray(many))
    [made] = [one.made for one in events if isinstance(one, StepFinished) and one.step == "embed"]
    assert made > 0


def driven(words: list[str], folder: Path, **more: str) -> subprocess.Popen[str]:
    """The command line in a process of its own, with the stand-in on the nodes."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.engine.cluster.driver", *words],
        cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "XDG_STATE_HOME": str(folder / "state"), **more},
    )  # fmt: skip


def test_ctrl_c_ends_a_local_cluster_with_130_and_leaves_no_process(many, tmp_path):
    model = Process(tmp_path / "model")
    model.do("wait")
    mark = uuid.uuid4().hex
    settings = many.settings()
    (many.folder / "labels.txt").write_text("cat\n")
    words = [
        "run", "--root", settings.root, "--run-dir", settings.run_dir, "--engine", "ray",
        "--cache-dir", settings.cache_dir, "--labels", str(many.folder / "labels.txt"),
        "--model-name", "embedded",
    ]  # fmt: skip
    more = {MARK: mark, "STANDIN": str(model.folder)}
    with driven(words, many.folder, **more) as driver:
        until(lambda: model.did("batches"), seconds=120)
        driver.send_signal(signal.SIGINT)
        model.do("")
        out, err = driver.communicate(timeout=120)
    assert driver.returncode == 130
    assert "stopping after this batch" in err
    assert out == ""
    assert "ray" not in err.replace("a Ray cluster computes", "").lower()
    until(lambda: not of_mark(mark), seconds=60)


def of_mark(mark: str) -> list[str]:
    """Return the commands of processes that run with this mark in their environment."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and mark.encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_text())
        except OSError:
            continue
    return found


def test_without_the_extra_the_error_names_it(photos, monkeypatch):
    monkeypatch.setattr(cluster, "find_spec", lambda _: None)
    with pytest.raises(MissingError) as caught:
        embed(photos, "local")
    assert "pip install 'phototagger[ray]'" in caught.value.cure


@pytest.mark.parametrize("address", ["nonsense", "ray://here:10001", "here:port", ":1"])
def test_what_is_no_address_is_refused(photos, address):
    with pytest.raises(UsageError) as caught:
        embed(photos, address)
    assert address in caught.value.cause


def test_an_address_where_nothing_is_says_so(photos):
    with pytest.raises(MissingError) as caught:
        embed(photos, "127.0.0.1:1")
    assert "no Ray cluster can be reached at 127.0.0.1:1" in caught.value.cause
    assert "ray start --head" in caught.value.cure


def part(**more: Any) -> NodePart:
    plain = {
        "node": "", "number": 0, "parts": 1, "cores": 1, "card": False, "seen": [],
        "version": version("phototagger"), "command": [],
    }  # fmt: skip
    return NodePart(**{**plain, **more})


def test_a_node_without_the_photos_or_with_another_version_is_not_used(tmp_path):
    there, missing = tmp_path, tmp_path / "photos" / "a.jpg"
    assert Host().begin(part(seen=[str(there), str(missing)])) == f"does not see {missing}"
    assert Host().begin(part(version="0.0")).endswith("not 0.0")


def members(photos: Library, nodes: list[dict[str, Any]], **more: object) -> list[str]:
    found = Cluster(photos.settings(**more), lambda: photos.folder / "log", "local")
    return [one.name for one in found._members("here:1", nodes, "")]


def test_cards_compute_where_there_are_some_and_else_every_node_with_a_core(photos):
    cards = {"id": "1", "host": "a", "cores": 16, "cards": 2}
    plain = {"id": "2", "host": "b", "cores": 8, "cards": 0}
    idle = {"id": "3", "host": "c", "cores": 0, "cards": 0}
    assert members(photos, [cards, plain, idle]) == ["node 1 (a) card 1", "node 1 (a) card 2"]
    assert members(photos, [cards, plain, idle], device="cpu") == ["node 1 (a)", "node 2 (b)"]
    assert members(photos, [idle, plain]) == ["node 2 (b)"]


def test_a_node_is_asked_to_see_what_is_in_the_root(photos):
    seen = cluster._seen(photos.settings())
    assert Path(seen[0]).parent == photos.root
    assert Path(seen[0]).name in {Path(name).parts[0] for name in LIBRARY}
    assert Path(seen[1]).parent == photos.folder / "thumb_cache"
