#!/usr/bin/env python3
"""Compares the variables that varscope_models makes with the lists of published programs, and tries its arguments.

usage: models_test.py PROGRAM CLASS

The lists are those in models/. Sizes that no list has are compared with formulas. Time and memory are printed.
"""
import copy
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

LISTS = {"bert": "bert_small", "gpt2": "gpt2_355M"}
# The largest models of both kinds that were published: BERT-Large, and GPT-2 of 1.5 billion parameters.
LARGEST = {
    "bert": {
        "vocab_size": 30522, "type_vocab_size": 2, "max_position_embeddings": 512, "hidden_act": "gelu",
        "initializer_range": 0.02, "hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16,
        "intermediate_size": 4096,
    },
    "gpt2": {"n_vocab": 50257, "n_ctx": 1024, "n_embd": 1600, "n_head": 25, "n_layer": 48},
}
SMALL = {
    "bert": {
        "vocab_size": 11, "type_vocab_size": 3, "max_position_embeddings": 5, "hidden_act": "relu",
        "initializer_range": 1e-05, "hidden_size": 6, "num_hidden_layers": 1, "num_attention_heads": 2,
        "intermediate_size": 7,
    },
    "gpt2": {"n_vocab": 50, "n_ctx": 16, "n_embd": 12, "n_head": 3, "n_layer": 2},
}


def published(family):
    path = Path(__file__).parent / "models" / (LISTS[family] + ".json")
    return json.loads(path.read_text(encoding="utf-8"))


def differences(expected, actual):
    """Where two lists differ: a field, or the index of a variable with one. Also tells 1, 1.0 and True apart."""
    def fields(a, b):
        return [key for key in dict.fromkeys([*a, *b]) if json.dumps(a.get(key)) != json.dumps(b.get(key))]

    found = [key for key in fields(expected, actual) if key != "variables"]
    if len(expected["variables"]) != len(actual["variables"]):
        return [*found, "variables"]
    pairs = enumerate(zip(expected["variables"], actual["variables"]))
    return found + [f"{index}.{key}" for index, (a, b) in pairs for key in fields(a, b)]


def counts(family, c):
    """The numbers of variables and of parameters, from a formula of the configuration."""
    if family == "gpt2":
        width, layers = c["n_embd"], c["n_layer"]
        return 2 + 12 * layers + 2, (c["n_vocab"] + c["n_ctx"] + 2 + layers * (12 * width + 13)) * width
    width, inner, layers = c["hidden_size"], c["intermediate_size"], c["num_hidden_layers"]
    embeddings = (c["vocab_size"] + c["type_vocab_size"] + c["max_position_embeddings"] + 2) * width
    layer = 4 * (width + 1) * width + (width + 1) * inner + (inner + 1) * width + 4 * width
    heads = (width + 1) * width + 2 * width + c["vocab_size"] + 2 * (width + 1)
    return 5 + 16 * layers + 2 + 5 + 2, embeddings + layers * layer + (width + 1) * width + heads


class Program(unittest.TestCase):
    """A folder to write configurations into, and the program to give them to."""

    path = ""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_program(self, *arguments):
        return subprocess.run([self.path, *arguments], capture_output=True, text=True)

    def run_config(self, family, config, *arguments):
        file = self.folder / f"{LISTS.get(family, family)}.json"
        file.write_text(config if isinstance(config, str) else json.dumps(config), encoding="utf-8")
        return self.run_program(family, str(file), *arguments)

    def list_of(self, family, config):
        done = self.run_config(family, config)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return json.loads(done.stdout)


class Lists(Program):
    def test_the_published_programs_variables_are_made(self):
        for family in LISTS:
            expected = published(family)
            self.assertEqual(differences(expected, self.list_of(family, expected)), [])

    def test_a_bare_configuration_is_enough(self):
        for family in LISTS:
            expected = published(family)
            actual = self.list_of(family, expected["config"])
            self.assertEqual(differences(expected, actual), ["published_size"])
            self.assertIsNone(actual["published_size"])

    def test_other_configurations_fit_the_formulas(self):
        for configs in (LARGEST, SMALL, {family: published(family)["config"] for family in LISTS}):
            for family, config in configs.items():
                actual = self.list_of(family, config)
                sums = [sum(v["numel"] for v in actual["variables"]), actual["parameter_count"],
                        actual["trainable_parameter_count"], sum(g["parameters"] for g in actual["groups"].values())]
                variables, parameters = counts(family, config)
                self.assertEqual(sums, [parameters] * 4)
                self.assertEqual([len(actual["variables"]), actual["variable_count"]], [variables] * 2)
                self.assertEqual(json.dumps(actual["config"]), json.dumps(config))

    def test_the_range_of_the_initializer_counts(self):
        first = self.list_of("bert", SMALL["bert"])["variables"][0]
        self.assertEqual(first["initializer"], {"kind": "truncated_normal", "mean": 0.0, "stddev": 1e-05})

    def test_wrong_lists_are_noticed(self):
        def spoil(change):
            wrong = copy.deepcopy(expected)
            change(wrong)
            return differences(wrong, actual)

        def swap(wrong):
            v = wrong["variables"]
            v[3], v[4] = v[4], v[3]

        for family in LISTS:
            expected = published(family)
            actual = self.list_of(family, expected)
            for key, value in {"name": "model/wpe_1", "shape": [3], "trainable": False, "dtype": "float64",
                               "numel": 3, "group": "other", "index": 0.0}.items():
                self.assertEqual(spoil(lambda w: w["variables"][2].update({key: value})), [f"2.{key}"])
            for key, value in {"kind": "uniform", "stddev": 0.03}.items():
                self.assertEqual(spoil(lambda w: w["variables"][1]["initializer"].update({key: value})), ["1.initializer"])
            self.assertEqual(spoil(lambda w: w.update(parameter_count=1)), ["parameter_count"])
            self.assertEqual(spoil(lambda w: w.update(groups={})), ["groups"])
            self.assertEqual(spoil(lambda w: w["variables"].pop()), ["variables"])
            self.assertIn("3.name", spoil(swap))

    def test_time_and_memory(self):
        for family, config in LARGEST.items():
            self.run_config(family, config)
            file = self.folder / f"{LISTS[family]}.json"
            for _ in range(3):
                start = time.perf_counter()
                process = subprocess.Popen([self.path, family, str(file)], stdout=subprocess.DEVNULL)
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = status
                self.assertEqual(status, 0)
                milliseconds = (time.perf_counter() - start) * 1000
                # The kernel counts this interpreter's memory too, from before the program replaced it.
                print(f"{family}, largest: {milliseconds:.1f} ms, at most {usage.ru_maxrss / 1024:.1f} MB")


class Arguments(Program):
    def refused(self, family, config, *arguments):
        done = self.run_config(family, config, *arguments)
        self.assertEqual((done.returncode, done.stdout), (1, ""), (config, done.stderr))
        return done.stderr

    def test_a_configuration_with_a_key_missing_or_wrong_is_refused(self):
        for family, good in SMALL.items():
            for key in good:
                config = {k: v for k, v in good.items() if k != key}
                self.assertIn(f"no '{key}'", self.refused(family, config))
                for wrong in (0, -1, None, True, "12", [12], 2**31, 2**63, 2**64, -2**63):
                    if key == "initializer_range" and type(wrong) is int and wrong > 0:
                        continue
                    self.assertIn(f"'{key}' is ", self.refused(family, good | {key: wrong}))
                if key != "initializer_range":
                    self.assertIn(f"'{key}' is 12.0", self.refused(family, good | {key: 12.0}))

    def test_heads_that_do_not_divide_the_width_are_refused(self):
        self.assertIn("n_head (5)", self.refused("gpt2", SMALL["gpt2"] | {"n_head": 5}))
        self.assertIn("attention heads (5)", self.refused("bert", SMALL["bert"] | {"num_attention_heads": 5}))

    def test_variables_too_large_to_exist_are_refused(self):
        huge = 2**31 - 1
        self.assertIn("wpe", self.refused("gpt2", SMALL["gpt2"] | {"n_ctx": huge, "n_embd": huge, "n_head": 1}))

    def test_what_is_no_configuration_is_refused(self):
        for text in ("", "{", "[]", "3", '{"config": 3}', "not JSON"):
            self.refused("gpt2", text)
        missing = self.run_program("gpt2", str(self.folder / "none.json"))
        self.assertEqual(missing.returncode, 1)
        self.assertIn("none.json", missing.stderr)

    def test_wrong_usage(self):
        file = str(self.folder / "small.json")
        Path(file).write_text(json.dumps(SMALL["gpt2"]), encoding="utf-8")
        for words in ((), ("gpt2",), ("gpt3", file), ("gpt2", file, "--forward"), ("gpt2", file, "--forwards", "1"),
                      ("gpt2", file, "--forward", "1", "2"), ("bert", file, "--forward", "1"),
                      *(("gpt2", file, "--forward", tokens) for tokens in ("", ",", "1,", ",1", "1,,2", "-1", "1.5", "x"))):
            done = self.run_program(*words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertIn("usage: varscope_models", done.stderr)

    def test_forward_prints_what_follows_the_tokens(self):
        done = self.run_config("gpt2", SMALL["gpt2"], "--forward", "7,0,49")
        self.assertEqual(done.returncode, 0)
        answer = json.loads(done.stdout)
        self.assertEqual(answer["tokens"], [7, 0, 49])
        self.assertEqual(answer["logits_shape"], [3, 50])
        self.assertLess(answer["last"]["argmax"], 50)
        self.assertGreaterEqual(answer["last"]["max"], max(answer["last"]["first"]))
        self.assertEqual(done.stdout, self.run_config("gpt2", SMALL["gpt2"], "--forward", "7,0,49").stdout)
        self.assertNotEqual(done.stdout, self.run_config("gpt2", SMALL["gpt2"], "--forward", "0,7,49").stdout)

    def test_forward_refuses_tokens_that_the_model_does_not_take(self):
        self.assertIn("token 50", self.refused("gpt2", SMALL["gpt2"], "--forward", "1,50"))
        self.assertIn("17 tokens", self.refused("gpt2", SMALL["gpt2"], "--forward", ",".join(["1"] * 17)))


if __name__ == "__main__":
    Program.path = sys.argv.pop(1)
    unittest.main()
