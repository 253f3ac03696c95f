/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/stall.h"

static json_t *container_json(const struct container *c)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "engine", c->engine, "id", c->id,
			 "name", c->name, "image", c->image, "pod", c->pod, "pod_namespace",
			 c->pod_namespace, "pod_uid", c->pod_uid);
}

static json_t *stalled_tasks_json(const struct stall *s)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < s->n; i++) {
		const struct stall_task *t = &s->tasks[i];
		const struct container *c = stall_container_of(s, t);

		(void)json_array_append_new(
			list, json_pack("{s:i, s:i, s:s, s:o, s:s*, s:s}", "pid", (int)t->pid,
					"tid", (int)t->tid, "comm", t->comm, "container",
					c ? container_json(c) : json_null(), "function",
					t->function[0] ? t->function : NULL, "stack", t->stack));
	}
	return list;
}

json_t *stall_json(const struct stall *s)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < s->n_containers; i++) {
		json_t *c = container_json(&s->containers[i].c);

		(void)json_object_set_new(c, "blocked",
					  json_integer((json_int_t)s->containers[i].blocked));
		(void)json_array_append_new(list, c);
	}
	return json_pack("{s:I, s:o, s:o}", "blocked", (json_int_t)s->n_total, "tasks",
			 stalled_tasks_json(s), "containers", list);
}
