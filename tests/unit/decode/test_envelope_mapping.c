/** Settings of a channel: what is refused, with which words and where. */
#include "decode/envelope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static struct error_list errors;
static struct envelope_mapping mapping;

static enum redress_status compile(const struct envelope_settings *settings)
{
    errors.count = 0;
    return envelope_mapping_compile(settings, "redress.yaml", &errors, &mapping);
}

static void assert_refused(enum envelope_kind kind, enum envelope_field field, const char *pointer,
                           const char *words)
{
    struct envelope_settings settings = {.kind = kind};
    settings.pointers[field] = pointer;
    settings.places[field].line = 7;
    settings.places[field].column = 11;
    assert_int_equal(compile(&settings), STATUS_INVALID);
    assert_int_equal(errors.count, 1);
    assert_non_null(strstr(errors.errors[0].text, words));
    assert_non_null(strstr(errors.errors[0].text, envelope_field_name(field)));
    assert_string_equal(errors.errors[0].file, "redress.yaml");
    assert_int_equal(errors.errors[0].line, 7);
    assert_int_equal(errors.errors[0].column, 11);
}

static void bad_pointers_are_named_with_their_place(void **state)
{
    (void)state;
    assert_refused(ENVELOPE_JSON, ENVELOPE_FIELD_ID, "id", "begin with");
    assert_refused(ENVELOPE_JSON, ENVELOPE_FIELD_ID, "/a~2", "tilde");
    assert_refused(ENVELOPE_JSON, ENVELOPE_FIELD_ID, "/a~", "tilde");
    assert_refused(ENVELOPE_JSON, ENVELOPE_FIELD_TEXT, "/list/-", "behind the last");
    assert_refused(ENVELOPE_JSON, ENVELOPE_FIELD_TIME, "/1/2/3/4/5/6/7/8/9", "too deep");
    assert_refused(ENVELOPE_JSON, ENVELOPE_FIELD_CUSTOMER, "/id", "same value");
    assert_refused(ENVELOPE_JSON, ENVELOPE_FIELD_CUSTOMER, "/text/author", "same value");
    assert_refused(ENVELOPE_TEXT, ENVELOPE_FIELD_TEXT, "/text", "leave");
    assert_refused(ENVELOPE_TEXT, ENVELOPE_FIELD_ID, "/a/b", "header");
    char longest[POINTER_BYTES_MAX + 3];
    memset(longest, 'x', sizeof longest);
    longest[0] = '/';
    longest[sizeof longest - 1] = '\0';
    assert_refused(ENVELOPE_JSON, ENVELOPE_FIELD_ID, longest, "too long");
}

static void all_errors_come_at_once(void **state)
{
    (void)state;
    struct envelope_settings settings = {
        .pointers = {"text", "id", "customer", "time", "language"},
        .payload_bytes_max = MESSAGE_PAYLOAD_BYTES_MAX + 1,
        .text_bytes_max = 1,
        .depth_max = ENVELOPE_DEPTH_MAX + 1,
        .keys_max = ENVELOPE_KEYS_MAX + 1,
    };
    assert_int_equal(compile(&settings), STATUS_INVALID);
    assert_int_equal(errors.count, 9);
}

static void defaults_of_every_kind_compile(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < ENVELOPE_KIND_COUNT; kind++) {
        struct envelope_settings settings = {.kind = (enum envelope_kind)kind};
        assert_int_equal(compile(&settings), STATUS_OK);
        assert_int_equal(mapping.payload_bytes_max, ENVELOPE_PAYLOAD_BYTES_DEFAULT);
        assert_int_equal(mapping.text_bytes_max, MESSAGE_TEXT_BYTES_MAX);
        assert_int_equal(mapping.depth_max, ENVELOPE_DEPTH_DEFAULT);
        assert_int_equal(mapping.keys_max, ENVELOPE_KEYS_DEFAULT);
        enum envelope_kind back;
        assert_true(envelope_kind_parse(envelope_kind_name((enum envelope_kind)kind), &back));
        assert_int_equal(back, kind);
    }
    enum envelope_kind unused;
    assert_false(envelope_kind_parse("xml", &unused));
}

static void tokens_are_split_and_unescaped(void **state)
{
    (void)state;
    struct envelope_settings settings = {.pointers = {"/a~1b/~01//10/010"}};
    assert_int_equal(compile(&settings), STATUS_OK);
    const struct json_pointer *pointer = &mapping.pointers[ENVELOPE_FIELD_TEXT];
    static const char *const tokens[] = {"a/b", "~1", "", "10", "010"};
    assert_int_equal(pointer->token_count, 5);
    for (int index = 0; index < 5; index++) {
        const struct pointer_token *token = &pointer->tokens[index];
        assert_int_equal(token->size, strlen(tokens[index]));
        assert_memory_equal(pointer->bytes + token->start, tokens[index], token->size);
        assert_int_equal(token->is_index, index == 3);
    }
    assert_int_equal(pointer->tokens[3].index, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_pointers_are_named_with_their_place),
        cmocka_unit_test(all_errors_come_at_once),
        cmocka_unit_test(defaults_of_every_kind_compile),
        cmocka_unit_test(tokens_are_split_and_unescaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
