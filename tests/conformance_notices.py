#!/usr/bin/env python3
"""Spoil recorded answers, one field of one program at a time: the comparison must find exactly those programs wrong.

usage: conformance_notices.py REPLAY FOLDER KIND

KIND: wrong    a field has another value
      type     a truth value is a number, or a number a truth value
      missing  a field is missing
      extra    a field is there that should not be
      steps    a step, or a program, is not answered, or twice
For every field that occurs in any of the folder's programs, and each kind of step that it occurs in.
"""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile

import conformance_test

# Errors are compared by kind alone, and the texts are not the library's.
IGNORED = {"error.class", "error.message"}


def parts_of(answer, path=""):
    """(path, where it is, key) of each field in an answer; elements of lists have the path of the list and []."""
    if isinstance(answer, dict):
        for key in answer:
            here = f"{path}.{key}" if path else key
            if here not in IGNORED and not (here.endswith(".class") or here.endswith(".message")):
                yield here, answer, key
                yield from parts_of(answer[key], here)
    elif isinstance(answer, list):
        for index in range(len(answer)):
            yield path + "[]", answer, index
            yield from parts_of(answer[index], path + "[]")


def other(value):
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    if isinstance(value, str):
        return value + "_1"
    if isinstance(value, list):
        return value + value[-1:] if value else ["x"]
    if value is None:
        return "x"
    return {}


def wrong(where, key):
    where[key] = other(where[key])


def of_other_type(where, key):
    """The same for a language in which 1 and true are equal."""
    value = where[key]
    where[key] = int(value) if isinstance(value, bool) else bool(value)


def missing(where, key):
    del where[key]


def extra(where, key):
    """Beside each field another one; behind each element another one."""
    if isinstance(where, list):
        where.insert(key, copy.deepcopy(where[key]))
    else:
        where[key + "_too"] = where[key]


def is_truth_or_like_it(path, value):
    return isinstance(value, bool) or (isinstance(value, int) and value in (0, 1))


def is_not_in_error(path, value):  # there the kind alone counts
    return ".kind" not in path


SPOILERS = {  # and which fields they can be used for
    "wrong": (wrong, lambda path, value: True),
    "type": (of_other_type, is_truth_or_like_it),
    "missing": (missing, lambda path, value: True),
    "extra": (extra, is_not_in_error),
}


def spoiled_fields(programs, spoil, can_be_spoiled):
    """(field, program, answers) for each field, with the first program in which it can be spoiled."""
    done = set()
    for program in programs:
        for at, step in enumerate(program["steps"]):
            if step["r"].get("error", {}).get("kind") == "type_error":
                continue  # whatever is answered there
            for number, (path, where, key) in enumerate(parts_of(step["r"])):
                field = f"{step['op']}.{path}"
                if field in done or not can_be_spoiled(path, where[key]):
                    continue
                done.add(field)
                answers = [copy.deepcopy(s["r"]) for s in program["steps"]]
                _, where, key = list(parts_of(answers[at]))[number]
                spoil(where, key)
                yield field, program, answers


def spoiled_steps(programs):
    """The same for whole answers; None for a program without any."""
    for program in [p for p in programs if any(s["op"] == "end" for s in p["steps"])][:8]:
        answers = [s["r"] for s in program["steps"]]
        end = next(i for i, s in enumerate(program["steps"]) if s["op"] == "end")
        yield "last answer missing", program, answers[:-1]
        yield "first answer missing", program, answers[1:]
        yield "no answers", program, []
        yield "program missing", program, None
        yield "an answer too many at the end", program, answers + [{}]
        yield "an answer too many in front", program, [{}] + answers
        yield "an error without a kind", program, answers[:end] + [{"error": {}}] + answers[end + 1:]
        yield "skipped, though it can be said", program, answers[:end] + [{"skipped": True}] + answers[end + 1:]


def answers_of(replay, programs):
    with tempfile.TemporaryDirectory() as folder:
        name = pathlib.Path(folder) / "programs.jsonl"
        write(name, programs)
        lines = subprocess.run([replay, str(name)], stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()
    return {line["id"]: line["answers"] for line in map(json.loads, lines)}


def write(path, lines):
    pathlib.Path(path).write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def main():
    if len(sys.argv) != 4 or sys.argv[3] not in [*SPOILERS, "steps"]:
        sys.exit(__doc__)
    replay, folder, kind = sys.argv[1:]
    programs = [p for file in sorted(pathlib.Path(folder).glob("*.jsonl")) for p in conformance_test.read(file)]
    spoils_steps = kind == "steps"
    cases = list(spoiled_steps(programs) if spoils_steps else spoiled_fields(programs, *SPOILERS[kind]))
    right = answers_of(replay, {program["id"]: program for _, program, _ in cases}.values())
    expected, answered, spoiled = [], [], {}
    for number, (what, program, answers) in enumerate(cases):
        untouched = {**program, "id": f"{program['id']} {number} right"}
        touched = {**program, "id": f"{program['id']} {number} spoiled"}
        spoiled[touched["id"]] = what
        replied = right[program["id"]]
        if not spoils_steps:  # the recorded answers are spoiled, not the replayer's
            touched["steps"] = [{**step, "r": r} for step, r in zip(program["steps"], answers)]
            answers = replied
        expected += [untouched, touched]
        answered.append({"id": untouched["id"], "answers": replied})
        if answers is not None:
            answered.append({"id": touched["id"], "answers": answers})
    if spoils_steps:
        answered += [{"id": "not asked", "answers": []}, answered[0]]
        spoiled.update({"not asked": "a program nobody asked for", answered[0]["id"]: "a program answered twice"})
    with tempfile.TemporaryDirectory() as temporary:
        paths = [str(pathlib.Path(temporary) / name) for name in ("expected.jsonl", "answers.jsonl")]
        write(paths[0], expected)
        write(paths[1], answered)
        code, lines = conformance_test.compare(*paths, show=len(expected))
    found = {line.split(":")[0] for line in lines[:-1]}
    for name in sorted(spoiled.keys() - found):
        print(f"not noticed: {spoiled[name]} ({name})")
    for name in sorted(found - spoiled.keys()):
        print(f"found wrong, and is right: {name}")
    print(f"{len(found & spoiled.keys())} of {len(spoiled)} noticed: {', '.join(sorted(set(spoiled.values())))}")
    sys.exit(0 if cases and found == spoiled.keys() and code == 1 else 1)


if __name__ == "__main__":
    main()
