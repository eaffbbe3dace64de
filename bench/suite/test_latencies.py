"""Goal: no percentile is told that the samples do not carry. Method: made times."""

import os
import tempfile
import unittest
from array import array

from latencies import QUEUED, describe, latencies_us, medians_by_slice, percentile, read_times, split


class Percentiles(unittest.TestCase):
    def test_a_percentile_needs_ten_samples_beyond_it(self):
        self.assertIsNone(percentile(list(range(999)), 99))
        self.assertEqual(percentile(list(range(1000)), 99), 990)

    def test_a_row_says_what_cannot_be_told(self):
        row = describe([3.0, 1.0, 2.0] * 10)
        self.assertEqual((row["count"], row["p50"], row["p99.99"], row["max"]), (30, 2.0, None, 3.0))

    def test_no_samples_have_no_figures(self):
        self.assertEqual(describe([])["max"], None)


class Times(unittest.TestCase):
    def test_what_a_reader_wrote_is_read_in_threes(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "times")
            with open(path, "wb") as file:
                array("Q", [1, 2, 3, 4, 5, 6]).tofile(file)
            self.assertEqual(read_times(path), [(1, 2, 3), (4, 5, 6)])

    def test_the_first_tenth_of_the_schedule_warms_up(self):
        times = [(due * 1000, due * 1000 + 500, due * 1000 + 2000) for due in range(101)]
        self.assertEqual(latencies_us(times), [2.0] * 91)

    def test_latency_may_end_at_the_queue(self):
        self.assertEqual(latencies_us([(0, 500, 2000)], end=QUEUED), [0.5])

    def test_a_run_is_cut_in_tenths(self):
        self.assertEqual(medians_by_slice([float(number // 10) for number in range(100)]), list(range(10)))

    def test_a_short_run_has_fewer_slices(self):
        self.assertEqual(medians_by_slice([4.0, 2.0]), [4.0, 2.0])
        self.assertEqual(medians_by_slice([]), [])

    def test_a_message_belongs_to_the_span_in_which_it_was_due(self):
        inside, outside = split([(10, 0, 1010), (20, 0, 2020), (30, 0, 3030)], [(15, 30)])
        self.assertEqual((inside, outside), ([2.0], [1.0, 3.0]))


if __name__ == "__main__":
    unittest.main()
