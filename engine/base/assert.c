#include "base/assert.h"

#include <stdio.h>
#include <stdlib.h>

void assert_failed(const char *expression, const char *file, int line)
{
    fprintf(stderr, "redress: bug: %s:%d: %s does not hold\n", file, line, expression);
    abort();
}
