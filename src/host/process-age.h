/* SPDX-License-Identifier: GPL-2.0-or-later */
/* process-age: when a process began. Source: proc(5), /proc/<pid>/stat field 22; /proc/stat, btime. */
#ifndef OAK_HOST_PROCESS_AGE_H
#define OAK_HOST_PROCESS_AGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Seconds since the epoch; 0 where it has ended, or cannot be read. */
int64_t process_started_s(int root, pid_t pid);

/* The same in clock ticks since the boot, of a pid or "self". False where it cannot be read. */
bool process_start_ticks(int root, const char *pid, uint64_t *ret);

/* The same of the process whose folder that is. */
bool process_start_ticks_at(int process, uint64_t *ret);

#endif
