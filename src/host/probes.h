/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probes: the kprobes of the running kernel: debugfs' list.
 *
 * A line is "ADDRESS  k  name+0x12  [module] [DISABLED][OPTIMIZED][FTRACE]", blanks where no module
 * is; "r" in place of "k" is a kretprobe. perf, bpftrace and tracefs' kprobe_events make them.
 * Source: kernel/kprobes.c of 6.1 (report_probe).
 */
#ifndef OAK_HOST_PROBES_H
#define OAK_HOST_PROBES_H

#include <stdbool.h>

#include "base/buf.h"

struct probe {
	const char *kind; /* "kprobe", "kretprobe"; static */
	char offset[17];  /* hexadecimal digits: from the function's start */
	bool disabled;    /* or gone with its module */
};

/* Return: 0 or -errno. */
int probes_read(int root, struct buf *ret) _must_check_;

/*
 * Pure: the first probe on function @name of @object ("vmlinux" or a module); one that is armed
 * goes before a disabled one. Several functions of one name cannot be told apart.
 */
bool probe_find(const char *list, const char *object, const char *name, struct probe *ret);

#endif
