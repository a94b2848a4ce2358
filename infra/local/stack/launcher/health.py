"""The health checks of containers: `python -m launcher.health KIND …`."""

import argparse
import json
import socket
import sys
import urllib.request
from pathlib import Path

from foldlog_airflow import speed_layer_status

MAX_STATUS_AGE_SECONDS = 30


def listens(address: str) -> str | None:
    """None if the port accepts connections; raises OSError otherwise."""
    host, port = address.rsplit(":", 1)
    socket.create_connection((host, int(port)), timeout=5).close()
    return None


def airflow(url: str, component: str) -> str | None:
    """Why a component of Airflow is not healthy, according to the API server; None if it is."""
    # not by an HTTP proxy of the environment
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(f"{url}/api/v2/monitor/health", timeout=5) as response:
        health = json.load(response)[component]
    return None if health["status"] == "healthy" else f"{component} is {health}"


def speed_layer(file: Path) -> str | None:
    """Why the speed layer is not healthy, according to its status file; None if it is."""
    status = speed_layer_status.read(file)
    if status is None:
        return "it has not written its status file yet"
    if status.state != "running" or status.age_seconds() >= MAX_STATUS_AGE_SECONDS:
        return f"it was {status.state} {status.age_seconds():.0f} s ago"
    # the continuous query commits an epoch each second, even without records
    if status.trigger == "continuous" and status.epoch is None:
        return "it has not committed its first epoch"
    return None


def main() -> int:
    parser = argparse.ArgumentParser(prog="launcher.health", description=__doc__)
    kinds = parser.add_subparsers(required=True)
    kind = kinds.add_parser("listens", help="the port accepts connections")
    kind.add_argument("address", metavar="HOST:PORT")
    kind.set_defaults(check=lambda options: listens(options.address))
    kind = kinds.add_parser("airflow", help="Airflow's API server reports the component as healthy")
    kind.add_argument("url")
    kind.add_argument("component", choices=["scheduler", "dag_processor"])
    kind.set_defaults(check=lambda options: airflow(options.url, options.component))
    kind = kinds.add_parser("speed-layer", help="the status file shows that the speed layer runs")
    kind.add_argument("file", type=Path)
    kind.set_defaults(check=lambda options: speed_layer(options.file))
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
