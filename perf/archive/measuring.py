"""Turns: each way to insert the answers once a round, into a table that is not there yet, in an
order that turns from round to round."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass

from archive import answers
from archive.databases import Database
from bench.machine import CpuTicks
from bench.measured import Measured
from bench.measuring import in_turn
from bench.processes import TICKS_A_SECOND, BenchError, run_program
from bench.redis import Redis
from bench.systems import Place, clean_environment

SLOWEST_ROWS_A_SECOND = 20  # a turn that is slower is given up
MARGIN_SECONDS = 60.0
QUIET_SECONDS = 0.3
QUIET_SECONDS_MAX = 20.0
RATE = "rows_per_second"
RATIO = "to_row_by_row"


@dataclass(frozen=True)
class System:
    """A way to insert."""

    name: str
    title: str
    rows_per_transaction: int = 0  # of row_writer; 0: it is sluice-archive

    @property
    def is_archive(self) -> bool:
        return self.rows_per_transaction == 0


ROW_BY_ROW = System("row_by_row", "row by row", 1)
SYSTEMS = {system.name: system for system in (
    ROW_BY_ROW,
    System("questionnaires", "a transaction a questionnaire", answers.A_QUESTIONNAIRE),
    System("archive", "sluice-archive"),
)}


@dataclass(frozen=True)
class Used:
    """CPU seconds at a moment, and the machine's ticks."""

    database: float
    redis: float
    machine: CpuTicks


@dataclass(frozen=True)
class Turn:
    seconds: float
    writer: float  # CPU seconds of it and of the others
    database: float
    redis: float
    stolen_share: float


class Bench:
    """One database, and a Redis whose stream has as many answers as are inserted."""

    def __init__(self, place: Place, redis: Redis, database: Database, rows: int,
                 progress: Callable[[str], None]) -> None:
        self.place = place
        self.redis = redis
        self.database = database
        self.rows = rows
        self.progress = progress

    def run(self, rounds: int) -> dict[str, Measured]:
        results = {name: Measured() for name in SYSTEMS}
        for number in range(rounds):
            for name in in_turn(list(SYSTEMS), number):
                self.progress(f"{self.database.title}: round {number + 1} of {rounds}: "
                              f"{SYSTEMS[name].title}")
                self._measure(SYSTEMS[name], results[name])
            add_ratios(results, number)
        return results

    def _measure(self, system: System, measured: Measured) -> None:
        """A turn that fails is one without figures."""
        try:
            turn = self._take_turn(system)
            found = self.database.check()
        except BenchError as error:
            measured.failures.append(str(error))
            measured.add({RATE: 0.0})
            return
        measured.stored += found[0]
        if found != answers.expected(self.rows):
            measured.failures.append(
                f"of {self.rows} rows the table has {found[0]}" if found[0] != self.rows
                else "the table's rows are not those that were meant")
        measured.add(figures_of(system, turn, self.rows, self.database.process is not None))

    def _take_turn(self, system: System) -> Turn:
        self.database.drop_table()
        answers.rewind(self.redis)
        self._await_quiet()
        before, begun = self._used(), time.monotonic()
        output, writer = run_program(
            self._command(system), MARGIN_SECONDS + self.rows / SLOWEST_ROWS_A_SECOND,
            environment=clean_environment())
        seconds, after = time.monotonic() - begun, self._used()
        if system.is_archive and ", 0 entries left" not in output:
            raise BenchError(f"sluice-archive left entries: {output.strip()}")
        if not system.is_archive:
            seconds = json.loads(output)["seconds"]
        return Turn(seconds, writer, after.database - before.database, after.redis - before.redis,
                    before.machine.stolen_share_until(after.machine))

    def _command(self, system: System) -> list[str]:
        if system.is_archive:
            return [str(self.place.build / "sluice-archive"), "--once",
                    "--route", f"/v1/{answers.STREAM}", "--admin", "127.0.0.1:0",
                    "--redis", f"unix://{self.redis.socket_path}", "--database", self.database.url]
        return [str(self.place.build / "row_writer"), "--database", self.database.url,
                "--rows", str(self.rows),
                "--rows-per-transaction", str(system.rows_per_transaction)]

    def _used(self) -> Used:
        return Used(self.database.cpu_seconds(), self.redis.process.cpu_seconds(), CpuTicks.now())

    def _await_quiet(self) -> None:
        """What the server does with the table that went is not the next turn's."""
        end = time.monotonic() + QUIET_SECONDS_MAX
        used = self.database.cpu_seconds()
        while self.database.process is not None and time.monotonic() < end:
            time.sleep(QUIET_SECONDS)
            used, before = self.database.cpu_seconds(), used
            if used - before <= 1 / TICKS_A_SECOND:
                return


def figures_of(system: System, turn: Turn, rows: int, has_server: bool) -> dict[str, float]:
    figures = {RATE: rows / turn.seconds, "writer_us_per_row": turn.writer / rows * 1e6,
               "writer_cores": turn.writer / turn.seconds, "machine_steal": turn.stolen_share}
    if has_server:
        figures |= {"database_us_per_row": turn.database / rows * 1e6,
                    "database_cores": turn.database / turn.seconds}
    if system.is_archive:
        figures |= {"redis_us_per_row": turn.redis / rows * 1e6,
                    "redis_cores": turn.redis / turn.seconds}
    return figures


def add_ratios(results: dict[str, Measured], number: int) -> None:
    """Within the round of that number."""
    base = results[ROW_BY_ROW.name].figures[RATE].rounds[number]
    for measured in results.values():
        rate = measured.figures[RATE].rounds[number]
        if rate > 0 and base > 0:
            measured.add({RATIO: rate / base})
