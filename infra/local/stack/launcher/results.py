"""The test results of Maven and pytest, in JUnit's XML format."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

REPORTS = ("surefire-reports", "failsafe-reports")


@dataclass(frozen=True)
class ClassResult:
    """The result of a test class; `tests` includes the skipped and failed ones."""

    name: str
    tests: int
    seconds: float
    skipped: int = 0
    failures: list[str] = field(default_factory=list)


def java_results(root: Path, since: float) -> list[ClassResult]:
    """The results of all modules that were written since a time, in seconds since 1970."""
    files = [
        file
        for reports in REPORTS
        for file in sorted(root.glob(f"**/target/{reports}/TEST-*.xml"))
        # some file systems store whole seconds
        if file.stat().st_mtime >= int(since)
    ]
    return [result for file in files for result in _read(file, per_suite=True)]


def pytest_results(file: Path) -> list[ClassResult]:
    """The results of a pytest run by test file or class; empty if the file is incomplete."""
    return _read(file, per_suite=False)


def _read(file: Path, per_suite: bool) -> list[ClassResult]:
    try:
        root = ElementTree.parse(file).getroot()
    except (OSError, ElementTree.ParseError):
        return []
    results: dict[str, ClassResult] = {}
    for suite in root.iter("testsuite"):
        for case in suite.iter("testcase"):
            name = (suite.get("name") if per_suite else case.get("classname")) or file.stem
            previous = results.get(name, ClassResult(name, 0, 0.0))
            kinds = {child.tag for child in case}
            failures = [f"{name}.{case.get('name')}"] if kinds & {"failure", "error"} else []
            results[name] = ClassResult(
                name,
                previous.tests + 1,
                previous.seconds + float((case.get("time") or "0").replace(",", "")),
                previous.skipped + ("skipped" in kinds),
                previous.failures + failures,
            )
        if per_suite and (total := results.get(suite.get("name") or "")):
            # the suite's time includes setup and teardown
            seconds = max(total.seconds, float((suite.get("time") or "0").replace(",", "")))
            results[total.name] = ClassResult(
                total.name, total.tests, seconds, total.skipped, total.failures
            )
    return list(results.values())
