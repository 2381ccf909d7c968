"""The OpenAPI against the service: schemathesis asks what it says, and nothing answers otherwise or with a 500."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from plaza.tests.conftest import PASSWORD
from plaza.tests.serving import served

CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
    "response_headers_conformance", "unsupported_method",
)  # fmt: skip
PROVE = bool(os.environ.get("OUTGROW_PROVE"))
EXAMPLES = "25" if PROVE else "8"  # of each operation; 25 take four minutes, on each of five layouts


@pytest.mark.timeout(1800)
@pytest.mark.skipif(os.environ.get("PLAZA_LAYOUT") != "L0" and not PROVE, reason="on other layouts in `make prove`")
def test_whatever_is_sent_the_answer_is_one_that_the_openapi_names(tmp_path: Path) -> None:
    wanted = {"nickname": "anybody", "email": "anybody@example.org", "password": PASSWORD}
    with served(tmp_path, ACCESS_MINUTES="60") as service:
        assert service.send("POST", "/api/auth/register", wanted).status == 202
        token = service.send("POST", "/api/auth/token", wanted).body["access"]
        where = f"http://127.0.0.1:{service.port}/api/schema"
        command = [
            str(Path(sys.executable).with_name("schemathesis")), "run", where, "--seed", "1",
            "--max-examples", EXAMPLES, "--checks", ",".join(CHECKS), "-H", f"Authorization: Bearer {token}",
            "--suppress-health-check", "all", "--exclude-operation-id", "delete_me",  # after it everything is gone
        ]  # fmt: skip
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[done.stdout.find("= FAILURES =") :][:6000] + done.stderr[-2000:]
