"""`make run` as a test uses it: a whole register in processes of its own."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import psycopg

from registry.local.orphans import find_orphans
from registry.local.sockets import socket_folder

ROOT = Path(__file__).parents[1]


class MakeRun:
    """One `make run` on a home and a port."""

    def __init__(self, home: Path, port: int, **settings: str) -> None:
        self.home = home
        self.port = port
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL")
        }
        self.environment |= {"REGISTER_HOME": str(home), "PORT": str(port), "DEMO": "0"} | settings
        self.process = subprocess.Popen(
            [sys.executable, "-m", "registry.local", "run"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""

    def wait_until_it_says(self, words: str) -> None:
        while words not in self.said:
            line = self.process.stdout.readline()
            assert line, f"it ended without saying {words!r}:\n{self.said}"
            self.said += line

    def health(self) -> dict:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health") as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)

    def head(self) -> tuple:
        sockets = socket_folder(self.home, "postgres")
        address = f"postgresql://register@/register?host={sockets}"
        with psycopg.connect(address) as connection:
            return connection.execute(
                "SELECT number, hash FROM registry_entry ORDER BY number DESC LIMIT 1"
            ).fetchone()

    def children(self) -> list[int]:
        return find_orphans(self.home)

    def stop(self) -> str:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        if not self.process.stdout.closed:
            self.said += self.process.stdout.read()
            self.process.stdout.close()
        self.process.wait(60)
        return self.said

    def manage(self, *command: str) -> str:
        """Run a management command beside the running register; return what it says."""
        program = [sys.executable, "manage.py", *command]
        ended = subprocess.run(
            program, cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout
