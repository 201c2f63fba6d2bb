"""Checks that a file compiles without its bad line, that it fails with it, and that the compiler says why.

usage: compile_fail.py FOLDER FILE COMPILER [FLAG...]
       compile_fail.py --precompile FOLDER SOURCES COMPILER [FLAG...]

The second form compiles what the files of the folder SOURCES include first, each once, into FOLDER, where the first
form finds it; a file includes no more by that than it says.

The bad line is left out when VARSCOPE_GOOD is defined. A comment `// error: TEXT` beside it gives text that the compiler
must print; several lines may have one. A comment `// errors: NUMBER` says how many errors the compiler must print.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

EXPECTED = re.compile(r"[ \t]*// error: (.*\S)")
COUNT = re.compile(r"// errors: (\d+)")
INCLUDE = re.compile(r"^#include <(.*)>", re.MULTILINE)
ERROR = re.compile(r"^(?!cc1plus:).*\berror: ", re.MULTILINE)  # cc1plus only says that a warning counts as one


def included(folder, text):
    """The file in the folder that stands for what the text includes first."""
    first = INCLUDE.search(text)
    return folder / first[1].replace("/", "_") if first else None


def precompile(folder, texts, command):
    """Compiles beforehand what the texts include first."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, line in sorted({(included(folder, text), INCLUDE.search(text)[0]) for text in texts if INCLUDE.search(text)}):
        path.write_text(line + "\n")
        subprocess.run([*command, "-o", f"{path}.gch", "-x", "c++-header", str(path)], check=True)


def compile_text(text, command):
    """Compiles the text. Returns whether that worked, and what the compiler printed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "source.cpp"  # a name that no expected text is part of
        path.write_text(text)
        done = subprocess.run(
            [*command, "-fsyntax-only", str(path)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
            env={**os.environ, "LC_ALL": "C"})
    return done.returncode == 0, done.stdout


def check(text, command):
    """What is wrong with a file that holds the text."""
    expected = EXPECTED.findall(text)
    if not expected:
        return ["no line has a comment // error: TEXT"]
    # Compilers print the lines that they complain about, so the comments would always be found.
    text = EXPECTED.sub("", text)
    works, output = compile_text(text, [*command, "-DVARSCOPE_GOOD"])
    if not works:
        return [f"does not compile without the bad line:\n{output}"]
    works, output = compile_text(text, command)
    if works:
        return ["compiles with the bad line"]
    findings = [f"the compiler does not print: {line}\nbut:\n{output}" for line in expected if line not in output]
    count = len(ERROR.findall(output))
    findings += [
        f"the compiler prints {count} errors instead of {number}:\n{output}"
        for number in COUNT.findall(text) if int(number) != count]
    return findings


if __name__ == "__main__":
    if sys.argv[1] == "--precompile":
        precompile(Path(sys.argv[2]), [file.read_text() for file in Path(sys.argv[3]).glob("*.cpp")], sys.argv[4:])
        sys.exit()
    source = Path(sys.argv[2]).read_text()
    header = included(Path(sys.argv[1]), source)
    problems = check(source, [*sys.argv[3:], *(["-include", str(header)] if header else [])])
    print("\n".join(problems))
    sys.exit(1 if problems else 0)
