"""Checks the lists of headers and tests, and what headers include.

usage: headers.py ROOT

- CMakeLists.txt lists the headers that exist, and tests/CMakeLists.txt the tests;
- a file of tests that starts threads has a test with the tag [threads], by which the thread sanitizer finds it;
- a header includes only headers of this project that are listed above it;
- xtensor is included in one header only, and xtensor-blas in one.
"""

import re
import sys
from pathlib import Path

from listed import differences, listed

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
# The only headers that include these libraries: their paths differ between versions, and they are slow to compile.
HOMES = {
    "xtensor": "detail/xtensor.hpp",
    "xtl": "detail/xtensor.hpp",
    "xtensor-blas": "matmul.hpp",
}
THREADS = re.compile(r'^#include (<(thread|future)>|"race.hpp")', re.MULTILINE)
# Below tests/, these folders hold sources that are not part of varscope_tests.
NOT_TESTS = {"compile_fail", "consumers", "cost", "guard_exit", "hidden_library", "replay", "stepping"}


def check_includes(name, text, above):
    """What is wrong with the includes of the header `name`, whose predecessors in the list are `above`."""
    findings = []
    for quote, path in INCLUDE.findall(text):
        first, _, rest = path.partition("/")
        if quote == '"':
            findings.append(f'{name} includes "{path}": write <varscope/...>')
        elif first == "varscope" and rest not in above:
            findings.append(f"{name} includes {rest}, which is not listed above it")
        else:
            home = HOMES.get(first.removesuffix(".hpp"))
            if home and name != home:
                findings.append(f"{name} includes <{path}>, which only {home} may")
    return findings


def check(root):
    folder = root / "include/varscope"
    headers = listed((root / "CMakeLists.txt").read_text(), "VARSCOPE_HEADERS")
    on_disk = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    findings = differences(headers, on_disk, "CMakeLists.txt")
    for index, name in enumerate(headers):
        if (folder / name).exists():
            findings += check_includes(name, (folder / name).read_text(), headers[:index])

    folder = root / "tests"
    tests = listed((folder / "CMakeLists.txt").read_text(), "VARSCOPE_TESTS")
    on_disk = [path.relative_to(folder) for path in folder.rglob("*.cpp")]
    on_disk = [path.as_posix() for path in on_disk if path.parts[0] not in NOT_TESTS and path.name != "main.cpp"]
    for name in on_disk:
        text = (folder / name).read_text()
        if THREADS.search(text) and "[threads]" not in text:
            findings.append(f"tests/{name} starts threads, but no test in it has the tag [threads]")
    return findings + differences(tests, on_disk, "tests/CMakeLists.txt")


if __name__ == "__main__":
    problems = check(Path(sys.argv[1]))
    print("\n".join(problems))
    sys.exit(1 if problems else 0)
