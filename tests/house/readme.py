"""Checks that the C++ in README.md and in docs/ is taken from examples that are compiled and run.

usage: readme.py ROOT

A block is marked by the line above it, `<!-- example: FILE#PART -->`, and must equal the lines of examples/FILE between
two lines `// [PART]`, less their common indentation. Each block of C++ must be marked.
"""

import difflib
import re
import sys
import textwrap
from pathlib import Path

SKIPPED = 77
BLOCK = re.compile(r"(?:^<!-- example: (\S+)#(\S+) -->\n)?^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CPP = {"cpp", "c++", "cxx"}


def part_of(source, part):
    """The lines between the two marks of `part`; None if there are not two."""
    pieces = re.split(r"^[ \t]*// \[" + re.escape(part) + r"\][ \t]*\n", source, flags=re.MULTILINE)
    return textwrap.dedent(pieces[1]) if len(pieces) == 3 else None


def check_text(text, examples):
    """What is wrong with the blocks of the text; `examples` is the folder of the sources."""
    findings = []
    for block in BLOCK.finditer(text):
        line = text.count("\n", 0, block.start()) + 1
        file, part, language, code = block.groups()
        if file is None:
            if language in CPP:
                findings.append(f"line {line}: a block of C++ that no example holds; mark it <!-- example: FILE#PART -->")
            continue
        source = examples / file
        expected = part_of(source.read_text(), part) if source.is_file() else None
        if expected is None:
            findings.append(f"line {line}: examples/{file} has no part // [{part}] ... // [{part}]")
        elif expected != code:
            diff = difflib.unified_diff(
                expected.splitlines(), code.splitlines(), f"examples/{file}#{part}", f"line {line}", lineterm="")
            findings.append("\n".join(diff))
    return findings


if __name__ == "__main__":
    root = Path(sys.argv[1])
    if not (root / "README.md").exists():
        print("skipped: there is no README.md")
        sys.exit(SKIPPED)
    problems = [
        f"{page.relative_to(root)}: {problem}"
        for page in [root / "README.md", *sorted(root.glob("docs/**/*.md"))]
        for problem in check_text(page.read_text(), root / "examples")]
    print("\n".join(problems))
    sys.exit(1 if problems else 0)
