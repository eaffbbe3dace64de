"""Checks JSON Lines against one of the schemas of docs/schemas, strictly.

usage: check_records.py SCHEMA LINES

The published schemas let readers accept new fields; here a field that no schema names is an error,
so that nothing is written which is not documented. Exit codes: 0 all are valid, 1 one is not,
77 python3-jsonschema is missing.
"""
import base64
import json
import sys

try:
    import jsonschema
except ImportError:
    sys.exit(77)


def strict(schema):
    """Refuses fields that the schema does not name, at every depth."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: strict(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and "type" in schema:
        result["additionalProperties"] = False
    return result


def no_duplicates(pairs):
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice")
    return result


def check_payload(record):
    payload = record.get("payload")
    if payload is None or payload["base64"] is None:
        return
    size = len(base64.b64decode(payload["base64"], validate=True))
    if payload["whole"] != (size == payload["bytes"]):
        raise ValueError("whole does not say what is kept")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(strict(schema))
    count = 0
    with open(sys.argv[2], "rb") as file:
        for number, line in enumerate(file, 1):
            try:
                record = json.loads(line.decode("utf-8"), object_pairs_hook=no_duplicates)
                validator.validate(record)
                check_payload(record)
            except jsonschema.ValidationError as error:
                print(f"line {number}: {error.json_path}: {error.message[:300]}", file=sys.stderr)
                return 1
            except ValueError as error:
                print(f"line {number}: {error}", file=sys.stderr)
                return 1
            count += 1
    print(f"{count} records are valid")
    return 0 if count else 1


sys.exit(main())
