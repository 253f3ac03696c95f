/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kmsg-watch: tells from the kernel's log whether a level does harm.
 *
 * A fault says many lines. The watch collects them from the first ("BUG: ...", "WARNING: ...") to
 * the last ("---[ end trace", "</TASK>"), sees whether a function of the patch is among them, and
 * gives one finding. FATAL: the level is to be reverted. NOTE: worth telling, no more.
 *
 *	oops, BUG, panic, lockup, RCU stall, KASAN, KFENCE, list corruption	FATAL
 *	WARN			with a patched function in it FATAL, elsewhere nothing
 *	hung task, UBSAN	with a patched function in it FATAL, elsewhere NOTE
 *	"livepatch: ... fail"	of our patch FATAL, of another NOTE
 *
 * Nothing: kills for want of memory, faults of applications, what a transition says of itself.
 * A container chooses the names of its processes (15 bytes), and some of the kernel's lines begin
 * with one. So words of no more than that count only with a call trace below them.
 *
 * Pure: no input but the records. Fuzzed by tests/fuzz/fuzz-kmsg.c.
 * Source: kernel/panic.c, lib/bug.c, kernel/watchdog.c, kernel/hung_task.c,
 * kernel/rcu/tree_stall.h, kernel/livepatch/core.c, arch/x86/kernel/{dumpstack,traps}.c of 6.1.
 */
#ifndef OAK_HOST_KMSG_WATCH_H
#define OAK_HOST_KMSG_WATCH_H

#include "host/kmsg.h"
#include "host/livepatch.h"

#define KMSG_SPLAT_MAX    4096
#define KMSG_SPLAT_LINES  200      /* an oops has about 60, an RCU stall of many processors more */
#define KMSG_SPLAT_US     2000000u /* a pause in the log ends a splat */
#define KMSG_FUNCTION_MAX 128

enum kmsg_severity {
	KMSG_NOTHING,
	KMSG_NOTE,
	KMSG_FATAL,
};

struct kmsg_finding {
	enum kmsg_severity severity;
	const char *what;                 /* "oops", "warning", ...; static; stable for JSON */
	uint64_t seq, usec;               /* of the first line */
	char function[KMSG_FUNCTION_MAX]; /* the patched one; "" where none is in it */
	char line[KMSG_TEXT_MAX];         /* the one that says most */
	char text[KMSG_SPLAT_MAX];        /* whole lines of printable ASCII, cut */
};

/* Callers do not touch it. */
struct kmsg_watch {
	const struct livepatch *patch;
	bool open;      /* between the first and the last line */
	bool confirmed; /* a call trace came */
	bool long_head; /* the first line is none that a process could have chosen */
	unsigned lines;
	uint64_t last_usec;
	const struct kmsg_head *head;
	size_t len;
	struct kmsg_finding found;
};

/* @patch: its functions count as patched; borrowed; NULL: none do. */
void kmsg_watch_begin(struct kmsg_watch *w, const struct livepatch *patch);

/* One record more, in order. Return: whether a finding came to its end; @ret only then. */
bool kmsg_watch_feed(struct kmsg_watch *w, const struct kmsg_record *record,
		     struct kmsg_finding *ret) _must_check_;

/* The log is silent (for a second): what stands half is all that comes. Return: as above. */
bool kmsg_watch_flush(struct kmsg_watch *w, struct kmsg_finding *ret) _must_check_;

/* "nothing", "note", "fatal" */
const char *kmsg_severity_name(enum kmsg_severity s);

#endif
