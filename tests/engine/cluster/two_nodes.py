"""A Ray cluster of two nodes on this machine, in a process of its own.

    python -m tests.engine.cluster.two_nodes

For each line on stdin, ``two`` (let there be two nodes) or ``kill`` (the second one, at once), it
says on stdout where the cluster is; it ends with its stdin.
"""

import os
import sys

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
from ray.cluster_utils import Cluster

NODE = {"num_cpus": 1, "object_store_memory": 80 * 2**20, "include_dashboard": False}
# A node that does not answer is gone after some seconds, not after the half minute of others.
CHECKS = {"health_check_initial_delay_ms": 0, "health_check_period_ms": 500}


def main() -> None:
    told = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what Ray prints
    cluster = Cluster(True, head_node_args={**NODE, "_system_config": CHECKS})
    other = None
    for line in sys.stdin:
        if line == "kill\n":
            cluster.remove_node(other, allow_graceful=False)
            other = None
        elif other is None:
            other = cluster.add_node(**NODE)
        print(cluster.address, file=told, flush=True)
    cluster.shutdown()


if __name__ == "__main__":
    main()
