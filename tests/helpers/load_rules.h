/** Rule sets for tests that are not about loading: where one does not load, the test fails. */
#ifndef TESTS_HELPERS_LOAD_RULES_H
#define TESTS_HELPERS_LOAD_RULES_H

#include "classify/rule_set.h"
#include "helpers/rules_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static inline struct rule_set *load_rules(const char *path)
{
    static struct error_list errors;
    struct rule_set *rule_set = NULL;
    errors = (struct error_list){0};
    enum redress_status status = rule_set_load(path, &errors, &rule_set);
    error_list_print(&errors, stderr);
    assert_int_equal(status, STATUS_OK);
    return rule_set;
}

/** Of the folder that rules_folder_make_english() makes, which is gone afterwards. */
static inline struct rule_set *load_english_rules(const char *rules)
{
    struct rules_folder folder = rules_folder_make_english(rules);
    struct rule_set *rule_set = load_rules(folder.path);
    rules_folder_remove(&folder);
    return rule_set;
}

#endif
