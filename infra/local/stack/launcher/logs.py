"""Follows the logs of the stack's programs."""

import subprocess
from pathlib import Path

from .failures import ExitStatus, Failure


def follow(folder: Path, program: str | None) -> ExitStatus:
    """Prints the end of the logs and new lines until Ctrl-C.

    :param program: one program; None for all
    """
    files = sorted(folder.glob(f"{program or '*'}.log"))
    if not files:
        known = ", ".join(sorted(file.stem for file in folder.glob("*.log"))) or "none"
        raise Failure(f"There is no log of {program or 'any program'} in {folder}. Programs with logs: {known}.")
    try:
        subprocess.run(["tail", "-n", "40", "-F", *map(str, files)], check=False)
    except KeyboardInterrupt:
        pass
    return ExitStatus.SUCCESS
