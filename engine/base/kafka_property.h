/** One of librdkafka's settings as the operator wrote it. Consumer and producer both take a list.
 */
#ifndef REDRESS_BASE_KAFKA_PROPERTY_H
#define REDRESS_BASE_KAFKA_PROPERTY_H

struct kafka_property {
    const char *name;
    const char *value;
};

#endif
