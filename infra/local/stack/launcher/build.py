"""`make build`: the applications, and the binaries of PostgreSQL."""

from __future__ import annotations

import re
import subprocess

from . import maven, postgresql
from .failures import ExitStatus, Failure
from .repository import ROOT

LOG = ROOT / "target" / "build.log"
SHOWN = re.compile(rb"^\[(ERROR|INFO\] Building )")


def build(maven_command: str) -> None:
    """Builds all modules without their tests, so that a run need not write to the checkout."""
    LOG.parent.mkdir(exist_ok=True)
    command = [*maven.command(maven_command), "-B", "-ntp", "-DskipTests", "-Dspotless.check.skip", "package"]
    with open(LOG, "wb") as log, subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        for line in process.stdout or ():
            log.write(line)
            if SHOWN.match(line):
                print(line.decode(errors="replace").rstrip(), flush=True)
    if process.returncode != 0:
        raise Failure(f"The build failed; see {LOG}", ExitStatus.INTERNAL_ERROR)
    if postgresql.has_binaries():
        postgresql.unpack()
