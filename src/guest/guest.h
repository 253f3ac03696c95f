/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest: the only program of a test machine; does the steps that the host wrote.
 *
 * Plan: /oakum/plan, one step a line: a verb and up to three words. /oakum/probe is the author's
 * program, /oakum/probe.args its arguments, one a line. Each step is announced in the kernel's log
 * ("oakum-test: step 3"), so that what the kernel says has a place, and answered on the second
 * serial port:
 *
 *	@start 3
 *	| a line that the probe printed
 *	@done 3 <milliseconds> <taint> <value>...
 *	@fail 3 <milliseconds> <taint> <why>
 *	@skip 4
 *	@end
 *
 * After a failed step all are skipped until the next "case". The host's side: build/vm-plan.h
 * (verbs and words), build/vm-report.h (answers).
 */
#ifndef OAK_GUEST_GUEST_H
#define OAK_GUEST_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define GUEST_WORDS  3
#define GUEST_VALUES 4
#define GUEST_WHY    160
#define GUEST_HELD   64 /* modules */
#define GUEST_NAME   64

#define LIVEPATCH "/sys/kernel/livepatch"

struct answer {
	uint64_t value[GUEST_VALUES];
	size_t n_values;
	char why[GUEST_WHY]; /* of a step that failed, where there is more to say than its errno */
};

/* What a case found when it was told to remember. */
struct marks {
	uint64_t areas; /* pieces of memory that hold modules */
};

struct guest {
	FILE *report;
	struct marks marks;
	char held[GUEST_HELD][GUEST_NAME]; /* modules that hold themselves: they stay */
	size_t n_held;
};

bool module_is_held(const struct guest *g, const char *name);

/* A step: 0 or -errno. @w has GUEST_WORDS words, "" where the line has fewer. */
struct step {
	const char *verb;
	int (*run)(struct guest *g, const char *const *w, struct answer *ret);
};

extern const struct step module_steps[], patch_steps[], probe_steps[]; /* end with a NULL verb */

/* "recover" of the livepatch steps: takes back whatever a failed case left. */
int patch_recover(struct answer *ret);

int module_insert(const char *file);
int module_remove(const char *name);

/* The probe, run again and again while something else goes on. */
struct background {
	int pid; /* 0: none runs */
	uint64_t runs, fixed, vulnerable, crashed;
};

/* Starts it where it does not run, collects it where it has ended and, if @again, starts it anew. */
int probe_background(struct background *b, bool again);

/* Waits for the last run. */
int probe_background_end(struct background *b);

uint64_t now_ms(void);
void nap(void); /* 5 ms */

/* First bytes of a file as text; false where there is none. */
bool read_text(const char *path, char *ret, size_t size);

/* Lines of a file that contain a text; 0 where there is no such file. */
uint64_t count_lines(const char *path, const char *part);

int say_why(struct answer *ret, int r, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
