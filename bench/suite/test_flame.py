"""Goal: a stack's samples stand where its functions are. Method: text as perf script prints it."""

import unittest

from flame import boxes_of, draw, fold, tree_of

PRINTED = """redress-ingest 
\t    55d0 view_make.lto_priv.0+0x1f
\t    55d1 classify+0x2

redress-ingest 
\t    55d2 scan
\t    55d1 classify

redress-egress 
\t    7f00 [unknown]
"""


class Flames(unittest.TestCase):
    def test_stacks_begin_with_their_thread_and_end_innermost(self):
        self.assertEqual(fold(PRINTED.splitlines()),
                         {("redress-ingest", "classify", "view_make"): 1, ("redress-ingest", "classify", "scan"): 1,
                          ("redress-egress", "(made at run time)"): 1})

    def test_a_caller_is_as_wide_as_all_that_it_called(self):
        boxes = {name: (left, width) for name, left, width, _ in boxes_of(tree_of(fold(PRINTED.splitlines())), 3)}
        self.assertAlmostEqual(boxes["classify"][1], 2 / 3)
        self.assertAlmostEqual(boxes["view_make"][0], boxes["scan"][0] + 1 / 3)

    def test_names_are_no_markup(self):
        self.assertIn("operator&lt;", draw({("thread", "operator<"): 1}))

    def test_nothing_sampled_is_still_a_drawing(self):
        self.assertTrue(draw({}).startswith("<svg"))


if __name__ == "__main__":
    unittest.main()
