/* SPDX-License-Identifier: GPL-2.0-or-later */
/* document: a plan as JSON. */
#include "audit/fix/outputs.h"
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

static json_t *attr_json(const struct fix_attr *a)
{
	char mode[16];

	(void)snprintf(mode, sizeof(mode), "%04o", a->mode);
	return json_pack("{s:s, s:I, s:I}", "mode", mode, "user", (json_int_t)a->uid, "group",
			 (json_int_t)a->gid);
}

static json_t *ids_json(const char *ids)
{
	json_t *list = json_array();

	while (*ids) {
		size_t len = strcspn(ids, " ");

		(void)json_array_append_new(list, json_stringn(ids, len));
		ids += len + (ids[len] == ' ');
	}
	return list;
}

static json_t *change_json(const struct fix_change *c)
{
	bool attr = c->kind == FIX_ATTR;

	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:s?}", "kind", fix_change_kind_name(c->kind),
			 "path", c->path, "checks", ids_json(buf_str(&c->ids)), "before",
			 attr        ? attr_json(&c->was)
			 : c->before ? json_string(c->before)
				     : json_null(),
			 "after", attr ? attr_json(&c->will) : json_string(c->after), "needs",
			 c->needs);
}

static json_t *left_json(const struct fix_left *l)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s?}", "check", l->f->check->id, "severity",
			 audit_severity_name(l->f->check->severity), "subject", l->f->subject,
			 "why", fix_left_why_name(l->why), "reason", l->reason, "fix",
			 finding_fix(l->f));
}

json_t *fix_plan_json(const struct fix_plan *p, const char *diff)
{
	json_t *changes = json_array(), *left = json_array();
	int r = 0;

	for (size_t i = 0; i < p->n; i++)
		r |= json_array_append_new(changes, change_json(&p->changes[i]));
	for (size_t i = 0; i < p->n_left; i++)
		r |= json_array_append_new(left, left_json(&p->left[i]));
	if (r < 0) {
		json_decref(changes);
		json_decref(left);
		return NULL;
	}
	return json_pack("{s:s, s:I, s:o, s:o, s:s}", "plan", p->id, "findings",
			 (json_int_t)p->n_findings, "changes", changes, "left", left, "diff", diff);
}
