"""Processes of our own: started in a directory of their own, stopped by pid, and asked of /proc
what they and their descendants have used."""

import os
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
READY_SECONDS = 15.0
STOP_SECONDS = 5.0


class BenchError(Exception):
    """What an operator is told in one line."""


def free_address() -> str:
    """A loopback address and port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


class Process:
    """One program and its descendants. Its output goes to a log, whose end is shown if it fails."""

    def __init__(self, name: str, command: list[str], directory: Path,
                 environment: dict[str, str] | None = None) -> None:
        self.name = name
        self.log = directory / f"{name}.{time.monotonic_ns()}.log"
        # Should this program be killed, what it started ends, too.
        with self.log.open("wb") as log:
            self.popen = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", "--", *command], cwd=directory, env=environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True)

    @property
    def pid(self) -> int:
        return self.popen.pid

    def log_text(self) -> str:
        return self.log.read_text(errors="replace")

    def log_tail(self) -> str:
        return " | ".join(self.log_text().strip().splitlines()[-3:]) or "its log is empty"

    def await_ready(self, is_ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not is_ready():
            if self.popen.poll() is not None:
                raise BenchError(f"{self.name} ended: {self.log_tail()}")
            if time.monotonic() > deadline:
                raise BenchError(
                    f"{self.name} was not ready within {READY_SECONDS:.0f} s: {self.log_tail()}")
            time.sleep(0.02)

    def tree(self) -> list[int]:
        """Its pid and its descendants', those that are there now."""
        pids = [self.pid]
        for pid in pids:
            try:
                for children in Path(f"/proc/{pid}/task").glob("*/children"):
                    pids.extend(int(child) for child in children.read_text().split())
            except OSError:
                pass  # it ended meanwhile
        return pids

    def cpu_seconds(self) -> float:
        """User and system time of all that is there now, and of what it had waited for."""
        ticks = 0
        for pid in self.tree():
            try:
                # The name stands in brackets and may hold blanks.
                stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            ticks += sum(int(field) for field in stat[11:15])
        return ticks / TICKS_A_SECOND

    def peak_rss_bytes(self) -> int:
        """The sum of the peaks (VmHWM): pages that several processes share count for each."""
        total = 0
        for pid in self.tree():
            try:
                lines = Path(f"/proc/{pid}/status").read_text().splitlines()
            except OSError:
                continue
            total += sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
        return total * 1024

    def is_alive(self) -> bool:
        return self.popen.poll() is None

    def stop(self) -> None:
        """SIGTERM to the program; what is left of its tree after a while is killed."""
        pids = self.tree() if self.is_alive() else []
        if not pids:
            return
        self.popen.terminate()
        try:
            self.popen.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            for pid in pids:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            self.popen.wait()


def children_seconds() -> float:
    """User and system time of the children that have ended and were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run_program(command: list[str], seconds: float, directory: Path | None = None,
                environment: dict[str, str] | None = None) -> tuple[str, float]:
    """Runs a program to its end; what it printed, and the CPU seconds that it used."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, cwd=directory,
                          env=environment) as popen:
        before = children_seconds()
        try:
            output, errors = popen.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            popen.kill()
            raise BenchError(f"{command[0]} did not end within {seconds:.0f} s") from error
        except BaseException:
            popen.kill()
            raise
    if popen.returncode != 0:
        raise BenchError(f"{command[0]}: {(errors or output).strip()}")
    return output, children_seconds() - before
