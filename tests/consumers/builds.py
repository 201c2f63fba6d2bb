"""Builds small programs the ways that consumers build theirs: each without a warning, or refused with its own message.

usage: builds.py HEADERS COMPILER [FLAG...]

HEADERS is the folder include/varscope; FLAGs are the include directories, as plain -I.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent / "builds"
STRICT = ("-Wall -Wextra -Wpedantic -Wold-style-cast -Wsign-conversion -Wconversion -Wshadow -Wnull-dereference "
          "-Werror").split()
CHECK = ["-fsyntax-only"]
WORK = [
    ("strict warnings", [*STRICT, *CHECK]),
    ("optimised, with warnings", ["-Wall", "-Wextra", "-Wnull-dereference", "-Werror", "-O2", "-c"]),
    ("libstdc++'s debug mode, and words of Qt and windows.h",
     ["-D_GLIBCXX_DEBUG", "-include", str(HERE / "macros.hpp"), "-Wall", "-Wextra", "-Werror", *CHECK]),
]
REFUSED = [
    ("C++17", ["-std=c++17", *CHECK], "varscope needs C++20", 2),  # the error and the end of the compilation
    ("-fno-exceptions", ["-fno-exceptions", *CHECK], "varscope tells what is wrong by exceptions", 2),
    ("column-major traversal", ["-DXTENSOR_DEFAULT_TRAVERSAL=::xt::layout_type::column_major", *CHECK],
     "varscope: variables are row-major, and xtensor's default traversal must be too", 1),
]


def all_headers(folder):
    """Includes every header but those that need BLAS, the umbrella first."""
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.hpp"))
    names = [name for name in names if name not in ("varscope.hpp", "src.hpp", "ext/matmul.hpp")]
    return "".join(f"#include <varscope/{name}>\n" for name in ["varscope.hpp", *names])


class Builder:
    def __init__(self, folder, headers, command):
        self.folder, self.command, self.problems = folder, command, []
        (folder / "program.cpp").write_text(all_headers(headers) + (HERE / "program.cpp").read_text(encoding="utf-8"), encoding="utf-8")
        (folder / "hello.cpp").write_text("#include <varscope/varscope.hpp>\n" + (HERE / "hello.cpp").read_text(encoding="utf-8"), encoding="utf-8")
        (folder / "plain.cpp").write_text((HERE / "hello.cpp").read_text(encoding="utf-8"), encoding="utf-8")
        (folder / "pre.hpp").write_text("#include <varscope/varscope.hpp>\n", encoding="utf-8")

    def run(self, *arguments):
        done = subprocess.run([*self.command, *arguments], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False, env={**os.environ, "LC_ALL": "C"})
        # How the linker spreads its work is no warning of the program.
        output = "\n".join(line for line in done.stdout.splitlines() if "LTRANS jobs" not in line and "'-flto' option" not in line)
        return done.returncode, output

    def expect_silence(self, what, *arguments):
        code, output = self.run(*arguments)
        if code != 0 or output.strip():
            self.problems.append(f"{what}: {' '.join(arguments)}\n{output[:4000]}")

    def expect_refusal(self, what, text, count, *arguments):
        code, output = self.run(*arguments)
        errors = [line for line in output.splitlines() if "error: " in line]
        if code == 0 or not errors or text not in errors[0] or len(errors) != count:
            self.problems.append(f"{what}: {' '.join(arguments)}: expected {count} errors, the first of them '{text}'\n{output[:4000]}")


def main():
    headers, compiler, flags = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    version = subprocess.run([compiler, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    is_gcc = "clang" not in version
    with tempfile.TemporaryDirectory() as folder:
        build = Builder(Path(folder), headers, [compiler, "-std=c++20", *flags])
        for what, options in WORK:
            build.expect_silence(what, *options, *(["-Wuseless-cast"] if is_gcc and "-Wconversion" in options else []), "program.cpp")
        for what, options, text, count in REFUSED:
            build.expect_refusal(what, text, count, *options, "hello.cpp")
        if is_gcc:  # clang links so with a linker of its own, which may not be there
            build.expect_silence("optimised while linking", "-O3", "-flto=1", "-Werror", "hello.cpp", "-o", "hello", "-pthread")
        precompiled = "pre.hpp.gch" if is_gcc else "pre.hpp.pch"
        build.expect_silence("a header compiled before", "-Werror", "-x", "c++-header", "pre.hpp", "-o", precompiled)
        used = ["-include", "pre.hpp"] if is_gcc else ["-include-pch", precompiled]
        build.expect_silence("a header compiled before, used", "-Werror", *used, "-c", "plain.cpp")
    print("\n\n".join(build.problems))
    return 1 if build.problems else 0


if __name__ == "__main__":
    sys.exit(main())
