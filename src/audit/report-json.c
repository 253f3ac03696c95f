/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/report.h"

#include <stdio.h>
#include <string.h>

#include "audit/fix/fix.h"
#include "base/cleanup.h"

/*
 * A text in quotes. Texts of findings are printable ASCII, so that two characters need care; this is
 * a fifth of an audit of 100 containers where jansson does it.
 */
static int add_text(struct buf *b, const char *text)
{
	int r = buf_add_str(b, "\"");

	while (r == 0 && *text) {
		size_t n = strcspn(text, "\"\\");

		r = buf_add(b, text, n);
		text += n;
		if (r == 0 && *text) {
			r = buf_add_str(b, "\\");
			if (r == 0)
				r = buf_add(b, text++, 1);
		}
	}
	return r == 0 ? buf_add_str(b, "\"") : r;
}

/* @before: what parts it from the member before. */
static int add_member(struct buf *b, const char *before, const char *key, const char *value)
{
	int r = buf_printf(b, "%s\"%s\": ", before, key);

	if (r < 0)
		return r;
	return value ? add_text(b, value) : buf_add_str(b, "null");
}

static int add_seen(struct buf *b, const struct finding *f)
{
	int r = buf_add_str(b, ", \"evidence\": [");

	for (size_t i = 0; r == 0 && i < f->n_seen; i++) {
		r = add_member(b, i ? ", {" : "{", "file", f->seen[i].file);
		if (r == 0)
			r = add_member(b, ", ", "value", f->seen[i].value);
		if (r == 0)
			r = buf_add_str(b, "}");
	}
	return r == 0 ? buf_add_str(b, "]") : r;
}

static int add_finding(struct buf *b, const struct finding *f)
{
	const struct {
		const char *key, *value;
	} members[] = {
		{ "id", f->check->id },
		{ "group", f->table->group },
		{ "severity", audit_severity_name(f->check->severity) },
		{ "verdict", audit_verdict_name(f->verdict) },
		{ "subject", f->subject },
		{ "title", f->check->title },
		{ "why", f->check->why },
		{ "fix", finding_fix(f) },
		{ "source", finding_source(f) },
		{ "accepted", f->accepted },
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(members) / sizeof(members[0]); i++)
		r = add_member(b, i ? ", " : "{", members[i].key, members[i].value);
	if (r == 0)
		r = add_seen(b, f);
	return r == 0 ? buf_add_str(b, "}") : r;
}

static json_t *score_json(const struct score *s)
{
	json_t *lost = json_array(), *verdicts = json_object();

	for (unsigned i = AUDIT_SEVERITIES; i-- > 0;)
		(void)json_array_append_new(lost,
					    json_pack("{s:s, s:I, s:f}", "severity",
						      audit_severity_name((enum audit_severity)i),
						      "checks", (json_int_t)s->checks[i], "points",
						      s->lost[i]));
	for (unsigned i = 0; i < AUDIT_VERDICTS; i++)
		(void)json_object_set_new(verdicts, audit_verdict_name((enum audit_verdict)i),
					  json_integer((json_int_t)s->verdicts[i]));
	return json_pack("{s:i, s:f, s:f, s:o, s:o, s:I}", "percent", (int)s->percent, "points",
			 s->points, "of", s->of, "lost", lost, "findings", verdicts, "accepted",
			 (json_int_t)s->accepted);
}

int report_value(json_t *j, report_out *out, void *ctx, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *value = j;
	_cleanup_(freep) char *text = value ? json_dumps(value, JSON_SORT_KEYS) : NULL;

	return text ? out(ctx, text, err) : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

static json_t *kernel_json(const struct audit *a)
{
	return json_pack("{s:s, s:s}", "release", a->ctx.id.release, "build_id", a->ctx.id.build_id);
}

int report_json(const struct audit *a, const struct score *s, report_out *out, void *ctx,
		struct oak_error *err)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	char count[80];
	int r = out(ctx, "{\n  \"schema\": 1,\n  \"kernel\": ", err);

	(void)snprintf(count, sizeof(count),
		       ",\n  \"containers\": %zu,\n  \"score\": ", a->containers);
	if (r == 0)
		r = report_value(kernel_json(a), out, ctx, err);
	if (r == 0)
		r = out(ctx, count, err);
	if (r == 0)
		r = report_value(score_json(s), out, ctx, err);
	if (r == 0)
		r = out(ctx, ",\n  \"findings\": [", err);
	for (size_t i = 0; r == 0 && i < a->n; i++) {
		b.len = 0;
		if (buf_add_str(&b, i ? ",\n    " : "\n    ") < 0 ||
		    add_finding(&b, &a->findings[i]) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		r = out(ctx, buf_str(&b), err);
	}
	return r == 0 ? out(ctx, "\n  ]\n}\n", err) : r;
}

static json_t *check_json(const struct audit_table *t, const struct audit_check *c)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s?, s:s?, s:s?, s:b, s:s?, s:s}", "id", c->id,
			 "group", t->group, "severity", audit_severity_name(c->severity), "title",
			 c->title, "why", c->why, "fix", c->fix, "source",
			 c->source ? c->source : t->source, "automated", !c->manual, "manual",
			 c->manual, "fixed", fix_word(t, c));
}

json_t *report_checks_json(void)
{
	json_t *list = json_array();

	for (size_t i = 0; audit_tables[i]->n; i++)
		for (size_t k = 0; k < audit_tables[i]->n; k++)
			(void)json_array_append_new(list, check_json(audit_tables[i],
								     &audit_tables[i]->rows[k]));
	return json_pack("{s:o}", "checks", list);
}
