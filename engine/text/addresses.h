/**
 * Finds what leads somewhere instead of saying something: links, e-mail addresses, handles. Works on
 * the fold of a text, which guards stand around.
 */
#ifndef REDRESS_TEXT_ADDRESSES_H
#define REDRESS_TEXT_ADDRESSES_H

#include <stdbool.h>
#include <stdint.h>

/**
 * The end of the link or e-mail address that begins at `at`, or `at` where none does. `end` is that
 * of the token. Links are http(s)://..., www.name..., and name.com/... of the usual domains.
 *
 * *searched: no address begins before it, so that the caller asks again only from there on.
 */
uint32_t address_end(const uint8_t *fold, uint32_t at, uint32_t end, uint32_t *searched);

/** The end of the handle (@name) whose @ stands at `at`, or `at`: "@5pm" and "me@home" are none. */
uint32_t handle_end(const uint8_t *fold, uint32_t at);

/** Whether the letters [from, to) are a domain of the highest level that people write: "com". */
bool address_is_domain(const uint8_t *fold, uint32_t from, uint32_t to);

#endif
