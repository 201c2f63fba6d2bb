"""Checks the porting table: that its rows are whole, and that what they name is there.

usage: porting.py ROOT

In each table of docs/porting.md with the columns `TensorFlow 1 | varscope | note | test`:

- no cell is empty, and each row has four;
- a row says `left out` or `not yet` first in its second column, with the reason beside it, and names no test; or it
  names at least one test that exists, in backticks: the sentence of a TEST_CASE, or a test of ctest;
- in code, each `vs::name`, and in the second column each `.member`, is an identifier in a public header.
"""

import re
import sys
from pathlib import Path

HEADINGS = ["TensorFlow 1", "varscope", "note", "test"]
ABSENT = ("left out", "not yet")
NONE = "-"  # stands in a cell that has nothing to say
SKIPPED = 77

CODE = re.compile(r"(`+)(.+?)\1")
COMMENTS_AND_TEXT = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:[^"\\\n]|\\.)*"', re.DOTALL)
IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
TEST_CASE = re.compile(r'^[ \t]*(?:TEMPLATE_)?TEST_CASE\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)', re.MULTILINE)
COMMAND = re.compile(r"^[ \t]*(\w+)\(([^()]*)\)", re.MULTILINE)


def cells_of(line):
    """The cells of a row of a table; `\\|` does not end one."""
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def rows_of(text):
    """(line number, cells) of each row of a porting table."""
    is_inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("|"):
            is_inside = False
        elif cells_of(line) == HEADINGS:
            is_inside = True
        elif is_inside and set(line) - set("|-: "):
            yield number, cells_of(line)


def codes_of(cell):
    return [match[2] for match in CODE.finditer(cell)]


def identifiers(sources):
    """The identifiers in C++ sources, without what stands in comments and literals."""
    return {name for text in sources for name in IDENTIFIER.findall(COMMENTS_AND_TEXT.sub(" ", text))}


def sentences(sources):
    """The names of the test cases in C++ sources."""
    found = set()
    for text in sources:
        for literals in TEST_CASE.findall(text):
            parts = re.findall(r'"((?:[^"\\]|\\.)*)"', literals)
            found.add("".join(parts).replace('\\"', '"').replace("\\\\", "\\"))
    return found


def ctest_names(cmake_texts, examples=()):
    """The names of the tests that CMake files add by add_test and varscope_house_test, with loops over words unrolled."""
    found = set()
    for text in cmake_texts:
        loops = [{}]  # what the variables stand for, in each turn of the loops around a command
        outer = []
        for command, arguments in COMMAND.findall(re.sub(r"#[^\n]*", "", text)):
            words = arguments.split()
            if command == "foreach":
                outer.append(loops)
                values = list(examples) if words[1:] == ["IN", "LISTS", "VARSCOPE_EXAMPLES"] else words[1:]
                loops = [{**turn, words[0]: value} for turn in loops for value in values]
            elif command == "endforeach":
                loops = outer.pop()
            elif command == "string" and words[0] == "TOLOWER":
                loops = [{**turn, words[2]: expanded(words[1], turn).lower()} for turn in loops]
            elif command in ("add_test", "varscope_house_test"):
                name = words[1] if command == "add_test" else words[0]
                found |= {expanded(name, turn) for turn in loops}
    return {name for name in found if "$" not in name}


def expanded(word, variables):
    return re.sub(r"\$\{(\w+)\}", lambda match: variables.get(match[1], match[0]), word)


def check_row(cells, tests, known):
    """What is wrong with a row, given the names of all tests and the identifiers in the headers."""
    if len(cells) != len(HEADINGS):
        return [f"{len(cells)} cells instead of {len(HEADINGS)}"]
    findings = [f"the cell '{heading}' is empty" for heading, cell in zip(HEADINGS, cells) if not cell]
    _, here, note, test = cells
    if here.startswith(ABSENT):
        if note in ("", NONE):
            findings.append("no reason is given")
        if test != NONE:
            findings.append(f"it is not there, so no test is named: write {NONE}")
    else:
        named = codes_of(test)
        if not named:
            findings.append("no test is named")
        findings += [f"there is no test `{name}`" for name in named if name not in tests]
    names = [name for cell in cells for code in codes_of(cell)
             for path in re.findall(r"\bvs((?:::\w+)+)", code) for name in path.split("::")[1:]]
    names += [name for code in codes_of(here) for name in re.findall(r"(?<![\w./])(?:[\w\])>]*)\.([a-z_]\w*)", code)
              if not re.search(r"\.(?:hpp|cpp|ckpt)\b", code)]
    return findings + [f"no header has the identifier {name}" for name in dict.fromkeys(names) if name not in known]


def check_text(text, tests, known):
    rows = list(rows_of(text))
    if not rows:
        return ["there is no table with the columns " + " | ".join(HEADINGS)]
    return [f"line {number}: {finding}" for number, cells in rows for finding in check_row(cells, tests, known)]


def check(root):
    def read(pattern, below):
        return [path.read_text() for path in sorted((root / below).glob(pattern))]

    examples = re.findall(r"^[ \t]*varscope_example\((\w+)", "\n".join(read("CMakeLists.txt", "examples")), re.MULTILINE)
    tests = sentences(read("**/*.cpp", "tests")) | ctest_names(read("**/CMakeLists.txt", "tests"), examples)
    known = identifiers(read("**/*.hpp", "include/varscope"))
    return check_text((root / "docs/porting.md").read_text(), tests, known)


if __name__ == "__main__":
    root = Path(sys.argv[1])
    if not (root / "docs/porting.md").exists():
        print("skipped: there is no docs/porting.md")
        sys.exit(SKIPPED)
    problems = check(root)
    print("\n".join(f"docs/porting.md: {problem}" for problem in problems))
    sys.exit(1 if problems else 0)
