/*
 * Goal:   the bytes of words are told in blocks as they are one by one, whatever the processor can.
 * Method: every byte at every place of a block, by both ways; sizes that end within a block.
 */
#include "text/word_blocks.h"

#include "support/random.h"
#include "text/view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { BLOCKS = 3 };

static void both_ways_agree_with_single_bytes(void **state)
{
    (void)state;
    struct word_blocks blocks;
    uint8_t bytes[BLOCKS * WORD_BLOCK_BYTES];
    word_blocks_init(&blocks);
    for (unsigned first = 0; first < 256; first++) {
        uint64_t plain[BLOCKS];
        uint64_t fast[BLOCKS];
        for (unsigned i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)(first + i * 7);
        word_blocks_mark_plain(&blocks, bytes, BLOCKS, plain);
        blocks.mark(&blocks, bytes, BLOCKS, fast);
        for (unsigned i = 0; i < sizeof bytes; i++) {
            bool set = plain[i / WORD_BLOCK_BYTES] >> i % WORD_BLOCK_BYTES & 1;
            assert_int_equal(set, view_is_word(bytes[i]));
        }
        assert_memory_equal(plain, fast, sizeof plain);
    }
}

/* Random bytes of few kinds, so that some have triggers and some have none. */
static void both_ways_agree_about_triggers(void **state)
{
    (void)state;
    static const char kinds[] = "abcdefghijklmnopqrstuvwxyz .,0#@/\xE1\xE1\xC2";
    struct word_blocks blocks;
    uint8_t bytes[(BLOCKS + 1) * WORD_BLOCK_BYTES];
    uint64_t seed = 515;
    unsigned with = 0;
    print_message("seed %llu\n", (unsigned long long)seed);
    word_blocks_init(&blocks);
    for (unsigned round = 0; round < 20000; round++) {
        uint64_t plain[BLOCKS];
        uint64_t fast[BLOCKS];
        unsigned common = round % 64 ? 27 : sizeof kinds - 1;
        for (unsigned i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)kinds[random_below(&seed, common)];
        uint64_t plain_triggers[BLOCKS];
        uint64_t fast_triggers[BLOCKS];
        bool found = word_blocks_mark_fold_plain(&blocks, bytes, BLOCKS, plain, plain_triggers);
        assert_int_equal(blocks.mark_fold(&blocks, bytes, BLOCKS, fast, fast_triggers), found);
        assert_memory_equal(plain, fast, sizeof plain);
        assert_memory_equal(plain_triggers, fast_triggers, sizeof plain_triggers);
        with += found;
    }
    assert_true(with > 1000 && with < 19000);
}

static void nothing_behind_the_last_byte_is_of_a_word(void **state)
{
    (void)state;
    struct word_blocks blocks;
    uint8_t bytes[BLOCKS * WORD_BLOCK_BYTES];
    word_blocks_init(&blocks);
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = 'a';
    for (uint32_t size = 0; size < sizeof bytes; size++) {
        uint64_t words[BLOCKS + 1];
        uint32_t last = size / WORD_BLOCK_BYTES;
        word_blocks_mark(&blocks, bytes, size, words);
        for (uint32_t i = 0; i < last; i++)
            assert_true(words[i] == UINT64_MAX);
        assert_true(words[last] == ((uint64_t)1 << size % WORD_BLOCK_BYTES) - 1);
        assert_true(words[last + 1] == 0);
    }
}

/* Random bits against a search that goes byte by byte. */
static void words_are_found_from_any_byte(void **state)
{
    (void)state;
    struct word_blocks blocks;
    uint64_t bits[BLOCKS + 3] = {0}; /* one in front */
    uint64_t *words = bits + 1;
    uint8_t bytes[BLOCKS * WORD_BLOCK_BYTES + 1];
    uint64_t seed = 5;
    word_blocks_init(&blocks);
    for (unsigned round = 0; round < 200; round++) {
        for (unsigned i = 0; i < sizeof bytes; i++)
            bytes[i] = random_below(&seed, 100) < round % 4 * 33 ? 'a' : ' ';
        uint32_t size = random_below(&seed, sizeof bytes - 1);
        bytes[size] = '\n';
        word_blocks_mark(&blocks, bytes, size, words);
        uint32_t previous = 0;
        for (uint32_t at = 0; at <= size; at++) {
            uint32_t end = at;
            while (end < size && bytes[end] == 'a')
                end++;
            assert_int_equal(word_blocks_end(words, at), end);
            assert_int_equal(word_blocks_previous(words, at), previous);
            bool begins = at < size && bytes[at] == 'a' && (at == 0 || bytes[at - 1] != 'a');
            previous = begins ? at : previous;
            uint32_t next = at;
            while (next < size && !(bytes[next] == 'a' && (next == 0 || bytes[next - 1] != 'a')))
                next++;
            assert_int_equal(word_blocks_next(words, at, size), next);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways_agree_with_single_bytes),
        cmocka_unit_test(both_ways_agree_about_triggers),
        cmocka_unit_test(nothing_behind_the_last_byte_is_of_a_word),
        cmocka_unit_test(words_are_found_from_any_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
