"""The entrypoint of a container with one service of the stack: `python -m launcher container SERVICE`."""

from __future__ import annotations

import dataclasses
import json
import os
import socket
import subprocess
import sys
from typing import Callable, NoReturn

from . import airflow, applications, config as configs, deployment, postgresql, private, scratch, supervision
from .config import StackConfig, step
from .failures import Failure
from .programs import SPEED_LAYER, Program, components, guarded, retry_options
from .repository import ROOT, spark_environment, spark_home, tool
from .submission import speed_layer

# folder of Spark's configuration for master, worker and spark-submit, which share a secret
SPARK_SETTINGS = "spark"


def exec_service(service: str, arguments: list[str]) -> NoReturn:
    """Prepares the service and replaces this process with it. The service's command gets the arguments."""
    os.chdir(ROOT)
    # only the owner may read the files that the service writes
    os.umask(0o077)
    config = configs.resolve(os.environ)
    os.environ.update(config.environment({}))
    command, environment = SERVICES[service](config, arguments)
    sys.stdout.flush()
    os.execvpe(command[0], command, {**os.environ, **environment})


Service = tuple[list[str], dict[str, str]]


def _secrets(config: StackConfig, hosts: list[str]) -> Service:
    """Creates all secrets. The other services only read them."""
    airflow.prepare(config)
    postgresql.password(config)
    private.secret(supervision.password_file(config))
    _spark_settings(config)
    _run(step("secrets", "--hosts", ",".join(hosts)))
    _kafka_ui_settings(config)
    return ["true"], {}


def _kafka_ui_settings(config: StackConfig) -> None:
    """Writes the UI's configuration file: the engine would show a login in the container's environment."""
    lines = (config.secrets / "kafka-client.properties").read_text().splitlines()
    cluster = {
        "name": "foldlog",
        "bootstrapServers": config.bootstrap_servers,
        "schemaRegistry": config.schema_registry,
        "readOnly": True,
        "properties": dict(line.split("=", 1) for line in lines if "=" in line),
    }
    # JSON is valid YAML
    private.write(
        config.secrets / "kafka-ui.yml", json.dumps({"kafka": {"clusters": [cluster]}}, indent=2) + "\n"
    )


def _spark_settings(config: StackConfig) -> None:
    file = config.secrets / SPARK_SETTINGS / "spark-defaults.conf"
    if not file.is_file():
        secret = private.secret(config.secrets / "spark.secret")
        private.write(
            file,
            "spark.authenticate true\n"
            f"spark.authenticate.secret {secret}\n"
            "spark.network.crypto.enabled true\n",
        )


def _kafka(config: StackConfig, arguments: list[str]) -> Service:
    _run(step("prepare", "kafka"))
    return [config.java, f"@{config.kafka_arguments}"], {}


def _cassandra(config: StackConfig, arguments: list[str]) -> Service:
    _run(step("prepare", "cassandra"))
    return [config.java, f"@{config.cassandra_arguments}"], {}


def _postgresql(config: StackConfig, arguments: list[str]) -> Service:
    postgresql.prepare(config)
    return postgresql.command(config), {}


def _provision(config: StackConfig, arguments: list[str]) -> Service:
    _run(applications.command("admin", "provision", *arguments))
    return applications.command("producer", "register-schemas"), {}


def _spark_master(config: StackConfig, arguments: list[str]) -> Service:
    return _spark_class(
        config, "master.Master", "--host", config.host, "--port", "7077", "--webui-port", "9090"
    )


def _spark_worker(config: StackConfig, arguments: list[str]) -> Service:
    # several workers share these settings and differ only in their host names
    config = dataclasses.replace(config, host=socket.gethostname())
    folder = scratch.claim(config.state / "workers", config.host)
    command, environment = _spark_class(
        config,
        "worker.Worker",
        *("--host", config.host, "--webui-port", "9091"),
        *("--work-dir", str(folder / "work"), *arguments, config.spark_master),
    )
    return command, {
        **environment,
        # without cleanup, the folders of ended applications, each with a jar, stay until the worker ends
        "SPARK_WORKER_OPTS": "-Dspark.worker.cleanup.enabled=true",
        # on disk: /tmp is the container's memory, and a shuffle may be larger
        "SPARK_LOCAL_DIRS": str(folder / "local"),
    }


def _spark_class(config: StackConfig, name: str, *arguments: str) -> Service:
    program = str(spark_home() / "bin" / "spark-class")
    return [program, f"org.apache.spark.deploy.{name}", *arguments], spark(config)


def spark(config: StackConfig) -> dict[str, str]:
    """The environment of Spark's programs."""
    return {
        **spark_environment(config.host),
        "SPARK_CONF_DIR": str(config.secrets / SPARK_SETTINGS),
        "SPARK_NO_DAEMONIZE": "1",
    }


def _speed_layer(config: StackConfig, arguments: list[str]) -> Service:
    # no wait for provisioning: it ends before this container starts
    layer = dataclasses.replace(_layer(config), command=guarded(speed_layer(config), *retry_options(config)))
    file = supervision.write(config, [layer])
    return [str(tool("supervisor", "supervisord")), "-n", "-c", str(file)], spark(config)


def _airflow(program: str, *options: str) -> Callable[[StackConfig, list[str]], Service]:
    def service(config: StackConfig, arguments: list[str]) -> Service:
        airflow.prepare(config)
        deployment.write(config, _components(config))
        return airflow.command(config, *program.split(), *options), spark(config)

    return service


def _components(config: StackConfig) -> list[dict[str, object]]:
    """The components of the deployment file. The engine's restart policy controls the servers."""
    return [
        *deployment.external(config, kafka=True, cassandra=True),
        deployment.controlled(_layer(config)),
    ]


def _layer(config: StackConfig) -> Program:
    return next(program for program in components(config) if program.name == SPEED_LAYER)


def _run(command: list[str]) -> None:
    result = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if result.returncode != 0:
        raise Failure(result.stderr.strip(), result.returncode)


SERVICES: dict[str, Callable[[StackConfig, list[str]], Service]] = {
    "secrets": _secrets,
    "kafka": _kafka,
    "cassandra": _cassandra,
    "postgresql": _postgresql,
    "provision": _provision,
    "spark-master": _spark_master,
    "spark-worker": _spark_worker,
    "speed-layer": _speed_layer,
    "airflow-migrate": _airflow("db migrate"),
    "airflow-api-server": _airflow("api-server"),
    "airflow-dag-processor": _airflow("dag-processor"),
    "airflow-scheduler": _airflow("scheduler", "--skip-serve-logs"),
}
