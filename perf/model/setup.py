"""What is measured: a shape of requests, and what stands between a device and its record."""

from dataclasses import dataclass, replace

from bench import workloads
from bench.workloads import Workload

# Divides evenly over 1, 2 and 3 nodes, so that no node is full before the others.
PARTITIONS = 6


@dataclass(frozen=True)
class Shape:
    name: str
    title: str
    workload: Workload
    packed: bool = False

    @property
    def records(self) -> int:
        return self.workload.records


SHAPES = (
    Shape("one", "one reading a request", workloads.BY_NAME["one_64"]),
    Shape("hundred", "100 readings a request", workloads.BY_NAME["hundred"]),
    Shape("packed", '100 readings a request, `entry = "packed"`',
          workloads.BY_NAME["packed_hundred"], packed=True),
)
SHAPE_BY_NAME = {shape.name: shape for shape in SHAPES}


@dataclass(frozen=True)
class Setup:
    """One gate and its Redis, on TCP over loopback unless it says otherwise."""

    name: str
    shape: Shape
    title: str = ""
    workers: int = 1
    partitions: int = 0
    cluster: int = 0  # nodes; 0: one Redis that is no cluster
    unix: bool = False
    tls: bool = False
    proxy: bool = False
    replica: bool = False  # one, waited for
    batch_records_max: int = 0  # 0: the default

    @property
    def workload(self) -> Workload:
        return replace(self.shape.workload, workers=self.workers)


def of_both(name: str, title: str, **changes: object) -> list[Setup]:
    return [Setup(f"{shape.name}_{name}", shape, title, **changes)  # type: ignore[arg-type]
            for shape in SHAPES[:2]]


BASE = tuple(Setup(shape.name, shape, "as it comes") for shape in SHAPES)
SINGLE = Setup("one_single", SHAPES[0], "a transaction for each record", batch_records_max=1)
# What each is the price of, to the setup of its shape in BASE; a cluster's to that of one node.
HOPS = {
    "unix": "Redis on a unix socket instead of TCP",
    "tls": "TLS on the data port",
    "proxy": "HAProxy before the gate (deploy/haproxy.cfg)",
    "partitions": f"{PARTITIONS} partitions on one Redis",
    "cluster1": f"{PARTITIONS} partitions on a cluster of one node",
    "cluster2": f"{PARTITIONS} partitions on a cluster of two nodes",
    "cluster3": f"{PARTITIONS} partitions on a cluster of three nodes",
    "replica": "`durability.replicas = 1`",
    "workers2": "two workers instead of one",
}
SETUPS = (
    *BASE, SINGLE,
    *of_both("unix", HOPS["unix"], unix=True),
    *of_both("tls", HOPS["tls"], tls=True),
    *of_both("proxy", HOPS["proxy"], proxy=True),
    *of_both("partitions", HOPS["partitions"], partitions=PARTITIONS),
    *of_both("cluster1", HOPS["cluster1"], partitions=PARTITIONS, cluster=1),
    *of_both("cluster2", HOPS["cluster2"], partitions=PARTITIONS, cluster=2),
    *of_both("cluster3", HOPS["cluster3"], partitions=PARTITIONS, cluster=3),
    *of_both("replica", HOPS["replica"], replica=True),
    *of_both("workers2", HOPS["workers2"], workers=2),
    Setup("packed_workers2", SHAPES[2], HOPS["workers2"], workers=2),
)
BY_NAME = {setup.name: setup for setup in SETUPS}
QUICK = ("one", "hundred", "packed", "one_single", "hundred_cluster2")


def needed_for(names: tuple[str, ...]) -> tuple[Setup, ...]:
    """The costs cannot be told apart without BASE and SINGLE."""
    wanted = {*names, SINGLE.name, *(setup.name for setup in BASE)}
    return tuple(setup for setup in SETUPS if setup.name in wanted)
