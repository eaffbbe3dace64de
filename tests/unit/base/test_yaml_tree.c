/**
 * The YAML tree: places are right, readings are strict, and what the contract refuses is refused at
 * its place. Method: small documents with the expected line and column; nested aliases for loops
 * and bombs; every allocation failing in turn; a seeded stream of damaged documents that must never
 * crash (the sanitizers watch).
 */
#include "base/yaml_tree.c"

#include "support/random.h"

#include <setjmp.h>
#include <cmocka.h>

static struct error_list errors;

static struct yaml_tree *load(const char *text)
{
    errors.count = 0;
    return yaml_tree_load_bytes("test.yaml", text, strlen(text), &errors);
}

static void expect_refused(const char *text, uint32_t line, uint32_t column, const char *part)
{
    struct yaml_tree *tree = load(text);
    assert_null(tree);
    assert_true(errors.count > 0);
    if (!strstr(errors.errors[0].text, part))
        fail_msg("expected \"%s\" in \"%s\"", part, errors.errors[0].text);
    assert_string_equal(errors.errors[0].file, "test.yaml");
    assert_int_equal(errors.errors[0].line, line);
    assert_int_equal(errors.errors[0].column, column);
}

static void every_node_knows_its_place(void **state)
{
    (void)state;
    struct yaml_tree *tree = load("a: 1\nb:\n  - x\n  - {c: \"q\"}\n");
    assert_non_null(tree);
    struct yaml_place root = yaml_root(tree);
    assert_int_equal(yaml_kind(root), YAML_KIND_MAPPING);
    assert_int_equal(yaml_count(root), 2);
    struct yaml_place list = yaml_find(root, "b");
    assert_int_equal(yaml_kind(list), YAML_KIND_SEQUENCE);
    assert_int_equal(yaml_line(list), 3);
    assert_int_equal(yaml_column(list), 3);
    struct yaml_place quoted = yaml_find(yaml_item(list, 1), "c");
    assert_string_equal(yaml_text(quoted), "q");
    assert_int_equal(yaml_text_size(quoted), 1);
    assert_false(yaml_is_plain(quoted));
    assert_int_equal(yaml_line(quoted), 4);
    assert_int_equal(yaml_column(quoted), 9);
    assert_string_equal(yaml_text(yaml_key(root, 1)), "b");
    assert_false(yaml_exists(yaml_find(root, "c")));
    assert_false(yaml_exists(yaml_find(list, "c")));
    assert_int_equal(yaml_count(yaml_find(root, "a")), 0);
    yaml_tree_free(tree);
}

static void columns_count_characters_and_a_byte_order_mark_counts_nothing(void **state)
{
    (void)state;
    struct yaml_tree *tree = load("\xEF\xBB\xBFżółć: wartość\n");
    assert_non_null(tree);
    struct yaml_place value = yaml_find(yaml_root(tree), "żółć");
    assert_string_equal(yaml_text(value), "wartość");
    assert_int_equal(yaml_column(value), 7);
    yaml_tree_free(tree);
}

static void an_empty_file_has_no_root(void **state)
{
    (void)state;
    const char *const empties[] = {"", "\n", "# only a comment\n", "\xEF\xBB\xBF"};
    for (size_t index = 0; index < sizeof empties / sizeof *empties; index++) {
        struct yaml_tree *tree = load(empties[index]);
        assert_non_null(tree);
        assert_false(yaml_exists(yaml_root(tree)));
        assert_int_equal(yaml_count(yaml_root(tree)), 0);
        yaml_tree_free(tree);
    }
}

static void one_document_with_its_end_marked_is_accepted(void **state)
{
    (void)state;
    struct yaml_tree *tree = load("%YAML 1.1\n---\na: 1\n...\n# the end\n");
    assert_non_null(tree);
    assert_string_equal(yaml_text(yaml_find(yaml_root(tree), "a")), "1");
    yaml_tree_free(tree);
}

static void bad_syntax_is_refused_at_its_place(void **state)
{
    (void)state;
    expect_refused("a: [1, 2\nb: 3\n", 2, 2, "did not find expected ',' or ']'");
    expect_refused("a: 1\n\tb: 2\n", 2, 1, "tab character");
    expect_refused("a:\n\tb: 2\n", 2, 1, "cannot start any token");
    expect_refused("a: 1\nb: @x\n", 2, 4, "cannot start any token");
    expect_refused("a: 1\nb: *nobody\n", 2, 4, "undefined alias");
    expect_refused("a: ok\nb: \xFF\n", 2, 4, "invalid leading UTF-8");
    expect_refused("a: ok\nż: \x01\n", 2, 4, "control characters");
}

static void a_second_document_is_refused(void **state)
{
    (void)state;
    expect_refused("a: 1\n---\nb: 2\n", 3, 1, "second document");
    expect_refused("a: 1\n---\nb: [\n", 4, 1, "did not find expected node");
}

static void duplicate_keys_are_refused_wherever_they_stand(void **state)
{
    (void)state;
    expect_refused("a: 1\nb: 2\na: 3\n", 3, 1, "\"a\" stands already on line 1");
    expect_refused("x:\n  - {k: 1, j: 2, \"k\": 3}\n", 2, 18, "\"k\" stands already on line 2");
    struct yaml_tree *tree = load("a: {k: 1}\nb: {k: 2}\n");
    assert_non_null(tree);
    yaml_tree_free(tree);
}

static void all_duplicates_are_reported_at_once(void **state)
{
    (void)state;
    assert_null(load("a: 1\na: 2\nb: {c: 1, c: 2}\na: 3\n"));
    assert_int_equal(errors.count, 3);
}

static void keys_must_be_names(void **state)
{
    (void)state;
    expect_refused("? [a, b]\n: 1\n", 1, 3, "a key must be a name");
    expect_refused("a: 1\n? {b: 1}\n: 1\n", 2, 3, "a key must be a name");
}

static void tags_are_refused_except_those_that_say_nothing(void **state)
{
    (void)state;
    expect_refused("a: !!python/object x\n", 1, 4, "means nothing here");
    expect_refused("a: !secret x\n", 1, 4, "means nothing here");
    expect_refused("a: !!int 5\n", 1, 4, "means nothing here");
    struct yaml_tree *tree = load("a: !!str x\nb: !!seq []\nc: !!map {}\n");
    assert_non_null(tree);
    yaml_tree_free(tree);
}

static void an_embedded_nul_is_refused(void **state)
{
    (void)state;
    expect_refused("a: \"x\\0y\"\n", 1, 4, "NUL");
    errors.count = 0;
    assert_null(yaml_tree_load_bytes("test.yaml", "a: x\0y", 6, &errors));
    assert_int_equal(errors.count, 1);
}

static void nesting_has_a_limit_with_aliases_counted(void **state)
{
    (void)state;
    char text[256];
    for (int depth = YAML_DEPTH_MAX - 1; depth <= YAML_DEPTH_MAX + 1; depth++) {
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        text[2 * depth] = 0;
        struct yaml_tree *tree = load(text);
        assert_int_equal(tree != NULL, depth <= YAML_DEPTH_MAX);
        assert_int_equal(errors.count, depth > YAML_DEPTH_MAX);
        yaml_tree_free(tree);
    }
    char chain[4096] = "- &a0 [x]\n";
    for (int link = 1; link < 200; link++)
        snprintf(chain + strlen(chain), sizeof chain - strlen(chain), "- &a%d [*a%d]\n", link,
                 link - 1);
    assert_null(load(chain));
    assert_int_equal(errors.count, 1);
    assert_non_null(strstr(errors.errors[0].text, "deeper than 32"));
}

static void an_alias_of_itself_is_refused(void **state)
{
    (void)state;
    expect_refused("a: &a [1, *a]\n", 1, 4, "alias of itself");
    expect_refused("a: &a {b: {c: *a}}\n", 1, 4, "alias of itself");
    expect_refused("&a [*a]\n", 1, 1, "alias of itself");
}

static void an_alias_stands_for_its_anchor(void **state)
{
    (void)state;
    struct yaml_tree *tree = load("a: &x [1, 2]\nb: *x\n");
    assert_non_null(tree);
    struct yaml_place list = yaml_find(yaml_root(tree), "b");
    assert_int_equal(yaml_count(list), 2);
    assert_string_equal(yaml_text(yaml_item(list, 1)), "2");
    yaml_tree_free(tree);
}

static void a_bomb_of_aliases_is_refused(void **state)
{
    (void)state;
    char text[4096] = "- &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    for (int level = 1; level < 20; level++)
        for (int item = 0; item < 10; item++) {
            size_t used = strlen(text);
            if (item == 0)
                used += (size_t)snprintf(text + used, sizeof text - used, "- &a%d [", level);
            snprintf(text + used, sizeof text - used, "*a%d%s", level - 1, item == 9 ? "]\n" : ",");
        }
    expect_refused(text, 1, 1, "unfold");
}

static void a_million_keys_are_checked_in_time(void **state)
{
    (void)state;
    enum { KEYS = 200000, KEY_BYTES = 16 };
    char *text = memory_allocate(KEYS * KEY_BYTES + 64);
    assert_non_null(text);
    size_t used = 0;
    for (int key = 0; key < KEYS; key++)
        used += (size_t)snprintf(text + used, KEY_BYTES + 1, "k%d: 1\n", key);
    struct yaml_tree *tree = load(text);
    assert_non_null(tree);
    assert_int_equal(yaml_count(yaml_root(tree)), KEYS);
    yaml_tree_free(tree);
    snprintf(text + used, 64, "k7: 1\n");
    expect_refused(text, KEYS + 1, 1, "line 8");
    memory_free(text);
}

static void readings_are_strict(void **state)
{
    (void)state;
    struct yaml_tree *tree = load(
        "[12, -3, 012, 0x1F, 1_000, \"12\", 9223372036854775807, 9223372036854775808, '', 1.5, 0, "
        "+4]");
    assert_non_null(tree);
    const bool expected[] = {true, true,  false, false, false, false,
                             true, false, false, false, true,  false};
    int64_t value;
    for (size_t index = 0; index < sizeof expected / sizeof *expected; index++)
        assert_int_equal(yaml_read_integer(yaml_item(yaml_root(tree), index), &value),
                         expected[index]);
    assert_true(yaml_read_integer(yaml_item(yaml_root(tree), 1), &value));
    assert_int_equal(value, -3);
    assert_true(yaml_read_integer(yaml_item(yaml_root(tree), 6), &value));
    assert_true(value == INT64_MAX);
    yaml_tree_free(tree);
}

static void numbers_are_finite_decimals(void **state)
{
    (void)state;
    struct yaml_tree *tree =
        load("[1.5, -0.25, 3, 2e3, 1E-2, .5, 5., 1e, inf, .inf, nan, 0x10, 1e999, '1.5', -, 1.5x]");
    assert_non_null(tree);
    double value;
    for (size_t index = 0; index < yaml_count(yaml_root(tree)); index++)
        assert_int_equal(yaml_read_number(yaml_item(yaml_root(tree), index), &value), index < 5);
    assert_true(yaml_read_number(yaml_item(yaml_root(tree), 1), &value));
    assert_true(value == -0.25);
    assert_true(yaml_read_number(yaml_item(yaml_root(tree), 4), &value));
    assert_true(value == 0.01);
    yaml_tree_free(tree);
}

static void only_true_and_false_are_booleans(void **state)
{
    (void)state;
    struct yaml_tree *tree = load("[true, false, yes, no, on, True, 'true', 1, [], ~]");
    assert_non_null(tree);
    for (size_t index = 0; index < yaml_count(yaml_root(tree)); index++) {
        bool value = index != 0;
        assert_int_equal(yaml_read_bool(yaml_item(yaml_root(tree), index), &value), index < 2);
        if (index < 2)
            assert_int_equal(value, index == 0);
    }
    yaml_tree_free(tree);
}

static void files_are_read_and_what_cannot_be_read_is_said(void **state)
{
    (void)state;
    char path[] = "/tmp/redress-yaml-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "a: 1\n", 5), 5);
    errors.count = 0;
    struct yaml_tree *tree = yaml_tree_load_file(path, &errors);
    assert_non_null(tree);
    yaml_tree_free(tree);
    assert_int_equal(ftruncate(fd, YAML_FILE_BYTES_MAX + 1), 0);
    assert_null(yaml_tree_load_file(path, &errors));
    assert_int_equal(errors.errors[0].status, STATUS_TOO_LARGE);
    close(fd);
    unlink(path);
    assert_null(yaml_tree_load_file(path, &errors));
    assert_int_equal(errors.errors[1].status, STATUS_NOT_FOUND);
    assert_null(yaml_tree_load_file("/tmp", &errors));
    assert_int_equal(errors.count, 3);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    char path[] = "/tmp/redress-yaml-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "a: 1\nb: {c: 1, d: 2}\n", 21), 21);
    close(fd);
    long failures = 0;
    for (;; failures++) {
        errors.count = 0;
        memory_fail_after(failures);
        struct yaml_tree *tree = yaml_tree_load_file(path, &errors);
        memory_fail_after(-1);
        if (tree) {
            yaml_tree_free(tree);
            break;
        }
        assert_int_equal(errors.errors[0].status, STATUS_MEMORY);
    }
    unlink(path);
    assert_true(failures >= 4);
}

static void damaged_documents_never_crash(void **state)
{
    (void)state;
    const char good[] =
        "a: &x [1, \"two\\t\", 'three']\nb: {c: *x, d: |\n  text\n, e: ~}\n? k\n: v\n";
    const char odd[] = "[]{}:,*&!|>'\"%@`#-?\n\t \0\xFF\xEF\xBB\xBF\\x0~";
    uint64_t seed = 20240607;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < 20000; round++) {
        char text[sizeof good];
        memcpy(text, good, sizeof good);
        for (int change = 0; change < 3; change++) {
            uint32_t at = random_below(&seed, sizeof good - 1);
            text[at] = odd[random_below(&seed, sizeof odd - 1)];
        }
        errors.count = 0;
        struct yaml_tree *tree =
            yaml_tree_load_bytes("damaged.yaml", text, sizeof good - 1, &errors);
        assert_int_equal(tree != NULL, errors.count == 0);
        yaml_tree_free(tree);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_node_knows_its_place),
        cmocka_unit_test(columns_count_characters_and_a_byte_order_mark_counts_nothing),
        cmocka_unit_test(an_empty_file_has_no_root),
        cmocka_unit_test(one_document_with_its_end_marked_is_accepted),
        cmocka_unit_test(bad_syntax_is_refused_at_its_place),
        cmocka_unit_test(a_second_document_is_refused),
        cmocka_unit_test(duplicate_keys_are_refused_wherever_they_stand),
        cmocka_unit_test(all_duplicates_are_reported_at_once),
        cmocka_unit_test(keys_must_be_names),
        cmocka_unit_test(tags_are_refused_except_those_that_say_nothing),
        cmocka_unit_test(an_embedded_nul_is_refused),
        cmocka_unit_test(nesting_has_a_limit_with_aliases_counted),
        cmocka_unit_test(an_alias_of_itself_is_refused),
        cmocka_unit_test(an_alias_stands_for_its_anchor),
        cmocka_unit_test(a_bomb_of_aliases_is_refused),
        cmocka_unit_test(a_million_keys_are_checked_in_time),
        cmocka_unit_test(readings_are_strict),
        cmocka_unit_test(numbers_are_finite_decimals),
        cmocka_unit_test(only_true_and_false_are_booleans),
        cmocka_unit_test(files_are_read_and_what_cannot_be_read_is_said),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(damaged_documents_never_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
