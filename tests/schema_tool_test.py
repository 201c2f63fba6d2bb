#!/usr/bin/env python3
"""Runs varscope_schema, and compiles the headers that it writes.

usage: schema_tool_test.py PROGRAM CLASS COMPILER [FLAG...]

What it writes for schema_tool/small.json is compared with schema_tool/small.hpp.
"""
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).parent
SMALL = HERE / "schema_tool" / "small.json"
GOLDEN = HERE / "schema_tool" / "small.hpp"


def masked_crc(data):
    """CRC-32C, bit by bit, masked as in LevelDB's tables."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def varint(value):
    text = b""
    while value >= 128:
        text += bytes([value % 128 + 128])
        value //= 128
    return text + bytes([value])


def field(number, value):
    if isinstance(value, int):
        return varint(number * 8) + varint(value)
    return varint(number * 8 + 2) + varint(len(value)) + value


def write_checkpoint(prefix, tensors):
    """Writes the files of a checkpoint of version 2. Tensors: name -> (TensorFlow's type, shape, size in bytes)."""
    entries = [(b"", field(1, 1) + field(3, field(1, 1)))]
    offset = 0
    for name, (kind, shape, size) in sorted((name.encode(), t) for name, t in tensors.items()):
        dimensions = b"".join(field(2, field(1, d) if d else b"") for d in shape)
        entries.append((name, field(1, kind) + field(2, dimensions) + field(4, offset) + field(5, size)
                        + varint(6 * 8 + 5) + struct.pack("<I", masked_crc(bytes(size)))))
        offset += size

    def block(pairs):
        text = b"".join(varint(0) + varint(len(k)) + varint(len(v)) + k + v for k, v in pairs)
        starts = [0]
        for k, v in pairs[:-1]:
            starts.append(starts[-1] + len(varint(0) + varint(len(k)) + varint(len(v)) + k + v))
        return text + b"".join(struct.pack("<I", s) for s in starts) + struct.pack("<I", len(starts))

    file = b""

    def add(contents):
        nonlocal file
        handle = varint(len(file)) + varint(len(contents))
        file += contents + b"\0" + struct.pack("<I", masked_crc(contents + b"\0"))
        return handle

    data = add(block(entries))
    meta = add(block([]))
    index = add(block([(entries[-1][0], data)]))
    footer = (meta + index).ljust(40, b"\0") + struct.pack("<Q", 0xDB4775248B80FB57)
    Path(f"{prefix}.index").write_bytes(file + footer)
    Path(f"{prefix}.data-00000-of-00001").write_bytes(bytes(offset))


def variables(names, **other):
    entry = {"shape": [2], "dtype": "float32", "trainable": True, "initializer": {"kind": "zeros"}} | other
    return [{"name": name} | entry for name in names]


def listing(entries, **other):
    sizes = []
    for entry in entries:
        size = 1
        for dimension in entry["shape"]:
            size *= dimension
        sizes.append(size)
    return {"format": "tf1-variable-list", "format_version": 1, "model": "net", "variable_count": len(entries),
            "parameter_count": sum(sizes), "variables": entries} | other


class Program(unittest.TestCase):
    """A folder to write lists into, and the program to give them to."""

    path = ""
    compiler = []

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_program(self, *arguments):
        return subprocess.run([self.path, *map(str, arguments)], capture_output=True, text=True, check=False)

    def run_text(self, text, *arguments):
        file = self.folder / "list.json"
        file.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
        return self.run_program(file, *arguments)

    def written(self, done):
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def header_of(self, entries, *arguments):
        return self.written(self.run_text(listing(entries), *arguments))

    def layout_of(self, entries):
        """The schema of a header, without line breaks and the namespace."""
        text = re.search(r"layout = (.*?);\n};", self.header_of(entries), re.DOTALL)[1]
        return re.sub(r"\n *", "", text.replace("varscope::", "")).replace(", {.initializer = zeros()}", "")

    def compile(self, header, more=""):
        """Compiles a header, whose assertions then hold, and more behind it."""
        (self.folder / "written.hpp").write_text(header, encoding="utf-8")
        source = self.folder / "source.cpp"
        source.write_text(f'#include "written.hpp"\n{more}\n', encoding="utf-8")
        done = subprocess.run([*self.compiler, "-fsyntax-only", str(source)], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        return done.returncode, done.stdout

    def check_compiles(self, header, more=""):
        status, output = self.compile(header, more)
        self.assertEqual(status, 0, f"{header}\n{output}")


def names_are(model, names):
    """An assertion in C++ that these are a schema's names in their order."""
    text = ", ".join(f'"{name}"' for name in names)
    return (f"#include <algorithm>\nconstexpr std::string_view {model}_names[] = {{{text}}};\n"
            f"static_assert(std::ranges::equal(varscope::schema<{model}>::names, {model}_names));")


class Headers(Program):
    def test_the_small_list_is_written_as_it_was(self):
        self.assertEqual(self.written(self.run_program(SMALL)), GOLDEN.read_text(encoding="utf-8"))

    def test_the_small_list_compiles_and_has_its_variables(self):
        header = self.written(self.run_program(SMALL))
        entries = json.loads(SMALL.read_text(encoding="utf-8"))["variables"]
        checks = [
            f'static_assert(varscope::schema<small_net>::contains("{e["name"]}"));'
            for e in entries]
        # In the file's order, but for the repetition.
        names = [e["name"] for e in entries]
        cells = ["net/cell_0/kernel", "net/cell_0/gate/bias", "net/cell_1/kernel", "net/cell_1/gate/bias"]
        ordered = names[:1] + cells + [n for n in names[1:] if n not in cells]
        self.check_compiles(header, "\n".join([*checks, names_are("small_net", ordered)]))

    def test_published_models_compile(self):
        for model in ("bert_small", "gpt2_355M"):
            file = HERE / "models" / f"{model}.json"
            header = self.written(self.run_program(file))
            entries = json.loads(file.read_text(encoding="utf-8"))["variables"]
            self.check_compiles(header, names_are(model, [e["name"] for e in entries]))
            self.assertEqual([line for line in header.splitlines() if len(line) > 100 or "\t" in line], [])

    def test_false_assertions_are_noticed(self):
        header = self.written(self.run_program(SMALL))
        for changed, more in ((header.replace("== 12)", "== 13)"), ""), (header.replace("== 151)", "== 152)"), ""),
                              (header, names_are("small_net", ["step"]))):
            status, output = self.compile(changed, more)
            self.assertEqual(status, 1)
            self.assertIn("static assertion failed", output)

    def test_a_checkpoint_compiles_whichever_file_it_is_named_by(self):
        prefix = self.folder / "model.ckpt-1"
        write_checkpoint(prefix, {"net/kernel": (1, [2, 3], 24), "net/kernel/Adam": (1, [2, 3], 24),
                                  "step": (9, [], 8), **{f"net/h{i}/b": (1, [4], 16) for i in range(12)}})
        header = self.written(self.run_program(prefix))
        self.assertEqual(header, self.written(self.run_program(f"{prefix}.index")))
        self.assertEqual(header, self.written(self.run_program(f"{prefix}.data-00000-of-00001")))
        self.assertIn('varscope::repeat<12>("h",', header)
        self.assertIn("struct model_ckpt_1 {", header)
        self.assertNotIn("initializer", header)
        self.check_compiles(header, names_are("model_ckpt_1", [*(f"net/h{i}/b" for i in range(12)), "net/kernel",
                                                               "net/kernel/Adam", "step"]))

    def test_checkpoints_that_tensorflow_wrote_compile(self):
        folder = Path(os.environ.get("VARSCOPE_CHECKPOINTS") or HERE.parent.parent / "shared/checkpoints")
        prefixes = [folder / name for name in ("half_plus_two/variables", "bundle_checkpoint/bundle_checkpoint",
                                               "mnist/model.ckpt-46900")]
        if not all(Path(f"{prefix}.index").exists() for prefix in prefixes):
            self.skipTest("no checkpoints")
        for prefix in prefixes:
            self.check_compiles(self.written(self.run_program(prefix)))

    def test_every_element_type_and_constant_compiles(self):
        floats = ["float16", "bfloat16", "float32", "float64"]
        whole = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
        entries = []
        for kind in [*floats, *whole, "bool", "complex64", "complex128"]:
            values = [True] if kind == "bool" else [1, -2**63, 2**64 - 1] if kind == "int64" else [1]
            values += [0.5, 1e300, -0.25] if kind in floats else []
            for i, value in enumerate(values):
                entries += variables([f"{kind}/c{i}"], dtype=kind, initializer={"kind": "constant", "value": value})
            entries += variables([f"{kind}/none"], dtype=kind, initializer=None, trainable=False)
        self.check_compiles(self.header_of(entries))

    def test_many_variables_in_one_scope_compile(self):
        names = [f"net/v{i}x" for i in range(250)]
        self.check_compiles(self.header_of(variables(names)), names_are("net", names))

    def test_deep_scopes_compile(self):
        names = ["/".join(["a"] * 100) + "/x", "/".join(["a"] * 31) + "/y"]
        self.check_compiles(self.header_of(variables(names)), names_are("net", names))

    def test_the_name_of_the_struct(self):
        entries = variables(["a"])
        headers = ""
        for model, name in (("net", "net"), ("GPT-2 (355M)", "GPT_2_355M"), ("2B", "model_2B"), ("", "model"),
                            ("int", "model_int"), ("_x__y_", "x_y"), ("varscope", "model_varscope"),
                            ("\u00fc*/\n#error", "error"), ("x" * 100, "x" * 60)):
            header = self.written(self.run_text(listing(entries, model=model)))
            self.assertIn(f"struct {name} {{\n", header)
            headers += header
        self.check_compiles(headers)
        self.assertIn("struct other {", self.header_of(entries, "--name", "other"))
        first = self.run_text(listing(entries))
        self.assertEqual(self.written(self.run_program("--name", "net", self.folder / "list.json")), first.stdout)


class Folding(Program):
    def test_like_scopes_are_a_repetition(self):
        names = [f"h{i}/{name}" for i in range(11) for name in ("w", "b")]
        repetition = 'repeat<11>("h",var<float, 2>("w"),var<float, 2>("b"))'
        self.assertEqual(self.layout_of(variables(names)), repetition)
        # In the order of a checkpoint, and of a program that makes all the w first.
        self.assertEqual(self.layout_of(variables(sorted(names))), repetition.replace('"w"', '"?"')
                         .replace('"b"', '"w"').replace('"?"', '"b"'))
        self.assertEqual(self.layout_of(variables(names[::2] + names[1::2])), repetition)

    def test_repetitions_in_repetitions(self):
        names = [f"a/b_{i}/c{j}/x" for i in range(2) for j in range(3)]
        self.assertEqual(self.layout_of(variables(names)),
                         'scope("a",repeat<2>("b_",repeat<3>("c",var<float, 2>("x"))))')

    def test_scopes_that_are_not_alike_stay_apart(self):
        for change in ({"shape": [3]}, {"dtype": "int32"}, {"trainable": False}, {"initializer": {"kind": "ones"}}):
            entries = variables(["h0/x", "h1/x"])
            entries[1] |= change
            self.assertNotIn("repeat", self.layout_of(entries))
        headers, checks = "", []
        for names in (["h0/x", "h1/y"], ["h0/x", "h1/x", "h1/y"], ["h1/x", "h2/x"], ["h0/x", "h2/x"], ["h00/x", "h01/x"],
                      ["0/x", "1/x"], ["h0/x", "g1/x"], ["h0", "h1"]):
            self.assertNotIn("repeat", self.layout_of(variables(names)), names)
            model = f"net{len(checks)}"
            headers += self.header_of(variables(names), "--name", model)
            checks.append(names_are(model, names))
        self.check_compiles(headers, "\n".join(checks))

    def test_a_long_name_of_a_repetition_compiles(self):
        names = ["h" * 1000 + f"{i}/x" for i in range(11)]
        header = self.header_of(variables(names))
        self.assertIn("repeat<11>", header)
        self.check_compiles(header, names_are("net", names) +
                            f'\nstatic_assert(varscope::schema<net>::contains("{names[10]}"));')

    def test_those_that_are_alike_are_folded_up_to_the_first_that_is_not(self):
        self.assertEqual(self.layout_of(variables(["h0/x", "h1/x", "h2/y", "h3/x"])),
                         'group(repeat<2>("h",var<float, 2>("x")),scope("h2",var<float, 2>("y")),'
                         'scope("h3",var<float, 2>("x")))')

    def test_a_scope_that_others_interrupt_begins_again(self):
        names = ["a/x", "b", "a/y"]
        self.assertEqual(self.layout_of(variables(names)),
                         'group(scope("a",var<float, 2>("x")),var<float, 2>("b"),scope("a",var<float, 2>("y")))')
        self.check_compiles(self.header_of(variables(names)), names_are("net", names))


class Errors(Program):
    def refused(self, text):
        done = self.run_text(text)
        self.assertEqual((done.returncode, done.stdout), (1, ""), text)
        self.assertIn("list.json: ", done.stderr)
        return done.stderr

    def test_names_that_no_schema_can_say_are_told(self):
        for name in ("a b", "a:0", "a\\b", 'a"b', "a\n", "\u00fc", "a//b", "/a", "a/", "", "a\0b"):
            message = self.refused(listing(variables(["fine", name, "fine/too"])))
            self.assertIn("no schema can declare 1 of its variables", message)
            self.assertTrue(message.isascii() and message.count("\n") == 2, message)
        self.assertIn("'a//b' has an empty component", self.refused(listing(variables(["a//b"]))))
        self.assertIn(r"holds '\x0a'", self.refused(listing(variables(["a\n"]))))
        self.assertIn("'a' is there twice", self.refused(listing(variables(["a", "a"]))))
        self.assertIn("declare 30 of", self.refused(listing(variables([f"a b{i}" for i in range(30)]))))

    def test_shapes_that_no_schema_can_have_are_told(self):
        self.assertIn("'a' has 9 axes", self.refused(listing(variables(["a"], shape=[1] * 9))))
        self.written(self.run_text(listing(variables(["a"], shape=[1] * 8))))
        self.assertIn("negative dimension", self.refused(listing(variables(["a"], shape=[2, -1]))))
        for shape in ([2**62, 2], [2**32, 2**32, 0, 2], [2**61]):
            self.assertIn("larger than any memory", self.refused(listing(variables(["a"], shape=shape))))
        self.assertIn("together", self.refused(listing(variables(["a", "b"], shape=[2**60]))))
        for dimension in (2**63, 2**64, 1e30, 1.5, "3", None, True, [3]):
            broken = listing(variables(["a"]))
            broken["variables"][0]["shape"] = [dimension]
            self.assertIn("dimension that is no integer", self.refused(broken))

    def test_fields_that_are_missing_or_wrong_are_told(self):
        for where in ("list", "variable", "initializer"):
            normal = {"kind": "random_normal", "mean": 0.0, "stddev": 1.0}
            good = listing(variables(["a"], initializer=normal))

            def part(of, where=where):
                return {"list": of, "variable": of["variables"][0], "initializer": of["variables"][0]["initializer"]}[where]

            for key in part(good):
                broken = json.loads(json.dumps(good))
                del part(broken)[key]
                self.assertIn(f"has no '{key}'", self.refused(broken))
                for wrong in ({}, "?", -1, False, [{}]):
                    if type(wrong) is type(part(good)[key]) or (wrong == -1 and key == "mean") or key == "model" and wrong == "?":
                        continue
                    broken = json.loads(json.dumps(good))
                    part(broken)[key] = wrong
                    self.refused(broken)

    def test_initializers_that_are_not_known_or_do_not_fit_are_told(self):
        def refusal(initializer, dtype="float32"):
            return self.refused(listing(variables(["a"], initializer=initializer, dtype=dtype)))

        self.assertIn("not known: 'glorot'", refusal({"kind": "glorot"}))
        self.assertIn("floating types only", refusal({"kind": "random_normal", "mean": 0, "stddev": 1}, "int32"))
        self.assertIn("negative", refusal({"kind": "truncated_normal", "mean": 0, "stddev": -1}))
        for value, dtype in ((0.5, "int32"), (2, "bool"), ("1", "float32"), (None, "float32"), ([1], "float32")):
            self.assertIn(f"no {dtype}", refusal({"kind": "constant", "value": value}, dtype))

    def test_sums_that_are_not_those_of_the_variables_are_told(self):
        self.assertIn("variable_count", self.refused(listing(variables(["a"]), variable_count=2)))
        self.assertIn("parameter_count", self.refused(listing(variables(["a"]), parameter_count=3)))

    def test_what_is_no_list_is_refused(self):
        for text in ("", "{", "[]", "3", "null", "not JSON", '{"format": "other"}', "[" * 100000, "[" * 50000 + "]" * 50000,
                     '{"format": 1e999}', json.dumps(listing([])), json.dumps(listing(variables(["a"]), format_version=2)),
                     json.dumps(listing(variables(["a"]), format="x"))):
            self.refused(text)

    def test_what_is_no_checkpoint_is_refused(self):
        prefix = self.folder / "model"
        for path in (prefix, self.folder, self.folder / "none/model.index"):
            done = self.run_program(path)
            self.assertEqual((done.returncode, done.stdout), (1, ""), path)
            self.assertIn(str(path), done.stderr)
        write_checkpoint(prefix, {"a": (1, [2], 8), "b": (7, [1], 8)})
        self.assertIn("'b' is of a type that varscope does not hold: string", self.run_program(prefix).stderr)
        write_checkpoint(prefix, {"a b": (1, [2], 8)})
        self.assertIn("'a b' holds ' '", self.run_program(prefix).stderr)
        write_checkpoint(prefix, {})
        self.assertIn("there are no variables", self.run_program(prefix).stderr)
        write_checkpoint(prefix, {"a": (1, [1] * 9, 4)})
        self.assertIn("'a' has 9 axes", self.run_program(prefix).stderr)
        write_checkpoint(prefix, {"a": (1, [2], 8)})
        index = Path(f"{prefix}.index")
        whole = index.read_bytes()
        for size in range(len(whole)):
            index.write_bytes(whole[:size])
            self.assertEqual(self.run_program(prefix).returncode, 1)

    def test_wrong_usage(self):
        for words in ((), (SMALL, SMALL), (SMALL, "--name"), ("--name", "x"), (SMALL, "--check", "x"), ("-h",),
                      (SMALL, "--name", "a", "--name", "b"),
                      *((SMALL, "--name", name) for name in ("", "2x", "a b", "a-b", "int", "_x", "a__b", "varscope"))):
            done = self.run_program(*words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertIn("usage: varscope_schema", done.stderr)

    def test_output_that_cannot_be_written_is_an_error(self):
        if not Path("/dev/full").exists():
            self.skipTest("no /dev/full")
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([self.path, SMALL], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot be written", done.stderr)


if __name__ == "__main__":
    Program.path, only = sys.argv[1:3]
    Program.compiler = sys.argv[3:]
    unittest.main(argv=[sys.argv[0], only], verbosity=2)
