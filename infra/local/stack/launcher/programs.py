"""The programs of the stack, as supervisord runs them."""

import sys
from dataclasses import dataclass, field

from .failures import ExitStatus
from .plan import Plan, step
from .repository import LOGGING, fat_jar, spark_home


@dataclass(frozen=True)
class Program:
    """One program; those with a smaller order are started before and ended after the others.

    Restarted when it ends, except with a status that no retry cures; a step runs once. What ends
    within the time it takes to settle, again and again, is given up.
    """

    name: str
    order: int
    command: list[str]
    step: bool = False
    settles_in_seconds: int = 5
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def final_statuses(self) -> list[int]:
        return [status for status in ExitStatus if not status.worth_retry and status != ExitStatus.BUG]


def programs(plan: Plan) -> list[Program]:
    """Kafka and Cassandra, provisioning, and the speed layer once all is provisioned."""
    return [
        Program("kafka", 10, guarded([plan.java, f"@{plan.kafka_arguments}"])),
        Program("cassandra", 10, guarded([plan.java, f"@{plan.cassandra_arguments}"])),
        Program(
            "provision",
            20,
            guarded(step("provision", "--marker", str(plan.provisioned))),
            step=True,
        ),
        Program(
            "speed-layer",
            30,
            guarded(speed_layer(plan), after=plan),
            settles_in_seconds=15,
            environment={"SPARK_HOME": str(spark_home()), "SPARK_LOCAL_IP": "127.0.0.1"},
        ),
    ]


def guarded(command: list[str], after: Plan | None = None) -> list[str]:
    waiting = (
        ["--after", str(after.provisioned), "--limit", str(2 * after.wait_limit_seconds)]
        if after
        else []
    )
    return [sys.executable, "-m", "launcher.guarded", *waiting, "--", *command]


def speed_layer(plan: Plan) -> list[str]:
    layer = plan.speed_layer
    return [
        *spark_submit(layer.cores, layer.heap_mebibytes, layer.ui_port),
        "--class",
        "io.foldlog.speed.SpeedLayer",
        str(fat_jar("speed-layer")),
    ]


def batch_layer(plan: Plan, *arguments: str) -> list[str]:
    layer = plan.batch_layer
    return [
        # nobody waits for a pause of the batch, and this collector needs the least memory
        *spark_submit(layer.cores, layer.heap_mebibytes, layer.ui_port, "UseSerialGC"),
        "--class",
        "io.foldlog.batch.BatchLayer",
        str(fat_jar("batch-layer")),
        *arguments,
    ]


def spark_submit(
    cores: int, heap_mebibytes: int, ui_port: int, collector: str = "UseG1GC"
) -> list[str]:
    return [
        str(spark_home() / "bin" / "spark-submit"),
        "--master",
        f"local[{cores}]",
        "--driver-memory",
        f"{heap_mebibytes}m",
        "--driver-java-options",
        # what lies beside the heap is bounded as well, so that the whole stack stays under 4 GB
        f"-Dlog4j2.configurationFile={LOGGING} -XX:ReservedCodeCacheSize=192m"
        f" -XX:+{collector} -XX:MaxDirectMemorySize=128m",
        "--conf",
        f"spark.ui.port={ui_port}",
        "--conf",
        "spark.port.maxRetries=16",
        "--conf",
        "spark.driver.bindAddress=127.0.0.1",
        "--conf",
        "spark.driver.host=127.0.0.1",
    ]
