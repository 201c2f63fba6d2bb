#!/usr/bin/env python3
"""Replay recorded programs and compare the answers with TensorFlow's.

usage: conformance_test.py REPLAY EXPECTED.jsonl [COMPARE-ARGUMENT...]

Exits as conformance/compare.py does; with 1, too, after what that one overlooks (see `overlooked`), which is looked
for only without further arguments.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

COMPARE = pathlib.Path(__file__).parent / "conformance" / "compare.py"


def read(path):
    return [json.loads(line) for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines() if line]


def overlooked_value(want, got, path=""):
    """What compare.py takes for the same and is not: where and what, or None."""
    if isinstance(want, dict) and isinstance(got, dict):
        if got.get("skipped") and want.get("error", {}).get("kind") == "type_error":
            return None
        if ("error" in want) != ("error" in got):
            return path + ".error", want.get("error", "(absent)"), got.get("error", "(absent)")
        for key in set(want) & set(got) - {"error"}:
            difference = overlooked_value(want[key], got[key], f"{path}.{key}")
            if difference:
                return difference
    elif isinstance(want, list) and isinstance(got, list):
        for i, (w, g) in enumerate(zip(want, got)):
            difference = overlooked_value(w, g, f"{path}[{i}]")
            if difference:
                return difference
    elif isinstance(want, bool) != isinstance(got, bool):
        return path, want, got
    return None


def overlooked(programs, answered):
    """Lines on what compare.py overlooks: answers too many, numbers for truth values, errors of no kind, programs
    answered twice or not asked."""
    found = []
    asked = {program["id"]: program for program in programs}
    seen = set()
    for line in answered:
        name = line["id"]
        if name in seen or name not in asked:
            found.append(f"{name}: {'answered twice' if name in seen else 'nobody asked'}")
            continue
        seen.add(name)
        steps = asked[name]["steps"]
        if len(line["answers"]) > len(steps):
            found.append(f"{name}: {len(line['answers'])} answers to {len(steps)} steps")
        for i, (step, answer) in enumerate(zip(steps, line["answers"])):
            difference = overlooked_value(step["r"], answer)
            if difference:
                path, want, got = difference
                found.append(f"{name}: step {i} {step['op']}{path}: expected {json.dumps(want)}, got {json.dumps(got)}")
                break
    return found


def compare(expected, answers, *arguments, show=10):
    """The exit code, and the lines that it stands for: differences (of `show` programs), and a summary."""
    command = [sys.executable, str(COMPARE), expected, answers, "--show", str(show), *arguments]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    lines = result.stdout.splitlines()
    more = [] if arguments else overlooked(read(expected), read(answers))
    return (result.returncode or (1 if more else 0)), lines[:-1] + more + lines[-1:]


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    replay, expected, *rest = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        answers = str(pathlib.Path(folder) / "answers.jsonl")
        with open(answers, "wb") as file:
            subprocess.run([replay, expected], stdout=file, check=True)
        code, lines = compare(expected, answers, *rest)
    print("\n".join(lines))
    sys.exit(code)


if __name__ == "__main__":
    main()
