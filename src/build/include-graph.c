/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/include-graph.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "build/include-scan.h"
#include "build/worktree.h"

/* A kernel has 45,000 files with 400,000 includes: 5 MB. */
#define KEPT_MAX_BYTES (256u << 20)
#define FILES_MAX      (1u << 20)
#define EDGES_MAX      (1u << 26)

/* The last number changes with the meaning of what follows. */
static const char head[] = "oakum include graph 1\n";

void include_graph_free(struct include_graph *g)
{
	if (!g)
		return;
	for (uint32_t i = 0; g->paths && i < g->n; i++)
		free(g->paths[i]);
	free(g->paths);
	free(g->first);
	free(g->to);
	free(g->from_first);
	free(g->from);
	free(g);
}

uint32_t include_graph_find(const struct include_graph *g, const char *path)
{
	uint32_t low = 0, high = g->n;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		int c = strcmp(g->paths[mid], path);

		if (c == 0)
			return mid;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return INCLUDE_FILE_NONE;
}

/* The same edges the other way round, by counting. */
static int index_back(struct include_graph *g, struct oak_error *err)
{
	uint32_t *next = calloc((size_t)g->n + 1, sizeof(*next));

	g->from_first = calloc((size_t)g->n + 1, sizeof(*g->from_first));
	g->from = calloc((size_t)g->first[g->n] + 1, sizeof(*g->from));
	if (!next || !g->from_first || !g->from) {
		free(next);
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	for (uint32_t e = 0; e < g->first[g->n]; e++)
		g->from_first[g->to[e] + 1]++;
	for (uint32_t i = 0; i < g->n; i++)
		g->from_first[i + 1] += g->from_first[i];
	memcpy(next, g->from_first, g->n * sizeof(*next));
	for (uint32_t i = 0; i < g->n; i++)
		for (uint32_t e = g->first[i]; e < g->first[i + 1]; e++)
			g->from[next[g->to[e]]++] = i;
	free(next);
	return 0;
}

/* Decimal up to @end or @stop, which is passed over; false: anything else, or above @max. */
static bool read_number(const char **p, const char *end, char stop, uint32_t max, uint32_t *ret)
{
	const char *q = *p;
	uint32_t v = 0;

	while (q < end && *q >= '0' && *q <= '9' && v <= max)
		v = v * 10 + (uint32_t)(*q++ - '0');
	if (q == *p || q >= end || *q != stop || v > max)
		return false;
	*p = q + 1;
	*ret = v;
	return true;
}

static bool read_paths(const char **p, const char *end, struct include_graph *g)
{
	for (uint32_t i = 0; i < g->n; i++) {
		const char *nl = memchr(*p, '\n', (size_t)(end - *p));

		if (!nl || nl == *p || memchr(*p, '\0', (size_t)(nl - *p)))
			return false;
		g->paths[i] = strndup(*p, (size_t)(nl - *p));
		if (!g->paths[i] || (i && strcmp(g->paths[i - 1], g->paths[i]) >= 0))
			return false;
		*p = nl + 1;
	}
	return true;
}

/* A line a file: how many, then which. */
static bool read_edges(const char **p, const char *end, uint32_t n_edges, struct include_graph *g)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < g->n; i++) {
		uint32_t n;

		g->first[i] = at;
		if (!read_number(p, end, '\n', n_edges - at, &n))
			return false;
		for (uint32_t k = 0; k < n; k++)
			if (!read_number(p, end, '\n', g->n - 1, &g->to[at++]))
				return false;
	}
	g->first[g->n] = at;
	return at == n_edges && *p == end;
}

int include_graph_parse(const char *text, size_t len, struct include_graph **ret,
			struct oak_error *err)
{
	_cleanup_(include_graph_freep) struct include_graph *g = calloc(1, sizeof(*g));
	const char *p = text, *end = text + len;
	uint32_t n, n_edges;
	int r;

	if (!g)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (len < sizeof(head) - 1 || memcmp(text, head, sizeof(head) - 1) != 0)
		return oak_fail(err, OAK_E_FORMAT, "not a graph of includes");
	p += sizeof(head) - 1;
	/* Each file and each include takes two bytes at least. */
	if (!read_number(&p, end, ' ', FILES_MAX, &n) ||
	    !read_number(&p, end, '\n', EDGES_MAX, &n_edges) || n > len || n_edges > len)
		return oak_fail(err, OAK_E_FORMAT, "graph of includes: no counts");
	g->n = n;
	g->paths = calloc((size_t)n + 1, sizeof(*g->paths));
	g->first = calloc((size_t)n + 1, sizeof(*g->first));
	g->to = calloc((size_t)n_edges + 1, sizeof(*g->to));
	if (!g->paths || !g->first || !g->to)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (!read_paths(&p, end, g) || !read_edges(&p, end, n_edges, g))
		return oak_fail(err, OAK_E_FORMAT, "graph of includes: damaged");
	r = index_back(g, err);
	if (r == 0)
		*ret = take_ptr(g);
	return r;
}

static int read_kept(const char *kept, struct include_graph **ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	int r = file_read(AT_FDCWD, kept, KEPT_MAX_BYTES, &b, err);

	return r < 0 ? r : include_graph_parse(buf_str(&b), b.len, ret, err);
}

int include_graph_open(const struct kernel *k, const struct progress *progress,
		       struct include_graph **ret, struct oak_error *err)
{
	_cleanup_(freep) char *dir = NULL, *kept = NULL;
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error ignored;
	int r = work_dir(k, &dir, err);

	if (r < 0)
		return r;
	kept = path_join(dir, "includes");
	if (!kept || buf_add_str(&text, head) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (file_exists(AT_FDCWD, kept) && read_kept(kept, ret, &ignored) == 0)
		return 0;
	progress_step(progress, "reading which file of the kernel includes which (once)");
	r = include_scan(k->source, &text, err);
	if (r == 0)
		r = include_graph_parse(buf_str(&text), text.len, ret, err);
	if (r == 0)
		r = file_write(AT_FDCWD, kept, text.data, text.len, 0644, err);
	return r;
}

int include_graph_reach(const struct include_graph *g, uint32_t file, bool back, bool *marks,
			struct oak_error *err)
{
	const uint32_t *first = back ? g->from_first : g->first, *to = back ? g->from : g->to;
	_cleanup_(freep) uint32_t *todo = calloc((size_t)g->n + 1, sizeof(*todo));
	uint32_t n = 0;

	if (!todo)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	/* What is marked already was followed, by this call or by one before it. */
	if (!marks[file]) {
		marks[file] = true;
		todo[n++] = file;
	}
	while (n) {
		uint32_t i = todo[--n];

		for (uint32_t e = first[i]; e < first[i + 1]; e++) {
			if (marks[to[e]])
				continue;
			marks[to[e]] = true;
			todo[n++] = to[e];
		}
	}
	return 0;
}
