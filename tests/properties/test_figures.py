"""Goal: a figure fails where it misses its bar and nothing excuses it, and only then.

Method: figures made up on either side of bars and records.
"""

import random
import unittest

import evasion
import padding
import parallel
import stars
from figures import at_least, at_most, outcome
from loudness import changed


def verdict(severity, urgent=False, traits=()):
    return {"severity": severity, "urgent": urgent, "traits": list(traits), "undecided": False, "categories": [],
            "language": "en"}


class Figures(unittest.TestCase):
    def test_a_figure_at_its_bar_holds(self):
        self.assertEqual(outcome(at_most("a", 0.3, 0.3, 9), {}), "holds")
        self.assertEqual(outcome(at_least("a", 0.3, 0.3, 9), {}), "holds")

    def test_a_figure_beyond_its_bar_fails(self):
        self.assertEqual(outcome(at_most("a", 0.31, 0.3, 9), {}), "FAILED")
        self.assertEqual(outcome(at_least("a", 0.29, 0.3, 9), {}), "FAILED")

    def test_a_record_excuses_what_is_no_worse(self):
        self.assertEqual(outcome(at_most("a", 0.4, 0.3, 9), {"a": 0.4}), "short")
        self.assertEqual(outcome(at_most("a", 0.41, 0.3, 9), {"a": 0.4}), "FAILED")


class Properties(unittest.TestCase):
    def test_what_is_not_grave_may_change(self):
        self.assertFalse(changed(verdict(1), verdict(0), {}))

    def test_a_grave_one_may_change_in_nothing(self):
        self.assertTrue(changed(verdict(2), verdict(1), {}))
        self.assertTrue(changed(verdict(3), verdict(3, True), {}))
        self.assertTrue(changed(verdict(2), verdict(2, False, ["safety"]), {}))

    def test_a_pad_is_whole_sentences_and_not_too_long(self):
        pad = padding.pad_of("One thing. Another thing.", 60)
        self.assertTrue(pad.endswith("."))
        self.assertLessEqual(len(pad), 60)

    def test_kappa_is_one_for_equal_answers_and_nought_by_chance(self):
        self.assertEqual(parallel.kappa([(True, True), (False, False)]), 1)
        self.assertEqual(parallel.kappa([(True, True), (True, False), (False, True), (False, False)]), 0)

    def test_the_threshold_that_parts_negative_from_positive_is_found(self):
        self.assertEqual(stars.fit([(True, 2.0), (True, 1.0), (False, 0.5)]), 1.0)

    def test_a_mixed_word_looks_as_before_and_is_another(self):
        text = evasion.mixed("help me please", "en", random.Random(1))
        self.assertNotEqual(text, "help me please")
        self.assertFalse(text.isascii())


if __name__ == "__main__":
    unittest.main()
