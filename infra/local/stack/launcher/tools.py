"""Installs the Python tools with uv from locks with hashes, each in its own virtual environment."""

from __future__ import annotations

import ast
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Mapping

from .failures import ExitStatus, Failure
from .repository import DAGS, REQUIREMENTS, SPARK_CLASSES, TOOLS, java, spark_environment

LOCKS = {
    "supervisor": REQUIREMENTS / "supervisor.lock",
    "cqlsh": REQUIREMENTS / "cqlsh.lock",
    "spark": REQUIREMENTS / "spark.lock",
    "airflow": DAGS / "requirements.lock",
    "browser": REQUIREMENTS / "browser.lock",
    "clients": REQUIREMENTS / "clients.lock",
}

BUILD = REQUIREMENTS / "build.lock"
UV_LOCK = REQUIREMENTS / "uv.lock"

# sections of pip's configuration, in the order of precedence
PIP_SECTIONS = (":env:", "install", "global")

SPARK_CLASSES_SCRIPT = Path(__file__).with_name("spark_classes.py")

# without `browser`, which only make screenshots needs, and `clients`, which only tests need
DEFAULT_ENVIRONMENTS = ("supervisor", "cqlsh", "spark", "airflow")


def install(environments: tuple[str, ...] = DEFAULT_ENVIRONMENTS) -> None:
    """Installs environments that are missing or were installed from another lock."""
    for name in environments:
        _install(name)


def _install(name: str) -> None:
    lock = LOCKS[name]
    digest = _digest(lock, BUILD, UV_LOCK)
    folder = TOOLS / name
    if _installed_from(folder, digest):
        return
    uv = _uv()
    print(f"Installing {name} into {folder}", flush=True)
    environment = {**os.environ, **uv_environment(_pip_configuration(), os.environ)}
    _run(lock, [uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder], environment)
    # first the pinned build tools, which packages without a wheel need
    for file in (BUILD, lock):
        _run(
            file,
            [
                *(uv, "pip", "install", "--quiet", "--python", folder / "bin" / "python"),
                *("--require-hashes", "--no-deps", "--no-build-isolation", "--compile-bytecode"),
                *("-r", file),
            ],
            environment,
        )
    _stamp(folder).write_text(digest, encoding="utf-8")


def _uv() -> Path:
    """The uv command. pip installs it in its own virtual environment."""
    folder = TOOLS / "uv"
    digest = _digest(UV_LOCK)
    if not _installed_from(folder, digest):
        print(f"Installing uv into {folder}", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            venv.create(folder, with_pip=True)
        except subprocess.CalledProcessError as error:
            raise Failure(
                "Python cannot create a virtual environment here: install its venv module"
                " (Debian and Ubuntu: apt-get install python3.11-venv)."
            ) from error
        pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run(UV_LOCK, [*pip, "--require-hashes", "--no-deps", "-r", UV_LOCK], dict(os.environ))
        _stamp(folder).write_text(digest, encoding="utf-8")
    return folder / "bin" / "uv"


def _digest(*locks: Path) -> str:
    return hashlib.sha256(b"".join(lock.read_bytes() for lock in locks) + sys.version.encode()).hexdigest()


def _stamp(folder: Path) -> Path:
    return folder / "installed-from"


def _installed_from(folder: Path, digest: str) -> bool:
    stamp = _stamp(folder)
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == digest


def _run(lock: Path, command: list[str | Path], environment: dict[str, str]) -> None:
    program = Path(command[0]).name if command[1] != "-m" else "pip"
    ended = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False)
    if ended.returncode != 0:
        raise Failure(
            f"{program} could not install {lock} (its message is above)."
            " Check that the package index can be reached, then run make tools again.",
            ExitStatus.UNAVAILABLE,
        )


def _pip_configuration() -> dict[str, str]:
    """pip's configuration on this machine, from its files and environment variables."""
    python = TOOLS / "uv" / "bin" / "python"
    pip_config = subprocess.run(
        [python, "-m", "pip", "--disable-pip-version-check", "config", "list"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, encoding="utf-8", errors="replace", check=False,
    )  # fmt: skip
    return parse_pip_configuration(pip_config.stdout)


def parse_pip_configuration(listed: str) -> dict[str, str]:
    """The options in the output of `pip config list`, by name."""
    found: dict[str, tuple[int, str]] = {}
    for line in listed.splitlines():
        name, separator, quoted = line.partition("=")
        section, dot, option = name.rpartition(".")
        if not separator or not dot or section not in PIP_SECTIONS:
            continue
        try:
            value = str(ast.literal_eval(quoted)).strip()
        except (SyntaxError, ValueError):
            continue
        rank = PIP_SECTIONS.index(section)
        if value and rank <= found.get(option, (rank, ""))[0]:
            found[option] = (rank, value)
    return {option: value for option, (_, value) in found.items()}


def uv_environment(pip: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """Environment variables of uv that correspond to pip's options, because uv does not read them.

    Variables that are already set are not changed. The values are not passed as arguments, because an
    index URL may contain a password, which a process list would show.
    """
    variables = {
        "UV_DEFAULT_INDEX": pip.get("index-url"),
        "UV_INDEX": pip.get("extra-index-url"),
        # safe, because hashes are required: a file may come from any index
        "UV_INDEX_STRATEGY": "unsafe-best-match" if pip.get("extra-index-url") else None,
        "UV_FIND_LINKS": ",".join(pip.get("find-links", "").split()),
        "UV_NO_INDEX": "1" if pip.get("no-index", "").lower() in ("1", "true", "yes", "on") else None,
        "UV_INSECURE_HOST": pip.get("trusted-host"),
        "UV_HTTP_TIMEOUT": pip.get("timeout") or pip.get("default-timeout"),
        "SSL_CERT_FILE": pip.get("cert"),
        "SSL_CLIENT_CERT": pip.get("client-cert"),
        "ALL_PROXY": pip.get("proxy"),
        "UV_PYTHON_DOWNLOADS": "never",
    }
    return {
        name: value
        for name, value in variables.items()
        if value and not environment.get(name) and not environment.get(name.lower())
    }


def archive_spark_classes() -> None:
    """Creates the class archive of Spark for this JDK, which is optional: Spark starts 25 % faster."""
    release = Path(java()).resolve().parents[1] / "release"
    stamp = SPARK_CLASSES.with_suffix(".made-with")
    made_with = release.read_text() if release.is_file() else "unknown"
    if stamp.is_file() and stamp.read_text() == made_with:
        return
    print(f"Archiving Spark's classes in {SPARK_CLASSES}", flush=True)
    SPARK_CLASSES.unlink(missing_ok=True)
    # not /tmp, which may be mounted noexec: Spark loads native libraries from there
    with tempfile.TemporaryDirectory(dir=TOOLS) as temporary:
        options = [f"-XX:ArchiveClassesAtExit={SPARK_CLASSES}", "-Xlog:disable", "-Xlog:all=off"]
        options.append(f"-Djava.io.tmpdir={temporary}")
        archived = subprocess.run(
            [str(TOOLS / "spark" / "bin" / "python"), str(SPARK_CLASSES_SCRIPT)],
            env={**os.environ, **spark_environment(), "SPARK_SUBMIT_OPTS": shlex.join(options)},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", check=False,
        )  # fmt: skip
    if archived.returncode != 0 or not SPARK_CLASSES.is_file():
        SPARK_CLASSES.unlink(missing_ok=True)
        print(f"Spark's classes were not archived, so it starts slower:\n{archived.stdout[-2000:]}", file=sys.stderr)
    stamp.write_text(made_with)
