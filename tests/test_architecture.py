"""The architecture holds: imports between packages, locked versions, and the compose file."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
REGISTER_SERVICES = ["migrate", "web", "worker", "links", "beat", "restore"]
# Settings that a production register must not have or does not need.
LOCAL_ONLY = {"DEBUG", "PORT", "REGISTER_CLOCK_OFFSET"}


def settings_in_use() -> set[str]:
    """Return the names of the environment variables in registry/settings.py."""
    text = (ROOT / "registry" / "settings.py").read_text()
    return set(
        re.findall(
            r'(?:env\.\w+|required_in_production|env_integer|env_flag)\(\s*"([A-Z_]+)"', text
        )
    )


def test_imports_follow_the_layers():
    program = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run(
        [program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stdout


def test_lock_files_pin_versions_and_name_no_address():
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text()
        assert "://" not in text, lock
        assert "index-url" not in text, lock
        for line in re.findall(r"^[a-z][^\n]*", text, re.MULTILINE):
            assert "==" in line, line


def test_each_lock_file_includes_the_previous_one():
    versions = [
        set(re.findall(r"^([a-z][\w.-]*==\S+)", (ROOT / "requirements" / name).read_text(), re.M))
        for name in ("prod.txt", "run.txt", "test.txt", "dev.txt")
    ]
    for smaller, larger in zip(versions, versions[1:], strict=False):
        assert smaller < larger


def test_every_dependency_has_a_comment_with_its_purpose():
    text = (ROOT / "pyproject.toml").read_text()
    for line in re.findall(
        r'^    "[a-z][^\n]*",[^\n]*$', text.partition("[tool.")[0], re.MULTILINE
    ):
        assert "#" in line, line


def test_compose_file_follows_the_compose_specification():
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    result = subprocess.run(
        [*command, ROOT / "docker-compose.yml"], capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stdout


def test_compose_sets_exactly_the_settings_in_use():
    for name in REGISTER_SERVICES:
        assert set(SERVICES[name]["environment"]) == settings_in_use() - LOCAL_ONLY


def test_compose_file_contains_no_secret():
    environment = SERVICES["web"]["environment"]
    for name in ("SECRET_KEY", "HEAD_SIGNING_KEY", "EMAIL_URL", "PUBLIC_URL", "SENDER_ADDRESS"):
        assert environment[name].startswith(f"${{{name}:?"), name
    assert "register_app:${DATABASE_PASSWORD:?" in environment["DATABASE_URL"]
    assert "register_public:${DATABASE_PUBLIC_PASSWORD:?" in environment["DATABASE_PUBLIC_URL"]


def test_only_migrating_backing_up_and_restoring_know_the_owners_password():
    holders = {
        name
        for name, service in SERVICES.items()
        if "DATABASE_OWNER_PASSWORD" in str(service.get("environment"))
    }
    assert holders == {"migrate", "backup", "restore", "restore-database", "db"}


@pytest.mark.parametrize("name", SERVICES)
def test_compose_services_run_with_least_privilege(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.search(r":\d", service["image"]), "the image has a version"
    assert "/" not in service["image"].partition(":")[0] or name == "redis"


def test_compose_publishes_one_port_on_this_machine_only():
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports == ["127.0.0.1:8000:8000"]


def test_compose_services_wait_for_their_dependencies():
    assert all("healthcheck" in SERVICES[name] for name in ("db", "redis", "web"))
    for name in ("web", "worker", "beat", "backup"):
        needs = SERVICES[name]["depends_on"]
        assert needs["migrate"] == {"condition": "service_completed_successfully"}
    assert SERVICES["migrate"]["depends_on"] == {"db": {"condition": "service_healthy"}}


def test_compose_restores_only_when_asked_and_the_database_first():
    restore, database = SERVICES["restore"], SERVICES["restore-database"]
    assert restore["profiles"] == database["profiles"] == ["restore"]
    completed = {"condition": "service_completed_successfully"}
    assert restore["depends_on"] == {"restore-database": completed}
    assert "backups:/backups:ro" in database["volumes"]


def test_compose_runs_a_single_beat():
    assert len([s for s in SERVICES.values() if "beat" in s.get("command", [])]) == 1
    assert "deploy" not in SERVICES["beat"]


def test_compose_database_has_the_embedded_ones_locale():
    from registry.local import postgres

    arguments = SERVICES["db"]["environment"]["POSTGRES_INITDB_ARGS"].split()
    assert arguments == postgres.LOCALE + postgres.BUILTIN_LOCALE
    assert "database:/var/lib/postgresql" in SERVICES["db"]["volumes"]


def test_compose_database_plans_queries_as_the_embedded_one():
    from registry.local import postgres

    command = SERVICES["db"]["command"]
    options = [value for flag, value in zip(command, command[1:], strict=False) if flag == "-c"]
    assert options[: len(postgres.PLANNER)] == postgres.PLANNER


def test_every_queue_has_a_worker_and_links_have_their_own():
    from registry.operations.ticks import TICKS

    queues = {task.queue for task in TICKS.values()}
    queues_by_service = {
        name: set(command[command.index("--queues") + 1].split(","))
        for name in ("worker", "links")
        for command in [SERVICES[name]["command"]]
    }
    assert queues_by_service["links"] == {"links"}
    assert queues_by_service["worker"] == queues - {"links"}


def test_operating_guide_names_every_setting_and_command():
    guide = (ROOT / "docs" / "operating.md").read_text()
    other_settings = {
        *("DATABASE_PASSWORD", "DATABASE_PUBLIC_PASSWORD", "DATABASE_OWNER_PASSWORD"),
        *("DATABASE_OWNER_URL", "REGISTER_PG_BIN"),
    }
    commands = {path.stem for path in ROOT.glob("*/management/commands/[a-z]*.py")}
    for name in settings_in_use() | other_settings | commands:
        assert f"`{name}" in guide or f"manage.py {name}" in guide, name


@pytest.mark.parametrize("name", ["Dockerfile", "docker-compose.yml", "Makefile", ".ci/run"])
def test_build_files_name_no_package_registry(name):
    text = (ROOT / name).read_text()
    assert not re.search(r"pypi|docker\.io|ghcr|quay|debian\.org", text)
