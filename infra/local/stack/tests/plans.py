"""A plan for tests, in a folder of its own."""

from pathlib import Path

from launcher.plan import Plan, parse


def plan_in(folder: Path) -> Plan:
    port = {"setting": "stack.kafka.port", "number": 9092}
    spark = {"cores": 2, "heapMebibytes": 512, "userInterface": port}
    return parse(
        {
            "java": "java",
            "stack": {
                "state": str(folder / "state"),
                "logs": str(folder / "logs"),
                "speedLayer": spark,
                "batchLayer": spark,
                "logFileBytes": 1_000_000,
                "logFiles": 2,
                "waitLimitSeconds": 5,
                "stopLimitSeconds": 5,
            },
            "ports": [port],
            "kafkaArguments": str(folder / "kafka.args"),
            "cassandraArguments": str(folder / "cassandra.args"),
            "speedLayerStatus": str(folder / "status.json"),
            "kafka": {"topic": "users_created"},
            "view": {
                "host": "127.0.0.1",
                "port": 9042,
                "keyspace": "spark_streams",
                "reader": {"user": "reader", "passwordFile": str(folder / "reader")},
                "admin": {"user": "admin", "passwordFile": str(folder / "admin")},
            },
        }
    )
