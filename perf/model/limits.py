"""What a machine has, and how many machines a rate needs for each of the things that can end."""

from dataclasses import dataclass
from math import ceil

SEGMENT_BYTES = 1448  # payload of a packet on Ethernet, with TCP's timestamps
FRAME_BYTES = 90  # around it: TCP and IP 52, Ethernet 14 and 4, preamble and gap 20
PARTITIONS_MAX = 256  # of a route

GATE_CORES, GATE_NIC = "gate cores", "gate NIC"
REDIS_CORES, REDIS_NIC, REDIS_MEMORY = "Redis threads", "Redis NIC", "Redis memory"
REMEDIES = {
    GATE_CORES: "more records a request; more gates, which share nothing",
    GATE_NIC: "faster cards; gzip between device and gate",
    REDIS_CORES: 'more primaries; `entry = "packed"`; fewer lanes a primary (cells, linger_us)',
    REDIS_NIC: 'faster cards; fewer primaries a host; replicas on a network of their own',
    REDIS_MEMORY: "trim sooner (`maxlen`, sluice-archive's retention_s); more memory a host",
}


@dataclass(frozen=True)
class Machine:
    """Hosts as assumed, and how much of each part is to be used."""

    gate_cores: int = 16  # a worker each
    nic_gbit: float = 25  # each way, of either host
    redis_memory_gib: float = 64
    primaries_a_host: int = 8  # a core each, and cores to spare for the kernel
    replicas: int = 1  # of each primary, on hosts of their own
    retention_s: float = 3600
    round_trip_us: float = 200  # between gate and Redis
    p99_ms: float = 20  # from read to stored, at most
    core_share: float = 0.7
    nic_share: float = 0.7
    memory_share: float = 0.75


def on_the_wire(payload: float) -> float:
    """Bytes of a message with its frames."""
    return payload + ceil(payload / SEGMENT_BYTES) * FRAME_BYTES if payload > 0 else 0.0


@dataclass(frozen=True)
class Wire:
    """Bytes a record, with frames, as each host's card has them."""

    gate_in: float
    gate_out: float
    redis_in: float
    redis_out: float

    @property
    def gate(self) -> float:
        """Cards are full duplex: the busier way ends first."""
        return max(self.gate_in, self.gate_out)

    @property
    def redis(self) -> float:
        return max(self.redis_in, self.redis_out)


def wire_of(records: int, device_in: float, device_out: float, store_in: float,
            store_out: float, batch: float, replicas: int) -> Wire:
    """`device_*` are of a request of so many records, `store_*` of a record."""
    to_redis, from_redis = (on_the_wire(each * batch) / batch for each in (store_in, store_out))
    return Wire(on_the_wire(device_in) / records + from_redis,
                on_the_wire(device_out) / records + to_redis,
                to_redis, from_redis + replicas * on_the_wire(store_in * batch) / batch)


def cards(bytes_per_second: float, machine: Machine) -> int:
    return ceil(bytes_per_second * 8 / (machine.nic_gbit * 1e9 * machine.nic_share))


def hosts_of_memory(memory_bytes: float, machine: Machine) -> int:
    return ceil(memory_bytes / (machine.redis_memory_gib * 2**30 * machine.memory_share))
