"""How many gates and primaries a rate takes: the least for which no limit is passed.

A primary's thread is no plain limit. Batches grow while it is busy, so it looks full long before
it is: what is asked is that its records alone, without what each transaction costs, leave it
`core_share`, and that the simulated 99th percentile is within `p99_ms`. Gates and primaries may
be cut into cells, each a cluster with gates of its own: then a primary has fewer lanes."""

from dataclasses import dataclass
from math import ceil

from model import limits
from model.costs import Costs, ShapeCosts
from model.lanes import Node, Seen, full_wait_us, simulate
from model.limits import Machine, Wire

RATES = (1_000_000, 10_000_000, 100_000_000)
STEP = 1.5  # times as many primaries, where the percentile is too high
NEAR = 0.1  # of their number, that is near enough
PRIMARIES_MAX = 1_000_000  # where to give up: no number of them answers in time
CELLS_TRIED_MAX = 24
ROUNDS = 4  # until gates and batches agree


@dataclass(frozen=True)
class Delivery:
    """delivery.* as sluice has it."""

    window: int = 4
    batch_records_max: int = 1000
    linger_us: float = 0


@dataclass(frozen=True)
class Plan:
    shape: str
    rate: float
    spread: bool  # each record of a request is of another device, and so of any partition
    gates_a_cell: int  # 0: as many as there are
    linger_us: float
    cells: int
    gates: int  # hosts, all cells'
    primaries: int
    batch: float
    p99_us: float
    gate_us: float  # CPU, a record
    redis_us: float
    redis_busy: float
    wire: Wire
    memory_bytes_per_second: float
    hosts: dict[str, int]  # by limit: gate hosts, and Redis hosts without replicas

    @property
    def way(self) -> str:
        """How gates, primaries and devices are put together."""
        words = [f"cells of {self.gates_a_cell} gate host" if self.gates_a_cell else
                 "all gates to all primaries"]
        if self.linger_us:
            words.append(f"linger_us = {self.linger_us:g}")
        if self.spread:
            words.append("each reading of another device")
        return ", ".join(words)

    @property
    def redis_hosts(self) -> int:
        """Without replicas' own."""
        return max(self.hosts[name] for name in (limits.REDIS_CORES, limits.REDIS_NIC,
                                                 limits.REDIS_MEMORY))

    @property
    def next_limit(self) -> str:
        """What asks for the most hosts."""
        return max(self.hosts, key=lambda name: self.hosts[name])


@dataclass(frozen=True)
class Cell:
    """What a cell of so many gates and primaries does with its rate."""

    gates: int
    primaries: int
    redis_record_us: float
    seen: Seen


class Planner:
    def __init__(self, costs: Costs, machine: Machine, delivery: Delivery,
                 requests: int = 10_000) -> None:
        """`requests` are simulated at least: fewer are quicker and show less."""
        self.costs = costs
        self.machine = machine
        self.delivery = delivery
        self.requests = requests

    def plan(self, shape: str, rate: float, spread: bool = False, gates_a_cell: int = 0) -> Plan:
        # The least that can be: batches as large as they may be.
        least = self._gates(shape, rate, self.delivery.batch_records_max)
        cells = ceil(least / gates_a_cell) if gates_a_cell else 1
        for _ in range(CELLS_TRIED_MAX):
            cell = self._cell(shape, rate / cells, spread)
            if gates_a_cell and cell.gates > gates_a_cell:
                cells = ceil(cells * cell.gates / gates_a_cell)
            elif not gates_a_cell and cell.primaries > limits.PARTITIONS_MAX:
                cells = ceil(cells * cell.primaries / limits.PARTITIONS_MAX)
            else:
                break
        return self._whole(shape, rate, spread, gates_a_cell, cells, cell)

    def _gates(self, shape: str, rate: float, batch: float) -> int:
        busy = rate * self.costs.gate_us(shape, batch) / 1e6
        return max(1, ceil(busy / (self.machine.gate_cores * self.machine.core_share)))

    def _cell(self, shape: str, rate: float, spread: bool) -> Cell:
        cell = self._primaries(shape, rate, spread, self._gates(shape, rate, batch=4))
        for _ in range(ROUNDS):
            gates = self._gates(shape, rate, cell.seen.batch_records)
            if gates == cell.gates:
                break
            cell = self._primaries(shape, rate, spread, gates)
        return cell

    def _primaries(self, shape: str, rate: float, spread: bool, gates: int) -> Cell:
        """The fewest: from what the records alone would need upwards, then back by halves."""
        record_us = self.costs.shapes[shape].redis_record_us
        low = max(1, ceil(rate * record_us / 1e6 / self.machine.core_share))
        best = self._try(shape, rate, spread, gates, low)
        while not self._holds(best, rate) and best.primaries < PRIMARIES_MAX:
            low = best.primaries
            best = self._try(shape, rate, spread, gates, max(low + 1, ceil(low * STEP)))
        while best.primaries - low > max(1, low * NEAR):
            middle = self._try(shape, rate, spread, gates, (low + best.primaries) // 2)
            if self._holds(middle, rate):
                best = middle
            else:
                low = middle.primaries
        return best

    def _try(self, shape: str, rate: float, spread: bool, gates: int, primaries: int) -> Cell:
        node = self.node(shape, rate, spread, gates, primaries)
        wait_us = full_wait_us(node)
        # Known without a simulation, which would have to fill long queues to show it.
        seen = (Seen(node.records, wait_us, wait_us, 1) if wait_us > self.machine.p99_ms * 1000
                else simulate(node, max(self.requests, 20 * node.workers)))
        return Cell(gates, primaries, node.redis_record_us, seen)

    def _holds(self, cell: Cell, rate: float) -> bool:
        share = cell.redis_record_us * rate / cell.primaries / 1e6
        return cell.seen.p99_us <= self.machine.p99_ms * 1000 and share <= self.machine.core_share

    def node(self, shape: str, rate: float, spread: bool, gates: int, primaries: int) -> Node:
        """One primary of a cell, with a partition, and so a lane of each worker."""
        of = self.costs.shapes[shape]
        touched, records = touch(of, primaries, spread)
        redis_record_us = of.redis_record_us
        if of.entry_records > 1:  # a packed request is an entry in each partition that it touches
            redis_record_us += (touched - 1) / of.records * self._entry_us()
        return Node(
            workers=gates * self.machine.gate_cores, records=records,
            requests_per_second=rate / of.records * touched / primaries,
            request_us=self.costs.request_us / touched, record_us=of.gate_record_us,
            batch_us=self.costs.gate_batch_us, redis_record_us=redis_record_us,
            redis_batch_us=self.costs.redis_batch_us, round_trip_us=self.machine.round_trip_us,
            window=self.delivery.window, linger_us=self.delivery.linger_us,
            batch_records_max=self.delivery.batch_records_max)

    def _entry_us(self) -> float:
        """An entry of four fields: one of a packed part is not known alone, and is no dearer."""
        return self.costs.shapes["hundred"].redis_record_us

    def _whole(self, shape: str, rate: float, spread: bool, gates_a_cell: int, cells: int,
               cell: Cell) -> Plan:
        of, machine, batch = self.costs.shapes[shape], self.machine, cell.seen.batch_records
        wire = limits.wire_of(of.records, of.device_in_bytes, of.device_out_bytes,
                              of.store_in_bytes, of.store_out_bytes, batch, machine.replicas)
        memory = rate * of.memory_bytes
        hosts = {
            limits.GATE_CORES: cells * cell.gates,
            limits.GATE_NIC: limits.cards(rate * wire.gate, machine),
            limits.REDIS_CORES: ceil(cells * cell.primaries / machine.primaries_a_host),
            limits.REDIS_NIC: limits.cards(rate * wire.redis, machine),
            limits.REDIS_MEMORY: limits.hosts_of_memory(memory * machine.retention_s, machine)}
        return Plan(
            shape, rate, spread, gates_a_cell, self.delivery.linger_us, cells,
            max(hosts[limits.GATE_CORES], hosts[limits.GATE_NIC]), cells * cell.primaries, batch,
            cell.seen.p99_us, self.costs.gate_us(shape, batch),
            cell.redis_record_us + self.costs.redis_batch_us / batch, cell.seen.redis_busy, wire,
            memory, hosts)


def touch(of: ShapeCosts, primaries: int, spread: bool) -> tuple[float, float]:
    """How many primaries a request writes to, and how many records to each of them."""
    if not spread or of.records == 1:
        return 1.0, float(of.records)
    touched = primaries * (1 - (1 - 1 / primaries) ** of.records)
    return touched, of.records / touched
