"""What is asked of the systems, and which systems are asked."""

from dataclasses import dataclass

EVERYONE = ("floor", "nginx", "sluice", "go_request", "go_buffered", "node", "nginx_lua")
READERS = ("floor", "sluice", "go_request", "go_buffered", "node", "nginx_lua")  # of the bodies
WORKERS_TOO = ("floor", "nginx", "sluice", "go_request", "node")
FEW = ("floor", "sluice", "go_request")


@dataclass(frozen=True)
class Workload:
    name: str
    title: str
    script: str  # perf/wrk/SCRIPT.lua
    argument: int  # of the script
    systems: tuple[str, ...]
    connections: int = 64
    records: int = 1  # a request
    depth: int = 1  # requests of one write
    workers: int = 1
    config: str = ""  # sluice's, perf/CONFIG.toml; none: its defaults
    entry_records: int = 1  # that one entry of sluice's stream holds
    stream: str = "vitals"
    bad_percent: int = 0  # of the requests, right to be answered 400
    # Open loop at so much of the maximum; none where bulk cannot make the requests.
    open_percents: tuple[int, ...] = ()
    open_rounds: int = 1  # at each
    with_redis_benchmark: bool = False


WORKLOADS = (
    Workload("one_64", "one reading a request, 64 connections", "vitals", 1, EVERYONE,
             open_percents=(50,)),
    Workload("one_256", "one reading a request, 256 connections", "vitals", 1, EVERYONE,
             connections=256, open_percents=(25, 50, 75, 90), open_rounds=5),
    Workload("one_1024", "one reading a request, 1,024 connections", "vitals", 1, EVERYONE,
             connections=1024, open_percents=(50,)),
    Workload("ten", "10 readings a request, 64 connections", "vitals_batch", 10, READERS,
             records=10, open_percents=(50,)),
    Workload("hundred", "100 readings a request, 64 connections", "vitals_batch", 100, READERS,
             records=100, open_percents=(50,), with_redis_benchmark=True),
    Workload("packed", '`entry = "packed"`, 1,000 readings a request, 64 connections',
             "vitals_batch", 1000, ("sluice",), records=1000, config="packed", entry_records=1000,
             open_percents=(50,), with_redis_benchmark=True),
    Workload("packed_hundred", '`entry = "packed"`, 100 readings a request, 64 connections',
             "vitals_batch", 100, ("sluice",), records=100, config="packed", entry_records=100,
             open_percents=(50,), with_redis_benchmark=True),
    Workload("pipelined", "one reading a request, 16 requests sent at once, 64 connections",
             "vitals_pipelined", 16, ("floor", "nginx", "sluice"), depth=16),
    Workload("questionnaires", "questionnaires of 20 answers, 64 connections", "questionnaires",
             20, FEW, records=20, stream="questionnaires"),
    Workload("two_workers", "2 workers; one reading a request, 64 connections", "vitals", 1,
             WORKERS_TOO, workers=2, open_percents=(50,)),
    Workload("varied", "one reading a request, of heads and records that are no two alike, "
             "64 connections", "vitals_varied", 1, FEW),
    Workload("bad", "1% bad records; one reading a request, 64 connections", "vitals_bad", 1,
             FEW, bad_percent=1),
)
BY_NAME = {workload.name: workload for workload in WORKLOADS}
QUICK = ("one_64", "one_256", "hundred")
