/** Fixtures of a test program that uses fake_kafka.h: the one real handle that everything hangs on.
 */
#ifndef REDRESS_TESTS_FAKE_KAFKA_FIXTURE_H
#define REDRESS_TESTS_FAKE_KAFKA_FIXTURE_H

#include "fake_kafka.h"

static int fake_open_handle(void **state)
{
    (void)state;
    fake_handle = fake_real_handle();
    return fake_handle ? 0 : 1;
}

static int fake_close_handle(void **state)
{
    (void)state;
    fake_destroy_handle();
    return 0;
}

#endif
