import configparser
import json
import os
import stat
import tempfile
import unittest
from pathlib import Path
from typing import Any

from launcher import airflow, deployment
from launcher.airflow import MIGRATION
from launcher.programs import SERVER_ORDER, SPEED_LAYER, Program, orchestration
from tests.configs import config_in


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


class AirflowTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        # in airflow.cfg, % starts an interpolation
        self.config = config_in(Path(folder.name) / "50%")

    def settings(self) -> configparser.ConfigParser:
        airflow.prepare(self.config)
        settings = configparser.ConfigParser()
        settings.read(airflow.home(self.config) / "airflow.cfg")
        return settings

    def test_should_bind_to_loopback(self) -> None:
        settings = self.settings()
        self.assertEqual(settings["api"]["host"], "127.0.0.1")
        self.assertEqual(settings["api"]["port"], "8080")
        self.assertEqual(
            settings["core"]["execution_api_server_url"], "http://127.0.0.1:8080/execution/"
        )
        self.assertIn("@127.0.0.1:5433/airflow", settings["database"]["sql_alchemy_conn"])

    def test_should_keep_a_path_with_a_percent_sign(self) -> None:
        self.assertEqual(
            self.settings()["logging"]["base_log_folder"], str(self.config.logs / "airflow")
        )

    def test_should_generate_secrets_once_with_mode_600(self) -> None:
        first = self.settings()
        again = self.settings()
        for section, option in (
            ("core", "fernet_key"),
            ("api", "secret_key"),
            ("api_auth", "jwt_secret"),
            ("database", "sql_alchemy_conn"),
        ):
            self.assertEqual(first[section][option], again[section][option])
        files = [*self.config.secrets.iterdir(), airflow.home(self.config) / "airflow.cfg"]
        self.assertEqual({mode(file) for file in files}, {0o600}, files)
        self.assertEqual(mode(self.config.secrets), 0o700)
        self.assertEqual(len({file.read_text() for file in files}), len(files))

    def test_should_give_each_user_a_password(self) -> None:
        self.settings()
        passwords = json.loads(airflow.passwords_file(self.config).read_text())
        self.assertEqual(sorted(passwords), ["admin", "viewer"])
        self.assertNotEqual(passwords["admin"], passwords["viewer"])
        self.assertEqual(passwords, airflow.passwords(self.config))

    def test_should_pass_no_secret_in_arguments_or_environment(self) -> None:
        airflow.prepare(self.config)
        texts = [json.dumps([p.command, p.environment]) for p in orchestration(self.config)]
        for file in self.config.secrets.iterdir():
            content = file.read_text().strip()
            secrets = json.loads(content).values() if file.suffix == ".json" else [content]
            for secret in secrets:
                self.assertFalse([text for text in texts if secret in text], file)

    def test_should_order_the_scheduler_after_all_other_programs(self) -> None:
        orders = {program.name: program.order for program in orchestration(self.config)}
        self.assertEqual(max(orders, key=lambda name: orders[name]), "airflow-scheduler")
        self.assertGreater(orders["airflow-api-server"], orders[MIGRATION])
        self.assertGreater(orders[MIGRATION], orders["postgresql"])

    def test_should_report_an_api_server_that_does_not_answer(self) -> None:
        self.assertIn("does not answer", str(airflow.problem(config_in(self.config.state, airflow_port=1))))


def _component(name: str, order: int, **differences: Any) -> dict[str, Any]:
    defaults = {"name": name, "order": order, "step": False, "controlled": True, "address": ""}
    return {**defaults, **differences}


class DeploymentTest(unittest.TestCase):
    def test_should_write_the_deployment_file_for_the_dags(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            config = config_in(Path(folder))
            speed_layer = Program(SPEED_LAYER, 30, ["run"])
            provision = Program("provision", 20, [], step=True)
            deployment.write(
                config,
                [
                    *deployment.external(config, kafka=False, cassandra=True),
                    deployment.controlled(speed_layer),
                    deployment.controlled(provision),
                ],
            )
            document = json.loads(config.deployment.read_text())
            self.assertEqual(mode(config.deployment), 0o600)
        self.assertEqual(
            document["components"],
            [
                _component("cassandra", SERVER_ORDER, address="127.0.0.1:9042", controlled=False),
                _component("speed-layer", 30),
                _component("provision", 20, step=True),
            ],
        )
        self.assertEqual(
            sorted(document["applications"]), ["producer", "provision"]
        )
        self.assertTrue(all(argv for argv in document["applications"].values()))
        self.assertTrue(os.path.isfile(document["batchLayer"]["jar"]))
        self.assertEqual(document["batchLayer"]["driverMemory"], "512m")
        self.assertEqual(document["batchLayer"]["conf"]["spark.driver.bindAddress"], "127.0.0.1")
        self.assertEqual(document["supervisor"]["url"], f"unix://{config.socket}")


if __name__ == "__main__":
    unittest.main()
