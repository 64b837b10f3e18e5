"""Turns of all setups, in rounds: what each process of a setup used for a record, what went over
its connections and what Redis keeps. Then, at fixed rates, how large batches are."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.load import Load, run_bulk, run_wrk
from bench.machine import CpuTicks
from bench.measured import Measured
from bench.measuring import in_turn
from bench.processes import BenchError
from bench.systems import Place, metric
from model.gate import Gate, start_gate
from model.setup import Setup, Shape
from model.stores import Store, start_cluster, start_one

SETTLE_SECONDS_MAX = 10.0
RATES = (0.1, 0.3, 0.6)  # of what the first setup reached, offered to see batches grow


@dataclass(frozen=True)
class Counters:
    """Of a gate and its store, since they started."""

    gate: float  # CPU seconds
    redis: float
    replica: float
    proxy: float
    store_in: int  # bytes that Redis has read
    store_out: int
    read: int  # bytes, by the gate
    batches: float
    batch_records: float
    commit_seconds: float
    stored: float

    @staticmethod
    def of(gate: Gate) -> "Counters":
        admin = gate.server.admin
        store_in, store_out = gate.store.network_bytes()
        return Counters(
            gate.server.process.cpu_seconds(), gate.store.cpu_seconds(),
            gate.store.replica_seconds(), gate.proxy.cpu_seconds() if gate.proxy else 0,
            store_in, store_out, gate.bytes_read(),
            metric(admin, "sluice_batch_records_count", 'lane="bulk"'),
            metric(admin, "sluice_batch_records_sum", 'lane="bulk"'),
            metric(admin, "sluice_commit_seconds_sum", 'lane="bulk"'),
            metric(admin, "sluice_records_total", 'outcome="stored"'))

    def until(self, later: "Counters") -> "Counters":
        return Counters(*(getattr(later, name) - getattr(self, name)
                          for name in self.__dataclass_fields__))


def figures_of(setup: Setup, load: Load, used: Counters, memory: int,
               entries: int) -> dict[str, float]:
    records = used.stored
    us = {name: getattr(used, name) / records * 1e6
          for name in ("gate", "redis", "replica", "proxy")}
    figures = {f"{name}_us_per_record": value for name, value in us.items()}
    requests = records / setup.shape.records
    return figures | {
        "generator_us_per_record": load.cores * load.seconds / records * 1e6,
        "records_per_second": load.records / load.seconds,
        "gate_us_per_request": used.gate / requests * 1e6,
        "batch_records": used.batch_records / used.batches,
        "commit_us": used.commit_seconds / used.batches * 1e6,
        "redis_cores": used.redis / load.seconds, "gate_cores": used.gate / load.seconds,
        "generator_cores": load.cores,
        # What the gate read and did not get from Redis it got from devices; of TLS in its frames.
        "device_in_bytes": (used.read - used.store_out) / requests,
        "device_out_bytes": load.answer_bytes / load.answers,
        "store_in_bytes": used.store_in / records, "store_out_bytes": used.store_out / records,
        "memory_bytes": memory / records, "entries": entries / records}


class Measurement:
    """Owns all gates and stores of a run from start() to stop()."""

    def __init__(self, place: Place, seconds: float, progress: Callable[[str], None]) -> None:
        self.place = place
        self.seconds = seconds
        self.progress = progress
        self.gates: dict[str, Gate] = {}
        self.stores: dict[tuple[int, bool], Store] = {}
        self.results: dict[str, Measured] = {}

    def start(self, setups: tuple[Setup, ...]) -> None:
        for setup in setups:
            self.progress(f"starting {setup.name}")
            self.gates[setup.name] = start_gate(self.place, setup, self._store_for(setup))
            self.results[setup.name] = Measured()
            self._turn(setup.name, min(self.seconds, 1))  # to warm up: not counted

    def _store_for(self, setup: Setup) -> Store:
        kind = (setup.cluster, setup.replica)
        if kind not in self.stores:
            directory = self.place.work / f"store{len(self.stores)}"
            self.stores[kind] = (
                start_cluster(directory, setup.cluster, setup.partitions) if setup.cluster
                else start_one(directory, setup.replica))
        return self.stores[kind]

    def stop(self) -> None:
        for gate in self.gates.values():
            gate.stop()
        for store in self.stores.values():
            store.stop()

    def run(self, rounds: int) -> None:
        for number in range(rounds):
            for name in in_turn(list(self.gates), number):
                self.progress(f"round {number + 1} of {rounds}: {name}")
                self.results[name].add(self._turn(name, self.seconds))

    def _turn(self, name: str, seconds: float) -> dict[str, float]:
        gate, measured = self.gates[name], self.results[name]
        if not gate.server.process.is_alive():
            raise BenchError(f"sluice ({name}) ended: {gate.server.process.log_tail()}")
        before, machine = Counters.of(gate), CpuTicks.now()
        load = run_wrk(self.place, gate.setup.workload, gate.url, seconds)
        stolen = machine.stolen_share_until(CpuTicks.now())
        used = self._settled(gate, before)
        if load.trouble or load.refused or not load.records:
            measured.failures.append(load.trouble or f"{load.refused} of {load.answers} answers "
                                     "were not 2xx")
        return {"machine_steal": stolen} | self._account(gate, measured, load, used)

    def _settled(self, gate: Gate, before: Counters) -> Counters:
        deadline = time.monotonic() + SETTLE_SECONDS_MAX
        while metric(gate.server.admin, "sluice_inflight_bytes", "") > 0:
            if time.monotonic() > deadline:
                raise BenchError(f"sluice ({gate.setup.name}) has not settled what it took")
            time.sleep(0.02)
        return before.until(Counters.of(gate))

    def _account(self, gate: Gate, measured: Measured, load: Load,
                 used: Counters) -> dict[str, float]:
        """Holds the streams against sluice's metrics and the answers, and empties them."""
        setup, store = gate.setup, gate.store
        entries = store.entries(setup.workload.stream, setup.partitions)
        stored = entries * (setup.shape.records if setup.shape.packed else 1)
        if stored != used.stored or stored < load.records:
            measured.failures.append(f"the streams have {stored} records, sluice says "
                                     f"{used.stored:.0f}, {load.records} were acknowledged")
        measured.acknowledged += load.records
        measured.stored += stored
        memory = store.memory(setup.workload.stream, setup.partitions)
        store.empty()
        if not used.stored:
            raise BenchError(f"sluice ({setup.name}) has stored nothing")
        return figures_of(setup, load, used, memory, entries)

    def batches(self, shape: Shape, seconds: float, rounds: int) -> list[dict[str, float]]:
        """Of a shape's first setup at fixed rates (open loop): how large, and how long answered."""
        gate, measured = self.gates[shape.name], self.results[shape.name]
        reached = measured.median("records_per_second") or 0
        seen = []
        for number in range(rounds):
            for share in RATES:
                self.progress(f"{shape.name}: batches at {share:.0%}, round {number + 1}")
                rate = reached * share / shape.records
                before = Counters.of(gate)
                load = run_bulk(self.place, gate.setup.workload, gate.server.address, seconds, rate)
                used = self._settled(gate, before)
                self._account(gate, measured, load, used)
                seen.append({"share": share, "requests_per_second": load.answers / load.seconds,
                             "batch_records": used.batch_records / used.batches,
                             "commit_us": used.commit_seconds / used.batches * 1e6,
                             "p99_us": load.latency_us["p99"]})
        return seen
