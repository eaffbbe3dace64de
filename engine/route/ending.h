/** How a message ends: the one primary ending that the conservation law counts. */
#ifndef REDRESS_ROUTE_ENDING_H
#define REDRESS_ROUTE_ENDING_H

#include <redress/message.h>

/**
 * A dead letter where decoding gave a reason. Calm only where nothing is in doubt: a known
 * language, a decided verdict, the whole text, and no complaint. Everything else is a case that
 * people read.
 */
enum ending ending_decide(const struct message *message);

/** "none", "case", "calm", "dead_letter". Never NULL. */
const char *ending_name(enum ending ending);

#endif
