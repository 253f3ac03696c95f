/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * steps: how long each step of an update took, from the start of the process on.
 *
 * "own" is our own time: the total less what the kernel took to load, to switch all tasks and to
 * unload.
 */
#ifndef OAK_AGENT_STEPS_H
#define OAK_AGENT_STEPS_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "host/apply.h"

#define STEPS_MAX 16

struct steps {
	struct {
		const char *name;
		double ms;
	} v[STEPS_MAX];
	size_t n;
	uint64_t start_ns, mark_ns;
	double before_ms; /* from exec to steps_begin(): the dynamic linker's work */
	double kernel_ms;
};

void steps_begin(struct steps *s);

/* The time since the last mark; less @other_ms, which the caller adds as a step of its own. */
void steps_mark(struct steps *s, const char *name, double other_ms);
void steps_add(struct steps *s, const char *name, double ms);

/* The kernel's three steps: load, transition, unload. */
void steps_add_kernel(struct steps *s, const struct apply_result *result);

double steps_total_ms(const struct steps *s);

/* Adds steps, total_ms, own_ms and own_peak_kib to @document. */
void steps_json(const struct steps *s, json_t *document);

#endif
