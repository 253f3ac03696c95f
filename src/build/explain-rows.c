/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/explain-rows.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX    40 /* deeper rows are drawn there */
#define LINE_COLUMNS 96
#define BRANCH       3 /* columns a level */

int rows_add(struct explain_rows *rows, unsigned depth, enum explain_tone tone, const char *text)
{
	struct explain_row *v;

	/* Doubles at each power of two. */
	if ((rows->n & (rows->n - 1)) == 0) {
		v = reallocarray(rows->v, rows->n ? 2 * rows->n : 1, sizeof(*v));
		if (!v)
			return -ENOMEM;
		rows->v = v;
	}
	v = &rows->v[rows->n];
	*v = (struct explain_row){ .depth = depth > DEPTH_MAX ? DEPTH_MAX : depth,
				   .tone = tone,
				   .text = strdup(text) };
	if (!v->text)
		return -ENOMEM;
	rows->n++;
	return 0;
}

int rows_printf(struct explain_rows *rows, unsigned depth, enum explain_tone tone, const char *fmt,
		...)
{
	_cleanup_(freep) char *text = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0) {
		text = NULL;
		return -ENOMEM;
	}
	return rows_add(rows, depth, tone, text);
}

void explain_rows_free(struct explain_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		free(rows->v[i].prefix);
		free(rows->v[i].text);
	}
	free(rows->v);
	*rows = (struct explain_rows){ 0 };
}

static int flush_line(struct row_list *l)
{
	int r = rows_add(l->rows, l->depth, l->tone, buf_str(&l->line));

	if (r == 0)
		l->rows->v[l->rows->n - 1].more = l->more;
	buf_free(&l->line);
	l->more = true;
	return r;
}

int row_list_begin(struct row_list *l, const char *label)
{
	return buf_printf(&l->line, "%s:", label);
}

int row_list_add(struct row_list *l, const char *item)
{
	size_t columns = LINE_COLUMNS - (size_t)BRANCH * (l->depth > 20 ? 20 : l->depth);
	int r = l->any ? buf_add_str(&l->line, ",") : 0;

	if (r == 0 && l->any && l->line.len + strlen(item) + 2 > columns) {
		r = flush_line(l);
		if (r == 0)
			r = buf_add_str(&l->line, " ");
	}
	l->any = true;
	return r < 0 ? r : buf_printf(&l->line, " %s", item);
}

int row_list_end(struct row_list *l)
{
	int r = l->any ? flush_line(l) : 0;

	buf_free(&l->line);
	return r;
}

/* @open[d]: does a row of depth d come later, before one that is less deep? */
static char *prefix_of(const struct explain_row *row, const bool *open)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	int r = buf_add_str(&b, "");

	for (unsigned d = 1; r == 0 && d <= row->depth; d++) {
		if (d < row->depth || row->more)
			r = buf_add_str(&b, open[d] ? "|  " : "   ");
		else
			r = buf_add_str(&b, open[d] ? "|- " : "`- ");
	}
	return r < 0 ? NULL : strdup(buf_str(&b));
}

int rows_draw(struct explain_rows *rows)
{
	bool open[DEPTH_MAX + 2] = { false };

	for (size_t i = rows->n; i-- > 0;) {
		struct explain_row *row = &rows->v[i];

		free(row->prefix);
		row->prefix = prefix_of(row, open);
		if (!row->prefix)
			return -ENOMEM;
		if (row->more)
			continue;
		open[row->depth] = true;
		for (unsigned d = row->depth + 1; d <= DEPTH_MAX; d++)
			open[d] = false;
	}
	return 0;
}
