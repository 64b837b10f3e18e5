"""Run by `make test`: (cd perf && /usr/bin/python3 -m unittest model.plan_test)."""

import unittest
from dataclasses import replace

from model import limits
from model.costs import Costs, ShapeCosts
from model.limits import Machine, on_the_wire, wire_of
from model.plan import Delivery, Planner, touch

ONE = ShapeCosts(1, 0.5, 2.0, 10, 200, 150, 160, 30, 46, 1)
HUNDRED = replace(ONE, records=100, device_in_bytes=9_000)
PACKED = replace(HUNDRED, redis_record_us=0.2, store_in_bytes=90, memory_bytes=105,
                 entry_records=100)
COSTS = Costs(10, 8, 6, {"one": ONE, "hundred": HUNDRED, "packed": PACKED})
MACHINE = Machine()


def planner(machine: Machine = MACHINE, costs: Costs = COSTS) -> Planner:
    return Planner(costs, machine, Delivery(), requests=2_000)


class APlan(unittest.TestCase):
    def test_has_gates_for_the_rate(self) -> None:
        plan = planner().plan("hundred", 10_000_000)
        # 0.1 + 0.5 + 8 / b us a record, 70% of 16 cores.
        self.assertEqual(plan.gates, 1)
        self.assertAlmostEqual(plan.gate_us, 0.6 + 8 / plan.batch)
        self.assertGreaterEqual(plan.batch, 100)

    def test_has_primaries_for_the_records(self) -> None:
        plan = planner().plan("hundred", 10_000_000)
        self.assertGreaterEqual(plan.primaries, 29)  # 20 cores, 70% of each
        self.assertLess(plan.primaries, 40)
        self.assertLessEqual(plan.p99_us, MACHINE.p99_ms * 1000)

    def test_keeps_what_its_memory_holds(self) -> None:
        plan = planner(replace(MACHINE, retention_s=7200)).plan("hundred", 1_000_000)
        self.assertEqual(plan.memory_bytes_per_second, 46_000_000)
        # 331 GB of 51.5 a host.
        self.assertEqual(plan.hosts[limits.REDIS_MEMORY], 7)
        self.assertEqual(plan.next_limit, limits.REDIS_MEMORY)
        self.assertEqual(plan.redis_hosts, 7)

    def test_names_the_card_where_it_ends_first(self) -> None:
        plan = planner(replace(MACHINE, nic_gbit=0.1, retention_s=1)).plan("hundred", 1_000_000)
        self.assertIn(plan.next_limit, (limits.REDIS_NIC, limits.GATE_NIC))
        self.assertGreater(plan.hosts[plan.next_limit], 10)
        self.assertIn(plan.next_limit, limits.REMEDIES)

    def test_in_cells_answers_in_time_with_fewer_primaries(self) -> None:
        hasty = planner(replace(MACHINE, p99_ms=4))
        mesh, cells = (hasty.plan("one", 4_000_000, gates_a_cell=each) for each in (0, 1))
        self.assertEqual(mesh.cells, 1)
        self.assertGreaterEqual(cells.cells, 4)
        self.assertEqual(cells.gates, cells.cells)
        self.assertGreater(cells.batch, mesh.batch)
        self.assertLess(cells.primaries, mesh.primaries)

    def test_has_no_more_primaries_in_a_cell_than_a_route_has_partitions(self) -> None:
        slow = replace(COSTS, shapes={**COSTS.shapes, "hundred": replace(
            HUNDRED, redis_record_us=40)})
        plan = planner(costs=slow).plan("hundred", 10_000_000)
        self.assertGreater(plan.cells, 1)
        self.assertLessEqual(plan.primaries / plan.cells, limits.PARTITIONS_MAX)

    def test_of_a_spread_request_pays_for_its_parts(self) -> None:
        plan = planner().plan("packed", 20_000_000, spread=True)
        touched = touch(PACKED, plan.primaries, spread=True)[0]
        record_us = 0.2 + (touched - 1) / 100 * HUNDRED.redis_record_us
        self.assertAlmostEqual(plan.redis_us, record_us + 6 / plan.batch)
        self.assertLessEqual(20 * record_us / plan.primaries, MACHINE.core_share)


class ARequest(unittest.TestCase):
    def test_touches_one_primary_or_many(self) -> None:
        self.assertEqual(touch(HUNDRED, 50, spread=False), (1, 100))
        self.assertEqual(touch(ONE, 50, spread=True), (1, 1))
        self.assertEqual(touch(HUNDRED, 1, spread=True), (1, 100))
        touched, records = touch(HUNDRED, 10_000, spread=True)
        self.assertAlmostEqual(touched, 99.5, delta=0.1)
        self.assertAlmostEqual(touched * records, 100)

    def test_has_frames_on_the_wire(self) -> None:
        self.assertEqual(on_the_wire(200), 290)
        self.assertEqual(on_the_wire(1449), 1449 + 180)
        self.assertEqual(on_the_wire(0), 0)

    def test_of_a_replicated_primary_goes_out_again(self) -> None:
        wire = wire_of(1, 200, 150, 160, 30, batch=1, replicas=2)
        self.assertEqual(wire.redis_in, 250)
        self.assertEqual(wire.redis_out, 120 + 2 * 250)
        self.assertEqual(wire.gate_in, 290 + 120)


if __name__ == "__main__":
    unittest.main()
