/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/access/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static const struct access_part *const parts[] = { &access_net, &access_inet, &access_fs,
						   &access_core, &access_drivers };

#define N_PARTS (sizeof(parts) / sizeof(parts[0]))

size_t access_rows(void)
{
	size_t n = 0;

	for (size_t i = 0; i < N_PARTS; i++)
		n += parts[i]->n;
	return n;
}

const struct access_row *access_row(size_t i)
{
	for (size_t k = 0; k < N_PARTS; k++) {
		if (i < parts[k]->n)
			return &parts[k]->rows[i];
		i -= parts[k]->n;
	}
	return NULL;
}

/* The length of @path where @file begins with it; 0 where it does not. */
static size_t begins(const char *file, const char *path)
{
	size_t i = 0;

	while (path[i] && path[i] == file[i])
		i++;
	return path[i] ? 0 : i;
}

size_t access_find(const char *file)
{
	size_t best = access_rows(), longest = 0, at = 0;

	for (size_t k = 0; k < N_PARTS; k++)
		for (size_t i = 0; i < parts[k]->n; i++, at++) {
			size_t len = begins(file, parts[k]->rows[i].path);

			if (len <= longest)
				continue;
			longest = len;
			best = at;
		}
	return best;
}

static struct access of_way(const struct access_way *way, const struct need_at *at)
{
	struct access all = { ACCESS_YES, ACCESS_CERTAIN };

	for (size_t i = 0; i < ACCESS_NEEDS && way->all[i].kind != NEED_END; i++) {
		all = access_all(all, need_has(at, &way->all[i]));
		/* What is not needed any more is not told either. */
		if (all.answer == ACCESS_NO)
			break;
	}
	return all;
}

static enum access_sure least(enum access_sure a, enum access_sure b)
{
	return a < b ? a : b;
}

struct access access_of_row(const struct access_row *row, const struct need_at *at)
{
	struct access any = { ACCESS_NO, ACCESS_CERTAIN };

	for (size_t i = 0; i < ACCESS_WAYS && row->any[i].all[0].kind != NEED_END; i++)
		any = access_any(any, of_way(&row->any[i], at));
	if (any.answer == ACCESS_UNKNOWN)
		any.sure = ACCESS_UNSURE;
	else
		any.sure = least(any.sure, any.answer == ACCESS_YES ? row->yes : row->no);
	return any;
}

static int way_text(const struct access_way *way, struct buf *ret)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ACCESS_NEEDS && way->all[i].kind != NEED_END; i++) {
		if (i)
			r = buf_add_str(ret, " and ");
		if (r == 0)
			r = need_text(&way->all[i], ret);
	}
	return r;
}

int access_row_text(const struct access_row *row, struct buf *ret)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ACCESS_WAYS && row->any[i].all[0].kind != NEED_END; i++) {
		if (i)
			r = buf_add_str(ret, ", or ");
		if (r == 0)
			r = way_text(&row->any[i], ret);
	}
	return r;
}

static int by_path(const void *a, const void *b)
{
	const struct access_row *const *x = a, *const *y = b;

	return strcmp((*x)->path, (*y)->path);
}

int access_markdown(struct buf *ret)
{
	size_t n = access_rows();
	_cleanup_(freep) const struct access_row **v = calloc(n + 1, sizeof(*v));
	int r = v ? 0 : -1;

	for (size_t i = 0; v && i < n; i++)
		v[i] = access_row(i);
	if (v)
		qsort((void *)v, n, sizeof(*v), by_path);
	if (r == 0)
		r = buf_add_str(
			ret,
			"| files | what | it takes | yes is | no is |\n|---|---|---|---|---|\n");
	for (size_t i = 0; r == 0 && i < n; i++) {
		r = buf_printf(ret, "| `%s` | %s | ", v[i]->path, v[i]->what);
		if (r == 0)
			r = access_row_text(v[i], ret);
		if (r == 0)
			r = buf_printf(ret, " | %s | %s |\n", access_sure_name(v[i]->yes),
				       access_sure_name(v[i]->no));
	}
	return r;
}
