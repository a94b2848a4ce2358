"""Collects what runs of a built checkout: `python3 collect.py FOLDER`.

The jars of the local Maven repository that a class path names go into one folder, and the class paths
name them there.
"""

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# where the image has it all
HOME = Path("/opt/foldlog")

SOURCES = (
    "foldlog",
    "dags/*.py",
    "dags/foldlog_airflow/*.py",
    "infra/runtime/src/main/resources/log4j2.properties",
    "infra/compose/foldlog.conf",
    "infra/local/stack/launcher/*.py",
    "infra/minimum-versions.xml",
    "*/target/*-fat.jar",
)


def main(target: Path) -> None:
    for pattern in SOURCES:
        for file in ROOT.glob(pattern):
            copy(file, target)
    for listed in ROOT.glob("**/target/classpath"):
        module = listed.parent
        if (module / "classes").is_dir():
            copy(module / "classes", target)
        entries = [Path(entry) for entry in listed.read_text().strip().split(":") if entry]
        new = target / listed.relative_to(ROOT)
        new.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(":".join(str(HOME / collected(entry, target)) for entry in entries) + "\n")


def collected(entry: Path, target: Path) -> Path:
    """Where the entry of a class path is, below the image's folder."""
    if entry.is_relative_to(ROOT):
        copy(entry, target)
        return entry.relative_to(ROOT)
    jar = target / "jars" / entry.name
    if not jar.exists():
        jar.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(entry, jar)
    return jar.relative_to(target)


def copy(source: Path, target: Path) -> None:
    new = target / source.relative_to(ROOT)
    if source.is_dir():
        shutil.copytree(source, new, dirs_exist_ok=True)
    else:
        new.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, new)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
