"""Clients that are slow on purpose: slowhttptest's four modes. Connections are opened at a steady
rate for as long as the load lasts, and it is the server's business to be rid of them."""

import csv
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from bench.processes import BenchError

SLOWHTTPTEST = "slowhttptest"
END_SECONDS = 10.0  # beyond its own time it has ended, or is stuck
LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Mode:
    name: str
    title: str
    arguments: tuple[str, ...]


MODES = (
    Mode("heads", "slow heads (slowloris)", ("-H", "-i", "1", "-x", "24")),
    Mode("bodies", "slow bodies", ("-B", "-i", "1", "-s", "8192", "-x", "10",
                                   "-f", "application/json")),
    Mode("ranges", "ranges", ("-R", "-a", "5", "-b", "3000", "-t", "HEAD")),
    Mode("reads", "slow reads", ("-X", "-w", "1", "-y", "8", "-n", "1", "-z", "64", "-k", "3")),
)
BY_NAME = {mode.name: mode for mode in MODES}


@dataclass
class Slow:
    """What became of its connections."""

    opened: int = 0
    closed: int = 0  # by the server, as slowhttptest saw it
    most: int = 0  # open at the same time, as the server saw it


def last_row(path: Path) -> dict[str, int]:
    """Of its statistics, a row a second: how many connections are closed, pending and connected."""
    if not path.exists():
        return {}
    with path.open(newline="") as rows:
        last = list(csv.DictReader(rows))[-1:]
    return {name.lower(): int(value) for row in last for name, value in row.items() if value}


@dataclass
class SlowLoad:
    """One mode against `address` while the block runs; `connections` says how many are open."""

    mode: Mode
    directory: Path  # for its statistics
    address: str
    rate: int  # connections a second
    seconds: float
    connections: Callable[[], float]
    result: Slow = field(default_factory=Slow)

    def __enter__(self) -> "SlowLoad":
        seconds = max(round(self.seconds), 1)
        self._statistics = self.directory / f"slow-{time.monotonic_ns()}"
        command = [SLOWHTTPTEST, "-u", f"http://{self.address}/v1/vitals", "-r", str(self.rate),
                   "-c", str(self.rate * seconds), "-l", str(seconds), "-p", "3",
                   "-g", "-o", str(self._statistics), *self.mode.arguments]
        self._popen = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._watcher = threading.Thread(target=self._watch)
        self._watcher.start()
        return self

    def _watch(self) -> None:
        while self._popen.poll() is None:
            self.result.most = max(self.result.most, int(self.connections()))
            time.sleep(LOOK_SECONDS)

    def __exit__(self, kind: type[BaseException] | None, _error: BaseException | None,
                 _trace: TracebackType | None) -> None:
        try:
            self._popen.wait(self.seconds + END_SECONDS)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        self._watcher.join()
        row = last_row(self._statistics.with_suffix(".csv"))
        self.result.closed = row.get("closed", 0)
        self.result.opened = self.result.closed + row.get("connected", 0)
        if kind is None and self.result.opened == 0:
            raise BenchError(f"{SLOWHTTPTEST} opened no connection in mode '{self.mode.name}'")
