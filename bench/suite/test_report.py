"""Goal: a missed bar is named, and one that cannot be told is not. Method: made results and bars."""

import contextlib
import io
import unittest

from report import judge_bars, print_bars


class Bars(unittest.TestCase):
    RESULT = {"rows": {"memory/shipped": {"resident_mb": 300}, "flow/x": {"us": {"p50": 4, "p99": None}}}}

    def judge(self, place, **bound):
        return judge_bars(self.RESULT, [{"name": "a bar", "value": place, **bound}])

    def test_a_figure_over_its_bar_is_missed(self):
        self.assertFalse(self.judge(["memory/shipped", "resident_mb"], max=256)[0][0])

    def test_a_figure_at_its_bar_holds_it(self):
        self.assertTrue(self.judge(["memory/shipped", "resident_mb"], min=300)[0][0])

    def test_a_bar_may_look_deeper(self):
        self.assertTrue(self.judge(["flow/x", "us", "p50"], max=5)[0][0])

    def test_what_was_not_measured_is_not_judged(self):
        self.assertEqual(self.judge(["flow/x", "us", "p99"], max=5), [])
        self.assertEqual(self.judge(["flow/y", "us"], max=5), [])

    def test_the_missed_one_is_named_and_counted(self):
        text = io.StringIO()
        with contextlib.redirect_stdout(text):
            missed = print_bars(self.RESULT, [{"name": "memory", "value": ["memory/shipped", "resident_mb"], "max": 1}])
        self.assertEqual(missed, 1)
        self.assertIn("missed: memory: 300", text.getvalue())


if __name__ == "__main__":
    unittest.main()
