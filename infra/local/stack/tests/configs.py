"""A stack configuration for tests, in a dedicated folder."""

from pathlib import Path
from typing import Any

from launcher.config import StackConfig, parse


# characters with a meaning in supervisord.conf, airflow.cfg, shells, properties files or URIs
ODD_NAME = "a b%20 50%s 'q' #1 ;2 &é日"


def config_in(folder: Path, postgresql_port: int = 5433, airflow_port: int = 8080) -> StackConfig:
    port = {"setting": "stack.kafka.port", "number": 9092}
    spark = {"cores": 2, "heapMebibytes": 512, "userInterface": port}
    return parse(
        {
            "java": "java",
            "stack": {
                "state": str(folder / "state"),
                "logs": str(folder / "logs"),
                "address": {"bindAddress": "127.0.0.1", "host": "127.0.0.1"},
                "tls": False,
                "speedLayer": spark,
                "batchLayer": spark,
                "sparkMaster": "",
                "supervisor": _endpoint("supervisor", 0),
                "postgresql": _endpoint("postgresql", postgresql_port),
                "airflow": {
                    "server": _endpoint("airflow", airflow_port),
                    "ingestionSchedule": "0 * * * *",
                    "nightlySchedule": "0 2 * * *",
                    "reconcileAfterIngestion": False,
                    "healthSchedule": "*/5 * * * *",
                    "retryDelaySeconds": 30,
                    "failureWebhookFile": "",
                },
                "logFileBytes": 1_000_000,
                "logFiles": 2,
                "startupTimeoutSeconds": 5,
                "shutdownTimeoutSeconds": 5,
            },
            "ports": [port],
            "kafkaArguments": str(folder / "kafka.args"),
            "cassandraArguments": str(folder / "cassandra.args"),
            "speedLayerStatus": str(folder / "status.json"),
            "reports": str(folder / "reports"),
            "kafka": {
                "external": False,
                "topic": "users_created",
                "bootstrapServers": "127.0.0.1:9092",
            },
            "schemaRegistry": "",
            "view": {
                "external": False,
                "host": "127.0.0.1",
                "port": 9042,
                "keyspace": "spark_streams",
                "reader": {"user": "reader", "passwordFile": str(folder / "reader")},
                "admin": {"user": "admin", "passwordFile": str(folder / "admin")},
            },
        }
    )


def _endpoint(name: str, port: int) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": {"setting": f"stack.{name}.port", "number": port}}
