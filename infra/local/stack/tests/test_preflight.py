import socket
import unittest

from launcher.config import Port
from launcher.failures import ExitStatus, Failure
from launcher.preflight import check_ports, check_tools, environment_name


class PreflightTest(unittest.TestCase):
    def test_should_accept_this_machine(self) -> None:
        check_tools()

    def test_should_name_every_taken_port_and_its_setting(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            number = taken.getsockname()[1]
            with self.assertRaises(Failure) as refused:
                check_ports([Port("stack.kafka.port", number), Port("stack.speed-layer.ui-port", 1)])
        self.assertEqual(refused.exception.status, ExitStatus.USAGE_ERROR)
        self.assertIn(f"Port {number} on 127.0.0.1 is taken", str(refused.exception))
        self.assertIn("FOLDLOG_STACK_KAFKA_PORT", str(refused.exception))

    def test_should_refuse_a_port_given_twice(self) -> None:
        with self.assertRaisesRegex(Failure, "a.port and b.port both name port 1"):
            check_ports([Port("a.port", 1), Port("b.port", 1)])

    def test_should_name_the_variable_by_the_manuals_rule(self) -> None:
        self.assertEqual(
            environment_name("stack.speed-layer.ui-port"), "FOLDLOG_STACK_SPEED_LAYER_UI_PORT"
        )


if __name__ == "__main__":
    unittest.main()
