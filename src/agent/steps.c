/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/steps.h"

#include <assert.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "host/self.h"

void steps_begin(struct steps *s)
{
	_cleanup_(closep) int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*s = (struct steps){ .before_ms = self_age_ms(root) };
	s->start_ns = s->mark_ns = clock_now_ns();
	steps_add(s, "start", s->before_ms);
}

void steps_add(struct steps *s, const char *name, double ms)
{
	assert(s->n < STEPS_MAX);
	s->v[s->n].name = name;
	s->v[s->n++].ms = ms;
}

void steps_mark(struct steps *s, const char *name, double other_ms)
{
	double ms = clock_seconds_since(s->mark_ns) * 1e3 - other_ms;

	s->mark_ns = clock_now_ns();
	steps_add(s, name, ms > 0 ? ms : 0);
}

void steps_add_kernel(struct steps *s, const struct apply_result *result)
{
	steps_add(s, "load", result->load_ms);
	steps_add(s, "transition", result->transition_ms);
	steps_add(s, "unload", result->unload_ms);
	s->kernel_ms += result->load_ms + result->transition_ms + result->unload_ms;
}

double steps_total_ms(const struct steps *s)
{
	return s->before_ms + clock_seconds_since(s->start_ns) * 1e3;
}

void steps_json(const struct steps *s, json_t *document)
{
	_cleanup_(closep) int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	json_t *list = json_array();
	double total = steps_total_ms(s);

	for (size_t i = 0; list && i < s->n; i++)
		(void)json_array_append_new(list, json_pack("{s:s, s:f}", "name", s->v[i].name,
							    "ms", s->v[i].ms));
	(void)json_object_set_new(document, "steps", list);
	(void)json_object_set_new(document, "total_ms", json_real(total));
	(void)json_object_set_new(document, "own_ms", json_real(total - s->kernel_ms));
	(void)json_object_set_new(document, "own_peak_kib",
				  json_integer((json_int_t)self_peak_kib(root)));
}
