"""Goal: every part of the bench finds its programs on a new machine. Method: the names that its files call."""

import glob
import os
import re
import unittest

import programs

BENCH = re.compile(r'"(bench_\w+)"')


class Programs(unittest.TestCase):
    def test_what_a_part_runs_is_built_before(self):
        here = os.path.dirname(os.path.abspath(__file__))
        called = set()
        for path in glob.glob(os.path.join(here, "*.py")):
            with open(path, encoding="utf-8") as file:
                called |= set(BENCH.findall(file.read()))
        self.assertTrue(called)
        self.assertEqual(called - set(programs.TARGETS), set())


if __name__ == "__main__":
    unittest.main()
