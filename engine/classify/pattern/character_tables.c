#include "classify/pattern/character_tables.h"

#include "classify/pattern/pcre2.h"

#include "text/view.h"

#include <string.h>

/* The layout of pcre2_maketables() in PCRE2 10.x (pcre2_internal.h); character_tables_check()
 * notices a version that changes it. */
enum {
    LOWER_CASE_AT = 0,
    FLIP_CASE_AT = 256,
    CLASS_BITS_AT = 512,
    CLASS_BYTES = 32,
    TYPES_AT = 832,
    TYPE_SPACE = 0x01,
    TYPE_LETTER = 0x02,
    TYPE_LOWER = 0x04,
    TYPE_DIGIT = 0x08,
    TYPE_WORD = 0x10
};

enum class_bits {
    CLASS_SPACE,
    CLASS_HEX_DIGIT,
    CLASS_DIGIT,
    CLASS_UPPER,
    CLASS_LOWER,
    CLASS_WORD,
    CLASS_GRAPH,
    CLASS_PRINT,
    CLASS_PUNCTUATION,
    CLASS_CONTROL
};

static bool is_space(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* Capitals never occur in a view, but a table that called them no letters would surprise. */
static bool is_capital(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z';
}

static bool is_lower(uint8_t byte)
{
    return view_is_letter(byte);
}

static bool is_word(uint8_t byte)
{
    return view_is_word(byte) || is_capital(byte);
}

static bool is_hex_digit(uint8_t byte)
{
    return is_digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

static bool is_graph(uint8_t byte)
{
    return (byte > ' ' && byte < 0x7F) || view_script(byte) != VIEW_SCRIPT_NONE;
}

static bool is_print(uint8_t byte)
{
    return byte == ' ' || is_graph(byte);
}

static bool is_punctuation(uint8_t byte)
{
    return is_graph(byte) && (byte == '_' || !is_word(byte));
}

static bool is_control(uint8_t byte)
{
    return byte < ' ' || byte == 0x7F;
}

static bool is_horizontal(uint8_t byte)
{
    return byte == ' ' || byte == '\t' ||
           byte == 0xA0; /* 0xA0: built into PCRE2, never in a view */
}

static bool is_vertical(uint8_t byte)
{
    return (byte >= '\n' && byte <= '\r') || byte == 0x85; /* likewise */
}

static bool is_alpha(uint8_t byte)
{
    return is_capital(byte) || is_lower(byte);
}

static bool is_alnum(uint8_t byte)
{
    return is_alpha(byte) || is_digit(byte);
}

typedef bool byte_test(uint8_t byte);

static void fill_class(uint8_t *bits, byte_test *test)
{
    for (uint32_t byte = 0; byte < 256; byte++)
        if (test((uint8_t)byte))
            bits[byte / 8] |= (uint8_t)(1u << byte % 8);
}

void character_tables_fill(struct character_tables *tables)
{
    static byte_test *const tests[] = {
        [CLASS_SPACE] = is_space,
        [CLASS_HEX_DIGIT] = is_hex_digit,
        [CLASS_DIGIT] = is_digit,
        [CLASS_UPPER] = is_capital,
        [CLASS_LOWER] = is_lower,
        [CLASS_WORD] = is_word,
        [CLASS_GRAPH] = is_graph,
        [CLASS_PRINT] = is_print,
        [CLASS_PUNCTUATION] = is_punctuation,
        [CLASS_CONTROL] = is_control,
    };
    memset(tables, 0, sizeof *tables);
    for (uint32_t i = 0; i < 256; i++) {
        uint8_t byte = (uint8_t)i;
        /* The view has no case: a byte is its own lower and its own other case. */
        tables->bytes[LOWER_CASE_AT + i] = byte;
        tables->bytes[FLIP_CASE_AT + i] = byte;
        uint8_t type = 0;
        type |= is_space(byte) ? TYPE_SPACE : 0;
        type |= is_alpha(byte) ? TYPE_LETTER : 0;
        type |= is_lower(byte) ? TYPE_LOWER : 0;
        type |= is_digit(byte) ? TYPE_DIGIT : 0;
        type |= is_word(byte) ? TYPE_WORD : 0;
        tables->bytes[TYPES_AT + i] = type;
    }
    for (uint32_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        fill_class(tables->bytes + CLASS_BITS_AT + (size_t)i * CLASS_BYTES, tests[i]);
}

static bool class_agrees(pcre2_code *code, pcre2_match_data *match_data, byte_test *test,
                         bool boundary)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint8_t subject[2] = {'!',
                              (uint8_t)i}; /* \b stands between a non-word byte and a word byte */
        const uint8_t *start = boundary ? subject : subject + 1;
        size_t size = boundary ? 2 : 1;
        int found = pcre2_match(code, start, size, 0, 0, match_data, NULL);
        if ((found >= 0) != test((uint8_t)i))
            return false;
    }
    return true;
}

enum redress_status character_tables_check(const struct character_tables *tables,
                                           const char **failed)
{
    static const struct {
        const char *pattern;
        byte_test *test;
        bool boundary;
    } classes[] = {
        {"\\w", is_word, false},
        {"[\\w]", is_word, false},
        {"[^\\W]", is_word, false},
        {"!\\b(?s:.)", is_word, true},
        {"\\d", is_digit, false},
        {"[\\d]", is_digit, false},
        {"\\s", is_space, false},
        {"[\\s]", is_space, false},
        {"\\h", is_horizontal, false},
        {"\\v", is_vertical, false},
        {"[[:alpha:]]", is_alpha, false},
        {"[[:alnum:]]", is_alnum, false},
        {"[[:lower:]]", is_lower, false},
        {"[[:upper:]]", is_capital, false},
        {"[[:punct:]]", is_punctuation, false},
        {"[[:graph:]]", is_graph, false},
        {"[[:print:]]", is_print, false},
        {"[[:cntrl:]]", is_control, false},
        {"[[:xdigit:]]", is_hex_digit, false},
        {"[[:word:]]", is_word, false},
        {"[[:space:]]", is_space, false},
    };
    enum redress_status status = STATUS_OK;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    pcre2_match_data *match_data = pcre2_match_data_create(1, NULL);
    if (!context || !match_data) {
        status = STATUS_MEMORY;
        *failed = "out of memory";
        goto cleanup;
    }
    pcre2_set_character_tables(context, tables->bytes);
    for (uint32_t i = 0; i < sizeof classes / sizeof classes[0] && status == STATUS_OK; i++) {
        int error;
        size_t offset;
        pcre2_code *code = pcre2_compile((PCRE2_SPTR)classes[i].pattern, PCRE2_ZERO_TERMINATED, 0,
                                         &error, &offset, context);
        bool agrees = code && class_agrees(code, match_data, classes[i].test, classes[i].boundary);
        pcre2_code_free(code);
        if (!agrees) {
            status = STATUS_FATAL;
            *failed = classes[i].pattern;
        }
    }
cleanup:
    pcre2_match_data_free(match_data);
    pcre2_compile_context_free(context);
    return status;
}
