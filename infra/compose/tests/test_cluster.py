"""Three brokers, three nodes and two workers: each broker and node is stopped and restarted under load."""

from __future__ import annotations

import threading
from typing import Iterator

import pytest
from engine import ROOT, UP_SECONDS, Containers, up

SERVERS = ("kafka", "kafka-2", "kafka-3", "cassandra", "cassandra-2", "cassandra-3")
PRODUCE_COMMAND = ("foldlog", "produce")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Containers]:
    with up(env_file=ROOT / "infra/compose/cluster.env") as containers:
        yield containers


class Workload:
    """A producer that records `count` events in the background."""

    def __init__(self, cluster: Containers, count: int, rate: int) -> None:
        self.printed = ""
        self._thread = threading.Thread(target=self._run, args=(cluster, count, rate))
        self._thread.start()

    def _run(self, cluster: Containers, count: int, rate: int) -> None:
        self.printed = cluster.execute(
            "spark-master", *PRODUCE_COMMAND, "--source=synthetic", f"--count={count}", f"--rate={rate}"
        )

    def await_end(self) -> str:
        """Waits until all events are recorded; returns the output of the producer."""
        self._thread.join()
        return self.printed


@pytest.mark.parametrize("server", SERVERS)
def test_loses_no_event_while_a_server_is_stopped(cluster: Containers, server: str) -> None:
    workload = Workload(cluster, count=3_000, rate=100)
    cluster.compose("stop", server)
    cluster.compose("start", server)
    cluster.await_healthy(server)
    assert "failed=0" in workload.await_end()
    cluster.verify()


def test_loses_no_event_when_servers_are_killed(cluster: Containers) -> None:
    workload = Workload(cluster, count=3_000, rate=100)
    for server in ("kafka-2", "cassandra-2"):
        cluster.compose("kill", server)
        cluster.compose("start", server)
        cluster.await_healthy(server)
    assert "failed=0" in workload.await_end()
    cluster.verify()


def test_adds_a_worker_and_a_partition_without_recreating_servers(cluster: Containers) -> None:
    cluster.compose("up", "--detach", "--wait", "--no-recreate", "--scale", "spark-worker=3")
    for topic in ("users_created", "users_created.dead-letter"):
        cluster.execute("kafka", "kafka-topics", "--alter", "--topic", topic, "--partitions", "3")
    cluster.environment |= {"FOLDLOG_KAFKA_PARTITIONS": "3", "FOLDLOG_SPARK_WORKERS": "3"}
    containers = {server: cluster.container(server) for server in SERVERS}
    cluster.compose("up", "--detach", "--wait", seconds=UP_SECONDS)
    assert {server: cluster.container(server) for server in SERVERS} == containers, "no server is recreated"
    assert "failed=0" in Workload(cluster, count=600, rate=100).await_end()
    cluster.verify()
    described = cluster.execute("kafka", "kafka-topics", "--describe", "--topic", "users_created")
    assert "PartitionCount: 3" in described


def test_keeps_the_data_when_all_services_are_recreated(cluster: Containers) -> None:
    rows = cluster.rows()
    cluster.compose("down")
    cluster.compose("up", "--detach", "--wait", seconds=UP_SECONDS)
    cluster.verify()
    assert cluster.rows() == rows
    # the folders of the former workers are removed
    folders = cluster.execute("spark-worker", "ls", "/var/lib/foldlog/state/workers").split()
    workers = cluster.container("spark-worker").split()
    assert sorted(folders) == sorted(worker[:12] for worker in workers)


def test_the_dags_run_to_success(cluster: Containers) -> None:
    cluster.unpause("user_automation", "nightly_reconcile")
    cluster.run("user_automation", count=50, interval=1, duration=10)
    cluster.run("nightly_reconcile", scope="full")
    cluster.verify()
