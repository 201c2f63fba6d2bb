"""Checks the table of what each public function needs when there are several threads.

usage: threads.py ROOT

In the table of docs/threads.md with the columns `header | what | needs | note`:

- each header that CMakeLists.txt lists and that has a public name has a row, in the order of that list; what is in
  FOLDER/detail/ has none;
- `what` is `all`, for whatever no other row of the header names, or names in backticks that the header has;
- each class and function of the header, outside of namespaces `detail`, is named or meant by `all`;
- `needs` is one of the words that the table `word | meaning` explains.
"""

import re
import sys
from pathlib import Path

from listed import listed
from porting import COMMENTS_AND_TEXT, IDENTIFIER, cells_of

# Not the library's own, or not public.
OTHERS = re.compile(
    r"^namespace ((?:varscope::inline VARSCOPE_ABI::)?detail|(?:xtl?|boost::hana)(?:::\w+)*) \{.*?^\} // namespace \1", re.MULTILINE | re.DOTALL)
TYPE = re.compile(r"^(?:class|struct|enum class|concept|using) (\w+)\b(?!;|::)", re.MULTILINE)
# At the first column, and so no member; what is declared on the line before, or made by a macro, is not seen.
FUNCTION = re.compile(
    r"^(?:\[\[[\w:, ]+\]\] )?(?:inline|constexpr|consteval|[\w:]+(?:<[\w:, ]*>)?&?) [^=;{}(\n]*?(?<![\w:])(\w+)\(", re.MULTILINE)
NO_FUNCTIONS = {"requires", "decltype", "operator", "static_assert", "if", "for", "while", "return", "noexcept"}


def public_names(text):
    """The classes and functions that a header declares in its own namespace."""
    text = COMMENTS_AND_TEXT.sub("", OTHERS.sub("", text))
    return set(TYPE.findall(text)) | set(FUNCTION.findall(text)) - NO_FUNCTIONS


def tables_of(text, headings):
    """(line number, cells) of each row of the tables with these headings."""
    is_inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("|"):
            is_inside = False
        elif cells_of(line) == headings:
            is_inside = True
        elif is_inside and set(line) - set("|-: "):
            yield number, cells_of(line)


def check(root):
    page = (root / "docs/threads.md").read_text()
    words = {cells[0] for _, cells in tables_of(page, ["word", "meaning"])}
    texts = {h: (root / "include/varscope" / h).read_text() for h in listed((root / "CMakeLists.txt").read_text(), "VARSCOPE_HEADERS")}
    headers = [h for h in texts if h.endswith(".hpp") and "detail" not in h.split("/")]
    findings = []
    rows = {}
    for number, cells in tables_of(page, ["header", "what", "needs", "note"]):
        name = cells[0].strip("`")
        if len(cells) != 4:
            findings.append(f"line {number}: {len(cells)} cells instead of 4")
        elif name not in headers:
            findings.append(f"line {number}: there is no public header {name}")
        elif cells[2] not in words:
            findings.append(f"line {number}: '{cells[2]}' is not explained")
        else:
            rows.setdefault(name, []).append((number, cells[1]))
    findings += [f"{name} has no row" for name in headers if name not in rows and public_names(texts[name])]
    if list(rows) != [name for name in headers if name in rows]:
        findings.append("the rows are not in the order of the list of headers")
    for name, whats in rows.items():
        text = texts[name]
        present = set(IDENTIFIER.findall(COMMENTS_AND_TEXT.sub(" ", text)))
        named = set()
        for number, what in whats:
            names = re.findall(r"`(\w+)`", what)
            if what != "all" and (not names or what != ", ".join(f"`{n}`" for n in names)):
                findings.append(f"line {number}: say all, or name what is meant: {what}")
            findings += [f"line {number}: {name} has no {n}" for n in names if n not in present]
            named.update(names)
        if all(what != "all" for _, what in whats):
            findings += [f"{name}: no row is about {n}" for n in sorted(public_names(text) - named)]
    return findings


if __name__ == "__main__":
    problems = check(Path(sys.argv[1]))
    print("\n".join(problems))
    sys.exit(1 if problems else 0)
