#include "text/addresses.h"

#include "text/view.h"

#include <string.h>

enum { DOMAIN_BYTES_MAX = 4 };

/* Those that are no word of a language here, or hardly ever stand behind a full stop and before a
 * slash: "it/", "to/" and "no/" do. */
static const char domains[][DOMAIN_BYTES_MAX + 1] = {
    "app", "be", "biz", "ca", "co", "com", "de", "dev", "edu", "es",  "eu", "fr", "gl", "gov", "gr",
    "ie",  "io", "info", "ly", "me", "net", "nl", "nu", "org", "pl", "ru", "se", "su", "tv", "uk"};

bool address_is_domain(const uint8_t *fold, uint32_t from, uint32_t to)
{
    uint32_t size = to - from;
    for (uint32_t i = 0; size <= DOMAIN_BYTES_MAX && i < sizeof domains / sizeof domains[0]; i++)
        if (memcmp(domains[i], fold + from, size) == 0 && domains[i][size] == '\0')
            return size > 0;
    return false;
}

static bool starts_with(const uint8_t *fold, uint32_t at, uint32_t end, const char *prefix)
{
    size_t size = strlen(prefix);
    return end - at > size && memcmp(fold + at, prefix, size) == 0;
}

static bool ends_link(uint8_t byte)
{
    return byte == '"' || byte == '<' || byte == '>' || byte == '|' ||
           view_script(byte) == VIEW_SCRIPT_SYMBOL;
}

static bool closes_sentence(uint8_t byte)
{
    switch (byte) {
    case '.':
    case ',':
    case ';':
    case ':':
    case '!':
    case '?':
    case ')':
    case ']':
    case '}':
    case '*':
    case '\'':
        return true;
    default:
        return false;
    }
}

static bool is_name_byte(uint8_t byte)
{
    return view_is_word(byte) || byte == '.' || byte == '-' || byte == '+' || byte == '%';
}

/* A link goes on to the end of its token, apart from what closes a sentence or a bracket. */
static uint32_t link_end(const uint8_t *fold, uint32_t at, uint32_t end)
{
    uint32_t to = at;
    while (to < end && !ends_link(fold[to]))
        to++;
    while (to > at && closes_sentence(fold[to - 1]))
        to--;
    return to;
}

/* Where the run of bytes ends that a host or the name before an @ is written with. */
static uint32_t name_end(const uint8_t *fold, uint32_t at, uint32_t end)
{
    while (at < end && is_name_byte(fold[at]) && !(fold[at] == '.' && fold[at + 1] == '.'))
        at++;
    return at;
}

static uint32_t label_end(const uint8_t *fold, uint32_t at)
{
    while (view_is_word(fold[at]) || fold[at] == '-')
        at++;
    return at;
}

/* The end of the host of an e-mail address, or `at` where it is none: two labels at least, the last
 * of two letters at least. */
static uint32_t mail_host_end(const uint8_t *fold, uint32_t at)
{
    uint32_t end = label_end(fold, at);
    if (end == at)
        return at;
    uint32_t last = end;
    while (fold[end] == '.' && label_end(fold, end + 1) > end + 1) {
        last = end + 1;
        end = label_end(fold, last);
    }
    return end - last >= 2 && view_is_letter(fold[last]) && view_is_letter(fold[last + 1]) ? end
                                                                                           : at;
}

static bool is_host(const uint8_t *fold, uint32_t from, uint32_t to)
{
    uint32_t last = to;
    while (last > from && fold[last - 1] != '.')
        last--;
    return last > from + 1 && address_is_domain(fold, last, to);
}

uint32_t address_end(const uint8_t *fold, uint32_t at, uint32_t end, uint32_t *searched)
{
    if (starts_with(fold, at, end, "http://") || starts_with(fold, at, end, "https://") ||
        starts_with(fold, at, end, "www."))
        return link_end(fold, at, end);
    uint32_t stop = name_end(fold, at, end);
    *searched = stop;
    if (stop < end && fold[stop] == '@') {
        uint32_t host_end = mail_host_end(fold, stop + 1);
        return host_end > stop + 1 ? host_end : at;
    }
    if (stop < end && fold[stop] == '/' && is_host(fold, at, stop))
        return link_end(fold, at, end);
    return at;
}

uint32_t handle_end(const uint8_t *fold, uint32_t at)
{
    uint32_t end = at + 1;
    if (view_is_word(*(fold + at - 1)) || !(view_is_letter(fold[end]) || fold[end] == '_'))
        return at;
    while (view_is_word(fold[end]))
        end++;
    return end;
}
