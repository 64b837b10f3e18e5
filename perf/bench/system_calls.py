"""System calls a request, counted by strace in a short run of its own: it slows a server down many
times, so nothing else is measured then."""

import collections
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from bench.load import run_wrk
from bench.processes import BenchError
from bench.redis import Redis
from bench.systems import BY_NAME, Place, Server, start
from bench.workloads import Workload

ATTACH_SECONDS = 10.0
QUIET_SECONDS = 0.3
READS = {"read", "readv", "recvfrom", "recvmsg"}
WRITES = {"write", "writev", "sendto", "sendmsg"}
# `12 read(17, ...`, also of a call that another thread's interrupts; not the line of its end.
CALL = re.compile(r"^\d+ +(\w+)\((\d+)?")
LEAVING = re.compile(r" = (0|-1 ECONNRESET .*)$")  # how a device does; wrk does so amid a request


def count_system_calls(place: Place, redis: Redis, workload: Workload,
                       names: list[str], seconds: float) -> dict[str, dict[str, object]]:
    """For each system: calls a request by kind; or why they were not counted."""
    results: dict[str, dict[str, object]] = {}
    for name in names:
        server = start(place, BY_NAME[name], redis.socket_path, workload.workers)
        try:
            results[name] = trace(place, workload, server, seconds)
        except BenchError as error:
            results[name] = {"not_counted": str(error)}
        finally:
            server.stop()
            redis.empty()
    return results


def descriptors(server: Server) -> set[str]:
    return set(os.listdir(f"/proc/{server.process.pid}/fd"))


def trace(place: Place, workload: Workload, server: Server,
          seconds: float) -> dict[str, object]:
    if shutil.which("strace") is None:
        raise BenchError("strace is missing; 'make bench-deps' installs it")
    output = place.work / f"{server.system.name}.strace"
    # What is open without any device is shared by all: the loop's, the listeners, Redis. The one
    # who asked whether it is ready has left by then.
    time.sleep(QUIET_SECONDS)
    shared = descriptors(server)
    tracer = subprocess.Popen(
        ["strace", "-f", "-q", "-s", "0", "-o", str(output), "-p", str(server.process.pid)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        await_attached(tracer, server)
        load = run_wrk(place, workload, server.address, seconds)
    finally:
        tracer.terminate()
        _, errors = tracer.communicate()
    right = load.answers - load.refused
    if right == 0:
        raise BenchError(f"nothing was answered under strace: {errors.strip()}")
    return per_request(output, shared, right)


def await_attached(tracer: subprocess.Popen[str], server: Server) -> None:
    """Until the kernel names strace as the tracer of every thread."""
    deadline = time.monotonic() + ATTACH_SECONDS
    while True:
        statuses = Path(f"/proc/{server.process.pid}/task").glob("*/status")
        if all(f"TracerPid:\t{tracer.pid}\n" in status.read_text() for status in statuses):
            return
        if tracer.poll() is not None:
            assert tracer.stderr is not None
            raise BenchError(tracer.stderr.read().strip() or "strace ended")
        if time.monotonic() > deadline:
            raise BenchError("strace did not attach")
        time.sleep(0.02)


def per_request(output: Path, shared: set[str], requests: int) -> dict[str, object]:
    device_reads = device_writes = 0
    others: collections.Counter[str] = collections.Counter()
    with output.open(errors="replace") as lines:
        for line in lines:
            call = CALL.match(line)
            if call is None:
                continue
            name, descriptor = call.groups()
            if name in READS and descriptor not in shared:
                device_reads += LEAVING.search(line) is None
            elif name in WRITES and descriptor not in shared:
                device_writes += 1
            else:
                others[name] += 1
    output.unlink()
    return {"requests": requests, "device_reads": round(device_reads / requests, 4),
            "device_writes": round(device_writes / requests, 4),
            "shared": round(sum(others.values()) / requests, 4),
            "shared_by_name": {name: round(count / requests, 4)
                               for name, count in others.most_common(8)}}
