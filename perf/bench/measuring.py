"""Rounds: within a round each system once, in an order that turns from round to round, so that what
the machine does meanwhile falls on all of them."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.load import Load, run_bulk, run_redis_benchmark, run_wrk
from bench.machine import CpuTicks
from bench.measured import REDIS_BENCHMARK, Measured, add_ratios, middle
from bench.processes import BenchError
from bench.redis import Redis
from bench.systems import BY_NAME, Place, Server, is_present, metric, start
from bench.workloads import Workload

SETTLE_SECONDS_MAX = 10.0
LOST_SECONDS = 1.5  # what is missing and has not come for so long will not come
BAD_TOLERANCE_PERCENT = 0.3


@dataclass(frozen=True)
class Settings:
    rounds: int
    seconds: float
    systems: tuple[str, ...]
    workloads: tuple[Workload, ...]
    latency: bool
    quick: bool
    every_system: bool = False  # for every workload, not only those that it names

    @property
    def warm_up_seconds(self) -> float:
        return min(self.seconds, 1)

    @property
    def open_seconds(self) -> float:
        return min(self.seconds, 3)


class Bench:
    """Runs workloads. Owns no process but the systems of the workload that it runs."""

    def __init__(self, place: Place, redis: Redis, settings: Settings,
                 progress: Callable[[str], None]) -> None:
        self.place = place
        self.redis = redis
        self.settings = settings
        self.progress = progress

    def run(self, workload: Workload) -> dict[str, Measured]:
        candidates = BY_NAME if self.settings.every_system else workload.systems
        names = [name for name in candidates if name in self.settings.systems
                 and is_present(self.place, BY_NAME[name])]
        results = {name: Measured() for name in names}
        servers: dict[str, Server] = {}
        try:
            for name in names:
                self._start(workload, name, servers, results[name])
            takers = list(servers)
            if workload.with_redis_benchmark and "sluice" in takers:
                takers.append(REDIS_BENCHMARK)
                results[REDIS_BENCHMARK] = Measured()
            for number in range(self.settings.rounds):
                for name in in_turn(takers, number):
                    self.progress(f"{workload.name}: round {number + 1} of "
                                  f"{self.settings.rounds}: {name}")
                    self._take_turn(workload, name, servers, results[name])
                add_ratios(results, number)
            if self.settings.latency:
                self._open_loop(workload, servers, results)
        finally:
            for server in servers.values():
                server.stop()
            self.redis.empty()
        return results

    def _start(self, workload: Workload, name: str, servers: dict[str, Server],
               measured: Measured) -> None:
        """Starts a system and warms it up; a peer that cannot be started does not end the run."""
        self.progress(f"{workload.name}: starting {name}")
        try:
            server = start(self.place, BY_NAME[name], self.redis.socket_path, workload.workers,
                           **settings_for(self.place, workload, name))
        except BenchError as error:
            if not BY_NAME[name].is_peer:
                raise
            measured.failures.append(f"did not start: {error}")
            return
        servers[name] = server
        self.redis.empty()
        load = run_wrk(self.place, workload, server.address, self.settings.warm_up_seconds)
        self._settle(server, workload, load.records)
        self.redis.empty()

    def _take_turn(self, workload: Workload, name: str, servers: dict[str, Server],
                   measured: Measured) -> None:
        if name == REDIS_BENCHMARK:
            measured.add(self._benchmark_redis())
            return
        server = servers[name]
        if not server.process.is_alive():
            measured.failures.append(f"ended: {server.process.log_tail()}")
            return
        try:
            measured.add(self._wrk(workload, server, measured))
        except BenchError as error:
            if not server.system.is_peer:
                raise
            measured.failures.append(str(error))
        measured.peak_rss_bytes = max(measured.peak_rss_bytes, server.process.peak_rss_bytes())

    def _benchmark_redis(self) -> dict[str, float]:
        before, machine_before = self.redis.process.cpu_seconds(), CpuTicks.now()
        load = run_redis_benchmark(self.redis.socket_path, self.settings.seconds)
        stolen = machine_before.stolen_share_until(CpuTicks.now())
        used = self.redis.process.cpu_seconds() - before
        self.redis.empty()
        return {"records_per_second": load.records / load.seconds,
                "redis_us_per_record": used / load.records * 1e6,
                "redis_cores": used / load.seconds, "generator_cores": load.cores,
                "machine_steal": stolen}

    def _wrk(self, workload: Workload, server: Server, measured: Measured) -> dict[str, float]:
        stored_before = stored_of(server)
        server_before = server.process.cpu_seconds()
        redis_before, machine_before = self.redis.process.cpu_seconds(), CpuTicks.now()
        load = run_wrk(self.place, workload, server.address, self.settings.seconds)
        stolen = machine_before.stolen_share_until(CpuTicks.now())
        self._account(server, workload, load, measured, stored_before)
        return {"machine_steal": stolen} | figures_of(
            workload, server, load, server.process.cpu_seconds() - server_before,
            self.redis.process.cpu_seconds() - redis_before)

    def _account(self, server: Server, workload: Workload, load: Load, measured: Measured,
                 stored_before: float) -> None:
        """Holds what was stored against what was acknowledged, and empties the stream."""
        if load.trouble:
            measured.failures.append(load.trouble)
        measured.answers += load.answers
        measured.refused += load.refused
        complaint = complaint_of_answers(workload, server, load)
        if complaint:
            measured.failures.append(complaint)
        if not server.system.stores:
            return
        stored = self._settle(server, workload, load.records)
        # wrk hangs up with requests under way: they may be stored and their answers not read.
        under_way = workload.connections * workload.depth * workload.records
        measured.acknowledged += load.records
        measured.stored += stored
        if not load.records <= stored <= load.records + under_way:
            measured.failures.append(f"stored {stored} of {load.records}")
        said = stored_of(server) - stored_before
        if server.admin and said != stored:
            measured.failures.append(f"the stream has {stored} records, sluice's metrics say "
                                     f"{said:.0f}")
        if server.admin and workload.entry_records > 1:
            held = self.redis.lines_of_last_entry(workload.stream)
            if held != workload.entry_records:
                measured.failures.append(f"an entry holds {held} records, and not "
                                         f"{workload.entry_records}")
        self.redis.empty()

    def _stored(self, server: Server, workload: Workload) -> int:
        """Records in the stream. Only sluice packs them."""
        entries = self.redis.length(workload.stream)
        return entries * workload.entry_records if server.admin else entries

    def _settle(self, server: Server, workload: Workload, acknowledged: int) -> int:
        """The stream's records when what was under way has come, or has not for long."""
        if not server.system.stores:
            return 0
        begun = changed = time.monotonic()
        stored = self._stored(server, workload)
        while True:
            time.sleep(0.02)
            now = time.monotonic()
            stored, before = self._stored(server, workload), stored
            if stored != before:
                changed = now
            complete = stored >= acknowledged
            quiet = server.system.settle_seconds if complete else LOST_SECONDS
            is_over = now - changed >= quiet and not in_flight(server)
            if is_over or now - begun >= SETTLE_SECONDS_MAX:
                return self._stored(server, workload)

    def _open_loop(self, workload: Workload, servers: dict[str, Server],
                   results: dict[str, Measured]) -> None:
        percents = workload.open_percents
        if self.settings.quick:
            percents = tuple(percent for percent in percents if percent == 50)
        for percent in percents:
            runs: dict[str, list[dict[str, float]]] = {name: [] for name in servers}
            for number in range(1 if self.settings.quick else workload.open_rounds):
                for name in in_turn(list(servers), number):
                    maximum = results[name].median("requests_per_second")
                    if not maximum or not servers[name].process.is_alive():
                        continue
                    self.progress(f"{workload.name}: open loop at {percent}%: {name}")
                    runs[name] += self._offer(workload, servers[name], results[name], percent,
                                              maximum * percent / 100)
            for name, each in runs.items():
                if each:
                    results[name].open_loop.append(middle(each))

    def _offer(self, workload: Workload, server: Server, measured: Measured, percent: int,
               rate: float) -> list[dict[str, float]]:
        """What was seen; nothing where the generator failed."""
        stored_before = stored_of(server)
        try:
            load = run_bulk(self.place, workload, server.address, self.settings.open_seconds, rate)
        except BenchError as error:
            measured.failures.append(f"open loop at {percent}%: {error}")
            return []
        self._account(server, workload, load, measured, stored_before)
        return [{"percent": percent, "offered_per_second": rate,
                 "answered_per_second": load.answers / load.seconds, "in_line": load.in_line}
                | {f"{name}_us": value for name, value in load.latency_us.items()}]


def in_turn(names: list[str], number: int) -> list[str]:
    """Who is first turns from round to round."""
    turn = number % len(names) if names else 0
    return names[turn:] + names[:turn]


def settings_for(place: Place, workload: Workload, name: str) -> dict[str, str]:
    if not workload.config or name != "sluice":
        return {}
    return {"SLUICE_CONFIG": str(place.root / "perf" / f"{workload.config}.toml")}


def complaint_of_answers(workload: Workload, server: Server, load: Load) -> str:
    """A peer that refuses what it cannot hold is honest: its table says so, it has not failed."""
    if load.answers == 0:
        return "answered nothing"
    share = load.refused / load.answers * 100
    if workload.bad_percent > 0 and server.system.stores:
        right = abs(share - workload.bad_percent) <= BAD_TOLERANCE_PERCENT
    else:
        right = load.refused == 0 or (server.system.is_peer and server.system.stores)
    return "" if right else f"{share:.2f}% of the answers were not 2xx"


def stored_of(server: Server) -> float:
    if not server.admin:
        return 0
    return metric(server.admin, "sluice_records_total", 'outcome="stored"')


def in_flight(server: Server) -> bool:
    return bool(server.admin) and metric(server.admin, "sluice_inflight_bytes", "") > 0


def figures_of(workload: Workload, server: Server, load: Load, server_seconds: float,
               redis_seconds: float) -> dict[str, float]:
    """Cost and rate are of the answers that were right: a server is not cheap for refusing."""
    right = load.answers if workload.bad_percent > 0 else load.answers - load.refused
    figures = {"requests_per_second": right / load.seconds,
               "server_cores": server_seconds / load.seconds, "wrk_cores": load.cores}
    if right > 0:
        figures["server_us_per_request"] = server_seconds / right * 1e6
    if server.system.stores and right > 0 and load.records > 0:
        figures |= {"records_per_second": load.records / load.seconds,
                    "server_us_per_record": server_seconds / load.records * 1e6,
                    "redis_us_per_request": redis_seconds / right * 1e6,
                    "redis_us_per_record": redis_seconds / load.records * 1e6,
                    "redis_cores": redis_seconds / load.seconds}
    return figures | {f"closed_loop_{name}_us": value for name, value in load.latency_us.items()}
