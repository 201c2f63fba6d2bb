"""Shows that the parts of the mutation check work, and that every mutant's place is in the headers as they are."""

import re
import tempfile
import unittest
from pathlib import Path

import mutate
from mutants import MUTANTS, Mutant

HEADER = """/// \\file
#pragma once

inline int f(int a) {
    if (a == 1) { return g(a,
        2); }
    h(a);
    return a == 1 ? 3 : 4;
}
"""


def mutated(*mutants):
    return mutate.mutated_text(HEADER, list(enumerate(mutants, 1)))


class Places(unittest.TestCase):
    def test_the_list_fits_the_headers(self):
        headers = mutate.mutated_headers(MUTANTS, mutate.ROOT / "include")
        text = "".join(headers.values())
        for number in range(1, len(MUTANTS) + 1):
            self.assertEqual(text.count(f"varscope_mutant({number})"), 1)
        self.assertGreaterEqual(len(MUTANTS), 40)

    def test_the_files_of_tests_exist(self):
        names = re.findall(r"^    (\S+\.cpp)$", (mutate.HERE / "CMakeLists.txt").read_text(encoding="utf-8"), re.MULTILINE)
        self.assertTrue(names)
        for name in names:
            self.assertTrue((mutate.HERE.parent / name).exists(), name)

    def test_every_mutant_has_files_of_tests_that_exist_or_an_explanation(self):
        for mutant in MUTANTS:
            self.assertTrue(mutant.tests or mutant.equivalent, mutant.what)
            for name in mutant.tests.split():
                self.assertIn(f"    {name}.cpp\n", (mutate.HERE / "CMakeLists.txt").read_text(encoding="utf-8"), mutant.what)

    def test_an_expression_is_chosen_at_run_time(self):
        text = mutated(Mutant("a.hpp", "", "a == 1", "a != 1", within="if (a == 1)"))
        self.assertIn("if ((varscope_mutant(1) ? (a != 1) : (a == 1))) {", text)
        self.assertIn("#pragma once\n#include <varscope/mutant.hpp>\n", text)

    def test_a_statement_may_be_left_out_and_white_space_does_not_count(self):
        self.assertIn("if (varscope_mutant(1)) {  } else { h(a); }", mutated(Mutant("a.hpp", "", "h(a);", "")))
        self.assertIn("(varscope_mutant(1) ? (2) : (g(a,\n        2)));", mutated(Mutant("a.hpp", "", "g(a, 2)", "2")))

    def test_several_mutants_share_a_place(self):
        text = mutated(Mutant("a.hpp", "", "g(a, 2)", "5"), Mutant("a.hpp", "", "g(a, 2)", "6"))
        self.assertIn("(varscope_mutant(1) ? (5) : ((varscope_mutant(2) ? (6) : (g(a,", text)

    def test_a_place_that_is_not_found_once_is_refused(self):
        for original in ("a == 1", "a == 2"):
            with self.assertRaisesRegex(ValueError, "a.hpp, 'why': occurs . times, not once"):
                mutated(Mutant("a.hpp", "why", original, ""))

    def test_places_that_overlap_are_refused(self):
        with self.assertRaisesRegex(ValueError, "overlap"):
            mutated(Mutant("a.hpp", "", "g(a, 2)", "5"), Mutant("a.hpp", "", "return g(a, 2);", ""))

    def test_a_header_that_does_not_exist_is_refused(self):
        with tempfile.TemporaryDirectory() as folder, self.assertRaisesRegex(ValueError, "no header varscope/b.hpp"):
            mutate.mutated_headers([Mutant("b.hpp", "", "x", "y")], Path(folder))

    def test_only_what_changed_is_written(self):
        with tempfile.TemporaryDirectory() as folder:
            mutate.write({"a.hpp": "1", "b/c.hpp": "2"}, Path(folder))
            before = (Path(folder) / "a.hpp").stat().st_mtime_ns
            mutate.write({"a.hpp": "1"}, Path(folder))
            self.assertEqual((Path(folder) / "a.hpp").stat().st_mtime_ns, before)
            self.assertEqual([path.name for path in Path(folder).rglob("*.hpp")], ["a.hpp"])


class Verdicts(unittest.TestCase):
    noticed = Mutant("a.hpp", "", "x", "y")
    explained = Mutant("a.hpp", "", "x", "y", equivalent="nobody asks")

    def test_a_mutant_is_to_be_noticed_unless_it_is_explained(self):
        self.assertEqual(mutate.verdict(self.noticed, "'t'"), (True, "noticed by 't'"))
        self.assertEqual(mutate.verdict(self.noticed, ""), (False, "NOT NOTICED"))
        self.assertEqual(mutate.verdict(self.explained, ""), (True, "explained: nobody asks"))
        self.assertFalse(mutate.verdict(self.explained, "'t'")[0])

    def test_mutants_are_chosen_by_number_or_text(self):
        mutant = Mutant("detail/get_single.hpp", "any shape shares", "x", "y")
        for choices, expected in (([], True), (["4"], True), (["5"], False), (["single"], True), (["shape"], True),
                                  (["5", "any"], True), (["rank"], False)):
            self.assertEqual(mutate.is_chosen(4, mutant, choices), expected)


class Runs(unittest.TestCase):
    """Programs that answer as the tests would."""

    def programs(self, script):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = Path(folder.name) / "varscope_mutant_tests"
        path.write_text("#!/bin/sh\n" + script, encoding="utf-8")
        path.chmod(0o755)
        programs = mutate.Programs.__new__(mutate.Programs)
        programs.tests, programs.timeout, programs.corpora = path, 60, []
        return programs

    def test_the_last_test_is_the_one_that_noticed(self):
        programs = self.programs("""[ "$VARSCOPE_MUTANT" = 7 ] || exit 0
            echo '<TestCase name="first" tags="[a]">'; echo '<TestCase name="a &lt; b">'; exit 1""")
        self.assertEqual(programs.noticed_by(7, ["x"]), "'a < b'")
        self.assertEqual(programs.noticed_by(8, ["x"]), "")

    def test_a_hang_is_noticed(self):
        programs = self.programs("echo '<TestCase name=\"waits\">'; sleep 100")
        programs.timeout = 1
        self.assertEqual(programs.unit_tests(1), "'waits', which hangs")

    def test_the_files_that_should_know_are_asked_first(self):
        programs = self.programs("""[ "$5" = "[#b],[#c]" ] && echo '<TestCase name="t">' && exit 1; exit 0""")
        self.assertEqual(programs.noticed_by(1, ["a/b", "c"]), "'t'")


if __name__ == "__main__":
    unittest.main()
