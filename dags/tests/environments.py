"""The environments in which the stack must run: locale, paths, proxy, mounts and home folder."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import socket
import subprocess
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator

from launcher import postgresql

ROOT = Path(__file__).resolve().parents[2]
TOOLS = (ROOT / "var" / "tools").resolve()
ODD_NAME = "a b%20 50%s 'q' #1 &é日"
# the files of a built checkout, in addition to those that class paths name
RUN_FROM = (
    "foldlog",
    "dags/*.py",
    "dags/foldlog_airflow/*.py",
    "infra/runtime/src/main/resources/log4j2.properties",
    "infra/local/stack/launcher/*.py",
    "*/target/*-fat.jar",
)
# outside of /tmp, which an environment mounts without exec
FOLDERS = "/var/tmp"


@dataclass(frozen=True)
class Environment:
    """An environment of the stack's commands.

    :param variables: environment variables that differ; None removes a variable
    :param path: whether checkout and stack root have a name with special characters
    :param proxy: whether the variables of HTTP proxies name a server that is not a proxy
    :param mounts: shell commands that mount; {checkout} is the checkout, {tools} its tools (needs root)
    """

    name: str
    variables: dict[str, str | None] = field(default_factory=dict)
    path: bool = False
    proxy: bool = False
    mounts: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name

    @property
    def has_copy(self) -> bool:
        """Whether the checkout is a copy, to which nothing else writes."""
        return self.path or bool(self.mounts)

    @property
    def available(self) -> bool:
        """Whether this user can create the environment."""
        return not self.mounts or can_mount()


ARABIC = {"JAVA_TOOL_OPTIONS": "-Duser.language=ar -Duser.country=EG"}
TURKISH = {"JAVA_TOOL_OPTIONS": "-Duser.language=tr -Duser.country=TR"}
NO_HOME: dict[str, str | None] = {"HOME": "/proc/none", "XDG_CACHE_HOME": None, "XDG_CONFIG_HOME": None}
NOEXEC = (
    "mount --bind /tmp /tmp",
    "mount -o remount,bind,noexec /tmp",
    # the tests' own checkout may be in /tmp
    'mount --bind "{tools}" "{tools}"',
    'mount -o remount,bind,exec "{tools}"',
)
READ_ONLY = ('mount --bind "{checkout}" "{checkout}"', 'mount -o remount,bind,ro "{checkout}"')

PLAIN = Environment("plain")
ALONE = (
    Environment("arabic-digits", ARABIC),
    Environment("turkish-letters", TURKISH),
    Environment("special-characters-in-paths", path=True),
    Environment("ascii-locale", {"LC_ALL": "C", "LANG": None}, path=True),
    Environment("proxy", proxy=True),
    Environment("noexec-tmp", mounts=NOEXEC),
    Environment("read-only-checkout", mounts=READ_ONLY),
    Environment("no-home", NO_HOME),
    Environment("unset-home", {"HOME": None}),
)
COMBINED = Environment(
    "combined", {**ARABIC, **NO_HOME, "LC_ALL": "C"}, path=True, proxy=True, mounts=(*NOEXEC, *READ_ONLY)
)


def combined() -> Environment:
    """All environments at once, without mounts if this user cannot mount."""
    return COMBINED if COMBINED.available else dataclasses.replace(COMBINED, mounts=())


def can_mount() -> bool:
    if os.geteuid() != 0 or not shutil.which("unshare"):
        return False
    mount = "mount --bind /tmp /tmp && mount -o remount,bind,noexec /tmp"
    command = ["unshare", "--mount", "sh", "-c", mount]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@dataclass(frozen=True)
class Checkout:
    """A built checkout in an environment, and an empty folder for its stack.

    :param prefix: of each command line
    :param variables: the whole environment of each command
    :param proxied: the addresses that were requested from the proxy
    """

    root: Path
    folder: Path
    prefix: tuple[str, ...]
    variables: dict[str, str]
    proxied: list[str]

    def command(self, *arguments: str) -> list[str]:
        return [*self.prefix, str(self.root / "foldlog"), *arguments]


@contextlib.contextmanager
def checkout(environment: Environment) -> Iterator[Checkout]:
    """Creates the environment; deletes its folders at the end of the block."""
    with tempfile.TemporaryDirectory(prefix="foldlog-", dir=FOLDERS) as temporary, _proxy() as proxy:
        folder = Path(temporary)
        # another user must reach the folder if PostgreSQL runs as nobody
        folder.chmod(0o755)
        root = ROOT
        stack = folder / "stack"
        if environment.has_copy:
            root = folder / (ODD_NAME if environment.path else "checkout")
            stack = folder / (ODD_NAME + "s" if environment.path else "stack")
            _copy(root)
        stack.mkdir()
        port, proxied = proxy
        variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")},
            **(_proxy_variables(port) if environment.proxy else {}),
            **{name: value for name, value in environment.variables.items() if value is not None},
        }
        for name in ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", *environment.variables):
            if environment.variables.get(name) is None:
                variables.pop(name, None)
        prefix: tuple[str, ...] = ()
        if environment.mounts:
            mounts = " && ".join(environment.mounts).format(checkout=root, tools=TOOLS)
            prefix = ("unshare", "--mount", "sh", "-c", f'{mounts} && cd / && exec "$@"', "sh")
        yield Checkout(root, stack, prefix, variables, proxied)


def _copy(target: Path) -> None:
    """Copies what a built checkout runs from; the tools are linked, because they are large."""
    for pattern in RUN_FROM:
        for file in ROOT.glob(pattern):
            _copy_entry(file, target)
    for class_path in ROOT.glob("**/target/classpath"):
        if (classes := class_path.parent / "classes").is_dir():
            _copy_entry(classes, target)
        text = class_path.read_text(encoding="utf-8")
        for entry in filter(None, map(Path, text.strip().split(":"))):
            if entry.is_relative_to(ROOT):
                _copy_entry(entry, target)
        copied = target / class_path.relative_to(ROOT)
        copied.parent.mkdir(parents=True, exist_ok=True)
        copied.write_text(text.replace(str(ROOT), str(target)), encoding="utf-8")
    # a run cannot unpack them into a read-only checkout; make build unpacks them
    postgresql.unpack()
    (target / "var").mkdir()
    (target / "var" / "tools").symlink_to(TOOLS)


def _copy_entry(source: Path, target: Path) -> None:
    copied = target / source.relative_to(ROOT)
    copied.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, copied, dirs_exist_ok=True)
    else:
        shutil.copy(source, copied)


def _proxy_variables(port: int) -> dict[str, str]:
    url = f"http://user:secret@127.0.0.1:{port}"
    names = ("http_proxy", "https_proxy", "all_proxy")
    return {name: url for lower in names for name in (lower, lower.upper())}


@contextlib.contextmanager
def _proxy() -> Iterator[tuple[int, list[str]]]:
    """A server that records the first line of each request and answers none."""
    requested: list[str] = []

    def record(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                with client:
                    client.settimeout(5)
                    with contextlib.suppress(OSError):
                        requested.append(client.recv(4096).decode("latin-1").split("\r\n")[0])

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=record, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1], requested
