#!/usr/bin/env python3
"""Replay recorded programs and compare the answers with TensorFlow's.

usage: conformance_test.py REPLAY EXPECTED.jsonl [--spoil] [COMPARE-ARGUMENT...]

Exits as conformance/compare.py does. With --spoil, one recorded name is changed first, and the comparison must
find exactly that program wrong.
"""
import json
import pathlib
import subprocess
import sys
import tempfile


def spoiled(text):
    """The recorded programs with the name of the first variable changed, and the id of its program."""
    programs = [json.loads(line) for line in text.splitlines()]
    for program in programs:
        for step in program["steps"]:
            if step["op"] == "get_variable" and "name" in step["r"]:
                step["r"]["name"] = step["r"]["name"].replace(":0", "_1:0")
                return "".join(json.dumps(p) + "\n" for p in programs), program["id"]
    sys.exit("no variable in this file")


def main():
    replay, expected, *rest = sys.argv[1:]
    compare = [sys.executable, str(pathlib.Path(__file__).parent / "conformance" / "compare.py")]
    with tempfile.TemporaryDirectory() as folder:
        answers = pathlib.Path(folder) / "answers.jsonl"
        with open(answers, "wb") as file:
            subprocess.run([replay, expected], stdout=file, check=True)
        if "--spoil" not in rest:
            sys.exit(subprocess.run([*compare, expected, answers, *rest]).returncode)
        text, changed = spoiled(pathlib.Path(expected).read_text(encoding="utf-8"))
        wrong = pathlib.Path(folder) / "wrong.jsonl"
        wrong.write_text(text, encoding="utf-8")
        result = subprocess.run([*compare, wrong, answers], stdout=subprocess.PIPE, text=True)
        print(result.stdout, end="")
        found = [line.split(":")[0] for line in result.stdout.splitlines()[:-1]]
        if result.returncode != 1 or found != [changed]:
            sys.exit(f"the comparison should have found {changed}, and nothing else, wrong")


if __name__ == "__main__":
    main()
