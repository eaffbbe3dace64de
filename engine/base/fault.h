/**
 * Planted faults: what the soak must be able to find. Each is a constant, 0 in the product; a build
 * configured with -DREDRESS_PLANTED_FAULT=NAME sets exactly one of them.
 *
 *   if (FAULT_DROP_ON_FULL_RING)
 *       ...lose the message...
 *
 * The test suite builds each faulty engine and expects the soak to turn red. Nothing else may use
 * them.
 */
#ifndef REDRESS_BASE_FAULT_H
#define REDRESS_BASE_FAULT_H

enum planted_fault {
/* Offsets are stored when a message is read, not when its ending was delivered. */
#ifdef REDRESS_FAULT_STORE_BEFORE_DELIVERY
    FAULT_STORE_BEFORE_DELIVERY = 1,
#else
    FAULT_STORE_BEFORE_DELIVERY = 0,
#endif
/* A message that ends after its partition was taken away still moves the watermark. */
#ifdef REDRESS_FAULT_IGNORE_GENERATION
    FAULT_IGNORE_GENERATION = 1,
#else
    FAULT_IGNORE_GENERATION = 0,
#endif
/* What does not fit into a ring or the producer's queue is forgotten. */
#ifdef REDRESS_FAULT_DROP_ON_FULL_RING
    FAULT_DROP_ON_FULL_RING = 1,
#else
    FAULT_DROP_ON_FULL_RING = 0,
#endif
/* A reader may acknowledge a claim that is no longer its own. */
#ifdef REDRESS_FAULT_ACKNOWLEDGE_WITHOUT_EPOCH
    FAULT_ACKNOWLEDGE_WITHOUT_EPOCH = 1,
#else
    FAULT_ACKNOWLEDGE_WITHOUT_EPOCH = 0,
#endif
};

#endif
