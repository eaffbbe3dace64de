"""Goal: made rules are what they are said to be. Method: small sets."""

import os
import tempfile
import unittest
from random import Random

from rule_sets import change, hits_any, kept_set, make_set, read_folder, write_folder


class Sets(unittest.TestCase):
    def test_a_changed_pattern_keeps_its_form_and_loses_its_words(self):
        changed = change(r"\bparcel\b(?:never)?", Random(1))
        self.assertRegex(changed, r"^\\b\w{6}\\b\(\?:\w{5}\)\?$")
        self.assertNotIn("parcel", changed)

    def test_a_pattern_that_python_cannot_read_counts_as_neither(self):
        self.assertIsNone(hits_any("(", "text"))

    def test_the_hitting_ones_come_first_and_stay_the_same(self):
        text = " ".join(f"parcel{letter} refund{letter}" for letter in "bcdfg")
        words = [rf"\b{word}\b" for word in text.split()]
        few = make_set(words, 10, text)
        self.assertEqual(sorted(few), sorted(words))


    def test_a_kept_set_is_the_beginning_of_a_larger_one(self):
        text = " ".join(f"parcel{letter} refund{letter}" for letter in "bcdfg")
        words = [rf"\b{word}\b" for word in text.split()]
        with tempfile.TemporaryDirectory() as folder:
            many = kept_set(words, 8, text, folder)
            self.assertEqual(kept_set(words, 5, text, folder), many[:5])
            self.assertEqual(len(os.listdir(folder)), 1)


class Folders(unittest.TestCase):
    def test_patterns_come_back_in_their_order(self):
        with tempfile.TemporaryDirectory() as folder:
            path = write_folder(os.path.join(folder, "rules"), [r"\bzebra\b", r"\bapple\b"])
            self.assertEqual(read_folder(path), [r"\bzebra\b", r"\bapple\b"])


if __name__ == "__main__":
    unittest.main()
