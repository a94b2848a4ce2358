"""Replaces jars in Spark's folder with those of infra/local/spark/pom.xml, and checks all versions there."""

from __future__ import annotations

import fnmatch
import hashlib
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from .failures import ExitStatus, Failure
from .maven import command as maven_command
from .repository import ROOT, SPARK_CLASSES, TOOLS, spark_home

POM = ROOT / "infra" / "local" / "spark" / "pom.xml"
CLASS_PATH = POM.parent / "target" / "classpath"
MINIMUM_VERSIONS = ROOT / "infra" / "minimum-versions.xml"
# in the tools' environment, so that a new installation is updated again
STAMP = TOOLS / "spark" / "jars-updated-by"

# artifact, version and classifier of a jar named by Maven's rules
JAR = re.compile(r"(?P<artifact>.+)-(?P<version>\d+(?:\.\w+)*)(?P<classifier>-[A-Za-z].*)?\.jar")
RANGE = re.compile(r"[\[(](?P<lower>[^,]*),(?P<upper>[^,]+)\)")


@dataclass(frozen=True)
class TooOld:
    """Banned versions of an artifact: from `lower` to below `upper`."""

    artifact: str
    lower: tuple[int, ...]
    upper: tuple[int, ...]

    def bans(self, artifact: str, version: str) -> bool:
        return fnmatch.fnmatchcase(artifact, self.artifact) and self.lower <= numbers(version) < self.upper


def update(maven: str) -> None:
    """Replaces the jars that the poms of this checkout name, unless they are already replaced."""
    poms = hashlib.sha256(b"".join(file.read_bytes() for file in (ROOT / "pom.xml", POM, MINIMUM_VERSIONS)))
    digest = poms.hexdigest()
    if STAMP.is_file() and STAMP.read_text(encoding="utf-8") == digest:
        return
    print(f"Updating the jars in {spark_home() / 'jars'}", flush=True)
    command = [*maven_command(maven), "-B", "-ntp", "-q", "-f", str(POM), "-Dspotless.check.skip", "generate-resources"]
    if subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode != 0:
        raise Failure(
            f"Maven could not resolve the jars that {POM} names (its message is above)."
            " Check that the artifact registry can be reached, then run make tools again.",
            ExitStatus.UNAVAILABLE,
        )
    replace_resolved()
    STAMP.write_text(digest, encoding="utf-8")


def replace_resolved() -> None:
    """Replaces Spark's jars with those of the class path that Maven wrote, and checks the whole folder."""
    # the class archive is of the old jars
    SPARK_CLASSES.unlink(missing_ok=True)
    SPARK_CLASSES.with_suffix(".made-with").unlink(missing_ok=True)
    folder = spark_home() / "jars"
    replace([Path(entry) for entry in CLASS_PATH.read_text(encoding="utf-8").strip().split(":")], folder)
    check(folder, minimum_versions(MINIMUM_VERSIONS))


def replace(jars: list[Path], folder: Path) -> None:
    """Replaces the jar of the same artifact and classifier in the folder with each of the jars."""
    for jar in jars:
        new = JAR.fullmatch(jar.name)
        older = [
            file
            for file in folder.glob("*.jar")
            if (name := JAR.fullmatch(file.name)) and new and name["artifact"] == new["artifact"]
            and name["classifier"] == new["classifier"]
        ]  # fmt: skip
        if not older:
            raise Failure(f"Spark's folder {folder} has no jar that {jar.name} replaces: remove it from {POM}.")
        partial = folder / (jar.name + ".partial")
        shutil.copyfile(jar, partial)
        for file in older:
            file.unlink()
        partial.rename(folder / jar.name)


def check(folder: Path, too_old: list[TooOld]) -> None:
    """Fails if the folder contains a banned version."""
    found = [
        file.name
        for file in sorted(folder.glob("*.jar"))
        if (name := JAR.fullmatch(file.name))
        and any(versions.bans(name["artifact"], name["version"]) for versions in too_old)
    ]
    if found:
        raise Failure(
            f"Spark's folder {folder} holds versions older than {MINIMUM_VERSIONS} allows: {', '.join(found)}."
            f" Name newer ones in {POM}."
        )


def minimum_versions(file: Path) -> list[TooOld]:
    """The banned version ranges in the enforcer's rules.

    Rules that ban a whole artifact are ignored: they match the group, which a file name does not contain.
    """
    found = []
    for exclude in ElementTree.parse(file).iter("exclude"):
        _, artifact, *versions = (exclude.text or "").strip().split(":")
        if versions:
            version_range = RANGE.fullmatch(versions[0])
            if not version_range:
                raise Failure(f"{file} has {exclude.text}: write the banned versions as (,V) or [A,B).")
            found.append(TooOld(artifact, numbers(version_range["lower"]), numbers(version_range["upper"])))
    return found


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"(?:^|\.)(\d+)", version))
