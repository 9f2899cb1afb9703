"""Stands in for the model's process where that is on a node of a Ray cluster: hands bytes on.

    python -m phototagger.engine.cluster.relay ADDRESS PART PID

PART is JSON. Where the node or its process is lost, the last message says so. What it has on the
node ends with it.
"""

import json
import os
import sys
import threading
import time
from types import ModuleType
from typing import Any, BinaryIO

from phototagger.engine.cluster.connecting import connect
from phototagger.engine.cluster.host import Host, NodePart
from phototagger.engine.process.child import explained
from phototagger.engine.process.piped import GoneError
from phototagger.engine.process.serving import end_with, failed, own_pipes, send
from phototagger.errors import NodeError, PhototaggerError

_BEGIN_SECONDS = 40.0  # a node may have to start a process for it first
_FATE_SECONDS = 40.0  # Ray takes half a minute to miss a machine that just stops
_PIECE = 2**20
_MADE = "creation task"  # what Ray says of an actor that could not be imported
_GONE = "the node is gone from the cluster"
_LOGS = "the logs that Ray keeps on that node"
_GO_ON = "run again once it can be used: everything finished so far is kept"


def _relay(address: str, part: NodePart, inbox: BinaryIO, outbox: BinaryIO) -> None:
    """Hand bytes on until the process on the node is lost, and raise what became of it."""
    ray = connect(address)
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    options = {
        "num_cpus": part.cores,
        "num_gpus": int(part.card),
        "max_concurrency": 3,  # it reads, is written to, and is asked how it ended
        "scheduling_strategy": NodeAffinitySchedulingStrategy(part.node, soft=False),
    }
    host = ray.remote(Host).options(**options).remote()
    try:
        _begin(ray, host, part)
        threading.Thread(target=_hand_over, args=(ray, host, inbox), daemon=True).start()
        while data := ray.get(host.read.remote()):
            outbox.write(data)
            outbox.flush()
        raise explained(GoneError(), ray.get(host.ended.remote()), _LOGS)
    except ray.exceptions.RayActorError as error:
        raise _fate(ray, host, part) from error


def _fate(ray: ModuleType, host: Any, part: NodePart) -> PhototaggerError:
    """Return what is to be said of a process that is lost: its node may be, too."""
    until = time.monotonic() + _FATE_SECONDS
    while time.monotonic() < until:
        try:
            ray.get(host.ended.remote())
            break
        except ray.exceptions.ActorUnavailableError:  # until the cluster knows more
            time.sleep(0.2)
        except ray.exceptions.RayActorError:
            break
    if any(node["NodeID"] == part.node and node["Alive"] for node in ray.nodes()):
        return explained(GoneError(), None, _LOGS)
    return NodeError(_GONE, _GO_ON)


def _begin(ray: ModuleType, host: Any, part: NodePart) -> None:
    """Start the process on the node. Raises NodeError where that cannot be used."""
    try:
        refused = ray.get(host.begin.remote(part), timeout=_BEGIN_SECONDS)
    except ray.exceptions.GetTimeoutError as error:
        raise NodeError("the node is busy with other work of the cluster", _GO_ON) from error
    except ray.exceptions.ActorUnschedulableError as error:
        raise NodeError(_GONE, _GO_ON) from error
    except (ray.exceptions.RayActorError, ray.exceptions.RayTaskError) as error:
        if isinstance(error, ray.exceptions.RayActorError) and _MADE not in str(error):
            raise
        raise NodeError(
            f"the node cannot start phototagger: {str(error).strip().splitlines()[-1]}",
            f"type there `pip install 'phototagger[ray]=={part.version}'`",
        ) from error
    if refused:
        raise NodeError(f"the node {refused}", "see what a node needs in docs/scale.md")


def _hand_over(ray: ModuleType, host: Any, inbox: BinaryIO) -> None:
    """Give the process on the node what comes in; end with who sends it."""
    while data := os.read(inbox.fileno(), _PIECE):
        try:
            ray.get(host.write.remote(data))
        except ray.exceptions.RayError:  # whoever reads from it finds out the same, and says so
            return
    ray.kill(host)
    os._exit(0)


def main() -> None:
    """Serve the process whose number is the last argument."""
    address, part, parent = sys.argv[1:]
    end_with(int(parent))
    inbox, outbox = own_pipes()
    try:
        _relay(address, NodePart(**json.loads(part)), inbox, outbox)
    except PhototaggerError as error:
        send(outbox, *failed(error, lost=True))


if __name__ == "__main__":
    main()
