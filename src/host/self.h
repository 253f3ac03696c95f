/* SPDX-License-Identifier: GPL-2.0-or-later */
/* self: what this very process may do and uses, as /proc/self/status below @root says. */
#ifndef OAK_HOST_SELF_H
#define OAK_HOST_SELF_H

#include <stdbool.h>

/* CAP_SYS_MODULE is effective; false where that is not known. */
bool self_may_load_modules(int root);

/* The peak resident memory of this process in KiB (VmHWM), 0 where unknown. */
unsigned long self_peak_kib(int root);

/*
 * Milliseconds since this process began, 0 where unknown. The kernel counts that in ticks of
 * 10 ms; the error is below one tick.
 */
double self_age_ms(int root);

#endif
