"""Goal: the two spellings of each language are those of its standard and of its writers.

Method: words whose spelling is known, and one letter after another of what may differ.
"""

import random
import unittest

import spell_greek
import spell_russian


class Greek(unittest.TestCase):
    def test_iso_843_writes_each_letter(self):
        self.assertEqual(spell_greek.iso_843("Η ψυχή του ξένου, άγγελος"), "Ī psychī tou xenou, angelos")

    def test_iso_843_keeps_a_diaeresis_apart(self):
        self.assertEqual(spell_greek.iso_843("μαϊμού"), "maimou")

    def test_a_writer_keeps_to_their_habits(self):
        pairs, single = spell_greek.habits(random.Random(3))
        text = spell_greek.typed("ηη χχ θθ", (pairs, single))
        self.assertEqual(text, " ".join(single[letter] * 2 for letter in "ηχθ"))

    def test_every_way_of_the_letters_in_question_is_drawn(self):
        drawn = [spell_greek.habits(random.Random(seed))[1] for seed in range(300)]
        for letter, ways in {"η": "hin", "θ": ["8", "th"], "ω": "wo", "χ": "xh", "ξ": ["3", "ks"]}.items():
            self.assertLessEqual(set(ways), {single[letter] for single in drawn})

    def test_no_writer_has_one_letter_for_two_sounds_that_they_could_not_read_again(self):
        for seed in range(300):
            _, single = spell_greek.habits(random.Random(seed))
            self.assertNotEqual(single["η"], single["χ"])
            self.assertNotEqual(single["ξ"], single["χ"])

    def test_a_voiced_or_voiceless_letter_decides_how_au_sounds(self):
        pairs, single = spell_greek.habits(random.Random(1))
        habit = (pairs | {"αυ": "av|af"}, single)
        self.assertTrue(spell_greek.typed("αυτό", habit).startswith("af"))
        self.assertTrue(spell_greek.typed("αύριο", habit).startswith("av"))


class Russian(unittest.TestCase):
    def test_gost_writes_each_letter(self):
        self.assertEqual(spell_russian.gost_779_b("Щука, объезд, цирк, цапля, эти мыши"),
                         "Shhuka, ob``ezd, cirk, czaplya, e'ti my'shi")

    def test_typed_words_hold_latin_letters_and_marks_alone(self):
        for seed in range(50):
            self.assertTrue(spell_russian.typed("съешь ещё этих мягких булок", spell_russian.habits(random.Random(seed)))
                            .isascii())


if __name__ == "__main__":
    unittest.main()
