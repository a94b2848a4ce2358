"""The programs of the stack, as supervisord runs them."""

import signal
import sys
from dataclasses import dataclass, field

from . import airflow, postgresql
from .airflow import MIGRATION
from .applications import command
from .config import StackConfig
from .failures import ExitStatus
from .repository import spark_environment
from .submission import speed_layer

PROVISION = "provision"
SPEED_LAYER = "speed-layer"
SERVER_ORDER = 10


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
    start_retries: int = 3
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def final_statuses(self) -> list[int]:
        return [status for status in ExitStatus if not status.retryable and status != ExitStatus.INTERNAL_ERROR]


def components(config: StackConfig) -> list[Program]:
    """The pipeline's own: its servers, unless somebody else runs them, provisioning, the speed layer."""
    provisioned = config.done(PROVISION)
    servers = {
        "kafka": None if config.kafka_external else config.kafka_arguments,
        "cassandra": None if config.view.external else config.cassandra_arguments,
    }
    return [
        *(
            Program(name, SERVER_ORDER, guarded([config.java, f"@{arguments}"]))
            for name, arguments in servers.items()
            if arguments
        ),
        Program(
            PROVISION, 20, guarded(command("admin", "provision", "--marker", str(provisioned))), step=True
        ),
        Program(
            SPEED_LAYER,
            30,
            guarded(speed_layer(config), *once_more(config), *_after(config, PROVISION)),
            settles_in_seconds=15,
            # it waits for its servers itself; what ends it sooner than that, no second start cures
            start_retries=0,
            environment=spark_environment(config.host),
        ),
    ]


def orchestration(config: StackConfig) -> list[Program]:
    """Airflow and its database; the scheduler ends first, while all that its tasks need is there."""
    migrate = [sys.executable, "-m", "launcher.migration", "--marker", str(config.done(MIGRATION))]
    tree = ["--tree", str(config.shutdown_timeout_seconds)]

    def program(name: str, order: int, *arguments: str) -> Program:
        return Program(
            f"airflow-{name}",
            order,
            guarded(airflow.command(config, name, *arguments), *_after(config, MIGRATION), *tree),
        )

    return [
        Program(
            "postgresql",
            10,
            [*postgresql.as_ordinary_user(), *guarded(postgresql.command(config))],
            # the quick end in order: SIGTERM would wait for every client to leave
            stop_signal=signal.SIGINT,
        ),
        Program(MIGRATION, 20, guarded(migrate), step=True),
        program("api-server", 40),
        program("dag-processor", 40),
        program("scheduler", 50, "--skip-serve-logs"),
    ]


def once_more(config: StackConfig) -> list[str]:
    """Options that start a program a second time when its heap or the disk was too small."""
    return ["--tree", str(config.shutdown_timeout_seconds), "--again-after", str(int(ExitStatus.RESOURCE_EXHAUSTED))]


def guarded(command: list[str], *options: str) -> list[str]:
    return [sys.executable, "-m", "launcher.guarded", *options, "--", *command]


def _after(config: StackConfig, step_name: str) -> list[str]:
    """Options that have a program wait for a step."""
    return ["--after", str(config.done(step_name)), "--limit", str(2 * config.startup_timeout_seconds)]
