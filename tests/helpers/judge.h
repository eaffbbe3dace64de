/** The verdict of one short English text. */
#ifndef TESTS_HELPERS_JUDGE_H
#define TESTS_HELPERS_JUDGE_H

#include <redress/classify.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static inline struct verdict judge(const struct rule_set *rule_set, const char *text)
{
    char padded[1000] = {0};
    struct scratch *scratch = NULL;
    struct verdict verdict;
    assert_non_null(rule_set);
    assert_int_equal(redress_scratch_create(rule_set, &scratch), STATUS_OK);
    snprintf(padded, sizeof padded - MESSAGE_PADDING_BYTES, "%s", text);
    const struct classify_input input = {.text = {padded, (uint32_t)strlen(padded)},
                                         .language_hint = {"en", 2}};
    assert_int_equal(redress_classify(rule_set, scratch, &input, &verdict), STATUS_OK);
    redress_scratch_free(scratch);
    return verdict;
}

#endif
