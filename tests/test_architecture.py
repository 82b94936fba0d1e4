"""The house stands as it was drawn: who may import whom, what is locked, what compose
commitments.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OF_THE_REGISTER = ["migrate", "web", "worker", "links", "beat"]
# Settings that a production register must not or need not be told.
LOCAL_ONLY = {"DEBUG", "PORT", "REGISTER_CLOCK_OFFSET"}


def settings_read() -> set[str]:
    """Return the names that registry/settings.py reads from the environment."""
    text = (ROOT / "registry" / "settings.py").read_text()
    return set(
        re.findall(
            r'(?:env\.\w+|required_in_production|env_integer|env_flag)\(\s*"([A-Z_]+)"', text
        )
    )


def test_reporting_imports_charter_and_charter_imports_registry_never_back():
    program = Path(sys.executable).with_name("lint-imports")
    said = subprocess.run(
        [program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert said.returncode == 0, said.stdout


def test_lock_files_name_versions_and_hashes_but_no_address():
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text()
        assert "://" not in text, lock
        assert "index-url" not in text, lock
        for line in re.findall(r"^[a-z][^\n]*", text, re.MULTILINE):
            assert "==" in line, line


def test_each_lock_file_holds_the_one_before_it():
    versions = [
        set(re.findall(r"^([a-z][\w.-]*==\S+)", (ROOT / "requirements" / name).read_text(), re.M))
        for name in ("prod.txt", "run.txt", "test.txt", "dev.txt")
    ]
    for smaller, larger in zip(versions, versions[1:], strict=False):
        assert smaller < larger


def test_each_dependency_says_what_it_is_for():
    text = (ROOT / "pyproject.toml").read_text()
    for line in re.findall(
        r'^    "[a-z][^\n]*",[^\n]*$', text.partition("[tool.")[0], re.MULTILINE
    ):
        assert "#" in line, line


def test_compose_follows_the_compose_specification():
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    said = subprocess.run(
        [*command, ROOT / "docker-compose.yml"], capture_output=True, text=True, timeout=120
    )
    assert said.returncode == 0, said.stdout


def test_compose_sets_exactly_what_the_settings_read():
    for name in OF_THE_REGISTER:
        assert set(SERVICES[name]["environment"]) == settings_read() - LOCAL_ONLY


def test_compose_takes_every_secret_from_outside():
    environment = SERVICES["web"]["environment"]
    for name in ("SECRET_KEY", "EMAIL_URL", "PUBLIC_URL", "SENDER_ADDRESS", "TELEPHONE"):
        assert environment[name].startswith(f"${{{name}:?"), name
    assert "${POSTGRES_PASSWORD:?" in environment["DATABASE_URL"]


@pytest.mark.parametrize("name", SERVICES)
def test_compose_gives_each_service_no_more_than_it_needs(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.search(r":\d", service["image"]), "the image has a version"
    assert "/" not in service["image"].partition(":")[0] or name == "redis"


def test_compose_opens_one_port_and_only_to_this_machine():
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports == ["127.0.0.1:8000:8000"]


def test_compose_waits_for_what_is_needed():
    assert all("healthcheck" in SERVICES[name] for name in ("db", "redis", "web"))
    for name in ("web", "worker", "beat", "backup"):
        needs = SERVICES[name]["depends_on"]
        assert needs["migrate"] == {"condition": "service_completed_successfully"}
    assert SERVICES["migrate"]["depends_on"] == {"db": {"condition": "service_healthy"}}


def test_compose_runs_one_beat():
    assert len([s for s in SERVICES.values() if "beat" in s.get("command", [])]) == 1
    assert "deploy" not in SERVICES["beat"]


def test_the_database_of_compose_has_the_locale_of_the_embedded_one():
    from registry.local import postgres

    arguments = SERVICES["db"]["environment"]["POSTGRES_INITDB_ARGS"].split()
    assert arguments == postgres.LOCALE + postgres.BUILTIN_LOCALE
    assert "database:/var/lib/postgresql" in SERVICES["db"]["volumes"]


def test_a_worker_listens_to_every_queue_and_only_one_opens_links():
    from registry.operations.celery import app

    queues = {route["queue"] for route in app.conf.task_routes.values()}
    listened = {
        name: set(command[command.index("--queues") + 1].split(","))
        for name in ("worker", "links")
        for command in [SERVICES[name]["command"]]
    }
    assert listened["links"] == {"links"}
    assert listened["worker"] == (queues - {"links"}) | {app.conf.task_default_queue}


def test_every_bell_of_the_schedule_has_a_task():
    from registry.operations.celery import app

    app.loader.import_default_modules()
    assert set(app.conf.beat_schedule) <= set(app.tasks)


def test_the_guide_for_operators_names_every_setting_and_command():
    guide = (ROOT / "docs" / "operating.md").read_text()
    read_elsewhere = {"POSTGRES_PASSWORD", "REGISTER_PG_BIN"}
    commands = {path.stem for path in ROOT.glob("*/management/commands/[a-z]*.py")}
    for name in settings_read() | read_elsewhere | commands:
        assert f"`{name}" in guide or f"manage.py {name}" in guide, name


@pytest.mark.parametrize("name", ["Dockerfile", "docker-compose.yml", "Makefile", ".ci/run"])
def test_no_file_names_the_host_of_a_package_registry(name):
    text = (ROOT / name).read_text()
    assert not re.search(r"pypi|docker\.io|ghcr|quay|debian\.org", text)
