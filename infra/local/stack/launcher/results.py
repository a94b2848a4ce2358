"""The results that Maven and pytest leave, as JUnit's XML."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

REPORTS = ("surefire-reports", "failsafe-reports")


@dataclass(frozen=True)
class ClassResult:
    """The tests of a class: how many, how long, and each that failed."""

    name: str
    tests: int
    seconds: float
    skipped: int = 0
    failures: list[str] = field(default_factory=list)


def java_results(root: Path, since: float) -> list[ClassResult]:
    """Those of all modules that were written since the time, which is in seconds of the epoch."""
    files = [
        file
        for reports in REPORTS
        for file in sorted(root.glob(f"**/target/{reports}/TEST-*.xml"))
        # file times are of whole seconds on some file systems
        if file.stat().st_mtime >= int(since)
    ]
    return [result for file in files for result in _read(file, per_suite=True)]


def pytest_results(file: Path) -> list[ClassResult]:
    """Those of one pytest run, a class each test file or class; none when it was cut off."""
    return _read(file, per_suite=False)


def _read(file: Path, per_suite: bool) -> list[ClassResult]:
    try:
        root = ElementTree.parse(file).getroot()
    except (OSError, ElementTree.ParseError):
        return []
    found: dict[str, ClassResult] = {}
    for suite in root.iter("testsuite"):
        for case in suite.iter("testcase"):
            name = (suite.get("name") if per_suite else case.get("classname")) or file.stem
            before = found.get(name, ClassResult(name, 0, 0.0))
            kinds = {child.tag for child in case}
            failures = [f"{name}.{case.get('name')}"] if kinds & {"failure", "error"} else []
            found[name] = ClassResult(
                name,
                before.tests + 1,
                before.seconds + float((case.get("time") or "0").replace(",", "")),
                before.skipped + ("skipped" in kinds),
                before.failures + failures,
            )
        if per_suite and (whole := found.get(suite.get("name") or "")):
            # with what came before and after the tests
            seconds = max(whole.seconds, float((suite.get("time") or "0").replace(",", "")))
            found[whole.name] = ClassResult(
                whole.name, whole.tests, seconds, whole.skipped, whole.failures
            )
    return list(found.values())
