/**
 * The memory plan in the stages' own figures: what each would take with the assembled settings.
 *
 * Threads: any.
 */
#ifndef REDRESS_RUNTIME_ASSEMBLY_PLAN_H
#define REDRESS_RUNTIME_ASSEMBLY_PLAN_H

#include "config/memory_plan.h"
#include "runtime/assembly.h"

void assembly_memory_plan(const struct assembly *assembly, struct memory_plan *plan);

#endif
