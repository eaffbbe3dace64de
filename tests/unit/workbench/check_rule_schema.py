#!/usr/bin/python3
"""Holds the schema of rule files to the shipped packs, which it must take, and to faults, which it must not.

usage: check_rule_schema.py SCHEMA RULES_DIR
Exit code 77 where python3-jsonschema or python3-yaml is missing.
"""

import copy
import glob
import json
import os
import sys

try:
    import jsonschema
    import yaml
except ImportError:
    sys.exit(77)

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
GOOD = {
    "language": "en",
    "rules": [{
        "id": "en.refund.refused",
        "why": "The money is not coming back",
        "words": ["no refund"],
        "complaint": 1,
        "examples": {"match": ["no refund", "there is no refund"], "calm": ["tea", "rain"]},
    }],
}
# What is done to the rule, and so refused by the loader and by the schema alike.
FAULTS = {
    "an unknown key": lambda rule: rule.update(weight=1),
    "no reason": lambda rule: rule.pop("why"),
    "no examples": lambda rule: rule.pop("examples"),
    "one example": lambda rule: rule["examples"].update(calm=["tea"]),
    "an id of two parts": lambda rule: rule.update(id="en.refund"),
    "nothing to match": lambda rule: rule.pop("words"),
    "nothing to give": lambda rule: rule.pop("complaint"),
    "a weight too large": lambda rule: rule.update(complaint=11),
    "an unknown trait": lambda rule: rule.update(sets=["hunger"]),
    "an unknown category": lambda rule: rule.update(category={"cheese": 1}),
    "a level that says nothing": lambda rule: rule.update(at_least="none"),
    "an unknown negation": lambda rule: rule.update(negation="maybe"),
    "near without its second": lambda rule: rule.update(near={"a": ["tea"]}),
    "words that are no list": lambda rule: rule.update(words="no refund"),
}


def rule_files(folder):
    for path in sorted(glob.glob(os.path.join(folder, "??", "*.yaml"))):
        if os.path.basename(path) != "language.yaml":
            yield path


def wrong_packs(validator, folder):
    count = 0
    for path in rule_files(folder):
        count += 1
        with open(path, encoding="utf-8") as file:
            content = yaml.load(file, Loader=LOADER)
        for error in validator.iter_errors(content):
            yield f"{path}: {list(error.path)}: {error.message[:200]}"
    if count == 0:
        yield f"{folder}: no rule file"


def untold_faults(validator):
    if not validator.is_valid(GOOD):
        yield "a good rule is refused"
    for name, spoil in FAULTS.items():
        bad = copy.deepcopy(GOOD)
        spoil(bad["rules"][0])
        if validator.is_valid(bad):
            yield f"{name} is taken"


def main():
    schema_path, folder = sys.argv[1:]
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    problems = [*wrong_packs(validator, folder), *untold_faults(validator)]
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
