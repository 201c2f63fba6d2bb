"""Checks the lists of headers and tests, and what headers include.

usage: headers.py ROOT

- CMakeLists.txt lists the headers that exist, and tests/CMakeLists.txt the tests;
- a file of tests that starts threads has a test with the tag [threads], by which the thread sanitizer finds it;
- a header includes only headers of this project that are listed above it; and at its end, in the header-only form, what
  has the bodies of its functions, of its own folder;
- src.hpp includes every .ipp, in the order of the list;
- the folders below include/varscope stand in that list one after the other, so that a folder includes only folders
  before it; what is in FOLDER/detail/ or FOLDER/impl/ is included from FOLDER alone;
- beside each folder, but for those of FACELESS, stands its face, FOLDER.hpp, which includes all of the folder that is not
  in detail/ or impl/, and nothing else;
- xtensor is included in one header only, and xtensor-blas in one.
"""

import re
import sys
from pathlib import Path

from listed import differences, listed

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
# The only headers that include these libraries: their paths differ between versions, and they are slow to compile.
HOMES = {
    "xtensor": "base/xtensor.hpp",
    "xtl": "base/xtensor.hpp",
    "xtensor-blas": "ext/matmul.hpp",
}
THREADS = re.compile(r'^#include (<(thread|future)>|"race.hpp")', re.MULTILINE)
# A face of this folder would need all libraries that its headers need one by one.
FACELESS = {"ext"}
# Below tests/, these folders hold sources that are not part of varscope_tests.
NOT_TESTS = {"compile_fail", "consumers", "cost", "guard_exit", "hidden_library", "replay", "stepping"}


def folder_of(name):
    """The folder of a header below include/varscope; '' for one that stands in none."""
    return name.partition("/")[0] if "/" in name else ""


def is_private(name):
    """Whether a header is for its folder alone."""
    return name.split("/")[1:2] in (["detail"], ["impl"])


def check_folders(headers):
    """What is wrong with the order of the folders in the list."""
    findings = []
    done = []
    for name in headers:
        folder = folder_of(name)
        if folder and folder in done[:-1]:
            findings.append(f"{name} does not stand beside the others of its folder in the list")
        elif folder and done[-1:] != [folder]:
            done.append(folder)
    return findings


def check_faces(headers, root):
    """What is wrong with the faces of the folders."""
    findings = []
    for folder in dict.fromkeys(filter(None, map(folder_of, headers))):
        face = f"{folder}.hpp"
        if folder in FACELESS:
            continue
        if face not in headers:
            findings.append(f"there is no {face}, the face of the folder")
            continue
        public = {name for name in headers if folder_of(name) == folder and not is_private(name)}
        included = {path.removeprefix("varscope/") for _, path in INCLUDE.findall((root / face).read_text())}
        findings += [f"{face} does not include {name}" for name in sorted(public - included)]
        findings += [f"{face} includes {name}, which is not of its folder" for name in sorted(included - public)]
    return findings


TAIL = re.compile(r"\n#ifndef VARSCOPE_SEPARATE_COMPILATION\n((?:#include <[^>]+>\n)+)#endif\n\Z")


def check_bodies(name, text):
    """What is wrong with the end of a header, which includes the bodies of its functions."""
    tail = TAIL.search(text)
    return [f"{name} includes {path} at its end, which is of another folder"
            for _, path in (INCLUDE.findall(tail[1]) if tail else []) if folder_of(path.removeprefix("varscope/")) != folder_of(name)]


def check_source(headers, root):
    """What is wrong with src.hpp."""
    bodies = [name for name in headers if name.endswith(".ipp")]
    if not bodies:
        return []
    included = [path.removeprefix("varscope/") for _, path in INCLUDE.findall((root / "src.hpp").read_text())]
    return [] if included == bodies else ["src.hpp does not include each .ipp, in the order of the list"]


def check_includes(name, text, above):
    """What is wrong with the includes of the header `name`, whose predecessors in the list are `above`."""
    findings = []
    for quote, path in INCLUDE.findall(TAIL.sub("\n", text)):
        first, _, rest = path.partition("/")
        if quote == '"':
            findings.append(f'{name} includes "{path}": write <varscope/...>')
        elif name == "src.hpp":
            continue
        elif first == "varscope" and rest not in above:
            findings.append(f"{name} includes {rest}, which is not listed above it")
        elif first == "varscope" and is_private(rest) and folder_of(rest) != folder_of(name):
            findings.append(f"{name} includes {rest}, which is for its own folder")
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
    findings += check_folders(headers)
    findings += check_source(headers, folder)
    findings += check_faces([name for name in headers if (folder / name).exists()], folder)
    for index, name in enumerate(headers):
        if (folder / name).exists():
            text = (folder / name).read_text()
            findings += check_includes(name, text, headers[:index]) + check_bodies(name, text)

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
