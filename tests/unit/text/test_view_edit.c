/*
 * Goal:   what people write for the eye becomes what they say, and every span still leads to the
 *         bytes of the text that it came from.
 * Method: listed texts; texts put together at random (printed seed) from pieces whose view is
 * known, each piece's span looked up in both directions.
 */
#include "text/view.h"

#include "support/random.h"
#include "text/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TEXT_MAX = 8192, PIECES_MAX = 60 };

#define ADDRESS "\xFB"

static struct view view;
static char padded[TEXT_MAX + MESSAGE_PADDING_BYTES];

static int set_up(void **state)
{
    (void)state;
    return (int)view_init(&view, TEXT_MAX);
}

static int tear_down(void **state)
{
    (void)state;
    view_destroy(&view);
    return 0;
}

static void make(const char *text, size_t size)
{
    memcpy(padded, text, size);
    memset(padded + size, 0, MESSAGE_PADDING_BYTES);
    view_fold(&view, (struct slice){.data = padded, .size = (uint32_t)size});
}

static void check_view(const char *wanted)
{
    assert_int_equal(view.bytes[-1], '\n');
    assert_int_equal(view.bytes[view.size], '\n');
    char got[TEXT_MAX];
    memcpy(got, view.bytes, view.size);
    got[view.size] = '\0';
    assert_string_equal(got, wanted);
}

static void expect(const char *text, const char *wanted)
{
    make(text, strlen(text));
    check_view(wanted);
}

/* The text behind the first place of `part` in the view. */
static void expect_span(const char *part, const char *wanted)
{
    const char *found = memmem(view.bytes, view.size, part, strlen(part));
    assert_non_null(found);
    uint32_t at = (uint32_t)((const uint8_t *)found - view.bytes);
    uint32_t start;
    uint32_t end;
    view_text_span(&view, at, at + (uint32_t)strlen(part), &start, &end);
    assert_int_equal(end - start, strlen(wanted));
    assert_memory_equal(padded + start, wanted, end - start);
}

static void blanks_and_line_feeds_are_spaces(void **state)
{
    (void)state;
    expect("a\tb\nc\r\nd\n\ne\vf\fg", "a b c d  e f g");
    expect_span("c d", "c\r\nd");
    expect("a\xC2\x85"
           "b\xE2\x80\xA9"
           "c\xE3\x80\x80"
           "d",
           "a b c d");
}

static void a_letter_drawn_out_is_one_or_two(void **state)
{
    (void)state;
    expect("This is GOOooood, sooo good", "this is god, so good");
    assert_true(view.stretched);
    expect_span("god", "GOOooood");
    expect_span("so", "sooo");
    view_stretch(&view, VIEW_STRETCH_TWO);
    check_view("this is good, soo good");
    assert_true(view.stretched);
    expect_span("good,", "GOOooood,");
    view_stretch(&view, VIEW_STRETCH_ONE);
    check_view("this is god, so good");
    expect("Straßse ideeën", "strase iden"); /* what one letter folds to counts as well */
    expect_span("ase", "aßse");
}

static void digits_marks_and_x_are_never_shortened(void **state)
{
    (void)state;
    expect("1000 XXXX ... !!! ___ --- aa", "1000 xxxx ... !!! ___ --- aa");
    assert_false(view.stretched);
    make("ХХХ χχχ 漢字漢", strlen("ХХХ χχχ 漢字漢"));
    assert_int_equal(view.edit_count, 0);
}

static void what_leads_elsewhere_is_one_byte(void **state)
{
    (void)state;
    expect("@Name hey (@a_b), .@c's", ADDRESS " hey (" ADDRESS "), ." ADDRESS "'s");
    expect("mail Me.Too+x@Home-1.co.uk.", "mail " ADDRESS ".");
    expect_span("mail " ADDRESS, "mail Me.Too+x@Home-1.co.uk");
    expect("see https://t.co/aBc?d=#e, HTTP://x", "see " ADDRESS ", " ADDRESS);
    expect("www.name.org/a! (www.name.org)", ADDRESS "! (" ADDRESS ")");
    expect("youtu.be/xyz t.co/1\nNAME.com/", ADDRESS " " ADDRESS " " ADDRESS);
    expect("https://a.b/c€5", ADDRESS "\xFE"
                                      "5");
}

static void what_only_looks_like_an_address_stays(void **state)
{
    (void)state;
    expect("@5pm me@home a@b.c @ @", "@5pm me@home a@b.c @ @");
    expect("and/or 24/7 bad.Then/or booking.com", "and/or 24/7 bad.then/or booking.com");
    expect("https:// ...com/ wow..com/a", "https:// ...com/ wow..com/a");
    assert_int_equal(view.edit_count, 0);
}

static void hashtags_are_split_at_their_capitals(void **state)
{
    (void)state;
    expect("#NeverFlyAgain", "#never fly again");
    expect_span("fly", "Fly");
    expect_span("never fly", "NeverFly");
    expect_span(" fly ", "Fly");
    expect_span(" ", "F"); /* what was put in stands for what follows */
    expect("#BAFail #FAIL #fail #B2B #2ndTime", "#ba fail #fail #fail #b2b #2nd time");
    expect("#Flight123Late #never_again #_a", "#flight123 late #never again # a");
    expect("#ΠοτέΞανά #НеНадо #ŚwiętaRacja", "#\xBD\xBC\xC0\xB2 \xBB\xAE\xBA\xAE "
                                             "#\x8D\x86 \x8D\x80\x84\x8E #swieta racja");
    expect("#SoooBad #A#B C#", "#so bad #a#b c#");
    expect("#1 #12345 NotATag", "#1 #12345 notatag");
}

static void emoji_show_a_mood(void **state)
{
    (void)state;
    expect("😡😭❤️👍🏽😂🔥🐶☂", "\xC6\xC7\xC8\xC8\xC9\xCA\xCB\xFF");
    expect_span("\xC8\xC8", "❤️👍🏽");
    assert_false(view_is_word(VIEW_BYTE_ANGER) || view_is_word(VIEW_BYTE_EMOJI));
}

static void the_view_stays_as_folded_where_edits_have_no_room(void **state)
{
    (void)state;
    struct view small;
    assert_int_equal(view_init(&small, 64), STATUS_OK);
    const char *text = "aaa bbb ccc @ddd #EfGh iii jjj kkk";
    make(text, strlen(text));
    view_fold(&small, (struct slice){.data = padded, .size = (uint32_t)strlen(text)});
    assert_int_equal(small.edit_count, small.edits_max);
    const char *wanted = "a b c " ADDRESS " #ef gh iii jjj kkk";
    assert_int_equal(small.size, strlen(wanted));
    assert_memory_equal(small.bytes, wanted, small.size);
    uint32_t start;
    uint32_t end;
    view_text_span(&small, small.size - 3, small.size, &start, &end);
    assert_int_equal(start, strlen(text) - 3);
    assert_int_equal(end, strlen(text));
    view_destroy(&small);
}

struct piece {
    const char *text;
    const char *one; /* its view, with VIEW_STRETCH_ONE and TWO */
    const char *two;
};

static const struct piece pieces[] = {
    {"word", "word", "word"},
    {"goooood", "god", "good"},
    {"#NeverFlyAgain", "#never fly again", "#never fly again"},
    {"#SoooBadddd", "#so bad", "#soo badd"},
    {"@handle", ADDRESS, ADDRESS},
    {"(@handle)", "(" ADDRESS ")", "(" ADDRESS ")"},
    {"https://a.example/B?c=ddd", ADDRESS, ADDRESS},
    {"a.b@c.org,", ADDRESS ",", ADDRESS ","},
    {"aaabbb", "ab", "aabb"},
    {"Ёёё", "\x86", "\x86\x86"},
    {"ee\xCC\x81"
     "e\xCC\x81",
     "e", "ee"},
    {"😡😡😡😡", "\xC6\xC6\xC6\xC6", "\xC6\xC6\xC6\xC6"},
    {"1000,-", "1000,-", "1000,-"},
    {"ß…½", "ss...1/2", "ss...1/2"},
    {"漢漢漢漢", "\xF0\xF0\xF0\xF0", "\xF0\xF0\xF0\xF0"},
    {"a\xC2\xAD"
     "a\xE2\x80\x8B"
     "a",
     "a", "aa"},
    {"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz"},
    {"жалоба", "\x87\x80\x8B\x8E\x81\x80", "\x87\x80\x8B\x8E\x81\x80"},
};

struct place {
    const struct piece *piece;
    uint32_t text;
    uint32_t view[2]; /* by the way that letters are drawn out */
};

static void check_places(const struct place *places, uint32_t count, enum view_stretch stretch)
{
    struct view_cursor cursor = {0};
    view_stretch(&view, stretch);
    for (uint32_t i = 0; i < count; i++) {
        const char *wanted = stretch ? places[i].piece->two : places[i].piece->one;
        uint32_t at = places[i].view[stretch];
        uint32_t start;
        uint32_t end;
        assert_true(at + strlen(wanted) <= view.size);
        assert_memory_equal(view.bytes + at, wanted, strlen(wanted));
        view_text_span(&view, at, at + (uint32_t)strlen(wanted), &start, &end);
        assert_int_equal(start, places[i].text);
        assert_int_equal(end, start + strlen(places[i].piece->text));
        assert_int_equal(view_offset_of(&view, &cursor, places[i].text), at);
    }
}

static void spans_rise_and_hold_whole_characters(size_t text_size)
{
    uint32_t last = 0;
    for (uint32_t at = 0; at < view.size; at++) {
        uint32_t start;
        uint32_t end;
        view_text_span(&view, at, at + 1, &start, &end);
        assert_true(start >= last && start < end && end <= text_size);
        assert_true(utf8_is_valid(padded + start, end - start));
        last = start;
    }
}

static void pieces_are_found_where_they_stand(void **state)
{
    (void)state;
    uint64_t seed = 20261128;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < 400; round++) {
        char text[TEXT_MAX];
        struct place places[PIECES_MAX];
        uint32_t size = 0;
        uint32_t sizes[2] = {0};
        uint32_t count = 1 + (uint32_t)(random_next(&seed) % PIECES_MAX);
        for (uint32_t i = 0; i < count; i++) {
            const struct piece *piece =
                &pieces[random_next(&seed) % (sizeof pieces / sizeof pieces[0])];
            places[i] = (struct place){piece, size, {sizes[0], sizes[1]}};
            memcpy(text + size, piece->text, strlen(piece->text));
            size += (uint32_t)strlen(piece->text);
            text[size++] = " \n\t"[random_next(&seed) % 3];
            sizes[0] += (uint32_t)strlen(piece->one) + 1;
            sizes[1] += (uint32_t)strlen(piece->two) + 1;
        }
        make(text, size);
        assert_int_equal(view.size, sizes[0]);
        check_places(places, count, VIEW_STRETCH_ONE);
        spans_rise_and_hold_whole_characters(size);
        check_places(places, count, VIEW_STRETCH_TWO);
        assert_int_equal(view.size, sizes[1]);
        spans_rise_and_hold_whole_characters(size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blanks_and_line_feeds_are_spaces),
        cmocka_unit_test(a_letter_drawn_out_is_one_or_two),
        cmocka_unit_test(digits_marks_and_x_are_never_shortened),
        cmocka_unit_test(what_leads_elsewhere_is_one_byte),
        cmocka_unit_test(what_only_looks_like_an_address_stays),
        cmocka_unit_test(hashtags_are_split_at_their_capitals),
        cmocka_unit_test(emoji_show_a_mood),
        cmocka_unit_test(the_view_stays_as_folded_where_edits_have_no_room),
        cmocka_unit_test(pieces_are_found_where_they_stand),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
