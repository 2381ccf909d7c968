"""The page of what was proved of the service says what pytest said, and no more."""

from __future__ import annotations

from pathlib import Path

from tests.service import proof

REPORT = """<testsuites><testsuite name="pytest" time="61.5">
<testcase classname="plaza.tests.test_mails" name="test_a[1]" time="1"/>
<testcase classname="plaza.tests.test_mails" name="test_a[2]" time="1"><failure message="no">no</failure></testcase>
<testcase classname="plaza.tests.test_mails" name="test_b" time="1"><skipped message="SQLite"/></testcase>
<testcase classname="plaza.tests.test_hard" name="test_c" time="1"><error message="gone">gone</error></testcase>
</testsuite></testsuites>"""


def test_each_layout_is_told_with_what_failed_and_what_was_skipped(tmp_path: Path) -> None:
    (tmp_path / "L0.xml").write_text(REPORT)
    results = {name: proof.read(tmp_path / f"{name}.xml") for name in ("L0", "L1")}
    said = proof.page(results, {"L0": "sqlite", "L1": "postgresql"}, 0.0, [])
    assert "1970-01-01 00:00 UTC" in said
    assert "| L0 | sqlite | 1 | 2 | 1 | 1 min 2 s |" in said
    assert "| L1 | postgresql | 0 | 0 | 0 | 0.0 s |" in said, "it was killed before it wrote anything"
    assert [line for line in said.splitlines() if line.startswith("- L")] == [
        "- L0: `plaza/tests/test_mails.py::test_a[2]`", "- L0: `plaza/tests/test_hard.py::test_c`",
    ]  # fmt: skip
    row = next(line for line in said.splitlines() if line.startswith("| [plaza/tests/test_mails.py]"))
    assert row.endswith("| 1, 1 failed, 1 skipped | 0 |")


def test_a_part_of_the_tests_does_not_pass_for_all_of_them(tmp_path: Path) -> None:
    (tmp_path / "L0.xml").write_text(REPORT)
    found = {"L0": proof.read(tmp_path / "L0.xml")}
    assert ", only plaza/tests/test_mails.py." in proof.page(
        found, {"L0": "sqlite"}, 0.0, ["plaza/tests/test_mails.py"]
    )
