#!/usr/bin/env python3
"""Programs compiled with static names answer what the replayed ones do, and what TensorFlow answered.

usage: static_programs_test.py STATIC REPLAY COUNT CORPUS.jsonl... [--spoil]

STATIC   varscope_static_programs, which answers a sample of COUNT programs: see static_programs.py. Each twice: as it
         is, and with each variable asked for several times in a row (which is compared with the replayed one only)
REPLAY   varscope_replay
--spoil  spoil the answers in several ways instead: each has to be noticed; and names that are no paths
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import conformance_test
import static_programs

AT_LEAST = 200  # programs
REPEATS = 3  # made, found, and then known from before


def difference(answer, other):
    """The first step at which two lines differ."""
    answers, others = (json.loads(line).get("answers", []) for line in (answer, other))
    for i in range(max(len(answers), len(others))):
        a, b = (json.dumps(side[i]) if i < len(side) else "(no answer)" for side in (answers, others))
        if a != b:
            return f"step {i}: {a}, replayed: {b}"
    return "written in another way"


def check_lines(programs, lines, replayed):
    """What is wrong with the lines of `STATIC`, beside those of `REPLAY` on the same programs."""
    findings = []
    if len(lines) < AT_LEAST:
        findings.append(f"{len(lines)} programs are answered, fewer than {AT_LEAST}")
    if len(lines) != len(programs) or len(replayed) != len(programs):
        findings.append(f"{len(programs)} programs, {len(lines)} answered, {len(replayed)} replayed")
    for line, other in zip(lines, replayed):
        if line != other:
            name, other_name = json.loads(line)["id"], json.loads(other)["id"]
            findings.append(f"{name}: {difference(line, other)}" if name == other_name else f"{name} stands where {other_name} should")
    return findings


def check(programs, lines, replayed):
    """The same, and beside TensorFlow's answers; and a summary."""
    findings = check_lines(programs, lines, replayed)
    with tempfile.TemporaryDirectory() as folder:
        expected, answers = (pathlib.Path(folder) / name for name in ("expected.jsonl", "answers.jsonl"))
        expected.write_text("".join(json.dumps(program) + "\n" for program in programs), encoding="utf-8")
        answers.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        code, found = conformance_test.compare(str(expected), str(answers))
    return findings + (found if code else []), found[-1]


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()


def replay(command, programs):
    with tempfile.TemporaryDirectory() as folder:
        asked = pathlib.Path(folder) / "programs.jsonl"
        asked.write_text("".join(json.dumps(program) + "\n" for program in programs), encoding="utf-8")
        return run(command, str(asked))


def edited(line, edit):
    parsed = json.loads(line)
    edit(parsed["answers"])
    return json.dumps(parsed, separators=(",", ":"), sort_keys=True)


def rename(answers):
    named = next(answer for answer in answers if "name" in answer)
    named["name"] += "_1"


def spoiled(programs, lines, replayed):
    """(what is wrong, programs, lines, replayed lines); with nothing wrong at first"""
    middle = next(i for i in range(len(lines) // 2, len(lines)) if '"name"' in lines[i])
    before, line, after = lines[:middle], lines[middle], lines[middle + 1:]
    wrong = edited(line, rename)
    yield None, programs, before + [edited(line, lambda answers: None)] + after, replayed
    yield "a name is another one", programs, before + [wrong] + after, replayed
    yield "the replayed name is another one", programs, lines, replayed[:middle] + [wrong] + replayed[middle + 1:]
    yield "both names are another one", programs, before + [wrong] + after, replayed[:middle] + [wrong] + replayed[middle + 1:]
    yield "an answer is missing", programs, before + [edited(line, lambda answers: answers.pop())] + after, replayed
    yield "an answer too many", programs, before + [edited(line, lambda answers: answers.append({}))] + after, replayed
    yield "a program is missing", programs, before + after, replayed
    yield "a program is answered twice", programs, before + [line, line] + after, replayed
    yield "a second answer differs", programs, before + [line, wrong] + after, replayed
    yield "nothing is answered", programs, [], replayed
    yield "few programs", programs[:AT_LEAST - 1], lines[:AT_LEAST - 1], replayed[:AT_LEAST - 1]


def wrongly_chosen():
    """Names that static_programs.py takes for what they are not."""
    for name, is_static in {"a": True, "_a": True, "a-b/c.d>e/F_1": True, "": False, "/": False, "a/": False, "/a": False,
                            "a//b": False, "a b": False, "a\n": False, "\u00e4": False, "a'": False}.items():
        for key in ("name", "default_name"):
            if (static_programs.why_not({"steps": [{"op": "name_scope", key: name}]}) is None) != is_static:
                yield f"{key} {json.dumps(name)} is{'' if is_static else ' not'} a path"
    for step in ({"op": "no such step"}, {"op": "where", "key": 1}, {"op": "get_variable", "name": "v", "shape": [None]}):
        if static_programs.why_not({"steps": [step]}) is None:
            yield f"{json.dumps(step)} has no static form"


def main():
    words = [word for word in sys.argv[1:] if word != "--spoil"]
    if len(words) < 4:
        sys.exit(__doc__)
    static, replayer, count, *corpus = words
    files = static_programs.read(corpus)
    programs = static_programs.select(files, int(count))
    lines, replayed = run(static), replay(replayer, programs)
    findings, summary = check(programs, lines, replayed)
    if "--spoil" in sys.argv:
        cases = list(spoiled(programs, lines, replayed))
        findings += [*wrongly_chosen(), *check(*cases[0][1:])[0]]
        findings += [f"not noticed: {what}" for what, *case in cases[1:] if not check(*case)[0]]
        summary = f"{len(cases) - 1} ways to be wrong"
    else:
        often = [static_programs.repeated(program, REPEATS) for program in programs]
        findings += check_lines(often, run(static, str(REPEATS)), replay(replayer, often))
        summary = static_programs.report(corpus, files) + "\n" + summary
    print("\n".join(findings[:20] + [summary]))
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
