"""Holds what the engine writes against docs/schemas."""

import json
import os

import jsonschema

from server import ROOT

FILES = {"case": "case.json", "calm": "calm.json", "dead_letter": "dead-letter.json"}
CHECKED_MAX = 200  # of each kind: the validator is slow, and the unit tests try every shape
SHOWN_MAX = 3


def validator(ending):
    with open(os.path.join(ROOT, "docs", "schemas", FILES[ending])) as file:
        return jsonschema.Draft202012Validator(json.load(file))


def problems(outcomes, random):
    """What is wrong with a seeded choice of the outcomes, one text a finding."""
    found = []
    for ending in FILES:
        documents = [outcome.document for outcome in outcomes if outcome.ending == ending]
        check = validator(ending)
        for document in random.sample(documents, min(CHECKED_MAX, len(documents))):
            error = next(check.iter_errors(document), None)
            if error:
                found.append(f"{ending} {document.get('case_id')} breaks its schema at "
                             f"/{'/'.join(map(str, error.path))}: {error.message[:200]}")
    return found[:SHOWN_MAX]
