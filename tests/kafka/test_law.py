"""Goal: the checker of every campaign turns red for each way to break the law, and only then.

Method: outputs are made up around three sent messages, with one thing wrong at a time.
"""

import unittest

from law import Law, Outcome, outcome_of, urgent_without_copy

SENT = {("in", 0, 0): "a", ("in", 0, 1): "b", ("in", 1, 0): "c"}


def outcome(place, ending="case", case_id=None, revision=0, urgent=False):
    return Outcome(ending, case_id or "id-%s-%d-%d" % place, revision, place,
                   {"verdict": {"urgent": urgent}})


def whole():
    return [outcome(place) for place in SENT]


class LawTest(unittest.TestCase):
    def test_every_message_once_is_the_law(self):
        law = Law(SENT, whole())
        self.assertEqual(law.broken, [])
        self.assertEqual((law.counts["ids"], law.counts["missing"]), (3, 0))

    def test_a_repeat_is_counted_and_allowed(self):
        law = Law(SENT, whole() + whole()[:2])
        self.assertEqual(law.broken, [])
        self.assertEqual(law.summary()["repeats"], 2)

    def test_a_later_revision_is_no_repeat(self):
        law = Law(SENT, whole() + [outcome(("in", 0, 0), revision=1)])
        self.assertEqual((law.broken, law.summary()["repeats"]), ([], 0))

    def test_a_missing_message_breaks_it(self):
        law = Law(SENT, whole()[:2])
        self.assertIn("1 without an ending", law.broken[0])
        self.assertEqual(law.summary()["missing"], 1)

    def test_a_message_from_nowhere_breaks_it(self):
        self.assertTrue(Law(SENT, whole() + [outcome(("in", 7, 7))]).broken)

    def test_an_aborted_message_breaks_it(self):
        aborted = ("in", 1, 1)
        self.assertEqual(Law(SENT, whole(), [aborted]).broken, [])
        law = Law(SENT, whole() + [outcome(aborted)], [aborted])
        self.assertIn("aborted", law.broken[0])

    def test_two_case_ids_for_one_message_break_it(self):
        law = Law(SENT, whole() + [outcome(("in", 0, 0), case_id="other")])
        self.assertTrue(any("more than one case id" in text for text in law.broken))

    def test_two_endings_of_one_message_break_it(self):
        law = Law(SENT, whole() + [outcome(("in", 0, 0), ending="calm")])
        self.assertTrue(any("more than one ending" in text for text in law.broken))

    def test_one_case_id_for_two_messages_breaks_it(self):
        law = Law(SENT, [outcome(place, case_id="same") for place in SENT])
        self.assertTrue(any("share their case id" in text for text in law.broken))

    def test_an_urgent_case_needs_its_frontline_copy(self):
        urgent = outcome(("in", 0, 0), urgent=True)
        self.assertEqual(urgent_without_copy([urgent], []), {urgent.case_id})
        self.assertEqual(urgent_without_copy([urgent], [urgent]), set())

    def test_unknown_records_are_not_outcomes(self):
        self.assertIsNone(outcome_of({"schema": "something.else/9"}))
        self.assertIsNone(outcome_of(None))
        self.assertIsNone(outcome_of([1]))


if __name__ == "__main__":
    unittest.main()
