/**
 * Tells systemd how the service is: one datagram to $NOTIFY_SOCKET. Without systemd every call does
 * nothing and answers STATUS_NOT_FOUND.
 *
 * Source:  sd_notify(3). Threads: any.
 */
#ifndef REDRESS_RUNTIME_SERVICE_NOTIFY_H
#define REDRESS_RUNTIME_SERVICE_NOTIFY_H

#include <redress/status.h>

enum { SERVICE_STATUS_BYTES_MAX = 200 };

/** Records are being read. */
enum redress_status service_notify_ready(void);
/** The end was asked for; what is in flight is still being finished. */
enum redress_status service_notify_stopping(void);
/** "I am alive", to be said within service_watchdog_us(). */
enum redress_status service_notify_alive(void);
/** One line for `systemctl status`; line ends become spaces. */
enum redress_status service_notify_status(const char *text);

/** How often systemd wants to hear from this process, in microseconds; 0: never. */
uint64_t service_watchdog_us(void);

#endif
