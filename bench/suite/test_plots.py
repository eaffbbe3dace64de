"""Goal: the plots show what the rows say. Method: a made result; gnuplot itself is not asked."""

import unittest

from plots import latency_series, rules_series, script


def percentiles(p50):
    return {"p50": p50, "p99": None, "p99.9": None}


class Series(unittest.TestCase):
    RESULT = {"rows": {
        "flow/shipped/inline": {"saturation": 100},
        "flow/shipped/inline/90": {"load_percent": 90, "us": percentiles(9), "floor_us": percentiles(2)},
        "flow/shipped/inline/10": {"load_percent": 10, "us": percentiles(1), "floor_us": percentiles(1)},
        "rules/600/400": {key: {"median": 5} for key in ("ns", "loop_view_ns", "loop_original_ns")},
        "rules/shipped/400": {}}}

    def test_latency_goes_up_the_loads_in_order(self):
        self.assertEqual(latency_series(self.RESULT)["engine, shipped, p50"], [(10, 1), (90, 9)])

    def test_what_cannot_be_told_is_not_drawn(self):
        self.assertNotIn("engine, shipped, p99", latency_series(self.RESULT))

    def test_only_sets_of_a_size_have_a_place_on_the_axis(self):
        self.assertEqual(rules_series(self.RESULT)["matcher"], [(600, 5)])

    def test_the_points_stand_in_the_script(self):
        text = script("x.svg", "t", "x", "y", {"a": [(1, 2), (3, 4)]}, True)
        self.assertIn("1 2\n3 4\nEND", text)
        self.assertIn("set output 'x.svg'", text)


if __name__ == "__main__":
    unittest.main()
