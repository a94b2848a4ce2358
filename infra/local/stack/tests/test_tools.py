import unittest

from launcher.tools import parse_pip_configuration, uv_environment

LISTED = """
:env:.cert='/etc/ssl/site.pem'
global.index-url='https://user:secret@index.example/simple'
global.find-links='/wheels\\n/more wheels'
global.timeout='90'
install.timeout='120'
freeze.timeout='1'
global.broken='
"""


class ToolsTest(unittest.TestCase):
    def test_should_read_pips_configuration_by_precedence(self) -> None:
        read = parse_pip_configuration(LISTED)
        self.assertEqual(read["timeout"], "120")
        self.assertEqual(read["cert"], "/etc/ssl/site.pem")
        self.assertNotIn("broken", read)
        self.assertEqual(
            parse_pip_configuration(":env:.timeout='5'\n" + LISTED)["timeout"], "5"
        )

    def test_should_pass_index_and_certificates_of_pip_to_uv(self) -> None:
        variables = uv_environment(parse_pip_configuration(LISTED), {})
        self.assertEqual(
            variables,
            {
                "UV_DEFAULT_INDEX": "https://user:secret@index.example/simple",
                "UV_FIND_LINKS": "/wheels,/more,wheels",
                "UV_HTTP_TIMEOUT": "120",
                "SSL_CERT_FILE": "/etc/ssl/site.pem",
                "UV_PYTHON_DOWNLOADS": "never",
            },
        )

    def test_should_keep_variables_that_are_already_set(self) -> None:
        pip = {"index-url": "https://a.example", "proxy": "http://proxy:1", "timeout": "9"}
        environment = {"UV_DEFAULT_INDEX": "https://b.example", "all_proxy": "http://other:1"}
        variables = uv_environment(pip, environment)
        self.assertEqual(variables, {"UV_HTTP_TIMEOUT": "9", "UV_PYTHON_DOWNLOADS": "never"})

    def test_should_search_all_indexes_if_there_are_several(self) -> None:
        variables = uv_environment({"extra-index-url": "https://a.example https://b.example"}, {})
        self.assertEqual(variables["UV_INDEX"], "https://a.example https://b.example")
        self.assertEqual(variables["UV_INDEX_STRATEGY"], "unsafe-best-match")


if __name__ == "__main__":
    unittest.main()
