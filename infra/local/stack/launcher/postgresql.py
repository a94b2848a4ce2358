"""The local PostgreSQL for Airflow's metadata database. Maven resolves the binaries."""

from __future__ import annotations

import functools
import os
import pwd
import shutil
import socket
import subprocess
import tarfile
import tempfile
import zipfile
from pathlib import Path

from . import private
from .config import StackConfig
from .failures import Failure
from .repository import ROOT, TOOLS

DATABASE = "airflow"
USER = "airflow"
CLASS_PATH = ROOT / "infra" / "local" / "postgresql" / "target" / "classpath"


def folder(config: StackConfig) -> Path:
    return config.state / "postgresql"


def password(config: StackConfig) -> str:
    """The password of the role. The first call generates it."""
    return private.secret(config.secrets / "airflow-database.password")


def prepare(config: StackConfig) -> None:
    """Unpacks the binaries and creates the database, unless they exist."""
    unpack()
    data = folder(config)
    if not data.exists():
        # renamed when it is complete, so that the remains of an interrupted run are not used
        new = data.with_name("postgresql.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700, parents=True)
        _change_owner(new)
        _initialise(new, password(config))
        new.rename(data)
    (data / "pg_hba.conf").write_text(_access(config))
    _change_owner(data)


def command(config: StackConfig) -> list[str]:
    settings = {
        "listen_addresses": config.bind_address,
        "port": str(config.postgresql.port),
        "unix_socket_directories": "",
        "shared_buffers": "64MB",
        "log_checkpoints": "off",
    }
    options = [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]
    return [_binary("postgres"), "-D", str(folder(config)), *options]


def is_ready(config: StackConfig) -> bool:
    """Whether the server accepts connections."""
    try:
        # the server rewrites the file before it listens; line 8 is "starting" until the recovery ends
        lines = (folder(config) / "postmaster.pid").read_text().splitlines()
        socket.create_connection((config.postgresql.host, config.postgresql.port), timeout=1).close()
    except OSError:
        return False
    return len(lines) > 7 and lines[7].strip() == "ready"


def as_ordinary_user() -> list[str]:
    """The prefix of PostgreSQL's command lines, because PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    return _in_namespace() if has_namespaces() else _as_nobody()


def _in_namespace() -> list[str]:
    """Maps root to nobody in a user namespace; the files stay owned by root."""
    nobody = pwd.getpwnam("nobody")
    return [
        "unshare",
        "--user",
        f"--map-user={nobody.pw_uid}",
        f"--map-group={nobody.pw_gid}",
        "--",
    ]


def _as_nobody() -> list[str]:
    """Switches to the user nobody, for containers without user namespaces. Others must have read access."""
    nobody = pwd.getpwnam("nobody")
    return ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups", "--"]


@functools.cache
def has_namespaces() -> bool:
    """Whether root can create a user namespace on this machine."""
    try:
        return subprocess.run([*_in_namespace(), "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def _change_owner(data: Path) -> None:
    """Gives the folder to the user that PostgreSQL runs as."""
    if os.geteuid() == 0:
        owner = "root" if has_namespaces() else "nobody"
        identity = pwd.getpwnam(owner)
        if owner != "root":
            # the user nobody must be able to reach the folder, independent of the umask
            data.parent.chmod(data.parent.stat().st_mode | 0o011)
        if data.stat().st_uid != identity.pw_uid:
            for path in (data, *data.rglob("*")):
                os.chown(path, identity.pw_uid, identity.pw_gid, follow_symlinks=False)


def _access(config: StackConfig) -> str:
    """The text of pg_hba.conf: only this role, only this database, only with a password.

    The superuser cannot log in.
    """
    addresses = "127.0.0.1/32" if config.bind_address == "127.0.0.1" else "samenet"
    return f"host {DATABASE} {USER} {addresses} scram-sha-256\n"


def _initialise(data: Path, secret: str) -> None:
    _run(
        "initdb",
        ["-D", str(data), "--username=postgres", "--auth=reject", "--encoding=UTF8", "--locale=C"],
    )
    statements = (
        f"CREATE ROLE {USER} LOGIN PASSWORD '{secret}'\n"
        f"CREATE DATABASE {DATABASE} OWNER {USER}\n"
    )
    _run("postgres", ["--single", "-D", str(data), "postgres"], statements)


def _run(program: str, arguments: list[str], standard_input: str = "") -> None:
    result = subprocess.run(
        [*as_ordinary_user(), _binary(program), *arguments],
        cwd="/",
        input=standard_input,
        capture_output=True,
        text=True,
        check=False,
    )
    # the single-user server exits with 0 even if a statement failed
    if result.returncode != 0 or "ERROR:" in result.stderr:
        lines = result.stderr.strip().splitlines()
        raise Failure(
            f"PostgreSQL's {program} could not create Airflow's metadata database:"
            f" {lines[-1] if lines else f'status {result.returncode}'}."
        )


def _binary(name: str) -> str:
    return str(TOOLS / "postgresql" / "bin" / name)


def unpack() -> None:
    """Unpacks the binaries, unless they are unpacked. Several processes may do this at the same time."""
    jar = _jar()
    target = TOOLS / "postgresql"
    if _is_unpacked(target, jar):
        return
    TOOLS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=TOOLS, prefix="postgresql-") as folder:
        unpacked = Path(folder, "postgresql")
        with zipfile.ZipFile(jar) as archive:
            name = next(name for name in archive.namelist() if name.endswith(".txz"))
            with archive.open(name) as packed, tarfile.open(fileobj=packed, mode="r:xz") as files:
                # filters exist since Python 3.11.4; Debian 12 has 3.11.2
                files.extractall(unpacked, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
        _stamp(unpacked).write_text(jar.name)
        _add_read_access(unpacked)
        if _is_unpacked(target, jar):
            return
        shutil.rmtree(target, ignore_errors=True)
        unpacked.rename(target)


def _is_unpacked(folder: Path, jar: Path) -> bool:
    return _stamp(folder).is_file() and _stamp(folder).read_text() == jar.name


def _stamp(folder: Path) -> Path:
    return folder / "unpacked-from"


def _add_read_access(folder: Path) -> None:
    """Lets all users read the binaries, independent of the umask: PostgreSQL may run as another user."""
    contents = (Path(parent, name) for parent, folders, files in os.walk(folder) for name in folders + files)
    for path in (TOOLS.parent, TOOLS, folder, *contents):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o055 if mode & 0o100 else 0o044))


def has_binaries() -> bool:
    """Whether Maven resolved binaries for this platform."""
    return CLASS_PATH.is_file() and bool(CLASS_PATH.read_text().strip())


def _jar() -> Path:
    if not CLASS_PATH.is_file():
        raise Failure("infra/local/postgresql is not built: run make build.")
    if not has_binaries():
        machine = os.uname()
        raise Failure(
            "There are no binaries of PostgreSQL, which Airflow needs, for this platform"
            f" ({machine.sysname} {machine.machine}): see infra/local/postgresql/pom.xml."
        )
    jar = Path(CLASS_PATH.read_text().strip())
    if not jar.is_file():
        raise Failure(
            f"{CLASS_PATH} names {jar}, which is gone: run mvn -q clean generate-resources in"
            " infra/local/postgresql."
        )
    return jar
