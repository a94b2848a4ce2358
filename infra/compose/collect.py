"""Copies the runtime files of a built checkout to a folder: `python3 collect.py FOLDER`.

The jars that the class paths name are copied from the local Maven repository into one folder. The copied
class paths name that folder.
"""

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# the folder of the files in the image
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
    for class_path in ROOT.glob("**/target/classpath"):
        module = class_path.parent
        if (module / "classes").is_dir():
            copy(module / "classes", target)
        entries = [Path(entry) for entry in class_path.read_text().strip().split(":") if entry]
        copied = target / class_path.relative_to(ROOT)
        copied.parent.mkdir(parents=True, exist_ok=True)
        copied.write_text(":".join(str(HOME / copy_entry(entry, target)) for entry in entries) + "\n")


def copy_entry(entry: Path, target: Path) -> Path:
    """Copies an entry of a class path; returns its path relative to the image's folder."""
    if entry.is_relative_to(ROOT):
        copy(entry, target)
        return entry.relative_to(ROOT)
    jar = target / "jars" / entry.name
    if not jar.exists():
        jar.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(entry, jar)
    return jar.relative_to(target)


def copy(source: Path, target: Path) -> None:
    copied = target / source.relative_to(ROOT)
    if source.is_dir():
        shutil.copytree(source, copied, dirs_exist_ok=True)
    else:
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, copied)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
