"""What the settings say about the stack, as the Java side printed it: one parser for all."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping

from .failures import Failure
from .repository import ROOT, application

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
class Place:
    host: str
    port: int


@dataclass(frozen=True)
class Airflow:
    server: Place
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
class Plan:
    java: str
    state: Path
    logs: Path
    listen: str
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
    supervisor: Place
    postgresql: Place
    airflow: Airflow
    view: View
    log_file_bytes: int
    log_files: int
    wait_limit_seconds: int
    stop_limit_seconds: int

    @property
    def socket(self) -> Path:
        return self.state / "run" / "supervisor.sock"

    @property
    def secrets(self) -> Path:
        return self.state / "secrets"

    @property
    def deployment(self) -> Path:
        """What the DAGs' tasks read of this stack."""
        return self.state / "run" / "deployment.json"

    @property
    def speed_layer_result(self) -> Path:
        """What the speed layer leaves at its end."""
        return self.speed_layer_status.with_name("speed-layer-result.json")

    def done(self, step: str) -> Path:
        """The marker that a step writes when what others need of it is there."""
        return self.state / "run" / f"{step}.done"


def load(environment: Mapping[str, str]) -> Plan:
    """Asks the Java side; what it refuses is this command's failure."""
    printed = subprocess.run(
        step("plan"), cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=False
    )
    if printed.returncode != 0:
        raise Failure(printed.stderr.strip(), printed.returncode)
    return parse(json.loads(printed.stdout))


def step(*arguments: str) -> list[str]:
    """The command line of a step of the Java side."""
    return application(MODULE, MAIN, *arguments)


def parse(document: Mapping[str, Any]) -> Plan:
    stack = document["stack"]
    view = document["view"]
    return Plan(
        java=document["java"],
        state=Path(stack["state"]),
        logs=Path(stack["logs"]),
        listen=stack["address"]["listen"],
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
        supervisor=_place(stack["supervisor"]),
        postgresql=_place(stack["postgresql"]),
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
        wait_limit_seconds=stack["waitLimitSeconds"],
        stop_limit_seconds=stack["stopLimitSeconds"],
    )


def _port(document: Mapping[str, Any]) -> Port:
    return Port(document["setting"], document["number"])


def _place(document: Mapping[str, Any]) -> Place:
    return Place(document["host"], document["port"]["number"])


def _airflow(document: Mapping[str, Any]) -> Airflow:
    return Airflow(
        server=_place(document["server"]),
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
