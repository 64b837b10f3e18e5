"""Run by `make test`: (cd perf && /usr/bin/python3 -m unittest sweep.choice_test)."""

import unittest

from sweep.choice import Noise, Score, choose, combine, noise_of

DEFAULT = Score(throughput=1.0, p99=1.0)


class TheKnee(unittest.TestCase):
    def place(self, *scores: Score, noise: Noise = Noise()) -> int:
        return choose([DEFAULT, *scores], noise).place

    def test_has_the_least_p99_of_those_near_the_best_throughput(self) -> None:
        self.assertEqual(self.place(Score(1.50, 3.0), Score(1.45, 0.8), Score(1.20, 0.2)), 2)

    def test_is_not_a_slow_setting_however_soon_it_answers(self) -> None:
        self.assertEqual(self.place(Score(0.90, 0.1)), 0)

    def test_is_the_default_if_no_other_is_better_by_more_than_noise(self) -> None:
        self.assertEqual(self.place(Score(1.02, 0.95), Score(1.05, 0.99)), 0)
        self.assertEqual(self.place(Score(1.00, 0.80), noise=Noise(p99=0.3)), 0)
        self.assertEqual(self.place(Score(1.00, 0.80)), 1)

    def test_is_another_if_the_default_has_too_little_throughput(self) -> None:
        self.assertEqual(self.place(Score(1.20, 1.5)), 1)
        self.assertEqual(self.place(Score(1.20, 1.5), noise=Noise(throughput=0.2)), 0)

    def test_is_never_a_setting_that_refused_requests(self) -> None:
        self.assertEqual(self.place(Score(2.0, 0.1, failed=True)), 0)

    def test_is_another_if_the_default_refused_requests(self) -> None:
        scores = [Score(1.0, 1.0, failed=True), Score(0.5, 2.0)]
        self.assertEqual(choose(scores, Noise()).place, 1)

    def test_says_why(self) -> None:
        choice = choose([DEFAULT, Score(1.25, 0.5)], Noise())
        self.assertFalse(choice.is_default)
        self.assertEqual(choice.why,
                         "the default has 80% of the best throughput and has 2.00 times its p99")


class Ratios(unittest.TestCase):
    def test_are_medians_of_rounds_and_geometric_means_of_workloads(self) -> None:
        self.assertAlmostEqual(combine([[9.0, 2.0, 0.1], [8.0]]), 4.0)

    def test_make_noise_by_their_middle_round(self) -> None:
        self.assertAlmostEqual(noise_of([[1.0, 1.2, 9.0], [1.0, 1.2, 9.0]], 0.02), 0.2)
        self.assertAlmostEqual(noise_of([[0.5]], 0.02), 1.0)
        self.assertAlmostEqual(noise_of([[1.0, 1.001]], 0.02), 0.02)


if __name__ == "__main__":
    unittest.main()
