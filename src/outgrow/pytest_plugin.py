"""``pytest --outgrow-rehearse``: each test fails that crosses the planned owners without being on the allow-list.

Works with pytest-django, with Django's TestCase, and under pytest-xdist, whose workers' findings are put together.
Without the option nothing is imported but this file.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from outgrow.rehearse import Finding, Rehearsal

NAME = "outgrow-rehearse"
RESULT = "outgrow_rehearse"  # in xdist's workeroutput


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("outgrow", "rehearsal of a split into several databases")
    group.addoption(
        "--outgrow-rehearse", nargs="?", const="", default=None, metavar="FILE",
        help="fail tests that cross the planned owners; FILE is the allow-list: --outgrow-rehearse=FILE",
    )  # fmt: skip
    group.addoption(
        "--outgrow-owners", metavar="FILE|JSON", help='the owners (default: the ini option, then OUTGROW["OWNERS"])'
    )
    group.addoption(
        "--outgrow-mode", choices=("virtual", "physical", "both"), default="virtual",
        help="by owner on one database, by alias, or both (default: virtual)",
    )  # fmt: skip
    group.addoption("--outgrow-record", action="store_true", help="write the allow-list from this run; no test fails")
    parser.addini("outgrow_owners", "owners of the rehearsal: a JSON file, or JSON", default="")
    parser.addini("outgrow_allow", "the rehearsal's allow-list", default="")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("outgrow_rehearse") is not None:
        config.pluginmanager.register(Plugin(config), NAME)


class Plugin:
    """One test session's rehearsal: of the whole run, of one worker, or of the controller, which only merges."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.recording: bool = config.getoption("outgrow_record")
        self.allowed = self._file(config.getoption("outgrow_rehearse"))
        self.rehearsal: Rehearsal | None = None
        self.ran: set[str] = set()
        self.files: set[str] = set()  # of the tests that were collected
        self.whole = True  # nothing was left out of what is collected
        self._unlisted: list[Finding] = []  # of the test that runs
        if self.recording and self.allowed is None:
            raise pytest.UsageError("--outgrow-record needs the file to write: --outgrow-rehearse=FILE.")

    def _file(self, given: str) -> Path | None:
        if given and (Path(given).is_dir() or "::" in given or given.endswith(".py")):
            raise pytest.UsageError(
                f"--outgrow-rehearse took {given} for its allow-list: put the tests first, or write "
                "--outgrow-rehearse=FILE."
            )
        if given:
            return (self.config.invocation_params.dir / given).absolute()
        named = self.config.getini("outgrow_allow")
        return self.config.rootpath / named if named else None

    def _owners(self) -> str | None:
        given: str | None = self.config.getoption("outgrow_owners")
        named = str(self.config.getini("outgrow_owners")).strip()
        if given or not named:
            return given
        return named if named.startswith("{") else str(self.config.rootpath / named)

    # -- the run ----------------------------------------------------------------------------------------------------
    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self) -> None:
        self._start()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._start()  # a conftest may have set Django up only now
        if self.rehearsal is None:
            raise pytest.UsageError(
                "--outgrow-rehearse found no Django that is set up: install pytest-django, or call django.setup() in "
                "conftest.py."
            )
        self.files = {item.nodeid.partition("::")[0] for item in session.items}
        selected = any(
            self.config.getoption(name, None) for name in ("keyword", "markexpr", "lf", "failedfirst", "deselect")
        )
        self.whole = self.whole and not selected and not any("::" in str(arg) for arg in self.config.args)

    def pytest_deselected(self) -> None:
        self.whole = False

    def _start(self) -> None:
        from django.apps import apps
        from django.core.exceptions import ImproperlyConfigured

        if self.rehearsal is not None or not apps.ready:
            return
        from outgrow.errors import OutgrowError
        from outgrow.rehearse import Rehearsal

        try:
            self.rehearsal = Rehearsal(
                self._owners(), self.allowed, mode=self.config.getoption("outgrow_mode"), listener=self._found
            )
        except (OutgrowError, ImproperlyConfigured) as error:
            raise pytest.UsageError(str(error)) from error
        self.rehearsal.start()

    # -- each test --------------------------------------------------------------------------------------------------
    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        assert self.rehearsal is not None
        self.rehearsal.record.label = item.nodeid
        self._unlisted.clear()
        yield
        self.rehearsal.record.label = ""
        self.ran.add(item.nodeid)

    def _found(self, finding: Finding) -> None:
        assert self.rehearsal is not None
        if finding.key not in self.rehearsal.allowed:
            self._unlisted.append(finding)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        outcome = yield
        report: pytest.TestReport = outcome.get_result()
        if call.when == "setup" or not self._unlisted or self.recording:
            return  # what was found in the setup fails the test, which has to run first
        from outgrow.rehearse import Met
        from outgrow.rehearse import outcome as said

        text = said.finding_text(Met(self._unlisted[0], len(self._unlisted)))
        self._unlisted.clear()
        if report.passed:
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} crosses the planned owners:\n{text}"
        else:
            report.sections.append(("crosses the planned owners", text))

    # -- its end ----------------------------------------------------------------------------------------------------
    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker of pytest-xdist is done."""
        output = getattr(node, "workeroutput", {}).get(RESULT)
        if output is not None and self.rehearsal is not None:
            self.rehearsal.record.merge(output["record"])
            self.ran |= set(output["ran"])
            self.files |= set(output["files"])
            self.whole = self.whole and output["whole"]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.rehearsal is None:
            return
        self.rehearsal.stop()
        worker_output: dict[str, Any] | None = getattr(self.config, "workeroutput", None)
        if worker_output is not None:
            worker_output[RESULT] = {
                "record": self.rehearsal.record.as_json(), "ran": sorted(self.ran), "files": sorted(self.files),
                "whole": self.whole,
            }  # fmt: skip
            return
        if self.recording:
            self.rehearsal.allowed.recorded(self.rehearsal.record, self._ran).write()
        elif not self.rehearsal.verdict(self._ran).clean and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _ran(self, label: str) -> bool:
        """Whether a test was run, or is gone from a file whose tests all were."""
        return label in self.ran or (self.whole and label.partition("::")[0] in self.files)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.rehearsal is None:
            return
        from outgrow.rehearse import outcome

        terminalreporter.section("rehearsal of the planned owners")
        if self.recording:
            made = self.rehearsal.allowed.recorded(self.rehearsal.record, self._ran)
            terminalreporter.line(outcome.recorded_text(made))
            return
        terminalreporter.line(outcome.as_text(self.rehearsal.record, self.rehearsal.verdict(self._ran)))
