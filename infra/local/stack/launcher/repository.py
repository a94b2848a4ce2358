"""Where the build and the tools put what the stack runs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from .failures import Failure

ROOT = Path(__file__).resolve().parents[4]
TOOLS = ROOT / "var" / "tools"
REQUIREMENTS = ROOT / "infra" / "local" / "requirements"
DAGS = ROOT / "dags"
# the launcher's own packages, and those of the DAGs that it uses
PYTHON_PATH = os.pathsep.join((str(ROOT / "infra" / "local" / "stack"), str(DAGS)))
# Java's archive of Spark's classes; where there is none, Spark starts without it
SPARK_CLASSES = TOOLS / "spark" / "classes.jsa"
LOGGING = ROOT / "infra" / "runtime" / "src" / "main" / "resources" / "log4j2.properties"


def java() -> str:
    """The java launcher of JAVA_HOME, else of the PATH."""
    home = os.environ.get("JAVA_HOME")
    found = str(Path(home, "bin", "java")) if home else shutil.which("java")
    if not found or not Path(found).exists():
        raise Failure(
            "No JDK was found: install JDK 17, or set JAVA_HOME to its folder"
            + (f" (it is {home}, which holds no bin/java)." if home else ".")
        )
    return found


def application(module: str, main: str, *arguments: str, heap_mebibytes: int = 128) -> list[str]:
    """The command line of a Java application that needs no Spark."""
    target = ROOT / module / "target"
    listed = target / "classpath"
    if not listed.is_file():
        raise Failure(f"{module} is not built: run make build.")
    class_path = f"{target / 'classes'}:{listed.read_text().strip()}"
    return [
        java(),
        f"-Xmx{heap_mebibytes}m",
        # short runs and small heaps: what the parallel collectors and compilers need costs more than it gives
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        class_path,
        main,
        *arguments,
    ]


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
    """What spark-submit finds in its environment: which Spark, its archived classes, where to listen.

    The user's own SPARK_SUBMIT_OPTS are kept; an archive of classes named there is the user's choice.
    """
    options = os.environ.get("SPARK_SUBMIT_OPTS", "").split()
    archive = "-XX:SharedArchiveFile="
    if SPARK_CLASSES.is_file() and not any(option.startswith(archive) for option in options):
        options.append(f"{archive}{SPARK_CLASSES}")
    return {
        "SPARK_HOME": str(spark_home()),
        "SPARK_LOCAL_IP": local_address,
        "SPARK_SUBMIT_OPTS": " ".join(options),
    }


def spark_home() -> Path:
    """The folder of the Spark distribution that pyspark brings."""
    found = sorted((TOOLS / "spark" / "lib").glob("python3*/site-packages/pyspark"))
    if not found:
        raise Failure("Spark is not installed: run make tools.")
    return found[0]
