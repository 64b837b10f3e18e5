"""Run by `make test`: (cd perf && /usr/bin/python3 -m unittest model.costs_test)."""

import unittest

from bench.measured import Measured
from model.check import check
from model.costs import price, take_apart
from model.setup import BY_NAME, PARTITIONS
from model.stores import ranges, slot_of

REQUEST, RECORD, BATCH = 10.0, 0.5, 8.0  # of a gate that is made up
REDIS_RECORD, REDIS_BATCH = 2.5, 6.0


def measured(records: int, batch: float, packed: bool = False, rounds: int = 1) -> Measured:
    """What a setup would be measured at, if the costs were these."""
    made = Measured()
    for number in range(rounds):
        made.add({"batch_records": batch, "gate_us_per_record": REQUEST / records + RECORD
                  + BATCH / batch + number, "redis_us_per_record": (
                      0.2 if packed else REDIS_RECORD) + REDIS_BATCH / batch,
                  "generator_us_per_record": 1.0, "gate_cores": 0.8, "records_per_second": 50_000,
                  "device_in_bytes": 200, "device_out_bytes": 150, "store_in_bytes": 160,
                  "store_out_bytes": 30, "memory_bytes": 46})
    return made


def results() -> dict[str, Measured]:
    return {"one": measured(1, 5), "one_single": measured(1, 1), "hundred": measured(100, 900),
            "packed": measured(100, 800, packed=True)}


class CostsAreTakenApart(unittest.TestCase):
    def test_into_request_record_and_transaction(self) -> None:
        costs = take_apart(results())
        self.assertAlmostEqual(costs.request_us, REQUEST)
        self.assertAlmostEqual(costs.gate_batch_us, BATCH)
        self.assertAlmostEqual(costs.redis_batch_us, REDIS_BATCH)
        self.assertAlmostEqual(costs.shapes["one"].redis_record_us, REDIS_RECORD)
        self.assertAlmostEqual(costs.shapes["hundred"].gate_record_us, RECORD)
        self.assertAlmostEqual(costs.shapes["packed"].redis_record_us, 0.2)

    def test_and_put_together_for_any_batch(self) -> None:
        costs = take_apart(results())
        self.assertAlmostEqual(costs.gate_us("one", 2), REQUEST + RECORD + BATCH / 2)
        self.assertAlmostEqual(costs.redis_us("hundred", 50), REDIS_RECORD + REDIS_BATCH / 50)

    def test_never_below_nothing(self) -> None:
        noisy = results()
        noisy["one_single"].figures["gate_us_per_record"].rounds[0] = REQUEST
        self.assertEqual(take_apart(noisy).gate_batch_us, 0)
        noisy = results() | {"one_single": measured(1, 5)}  # two points that are one
        self.assertEqual(take_apart(noisy).gate_batch_us, 0)


class APrice(unittest.TestCase):
    def test_is_the_difference_within_each_round(self) -> None:
        after, before = measured(1, 1, rounds=2), measured(1, 4, rounds=2)
        for each in price(after, before, "gate_us_per_record"):
            self.assertAlmostEqual(each, BATCH * 3 / 4)


class APrediction(unittest.TestCase):
    def predict(self, name: str, batch: float = 900, **more: Measured) -> tuple[float, str]:
        setup = BY_NAME[name]
        known = results() | more | {name: measured(setup.shape.records, batch)}
        made = check(take_apart(results()), known, setup, cores=2)
        return made.records_per_second, made.limit

    def test_is_a_worker_s_thread_or_the_cores_that_all_share(self) -> None:
        gate = REQUEST + RECORD + BATCH / 5
        rate, limit = self.predict("one", batch=5)
        self.assertAlmostEqual(rate, 1e6 / gate)
        self.assertEqual(limit, "the workers")
        rate, limit = self.predict("one_workers2", batch=5)
        self.assertAlmostEqual(rate, 2e6 / (gate + REDIS_RECORD + REDIS_BATCH / 5 + 1))
        self.assertEqual(limit, "the machine")

    def test_ends_at_the_thread_of_one_redis_and_later_at_two(self) -> None:
        rate, limit = self.predict("hundred")
        self.assertAlmostEqual(rate, 1e6 / (REDIS_RECORD + REDIS_BATCH / 900))
        self.assertEqual(limit, "Redis's threads")
        self.assertEqual(self.predict("hundred_cluster2")[1], "the machine")

    def test_knows_what_partitions_cost_beyond_their_batches(self) -> None:
        dearer = measured(100, 100)
        dearer.figures["gate_us_per_record"].rounds[0] += 0.25
        setup = BY_NAME["hundred_cluster1"]
        known = results() | {"hundred_partitions": dearer, setup.name: measured(100, 100)}
        made = check(take_apart(results()), known, setup, cores=2)
        self.assertAlmostEqual(made.gate_us, REQUEST / 100 + RECORD + BATCH / 100 + 0.25)


class Slots(unittest.TestCase):
    def test_are_redis_s(self) -> None:
        self.assertEqual(slot_of("123456789"), 0x31C3)  # of Redis Cluster's specification

    def test_are_cut_so_that_each_node_has_as_many_partitions(self) -> None:
        for nodes in (1, 2, 3):
            cut = ranges(PARTITIONS, nodes)
            self.assertEqual([cut[0][0], cut[-1][1]], [0, 16383])
            for (_, end), (begin, _) in zip(cut, cut[1:]):
                self.assertEqual(end + 1, begin)
            held = [sum(first <= slot_of(str(i)) <= last for i in range(PARTITIONS))
                    for first, last in cut]
            self.assertEqual(held, [PARTITIONS // nodes] * nodes)


if __name__ == "__main__":
    unittest.main()
