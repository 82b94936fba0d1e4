"""`docker compose` of the guide for operators, run natively, without containers.

Entrypoints, commands, dependencies, mounts and roles of the database are those of
docker-compose.yml; only hosts, paths and passwords are this machine's.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import yaml

from registry.local import postgres

ROOT = Path(__file__).parents[1]
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
GUIDE = (ROOT / "docs" / "operating.md").read_text()


class Register:
    """One machine with a register: its database, its volumes and its settings."""

    def __init__(self, folder: Path, url: str, **settings: str) -> None:
        self.home, self.backups = folder / "home", folder / "backups"
        self.copies = self.backups  # The backups that were copied to this machine.
        self.home.mkdir(parents=True, exist_ok=True)
        self.backups.mkdir(exist_ok=True)
        self.url = url
        # Called with the names of the services that a line stops or starts.
        self.on_stop: Callable[[list[str]], None] = lambda names: None
        address = urlsplit(url)
        path = [postgres.find_binaries(), Path(sys.executable).parent, os.environ["PATH"]]
        self.environment = os.environ | {
            "PATH": os.pathsep.join(map(str, path)),
            "REGISTER_HOME": str(self.home),
            "BACKUPS": str(self.backups),
            "PGHOST": parse_qs(address.query).get("host", [address.hostname or ""])[0],
            "PGPORT": str(address.port or 5432),
            "PGPASSWORD": address.password or "",
            "PGDATABASE": address.path.strip("/"),
            "DEMO": "0",
            "DJANGO_SETTINGS_MODULE": "registry.settings",
            **settings,
        }

    def follow_guide(self, words: str, time: str) -> subprocess.CompletedProcess[str]:
        """Run the first block of commands after some words of the guide; return its last `run`."""
        section = GUIDE.partition(f"\n{words}\n")[2]
        block = re.search(r"```\n(.*?)```", section, re.DOTALL)
        assert block, words
        outcome = None
        for line in block[1].replace("TIME", time).splitlines():
            outcome = self.compose(line) or outcome
        assert outcome
        return outcome

    def compose(self, line: str) -> subprocess.CompletedProcess[str] | None:
        """Run one line that begins with settings and `docker compose`."""
        words = shlex.split(line)
        settings = {}
        while "=" in words[0]:
            name, _, settings[name] = words.pop(0).partition("=")
        assert words[:2] == ["docker", "compose"], line
        match words[2:]:
            case ["stop", *names]:
                assert set(names) <= SERVICES.keys()
                self.on_stop(names)
            case ["create", *names]:
                assert set(names) <= SERVICES.keys()
            case ["cp", "./backups/.", "backup:/backups"]:
                shutil.copytree(self.copies, self.backups, dirs_exist_ok=True)
            case ["run", "--rm", "web", *program]:
                return self.run(*program)
            case ["run", "--rm", name]:
                return self.run_service(name, settings)
            case ["up", "--detach"]:
                pass
            case _:
                raise AssertionError(f"The drill cannot run {line!r}")
        return None

    def run_service(
        self, name: str, settings: dict[str, str], *more: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a service to its end, after the services that must have completed before."""
        service = SERVICES[name]
        for other, state in service["depends_on"].items():
            if state["condition"] == "service_completed_successfully" and other != "migrate":
                outcome = self.run_service(other, settings)
                if outcome.returncode:
                    return outcome
        program = [*service.get("entrypoint", []), *service.get("command", []), *more]
        program = [self._fill_in(word, settings) for word in program]
        return self.run(*program, service=name)

    def run(self, *program: str, service: str = "web") -> subprocess.CompletedProcess[str]:
        """Run a program as in a service, with the service's roles in the database."""
        return subprocess.run(
            program,
            cwd=ROOT,
            env=self.environment | self._roles(service),
            capture_output=True,
            text=True,
            timeout=300,
        )

    def _roles(self, service: str) -> dict[str, str]:
        environment = SERVICES[service]["environment"]
        roles = {name: environment[name] for name in ["PGUSER"] if name in environment}
        for name in ("DATABASE_URL", "DATABASE_PUBLIC_URL"):
            if role := re.match(r"postgresql://(\w+):", environment.get(name, "")):
                roles[name] = re.sub(r"//\w*@", f"//{role[1]}@", self.url)
        return roles

    def manage(self, *command: str) -> str:
        service = "migrate" if command[0] == "migrate" else "web"
        result = self.run("python", "manage.py", *command, service=service)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def act(self, *words: str) -> None:
        result = self.run("python", "-m", "tests.proof.restore_acts", *words)
        assert result.returncode == 0, result.stdout + result.stderr

    @staticmethod
    def _fill_in(word: str, settings: dict[str, str]) -> str:
        word = re.sub(r"\$\{(\w+):-\}", lambda found: settings.get(found[1], ""), word)
        return re.sub("^/scripts", str(ROOT / "registry" / "operations"), word)
