"""Processes of `phototagger` that begin with most of what it needs imported already.

Each is forked from one that imported this and did nothing else, and runs ``python -m phototagger``
with its own words, folder, environment and outputs. That saves most of what a short command costs.
"""

import atexit
import gc
import os
import runpy
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import NamedTuple, NoReturn

from phototagger.files import atomic

CHECKOUT = Path(__file__).parents[2]


class _Asked(NamedTuple):
    """What a process gets: the files are its stdin, stdout and stderr."""

    words: list[str]
    folder: str
    env: dict[str, str]
    files: list[str]


class Forks:
    """Starts such processes, one at a time."""

    def __init__(self) -> None:
        self._asks, theirs = Pipe()
        words = [sys.executable, "-m", "tests.cli.forks", str(theirs.fileno())]
        self._parent = subprocess.Popen(
            words, cwd=CHECKOUT, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
        )
        theirs.close()

    def run(
        self, words: Sequence[str], folder: Path, env: Mapping[str, str], given: str
    ) -> subprocess.CompletedProcess[str]:
        """Run one to its end; return its exit code and what it wrote."""
        with tempfile.TemporaryDirectory() as place:
            files = [Path(place, name) for name in ("stdin", "stdout", "stderr")]
            for file, text in zip(files, (given, "", ""), strict=True):
                file.write_text(text)
            self._asks.send(_Asked(list(words), str(folder), dict(env), [*map(str, files)]))
            code = self._asks.recv()
            out, err = (file.read_text() for file in files[1:])
        return subprocess.CompletedProcess(words, code, out, err)

    def close(self) -> None:
        """Let the process end that the others came from."""
        self._asks.close()
        self._parent.wait()


def _next(asks: Connection) -> _Asked:
    """Return, in a new process, what it is asked for; the first one only waits for its end."""
    while True:
        try:
            asked = asks.recv()
        except EOFError:
            sys.exit()
        if not (child := os.fork()):
            asks.close()
            return asked
        asks.send(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def _become(asked: _Asked) -> None:
    os.chdir(asked.folder)
    os.environ.clear()
    os.environ.update(asked.env)
    for number, name in enumerate(asked.files):
        file = os.open(name, os.O_RDWR)
        os.dup2(file, number)
        os.close(file)
    sys.argv[1:] = asked.words
    sys.path[0] = asked.folder
    atomic._BEGAN = time.time()
    try:
        runpy.run_module("phototagger", run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        _end(ended.code)


def _end(code: int) -> NoReturn:
    """End as Python does, but do not take apart what was imported: of torch that takes 0.5 s."""
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    import numpy
    import PIL.Image
    import polars
    import torch
    import yaml

    import phototagger.cli.drive  # with nearly all below the commands themselves

    assert all((numpy, PIL.Image, polars, torch, yaml, phototagger.cli.drive))
    gc.freeze()
    _become(_next(Connection(int(sys.argv[1]))))
