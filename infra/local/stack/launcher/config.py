"""The stack's settings, resolved by the Java part of the local stack."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping

from . import private
from .failures import ExitStatus, Failure
from .repository import ROOT, SETTINGS_VARIABLE, application, check_paths, stack_root

MODULE = "infra/local/stack"
MAIN = "io.foldlog.local.stack.LocalStack"


@dataclass(frozen=True)
class Port:
    setting: str
    number: int


@dataclass(frozen=True)
class SparkProgram:
    cores: int
    heap_mebibytes: int
    ui_port: int


@dataclass(frozen=True)
class Endpoint:
    host: str
    port: int


@dataclass(frozen=True)
class Airflow:
    server: Endpoint
    ingestion_schedule: str
    nightly_schedule: str
    reconcile_after_ingestion: bool
    health_schedule: str
    retry_delay_seconds: int
    failure_webhook_file: str


@dataclass(frozen=True)
class Login:
    user: str
    password_file: Path


@dataclass(frozen=True)
class View:
    external: bool
    host: str
    port: int
    keyspace: str
    reader: Login
    admin: Login


@dataclass(frozen=True)
class StackConfig:
    java: str
    state: Path
    logs: Path
    bind_address: str
    host: str
    tls: bool
    ports: list[Port]
    kafka_arguments: Path
    cassandra_arguments: Path
    speed_layer_status: Path
    reports: Path
    topic: str
    kafka_external: bool
    bootstrap_servers: str
    schema_registry: str
    speed_layer: SparkProgram
    batch_layer: SparkProgram
    spark_master: str
    supervisor: Endpoint
    postgresql: Endpoint
    airflow: Airflow
    view: View
    log_file_bytes: int
    log_files: int
    startup_timeout_seconds: int
    shutdown_timeout_seconds: int

    @property
    def socket(self) -> Path:
        return self.state / "run" / "supervisor.sock"

    @property
    def settings(self) -> Path:
        """The settings file of the stack's programs: the user's settings over defaults of the stack."""
        return _settings(self.state)

    @property
    def counts(self) -> Path:
        """The file with the last counts of events, rows and dead letters."""
        return self.state / "run" / "counts.json"

    def environment(self, environment: Mapping[str, str]) -> dict[str, str]:
        """The environment of the stack's programs."""
        return {**environment, SETTINGS_VARIABLE: str(self.settings)}

    @property
    def secrets(self) -> Path:
        return self.state / "secrets"

    @property
    def deployment(self) -> Path:
        """The deployment file, which the DAGs' tasks read."""
        return self.state / "run" / "deployment.json"

    @property
    def speed_layer_result(self) -> Path:
        """The result file of the speed layer."""
        return self.speed_layer_status.with_name("speed-layer-result.json")

    def done(self, step: str) -> Path:
        """The marker file that a step writes when it has succeeded."""
        return self.state / "run" / f"{step}.done"


def resolve(environment: Mapping[str, str]) -> StackConfig:
    """Resolves the settings, and stores the result for the commands that start no Java.

    :raises Failure: with the message of the Java part, when a setting is not valid
    """
    check_paths(ROOT, stack_root(environment))
    command = step("resolve")
    ended = subprocess.run(
        command, cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=False
    )
    if ended.returncode != 0:
        raise Failure(ended.stderr.strip(), ended.returncode)
    config = parse(json.loads(ended.stdout))
    private.write(_resolved(config.state), ended.stdout)
    return config


def started(environment: Mapping[str, str]) -> StackConfig:
    """The settings of the last start. Later changes of the settings have no effect.

    :raises Failure: when no stack was ever started in the folder that the settings name
    """
    state = stack_root(environment) / "state"
    try:
        return parse(json.loads(_resolved(state).read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise Failure(
            f"No stack was started in {state.parent}: ./foldlog up starts it.", ExitStatus.UNAVAILABLE
        ) from error


def started_or_resolved(environment: Mapping[str, str]) -> StackConfig:
    """The settings of the last start; if there was none, the resolved current settings."""
    try:
        return started(environment)
    except Failure:
        return resolve(environment)


def program_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of an application, with the stack's settings file if a stack was ever started."""
    settings = _settings(stack_root(environment) / "state")
    return {**environment, **({SETTINGS_VARIABLE: str(settings)} if settings.exists() else {})}


def _settings(state: Path) -> Path:
    return state / "run" / "settings.conf"


def _resolved(state: Path) -> Path:
    return state / "run" / "stack.json"


def step(*arguments: str) -> list[str]:
    """The command line of a step of the local stack's Java part."""
    return application(MODULE, MAIN, *arguments)


def parse(document: Mapping[str, Any]) -> StackConfig:
    stack = document["stack"]
    view = document["view"]
    return StackConfig(
        java=document["java"],
        state=Path(stack["state"]),
        logs=Path(stack["logs"]),
        bind_address=stack["address"]["bindAddress"],
        host=stack["address"]["host"],
        tls=stack["tls"],
        ports=[_port(port) for port in document["ports"]],
        kafka_arguments=Path(document["kafkaArguments"]),
        cassandra_arguments=Path(document["cassandraArguments"]),
        speed_layer_status=Path(document["speedLayerStatus"]),
        reports=Path(document["reports"]),
        topic=document["kafka"]["topic"],
        kafka_external=document["kafka"]["external"],
        bootstrap_servers=document["kafka"]["bootstrapServers"],
        schema_registry=document["schemaRegistry"],
        speed_layer=_spark(stack["speedLayer"]),
        batch_layer=_spark(stack["batchLayer"]),
        spark_master=stack["sparkMaster"],
        supervisor=_endpoint(stack["supervisor"]),
        postgresql=_endpoint(stack["postgresql"]),
        airflow=_airflow(stack["airflow"]),
        view=View(
            external=view["external"],
            host=view["host"],
            port=view["port"],
            keyspace=view["keyspace"],
            reader=_login(view["reader"]),
            admin=_login(view["admin"]),
        ),
        log_file_bytes=stack["logFileBytes"],
        log_files=stack["logFiles"],
        startup_timeout_seconds=stack["startupTimeoutSeconds"],
        shutdown_timeout_seconds=stack["shutdownTimeoutSeconds"],
    )


def _port(document: Mapping[str, Any]) -> Port:
    return Port(document["setting"], document["number"])


def _endpoint(document: Mapping[str, Any]) -> Endpoint:
    return Endpoint(document["host"], document["port"]["number"])


def _airflow(document: Mapping[str, Any]) -> Airflow:
    return Airflow(
        server=_endpoint(document["server"]),
        ingestion_schedule=document["ingestionSchedule"],
        nightly_schedule=document["nightlySchedule"],
        reconcile_after_ingestion=document["reconcileAfterIngestion"],
        health_schedule=document["healthSchedule"],
        retry_delay_seconds=document["retryDelaySeconds"],
        failure_webhook_file=document["failureWebhookFile"],
    )


def _login(document: Mapping[str, Any]) -> Login:
    return Login(document["user"], Path(document["passwordFile"]))


def _spark(document: Mapping[str, Any]) -> SparkProgram:
    return SparkProgram(
        document["cores"], document["heapMebibytes"], document["userInterface"]["number"]
    )
