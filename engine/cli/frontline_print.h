/** One frontline case as a JSON line, or readable at 80 columns. */
#ifndef REDRESS_CLI_FRONTLINE_PRINT_H
#define REDRESS_CLI_FRONTLINE_PRINT_H

#include <redress/frontline.h>

#include <stdio.h>

/** token may be NULL: the case is only observed; state is one word about it, or NULL. */
void frontline_print_json(FILE *stream, const struct frontline_record *record,
                          const struct frontline_token *token, const char *state);
void frontline_print_text(FILE *stream, const struct frontline_record *record,
                          const struct frontline_token *token, const char *state);

#endif
