"""Locale, paths and proxies of the programs that the launcher and the build start."""

import os
import re
import shlex
import tempfile
import unittest
import unittest.mock
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from launcher import airflow, environment, maven, repository, submission
from launcher.failures import Failure
from tests.configs import ODD_NAME, config_in

PROXIES = {
    "https_proxy": "http://user%40home:pass@proxy.example:3128",
    "ALL_PROXY": "http://other.example",
    "NO_PROXY": ".own.example, 10.0.0.1",
}
SETTINGS = """<settings xmlns="http://maven.apache.org/SETTINGS/1.0.0">
  <mirrors><mirror><id>blocker</id></mirror></mirrors>
</settings>"""


class EnvironmentTest(unittest.TestCase):
    def test_should_set_utf8_and_exclude_this_machine_from_proxies(self) -> None:
        variables = {"LC_ALL": "C", "NO_PROXY": "own.example,localhost"}
        environment.complete(variables)
        self.assertEqual(variables["LC_ALL"], "C.UTF-8")
        self.assertEqual(variables["no_proxy"], "own.example,localhost,127.0.0.1")
        self.assertEqual(variables["NO_PROXY"], variables["no_proxy"])

    def test_should_keep_an_asterisk_alone(self) -> None:
        self.assertEqual(environment.without_proxy({"no_proxy": "*"}, "localhost"), "*")

    def test_should_exclude_the_api_server_from_airflows_proxies(self) -> None:
        with tempfile.TemporaryDirectory() as folder, unittest.mock.patch.dict(os.environ, {"no_proxy": "own"}):
            variables = airflow.environment(config_in(Path(folder)))
        self.assertEqual(variables["no_proxy"], "own,localhost,127.0.0.1")


class PathsTest(unittest.TestCase):
    def test_should_reject_a_path_that_the_programs_do_not_accept(self) -> None:
        repository.check_paths(Path("/", ODD_NAME))
        for character in ':,"$\\`*?[]{}\n':
            with self.assertRaisesRegex(Failure, re.escape(repr(character))):
                repository.check_paths(Path("/", f"a{character}b"))

    def test_should_quote_the_java_options_of_spark_submit(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder, ODD_NAME)
            with unittest.mock.patch.dict(os.environ, {"FOLDLOG_STACK_ROOT": str(root)}):
                layer = submission.batch_submission(config_in(root))
                options = shlex.split(layer.driver_java_options)
        self.assertIn(f"-Djava.io.tmpdir={root}/state/tmp", options)
        self.assertTrue(all(option.startswith("-") for option in options), options)


class MavenTest(unittest.TestCase):
    def proxies(self, variables: dict[str, str]) -> list[dict[str, str]]:
        with unittest.mock.patch.dict(os.environ, variables, clear=True):
            return maven.environment_proxies()

    def test_should_use_no_settings_without_proxies(self) -> None:
        with unittest.mock.patch.dict(os.environ, {}, clear=True):
            self.assertEqual(maven.command("mvn -o"), ["mvn", "-o"])

    def test_should_take_proxies_from_the_environment(self) -> None:
        http, https = self.proxies(PROXIES)
        self.assertEqual((http["host"], http["port"]), ("other.example", "80"))
        self.assertNotIn("username", http)
        self.assertEqual((https["host"], https["port"]), ("proxy.example", "3128"))
        self.assertEqual((https["username"], https["password"]), ("user@home", "pass"))
        self.assertEqual(
            https["nonProxyHosts"], "own.example|*.own.example|10.0.0.1|*.10.0.0.1|localhost|127.0.0.1|127.*"
        )

    def test_should_add_proxies_to_the_installations_settings(self) -> None:
        text = maven.with_proxies(SETTINGS, self.proxies(PROXIES))
        root = ElementTree.fromstring(text)
        names = {"s": maven.NAMESPACE}
        self.assertEqual(root.findtext("s:mirrors/s:mirror/s:id", namespaces=names), "blocker")
        hosts = [host.text for host in root.findall("s:proxies/s:proxy/s:host", names)]
        self.assertEqual(hosts, ["other.example", "proxy.example"])


if __name__ == "__main__":
    unittest.main()
