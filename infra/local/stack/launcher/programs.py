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
    """A program of supervisord. Programs with a smaller order start before and end after the others.

    supervisord restarts a program that ends, except with a status in `final_statuses`. A step runs once.
    supervisord does not restart a program that repeatedly ends within `settles_in_seconds`.
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
    """The programs of the pipeline: its servers that are not external, provisioning, the speed layer."""
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
            guarded(speed_layer(config), *retry_options(config), *_wait_options(config, PROVISION)),
            settles_in_seconds=15,
            # it waits for its servers itself, so a failure during the start is not retryable
            start_retries=0,
            environment=spark_environment(config.host),
        ),
    ]


def orchestration(config: StackConfig) -> list[Program]:
    """Airflow and its database. The scheduler ends first, so that its tasks have what they need."""
    migrate = [sys.executable, "-m", "launcher.migration", "--marker", str(config.done(MIGRATION))]
    tree = ["--tree", str(config.shutdown_timeout_seconds)]

    def program(name: str, order: int, *arguments: str) -> Program:
        return Program(
            f"airflow-{name}",
            order,
            guarded(airflow.command(config, name, *arguments), *_wait_options(config, MIGRATION), *tree),
        )

    return [
        Program(
            "postgresql",
            10,
            [*postgresql.as_ordinary_user(), *guarded(postgresql.command(config))],
            # fast shutdown: SIGTERM would wait until all clients have disconnected
            stop_signal=signal.SIGINT,
        ),
        Program(MIGRATION, 20, guarded(migrate), step=True),
        program("api-server", 40),
        program("dag-processor", 40),
        program("scheduler", 50, "--skip-serve-logs"),
    ]


def retry_options(config: StackConfig) -> list[str]:
    """Options that run a program a second time after RESOURCE_EXHAUSTED."""
    return ["--tree", str(config.shutdown_timeout_seconds), "--again-after", str(int(ExitStatus.RESOURCE_EXHAUSTED))]


def guarded(command: list[str], *options: str) -> list[str]:
    """The command line of `launcher.guarded` for a command."""
    return [sys.executable, "-m", "launcher.guarded", *options, "--", *command]


def _wait_options(config: StackConfig, step_name: str) -> list[str]:
    """Options that let a program wait for a step."""
    return ["--after", str(config.done(step_name)), "--limit", str(2 * config.startup_timeout_seconds)]
