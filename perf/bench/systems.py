"""The servers that are measured, and how each is started. The peers' contract is in
perf/peers: `run HOST:PORT REDIS_SOCKET WORKERS`."""

import http.client
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.processes import Process, free_address

READING = ('{"device_id":"dev-000001","timestamp":1767225600000,'
           '"heart_rate":72.5,"blood_oxygen":98}')


@dataclass(frozen=True)
class System:
    name: str
    title: str
    stores: bool  # what it answers 200 stands, or will soon stand, in Redis
    is_peer: bool = True  # written by us under perf/peers
    settle_seconds: float = 0.3  # of quiet in its stream: nothing more is under way


SYSTEMS = (
    System("floor", "floor: epoll, constant answer", stores=False, is_peer=False),
    System("nginx", "nginx: return 200", stores=False),
    System("sluice", "sluice", stores=True, is_peer=False,
           settle_seconds=0.06),  # and its metrics say what is in flight
    System("go_request", "Go: an XADD a request", stores=True),
    System("go_buffered", "Go: buffered, answers before storing", stores=True,
           settle_seconds=0.7),
    System("node", "Node: Fastify, auto-pipelining", stores=True),
    System("nginx_lua", "nginx with Lua", stores=True),
)
BY_NAME = {system.name: system for system in SYSTEMS}


@dataclass(frozen=True)
class Place:
    """Where things are."""

    root: Path  # of the tree
    build: Path
    peers: Path  # where the peers are built
    work: Path  # for logs and sockets

    def peer(self, name: str) -> Path:
        return self.root / "perf" / "peers" / name / "run"


@dataclass
class Server:
    """A system that runs and has answered."""

    system: System
    process: Process
    address: str
    admin: str = ""  # sluice's, for its metrics

    def stop(self) -> None:
        self.process.stop()


def is_present(place: Place, system: System) -> bool:
    path = place.peer(system.name) if system.is_peer else place.build / system.name
    return os.access(path, os.X_OK)


def answers_post(address: str) -> bool:
    connection = http.client.HTTPConnection(address, timeout=2)
    try:
        connection.request("POST", "/v1/vitals", READING, {"Content-Type": "application/json"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def metric(admin: str, name: str, labels: str) -> float:
    """Sum of the series of sluice's metric `name` whose labels have `labels` in them."""
    connection = http.client.HTTPConnection(admin, timeout=5)
    try:
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
    finally:
        connection.close()
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
               if line.split("{")[0].split(" ")[0] == name and labels in line)


def clean_environment(**more: str) -> dict[str, str]:
    """Ours without sluice's settings: what is measured are its defaults."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SLUICE_")}
    return kept | more


def start(place: Place, system: System, redis_socket: Path, workers: int,
          **settings: str) -> Server:
    """Starts a system and waits until it answers 200. `settings` are sluice's, as variables."""
    name = system.name
    starter: Callable[..., Server] = start_peer if system.is_peer else OWN[name]
    server = starter(place, system, redis_socket, workers, **settings)
    try:
        server.process.await_ready(lambda: answers_post(server.address))
        if system.stores:
            time.sleep(0.05)
        return server
    except BaseException:
        server.stop()
        raise


def start_peer(place: Place, system: System, redis_socket: Path, workers: int) -> Server:
    address = free_address()
    process = Process(
        system.name, [str(place.peer(system.name)), address, str(redis_socket), str(workers)],
        place.work, clean_environment(SLUICE_PEERS_BUILD=str(place.peers)))
    return Server(system, process, address)


def first_match(process: Process, pattern: str) -> str:
    """What a program says of itself in its log, when it has said it."""
    try:
        process.await_ready(lambda: re.search(pattern, process.log_text()) is not None)
    except BaseException:
        process.stop()
        raise
    found = re.search(pattern, process.log_text())
    assert found is not None
    return found.group(1)


def start_floor(place: Place, system: System, _redis_socket: Path, _workers: int) -> Server:
    process = Process("floor", [str(place.build / "floor"), "0"], place.work)
    return Server(system, process, first_match(process, r"listening on ([0-9.:]+)"))


def start_sluice(place: Place, system: System, redis_socket: Path, workers: int,
                 **settings: str) -> Server:
    process = Process(
        "sluice", [str(place.build / "sluice"), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0",
                   "--redis", f"unix://{redis_socket}", "--workers", str(workers)],
        place.work, clean_environment(**settings))
    admin = first_match(process, r"admin on ([0-9.:]+)")
    return Server(system, process, first_match(process, r"listening on ([0-9.:]+),"), admin)


OWN: dict[str, Callable[..., Server]] = {"floor": start_floor, "sluice": start_sluice}
