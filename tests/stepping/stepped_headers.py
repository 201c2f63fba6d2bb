"""Copies the headers, with mutexes, and the atomics of the code that gives names, exchanged for stepped ones, and what a thread knows of scopes for that of the stepped thread.

usage: stepped_headers.py INCLUDE TO
"""

import re
import sys
from pathlib import Path

# Where each atomic operation is a step; a lock is one everywhere.
NAMES = re.compile(r"varscope/names/((detail|impl)/)?(unique_names|name_(?!pattern)\w+|scope_contents)\.[hi]pp$")


def stepped(path, text):
    text = re.sub(r"\bstd::(recursive_)?mutex\b", r"::stepped::\1mutex", text)
    text = text.replace("std::this_thread::yield()", "::stepped::yield()")
    text = text.replace("static constinit thread_local ambient state;\n    return state;", "return ::stepped::own_state<ambient>();")
    if NAMES.search(path):
        text = re.sub(r"\bstd::atomic<", "::stepped::atomic<", text)
    return text.replace("#pragma once", '#pragma once\n#include "stepped.hpp"', 1)


def main(include, to):
    for source in sorted(Path(include).rglob("*.?pp")):
        target = Path(to) / source.relative_to(include)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = stepped(source.as_posix(), source.read_text())
        if not target.exists() or target.read_text() != text:
            target.write_text(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
