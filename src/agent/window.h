/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * window: maintenance windows, in local time.
 *
 * Pure over the process's time zone, which mktime() and localtime_r() take from TZ: a process that
 * has "timezone" set calls window_use_zone() once, early, while it has one thread.
 *
 * Where clocks change: a window that begins or ends in an hour that there is twice is as long as
 * it can be; in an hour that there is not, mktime() moves the time by that hour.
 */
#ifndef OAK_AGENT_WINDOW_H
#define OAK_AGENT_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/settings.h"

/* Sets TZ for settings' timezone; NULL leaves it. Errors: OAK_E_NOMEM. */
int window_use_zone(const struct settings *s, struct oak_error *err) _must_check_;

/* Is @now_s inside one of them? Without windows always. */
bool window_open(const struct time_window *v, size_t n, int64_t now_s);

/* When the next begins, after @now_s; 0 without windows. */
int64_t window_next(const struct time_window *v, size_t n, int64_t now_s);

/* When no window is open any more; 0 where none is open, or where they never close. */
int64_t window_closes(const struct time_window *v, size_t n, int64_t now_s);

#endif
