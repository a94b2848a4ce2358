"""The programs of the stack, as supervisord runs them."""

import signal
import sys
from dataclasses import dataclass, field

from . import airflow, postgresql
from .airflow import MIGRATION
from .failures import ExitStatus
from .plan import Plan, step
from .repository import LOGGING, fat_jar, spark_environment, spark_home

PROVISION = "provision"
SPEED_LAYER = "speed-layer"


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
    autostart: bool = True
    stop_signal: signal.Signals = signal.SIGTERM
    settles_in_seconds: int = 5
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def final_statuses(self) -> list[int]:
        return [status for status in ExitStatus if not status.worth_retry and status != ExitStatus.BUG]


def components(plan: Plan) -> list[Program]:
    """The pipeline's own: Kafka and Cassandra, provisioning, and then the speed layer."""
    provisioned = plan.done(PROVISION)
    return [
        Program("kafka", 10, guarded([plan.java, f"@{plan.kafka_arguments}"])),
        Program("cassandra", 10, guarded([plan.java, f"@{plan.cassandra_arguments}"])),
        Program(
            PROVISION, 20, guarded(step("provision", "--marker", str(provisioned))), step=True
        ),
        Program(
            SPEED_LAYER,
            30,
            guarded(speed_layer(plan), *_after(plan, PROVISION)),
            settles_in_seconds=15,
            environment=spark_environment(),
        ),
    ]


def orchestration(plan: Plan) -> list[Program]:
    """Airflow and its database; the scheduler ends first, while all that its tasks need is there."""
    migrate = [sys.executable, "-m", "launcher.migration", "--marker", str(plan.done(MIGRATION))]
    tree = ["--tree", str(plan.stop_limit_seconds)]

    def program(name: str, order: int, *arguments: str) -> Program:
        return Program(
            f"airflow-{name}",
            order,
            guarded(airflow.command(plan, name, *arguments), *_after(plan, MIGRATION), *tree),
        )

    return [
        Program(
            "postgresql",
            10,
            [*postgresql.as_ordinary_user(), *guarded(postgresql.command(plan))],
            # the quick end in order: SIGTERM would wait for every client to leave
            stop_signal=signal.SIGINT,
        ),
        Program(MIGRATION, 20, guarded(migrate), step=True),
        program("api-server", 40),
        program("dag-processor", 40),
        program("scheduler", 50, "--skip-serve-logs"),
    ]


def guarded(command: list[str], *options: str) -> list[str]:
    return [sys.executable, "-m", "launcher.guarded", *options, "--", *command]


def _after(plan: Plan, step_name: str) -> list[str]:
    """Options that have a program wait for a step."""
    return ["--after", str(plan.done(step_name)), "--limit", str(2 * plan.wait_limit_seconds)]


@dataclass(frozen=True)
class Submission:
    """How spark-submit starts an application; Airflow's operator takes the same apart."""

    main: str
    module: str
    cores: int
    heap_mebibytes: int
    ui_port: int
    collector: str

    @property
    def master(self) -> str:
        return f"local[{self.cores}]"

    @property
    def driver_memory(self) -> str:
        return f"{self.heap_mebibytes}m"

    @property
    def driver_java_options(self) -> str:
        # what lies beside the heap is bounded as well, so that the whole stack stays small
        return (
            f"-Dlog4j2.configurationFile={LOGGING} -XX:ReservedCodeCacheSize=192m"
            f" -XX:+{self.collector} -XX:MaxDirectMemorySize=128m"
        )

    @property
    def configuration(self) -> dict[str, str]:
        return {
            "spark.ui.port": str(self.ui_port),
            "spark.port.maxRetries": "16",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
        }

    def command(self, *arguments: str) -> list[str]:
        configured = [
            word
            for name, value in self.configuration.items()
            for word in ("--conf", f"{name}={value}")
        ]
        return [
            str(spark_home() / "bin" / "spark-submit"),
            "--master",
            self.master,
            "--driver-memory",
            self.driver_memory,
            "--driver-java-options",
            self.driver_java_options,
            *configured,
            "--class",
            self.main,
            str(fat_jar(self.module)),
            *arguments,
        ]


def speed_layer(plan: Plan) -> list[str]:
    layer = plan.speed_layer
    return Submission(
        "io.foldlog.speed.SpeedLayer",
        "speed-layer",
        layer.cores,
        layer.heap_mebibytes,
        layer.ui_port,
        "UseG1GC",
    ).command()


def batch_submission(plan: Plan) -> Submission:
    layer = plan.batch_layer
    return Submission(
        "io.foldlog.batch.BatchLayer",
        "batch-layer",
        layer.cores,
        layer.heap_mebibytes,
        layer.ui_port,
        # nobody waits for a pause of the batch, and this collector needs the least memory
        "UseSerialGC",
    )


def batch_layer(plan: Plan, *arguments: str) -> list[str]:
    return batch_submission(plan).command(*arguments)
