/**
 * Assertions are for our own bugs; statuses are for the world. Input never reaches an ASSERT.
 *
 *   ASSERT       stays in every build
 *   ASSERT_SLOW  whole-structure checks, debug and fuzz builds only
 */
#ifndef REDRESS_BASE_ASSERT_H
#define REDRESS_BASE_ASSERT_H

#include <assert.h>

/** Prints the place and ends the process with abort(). */
__attribute__((noreturn, cold)) void assert_failed(const char *expression, const char *file,
                                                   int line);

#define ASSERT(expression) ((expression) ? (void)0 : assert_failed(#expression, __FILE__, __LINE__))

#ifdef REDRESS_SLOW_ASSERTS
#define ASSERT_SLOW(expression) ASSERT(expression)
#else
#define ASSERT_SLOW(expression) ((void)sizeof(expression))
#endif

#endif
