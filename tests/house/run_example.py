"""Runs a program and compares all that it prints with a file.

usage: run_example.py EXPECTED PROGRAM [ARGUMENT...]

In arguments, {checkpoints} stands for the folder of real checkpoints: the one that VARSCOPE_CHECKPOINTS names, or else
shared/checkpoints beside the project. Where a file in it is missing the test is skipped.
"""

import difflib
import os
import subprocess
import sys
from pathlib import Path

SKIPPED = 77
ROOT = Path(__file__).resolve().parents[2]


def run(expected, command):
    """Tells how the command's output differs from the text of the file `expected`; empty if it does not."""
    if not expected.is_file():
        return f"{expected} does not exist"
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        return f"{command[0]} ended with {done.returncode}\n{done.stdout}{done.stderr}"
    if done.stdout == expected.read_text():
        return ""
    diff = difflib.unified_diff(
        expected.read_text().splitlines(keepends=True), done.stdout.splitlines(keepends=True), str(expected), "printed")
    return "".join(diff)


if __name__ == "__main__":
    folder = os.environ.get("VARSCOPE_CHECKPOINTS") or str(ROOT.parent / "shared/checkpoints")
    arguments = []
    for argument in sys.argv[3:]:
        path = argument.replace("{checkpoints}", folder)
        # A checkpoint's name is the common beginning of its files' names.
        if path != argument and not list(Path(path).parent.glob(Path(path).name + "*")):
            print(f"skipped: {path} is not there")
            sys.exit(SKIPPED)
        arguments.append(path)
    difference = run(Path(sys.argv[1]), [sys.argv[2], *arguments])
    print(difference)
    sys.exit(1 if difference else 0)
