"""The health checks of containers."""

import datetime
import http.server
import json
import os
import socket
import tempfile
import threading
import unittest
import unittest.mock
from pathlib import Path

from launcher import health


class HealthTest(unittest.TestCase):
    def setUp(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)
        self._file = Path(self._folder.name, "status.json")

    def _status(
        self, state: str, seconds_ago: float, trigger: str = "continuous", epoch: int | None = 7
    ) -> Path:
        moment = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds_ago)
        # the format of Java's Instant
        updated = moment.strftime("%Y-%m-%dT%H:%M:%S") + ".123456789Z"
        delay = {"run": {"count": 0, "p50-ms": 0, "p99-ms": 0}}
        status = {"state": state, "trigger": trigger, "epoch": epoch, "lag": 0, "delay": delay,
                  "held-back": {"records": 0, "oldest": None, "age-s": 0}}
        self._file.write_text(json.dumps({**status, "updated": updated}))
        return self._file

    def test_running_speed_layer_is_healthy(self) -> None:
        self.assertIsNone(health.speed_layer(self._status("running", 2)))

    def test_continuous_query_without_a_commit_is_not_healthy(self) -> None:
        self.assertEqual(
            health.speed_layer(self._status("running", 2, epoch=None)),
            "it has not committed its first epoch",
        )
        # a micro-batch query commits only with records
        self.assertIsNone(health.speed_layer(self._status("running", 2, "micro-batch", epoch=None)))

    def test_stopped_speed_layer_is_not_healthy(self) -> None:
        self.assertRegex(health.speed_layer(self._status("stopped", 2)) or "", "^it was stopped [23] s ago$")

    def test_speed_layer_with_an_old_status_is_not_healthy(self) -> None:
        self.assertRegex(health.speed_layer(self._status("running", 60)) or "", "^it was running 6[01] s ago$")

    def test_server_is_healthy_when_it_listens(self) -> None:
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{server.getsockname()[1]}"
            with self.assertRaises(OSError):
                health.listens(address)
            server.listen()
            self.assertIsNone(health.listens(address))

    def test_asks_airflow_without_the_proxy_of_the_environment(self) -> None:
        class Airflow(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b'{"scheduler": {"status": "healthy"}}')

            def log_message(self, *_: object) -> None:
                pass

        no_server = {"http_proxy": "http://127.0.0.1:1", "no_proxy": "", "NO_PROXY": ""}
        with http.server.HTTPServer(("127.0.0.1", 0), Airflow) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            with unittest.mock.patch.dict(os.environ, no_server):
                self.assertIsNone(health.airflow(f"http://127.0.0.1:{server.server_port}", "scheduler"))
            server.shutdown()


if __name__ == "__main__":
    unittest.main()
