"""Runs a job whose model is in a process of its own, for a test that kills this one.

    python -m tests.faults.model_driver ROOT FOLDER

Prints the number of the model's process when the engine has begun to embed.
"""

import sys
import time

from phototagger.engine.job import Job
from phototagger.engine.process import child
from phototagger.engine.step import steps_of
from phototagger.engine.worker import Engine
from phototagger.settings.model import Settings
from tests.engine.process.processes import COMMAND


def main(root: str, folder: str) -> None:
    child.COMMAND = COMMAND
    settings = Settings(
        root=root,
        model_name="embedded",
        run_dir=f"{folder}/runs",
        cache_dir=f"{folder}/cache",
    )
    with Job(settings, labels=["cat"], model_in_child=True) as job:
        engine = Engine(job)
        engine.start(steps_of("run"))
        while job.model._remote.child.pid is None:
            time.sleep(0.01)
        print(job.model._remote.child.pid, flush=True)
        engine.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
