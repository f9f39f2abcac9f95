"""A pytest plugin: under CI=true a skipped test fails the run, for it is a test that was not run.

On a person's machine what is missing (a browser, Node) may be skipped, with a line that says how to get it.
"""

import pytest

from tests.support import in_ci

_skipped: list[str] = []


def pytest_sessionstart() -> None:
    _skipped.clear()


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """A whole module may skip itself."""
    _note(report)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if not hasattr(report, "wasxfail"):
        _note(report)


def _note(report: pytest.CollectReport | pytest.TestReport) -> None:
    if report.skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        _skipped.append(f"{report.nodeid}: {reason}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    if in_ci() and _skipped and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if in_ci() and _skipped:
        terminalreporter.section("skipped, where nothing may be (CI=true)", red=True)
        for line in _skipped:
            terminalreporter.line(line)
