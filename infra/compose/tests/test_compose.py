"""One machine's pipeline in containers, built and started as a user does."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Iterator

import pytest
from engine import ROOT, Containers, up

DAGS = ("nightly_reconcile", "streaming_pipeline", "user_automation")
ONCE = ("secrets", "provision", "airflow-migrate")
SECRETS = "/var/lib/foldlog/state/secrets"


@pytest.fixture(scope="module")
def stack() -> Iterator[Containers]:
    with up() as containers:
        containers.unpause(*DAGS)
        yield containers


def test_every_service_runs_without_root_or_the_engines_socket(stack: Containers) -> None:
    configured = json.loads(stack.compose("config", "--format", "json"))["services"]
    for name, service in configured.items():
        assert "docker.sock" not in json.dumps(service), name
        assert service["read_only"], name
        if name in ONCE:
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


def test_executors_log_as_all_else_does(stack: Containers) -> None:
    # by Spark's own settings, two lines for each record
    warned = "grep -rl --include=stderr KafkaDataConsumer /var/lib/foldlog/state/workers"
    assert stack.execute("spark-worker", "sh", "-c", warned, status=1) == ""


def test_what_executors_shuffle_is_on_disk(stack: Containers) -> None:
    # and not in /tmp, which is the container's memory
    found = stack.execute(
        "spark-worker", "find", "/var/lib/foldlog/state", "/tmp", "-name", "blockmgr-*"
    )
    assert found
    assert "/tmp" not in found


def test_users_query_as_the_reader(stack: Containers) -> None:
    printed = stack.execute(
        "cassandra", "cqlsh", "-e", "select * from spark_streams.created_users limit 1"
    )
    assert "(1 rows)" in printed
    refused = "INSERT INTO spark_streams.created_users (id) VALUES (uuid())"
    stack.execute("cassandra", "cqlsh", "-e", refused, status=2)


def test_cqlsh_of_the_host_reads_the_view(stack: Containers, tmp_path: Path) -> None:
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
    ("properties", "status", "said"),
    [
        pytest.param(f"{SECRETS}/kafka-client.properties", 0, "dead_letters=", id="with the login"),
        pytest.param("", 5, "set security.protocol", id="without TLS"),
    ],
)
def test_clients_of_the_host_reach_the_log(
    stack: Containers, properties: str, status: int, said: str
) -> None:
    ended = stack.on_the_host(
        *("dead-letters", "count"),
        FOLDLOG_KAFKA_BOOTSTRAP_SERVERS=f"127.0.0.1:{stack.port['KAFKA']}",
        FOLDLOG_KAFKA_PROPERTIES_FILE=properties,
    )
    assert ended.returncode == status, ended.stdout + ended.stderr
    assert said in ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("prepared", "environment", "said"),
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
def test_it_is_refused(stack: Containers, prepared: str, environment: str, said: str) -> None:
    verifier = f"{environment} FOLDLOG_RUNTIME_STARTUP_TIMEOUT=5s foldlog verify 2>&1"
    printed = stack.execute("spark-master", "sh", "-c", f"{prepared} && {verifier}", status=None)
    assert said in printed
    assert "view equals" not in printed


# makes the e-mail address a number, which no earlier event has
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
kind = {"Content-Type": "application/vnd.schemaregistry.v1+json"}
try:
    print("taken", urllib.request.urlopen(urllib.request.Request(versions, body, kind)).status)
except urllib.error.HTTPError as refusal:
    print("refused", refusal.code)
print("same", json.load(urllib.request.urlopen(versions + "/latest"))["id"] == latest["id"])
"""


def test_the_registry_refuses_an_incompatible_schema(stack: Containers) -> None:
    printed = stack.execute("spark-master", "python3", "-c", INCOMPATIBLE)
    assert printed.split() == ["refused", "409", "same", "True"]


def test_a_registry_made_anew_knows_what_is_compatible(stack: Containers) -> None:
    recreate = ("--force-recreate", "--no-deps", "schema-registry")
    stack.compose("up", "--detach", "--wait", *recreate)
    test_the_registry_refuses_an_incompatible_schema(stack)


def test_each_service_comes_back_after_a_restart(stack: Containers) -> None:
    for service in stack.services():
        if service not in ONCE:
            stack.compose("restart", service)
            stack.await_healthy(service)
    stack.await_healthy("speed-layer")
    stack.run("user_automation", count=20, interval=1, duration=5)
    stack.verify()
