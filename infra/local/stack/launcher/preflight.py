"""Checks that this machine has what the stack needs, before anything starts."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys

from .config import Port
from .failures import Failure
from .repository import ROOT, check_paths, java

REQUIRED_COMMANDS = {
    "mvn": "Maven 3.8 or later builds the applications",
    "make": "make runs the commands",
    "bash": "bash runs spark-submit",
}


def check_tools() -> None:
    """Fails for a wrong Python or JDK and for missing tools, with one message for all."""
    check_paths(ROOT)
    problems = [problem for problem in (_python(), _jdk(), *_commands()) if problem]
    if problems:
        raise Failure("\n".join(problems))


def _python() -> str | None:
    if sys.version_info[:2] == (3, 11):
        return None
    found = f"{sys.version_info.major}.{sys.version_info.minor}"
    return (
        f"Python 3.11 is needed, and {sys.executable} is {found}: install it, and name it with"
        " make PYTHON=/path/to/python3.11 if it is not python3.11 on the PATH."
    )


def _jdk() -> str | None:
    try:
        launcher = java()
        printed = subprocess.run([launcher, "-version"], capture_output=True, text=True, check=False)
    except Failure as failure:
        return str(failure)
    except OSError as error:
        return f"The JDK cannot be run ({error}): set JAVA_HOME to a JDK 17."
    version = re.search(r'version "(\d+)', printed.stderr)
    if not version or version.group(1) != "17":
        found = version.group(1) if version else "something else"
        return f"JDK 17 is needed, and {launcher} is {found}: set JAVA_HOME to a JDK 17."
    compiler = os.path.join(os.path.dirname(os.path.realpath(launcher)), "javac")
    if not os.path.exists(compiler):
        return f"A JDK 17 is needed, and {launcher} has no compiler beside it: install the JDK."
    return None


def _commands() -> list[str]:
    missing = [
        f"{command} is missing: {reason}. Install it, or put it on the PATH."
        for command, reason in REQUIRED_COMMANDS.items()
        if shutil.which(command) is None
    ]
    if os.geteuid() == 0 and not (shutil.which("unshare") or shutil.which("setpriv")):
        missing.append(
            "unshare and setpriv are missing: PostgreSQL refuses to run as root, and one of them"
            " gives it another user. Install util-linux, or use another user than root."
        )
    return missing


def check_ports(ports: list[Port]) -> None:
    """Fails for ports that are taken or set twice; the message names the setting of each."""
    problems: list[str] = []
    seen: dict[int, str] = {}
    for port in ports:
        if port.number in seen:
            problems.append(
                f"The settings {seen[port.number]} and {port.setting} both name port {port.number}:"
                " change one of them."
            )
        elif not is_free(port.number):
            problems.append(
                f"Port {port.number} on 127.0.0.1 is taken by another program: end that program, or"
                f" set {port.setting} to a free port (environment: {environment_name(port.setting)})."
            )
        seen.setdefault(port.number, port.setting)
    if problems:
        raise Failure("\n".join(problems))


def is_free(number: int) -> bool:
    """Whether the port of 127.0.0.1 is free."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind(("127.0.0.1", number))
        except OSError:
            return False
    return True


def environment_name(setting: str) -> str:
    """The environment variable that overrides a setting (docs/configuration.md)."""
    return "FOLDLOG_" + re.sub(r"[.-]", "_", setting.upper())
