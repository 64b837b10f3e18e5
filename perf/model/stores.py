"""The nodes of Redis that a setup writes to: one, one with a replica, or a cluster whose slots are
cut so that the partitions are spread evenly."""

import time
from pathlib import Path

from bench.processes import READY_SECONDS, BenchError, free_address
from bench.redis import Redis

SLOTS = 16384


def crc16(data: bytes) -> int:
    """XMODEM's, which Redis's slots are made with."""
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def slot_of(tag: str) -> int:
    return crc16(tag.encode()) % SLOTS


def ranges(partitions: int, nodes: int) -> list[tuple[int, int]]:
    """First and last slot of each node. Each has as many partitions as the others, or one less."""
    slots = sorted(slot_of(str(partition)) for partition in range(partitions))
    ends = [slots[partitions * (node + 1) // nodes - 1] for node in range(nodes - 1)] + [SLOTS - 1]
    return list(zip([0, *(end + 1 for end in ends[:-1])], ends))


class Store:
    """One or several nodes, their own each, that are stopped together."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.nodes: list[Redis] = []  # that serve
        self.replicas: list[Redis] = []
        self.addresses: list[str] = []
        self.ranges: list[tuple[int, int]] = []  # of slots; none: it is no cluster

    @property
    def everyone(self) -> list[Redis]:
        return self.nodes + self.replicas

    def url(self, unix: bool) -> str:
        if unix:
            return f"unix://{self.nodes[0].socket_path}"
        scheme = "redis+cluster" if self.ranges else "redis"
        return f"{scheme}://{','.join(self.addresses)}"

    def start_node(self, *options: str) -> tuple[Redis, str]:
        address = free_address()
        host, port = address.split(":")
        directory = self.directory / f"node{len(self.everyone)}"
        directory.mkdir(parents=True)
        return Redis(directory, "--bind", host, "--port", port, *options), address

    def node_of(self, partition: int) -> Redis:
        slot = slot_of(str(partition))
        for node, (first, last) in zip(self.nodes, self.ranges):
            if first <= slot <= last:
                return node
        return self.nodes[0]

    def entries(self, stream: str, partitions: int) -> int:
        if not partitions:
            return self.nodes[0].length(stream)
        return sum(self.node_of(i).length(f"{stream}:{{{i}}}") for i in range(partitions))

    def memory(self, stream: str, partitions: int) -> int:
        """Bytes of the entries and what holds them (MEMORY USAGE, all of it looked at)."""
        names = [(self.node_of(i), f"{stream}:{{{i}}}") for i in range(partitions)] or [
            (self.nodes[0], stream)]
        return sum(int(node.command("MEMORY", "USAGE", name, "SAMPLES", "0") or 0)
                   for node, name in names if node.length(name))

    def cpu_seconds(self) -> float:
        return sum(node.process.cpu_seconds() for node in self.nodes)

    def replica_seconds(self) -> float:
        return sum(node.process.cpu_seconds() for node in self.replicas)

    def network_bytes(self) -> tuple[int, int]:
        """What clients have sent to it, and have got from it."""
        came = left = 0
        for node in self.nodes:
            stats = info(node, "stats")
            came += int(stats["total_net_input_bytes"])
            left += int(stats["total_net_output_bytes"])
        return came, left

    def empty(self) -> None:
        for node in self.nodes:
            node.empty()

    def stop(self) -> None:
        for node in self.everyone:
            node.stop()


def info(node: Redis, section: str, *command: str) -> dict[str, str]:
    text = node.command(*(command or ("INFO", section)))
    return dict(line.split(":", 1) for line in text.splitlines() if ":" in line)


def await_all(store: Store, what: str, section: str, field: str, value: str,
              *command: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while any(info(node, section, *command).get(field) != value for node in store.nodes):
        if time.monotonic() > deadline:
            raise BenchError(f"{what} was not ready within {READY_SECONDS:.0f} s")
        time.sleep(0.05)


def start_one(directory: Path, replica: bool) -> Store:
    store = Store(directory)
    try:
        node, address = store.start_node("--repl-diskless-sync-delay", "0")
        store.nodes.append(node)
        store.addresses.append(address)
        if replica:
            host, port = address.split(":")
            store.replicas.append(store.start_node("--replicaof", f"{host} {port}")[0])
            await_all(store, "the replica", "replication", "connected_slaves", "1")
    except BaseException:
        store.stop()
        raise
    return store


def start_cluster(directory: Path, nodes: int, partitions: int) -> Store:
    store = Store(directory)
    try:
        store.ranges = ranges(partitions, nodes)
        for number, (first, last) in enumerate(store.ranges):
            bus = free_address().split(":")[1]
            node, address = store.start_node("--cluster-enabled", "yes", "--cluster-port", bus)
            store.nodes.append(node)
            store.addresses.append(address)
            node.command("CLUSTER", "SET-CONFIG-EPOCH", str(number + 1))
            node.command("CLUSTER", "ADDSLOTSRANGE", str(first), str(last))
            if number == 0:
                first_bus = bus
            else:
                node.command("CLUSTER", "MEET", *store.addresses[0].split(":"), first_bus)
        command = ("CLUSTER", "INFO")
        await_all(store, "the cluster", "", "cluster_known_nodes", str(nodes), *command)
        await_all(store, "the cluster", "", "cluster_state", "ok", *command)
        await_all(store, "the cluster", "", "cluster_slots_ok", str(SLOTS), *command)
    except BaseException:
        store.stop()
        raise
    return store
