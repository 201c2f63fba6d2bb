"""Reads the lists of files in CMakeLists.txt."""

import re


def listed(cmake_text, variable):
    """The entries of `set(variable ...)`, without comments, in order."""
    found = re.search(r"^set\(" + variable + r"\s(.*?)^\)", cmake_text, re.MULTILINE | re.DOTALL)
    if not found:
        raise ValueError(f"no list {variable}")
    return [entry for line in found[1].splitlines() for entry in line.split("#")[0].split()]


def differences(entries, on_disk, cmake_name):
    """Tells where a list and the disk disagree."""
    findings = [f"{cmake_name} lists {name} twice" for name in sorted({e for e in entries if entries.count(e) > 1})]
    findings += [f"{cmake_name} lists {name}, which does not exist" for name in sorted(set(entries) - set(on_disk))]
    findings += [f"{cmake_name} does not list {name}" for name in sorted(set(on_disk) - set(entries))]
    return findings
