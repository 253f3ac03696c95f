/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kmsg: the kernel's log as records, from /dev/kmsg.
 *
 * A record is "prio,seq,usec,flags[,...];text\n" with lines " KEY=value" after it. Whoever may
 * write to /dev/kmsg cannot write as the kernel: its facility is never 0 there.
 * What records mean is judged in host/kmsg-watch.h.
 * Source: Documentation/ABI/testing/dev-kmsg; kernel/printk/printk.c of 6.1.
 */
#ifndef OAK_HOST_KMSG_H
#define OAK_HOST_KMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define KMSG_TEXT_MAX   512
#define KMSG_RECORD_MAX 8192 /* the kernel's own limit (CONSOLE_EXT_LOG_MAX) */
#define KMSG_NOW        UINT64_MAX

struct kmsg_record {
	unsigned level;           /* 0 emergency ... 7 debug */
	bool kernel;              /* facility 0 */
	uint64_t seq;             /* of this boot, without gaps but for what was overwritten */
	uint64_t usec;            /* since boot */
	char text[KMSG_TEXT_MAX]; /* printable ASCII, all else is '?'; cut */
};

/* Pure. Fuzzed by tests/fuzz/fuzz-kmsg.c. Return: 0, or -EINVAL where it is no record. */
int kmsg_parse(const void *data, size_t len, struct kmsg_record *ret) _must_check_;

struct kmsg {
	int fd;        /* -1: not open; poll(2) it for POLLIN */
	uint64_t from; /* records before this are skipped */
	uint64_t next; /* the record that should come next; 0: none came yet */
	uint64_t lost; /* records that were overwritten before we read them */
};

/*
 * @from: a sequence number to begin with, 0 for all that the kernel still has, KMSG_NOW for what
 * comes from now on. Never blocks. Errors: OAK_E_PERMISSION, OAK_E_NOTFOUND, OAK_E_IO.
 */
int kmsg_open(int root, uint64_t from, struct kmsg *ret, struct oak_error *err) _must_check_;

/* Return: 1 with a record, 0 where there is none at this moment, -errno where reading failed. */
int kmsg_next(struct kmsg *k, struct kmsg_record *ret) _must_check_;

void kmsg_close(struct kmsg *k); /* also the guard */

#endif
