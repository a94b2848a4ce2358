"""Runs cqlsh on the view. The password is in a file of mode 600, so no process list shows it."""

import os
import subprocess
from pathlib import Path

from . import private
from .config import Login, StackConfig
from .failures import ExitStatus, Failure
from .repository import tool

# cqlsh prints this for every patch release of the server except the first
VERSION_WARNING = "WARNING: cqlsh was built against"


def command(config: StackConfig, login: Login) -> list[str]:
    """The command line of cqlsh with the role's login. Further arguments may override the login."""
    return [
        str(tool("cqlsh", "cqlsh")),
        "--cqlshrc",
        str(_configuration(config, login)),
        "--credentials",
        str(_credentials(config, login)),
        *(["--ssl"] if config.tls else []),
        "--keyspace",
        config.view.keyspace,
    ]


def environment(config: StackConfig) -> dict[str, str]:
    """The environment of cqlsh with the view's address. Arguments of cqlsh may override the address."""
    return {
        # the user may have no home folder
        "CQL_HISTORY": str(config.state / "run" / "cqlsh-history"),
        **os.environ,
        "CQLSH_HOST": config.view.host,
        "CQLSH_PORT": str(config.view.port),
        # in cqlshrc, % starts an interpolation
        **({"SSL_CERTFILE": str(config.secrets / "authority.pem")} if config.tls else {}),
    }


def interactive(config: StackConfig, login: Login, arguments: list[str]) -> ExitStatus:
    result = subprocess.run(
        [*command(config, login), *arguments], env=environment(config), check=False
    )
    return ExitStatus.SUCCESS if result.returncode == 0 else ExitStatus.USAGE_ERROR


def execute(config: StackConfig, login: Login, statements: str) -> str:
    """Runs the statements; returns the output of cqlsh."""
    result = subprocess.run(
        [*command(config, login), "--no-color", "-e", statements],
        env=environment(config),
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise Failure(f"cqlsh as {login.user} failed: {result.stderr.strip()}", ExitStatus.UNAVAILABLE)
    lines = result.stdout.splitlines()
    return "\n".join(line for line in lines if not line.startswith(VERSION_WARNING))


def _configuration(config: StackConfig, login: Login) -> Path:
    tls = "[ssl]\nvalidate = true\n"
    return private.write(
        config.state / "run" / f"{login.user}.cqlshrc",
        "[auth_provider]\n"
        "module = cassandra.auth\n"
        "classname = PlainTextAuthProvider\n"
        f"username = {login.user}\n"
        "[connection]\n"
        "timeout = 30\n"
        "request_timeout = 60\n" + (tls if config.tls else ""),
    )


def _credentials(config: StackConfig, login: Login) -> Path:
    if not login.password_file.is_file():
        raise Failure(f"{login.password_file} does not exist: provisioning generates it (./foldlog up).")
    password = login.password_file.read_text().strip()
    return private.write(
        config.state / "run" / f"{login.user}.credentials",
        f"[PlainTextAuthProvider]\nusername = {login.user}\npassword = {password}\n",
    )
