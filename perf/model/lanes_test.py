"""Run by `make test`: (cd perf && /usr/bin/python3 -m unittest model.lanes_test)."""

import unittest
from dataclasses import replace
from math import inf

from model.lanes import Node, full_wait_us, simulate

# 10 us a transaction and 2 a record: 83,000 records/s one by one, 500,000 in large batches.
NODE = Node(workers=16, requests_per_second=20_000, redis_record_us=2, redis_batch_us=10,
            round_trip_us=100)


class Batches(unittest.TestCase):
    def test_are_single_requests_where_nothing_waits(self) -> None:
        seen = simulate(NODE, 4_000)
        self.assertLess(seen.batch_records, 1.01)
        self.assertAlmostEqual(seen.redis_busy, 0.24, delta=0.02)  # 20,000 times 12 us
        self.assertGreaterEqual(seen.p50_us, 112)

    def test_grow_until_a_busy_redis_keeps_up(self) -> None:
        seen = simulate(replace(NODE, requests_per_second=250_000), 40_000)
        # 4 us a record are there: 2 for it, and 10 shared by five.
        self.assertAlmostEqual(seen.batch_records, 5, delta=0.6)
        self.assertAlmostEqual(seen.redis_busy, 1, delta=0.03)

    def test_wait_as_long_as_all_lanes_have_under_way(self) -> None:
        busy = replace(NODE, requests_per_second=250_000)
        few, many = simulate(busy, 40_000), simulate(replace(busy, workers=64), 80_000)
        # 16 lanes of 4 batches, 20 us each, and as long in the open batch at most.
        self.assertGreater(few.p50_us, 16 * 4 * 20)
        self.assertLess(few.p99_us, 2 * 16 * 4 * 20 + 1000)
        self.assertGreater(many.p50_us, 3 * few.p50_us)

    def test_grow_by_a_linger(self) -> None:
        lingering = simulate(replace(NODE, linger_us=4_000), 8_000)
        # 1,250 requests/s a lane: one begins it and five more come within 4 ms.
        self.assertAlmostEqual(lingering.batch_records, 6, delta=0.5)
        self.assertGreater(lingering.p99_us, 4_000)

    def test_wait_as_was_worked_out(self) -> None:
        busy = replace(NODE, requests_per_second=250_000)
        self.assertAlmostEqual(full_wait_us(busy), 16 * 4 * 20)  # five records a batch
        self.assertAlmostEqual(simulate(busy).p50_us, 16 * 4 * 20, delta=0.25 * 16 * 4 * 20)
        self.assertEqual(full_wait_us(NODE), 0)
        self.assertEqual(full_wait_us(replace(NODE, requests_per_second=500_000)), inf)
        self.assertEqual(full_wait_us(replace(busy, batch_records_max=4)), inf)

    def test_are_counted_once_the_queues_are_full(self) -> None:
        long = replace(NODE, workers=128, requests_per_second=250_000)
        self.assertAlmostEqual(simulate(long, 1_000).batch_records, 5, delta=1)

    def test_are_never_above_their_bound(self) -> None:
        full = replace(NODE, workers=1, window=1, requests_per_second=60_000)
        self.assertGreater(simulate(full, 8_000).batch_records, 4)
        seen = simulate(replace(full, batch_records_max=2), 8_000)
        self.assertLessEqual(seen.batch_records, 2)

    def test_grow_while_the_worker_is_busy(self) -> None:
        one = replace(NODE, workers=1, requests_per_second=30_000, redis_batch_us=1, window=16,
                      redis_record_us=0.1)
        idle, busy = simulate(one, 8_000), simulate(replace(one, batch_us=10, request_us=20), 8_000)
        self.assertLess(idle.batch_records, 1.01)
        self.assertGreater(busy.batch_records, 1.3)

    def test_are_the_same_for_the_same_seed(self) -> None:
        self.assertEqual(simulate(NODE, 1_000), simulate(NODE, 1_000))
        self.assertNotEqual(simulate(NODE, 1_000), simulate(NODE, 1_000, seed=2))


if __name__ == "__main__":
    unittest.main()
