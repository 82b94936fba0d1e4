"""Production starts only with all its settings; a laptop needs none."""

import os
import subprocess
import sys

import pytest
from django.core.checks import Tags, run_checks

from registry.local import accounts

PRODUCTION = {
    "REGISTER_MODE": "production",
    "SECRET_KEY": "a long random text",
    "HEAD_SIGNING_KEY": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "DATABASE_URL": "postgresql://register_app@/register",
    "DATABASE_PUBLIC_URL": "postgresql://register_public@/register",
    "EMAIL_URL": "smtp://localhost",
    "PUBLIC_URL": "https://register.example",
    "SENDER_ADDRESS": "register@council.example",
    "REPLY_ADDRESS": "charter@council.example",
    "POSTAL_ADDRESS": "Council House",
    "TELEPHONE": "01632 960 000",
}


def load_settings(**settings: str) -> str:
    """Load the settings in a new process; return the last line of errors, or "" if it starts."""
    environment = {"PATH": os.environ["PATH"], "REGISTER_HOME": os.environ["REGISTER_HOME"]}
    program = [sys.executable, "-c", "import registry.settings"]
    process = subprocess.run(
        program, env=environment | settings, capture_output=True, text=True, timeout=120
    )
    return process.stderr.strip().rpartition("\n")[2]


def test_laptop_needs_no_settings_and_production_starts_with_its_own():
    assert load_settings() == ""
    assert load_settings(**PRODUCTION) == ""
    replica = "postgresql://register_public@replica/register"
    assert load_settings(**PRODUCTION, DATABASE_REPLICA_URL=replica) == ""
    assert (
        load_settings(**PRODUCTION, STAFF_SIGN_IN_URL="https://register:a%2Fb@login.example/tenant")
        == ""
    )


@pytest.mark.parametrize("name", sorted(set(PRODUCTION) - {"REGISTER_MODE"}))
def test_missing_setting_stops_production_and_is_named(name):
    error = load_settings(**{key: value for key, value in PRODUCTION.items() if key != name})
    assert f"{name} is not set. It is " in error
    assert "docs/operating.md" in error


@pytest.mark.parametrize(
    ("wrong_setting", "message"),
    [
        ({"REGISTER_MODE": "prod"}, "Set it to 'local'"),
        ({"DEMO": "1"}, "Set DEMO=0"),
        ({"DEBUG": "1"}, "Take it out"),
        ({"REGISTER_CLOCK_OFFSET": "60"}, "tells the true time"),
        ({"DATABASE_URL": "sqlite:///register.db"}, "must name PostgreSQL"),
        ({"DATABASE_PUBLIC_URL": PRODUCTION["DATABASE_URL"]}, "must name another role"),
        ({"DATABASE_REPLICA_URL": PRODUCTION["DATABASE_URL"]}, "must name another role"),
        ({"DATABASE_REPLICA_URL": "sqlite:///copy.db"}, "must name PostgreSQL"),
        ({"MAIL_DAY_LIMIT": "many"}, "MAIL_DAY_LIMIT is 'many'. Give a whole number."),
        ({"DEMO": "maybe"}, "DEMO is 'maybe'"),
        ({"STAFF_SIGN_IN_URL": "https://login.example"}, "https://client:secret@host"),
        ({"STAFF_SIGN_IN_URL": "http://a:b@login.example"}, "https://client:secret@host"),
    ],
)
def test_wrong_setting_stops_production_and_is_explained(wrong_setting, message):
    assert message in load_settings(**PRODUCTION | wrong_setting)


@pytest.mark.django_db
def test_production_refuses_a_database_with_demonstration_accounts(settings, django_user_model):
    assert run_checks(tags=[Tags.database], databases=["default"]) == []
    django_user_model.objects.create_user(accounts.OFFICER, accounts.PASSWORD)
    assert run_checks(tags=[Tags.database], databases=["default"]) == []
    settings.PRODUCTION = True
    (error,) = run_checks(tags=[Tags.database], databases=["default"])
    assert accounts.OFFICER in error.msg
