"""Migrates Airflow's metadata database: `python -m launcher.migration --marker FILE`."""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from . import airflow, config as configs, postgresql
from .failures import ExitStatus, Failure


def main() -> int:
    parser = argparse.ArgumentParser(prog="launcher.migration")
    parser.add_argument("--marker", type=Path, required=True, help="file that is written after the migration")
    arguments = parser.parse_args()
    config = configs.started(os.environ)
    deadline = time.monotonic() + config.startup_timeout_seconds
    while not postgresql.is_ready(config):
        if time.monotonic() > deadline:
            raise Failure(
                f"PostgreSQL at {config.postgresql.host}:{config.postgresql.port} took no connection within"
                f" {config.startup_timeout_seconds} s: see why (./foldlog logs postgresql), or raise the"
                " setting runtime.startup-timeout.",
                ExitStatus.UNAVAILABLE,
            )
        time.sleep(0.2)
    status = subprocess.run(airflow.command(config, "db", "migrate"), check=False).returncode
    if status == 0:
        arguments.marker.write_text("migrated\n")
    return status


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        print(failure, file=sys.stderr)
        sys.exit(failure.status)
