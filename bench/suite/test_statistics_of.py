"""Goal: comparing names what changed and nothing else. Method: made results with known intervals."""

import unittest

from statistics_of import compare, compare_instructions, median_row, noise


def result(noise_share=0.0, **rows):
    return {"noise": noise_share,
            "rows": {name: {"ns": {"median": median, "low": median - reach, "high": median + reach}}
                     for name, (median, reach) in rows.items()}}


def verdicts(old, new):
    return {name: verdict for name, _, verdict in compare(old, new)}


class Comparing(unittest.TestCase):
    def test_equal_results_are_the_same(self):
        self.assertEqual(verdicts(result(view=(100, 2)), result(view=(100, 2))), {"view": "same"})

    def test_a_rise_beyond_its_limit_is_a_regression(self):
        self.assertEqual(verdicts(result(view=(100, 2)), result(view=(120, 2))), {"view": "regression"})

    def test_a_rise_within_its_limit_is_only_slower(self):
        self.assertEqual(verdicts(result(view=(100, 1)), result(view=(105, 1))), {"view": "slower"})

    def test_a_fall_is_faster(self):
        self.assertEqual(verdicts(result(view=(100, 2)), result(view=(50, 2))), {"view": "faster"})

    def test_overlapping_intervals_say_nothing(self):
        self.assertEqual(verdicts(result(view=(100, 15)), result(view=(120, 15))), {"view": "same"})

    def test_noise_of_the_machine_hides_a_change(self):
        self.assertEqual(verdicts(result(0.1, view=(100, 1)), result(0.15, view=(120, 1))), {"view": "same"})

    def test_rows_of_one_side_only_are_left_out(self):
        self.assertEqual(verdicts(result(old=(1, 0)), result(new=(1, 0))), {})

    def test_rows_are_compared_by_whatever_median_they_have(self):
        old = {"rows": {"idle": {"ratios": median_row([1.0] * 9)}, "kafka": {"seconds": 8}}}
        new = {"rows": {"idle": {"ratios": median_row([2.0] * 9)}, "kafka": {"seconds": 9}}}
        self.assertEqual(verdicts(old, new), {"idle": "regression"})

    def test_the_worst_comes_first(self):
        changes = compare(result(a=(100, 1), b=(100, 1)), result(a=(90, 1), b=(150, 1)))
        self.assertEqual([name for name, _, _ in changes], ["b", "a"])


class Instructions(unittest.TestCase):
    LIMITS = {"view": {"total": 1000, "functions": {"fold": 600, "edit": 400}}}

    def test_a_rise_of_six_percent_names_the_function(self):
        counts = {"view": {"total": 1060, "functions": {"fold": 600, "edit": 460}}}
        [(row, _, function, rise)] = compare_instructions(self.LIMITS, counts, 0.05)
        self.assertEqual((row, function, rise), ("view", "edit", 60))

    def test_a_rise_of_four_percent_is_tolerated(self):
        counts = {"view": {"total": 1040, "functions": {"fold": 600, "edit": 440}}}
        self.assertEqual(compare_instructions(self.LIMITS, counts, 0.05), [])

    def test_a_new_function_is_named(self):
        counts = {"view": {"total": 1500, "functions": {"fold": 600, "edit": 400, "copy": 500}}}
        self.assertEqual(compare_instructions(self.LIMITS, counts, 0.05)[0][2], "copy")


class Medians(unittest.TestCase):
    def test_the_interval_holds_the_median_and_grows_with_spread(self):
        row = median_row([10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20])
        self.assertEqual(row["median"], 15)
        self.assertTrue(10 <= row["low"] < 15 < row["high"] <= 20)

    def test_nothing_measured_has_no_median(self):
        self.assertIsNone(median_row([])["median"])

    def test_equal_rounds_have_no_noise(self):
        self.assertEqual(noise([5.0] * 8), 0)


if __name__ == "__main__":
    unittest.main()
