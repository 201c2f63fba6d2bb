"""Shows that each check of the house can fail, and that it passes where it should."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import compile_fail
import headers
import porting
import readme
import run_example
import threads


class Tree(unittest.TestCase):
    """A folder to write files into."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path


class Headers(Tree):
    LIST = "set(VARSCOPE_HEADERS\n    # Words.\n    a.hpp # first\n    base/detail/own.hpp\n    base/xtensor.hpp\n    base.hpp\n    b.hpp\n)\n"

    def setUp(self):
        super().setUp()
        self.write("CMakeLists.txt", self.LIST)
        self.write("include/varscope/a.hpp", "#include <string>\n")
        self.write("include/varscope/base/detail/own.hpp", "")
        self.write("include/varscope/base/xtensor.hpp", "#include <varscope/base/detail/own.hpp>\n#  include <xtensor/xarray.hpp>\n")
        self.write("include/varscope/base.hpp", "#include <varscope/base/xtensor.hpp>\n")
        self.write("include/varscope/b.hpp", "#include <varscope/a.hpp>\n")
        self.write("tests/CMakeLists.txt", "set(VARSCOPE_TESTS\n    io/a.cpp\n)\n")
        self.write("tests/io/a.cpp", "")
        self.write("tests/main.cpp", "")
        self.write("tests/compile_fail/x.cpp", "")
        self.write("tests/cost/x.cpp", "")

    def findings(self):
        return "\n".join(headers.check(self.root))

    def test_a_clean_tree_has_no_findings(self):
        self.assertEqual(self.findings(), "")

    def test_a_header_that_is_not_listed_is_found(self):
        self.write("include/varscope/new.hpp", "")
        self.assertEqual(self.findings(), "CMakeLists.txt does not list new.hpp")

    def test_a_listed_header_that_does_not_exist_is_found(self):
        (self.root / "include/varscope/b.hpp").unlink()
        self.assertEqual(self.findings(), "CMakeLists.txt lists b.hpp, which does not exist")

    def test_a_header_that_is_listed_twice_is_found(self):
        self.write("CMakeLists.txt", self.LIST.replace("a.hpp", "a.hpp a.hpp"))
        self.assertEqual(self.findings(), "CMakeLists.txt lists a.hpp twice")

    def test_an_include_of_a_later_header_is_found(self):
        self.write("include/varscope/a.hpp", "#include <varscope/b.hpp>\n")
        self.assertEqual(self.findings(), "a.hpp includes b.hpp, which is not listed above it")

    def test_an_include_of_what_is_private_to_another_folder_is_found(self):
        self.write("include/varscope/b.hpp", "#include <varscope/base/detail/own.hpp>\n")
        self.assertEqual(self.findings(), "b.hpp includes base/detail/own.hpp, which is for its own folder")

    def test_a_folder_in_two_places_of_the_list_is_found(self):
        self.write("include/varscope/io/c.hpp", "")
        self.write("include/varscope/io.hpp", "#include <varscope/io/c.hpp>\n")
        self.write("include/varscope/base/late.hpp", "")
        self.write("include/varscope/base.hpp", "#include <varscope/base/late.hpp>\n#include <varscope/base/xtensor.hpp>\n")
        self.write("CMakeLists.txt", self.LIST.replace("b.hpp\n)", "b.hpp\n    io/c.hpp\n    io.hpp\n    base/late.hpp\n)"))
        self.assertIn("base/late.hpp does not stand beside the others of its folder", self.findings())

    def test_a_folder_without_a_face_is_found(self):
        (self.root / "include/varscope/base.hpp").unlink()
        self.write("CMakeLists.txt", self.LIST.replace("    base.hpp\n", ""))
        self.assertEqual(self.findings(), "there is no base.hpp, the face of the folder")

    def test_a_face_that_is_not_whole_is_found(self):
        self.write("include/varscope/base.hpp", "#include <varscope/a.hpp>\n")
        self.assertEqual(
            self.findings(), "base.hpp does not include base/xtensor.hpp\nbase.hpp includes a.hpp, which is not of its folder")

    def test_bodies_of_another_folder_at_the_end_of_a_header_are_found(self):
        tail = "#pragma once\n\n#ifndef VARSCOPE_SEPARATE_COMPILATION\n#include <varscope/{}>\n#endif\n"
        self.write("include/varscope/base/xtensor.hpp", tail.format("base/late.hpp"))
        self.assertEqual(self.findings(), "")
        self.write("include/varscope/base/xtensor.hpp", tail.format("io/late.hpp"))
        self.assertEqual(self.findings(), "base/xtensor.hpp includes varscope/io/late.hpp at its end, which is of another folder")

    def test_a_source_header_that_is_not_whole_is_found(self):
        self.write("include/varscope/base/impl/xtensor.ipp", "#include <varscope/base/xtensor.hpp>\n")
        self.write("CMakeLists.txt", self.LIST.replace("    base.hpp\n", "    base/impl/xtensor.ipp\n    base.hpp\n").replace(
            "b.hpp\n)", "b.hpp\n    src.hpp\n)"))
        self.write("include/varscope/src.hpp", "#include <varscope/base/impl/xtensor.ipp>\n")
        self.assertEqual(self.findings(), "")
        self.write("include/varscope/src.hpp", "")
        self.assertEqual(self.findings(), "src.hpp does not include each .ipp, in the order of the list")

    def test_an_include_by_quotes_is_found(self):
        self.write("include/varscope/b.hpp", '#include "a.hpp"\n')
        self.assertEqual(self.findings(), 'b.hpp includes "a.hpp": write <varscope/...>')

    def test_xtensor_outside_its_home_is_found(self):
        for path in ("xtensor/xview.hpp", "xtensor.hpp", "xtl/xspan.hpp"):
            self.write("include/varscope/b.hpp", f"#include <{path}>\n")
            self.assertEqual(self.findings(), f"b.hpp includes <{path}>, which only base/xtensor.hpp may")

    def test_xtensor_blas_outside_its_home_is_found(self):
        self.write("include/varscope/b.hpp", "#include <xtensor-blas/xlinalg.hpp>\n")
        self.assertEqual(self.findings(), "b.hpp includes <xtensor-blas/xlinalg.hpp>, which only ext/matmul.hpp may")

    def test_threads_without_the_tag_are_found(self):
        for header in ("<thread>", '"race.hpp"'):
            self.write("tests/io/a.cpp", f"#include {header}\n")
            self.assertEqual(self.findings(), "tests/io/a.cpp starts threads, but no test in it has the tag [threads]")
            self.write("tests/io/a.cpp", f'#include {header}\nTEST_CASE("it holds", "[a][threads]") {{}}\n')
            self.assertEqual(self.findings(), "")

    def test_a_test_that_is_not_listed_is_found(self):
        self.write("tests/b.cpp", "")
        self.assertEqual(self.findings(), "tests/CMakeLists.txt does not list b.cpp")


class Readme(Tree):
    def setUp(self):
        super().setUp()
        self.write("readme.cpp", "int main() {\n    // [two]\n    int a = 1;\n    int b = 2;\n    // [two]\n}\n")

    def findings(self, text):
        return "\n".join(readme.check_text(text, self.root))

    def test_an_equal_block_passes(self):
        self.assertEqual(self.findings("<!-- example: readme.cpp#two -->\n```cpp\nint a = 1;\nint b = 2;\n```\n"), "")

    def test_a_block_that_differs_is_found(self):
        found = self.findings("<!-- example: readme.cpp#two -->\n```cpp\nint a = 1;\nint b = 3;\n```\n")
        self.assertIn("+int b = 3;", found)

    def test_a_part_that_no_example_has_is_found(self):
        for mark in ("readme.cpp#three", "other.cpp#two"):
            self.assertIn("has no part", self.findings(f"<!-- example: {mark} -->\n```cpp\nint a = 1;\n```\n"))

    def test_a_block_of_cpp_without_a_mark_is_found(self):
        self.assertIn("line 3: a block of C++", self.findings("text\n\n```cpp\nint c;\n```\n"))

    def test_blocks_of_other_languages_need_no_mark(self):
        self.assertEqual(self.findings("```sh\ntests/run\n```\n\n```\ntext\n```\n"), "")

    def test_a_block_after_another_one_is_seen(self):
        self.assertIn("line 4: a block of C++", self.findings("```sh\ntests/run\n```\n```cpp\nint c;\n```\n"))


class Porting(Tree):
    GOOD = "| `tf.f` | `vs::f(x)` | as is | `f does it` |"

    def setUp(self):
        super().setUp()
        self.write("include/varscope/f.hpp", "// lies\nvoid f(const char* = \"lies\"); struct s { int member(); };\n")
        self.write("tests/f.cpp", 'TEST_CASE("f does it", "[f]") {}\nTEST_CASE(\n    "a long "\n    "name", "") {}\n')
        self.write("tests/CMakeLists.txt", "foreach(part\n        one two)\n    add_test(NAME run_${part} COMMAND x)\nendforeach()\n")
        self.write("tests/house/CMakeLists.txt",
                   "foreach(e IN LISTS VARSCOPE_EXAMPLES)\n    varscope_house_test(example.${e} x)\nendforeach()\n")
        self.write("examples/CMakeLists.txt", "varscope_example(tour)\n")

    def findings(self, *rows):
        head = "| TensorFlow 1 | varscope | note | test |\n| --- | --- | --- | --- |\n"
        self.write("docs/porting.md", "# Title\n\n" + head + "".join(row + "\n" for row in rows))
        return "\n".join(porting.check(self.root))

    def test_whole_rows_pass(self):
        self.assertEqual(self.findings(
            self.GOOD,
            "| `tf.g` | left out | devices have no meaning here | - |",
            "| `a \\| b` | not yet: `later` | files are read only | - |",
            "| `tf.h` | `x.member()` | as is | `run_two`, `example.tour` and `a long name` |"), "")

    def test_an_empty_cell_is_found(self):
        self.assertEqual(self.findings("| `tf.f` | `vs::f` | | `f does it` |"), "line 5: the cell 'note' is empty")

    def test_a_row_with_a_cell_too_few_is_found(self):
        self.assertEqual(self.findings("| `tf.f` | `vs::f` | `f does it` |"), "line 5: 3 cells instead of 4")

    def test_a_row_without_a_test_is_found(self):
        for cell in ("-", "f does it"):
            self.assertEqual(self.findings(f"| `tf.f` | `vs::f` | as is | {cell} |"), "line 5: no test is named")

    def test_a_test_that_does_not_exist_is_found(self):
        for name in ("f does", "run_three", "run_${part}", "example.tower"):
            self.assertEqual(
                self.findings(f"| `tf.f` | `vs::f` | as is | `f does it`, `{name}` |"), f"line 5: there is no test `{name}`")

    def test_an_identifier_that_no_header_has_is_found(self):
        for code, name in (("vs::g(1)", "g"), ("vs::f::inner", "inner"), ("vs::f().other()", "other"), ("vs::lies", "lies")):
            self.assertEqual(
                self.findings(f"| `tf.f` | `{code}` | as is | `f does it` |"), f"line 5: no header has the identifier {name}")
        self.assertIn("identifier g", self.findings("| `tf.f` | left out | see `vs::g` | - |"))

    def test_what_is_left_out_needs_a_reason_and_names_no_test(self):
        self.assertEqual(self.findings("| `tf.f` | left out | - | - |"), "line 5: no reason is given")
        self.assertIn("no test is named: write -", self.findings("| `tf.f` | not yet | later | `f does it` |"))

    def test_a_page_without_a_table_is_found(self):
        self.write("docs/porting.md", "| a | b |\n| --- | --- |\n| 1 | 2 |\n")
        self.assertIn("there is no table", "\n".join(porting.check(self.root)))

    def test_rows_of_every_table_are_seen(self):
        table = "| TensorFlow 1 | varscope | note | test |\n| --- | --- | --- | --- |\n"
        self.write("docs/porting.md", table + self.GOOD + "\n\ntext\n\n" + table + "| `tf.f` | `vs::f` | as is | - |\n")
        self.assertEqual("\n".join(porting.check(self.root)), "line 9: no test is named")


class Threads(Tree):
    WORDS = "| word | meaning |\n| --- | --- |\n| any thread | - |\n| value | - |\n\n"
    GOOD = ("| `a.hpp` | `f`, `s` | any thread | |", "| `io/b.hpp` | `g` | value | note |", "| `io/b.hpp` | all | value | |")

    def setUp(self):
        super().setUp()
        self.write("CMakeLists.txt", "set(VARSCOPE_HEADERS\n    a.hpp\n    io/detail/c.hpp\n    io/b.hpp\n)\n")
        self.write("include/varscope/io/detail/c.hpp", "struct own {};\n")
        self.write("include/varscope/a.hpp",
                   "class later;\nnamespace detail {\nvoid hidden(int x);\n} // namespace detail\n"
                   "[[nodiscard]] inline int f(int x) { return other(x); } // lies\nstruct s {\n    int member();\n};\n"
                   "inline void s::made() {}\nnamespace xt {\nstruct alien {};\n} // namespace xt\n")
        self.write("include/varscope/io/b.hpp", "int g();\nenum class e { x };\n")

    def findings(self, *rows):
        head = "| header | what | needs | note |\n| --- | --- | --- | --- |\n"
        self.write("docs/threads.md", self.WORDS + head + "".join(row + "\n" for row in rows))
        return "\n".join(threads.check(self.root))

    def test_a_whole_table_passes(self):
        self.assertEqual(self.findings(*self.GOOD), "")

    def test_a_header_without_a_row_is_found(self):
        self.assertEqual(self.findings(self.GOOD[0]), "io/b.hpp has no row")

    def test_a_row_of_no_public_header_is_found(self):
        for name in ("io/detail/c.hpp", "d.hpp"):
            self.assertEqual(self.findings(*self.GOOD, f"| `{name}` | all | value | |"), f"line 11: there is no public header {name}")

    def test_headers_in_another_order_are_found(self):
        self.assertEqual(self.findings(*self.GOOD[1:], self.GOOD[0]), "the rows are not in the order of the list of headers")

    def test_a_function_or_class_that_no_row_is_about_is_found(self):
        self.assertEqual(self.findings("| `a.hpp` | `s` | value | |", *self.GOOD[1:]), "a.hpp: no row is about f")
        self.assertEqual(self.findings("| `a.hpp` | `f` | value | |", *self.GOOD[1:]), "a.hpp: no row is about s")
        self.assertEqual(self.findings(*self.GOOD[:2]), "io/b.hpp: no row is about e")

    def test_a_name_that_the_header_does_not_have_is_found(self):
        self.assertEqual(self.findings(*self.GOOD, "| `io/b.hpp` | `lies` | value | |"), "line 11: io/b.hpp has no lies")

    def test_a_word_that_is_not_explained_is_found(self):
        self.assertEqual(self.findings(*self.GOOD, "| `io/b.hpp` | all | luck | |"), "line 11: 'luck' is not explained")

    def test_other_words_in_place_of_names_are_found(self):
        self.assertEqual(self.findings(*self.GOOD, "| `io/b.hpp` | most | value | |"), "line 11: say all, or name what is meant: most")


class RunExample(Tree):
    def run_program(self, expected, program):
        return run_example.run(self.write("expected.txt", expected), [sys.executable, "-c", program])

    def test_equal_output_passes(self):
        self.assertEqual(self.run_program("one\ntwo\n", "print('one'); print('two')"), "")

    def test_other_output_is_shown_as_a_difference(self):
        self.assertIn("+three\n", self.run_program("one\ntwo\n", "print('one'); print('three')"))

    def test_less_output_is_found(self):
        self.assertIn("-two\n", self.run_program("one\ntwo\n", "print('one')"))

    def test_a_program_that_ends_badly_is_found(self):
        self.assertIn("ended with 1", self.run_program("", "import sys; sys.exit(1)"))

    def test_a_missing_file_is_found(self):
        self.assertIn("does not exist", run_example.run(self.root / "none.txt", ["true"]))


class CompileFail(Tree):
    GOOD = "int f();\n"
    BAD = "#ifndef VARSCOPE_GOOD\nbad line // error: broken\n#endif\n"

    def compiler(self, program):
        """A stand-in for a compiler; `good` tells the program whether the bad line is left out, `text` is the source."""
        start = "import sys; good = '-DVARSCOPE_GOOD' in sys.argv; text = open(sys.argv[-1]).read()\n"
        return [sys.executable, str(self.write("compiler.py", start + program))]

    def findings(self, program, text=GOOD + BAD):
        return "\n".join(compile_fail.check(text, self.compiler(program)))

    def test_the_expected_error_passes(self):
        self.assertEqual(self.findings("if not good: sys.exit('x.cpp:3: it is broken')"), "")

    def test_code_that_compiles_is_found(self):
        self.assertEqual(self.findings(""), "compiles with the bad line")

    def test_code_that_never_compiles_is_found(self):
        self.assertIn("does not compile without", self.findings("sys.exit('it is broken')"))

    def test_another_error_is_found(self):
        self.assertIn("does not print: broken", self.findings("if not good: sys.exit('missing semicolon')"))

    def test_the_comment_itself_does_not_count_as_output(self):
        self.assertIn("does not print: broken", self.findings("if not good: sys.exit(text)"))

    def test_a_file_without_a_comment_is_found(self):
        self.assertIn("no line has", self.findings("if not good: sys.exit('it is broken')", self.GOOD))

    def test_each_of_several_texts_is_looked_for(self):
        text = self.GOOD + self.BAD.replace("#endif", "// error: beyond repair\n#endif")
        self.assertEqual(self.findings("if not good: sys.exit('it is broken beyond repair')", text), "")
        self.assertIn("does not print: beyond repair", self.findings("if not good: sys.exit('it is broken')", text))

    def test_a_stated_number_of_errors_passes(self):
        for number, printed in ((1, "x.cpp:3:1: error: broken"), (2, "x.cpp:3: error: broken\\nx.cpp:4: fatal error: why\\n2 errors")):
            self.assertEqual(self.findings(f"if not good: sys.exit('{printed}')", f"// errors: {number}\n" + self.GOOD + self.BAD), "")

    def test_another_number_of_errors_is_found(self):
        for printed, count in (("error: broken\\nx.cpp:4: error: why", 2), ("broken", 0)):
            self.assertIn(f"prints {count} errors instead of 1",
                          self.findings(f"if not good: sys.exit('{printed}')", "// errors: 1\n" + self.GOOD + self.BAD))

    def test_a_warning_that_counts_as_an_error_is_counted_once(self):
        printed = "x.cpp:3: error: broken [-Werror]\\ncc1plus: error: all warnings being treated as errors"
        self.assertEqual(self.findings(f"if not good: sys.exit('{printed}')", "// errors: 1\n" + self.GOOD + self.BAD), "")

    def test_what_files_include_first_is_compiled_once(self):
        texts = ["// Words.\n#include <a/b.hpp>\n#include <c>\n", "#include <a/b.hpp>\n", "#include <d>\n", self.GOOD]
        compile_fail.precompile(self.root / "headers", texts, self.compiler("open(sys.argv[sys.argv.index('-o') + 1], 'x').write(text)"))
        compiled = {path.name: path.read_text() for path in (self.root / "headers").glob("*.gch")}
        self.assertEqual(compiled, {"a_b.hpp.gch": "#include <a/b.hpp>\n", "d.gch": "#include <d>\n"})
        self.assertEqual([compile_fail.included(Path("x"), text) for text in texts], [Path("x/a_b.hpp")] * 2 + [Path("x/d"), None])

    def test_a_header_that_does_not_compile_is_told(self):
        with self.assertRaises(subprocess.CalledProcessError):
            compile_fail.precompile(self.root / "headers", ["#include <a>\n"], self.compiler("sys.exit(1)"))


if __name__ == "__main__":
    unittest.main()
