/**
 * JSON Schema of a rule file, for editors: keys and which of them are required come from the
 * loader's own tables, names of traits, categories, levels and languages from the vocabulary,
 * limits from rule_pack.h. What a single value must look like is said here, a row a key.
 */
#ifndef REDRESS_WORKBENCH_RULE_SCHEMA_H
#define REDRESS_WORKBENCH_RULE_SCHEMA_H

#include "base/json_writer.h"

#include <redress/status.h>

enum { RULE_SCHEMA_BYTES_MAX = 64 * 1024 };

/** STATUS_OK; STATUS_INVALID where the loader has a key that is not described here. */
NODISCARD enum redress_status rule_schema_write(struct json_writer *json);

#endif
