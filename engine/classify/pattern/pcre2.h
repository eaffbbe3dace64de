/** PCRE2 for 8-bit code units; the one place that says so. */
#ifndef REDRESS_CLASSIFY_PATTERN_PCRE2_H
#define REDRESS_CLASSIFY_PATTERN_PCRE2_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#endif
