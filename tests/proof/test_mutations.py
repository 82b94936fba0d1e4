"""Near tests notice small faults planted in the rules, the log, the outbox and the permissions.

The rules are pure and run with every mutant; the others need a database and run with a hundred,
which the module's name chooses, so the same in every run. Survivors are printed.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

# Services of their own, kept between runs, since the forks replace the test database.
HOME = Path(__file__).parents[2] / "var" / "mutants"
OURS = {"DATABASE_URL", "REDIS_URL", "REGISTER_HOME", "DJANGO_SETTINGS_MODULE"}
KILLED = 0.85  # of the mutants of the rules that can be noticed at all
RULES = {
    "charter.mail.refusals": ["charter/test_bounces.py"],
    "reporting.schedule": ["reporting/test_schedule.py"],
    "registry.log.canonical": ["registry/test_canonical.py"],
    "registry.log.progress": ["registry/test_progress.py"],
    "registry.log.reporting": ["registry/test_reporting.py"],
    "registry.log.weakening": ["registry/test_weakening.py"],
}
SAMPLED = {
    "registry.log.publishing": [
        "registry/test_log.py",
        "registry/test_log_is_last.py",
        "registry/test_restoring.py",
        "reporting/test_redactions.py",
    ],
    "charter.mail.outbox": ["charter/test_outbox.py", "charter/test_bounces.py"],
    "charter.mail.sending_stops": ["charter/test_sending_stops.py"],
    "charter.permissions": [
        "charter/test_access.py",
        "charter/test_people.py",
        "charter/test_permissions.py",
        "charter/test_signatories.py",
        "charter/test_staff.py",
    ],
    "reporting.permissions": ["charter/test_access.py", "reporting/test_updates.py"],
}
# Mutants that change nothing anyone could notice, each with the reason.
EQUIVALENT = {
    "reporting.schedule": {"cache -> nothing": "the same holidays, read again"},
    "registry.log.canonical": {"False -> True in allow_nan=False": "floats were refused before"},
    "registry.log.progress": {"Lt -> LtE in self.promised < 0": "zero was ruled out before"},
    "registry.log.publishing": {
        "7403115201 -> 7403115202": "any number no other lock uses",
    },
}


@pytest.mark.parametrize("module", [*RULES, *SAMPLED])
def test_near_tests_notice_faults_in(module, tmp_path, capsys):
    report = tmp_path / "mutants.jsonl"
    settings = {name: value for name, value in os.environ.items() if name not in OURS}
    tests = RULES.get(module) or SAMPLED[module]
    subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "tests.proof.mutation_run"),
            *("--mutate", module, "--mutants", "0" if module in RULES else "100"),
            *("--report", report, *(f"tests/{name}" for name in tests)),
        ],
        check=True,
        env=settings | {"REGISTER_TESTS_HOME": str(HOME)},
        stdout=subprocess.DEVNULL,
    )
    results = [json.loads(line) for line in report.read_text().splitlines()]
    equivalent = EQUIVALENT.get(module, {})
    noticeable = [r for r in results if r["killed"] or r["change"] not in equivalent]
    survivors = [r for r in noticeable if not r["killed"]]
    killed = len(noticeable) - len(survivors)
    with capsys.disabled():
        print(f"\n{module}: {killed} of {len(noticeable)} mutants killed. Survivors:")
        for survivor in survivors:
            print(f"  line {survivor['line']}: {survivor['change']}")
    assert killed >= KILLED * len(noticeable)
