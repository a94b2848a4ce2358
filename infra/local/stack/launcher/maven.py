"""Maven's command line, with the HTTP proxy of the environment variables, which Maven does not read."""

from __future__ import annotations

import io
import os
import re
import subprocess
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from . import private
from .environment import LOCAL_HOSTS, no_proxy_names
from .repository import ROOT

SETTINGS = ROOT / "target" / "maven-settings.xml"
NAMESPACE = "http://maven.apache.org/SETTINGS/1.0.0"


def command(maven: str) -> list[str]:
    """The command line of Maven without goals. Proxies in the user's settings.xml take precedence."""
    proxies = environment_proxies()
    if not proxies:
        return maven.split()
    # a file, because a process list shows arguments, and a proxy's address may contain a password
    private.write(SETTINGS, with_proxies(_installation_settings(maven), proxies))
    return [*maven.split(), "--global-settings", str(SETTINGS)]


def environment_proxies() -> list[dict[str, str]]:
    """The proxies of the environment, as elements of settings.xml."""
    urls = urllib.request.getproxies_environment()
    proxies = []
    for scheme in ("http", "https"):
        url = urllib.parse.urlsplit(urls.get(scheme) or urls.get("all") or "")
        if url.scheme != "http" or not url.hostname:
            continue
        login = {
            "username": urllib.parse.unquote(url.username or ""),
            "password": urllib.parse.unquote(url.password or ""),
        }
        direct = [pattern for name in no_proxy_names(os.environ) for pattern in _patterns(name)]
        proxies.append(
            {
                "id": f"environment-{scheme}",
                "active": "true",
                "protocol": scheme,
                "host": url.hostname,
                "port": str(url.port or 80),
                **(login if url.username else {}),
                "nonProxyHosts": "|".join(dict.fromkeys([*direct, *LOCAL_HOSTS, "127.*"])),
            }
        )
    return proxies


def with_proxies(settings: str, proxies: list[dict[str, str]]) -> str:
    """The text of settings.xml with more proxies."""
    root = ElementTree.fromstring(settings)
    namespace = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
    parent = root.find(f"{namespace}proxies")
    if parent is None:
        parent = ElementTree.SubElement(root, f"{namespace}proxies")
    for proxy in proxies:
        element = ElementTree.SubElement(parent, f"{namespace}proxy")
        for name, value in proxy.items():
            ElementTree.SubElement(element, f"{namespace}{name}").text = value
    text = io.StringIO()
    ElementTree.ElementTree(root).write(text, encoding="unicode", default_namespace=namespace.strip("{}") or None)
    return text.getvalue()


def _patterns(name: str) -> list[str]:
    """A name of no_proxy, which includes its subdomains, as names of nonProxyHosts."""
    host = name.lstrip("*").lstrip(".")
    return [host, f"*.{host}"] if host else ["*"]


def _installation_settings(maven: str) -> str:
    """The global settings of this Maven, which the option --global-settings replaces."""
    printed = subprocess.run([*maven.split(), "--version"], capture_output=True, text=True, check=False)
    home = re.search(r"Maven home: (.+)", printed.stdout)
    file = Path(home[1].strip(), "conf", "settings.xml") if home else None
    return file.read_text(encoding="utf-8") if file and file.is_file() else f'<settings xmlns="{NAMESPACE}"/>'
