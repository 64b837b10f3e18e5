"""What a keep-alive connection costs sluice while nothing comes: user memory, after each has made
one request."""

import resource
import socket
from pathlib import Path

from bench.processes import BenchError
from bench.redis import Redis
from bench.systems import BY_NAME, READING, Place, start

WARM_CONNECTIONS = 64
A_SOURCE = 10_000  # connections from one loopback address: each has ports of its own
AT_ONCE = 128  # connected before the first of them is asked
SPARE_DESCRIPTORS = 512  # that sluice keeps for what it has open beside them, and some

REQUEST = ("POST /v1/vitals HTTP/1.1\r\nHost: sluice\r\nContent-Type: application/json\r\n"
           f"Content-Length: {len(READING)}\r\n\r\n{READING}").encode()


def raise_descriptors(wanted: int) -> int:
    """How many descriptors may be had, up to `wanted`, by us and by each program that we start.
    The hard limit is raised where that is allowed: root alone is not enough, it takes
    CAP_SYS_RESOURCE."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
            return wanted
        except (ValueError, PermissionError):
            wanted = hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    return wanted


def anonymous_bytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Anonymous:"):
            return int(line.split()[1]) * 1024
    raise BenchError("/proc/PID/smaps_rollup has no line 'Anonymous'")


def connect(address: str, number: int) -> socket.socket:
    host, _, port = address.partition(":")
    source = f"127.0.0.{1 + number // A_SOURCE}"
    return socket.create_connection((host, int(port)), 10, (source, 0))


def ask(connection: socket.socket) -> None:
    connection.sendall(REQUEST)


def read_answer(connection: socket.socket) -> None:
    answer = b""
    while b"accepted" not in answer:
        got = connection.recv(4096)
        answer += got
        if not got or not answer.startswith(b"HTTP/1.1 200"):
            said = answer.decode(errors="replace") or "nothing"
            raise BenchError(f"a connection that was to be idle was answered {said!r}")


def open_more(address: str, open_already: list[socket.socket], wanted: int) -> None:
    while len(open_already) < wanted:
        count = min(AT_ONCE, wanted - len(open_already))
        batch = [connect(address, len(open_already) + i) for i in range(count)]
        open_already.extend(batch)
        for connection in batch:
            ask(connection)
        for connection in batch:
            read_answer(connection)


def measure_idle(place: Place, redis: Redis, wanted: int) -> dict[str, object]:
    others = WARM_CONNECTIONS + SPARE_DESCRIPTORS
    descriptors = raise_descriptors(wanted + others)
    count = min(wanted, descriptors - others)
    server = start(place, BY_NAME["sluice"], redis.socket_path, 1,
                   SLUICE_HTTP_CONNECTIONS_MAX=str(count + 2 * WARM_CONNECTIONS))
    connections: list[socket.socket] = []
    try:
        # The first make what is there once, however many follow.
        open_more(server.address, connections, WARM_CONNECTIONS)
        before = anonymous_bytes(server.process.pid)
        open_more(server.address, connections, WARM_CONNECTIONS + count)
        after = anonymous_bytes(server.process.pid)
    finally:
        for connection in connections:
            connection.close()
        server.stop()
        redis.empty()
    return {"connections": count, "wanted": wanted, "descriptors": descriptors,
            "before_bytes": before, "after_bytes": after,
            "bytes_a_connection": round((after - before) / count, 1)}
