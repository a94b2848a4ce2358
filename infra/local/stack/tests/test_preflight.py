import socket
import unittest

from launcher.config import Port
from launcher.failures import ExitStatus, Failure
from launcher.preflight import check_ports, check_tools, environment_name


class PreflightTest(unittest.TestCase):
    def test_should_accept_a_machine_with_all_tools(self) -> None:
        check_tools()

    def test_should_report_each_taken_port_with_its_setting(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            number = taken.getsockname()[1]
            with self.assertRaises(Failure) as failed:
                check_ports([Port("stack.kafka.port", number), Port("stack.speed-layer.ui-port", 1)])
        self.assertEqual(failed.exception.status, ExitStatus.USAGE_ERROR)
        self.assertIn(f"Port {number} on 127.0.0.1 is taken", str(failed.exception))
        self.assertIn("FOLDLOG_STACK_KAFKA_PORT", str(failed.exception))

    def test_should_reject_a_port_that_is_set_twice(self) -> None:
        with self.assertRaisesRegex(Failure, "a.port and b.port both name port 1"):
            check_ports([Port("a.port", 1), Port("b.port", 1)])

    def test_should_derive_the_environment_variable_from_the_setting(self) -> None:
        self.assertEqual(
            environment_name("stack.speed-layer.ui-port"), "FOLDLOG_STACK_SPEED_LAYER_UI_PORT"
        )


if __name__ == "__main__":
    unittest.main()
