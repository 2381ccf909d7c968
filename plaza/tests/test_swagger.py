"""A newcomer after `make serve`: he registers, posts, uploads a video and books a table, all from the Swagger page."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils.timezone import now
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Locator, Page, sync_playwright

from plaza.postgres import free_port
from plaza.tests.conftest import PASSWORD
from plaza.tests.serving import ROOT, Service
from plaza.tests.test_media import movie, picture

pytestmark = pytest.mark.skipif(os.environ.get("PLAZA_LAYOUT") != "L0", reason="`make serve` has one SQLite file")


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Of what `make serve` runs."""
    port = free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{tmp_path}/plaza.sqlite3",
        "MEDIA_ROOT": str(tmp_path / "media"),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }
    command = [sys.executable, "-m", "plaza.serve", "--port", str(port), "--rows", "3000"]
    log = tmp_path / "serve.log"
    with log.open("wb") as out:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
        try:
            until = time.monotonic() + 120
            while not _answers(port):
                assert server.poll() is None, log.read_text()
                assert time.monotonic() < until, log.read_text()
                time.sleep(0.2)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(60)


def _answers(port: int) -> bool:
    try:
        return Service(port).send("GET", "/readyz").status == 200
    except OSError:
        return False


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        found = browser.new_page()
        found.set_default_timeout(20_000)
        yield found
        browser.close()


class Swagger:
    """The page, as somebody uses it who has only a mouse and a keyboard."""

    def __init__(self, page: Page, address: str) -> None:
        self._page = page
        page.goto(address)
        page.wait_for_selector(".opblock")

    def log_in(self, token: str) -> None:
        self._page.click("button.authorize")
        self._page.fill(".auth-container input", token)
        self._page.click(".auth-btn-wrapper button.authorize")
        self._page.click(".auth-btn-wrapper button.btn-done")

    def act(self, tag: str, operation: str, body: Any = None, file: Path | None = None, **values: str) -> Any:
        """Fill in what an operation asks for, execute it, and read its answer; it must be a good one."""
        block = self._found(f"#operations-{tag}-{operation}")
        if "is-open" not in (block.get_attribute("class") or ""):
            block.locator(".opblock-summary-control").first.click()
            block.locator("button.try-out__btn").click()
        for name, value in values.items():
            block.locator(f'tr[data-param-name="{name.replace("_", "-")}"] input').fill(value)
        key = block.locator('tr[data-param-name="Idempotency-Key"] input')
        if key.count():
            key.fill(str(uuid.uuid4()))
        if body is not None:
            block.locator("textarea.body-param__text").fill(json.dumps(body))
        if file is not None:
            block.locator('input[type="file"]').set_input_files(file)
        block.locator("button.execute").click()
        return self._answer(block)

    def _found(self, name: str) -> Locator:
        """The page makes what is looked at, and nothing before: scroll from its top down to an operation."""
        block = self._page.locator(name)
        self._page.evaluate("window.scrollTo(0, 0)")
        for _ in range(300):
            with suppress(PlaywrightError):  # it is made anew while one scrolls
                if block.count():
                    block.scroll_into_view_if_needed()
                    return block
            self._page.evaluate("window.scrollBy(0, 400)")
            self._page.wait_for_timeout(30)
        raise AssertionError(f"{name} is not on the page")

    def _answer(self, block: Locator) -> Any:
        table = block.locator(".live-responses-table tbody")
        status = int(table.locator(".response-col_status").first.inner_text().split()[0])
        text = table.locator(".microlight").first
        said = text.inner_text() if text.count() else ""
        assert status < 300, f"{status}: {said}"
        block.locator("button.btn-clear").click()
        return json.loads(said) if said.startswith(("{", "[")) else None


def test_a_newcomer_registers_posts_uploads_a_video_and_books_a_table(address: str, page: Page, tmp_path: Path) -> None:
    (tmp_path / "me.jpg").write_bytes(picture().getvalue())
    (tmp_path / "film.mp4").write_bytes(movie().getvalue())
    swagger = Swagger(page, address)
    swagger.act("accounts", "register", {"nickname": "nora", "email": "nora@example.org", "password": PASSWORD})
    swagger.log_in(swagger.act("accounts", "log_in", {"nickname": "nora", "password": PASSWORD})["access"])

    size = (tmp_path / "me.jpg").stat().st_size
    upload = swagger.act("social", "begin_upload", {"kind": "image", "size_bytes": size})["id"]
    swagger.act("social", "put_upload", file=tmp_path / "me.jpg", upload=upload)
    media = swagger.act("social", "complete_upload", upload=upload)
    post = swagger.act("social", "publish_post", {"media": [media["media"]], "body": "Hello #plaza"})
    assert swagger.act("social", "get_post", post=post["id"])["tags"] == ["plaza"]

    swagger.act("videos", "make_channel", {"handle": "noras", "title": "Nora's"})
    size = (tmp_path / "film.mp4").stat().st_size
    wanted = {"channel": "noras", "name": "film.mp4", "type": "video/mp4", "size": size}
    upload = swagger.act("videos", "begin_video_upload", wanted)
    swagger.act("videos", "send_chunk", file=tmp_path / "film.mp4", upload=upload["id"])
    until = time.monotonic() + 30
    while (video := swagger.act("videos", "get_video", video=upload["video"]))["state"] == "processing":
        assert time.monotonic() < until
        time.sleep(0.5)
    assert (video["state"], video["duration"]) == ("published", 2.0)

    day = (now() + timedelta(days=3)).date().isoformat()
    for place in swagger.act("bookings", "list_restaurants")["results"]:
        slots = swagger.act("bookings", "list_slots", restaurant=place["id"], date=day, party="2")["slots"]
        if free := [slot["starts_at"] for slot in slots if slot["status"] == "AVAILABLE"]:
            break
    booked = swagger.act("bookings", "book_table", {"restaurant": place["id"], "starts_at": free[0], "party_size": 2})
    assert re.fullmatch("reserved|requested", booked["state"].lower())
