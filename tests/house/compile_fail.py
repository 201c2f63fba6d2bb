"""Checks that a file compiles without its bad line, that it fails with it, and that the compiler says why.

usage: compile_fail.py FILE COMPILER [FLAG...]

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
ERROR = re.compile(r"^(?!cc1plus:).*\berror: ", re.MULTILINE)  # cc1plus only says that a warning counts as one


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
    file = Path(sys.argv[1])
    problems = check(file.read_text(), sys.argv[2:])
    print("\n".join(problems))
    sys.exit(1 if problems else 0)
