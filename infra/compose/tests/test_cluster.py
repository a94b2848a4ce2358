"""Three brokers, three nodes and two workers: each node in turn goes away under load and comes back."""

from __future__ import annotations

import threading
from typing import Iterator

import pytest
from engine import ROOT, UP_SECONDS, Containers, up

NODES = ("kafka", "kafka-2", "kafka-3", "cassandra", "cassandra-2", "cassandra-3")
PRODUCER = ("foldlog", "produce")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Containers]:
    with up(env_file=ROOT / "infra/compose/cluster.env") as containers:
        yield containers


class Load:
    """A producer that records events until it has recorded so many."""

    def __init__(self, cluster: Containers, count: int, rate: int) -> None:
        self.printed = ""
        self._thread = threading.Thread(target=self._run, args=(cluster, count, rate))
        self._thread.start()

    def _run(self, cluster: Containers, count: int, rate: int) -> None:
        self.printed = cluster.execute(
            "spark-master", *PRODUCER, "--source=synthetic", f"--count={count}", f"--rate={rate}"
        )

    def end(self) -> str:
        self._thread.join()
        return self.printed


@pytest.mark.parametrize("node", NODES)
def test_nothing_is_lost_while_a_node_is_away(cluster: Containers, node: str) -> None:
    load = Load(cluster, count=3_000, rate=100)
    cluster.compose("stop", node)
    cluster.compose("start", node)
    cluster.await_healthy(node)
    assert "failed=0" in load.end()
    cluster.verify()


def test_a_node_that_is_killed_comes_back(cluster: Containers) -> None:
    load = Load(cluster, count=3_000, rate=100)
    for node in ("kafka-2", "cassandra-2"):
        cluster.compose("kill", node)
        cluster.compose("start", node)
        cluster.await_healthy(node)
    assert "failed=0" in load.end()
    cluster.verify()


def test_a_worker_more_and_a_partition_more(cluster: Containers) -> None:
    cluster.compose("up", "--detach", "--wait", "--no-recreate", "--scale", "spark-worker=3")
    for topic in ("users_created", "users_created.dead-letter"):
        cluster.execute("kafka", "kafka-topics", "--alter", "--topic", topic, "--partitions", "3")
    cluster.environment |= {"FOLDLOG_KAFKA_PARTITIONS": "3", "FOLDLOG_SPARK_WORKERS": "3"}
    servers = {node: cluster.container(node) for node in NODES}
    cluster.compose("up", "--detach", "--wait", seconds=UP_SECONDS)
    assert {node: cluster.container(node) for node in NODES} == servers, "no server starts anew"
    assert "failed=0" in Load(cluster, count=600, rate=100).end()
    cluster.verify()
    described = cluster.execute("kafka", "kafka-topics", "--describe", "--topic", "users_created")
    assert "PartitionCount: 3" in described


def test_all_of_it_comes_back(cluster: Containers) -> None:
    rows = cluster.rows()
    cluster.compose("down")
    cluster.compose("up", "--detach", "--wait", seconds=UP_SECONDS)
    cluster.verify()
    assert cluster.rows() == rows
    # the scratch of the workers of before is gone
    folders = cluster.execute("spark-worker", "ls", "/var/lib/foldlog/state/workers").split()
    workers = cluster.container("spark-worker").split()
    assert sorted(folders) == sorted(worker[:12] for worker in workers)


def test_the_dags_run_to_success(cluster: Containers) -> None:
    cluster.unpause("user_automation", "nightly_reconcile")
    cluster.run("user_automation", count=50, interval=1, duration=10)
    cluster.run("nightly_reconcile", scope="full")
    cluster.verify()
