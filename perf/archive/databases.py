"""The databases, each with a server of its own where it has one, and with the settings that it
comes with: what is committed has been synced to the disk."""

import os
import pwd
import shutil
import sqlite3
from pathlib import Path
from urllib.parse import quote

from archive.answers import CHECK, STREAM
from bench.machine import version_of
from bench.processes import BenchError, Process, run_program

SETUP_SECONDS = 120.0
QUERY_SECONDS = 300.0


def find_program(name: str) -> str | None:
    """mariadbd is where only root looks, and PostgreSQL has a directory for each version."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"),
                      key=lambda path: float(path.parent.name), reverse=True)
    places = [os.environ.get("PATH", os.defpath), "/usr/sbin", *map(str, versions)]
    return shutil.which(name, path=os.pathsep.join(places))


class Database:
    """One that runs. `sockets` and `data` are directories; the latter is on the tree's disk."""

    title: str
    programs: tuple[str, ...] = ()
    process: Process | None = None  # the server; SQLite is a library in its writer and has none
    url: str  # as sluice-archive takes it

    def __init__(self, sockets: Path, data: Path) -> None:
        raise NotImplementedError

    @classmethod
    def missing(cls) -> list[str]:
        return [name for name in cls.programs if find_program(name) is None]

    @classmethod
    def version(cls) -> str:
        return version_of([find_program(cls.programs[0]) or "", "--version"])

    def query(self, text: str) -> list[str]:
        """The words of the answer."""
        raise NotImplementedError

    def drop_table(self) -> None:
        self.query(f"DROP TABLE IF EXISTS {STREAM}")

    def check(self) -> tuple[int, ...]:
        return tuple(int(word) for word in self.query(CHECK))

    def cpu_seconds(self) -> float:
        """Of all the server's processes, those that have ended, too. One that ends while they are
        read is neither among the living nor yet in its parent's sum, so they are read again."""
        if self.process is None:
            return 0.0
        while True:
            pids = self.process.tree()
            seconds = self.process.cpu_seconds()
            if self.process.tree() == pids:
                return seconds

    def stop(self) -> None:
        if self.process is not None:
            self.process.stop()

    def _await_answer(self, process: Process) -> None:
        def answers() -> bool:
            try:
                return self.query("SELECT 1") == ["1"]
            except BenchError:
                return False

        try:
            process.await_ready(answers)
        except BaseException:
            process.stop()
            raise


class Sqlite(Database):
    title = "SQLite"

    def __init__(self, _sockets: Path, data: Path) -> None:
        self._path = data / "archive.db"
        self.url = f"sqlite://{quote(str(self._path))}"

    @classmethod
    def version(cls) -> str:
        return sqlite3.sqlite_version

    def query(self, text: str) -> list[str]:
        try:
            connection = sqlite3.connect(self._path)
            try:
                return [str(value) for value in connection.execute(text).fetchone()]
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise BenchError(f"SQLite: {error}") from error

    def drop_table(self) -> None:
        for ending in ("", "-wal", "-shm"):
            Path(f"{self._path}{ending}").unlink(missing_ok=True)


class Postgresql(Database):
    title = "PostgreSQL"
    programs = ("postgres", "initdb", "psql")
    USER = "postgres"  # which its server runs as, if we are root: it refuses to be that

    def __init__(self, sockets: Path, data: Path) -> None:
        self._sockets = sockets / "postgresql"
        cluster = data / "postgresql"
        for directory in (self._sockets, cluster):
            directory.mkdir(mode=0o700)
            if os.geteuid() == 0:
                user = pwd.getpwnam(self.USER)
                os.chown(directory, user.pw_uid, user.pw_gid)
        self.url = f"postgresql://{self.USER}@/postgres?host={quote(str(self._sockets), safe='')}"
        run_program([*self._as_user(), find_program("initdb") or "", "--pgdata", str(cluster),
                     "--auth=trust", f"--username={self.USER}", "--encoding=UTF8", "--locale=C"],
                    SETUP_SECONDS, directory=cluster)
        self.process = Process("postgresql", [
            *self._as_user(), find_program("postgres") or "", "-D", str(cluster),
            "-c", "listen_addresses=", "-c", f"unix_socket_directories={self._sockets}"], sockets)
        self._await_answer(self.process)

    def _as_user(self) -> list[str]:
        """A change of the user takes the wish to die with the parent away, so it is said again."""
        if os.geteuid() != 0:
            return []
        return ["setpriv", f"--reuid={self.USER}", f"--regid={self.USER}", "--init-groups",
                "--pdeathsig", "TERM", "--"]

    def query(self, text: str) -> list[str]:
        output, _ = run_program(["psql", "-X", "-q", "-A", "-t", "-F", " ", "-h",
                                 str(self._sockets), "-U", self.USER, "-c", text, "postgres"],
                                QUERY_SECONDS)
        return output.split()

    def drop_table(self) -> None:
        super().drop_table()
        self.query("CHECKPOINT")  # or the next turn would pay for the last one's


class Mariadb(Database):
    title = "MariaDB"
    programs = ("mariadbd", "mariadb-install-db", "mariadb")

    def __init__(self, sockets: Path, data: Path) -> None:
        self._socket = sockets / "mariadb.sock"
        # A server that starts removes temporary tables from its directory for them, whoever's they
        # are; and it refuses root unless told so.
        usual = ["--no-defaults", f"--datadir={data / 'mariadb'}", f"--tmpdir={sockets}",
                 *(["--user=root"] if os.geteuid() == 0 else [])]
        self.url = f"mariadb://root@localhost/archive?socket={quote(str(self._socket), safe='')}"
        run_program([find_program("mariadb-install-db") or "", *usual, "--skip-test-db",
                     "--auth-root-authentication-method=normal"], SETUP_SECONDS)
        self.process = Process("mariadb", [
            find_program("mariadbd") or "", *usual, "--skip-networking",
            f"--socket={self._socket}", f"--pid-file={sockets / 'mariadb.pid'}"], sockets)
        self._database = "mysql"
        self._await_answer(self.process)
        self.query("CREATE DATABASE archive")
        self._database = "archive"

    def query(self, text: str) -> list[str]:
        output, _ = run_program(["mariadb", "--no-defaults", f"--socket={self._socket}",
                                 "-u", "root", "-N", "-B", "-e", text, self._database],
                                QUERY_SECONDS)
        return output.split()


DATABASES: dict[str, type[Database]] = {
    "sqlite": Sqlite, "postgresql": Postgresql, "mariadb": Mariadb}
