"""Paths of the build output and of the installed tools."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from pathlib import Path
from typing import Mapping

from .failures import Failure

ROOT = Path(__file__).resolve().parents[4]
TOOLS = ROOT / "var" / "tools"
REQUIREMENTS = ROOT / "infra" / "local" / "requirements"
DAGS = ROOT / "dags"
# the launcher's package, and the DAGs' package, which the launcher uses
PYTHON_PATH = os.pathsep.join((str(ROOT / "infra" / "local" / "stack"), str(DAGS)))
# the class data sharing archive of Spark's classes; optional
SPARK_CLASSES = TOOLS / "spark" / "classes.jsa"
# a URI, because Log4j does not accept every path
LOGGING = (ROOT / "infra" / "runtime" / "src" / "main" / "resources" / "log4j2.properties").as_uri()
# in executors too, libraries format text with the default locale; Application.main sets it elsewhere
LOCALE_OPTIONS = ("-Duser.language=en", "-Duser.language.format=en")

UNSUPPORTED = re.compile(r"""[:,"$\\`*?\[\]{}\x00-\x1f\x7f]""")

SETTINGS_VARIABLE = "FOLDLOG_SETTINGS"
ROOT_VARIABLE = "FOLDLOG_STACK_ROOT"


def java() -> str:
    """The java launcher of JAVA_HOME, or of the PATH."""
    home = os.environ.get("JAVA_HOME")
    launcher = str(Path(home, "bin", "java")) if home else shutil.which("java")
    if not launcher or not Path(launcher).exists():
        raise Failure(
            "No JDK was found: install JDK 17, or set JAVA_HOME to its folder"
            + (f" (JAVA_HOME is {home}, which has no bin/java)." if home else ".")
        )
    return launcher


def application(module: str, main: str, *arguments: str, heap_mebibytes: int | None = 128) -> list[str]:
    """The command line of a Java application without Spark.

    :param heap_mebibytes: the maximum heap; None for most of the machine's memory
    """
    target = ROOT / module / "target"
    dependencies = target / "classpath"
    if not dependencies.is_file():
        raise Failure(f"{module} is not built: run make build.")
    class_path = f"{target / 'classes'}:{dependencies.read_text().strip()}"
    return [
        java(),
        f"-Xmx{heap_mebibytes}m" if heap_mebibytes else "-XX:MaxRAMPercentage=80",
        # the runs are too short and the heaps too small for parallel collection and the optimizing compiler
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        *temporary_options(),
        "-cp",
        class_path,
        main,
        *arguments,
    ]


def check_paths(*paths: Path) -> None:
    """Fails for a path that a program of the stack does not accept."""
    for path in paths:
        if found := UNSUPPORTED.search(str(path)):
            raise Failure(
                f"The path {str(path)!r} contains {found[0]!r}, which class paths, globs or shell commands of the"
                " stack's programs do not accept: move the checkout, or set stack.root to another folder."
            )


def stack_root(environment: Mapping[str, str]) -> Path:
    """The setting stack.root."""
    if folder := environment.get(ROOT_VARIABLE):
        return (ROOT / folder).resolve()
    if file := environment.get(SETTINGS_VARIABLE):
        from pyhocon import ConfigFactory
        from pyhocon.exceptions import ConfigException

        try:
            settings = ConfigFactory.parse_file(str(ROOT / file), resolve=False)
            return (ROOT / str(settings.get("stack.root", "var"))).resolve()
        except (OSError, ConfigException) as error:
            raise Failure(f"The settings file {file} cannot be read: {error}") from error
    return ROOT / "var"


def temporary_folder() -> Path:
    """The folder of the programs' temporary files."""
    return stack_root(os.environ) / "state" / "tmp"


def temporary_options() -> list[str]:
    """Java's option for temporary files. Some are native libraries, and /tmp may be mounted noexec."""
    folder = temporary_folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        # a command of another user, or in a container
        return []
    return [f"-Djava.io.tmpdir={folder}"]


def fat_jar(module: str) -> Path:
    """The jar that spark-submit runs."""
    jar = ROOT / module / "target" / f"{module}-fat.jar"
    if not jar.is_file():
        raise Failure(f"{module} is not built: run make build.")
    return jar


def tool(environment: str, command: str) -> Path:
    """A command of one of the tools' virtual environments."""
    path = TOOLS / environment / "bin" / command
    if not path.exists():
        raise Failure(f"The tool {command} is not installed: run make tools.")
    return path


def spark_environment(local_address: str = "127.0.0.1") -> dict[str, str]:
    """The environment of spark-submit: Spark's home, its class archive and its bind address.

    Keeps the user's SPARK_SUBMIT_OPTS. A class archive in these options takes precedence.
    """
    options = os.environ.get("SPARK_SUBMIT_OPTS", "")
    archive = "-XX:SharedArchiveFile="
    if SPARK_CLASSES.is_file() and archive not in options:
        options = f"{options} {shlex.quote(archive + str(SPARK_CLASSES))}".strip()
    return {
        "SPARK_HOME": str(spark_home()),
        "SPARK_LOCAL_IP": local_address,
        "SPARK_SUBMIT_OPTS": options,
    }


def spark_home() -> Path:
    """The folder of the Spark distribution in the pyspark package."""
    folders = sorted((TOOLS / "spark" / "lib").glob("python3*/site-packages/pyspark"))
    if not folders:
        raise Failure("Spark is not installed: run make tools.")
    return folders[0]
