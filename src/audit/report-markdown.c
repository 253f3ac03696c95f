/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/report.h"

#include <string.h>

#include "audit/fix/fix.h"
#include "base/cleanup.h"

static const char head[] =
	"# What oakum audit checks\n"
	"\n"
	"Made from the tables in src/audit/check-*.c by `oakum audit --checks --markdown`; do not\n"
	"edit. Ids of sections 1 to 7 are those of the CIS Docker Benchmark 1.6 as\n"
	"docker-bench-security has them. How findings are weighed: docs/formats/audit.md.\n"
	"What `oakum audit --fix-plan` does: mechanical, on request (`--only ID`), by hand, or\n"
	"never, as it would break live patching or containers.\n";

/* A cell: a bar would end it. */
static int add_cell(struct buf *b, const char *text)
{
	int r = buf_add_str(b, " ");

	for (; r == 0 && *text; text++) {
		if (*text == '|')
			r = buf_add_str(b, "\\");
		if (r == 0)
			r = buf_add(b, text, 1);
	}
	return r == 0 ? buf_add_str(b, " |") : r;
}

static int add_row(struct buf *b, const struct audit_table *t, const struct audit_check *c)
{
	int r = buf_printf(b, "| `%s` | %s |", c->id, audit_severity_name(c->severity));

	if (r == 0)
		r = add_cell(b, c->title);
	if (r == 0)
		r = add_cell(b, c->manual ? "not automated" : c->why);
	if (r == 0)
		r = add_cell(b, c->manual ? c->manual : c->fix);
	if (r == 0)
		r = add_cell(b, fix_word(t, c));
	return r == 0 ? buf_add_str(b, "\n") : r;
}

static int add_table(struct buf *b, const struct audit_table *t)
{
	int r = buf_printf(b,
			   "\n## %s\n\nGroup `%s`, %zu checks. Source: %s.\n\n"
			   "| id | severity | what should be so | why | how to get there | fix |\n"
			   "|---|---|---|---|---|---|\n",
			   t->title, t->group, t->n, t->source);

	for (size_t i = 0; r == 0 && i < t->n; i++)
		r = add_row(b, t, &t->rows[i]);
	return r;
}

char *report_checks_markdown(void)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	int r = buf_add_str(&b, head);

	for (size_t i = 0; r == 0 && audit_tables[i]->n; i++)
		r = add_table(&b, audit_tables[i]);
	return r == 0 ? (char *)buf_take(&b, NULL) : NULL;
}
