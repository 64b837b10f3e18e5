"""A small simulation of one node of Redis and the lanes that write to it: how large batches become,
and how long a request waits, by load.

A worker takes what has arrived, spends its time on it, and at the end of the turn each lane sends
its open batch if fewer than `window` are under way (or keeps it open for `linger_us`). Redis serves
batches in their order, one at a time. Arrivals are Poisson and the seed is fixed. Of a worker only
the requests that touch this node are seen, so its turns are shorter, and batches no larger, than
they would be with its other lanes' work."""

import heapq
import random
from collections import deque
from dataclasses import dataclass, field
from math import ceil, inf, isinf

ARRIVE, TURN_END, LINGER_END, AT_REDIS, REPLY = range(5)
FILLED_TIMES = 5  # what full queues hold
Request = tuple[float, int]  # when it arrived, and its records


@dataclass(frozen=True)
class Node:
    """What one node of Redis has before it."""

    workers: int  # a lane each
    requests_per_second: float  # of all of them, that touch the node
    records: float = 1  # of such a request, for this node; a mean
    request_us: float = 0  # of a worker
    record_us: float = 0
    batch_us: float = 0
    redis_record_us: float = 1
    redis_batch_us: float = 1
    round_trip_us: float = 100  # without Redis's own time
    window: int = 4
    batch_records_max: int = 1000
    linger_us: float = 0


@dataclass(frozen=True)
class Seen:
    batch_records: float  # a transaction, in the mean
    p50_us: float
    p99_us: float  # from arrival to Redis's reply
    redis_busy: float  # share of its time


@dataclass
class Lane:
    waiting: list[Request] = field(default_factory=list)  # not yet read by the worker
    turn: list[Request] = field(default_factory=list)  # that it works at
    open: deque[Request] = field(default_factory=deque)  # in the batch to come
    open_since: float = 0
    open_records: int = 0
    under_way: int = 0
    busy: bool = False
    debt_us: float = 0  # of sending batches, paid in the next turn


class Simulation:
    def __init__(self, node: Node, seed: int) -> None:
        self.node = node
        self.random = random.Random(seed)
        self.lanes = [Lane() for _ in range(node.workers)]
        self.events: list[tuple[float, int, int, int, list[Request]]] = []
        self.order = 0
        self.redis_free = self.redis_used = 0.0
        self.batches = self.batched = 0
        self.latencies: list[float] = []
        self.counted_from = 0.0

    def run(self, requests: int) -> Seen:
        """The first fifth fills the queues and is not counted."""
        gap_us = 1e6 / self.node.requests_per_second
        self.counted_from = requests / 5 * gap_us
        left, last = requests, 0.0
        self._at(self.random.expovariate(1 / gap_us), ARRIVE, 0)
        while self.events:
            now, _, kind, number, batch = heapq.heappop(self.events)
            if kind == ARRIVE:
                left, last = left - 1, now
                self._arrive(self.random.randrange(self.node.workers), now)
                if left > 0:
                    self._at(now + self.random.expovariate(1 / gap_us), ARRIVE, 0)
            elif kind == TURN_END:
                self._end_turn(number, now)
            elif kind == LINGER_END:
                self._send(number, now)
            elif kind == AT_REDIS:
                self._serve(number, now, batch)
            else:
                self._settle(number, now, batch)
        self.latencies.sort()
        return Seen(self.batched / max(1, self.batches), self._percentile(0.5),
                    self._percentile(0.99), self.redis_used / max(last - self.counted_from, 1))

    def _at(self, when: float, kind: int, lane: int, batch: list[Request] | None = None) -> None:
        self.order += 1
        heapq.heappush(self.events, (when, self.order, kind, lane, batch or []))

    def _percentile(self, share: float) -> float:
        return self.latencies[int(share * (len(self.latencies) - 1))] if self.latencies else 0.0

    def _arrive(self, number: int, now: float) -> None:
        whole = int(self.node.records)
        records = whole + (self.random.random() < self.node.records - whole)
        self.lanes[number].waiting.append((now, max(1, records)))
        self._begin_turn(number, now)

    def _begin_turn(self, number: int, now: float) -> None:
        lane, node = self.lanes[number], self.node
        if lane.busy or not lane.waiting:
            return
        lane.turn, lane.waiting, lane.busy = lane.waiting, [], True
        work = lane.debt_us + sum(node.request_us + node.record_us * n for _, n in lane.turn)
        lane.debt_us = 0
        self._at(now + work, TURN_END, number)

    def _end_turn(self, number: int, now: float) -> None:
        lane = self.lanes[number]
        if not lane.open and lane.turn:
            lane.open_since = now
            if self.node.linger_us:
                self._at(now + self.node.linger_us, LINGER_END, number)
        lane.open.extend(lane.turn)
        lane.open_records += sum(n for _, n in lane.turn)
        lane.turn, lane.busy = [], False
        self._send(number, now)
        self._begin_turn(number, now)

    def _send(self, number: int, now: float) -> None:
        lane, node = self.lanes[number], self.node
        while lane.open and lane.under_way < node.window:
            full = lane.open_records >= node.batch_records_max
            if not full and now + 1e-6 < lane.open_since + node.linger_us:
                return
            batch, records = [], 0
            while lane.open and (not batch or records + lane.open[0][1] <= node.batch_records_max):
                records += lane.open[0][1]
                batch.append(lane.open.popleft())
            lane.open_records -= records
            lane.under_way += 1
            lane.debt_us += node.batch_us
            self._at(now + node.round_trip_us / 2, AT_REDIS, number, batch)

    def _serve(self, number: int, now: float, batch: list[Request]) -> None:
        records = sum(n for _, n in batch)
        work = self.node.redis_batch_us + self.node.redis_record_us * records
        self.redis_free = max(now, self.redis_free) + work
        if now >= self.counted_from:
            self.redis_used += work
            self.batches += 1
            self.batched += records
        self._at(self.redis_free + self.node.round_trip_us / 2, REPLY, number, batch)

    def _settle(self, number: int, now: float, batch: list[Request]) -> None:
        self.lanes[number].under_way -= 1
        if now >= self.counted_from:
            self.latencies += [now - arrived for arrived, _ in batch]
        if not self.lanes[number].busy:  # otherwise the end of its turn sends
            self._send(number, now)


def full_wait_us(node: Node) -> float:
    """Where Redis does not keep up with requests one by one, batches grow until it does, and a
    request waits for what all lanes have under way. 0 where it keeps up; infinite where it never
    does."""
    gap_us = 1e6 / (node.requests_per_second * node.records)  # a record
    if node.redis_record_us + node.redis_batch_us / node.records <= gap_us:
        return 0.0
    spare_us = gap_us - node.redis_record_us
    if spare_us * node.batch_records_max <= node.redis_batch_us:
        return inf
    batch = node.redis_batch_us / spare_us
    return (node.workers * node.window
            * (node.redis_batch_us + node.redis_record_us * batch))


def simulate(node: Node, requests: int = 20_000, seed: int = 1) -> Seen:
    """At least so many requests, and as many as it takes for full queues to have filled."""
    held = full_wait_us(node) * node.requests_per_second / 1e6
    filled = 0 if isinf(held) else ceil(FILLED_TIMES * held)
    return Simulation(node, seed).run(max(requests, filled))
