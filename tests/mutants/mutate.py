"""Writes the headers with all mutants in them, and runs the tests with each. See run.

usage: mutate.py --list
       mutate.py --write FOLDER
       mutate.py --run FOLDER-OF-PROGRAMS [CHOICE...]
"""

import concurrent.futures
import os
import re
import subprocess
import sys
import time
from html import unescape
from pathlib import Path

from mutants import MUTANTS

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def find_once(text, wanted, begin=0, end=None):
    """The place of the only match. Raises ValueError."""
    pattern = r"\s+".join(map(re.escape, wanted.split()))
    found = list(re.compile(pattern).finditer(text, begin, len(text) if end is None else end))
    if len(found) != 1:
        raise ValueError(f"occurs {len(found)} times, not once: {wanted}")
    return found[0].span()


def mutated_text(text, mutants):
    """A header with its mutants, given as (number, mutant), each run by its number. Raises ValueError."""
    places = {}
    for number, mutant in mutants:
        try:
            span = find_once(text, mutant.original, *(find_once(text, mutant.within) if mutant.within else ()))
        except ValueError as error:
            raise ValueError(f"{mutant.header}, '{mutant.what}': {error}") from None
        places.setdefault(span, []).append((number, mutant))
    spans = sorted(places)
    for (_, end), (begin, _) in zip(spans, spans[1:]):
        if begin < end:
            raise ValueError(f"{mutants[0][1].header}: two mutants overlap at: {text[begin:end]}")
    for begin, end in reversed(spans):
        result = text[begin:end]
        is_statement = result.endswith(";") or result.startswith("if ")
        for number, mutant in reversed(places[begin, end]):
            if is_statement:
                result = f"if (varscope_mutant({number})) {{ {mutant.mutated} }} else {{ {result} }}"
            else:
                result = f"(varscope_mutant({number}) ? ({mutant.mutated}) : ({result}))"
        text = text[:begin] + result + text[end:]
    begin, _ = find_once(text, "#pragma once")
    return text[:begin] + "#pragma once\n#include <varscope/mutant.hpp>\n" + text[begin + len("#pragma once"):]


def mutated_headers(mutants, include):
    """The text of every header below `include`, by its name there. Raises ValueError."""
    numbered = {}
    for number, mutant in enumerate(mutants, 1):
        numbered.setdefault("varscope/" + mutant.header, []).append((number, mutant))
    result = {str(path.relative_to(include)): path.read_text(encoding="utf-8") for path in sorted(include.rglob("*.?pp"))}
    for name, here in numbered.items():
        if name not in result:
            raise ValueError(f"there is no header {name}")
        result[name] = mutated_text(result[name], here)
    result["varscope/mutant.hpp"] = (HERE / "mutant.hpp").read_text(encoding="utf-8")
    return result


def write(headers, folder):
    """Writes what changed, so that no more is compiled than needs be."""
    for path in list(folder.rglob("*.?pp")):
        if str(path.relative_to(folder)) not in headers:
            path.unlink()
    for name, text in headers.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


class Programs:
    """What was built, and how long it takes without a mutant."""

    def __init__(self, folder):
        self.tests = folder / "varscope_mutant_tests"
        self.replay = folder / "varscope_mutant_replay"
        self.corpora = sorted((ROOT / "tests" / "conformance").glob("*.jsonl"))
        self.timeout = 600
        begin = time.monotonic()
        noticed = self.unit_tests(0) or self.conformance(0)
        if noticed:
            raise SystemExit(f"without a mutant there is a failure already: {noticed}")
        self.seconds = time.monotonic() - begin
        self.timeout = 60 + 5 * self.seconds

    def output(self, command, number):
        """(whether it ended well, what it printed, whether it hung)"""
        environment = dict(os.environ, VARSCOPE_MUTANT=str(number))
        command = ["stdbuf", "-oL", *map(str, command)]
        with subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True, errors="replace", start_new_session=True) as process:
            try:
                text, _ = process.communicate(timeout=self.timeout)
                return process.returncode == 0, text, False
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                text, _ = process.communicate()
                return False, text, True

    def unit_tests(self, number, files=()):
        """The test that fails or hangs, or ''."""
        chosen = [",".join(f"[#{Path(name).name}]" for name in files)] if files else []
        is_well, text, hung = self.output([self.tests, "-r", "xml", "-#", "--abort", *chosen], number)
        if is_well:
            return ""
        names = re.findall(r'<TestCase name="([^"]*)"', text)
        last = f"'{unescape(names[-1])}'" if names else "the tests' beginning"
        return last + (", which hangs" if hung else "")

    def conformance(self, number):
        """The corpus that is answered wrongly, or ''."""
        script = ROOT / "tests" / "conformance_test.py"
        for corpus in self.corpora:
            is_well, _, hung = self.output([sys.executable, "-B", script, self.replay, corpus], number)
            if not is_well:
                return f"conformance_{corpus.stem}" + (", which hangs" if hung else "")
        return ""

    def noticed_by(self, number, files):
        """Asks first those files that should know. Threads may need several runs to meet."""
        for _ in range(3 if files else 0):
            noticed = self.unit_tests(number, files)
            if noticed:
                return noticed
        return self.conformance(number) or self.unit_tests(number)


def verdict(mutant, noticed):
    """(whether all is well, what to say)"""
    if mutant.equivalent:
        return (False, f"EXPLAINED WRONGLY: noticed by {noticed}") if noticed else (True, f"explained: {mutant.equivalent}")
    return (True, f"noticed by {noticed}") if noticed else (False, "NOT NOTICED")


def is_chosen(number, mutant, choices):
    texts = (mutant.header, mutant.what)
    return not choices or any(choice == str(number) if choice.isdigit() else any(choice in text for text in texts)
                              for choice in choices)


def run(mutants, folder, choices):
    chosen = [(number, mutant) for number, mutant in enumerate(mutants, 1) if is_chosen(number, mutant, choices)]
    programs = Programs(folder)
    print(f"without a mutant all is well, in {programs.seconds:.0f} s", flush=True)
    failed = 0

    def check(entry):
        number, mutant = entry
        return number, mutant, programs.noticed_by(number, mutant.tests.split())

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, mutant, noticed in pool.map(check, chosen):
            is_well, text = verdict(mutant, noticed)
            failed += not is_well
            print(f"{number:3} {mutant.header}: {mutant.what}\n    {text}", flush=True)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return failed == 0


def main(arguments):
    if arguments[:1] == ["--list"]:
        for number, mutant in enumerate(MUTANTS, 1):
            print(f"{number:3} {mutant.header}: {mutant.what}")
    elif arguments[:1] == ["--write"] and len(arguments) == 2:
        write(mutated_headers(MUTANTS, ROOT / "include"), Path(arguments[1]))
    elif arguments[:1] == ["--run"] and len(arguments) >= 2:
        return run(MUTANTS, Path(arguments[1]), arguments[2:])
    else:
        raise SystemExit(__doc__)
    return True


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
