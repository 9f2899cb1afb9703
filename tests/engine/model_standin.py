"""The model's process with the stand-in model; it prints on stdout, as libraries do.

    python -m tests.engine.model_standin PID

$STANDIN names a folder: ``loads`` gets a line a load, ``batches`` one a batch. What the file ``do``
in it holds happens at the next batch: ``wait``, ``crash``, ``exit``, ``raise``, ``lose`` the
device, ``no memory``; or at the next load: ``missing``, ``slow`` as long as that is in the file.
``first`` before it: only in processes of the device ``card:0``, and others wait at a batch as long
as that is in the file. ``ahead`` says how many batches it computes beside the one that is asked
for, ``cores`` how many it may use.
"""

import os
import signal
import sys
import time
from pathlib import Path

import numpy as np

from phototagger.engine import model
from phototagger.engine.process import model_process
from phototagger.errors import MissingError
from tests.engine import standin

FOLDER = Path(os.environ["STANDIN"])
_load = standin._load
device = ""


def asked() -> str:
    do = FOLDER / "do"
    what = do.read_text() if do.exists() else ""
    if not what.startswith("first "):
        return what
    other = "" if what == "first missing" else "wait"
    return what.removeprefix("first ") if device == "card:0" else other


def note(name: str) -> None:
    with (FOLDER / name).open("a") as file:
        file.write(f"{os.getpid()}\n")


def load(*words: object) -> object:
    global device  # noqa: PLW0603  (of which each process has one)
    device = str(words[2])
    note("loads")
    print("a library loads")
    os.write(1, b"PTag and its C code, too\n")
    while asked() == "slow":
        time.sleep(0.01)
    if asked() == "missing":
        raise MissingError("the weights are not here", "go online once")
    return _load(*words)


def heard(_: np.ndarray) -> None:
    note("batches")
    print("a batch")
    match asked():
        case "wait":
            while asked():
                time.sleep(0.01)
        case "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "exit":
            print("a library gives up", file=sys.stderr)
            os._exit(7)
        case "raise":
            raise RuntimeError("what nobody expected")
        case "no memory":
            raise MemoryError
        case "lose":
            raise RuntimeError("CUDA error: unspecified launch failure")


if __name__ == "__main__":
    standin.install()
    model.load_clip = load
    standin.StandIn.heard = staticmethod(heard)
    if (FOLDER / "cores").exists():
        cores = range(int((FOLDER / "cores").read_text()))
        os.sched_getaffinity = lambda _: cores
    standin.StandIn.ahead = int((FOLDER / "ahead").exists() and (FOLDER / "ahead").read_text())
    model_process.main()
