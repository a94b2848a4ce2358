"""Installs the Python tools, each in an environment of its own, from locks with hashes."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from .failures import ExitStatus, Failure
from .repository import AIRFLOW, REQUIREMENTS, SPARK_CLASSES, TOOLS, java, spark_environment

LOCKS = {
    "supervisor": REQUIREMENTS / "supervisor.lock",
    "cqlsh": REQUIREMENTS / "cqlsh.lock",
    "spark": REQUIREMENTS / "spark.lock",
    "airflow": AIRFLOW / "requirements.lock",
    "browser": REQUIREMENTS / "browser.lock",
}

SPARK_CLASSES_SCRIPT = Path(__file__).with_name("spark_classes.py")

# what only make screenshots needs is left out
USUAL = ("supervisor", "cqlsh", "spark", "airflow")


def install(environments: tuple[str, ...] = USUAL) -> None:
    """Installs what is missing or was installed from another lock; otherwise does nothing."""
    for name in environments:
        _install(name)


def _install(name: str) -> None:
    lock = LOCKS[name]
    build = REQUIREMENTS / "build.lock"
    folder = TOOLS / name
    stamp = folder / "installed-from"
    digest = hashlib.sha256(
        lock.read_bytes() + build.read_bytes() + sys.version.encode()
    ).hexdigest()
    if stamp.is_file() and stamp.read_text() == digest:
        return
    print(f"Installing {name} into {folder}", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        venv.create(folder, with_pip=True)
    except subprocess.CalledProcessError as error:
        raise Failure(
            "Python cannot create a virtual environment here: install its venv module"
            " (Debian and Ubuntu: apt-get install python3.11-venv)."
        ) from error
    # what builds a package that comes as source only; pinned, and there before it is asked for
    _pip(folder, build)
    _pip(folder, lock)
    stamp.write_text(digest)


def archive_spark_classes() -> None:
    """Spark starts a quarter sooner with its classes archived, for this JDK; it starts without, too."""
    release = Path(java()).resolve().parents[1] / "release"
    stamp = SPARK_CLASSES.with_suffix(".made-with")
    made_with = release.read_text() if release.is_file() else "unknown"
    if stamp.is_file() and stamp.read_text() == made_with:
        return
    print(f"Archiving Spark's classes in {SPARK_CLASSES}", flush=True)
    SPARK_CLASSES.unlink(missing_ok=True)
    options = f"-XX:ArchiveClassesAtExit={SPARK_CLASSES} -Xlog:disable -Xlog:all=off"
    archived = subprocess.run(
        [str(TOOLS / "spark" / "bin" / "python"), str(SPARK_CLASSES_SCRIPT)],
        env={**os.environ, **spark_environment(), "SPARK_SUBMIT_OPTS": options},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", check=False,
    )  # fmt: skip
    if archived.returncode != 0 or not SPARK_CLASSES.is_file():
        SPARK_CLASSES.unlink(missing_ok=True)
        print(f"Spark's classes were not archived, so it starts slower:\n{archived.stdout[-2000:]}", file=sys.stderr)
    stamp.write_text(made_with)


def _pip(folder: Path, lock: Path) -> None:
    command = [
        str(folder / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
        "--no-deps",
        "--no-build-isolation",
        "-r",
        str(lock),
    ]
    if subprocess.run(command, check=False).returncode != 0:
        raise Failure(
            f"pip could not install {lock} into {folder} (its message is above)."
            " Check that the package index can be reached, then run make tools again.",
            ExitStatus.UNAVAILABLE,
        )
