"""Goal: calls are counted for the thread that is asked about. Method: lines as strace and the preload write them."""

import os
import tempfile
import unittest

from footprint import per_message, read_counts, read_trace, without_clock


class Traces(unittest.TestCase):
    def test_only_calls_of_the_named_thread_count(self):
        lines = ['7 openat(AT_FDCWD, "x") = 3', '7 prctl(PR_SET_NAME, "redress-worker") = 0',
                 '7 write(8, "1", 8) = 8', '9 write(8, "1", 8) = 8', '7 futex(0x1 <unfinished ...>',
                 '7 <... futex resumed>) = 0', '7 write(8, "1", 8) = 8']
        self.assertEqual(read_trace(lines, "redress-worker"), {"write": 2, "futex": 1})

    def test_threads_of_one_name_are_added_up(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "counts")
            with open(path, "w", encoding="utf-8") as file:
                file.write("redress-worker 5 1\nredress-egress 7 7\nredress-worker 2 0\n")
            self.assertEqual(read_counts(path, "redress-worker"), (7, 1))

    def test_the_clock_is_the_machines_doing(self):
        self.assertEqual(without_clock({"write": 2, "clock_gettime": 900}), 2)

    def test_start_and_end_drop_out(self):
        self.assertEqual(per_message(100, 300, 400), 0.5)


if __name__ == "__main__":
    unittest.main()
