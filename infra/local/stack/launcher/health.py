"""Whether a service is healthy, for a container's health check: `python -m launcher.health KIND …`."""

import argparse
import json
import socket
import sys
import urllib.request
from pathlib import Path

from foldlog_airflow import speed_layer_status

FRESH_SECONDS = 30


def listens(address: str) -> str | None:
    """Why nobody answers at host:port."""
    host, port = address.rsplit(":", 1)
    socket.create_connection((host, int(port)), timeout=5).close()
    return None


def airflow(url: str, component: str) -> str | None:
    """Why a component of Airflow does not work, by the API server, which sees its heartbeats."""
    with urllib.request.urlopen(f"{url}/api/v2/monitor/health", timeout=5) as answer:
        found = json.load(answer)[component]
    return None if found["status"] == "healthy" else f"{component} is {found}"


def speed_layer(file: Path) -> str | None:
    """Why the speed layer does not run, by its status file."""
    status = speed_layer_status.read(file)
    if status is None:
        return "it has not written its status file yet"
    if status.state != "running" or status.age_seconds() >= FRESH_SECONDS:
        return f"it was {status.state} {status.age_seconds():.0f} s ago"
    # the continuous query commits an epoch each second, records or none
    if status.trigger == "continuous" and status.epoch is None:
        return "it has not committed its first epoch"
    return None


def main() -> int:
    parser = argparse.ArgumentParser(prog="launcher.health", description=__doc__)
    kinds = parser.add_subparsers(required=True)
    kind = kinds.add_parser("listens", help="the port accepts connections")
    kind.add_argument("address", metavar="HOST:PORT")
    kind.set_defaults(check=lambda given: listens(given.address))
    kind = kinds.add_parser("airflow", help="the component had a heartbeat, by Airflow's API server")
    kind.add_argument("url")
    kind.add_argument("component", choices=["scheduler", "dag_processor"])
    kind.set_defaults(check=lambda given: airflow(given.url, given.component))
    kind = kinds.add_parser("speed-layer", help="the speed layer runs, by its status file")
    kind.add_argument("file", type=Path)
    kind.set_defaults(check=lambda given: speed_layer(given.file))
    arguments = parser.parse_args()
    try:
        problem = arguments.check(arguments)
    except (OSError, ValueError) as error:
        problem = str(error)
    if problem:
        print(problem, file=sys.stderr)
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
