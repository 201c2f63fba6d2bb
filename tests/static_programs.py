#!/usr/bin/env python3
"""Write scope programs as C++ in which every name is known while compiling.

usage: static_programs.py [--count N | --all] [--files K] [--output FOLDER | --list | --programs FILE] CORPUS.jsonl...

--count N        a sample of N programs (default 240), of each file of the corpus its share
--all            every program that can be said so
--output FOLDER  write part_0.cpp, part_1.cpp, ... (--files, default 2) and all.cpp
--list           print how many programs can be said so, and why the others cannot
--programs FILE  write the programs themselves, as varscope_replay reads them

Each scope is opened with a path, in the static scope that encloses it where there is one, and each variable asked for
by get_variable<"name", T, dimensions...>; in which of the ways to write that changes from step to step. Of the recorded
answers only one thing is used: a step that could not open its block has no block.
"""
import argparse
import collections
import json
import pathlib
import re
import zlib

# Whether '_', '-' or '>' may come first is found out at run time.
NAME = re.compile(r"[A-Za-z0-9_.\-/>]+")
TYPES = {"float32": "float", "float64": "double", "int32": "std::int32_t", "int64": "std::int64_t"}
REUSE = {True: "vs::reuse", "auto": "vs::auto_reuse", False: "vs::reuse_mode::create", None: "vs::reuse_mode::inherit"}
MODES = {True: "vs::reuse", "auto": "vs::auto_reuse"}

# What a step may have besides `op` and `r`. What is not here has no static form, or does not occur.
KEYS = {
    "name_scope": {"name", "default_name"},
    "variable_scope": {"name", "default_name", "scope", "reuse", "auxiliary_name_scope", "as"},
    "end": set(),
    "get_variable": {"name", "shape", "dtype"},
    "scope_get_variable": {"name", "shape", "dtype", "scope", "reuse"},
    "variable": None,  # any
    "op": None,
    "unique_name": {"name", "mark"},
    "where": set(),
    "reuse_variables": {"scope"},
    "scope_info": {"scope"},
    "get_variable_scope": {"as"},
}
ASKS = ("get_variable", "scope_get_variable")


def is_static_name(name):
    return NAME.fullmatch(name) is not None and all(name.split("/"))


def why_not(program):
    """The reason why a program cannot be said with static names, or None."""
    for step in program["steps"]:
        op = step["op"]
        if op not in KEYS:
            return f"step {op}"
        unknown = set(step) - {"op", "r"} - (set(step) if KEYS[op] is None else KEYS[op])
        if unknown:
            return f"{op} with {', '.join(sorted(unknown))}"
        for key in ("name", "default_name"):
            name = step.get(key)
            if name == "":
                return f"{op} with an empty name"
            if name is not None and name.endswith("/"):
                return f"{op} with '/' at the end of a name"
            if name is not None and not is_static_name(name):
                return f"{op} with a name that is no path"
        if op in ASKS:
            shape = step.get("shape")
            if step.get("name") is None:
                return f"{op} without a name"
            if not isinstance(shape, list) or not all(isinstance(d, int) and d >= 0 for d in shape):
                return f"{op} without a shape that is fully known"
            if (step.get("dtype") or "float32") not in TYPES:
                return f"{op} of another element type"
    return None


def read(paths):
    """The programs of each file."""
    return [[json.loads(line) for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines() if line] for path in paths]


def asks_again(program):
    """How many of its steps ask for a variable as an earlier one did."""
    asked = [json.dumps([step["name"], step["shape"], step.get("dtype")]) for step in program["steps"] if step["op"] in ASKS]
    return len(asked) - len(set(asked))


def sample(programs, count):
    """One half from everywhere, the other with the programs that ask for the same again most often."""
    numbers = {i * len(programs) // (count // 2) for i in range(count // 2)}
    often = sorted(set(range(len(programs))) - numbers, key=lambda number: (-asks_again(programs[number]), number))
    return [programs[number] for number in sorted([*numbers, *often[:count - len(numbers)]])]


def select(files, count):
    """`count` of the programs that can be said so, of each file its share; all of them for None."""
    eligible = [[program for program in programs if why_not(program) is None] for programs in files]
    left = sum(map(len, eligible))
    wanted = left if count is None else min(count, left)
    selected = []
    for programs in eligible:
        share = round(wanted * len(programs) / left) if left else 0
        selected += sample(programs, share)
        wanted, left = wanted - share, left - len(programs)
    return selected


def repeated(program, times):
    """The program that asks for each variable so often in a row."""
    return {**program, "steps": [step for step in program["steps"] for _ in range(times if step["op"] in ASKS else 1)]}


class Writer:
    """Writes one program as a C++ function."""

    def __init__(self, program, function):
        self.program = program
        self.function = function
        self.lines = []
        self.open = []  # by block: (guard of a variable scope or None, path in the guard's type or None)
        self.at = 0

    def way(self, what, count):
        """One of `count` ways to write a step, always the same one."""
        return zlib.crc32(f"{self.program['id']} {self.at} {what}".encode()) % count

    def line(self, text):
        self.lines.append("    " * (len(self.open) + 1) + text)

    # ---- names

    def path(self, name, what="path"):
        if name is None:
            return "vs::no_name"
        text = json.dumps(name)
        cut = name.rfind("/")
        way = self.way(what, 4)
        if way == 0:
            return f"vs::path<{text}>{{}}"
        if way == 1 and cut > 0:
            return f'{json.dumps(name[:cut])}_path / {json.dumps(name[cut + 1:])}_path'
        if way == 2:
            return self.hana(name)
        return text + "_path"

    @staticmethod
    def hana(name):
        return "boost::hana::string_c<" + ", ".join(f"'{c}'" for c in name) + ">"

    def literal(self, name):
        """As a template argument."""
        return [json.dumps(name), json.dumps(name), json.dumps(name) + "_path", self.hana(name)][self.way("literal", 4)]

    # ---- scopes

    def innermost(self):
        """The guard of the variable scope in force and the path in its type, or None and None."""
        return next((block for block in reversed(self.open) if block[0]), (None, None))

    def scope_options(self, step):
        """As last argument; empty if there is nothing to say. A default name counts only where there is no other."""
        said = [f".reuse = {REUSE[step['reuse']]}"] if "reuse" in step else []
        is_named = step.get("scope") is not None or step.get("name") is not None
        if step.get("default_name") is not None and not is_named:
            said.append(f".default_name = {json.dumps(step['default_name'])}_path")
        if not step.get("auxiliary_name_scope", True):
            said.append(".auxiliary_name_scope = false")
        if len(said) == 1 and step.get("reuse") in MODES and "scope" not in step and self.way("options", 2):
            return ", " + MODES[step["reuse"]]
        options = "named_scope_options" if is_named else "scope_options"
        return f", vs::{options}{{{', '.join(said)}}}" if said else ""

    def variable_scope(self, step):
        """(declaration of the guard, the path in its type or None)"""
        guard, options = f"s{self.at}", self.scope_options(step)
        graph = "vs::current_graph(), " if self.way("graph", 3) == 0 else ""
        if step.get("scope") is not None:
            return f"vs::variable_scope {guard}{{{graph}h{step['scope']}.value(){options}}};", None
        name = step.get("name")
        if name is None:  # a default name is made unique, so the scope's name is not known
            return f"vs::variable_scope {guard}{{{graph}vs::no_name{options}}};", None
        outer, outer_path = self.innermost()
        if outer_path is None:
            return f"vs::static_scope {guard}{{{graph}{self.path(name)}{options}}};", name
        return f"vs::static_scope {guard}{{{outer}, {self.path(name)}{options}}};", f"{outer_path}/{name}"

    def begin(self, step):
        if step["op"] == "name_scope":
            names = self.path(step.get("name"))
            if "default_name" in step:
                names += ", " + self.path(step["default_name"], "default")
            graph = "vs::current_graph(), " if self.way("graph", 3) == 0 else ""
            declared, path, block = f"vs::name_scope s{self.at}({graph}{names});", None, (None, None)
        else:
            declared, path = self.variable_scope(step)
            block = (f"s{self.at}", path)
        is_opened = "error" not in step["r"]
        self.line("{" if is_opened else "try {")
        self.open.append(block)
        self.line(declared)
        if path is not None:
            self.line(f"static_assert(decltype(s{self.at})::path::view() == {json.dumps(path)});")
        if "as" in step:
            self.line(f"h{step['as']} = s{self.at}.handle();")
        self.line(f"p.opened(s{self.at});")
        if not is_opened:
            self.open.pop()
            self.line("} catch (const vs::error& e) { p.failed(e); }")

    # ---- variables

    def place(self, step):
        """Where the variable is asked for; empty for the scope in force, unsaid."""
        if step.get("scope") is not None:
            return f"h{step['scope']}.value()"
        guard, _ = self.innermost()
        if guard and self.way("guard", 2):
            return guard
        return ["", "vs::current_graph()", "vs::get_variable_scope()"][self.way("place", 3)]

    def get_variable(self, step):
        shape = step["shape"]
        element = TYPES[step.get("dtype") or "float32"]
        dimensions = ", ".join(map(str, shape))
        options = f"vs::variable_options{{.reuse = {REUSE[step['reuse']]}}}" if "reuse" in step else ""
        way = self.way("shape", 6) if zlib.crc32(self.program["id"].encode()) % 2 else 3  # so that some meet again
        is_said_at_run_time = way == 0 or (way == 1 and shape)
        if not options and way == 2:
            options = "vs::variable_options{}"
        place = self.place(step)
        arguments = [place or "{}"] if place or options or is_said_at_run_time else []
        said = dimensions or "vs::scalar"
        if is_said_at_run_time:
            arguments.append(f"vs::shape{{{dimensions}}}")
            said = "" if way == 0 else ", ".join(["vs::unknown_dimension"] + [str(d) for d in shape[1:]])
        arguments += [options] if options else []
        parameters = ", ".join(filter(None, [self.literal(step["name"]), element, said]))
        self.line("while (p.asks()) {")
        self.line(f"    try {{ p.got(vs::get_variable<{parameters}>({', '.join(arguments)})); }} catch (const vs::error& e) {{ p.failed(e); }}")
        self.line("}")

    # ---- the others

    def here(self, step):
        """The scope that a step means, as a handle."""
        if step.get("scope") is not None:
            return f"h{step['scope']}.value()"
        guard, _ = self.innermost()
        return f"{guard}.handle()" if guard and self.way("here", 2) else "vs::get_variable_scope()"

    def reuse_variables(self, step):
        guard, _ = self.innermost()
        scope = guard if guard and step.get("scope") is None and self.way("guard", 2) else self.here(step)
        self.line(f"{scope}.reuse_variables();")
        self.line(f"p.reuses({scope}.reuse());")

    def get_variable_scope(self, step):
        if "as" in step:
            self.line(f"h{step['as']} = {self.here(step)};")
            self.line(f"p.has(*h{step['as']});")
        else:
            self.line(f"p.has({self.here(step)});")

    def rest(self, step):
        """What of a step is not its name, as text."""
        said = {key: value for key, value in step.items() if key not in ("op", "r", "name")}
        return f'R"({json.dumps(said, separators=(",", ":"))})"'

    def leaf(self, step):
        op = step["op"]
        if op in ASKS:
            self.get_variable(step)
        elif op in ("variable", "op"):
            self.line(f"p.{op}({self.path(step.get('name'))}, {self.rest(step)});")
        elif op == "unique_name":
            use = "take" if step.get("mark", True) else "ask"
            self.line(f"p.got_name({self.path(step['name'])}, vs::name_use::{use});")
        elif op == "where":
            self.line("p.is_here();")
        elif op == "reuse_variables":
            self.reuse_variables(step)
        elif op == "scope_info":
            self.line(f"p.tell({self.here(step)});")
        else:
            self.get_variable_scope(step)

    def write(self):
        steps = self.program["steps"]
        self.lines = [f"void {self.function}(program& p) {{"]
        for handle in sorted({step["as"] for step in steps if "as" in step}):
            self.line(f"std::optional<vs::scope_handle> h{handle};")
        for self.at, step in enumerate(steps):
            if step["op"] in ("name_scope", "variable_scope"):
                self.begin(step)
            elif step["op"] == "end":
                if self.open:
                    self.open.pop()
                    self.line("}")
                self.line("p.ended();")
            else:
                self.leaf(step)
        while self.open:
            self.open.pop()
            self.line("}")
        return "\n".join(self.lines + ["}"]) + "\n"


def source(programs, part):
    functions = [f"program_{number}" for number in range(len(programs))]
    written = [f"// {program['id']}\n{Writer(program, function).write()}" for program, function in zip(programs, functions)]
    calls = [f"    r.run({json.dumps(program['id'])}, {function});\n" for program, function in zip(programs, functions)]
    return ('#include "program.hpp"\n\nnamespace static_programs {\nnamespace {\n\n' + "\n".join(written)
            + f"\n}} // namespace\n\nvoid run_part_{part}(const runner& r);\nvoid run_part_{part}(const runner& r) {{\n"
            + "".join(calls) + "}\n\n} // namespace static_programs\n")


def index(parts):
    return ("namespace static_programs {\n\nclass runner;\nvoid run_all(const runner& r);\n"
            + "".join(f"void run_part_{part}(const runner& r);\n" for part in range(parts))
            + "\nvoid run_all(const runner& r) {\n" + "".join(f"    run_part_{part}(r);\n" for part in range(parts))
            + "}\n\n} // namespace static_programs\n")


def split(programs, parts):
    return [programs[len(programs) * i // parts:len(programs) * (i + 1) // parts] for i in range(parts)]


def report(paths, files):
    """How many programs of each file can be said so, and the reasons of the others."""
    lines = []
    for path, programs in zip(paths, files):
        reasons = collections.Counter(filter(None, map(why_not, programs)))
        lines.append(f"{pathlib.Path(path).name}: {len(programs) - sum(reasons.values())} of {len(programs)} programs")
        lines += [f"  {count:4} left out: {reason}" for reason, count in reasons.most_common()]
    return "\n".join(lines)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=240)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--files", type=int, default=2)
    parser.add_argument("--output", type=pathlib.Path)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--programs", type=pathlib.Path)
    parser.add_argument("corpus", nargs="+")
    return parser.parse_args()


def main():
    options = parse()
    files = read(options.corpus)
    programs = select(files, None if options.all else options.count)
    if options.list:
        print(report(options.corpus, files))
        print(f"{len(programs)} selected")
    if options.programs:
        options.programs.write_text("".join(json.dumps(program) + "\n" for program in programs), encoding="utf-8")
    if options.output:
        options.output.mkdir(parents=True, exist_ok=True)
        for part, some in enumerate(split(programs, options.files)):
            (options.output / f"part_{part}.cpp").write_text(source(some, part), encoding="utf-8")
        (options.output / "all.cpp").write_text(index(options.files), encoding="utf-8")


if __name__ == "__main__":
    main()
