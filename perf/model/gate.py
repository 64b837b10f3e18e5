"""A gate with its store, and a proxy before it where the setup wants one."""

import http.client
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from bench.processes import Process, free_address, run_program
from bench.systems import BY_NAME, Place, Server, clean_environment, first_match
from model.setup import Setup
from model.stores import Store

# What deploy/haproxy.cfg has of a machine's own, which a run without root has not.
OF_THE_MACHINE = ("chroot", "user", "group", "log ", "option httplog")


@dataclass
class Gate:
    setup: Setup
    server: Server
    store: Store
    proxy: Process | None
    url: str  # where devices post

    def stop(self) -> None:
        if self.proxy:
            self.proxy.stop()
        self.server.stop()

    def bytes_read(self) -> int:
        """By system calls of the gate: from its devices and from Redis."""
        text = Path(f"/proc/{self.server.process.pid}/io").read_text()
        return int(dict(line.split(": ") for line in text.splitlines())["rchar"])


def config_of(place: Place, setup: Setup) -> Path | None:
    """The shipped route of vitals, as perf/packed.toml spells it, and what the setup changes."""
    if setup.shape.packed and not setup.partitions:
        return place.root / "perf" / "packed.toml"
    if not setup.partitions:
        return None
    packed = (place.root / "perf" / "packed.toml").read_text()
    path = place.work / f"{setup.name}.toml"
    entry = 'entry = "packed"\n' if setup.shape.packed else ""
    path.write_text(packed.replace('entry = "packed"\n',
                                   f"{entry}partitions = {setup.partitions}\n"))
    return path


def make_certificate(place: Place) -> tuple[Path, Path]:
    certificate, key = place.work / "gate.crt", place.work / "gate.key"
    if not certificate.exists():
        run_program(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                     "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost", "-days", "2",
                     "-keyout", str(key), "-out", str(certificate)], 20)
        key.chmod(0o600)
    return certificate, key


def variables_of(place: Place, setup: Setup) -> dict[str, str]:
    variables = {}
    if config := config_of(place, setup):
        variables["SLUICE_CONFIG"] = str(config)
    if setup.batch_records_max:
        variables["SLUICE_DELIVERY_BATCH_RECORDS_MAX"] = str(setup.batch_records_max)
    if setup.replica:
        variables["SLUICE_DURABILITY_REPLICAS"] = "1"
    if setup.tls:
        certificate, key = make_certificate(place)
        variables |= {"SLUICE_TLS_CERTIFICATE": str(certificate), "SLUICE_TLS_KEY": str(key)}
    return variables


def is_ready(admin: str) -> bool:
    connection = http.client.HTTPConnection(admin, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def start_proxy(place: Place, gate: str, admin: str) -> tuple[Process, str]:
    """HAProxy with the shipped file, but for addresses, its other gates and root's lines."""
    address = free_address()
    lines = []
    for line in (place.root / "deploy" / "haproxy.cfg").read_text().splitlines():
        if line.strip().startswith(OF_THE_MACHINE) or re.match(r"\s+server gate[23] ", line):
            continue
        if line.startswith("frontend statistics"):
            break
        line = line.replace("bind *:8080", f"bind {address}")
        # Descriptors for what wrk opens are enough; not everybody may have as many as devices need.
        line = re.sub(r"^  maxconn \d+", "  maxconn 1024", line)
        lines.append(re.sub(r"server gate1 .*", f"server gate1 {gate} check addr "
                            f"{admin.split(':')[0]} port {admin.split(':')[1]}", line))
    path = place.work / f"haproxy.{address.split(':')[1]}.cfg"
    path.write_text("\n".join(lines) + "\n")
    program = shutil.which("haproxy") or "/usr/sbin/haproxy"
    process = Process("haproxy", [program, "-db", "-f", str(path)], place.work)

    def serves() -> bool:
        connection = http.client.HTTPConnection(address, timeout=2)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status == 404  # the gate's own
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    try:
        process.await_ready(serves)
    except BaseException:
        process.stop()
        raise
    return process, address


def start_gate(place: Place, setup: Setup, store: Store) -> Gate:
    process = Process(
        "sluice", [str(place.build / "sluice"), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0",
                   "--redis", store.url(setup.unix), "--workers", str(setup.workers)],
        place.work, clean_environment(**variables_of(place, setup)))
    proxy = None
    try:
        admin = first_match(process, r"admin on ([0-9.:]+)")
        address = first_match(process, r"listening on ([0-9.:]+),")
        process.await_ready(lambda: is_ready(admin))
        server = Server(BY_NAME["sluice"], process, address, admin)
        if setup.proxy:
            proxy, address = start_proxy(place, address, admin)
    except BaseException:
        process.stop()
        raise
    return Gate(setup, server, store, proxy, f"{'https' if setup.tls else 'http'}://{address}")
