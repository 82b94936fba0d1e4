"""Fixtures for every test: PostgreSQL, Valkey, a mail sink and a browser; no other network."""

import asyncio
import email
import email.policy
import gc
import os
import random
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from email.message import EmailMessage
from pathlib import Path

import django
import hypothesis
import pytest
from aiosmtpd.smtp import SMTP
from django.conf import settings
from django.core.cache import cache
from django.db import connections
from django.test import TestCase, TransactionTestCase
from django.test.client import ClientHandler
from playwright.sync_api import Browser, Page, sync_playwright

from registry.local import postgres, valkey
from registry.local.mail_sink import MailSinkHandler
from registry.log import snapshot
from tests import databases, template_variables, writes_after_lock
from tests.axe import AT_NIGHT, window

# Parts of test ids, the slowest first. The last one matches every test.
SLOWEST = ["test_outbox_faults", "test_main_job", "tests/journeys", "test_access_matrix", ""]
# A busy machine draws values slowly; that is no fault of a test.
hypothesis.settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("unhurried")
SERVICES = pytest.StashKey[ExitStack]()
CHROMIUM_NAMES = ["chromium", "chromium-browser", "google-chrome"]
CHROMIUM_ON_A_MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
CHROMIUM_FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start the services once for the whole run; xdist's workers inherit their addresses."""
    if hasattr(config, "workerinput"):
        return
    # Keep compiled code, as any installation does: the processes that tests start need it again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    services = config.stash[SERVICES] = ExitStack()
    if kept := os.environ.get("REGISTER_TESTS_HOME"):
        home = Path(kept).absolute()
    else:
        home = Path(tempfile.mkdtemp(prefix="register-tests-"))
        services.callback(shutil.rmtree, home, ignore_errors=True)
    os.environ["REGISTER_HOME"] = str(home)
    if "DATABASE_URL" not in os.environ:
        os.environ["DATABASE_URL"] = services.enter_context(
            postgres.run_server(home, durable=False)
        )
    # A superuser, who takes the role of the code under test: tests/databases.py.
    os.environ["DATABASE_PUBLIC_URL"] = os.environ["DATABASE_URL"]
    if "REDIS_URL" not in os.environ:
        os.environ["REDIS_URL"] = services.enter_context(valkey.run_server(home))
    # Not in pyproject.toml: pytest-django would read the settings before the addresses are known.
    os.environ["DJANGO_SETTINGS_MODULE"] = "registry.settings"
    django.setup()
    databases.ensure_template()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the slowest tests first, so that no core waits for another at the end."""
    items.sort(key=lambda item: next(n for n, part in enumerate(SLOWEST) if part in item.nodeid))


def pytest_collection_finish() -> None:
    """Keep the garbage collector from walking through thousands of tests again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def pytest_unconfigure(config: pytest.Config) -> None:
    if services := config.stash.get(SERVICES, None):
        services.close()


@pytest.fixture(scope="session", autouse=True)
def separate_broker(worker_id) -> None:
    """Give each xdist worker its own Valkey database, so that none empties another's."""
    if worker_id != "master":
        database = f"virtual_host={worker_id.removeprefix('gw')}"
        settings.REDIS_URL = settings.REDIS_URL.replace("virtual_host=0", database)


@pytest.fixture(scope="session", autouse=True)
def empty_tables_quickly() -> Iterator[None]:
    """Empty the tables after a test that commits in a tenth of the time that Django takes."""

    def empty_all_tables(test: TransactionTestCase) -> None:
        databases.empty_tables()
        cache.clear()  # its table belongs to no model

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_all_tables)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, worker_id) -> Iterator[None]:
    """Give each worker its copy of the migrated tables instead of migrating again."""
    name = f"test_register_{worker_id}"
    with django_db_blocker.unblock():
        databases.copy_template(name)
    yield
    with django_db_blocker.unblock():
        databases.drop_database(name)


@pytest.fixture(scope="session", autouse=True)
def allow_public_connection() -> Iterator[None]:
    """Let tests that commit read through the public connection, as a register does."""
    connections["public"].settings_dict["TEST"]["MIRROR"] = "default"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "databases", {"default", "public"})
        patch.setattr(TestCase, "databases", {"default"}, raising=False)
        yield


@pytest.fixture
def one_connection(monkeypatch) -> None:
    """Let public pages read what a test has not committed: a second connection would not see it."""
    monkeypatch.setattr(snapshot, "_public_transaction", databases.public_role)


@pytest.fixture(scope="session", autouse=True)
def share_middleware() -> Iterator[None]:
    """Build the chain of middleware once instead of once for each browser a test opens."""
    load = ClientHandler.load_middleware
    loaded: dict[tuple[str, ...], dict[str, object]] = {}

    def load_once(handler: ClientHandler, is_async: bool = False) -> None:
        names = tuple(settings.MIDDLEWARE)
        if names not in loaded:
            load(handler, is_async)
            loaded[names] = {k: v for k, v in vars(handler).items() if "middleware" in k}
        vars(handler).update(loaded[names])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientHandler, "load_middleware", load_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def forbid_unknown_variables() -> Iterator[None]:
    """Fail a test that renders a template with a variable that nothing defines."""
    with template_variables.forbid_unknown_variables():
        yield


@pytest.fixture(autouse=True)
def register_home(tmp_path, settings, monkeypatch):
    """Give each test, and each process it starts, its own home and evidence folder.

    Tests that run side by side would find each other's files in a shared one.
    """
    from registry import evidence

    monkeypatch.setenv("REGISTER_HOME", str(tmp_path))
    settings.REGISTER_HOME = tmp_path
    # The model field keeps the storage it was imported with, so only the location can change.
    monkeypatch.setitem(vars(evidence.file_storage()), "location", str(tmp_path / "evidence"))
    return tmp_path


@pytest.fixture(autouse=True)
def no_mail_server(settings) -> None:
    """Let no email leave a test without a sink, nor reach a register that runs beside it."""
    settings.EMAIL_URL = "smtp://127.0.0.1:1"  # nobody listens there


@pytest.fixture(autouse=True)
def forbid_writes_after_lock(request) -> Iterator[None]:
    """Fail a test in which an act writes anything after taking the log's lock."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None:
        yield
        return
    is_transactional = marker.kwargs.get("transaction")
    request.getfixturevalue("transactional_db" if is_transactional else "db")
    if not is_transactional:
        request.getfixturevalue("one_connection")
    cache.clear()  # flushing tables does not reset sign-in attempts
    with writes_after_lock.forbid_writes():
        yield


@pytest.fixture(autouse=True)
def fast_passwords(settings):
    """Use a fast password hash: scrypt is slow on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


class Sink(MailSinkHandler):
    """A mail server in this process that stores received emails."""

    port: int

    def emails(self) -> list[EmailMessage]:
        """Return the emails received so far, oldest first."""
        return [
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default)  # type: ignore[misc]
            for path in sorted(self.folder.glob("*.eml"))
        ]

    def count(self) -> int:
        return sum(1 for _ in self.folder.glob("*.eml"))

    @contextmanager
    def listening(self, port: int = 0) -> Iterator[None]:
        """Accept email on `port` of the loopback address (0: any free port) for a block."""
        # The loop runs in its own thread, since Playwright may already run one in this thread.
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        server_coroutine = loop.create_server(
            lambda: SMTP(self, enable_SMTPUTF8=True, loop=loop), "127.0.0.1", port
        )
        server = asyncio.run_coroutine_threadsafe(server_coroutine, loop).result()
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            loop.call_soon_threadsafe(server.close)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(60)
            loop.close()


@pytest.fixture
def sink(tmp_path, settings, no_mail_server):
    """Deliver the test's email to a real mail server over a real connection."""
    sink = Sink(tmp_path / "mail")
    with sink.listening():
        settings.EMAIL_URL = f"smtp://127.0.0.1:{sink.port}"
        yield sink


def free_port() -> int:
    """Return a free port whose email port (25 above it) is free as well.

    Both are below the ports of outgoing connections, so none of those can take them meanwhile.
    """
    while True:
        port = random.randrange(20_000, 32_000)  # noqa: S311 - no secret
        with socket.socket() as web, socket.socket() as email, suppress(OSError):
            web.bind(("127.0.0.1", port))
            email.bind(("127.0.0.1", port + 25))
            return port


def chromium() -> str | None:
    """Return the path of Chromium: from CHROMIUM, or found on the system, or None."""
    if program := os.environ.get("CHROMIUM"):
        return program
    programs = (shutil.which(name) for name in CHROMIUM_NAMES)
    return next(
        filter(None, programs), CHROMIUM_ON_A_MAC if Path(CHROMIUM_ON_A_MAC).exists() else None
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the system's Chromium. Skip the test if there is none; in CI, fail."""
    program = chromium()
    if program is None:
        missing = "No Chromium was found. Install it, or name its program in CHROMIUM."
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread, and Django would refuse the ORM beside it.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        flags = [*CHROMIUM_FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a phone-sized window in dark mode."""
    page = window(browser, **AT_NIGHT)
    yield page
    page.context.close()
