"""Names the nodes of a Ray cluster, and keeps a local one running.

    python -m phototagger.engine.cluster.nodes ADDRESS PID

It answers one request on stdin, with the cluster's address and its nodes, and ends when its stdin
closes; a cluster that it began ends with it.
"""

import os
import sys
import threading
from typing import Any

from phototagger.engine.cluster.connecting import connect, unusable
from phototagger.engine.process.serving import failed, own_pipes, send
from phototagger.errors import PhototaggerError

PATIENCE_SECONDS = 90.0
"""Beyond the time that Ray takes to start on a busy machine; it waits for whatever answers."""


def _nodes_of(address: str) -> dict[str, Any]:
    ray = connect(address)
    nodes = [
        {
            "id": node["NodeID"],
            "host": node["NodeManagerAddress"],
            "cores": int(node["Resources"].get("CPU", 0)),
            "cards": int(node["Resources"].get("GPU", 0)),
        }
        for node in ray.nodes()
        if node["Alive"]
    ]
    return {"say": "done", "address": ray.get_runtime_context().gcs_address, "nodes": nodes}


def main() -> None:
    """Serve the process that started this one."""
    address = sys.argv[1]
    inbox, outbox = own_pipes()

    def give_up() -> None:
        why = f"nothing answers there within {PATIENCE_SECONDS:.0f} s"
        send(outbox, *failed(unusable(address, why), lost=True))
        os._exit(1)

    patience = threading.Timer(PATIENCE_SECONDS, give_up)
    patience.start()
    try:
        nodes = _nodes_of(address)
        patience.cancel()
        send(outbox, nodes)
    except PhototaggerError as error:
        patience.cancel()
        send(outbox, *failed(error, lost=True))
    while inbox.read(1):  # the request, which was answered, and then nothing until the end
        pass
    if "ray" in sys.modules:
        sys.modules["ray"].shutdown()


if __name__ == "__main__":
    main()
