#!/usr/bin/python3
"""What count_instructions.py makes of a figure beside the stored one."""

import sys
import unittest

sys.dont_write_bytecode = True

from count_instructions import Figure, Judgement, judge  # noqa: E402


def judged(per_request: int, stored: int | None = 1000) -> Judgement:
    known = None if stored is None else Figure(stored, stored)
    return judge("one", Figure(per_request, per_request), known, 3.0, "build/callgrind/one.out")


class AFigure(unittest.TestCase):
    def test_over_the_margin_fails_and_says_what_to_do(self) -> None:
        judgement = judged(1031)
        self.assertTrue(judgement.failed)
        for part in ("one: 1031", "stored 1000", "+3.1%", "margin of 3%", "--store",
                     "callgrind_annotate --auto=no build/callgrind/one.out"):
            self.assertIn(part, judgement.line)

    def test_within_the_margin_passes(self) -> None:
        for per_request in (970, 1000, 1030):
            judgement = judged(per_request)
            self.assertFalse(judgement.failed)
            self.assertNotIn("--store", judgement.line)

    def test_below_the_margin_passes_and_can_be_lowered(self) -> None:
        judgement = judged(969)
        self.assertFalse(judgement.failed)
        self.assertIn("can be lowered: 'perf/micro/count_instructions.py --store'", judgement.line)

    def test_that_is_not_stored_fails(self) -> None:
        self.assertTrue(judged(1000, None).failed)


if __name__ == "__main__":
    unittest.main()
