"""Ray, quietly, in a process that serves another."""

import logging
import socket
from typing import Any

from phototagger.errors import MissingError, UsageError

LOCAL = "local"
"""The address of a cluster that is begun for this run, on this machine alone."""

_CONNECT_SECONDS = 5.0
_STORE_BYTES = 80 * 2**20  # what Ray takes at least; only paths and vectors go through it


def check_address(address: str) -> None:
    """Raise UsageError where this is no address of a cluster."""
    host, _, port = address.rpartition(":")
    if address != LOCAL and not (host and port.isdecimal() and "/" not in host):
        raise UsageError(
            f"--ray-address: {address!r} is no address of a cluster",
            "give HOST:PORT, as `ray start --head` prints it",
        )


def connect(address: str) -> Any:
    """Connect to a cluster, or begin a local one; return the module ray.

    Raises MissingError where there is none that can be used.
    """
    local: dict[str, Any] = {}
    if address == LOCAL:
        local = {"object_store_memory": _STORE_BYTES, "include_dashboard": False}
    else:
        _reach(address)
    import ray

    try:
        ray.init(address, log_to_driver=False, logging_level=logging.WARNING, **local)
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        raise unusable(address, str(error).strip().splitlines()[0]) from error
    return ray


def unusable(address: str, why: str) -> MissingError:
    """Return what is to be said of a cluster that cannot be used."""
    return MissingError(
        f"the Ray cluster at {address} cannot be used: {why}",
        "this machine has to be one of its nodes (`ray start --address=HOST:PORT`), with the "
        "same versions of Ray and Python",
    )


def _reach(address: str) -> None:
    """Try once to reach an address: Ray itself would try for a minute."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), _CONNECT_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise MissingError(
            f"no Ray cluster can be reached at {address}: {error}",
            "start it with `ray start --head`, or leave out --ray-address for one of this machine",
        ) from error
