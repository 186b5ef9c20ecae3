"""Databases for tests: SQLite files and a PostgreSQL cluster of our own, each with all tables.

A test that asks for `engine`, `target` or `new_target` runs on both; so does one marked
`usefixtures("dialect")` that calls `fresh` (through a factory, say). Tables are made once for each
process; the databases of PostgreSQL are emptied after a test and serve again (0.01 s, not 0.1 s).
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path

DIALECTS = ("sqlite", "postgresql")
_NUMBERS = count(1)
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",  # a test of durability starts a cluster with other settings
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "200",
    "deadlock_timeout": "100ms",
    "timezone": "UTC",
}

_ALONE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_EMPTY = """
SET session_replication_role = replica;  -- the guards rest
DO $$
DECLARE name text;
BEGIN
  FOR name IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE 'DELETE FROM ' || name;
  END LOOP;
  FOR name IN SELECT quote_ident(sequencename) FROM pg_sequences WHERE schemaname = 'public' LOOP
    EXECUTE 'ALTER SEQUENCE ' || name || ' RESTART';
  END LOOP;
END $$
"""
_SHAPE = """
SELECT (SELECT md5(string_agg(attrelid::regclass || ' ' || attname || ' ' || atttypid, ','
               ORDER BY attrelid::regclass::text, attnum))
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE relnamespace = 'public'::regnamespace AND NOT attisdropped),
       (SELECT md5(string_agg(tgrelid::regclass || ' ' || tgname || ' ' || tgenabled::text, ','
               ORDER BY tgrelid::regclass::text, tgname))
        FROM pg_trigger WHERE NOT tgisinternal),
       (SELECT count(*) FROM pg_constraint)
"""

running: Cluster | None = None
"""The cluster of this process, started when a test first needs one."""

kind = "sqlite"
"""What `fresh` makes now; set before each test from its parameter `dialect`."""


class NoPostgres(Exception):
    """The programs of a PostgreSQL server are not installed here."""


class Cluster:
    """A PostgreSQL server that listens on a socket in a folder of its own.

    Parameters
    ----------
    **settings
        What differs from `_SETTINGS`, such as `fsync="on"`.
    """

    def __init__(self, **settings: str) -> None:
        programs = _programs()
        self._ctl = programs / "pg_ctl"
        self._who = _unprivileged()
        self.folder = Path(tempfile.mkdtemp(prefix="xuanke-pg-"))
        shutil.chown(self.folder, self._who)
        self.data = self.folder / "data"
        self._run(
            *(programs / "initdb", "-D", self.data, "-U", "xuanke", "-A", "trust", "--no-sync"),
            *("--encoding=UTF8", "--locale=C"),
        )
        lines = [f"{k} = '{v}'" for k, v in (_SETTINGS | settings).items()]
        lines.append(f"unix_socket_directories = '{self.folder}'")
        with (self.data / "postgresql.conf").open("a") as file:
            file.write("\n".join(lines) + "\n")
        self._template: str | None = None
        self._shape = ""
        self._empty: list[str] = []
        self._blank: list[str] = []
        self._watch = self._watchman()
        self.start()

    def start(self) -> None:
        """Start the server (again) and wait until it answers."""
        self._run(self._ctl, "-D", self.data, "-l", self.folder / "log", "-w", "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop the server: `immediate` is a crash, `fast` an orderly end."""
        self._run(self._ctl, "-D", self.data, "-m", mode, "-w", "stop")

    def remove(self) -> None:
        """Stop the server and delete its folder."""
        self._watch.communicate()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _watchman(self) -> subprocess.Popen[bytes]:
        """Start somebody who stops the server when this process ends, even by SIGKILL."""
        words = 'read -r _; "$0" -D "$1" -m immediate -w stop; rm -rf "$1"'
        return subprocess.Popen(
            ["sh", "-c", words, str(self._ctl), str(self.data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
            **self._as(),
        )

    def _as(self) -> dict[str, object]:
        """Return as whom programs run: the server refuses to be root."""
        if os.geteuid() != 0:
            return {}
        return {"user": self._who, "group": _group(self._who), "extra_groups": []}

    def url(self, name: str) -> str:
        """Return the URL of a database of this cluster."""
        return f"postgresql://xuanke@/{name}?host={self.folder}"

    def create(self, template: str = "template0") -> str:
        """Make a database and return its URL."""
        name = f"xuanke_{next(_NUMBERS)}"
        self._on(
            self.url("postgres"),
            f"CREATE DATABASE {name} TEMPLATE {template} LOCALE 'C' ENCODING 'UTF8'",
        )
        return self.url(name)

    def drop(self, url: str) -> None:
        """Drop a database, whoever is still connected."""
        name = url.split("?")[0].rsplit("/", 1)[1]
        self._on(self.url("postgres"), f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    @contextmanager
    def blank(self) -> Iterator[str]:
        """Lend a database without tables; it serves again."""
        url = self._blank.pop() if self._blank else self.create()
        try:
            yield url
        finally:
            self._on(url, _ALONE, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
            self._blank.append(url)

    @contextmanager
    def filled(self) -> Iterator[str]:
        """Lend a database with all tables and no row; it serves again while the tables are those."""
        if self._template is None:
            url = self.create()
            _make_tables(url)
            self._template = url.split("?")[0].rsplit("/", 1)[1]
            self._shape = self._on(url, _SHAPE)
        url = self._empty.pop() if self._empty else self.create(self._template)
        try:
            yield url
        finally:
            if self._on(url, _ALONE, _EMPTY, _SHAPE) == self._shape:
                self._empty.append(url)
            else:
                self.drop(url)

    def _on(self, url: str, *statements: str) -> str:
        """Run statements on a database; return what the last one answers."""
        import psycopg

        with psycopg.connect(url, autocommit=True) as connection:
            answers = [connection.execute(statement) for statement in statements]
            return str(answers[-1].fetchone()) if answers[-1].description else ""

    def _run(self, *command: object) -> None:
        words = [str(word) for word in command]
        done = subprocess.run(
            words,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=(out := (self.folder / "said").open("a+")),
            stderr=subprocess.STDOUT,
            timeout=120,
            check=False,
            **self._as(),
        )
        out.seek(0)
        said = out.read()
        out.close()
        assert done.returncode == 0, f"{words}: {said}"


def _programs() -> Path:
    """Return the folder of initdb; Debian keeps the server's programs out of PATH."""
    found = shutil.which("initdb")
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name)
    )
    if found is None and not folders:
        raise NoPostgres("initdb is not installed (Debian: apt-get install postgresql)")
    return Path(found).parent if found else folders[-1]


def _unprivileged() -> str:
    """Return who runs the server, which refuses to be root."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _group(user: str) -> int:
    return pwd.getpwnam(user).pw_gid


def the_cluster() -> Cluster:
    """Return the cluster of this process, started at the first call."""
    global running
    if running is None:
        running = Cluster()
    return running


@contextmanager
def fresh(folder: Path | None = None, *, tables: bool = True) -> Iterator[str | Path]:
    """Give a new database of the current kind: a path or a URL; it is gone afterwards.

    Parameters
    ----------
    folder
        Where a SQLite file shall lie; a folder of its own without.
    tables
        False for a database without any table.
    """
    if kind == "postgresql":
        cluster = the_cluster()
        with cluster.filled() if tables else cluster.blank() as url:
            yield url
        return
    with tempfile.TemporaryDirectory(dir=folder) as place:
        path = Path(place) / "county.db"
        if tables:
            shutil.copyfile(_sqlite_template(), path)
        yield path


@cache
def _sqlite_template() -> Path:
    path = Path(tempfile.mkdtemp(prefix="xuanke-sqlite-")) / "template.db"
    _make_tables(path)
    return path


def _make_tables(target: str | Path) -> None:
    from api.database import open_database
    from api.migrations import tables

    engine = open_database(target)
    with engine.begin() as connection:
        tables().create_all(connection)
    engine.dispose()


def clean_up() -> None:
    """Stop what this process started."""
    if running is not None:
        running.remove()
    if _sqlite_template.cache_info().currsize:
        shutil.rmtree(_sqlite_template().parent, ignore_errors=True)
