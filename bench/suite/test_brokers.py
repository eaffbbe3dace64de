"""Goal: a window says what happened within it, start and end apart. Method: made samples."""

import unittest

from against_kafka import latency_row, plain_row, ratios_of
from engines import watch, window_row


class Windows(unittest.TestCase):
    def test_the_first_fifth_warms_up(self):
        samples = [(0, 1, 0.0), (1, 10, 5.0), (2, 110, 5.1), (5, 410, 5.4)]
        row = window_row(samples)
        self.assertEqual((row["messages"], row["seconds"], row["messages_per_second"]), (400, 4, 100))
        self.assertEqual(row["cpu_us"], 1000.0)

    def test_watching_ends_when_all_are_through(self):
        counts = iter((0, 3, 7))
        samples = watch(lambda: next(counts), lambda: 0.5, 7, 60)
        self.assertEqual([count for _, count, _ in samples], [3, 7])


class Floors(unittest.TestCase):
    def test_a_plain_row_is_a_message(self):
        row = plain_row('{"messages":1000,"produced":1200,"seconds":2.0,"cpu_seconds":0.004}')
        self.assertEqual((row["messages_per_second"], row["cpu_us"]), (500, 4.0))

    def test_a_ratio_is_of_one_pair(self):
        self.assertEqual(ratios_of([([2.0] * 1000, [1.0] * 1000), ([3.0] * 1000, [1.0] * 1000)], 99), [2.0, 3.0])

    def test_messages_belong_to_the_pair_in_which_they_were_due(self):
        ours = [(due, 0, due + 2000) for due in range(0, 1000)]
        bare = [(due, 0, due + 1000) for due in range(1000, 2000)]
        row = latency_row([((0, 1000), (1000, 2000))], ours, bare)
        self.assertEqual((row["p50_ratio"], row["p99_ratio"], row["us"]["count"]), (2.0, 2.0, 1000))


if __name__ == "__main__":
    unittest.main()
