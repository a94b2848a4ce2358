"""The pipeline in containers on one machine, built and started with docker compose."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Iterator

import pytest
from engine import ROOT, Containers, up

DAGS = ("nightly_reconcile", "streaming_pipeline", "user_automation")
ONE_SHOT_SERVICES = ("secrets", "provision", "airflow-migrate")
SECRETS = "/var/lib/foldlog/state/secrets"


@pytest.fixture(scope="module")
def stack() -> Iterator[Containers]:
    with up() as containers:
        containers.unpause(*DAGS)
        yield containers


def test_every_service_runs_without_root_and_without_the_engines_socket(stack: Containers) -> None:
    configured = json.loads(stack.compose("config", "--format", "json"))["services"]
    for name, service in configured.items():
        assert "docker.sock" not in json.dumps(service), name
        assert service["read_only"], name
        if name in ONE_SHOT_SERVICES:
            assert stack.state(name)[0] == "exited"
        else:
            assert stack.execute(name, "id", "-u").strip() == "10001", name


def test_the_dags_run_to_success_and_the_view_equals_the_fold(stack: Containers) -> None:
    stack.run("user_automation", count=50, interval=1, duration=10)
    stack.verify()
    assert stack.rows() > 100
    stack.run("nightly_reconcile", scope="full")
    stack.run("streaming_pipeline")
    stack.run("streaming_pipeline", action="restart")
    stack.verify()


def test_executors_use_the_logging_configuration_of_the_product(stack: Containers) -> None:
    # with Spark's default configuration, KafkaDataConsumer logs two warnings for each record
    find_warnings = "grep -rl --include=stderr KafkaDataConsumer /var/lib/foldlog/state/workers"
    assert stack.execute("spark-worker", "sh", "-c", find_warnings, status=1) == ""


def test_executors_write_shuffle_files_to_disk(stack: Containers) -> None:
    # not to /tmp, which is in the container's memory
    found = stack.execute(
        "spark-worker", "find", "/var/lib/foldlog/state", "/tmp", "-name", "blockmgr-*"
    )
    assert found
    assert "/tmp" not in found


def test_cqlsh_in_the_container_reads_the_view_as_the_reader_role(stack: Containers) -> None:
    printed = stack.execute(
        "cassandra", "cqlsh", "-e", "select * from spark_streams.created_users limit 1"
    )
    assert "(1 rows)" in printed
    insert = "INSERT INTO spark_streams.created_users (id) VALUES (uuid())"
    stack.execute("cassandra", "cqlsh", "-e", insert, status=2)


def test_cqlsh_on_the_host_reads_the_view(stack: Containers, tmp_path: Path) -> None:
    authority = tmp_path / "authority.pem"
    authority.write_text(stack.execute("cassandra", "cat", f"{SECRETS}/authority.pem"))
    password = stack.execute("cassandra", "cat", f"{SECRETS}/pipeline-reader.password").strip()
    printed = subprocess.run(
        [
            *(str(ROOT / "var/tools/cqlsh/bin/cqlsh"), "--ssl", "-u", "pipeline_reader", "-p", password),
            *("127.0.0.1", str(stack.port["CASSANDRA"])),
            *("-e", "select * from spark_streams.created_users limit 1"),
        ],
        env={**os.environ, "SSL_CERTFILE": str(authority)},
        text=True,
        capture_output=True,
        check=True,
    ).stdout
    assert "(1 rows)" in printed


@pytest.mark.parametrize(
    ("properties", "status", "output"),
    [
        pytest.param(f"{SECRETS}/kafka-client.properties", 0, "dead_letters=", id="with the login"),
        pytest.param("", 2, "set security.protocol", id="without TLS"),
    ],
)
def test_clients_on_the_host_need_tls_and_a_login(
    stack: Containers, properties: str, status: int, output: str
) -> None:
    ended = stack.run_on_host(
        *("dead-letters", "count"),
        FOLDLOG_KAFKA_BOOTSTRAP_SERVERS=f"127.0.0.1:{stack.port['KAFKA']}",
        FOLDLOG_KAFKA_PROPERTIES_FILE=properties,
    )
    assert ended.returncode == status, ended.stdout + ended.stderr
    assert output in ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("preparation", "environment", "message"),
    [
        pytest.param(
            "echo security.protocol=PLAINTEXT > /tmp/plain",
            "FOLDLOG_KAFKA_PROPERTIES_FILE=/tmp/plain",
            "If the listener uses TLS, set security.protocol",
            id="kafka without TLS",
        ),
        pytest.param(
            f"sed 's/ password=\"[^\"]*\"/ password=\"wrong\"/' {SECRETS}/kafka-client.properties"
            " > /tmp/wrong",
            "FOLDLOG_KAFKA_PROPERTIES_FILE=/tmp/wrong",
            "refused the login",
            id="kafka with a wrong password",
        ),
        pytest.param(
            "echo wrong > /tmp/password && chmod 600 /tmp/password",
            "FOLDLOG_CASSANDRA_READER_PASSWORD_FILE=/tmp/password",
            "refuses the login of pipeline_reader",
            id="cassandra with a wrong password",
        ),
        pytest.param(
            "true",
            "FOLDLOG_CASSANDRA_TLS_TRUST_STORE=",
            "Cassandra does not answer",
            id="cassandra without TLS",
        ),
    ],
)
def test_verify_fails_with_wrong_security_settings(
    stack: Containers, preparation: str, environment: str, message: str
) -> None:
    verifier = f"{environment} FOLDLOG_RUNTIME_STARTUP_TIMEOUT=5s foldlog verify 2>&1"
    printed = stack.execute("spark-master", "sh", "-c", f"{preparation} && {verifier}", status=None)
    assert message in printed
    assert "view equals" not in printed


# registers a schema in which the e-mail address is an integer, which is incompatible
INCOMPATIBLE = """
import json, urllib.error, urllib.request
subject = "http://schema-registry:8080/apis/ccompat/v7/subjects/users_created-user.registered.v1"
versions = subject + "/versions"
latest = json.load(urllib.request.urlopen(versions + "/latest"))
schema = json.loads(latest["schema"])
def change(node):
    for name, value in list(node.items()):
        if name == "email" and isinstance(value, dict):
            node[name] = {"type": "integer"}
        elif isinstance(value, dict):
            change(value)
change(schema)
body = json.dumps({"schemaType": "JSON", "schema": json.dumps(schema)}).encode()
headers = {"Content-Type": "application/vnd.schemaregistry.v1+json"}
try:
    print("accepted", urllib.request.urlopen(urllib.request.Request(versions, body, headers)).status)
except urllib.error.HTTPError as error:
    print("rejected", error.code)
print("same", json.load(urllib.request.urlopen(versions + "/latest"))["id"] == latest["id"])
"""


def test_registry_rejects_an_incompatible_schema(stack: Containers) -> None:
    printed = stack.execute("spark-master", "python3", "-c", INCOMPATIBLE)
    assert printed.split() == ["rejected", "409", "same", "True"]


def test_recreated_registry_keeps_its_schemas(stack: Containers) -> None:
    recreate = ("--force-recreate", "--no-deps", "schema-registry")
    stack.compose("up", "--detach", "--wait", *recreate)
    test_registry_rejects_an_incompatible_schema(stack)


def test_each_service_is_healthy_after_a_restart(stack: Containers) -> None:
    for service in stack.services():
        if service not in ONE_SHOT_SERVICES:
            stack.compose("restart", service)
            stack.await_healthy(service)
    stack.await_healthy("speed-layer")
    stack.run("user_automation", count=20, interval=1, duration=5)
    stack.verify()
