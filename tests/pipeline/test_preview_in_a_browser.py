"""The preview page in a real browser, over Athena of a localaws: quiet, local, readable.

The published views are written by hand here; that a night makes them is another test. Pictures of
every page stay in artifacts/screens, 1400 and 390 pixels wide, for people to look at.
"""

import os
import socket
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from cci.commands.preview import command
from contracts import names
from tests.support.localaws_server import LocalAws, wait_until
from tests.support.preview_rows import story, types

CHROMIUM = Path("/usr/bin/chromium")
SCREENS = Path(__file__).parents[2] / "artifacts" / "screens"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
)
READY = '[data-testid="stApp"][data-test-script-state="notRunning"]'
CHARTS = '[data-testid="stVegaLiteChart"] canvas, [data-testid="stVegaLiteChart"] svg'

pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing: install chromium"),
]


@pytest.fixture(scope="module")
def address(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a preview served as `cci preview` serves it, over written views."""
    _publish(aws)
    with _served(aws, tmp_path_factory.mktemp("preview") / "log") as found:
        yield found


@pytest.fixture(scope="module")
def empty_address(aws_factory: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a preview of an AWS where nothing was ever published."""
    aws = aws_factory()
    _prepare(aws)
    with _served(aws, tmp_path_factory.mktemp("preview") / "log") as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        yield started
        started.close()


@pytest.mark.parametrize("width", [1400, 390])
def test_a_tenants_user_sees_five_charts_and_nothing_leaves_this_machine(
    browser: Browser, address: str, width: int
) -> None:
    with _visit(browser, address, width) as page:
        _view_as(page, "user ann@acme.example")
        expect(page.locator(CHARTS)).to_have_count(5)
        expect(page.get_by_text("run of 30 Jan 2026, 02:00 UTC, 40 calls")).to_be_visible()
        expect(page.get_by_text("acme-uk")).to_have_count(0)
        _keep(page, "quality-user", width)


@pytest.mark.parametrize("width", [1400, 390])
def test_a_blocked_tenants_group_reads_why_in_red(
    browser: Browser, address: str, width: int
) -> None:
    with _visit(browser, address, width) as page:
        _view_as(page, "group uk-analysts")
        expect(page.get_by_text("The run of 30 Jan 2026, 02:00 UTC was held back")).to_be_visible()
        _keep(page, "quality-blocked", width)


def test_the_operator_picks_a_tenant_and_a_stranger_sees_nothing(
    browser: Browser, address: str
) -> None:
    with _visit(browser, address, 1400) as page:
        expect(page.locator(CHARTS)).to_have_count(5)
        _keep(page, "quality-operator", 1400)
        _view_as(page, "user without a rule")
        expect(page.get_by_text("This viewer sees nothing")).to_be_visible()
        expect(page.locator(CHARTS)).to_have_count(0)


def test_before_the_first_night_the_page_says_what_to_run(
    browser: Browser, empty_address: str
) -> None:
    with _visit(browser, empty_address, 390) as page:
        expect(page.get_by_text("Nothing is published yet.")).to_be_visible()
        _keep(page, "quality-empty", 390)


@contextmanager
def _visit(browser: Browser, address: str, width: int) -> Iterator[Page]:
    """Open the page; at the end fail on console errors and on requests to anywhere else."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    errors: list[str] = []
    asked: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.locator(READY).wait_for(timeout=60_000)
    expect(page.locator('[data-testid="stAlert"]').first).to_be_visible(timeout=60_000)
    yield page
    page.close()
    hosts = {urlsplit(url).hostname for url in asked if url.startswith(("http", "ws"))}
    assert errors == []
    assert hosts == {"127.0.0.1"}


def _view_as(page: Page, viewer: str) -> None:
    is_narrow = (page.viewport_size or {"width": 0})["width"] < 700
    if is_narrow:
        page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_test_id("stSelectbox").first.locator("input").click()
    page.get_by_role("option", name=viewer, exact=True).click()
    expect(page.get_by_text("Sees all tenants")).to_have_count(0)
    page.locator(READY).wait_for()
    if is_narrow:
        page.get_by_test_id("stSidebarCollapseButton").locator("button").click()
        expect(page.get_by_test_id("stSidebar")).not_to_be_in_viewport()


def _keep(page: Page, name: str, width: int) -> None:
    """Keep a picture of the whole page, which must fit the width it is given."""
    main = page.get_by_test_id("stMain")
    page.locator(READY).wait_for()
    assert main.evaluate("main => main.scrollWidth <= main.clientWidth")
    height = int(main.evaluate("main => main.scrollHeight"))
    page.set_viewport_size({"width": width, "height": height})
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"{name}-{width}.png")


@contextmanager
def _served(aws: LocalAws, log: Path) -> Iterator[str]:
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command(port), env={**os.environ, **aws.environment}, stdout=output, stderr=output
        )
    try:
        wait_until(lambda: _is_healthy(address), seconds=60)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_healthy(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False


def _prepare(aws: LocalAws) -> None:
    staging = names.Buckets("000000000000", "eu-central-1").staging
    aws.client("s3").create_bucket(
        Bucket=staging, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    aws.client("glue").create_database(DatabaseInput={"Name": names.PUBLISHED_DATABASE})
    aws.client("athena").create_work_group(
        Name=names.SHARED_WORKGROUP,
        Configuration={
            "EnforceWorkGroupConfiguration": True,
            "ResultConfiguration": {"OutputLocation": f"s3://{staging}/shared/"},
        },
    )


def _publish(aws: LocalAws) -> None:
    """Make each published view of the story's rows."""
    _prepare(aws)
    for view, rows in story().items():
        kinds = types(view)
        selects = [
            ", ".join(
                f'cast({_literal(row.get(c))} as {kind}) as "{c}"' for c, kind in kinds.items()
            )
            for row in rows
        ]
        body = " union all ".join(f"select {select}" for select in selects)
        _run(aws, f"create or replace view {names.PUBLISHED_DATABASE}.{view} as {body}")


def _cells(row: Mapping[str, object], kinds: Mapping[str, str]) -> str:
    return ", ".join(
        f'cast({_literal(row.get(name))} as {kind}) as "{name}"' for name, kind in kinds.items()
    )


def _literal(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool | int | float):
        return str(value).lower()
    return f"'{value}'"


def _run(aws: LocalAws, sql: str) -> None:
    athena = aws.client("athena")
    started = athena.start_query_execution(QueryString=sql, WorkGroup=names.SHARED_WORKGROUP)

    def ended() -> dict[str, Any] | None:
        found = athena.get_query_execution(QueryExecutionId=started["QueryExecutionId"])
        status: dict[str, Any] = found["QueryExecution"]["Status"]
        return status if status["State"] in ("SUCCEEDED", "FAILED") else None

    status = wait_until(ended, seconds=60)
    assert status["State"] == "SUCCEEDED", (sql[:200], status)
