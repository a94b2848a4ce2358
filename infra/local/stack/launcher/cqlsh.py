"""cqlsh against the view, with the password in a file of mode 600 and in no process list."""

import os
import subprocess
from pathlib import Path

from . import private
from .failures import ExitStatus, Failure
from .plan import Login, Plan
from .repository import tool

# cqlsh says so of every patch release of the server but the first
VERSION_WARNING = "WARNING: cqlsh was built against"


def command(plan: Plan, login: Login) -> list[str]:
    """cqlsh, logged in as the role unless its arguments name another."""
    return [
        str(tool("cqlsh", "cqlsh")),
        "--cqlshrc",
        str(_configuration(plan, login)),
        "--credentials",
        str(_credentials(plan, login)),
        *(["--ssl"] if plan.tls else []),
        "--keyspace",
        plan.view.keyspace,
    ]


def environment(plan: Plan) -> dict[str, str]:
    """Where cqlsh connects, unless its arguments name a host."""
    return {**os.environ, "CQLSH_HOST": plan.view.host, "CQLSH_PORT": str(plan.view.port)}


def interactive(plan: Plan, login: Login, arguments: list[str]) -> ExitStatus:
    result = subprocess.run(
        [*command(plan, login), *arguments], env=environment(plan), check=False
    )
    return ExitStatus.SUCCESS if result.returncode == 0 else ExitStatus.USAGE_ERROR


def execute(plan: Plan, login: Login, statements: str) -> str:
    """Runs the statements and returns what cqlsh printed."""
    result = subprocess.run(
        [*command(plan, login), "--no-color", "-e", statements],
        env=environment(plan),
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise Failure(f"cqlsh as {login.user} failed: {result.stderr.strip()}", ExitStatus.UNAVAILABLE)
    lines = result.stdout.splitlines()
    return "\n".join(line for line in lines if not line.startswith(VERSION_WARNING))


def _configuration(plan: Plan, login: Login) -> Path:
    tls = f"[ssl]\ncertfile = {plan.secrets / 'authority.pem'}\nvalidate = true\n"
    return private.write(
        plan.state / "run" / f"{login.user}.cqlshrc",
        "[auth_provider]\n"
        "module = cassandra.auth\n"
        "classname = PlainTextAuthProvider\n"
        f"username = {login.user}\n"
        "[connection]\n"
        "timeout = 30\n"
        "request_timeout = 60\n" + (tls if plan.tls else ""),
    )


def _credentials(plan: Plan, login: Login) -> Path:
    if not login.password_file.is_file():
        raise Failure(f"{login.password_file} does not exist: provisioning generates it (./foldlog up).")
    password = login.password_file.read_text().strip()
    return private.write(
        plan.state / "run" / f"{login.user}.credentials",
        f"[PlainTextAuthProvider]\nusername = {login.user}\npassword = {password}\n",
    )
