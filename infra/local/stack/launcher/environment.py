"""The environment variables of all programs that the launcher starts."""

from __future__ import annotations

from typing import Mapping, MutableMapping

LOCAL_HOSTS = ("localhost", "127.0.0.1")


def complete(environment: MutableMapping[str, str]) -> None:
    """Sets UTF-8 for texts and file names, and excludes this machine from HTTP proxies."""
    # Java 17 takes the encoding of file names from the locale
    environment["LC_ALL"] = "C.UTF-8"
    environment["PYTHONUTF8"] = "1"
    # the checkout may be read-only
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    environment["no_proxy"] = environment["NO_PROXY"] = without_proxy(environment, *LOCAL_HOSTS)


def without_proxy(environment: Mapping[str, str], *hosts: str) -> str:
    """The variable no_proxy with these hosts."""
    names = no_proxy_names(environment)
    return "*" if "*" in names else ",".join(dict.fromkeys([*names, *hosts]))


def no_proxy_names(environment: Mapping[str, str]) -> list[str]:
    """The names of the variable no_proxy: hosts without a proxy, with their subdomains; * for all hosts."""
    excluded = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    return [name.strip() for name in excluded.split(",") if name.strip()]
