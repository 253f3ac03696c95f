/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/modules/loaded.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"

struct line {
	struct loaded_module m;
	struct word holders;
};

static bool read_bytes(struct word w, uint64_t *ret)
{
	uint64_t n = 0;

	for (size_t i = 0; i < w.len; i++)
		if (w.p[i] < '0' || w.p[i] > '9' || __builtin_mul_overflow(n, 10u, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(w.p[i] - '0'), &n))
			return false;
	*ret = n;
	return w.len > 0;
}

static bool read_state(struct word w, enum loaded_state *ret)
{
	if (word_is(w, "Live"))
		*ret = LOADED_LIVE;
	else if (word_is(w, "Loading"))
		*ret = LOADED_LOADING;
	else if (word_is(w, "Unloading"))
		*ret = LOADED_UNLOADING;
	else
		return false;
	return true;
}

static bool read_line(struct word line, struct line *ret)
{
	struct word name, bytes, references, state, rest;
	struct line l = { .m = { .bytes = 0 } };

	if (!word_next(&line, &name) || !word_module(name, l.m.name) || !word_next(&line, &bytes) ||
	    !read_bytes(bytes, &l.m.bytes) || !word_next(&line, &references) ||
	    !word_next(&line, &l.holders) || !word_next(&line, &state) ||
	    !read_state(state, &l.m.state))
		return false;
	/* Without CONFIG_MODULE_UNLOAD there is no count, and nothing is ever unloaded. */
	if (word_is(references, "-"))
		l.m.permanent = true;
	else if (!word_number(references, &l.m.references))
		return false;
	while (word_next(&line, &rest))
		if (rest.p[0] == '(' && memchr(rest.p, 'K', rest.len))
			l.m.livepatch = true;
	*ret = l;
	return true;
}

static int add_line(struct line **lines, size_t *n, const struct line *l, struct oak_error *err)
{
	struct line *v;

	if (*n == LOADED_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "more than %u modules", LOADED_MAX);
	if (!(*n & (*n + 1))) {
		v = reallocarray(*lines, (*n + 1) * 2, sizeof(*v));
		if (!v)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		*lines = v;
	}
	(*lines)[(*n)++] = *l;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	return strcmp(x->m.name, y->m.name);
}

static int module_by_name(const void *a, const void *b)
{
	const struct loaded_module *x = a, *y = b;

	return strcmp(x->name, y->name);
}

uint32_t loaded_find(const struct loaded_list *l, const char *name)
{
	struct loaded_module key = { .bytes = 0 }, *found;

	if (!l->n || !word_module((struct word){ name, strlen(name) }, key.name))
		return LOADED_NONE;
	found = bsearch(&key, l->modules, l->n, sizeof(key), module_by_name);
	return found ? (uint32_t)(found - l->modules) : LOADED_NONE;
}

static int add_hold(struct loaded_list *l, uint32_t held, uint32_t holder, struct oak_error *err)
{
	struct loaded_hold *v;

	if (!(l->n_holds & (l->n_holds + 1))) {
		v = reallocarray(l->holds, (l->n_holds + 1) * 2, sizeof(*v));
		if (!v)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		l->holds = v;
	}
	l->holds[l->n_holds++] = (struct loaded_hold){ held, holder };
	return 0;
}

/* "a,b,[permanent],": a holder that is gone meanwhile is left out. */
static int resolve(struct loaded_list *l, uint32_t held, struct word holders, struct oak_error *err)
{
	struct word name;
	int r = 0;

	while (r == 0 && word_split(&holders, ',', &name)) {
		char text[MODULE_NAME_MAX];
		uint32_t holder;

		if (word_is(name, "[permanent]"))
			l->modules[held].permanent = true;
		if (!word_module(name, text))
			continue;
		holder = loaded_find(l, text);
		if (holder == LOADED_NONE || holder == held)
			continue;
		l->modules[held].n_holders++;
		r = add_hold(l, held, holder, err);
	}
	return r;
}

static int finish(struct line *lines, size_t n, struct loaded_list *l, struct oak_error *err)
{
	int r = 0;

	l->modules = calloc(n + 1, sizeof(*l->modules));
	if (!l->modules)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (n)
		qsort(lines, n, sizeof(*lines), by_name);
	for (size_t i = 0; i < n; i++) {
		if (i && strcmp(lines[i].m.name, lines[i - 1].m.name) == 0)
			return oak_fail(err, OAK_E_FORMAT, "%s is there twice", lines[i].m.name);
		l->modules[l->n++] = lines[i].m;
	}
	for (size_t i = 0; r == 0 && i < n; i++)
		r = resolve(l, (uint32_t)i, lines[i].holders, err);
	return r;
}

int loaded_parse(const char *text, struct loaded_list *ret, struct oak_error *err)
{
	_cleanup_(loaded_free) struct loaded_list list = { 0 };
	_cleanup_(freep) struct line *lines = NULL;
	struct word line;
	size_t n = 0;
	int r = 0;

	while (r == 0 && word_line(&text, &line)) {
		struct line l;

		if (!read_line(line, &l))
			return oak_fail(err, OAK_E_FORMAT, "line %zu is none of a module", n + 1);
		r = add_line(&lines, &n, &l, err);
	}
	if (r == 0)
		r = finish(lines, n, &list, err);
	if (r < 0)
		return r;
	*ret = list;
	list = (struct loaded_list){ 0 };
	return 0;
}

int loaded_read(int root, struct loaded_list *ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = file_read(root, LOADED_PATH, LOADED_TEXT_MAX, &text, err);

	if (r == -OAK_E_NOTFOUND)
		return oak_fail(err, OAK_E_UNSUPPORTED,
				"this kernel has no loadable modules (no /" LOADED_PATH ")");
	if (r == 0)
		r = loaded_parse(buf_str(&text), ret, err);
	return r < 0 ? oak_context(err, "/" LOADED_PATH) : 0;
}

void loaded_free(struct loaded_list *l)
{
	free(l->modules);
	free(l->holds);
	*l = (struct loaded_list){ 0 };
}

const char *loaded_state_name(enum loaded_state s)
{
	static const char *const names[] = {
		[LOADED_LIVE] = "live",
		[LOADED_LOADING] = "loading",
		[LOADED_UNLOADING] = "unloading",
	};

	return names[s];
}
