/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/modules/tree.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "host/sysfs.h"

/* Room for one more of a growing array. Return: the array, or NULL. */
static void *grow(void *v, size_t n, size_t *cap, size_t size)
{
	size_t more = *cap ? *cap * 2 : 64;

	if (n < *cap)
		return v;
	v = reallocarray(v, more, size);
	if (v)
		*cap = more;
	return v;
}

#define GROW(v, n, cap)                                      \
	({                                                   \
		void *p_ = grow(v, n, &(cap), sizeof(*(v))); \
		if (p_)                                      \
			(v) = p_;                            \
		p_ != NULL;                                  \
	})

static size_t hash(const char *name)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 0x100000001b3u;
	return (size_t)(h ^ (h >> 32));
}

/* Where the name is, or belongs. */
static uint32_t *slot(const struct module_tree *t, const char *name)
{
	size_t i = hash(name) & (t->index_size - 1);

	while (t->index[i] && strcmp(t->modules[t->index[i] - 1].name, name) != 0)
		i = (i + 1) & (t->index_size - 1);
	return &t->index[i];
}

static int grow_index(struct module_tree *t, struct oak_error *err)
{
	size_t size = t->index_size ? t->index_size * 2 : 1024;
	uint32_t *index;

	if (t->n * 2 < t->index_size)
		return 0;
	index = calloc(size, sizeof(*index));
	if (!index)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	free(t->index);
	t->index = index;
	t->index_size = size;
	for (size_t i = 0; i < t->n; i++)
		*slot(t, t->modules[i].name) = (uint32_t)i + 1;
	return 0;
}

static int intern(struct module_tree *t, const char *name, uint32_t *ret, struct oak_error *err)
{
	int r = grow_index(t, err);
	uint32_t *at;

	if (r < 0)
		return r;
	at = slot(t, name);
	if (!*at) {
		if (t->n == TREE_MODULES_MAX)
			return oak_fail(err, OAK_E_TOOLARGE, "more than %u modules",
					TREE_MODULES_MAX);
		if (!GROW(t->modules, t->n, t->cap))
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		t->modules[t->n] = (struct tree_module){ .builtin = false };
		(void)snprintf(t->modules[t->n].name, MODULE_NAME_MAX, "%s", name);
		*at = (uint32_t)++t->n;
	}
	*ret = *at - 1;
	return 0;
}

uint32_t tree_find(const struct module_tree *t, const char *name)
{
	char text[MODULE_NAME_MAX];

	if (!t->index_size || !word_module((struct word){ name, strlen(name) }, text))
		return TREE_NONE;
	return *slot(t, text) ? *slot(t, text) - 1 : TREE_NONE;
}

static int add_link(struct module_tree *t, uint32_t from, uint32_t to, struct oak_error *err)
{
	if (t->n_links == TREE_LINKS_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "more than %u dependencies", TREE_LINKS_MAX);
	if (!GROW(t->links, t->n_links, t->cap_links))
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	t->links[t->n_links++] = (struct tree_link){ from, to };
	return 0;
}

static int add_dep_line(struct module_tree *t, struct word line, struct oak_error *err)
{
	char name[MODULE_NAME_MAX];
	struct word path, need;
	uint32_t from, to;
	int r;

	if (!word_split(&line, ':', &path) || !word_module_of_path(path, name))
		return 0;
	r = intern(t, name, &from, err);
	/* A second line of the same name would put its links out of order; depmod writes one. */
	if (r < 0 || t->modules[from].on_disk)
		return r;
	t->modules[from].on_disk = true;
	while (r == 0 && word_next(&line, &need)) {
		if (!word_module_of_path(need, name))
			continue;
		r = intern(t, name, &to, err);
		if (r == 0 && to != from)
			r = add_link(t, from, to, err);
	}
	return r;
}

static int by_from(const void *a, const void *b)
{
	const struct tree_link *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->to > y->to) - (x->to < y->to);
}

int tree_add_dep(struct module_tree *t, const char *text, struct oak_error *err)
{
	struct word line;
	int r = 0;

	while (r == 0 && word_line(&text, &line))
		r = add_dep_line(t, line, err);
	if (r == 0 && t->n_links)
		qsort(t->links, t->n_links, sizeof(t->links[0]), by_from);
	return r;
}

int tree_add_builtin(struct module_tree *t, const char *text, struct oak_error *err)
{
	char name[MODULE_NAME_MAX];
	struct word line;
	uint32_t module;
	int r;

	while (word_line(&text, &line)) {
		if (!word_module_of_path(line, name))
			continue;
		r = intern(t, name, &module, err);
		if (r < 0)
			return r;
		assert(t->modules);
		t->modules[module].builtin = true;
	}
	return 0;
}

/* Ends the word within the text that it was cut from. */
static const char *end_word(struct buf *text, struct word w)
{
	char *p = (char *)text->data + (w.p - (const char *)text->data);

	p[w.len] = '\0';
	return p;
}

static int add_alias(struct module_tree *t, struct word pattern, const char *name,
		     struct oak_error *err)
{
	uint32_t module;
	int r;

	if (t->n_aliases == TREE_ALIASES_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "more than %u aliases", TREE_ALIASES_MAX);
	r = intern(t, name, &module, err);
	if (r < 0)
		return r;
	if (!GROW(t->aliases, t->n_aliases, t->cap_aliases))
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	t->aliases[t->n_aliases++] =
		(struct tree_alias){ end_word(&t->alias_text, pattern), module };
	return 0;
}

static void take_text(struct buf *from, struct buf *to)
{
	*to = *from;
	*from = (struct buf){ 0 };
}

int tree_add_aliases(struct module_tree *t, struct buf *text, struct oak_error *err)
{
	struct word line, first, pattern, module;
	const char *p;
	int r = 0;

	take_text(text, &t->alias_text);
	p = buf_str(&t->alias_text);
	while (r == 0 && word_line(&p, &line)) {
		char name[MODULE_NAME_MAX];

		if (word_next(&line, &first) && word_is(first, "alias") &&
		    word_next(&line, &pattern) && word_next(&line, &module) &&
		    word_module(module, name))
			r = add_alias(t, pattern, name, err);
	}
	return r;
}

static int add_softdep(struct module_tree *t, uint32_t from, struct word to, struct oak_error *err)
{
	if (t->n_softdeps == TREE_LINKS_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "more than %u soft dependencies",
				TREE_LINKS_MAX);
	if (!GROW(t->softdeps, t->n_softdeps, t->cap_softdeps))
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	t->softdeps[t->n_softdeps++] =
		(struct tree_softdep){ from, end_word(&t->softdep_text, to) };
	return 0;
}

/* A word that was ended hides the rest of its line from buf_str(), not from the walk. */
static int add_softdep_line(struct module_tree *t, struct word line, struct oak_error *err)
{
	struct word first, module, need;
	char name[MODULE_NAME_MAX];
	uint32_t from;
	int r;

	if (!word_next(&line, &first) || !word_is(first, "softdep") || !word_next(&line, &module) ||
	    !word_module(module, name))
		return 0;
	r = intern(t, name, &from, err);
	while (r == 0 && word_next(&line, &need)) {
		/* The space behind is what becomes the end. */
		if (line.len) {
			line.p++;
			line.len--;
		}
		if (!word_is(need, "pre:") && !word_is(need, "post:"))
			r = add_softdep(t, from, need, err);
	}
	return r;
}

int tree_add_softdeps(struct module_tree *t, struct buf *text, struct oak_error *err)
{
	struct word line;
	const char *p;
	int r = 0;

	take_text(text, &t->softdep_text);
	p = buf_str(&t->softdep_text);
	while (r == 0 && word_line(&p, &line))
		r = add_softdep_line(t, line, err);
	return r;
}

bool tree_alias_next(const struct module_tree *t, const char *alias, size_t *at, uint32_t *ret)
{
	for (; *at < t->n_aliases; ++*at)
		if (alias_matches(t->aliases[*at].pattern, alias)) {
			*ret = t->aliases[(*at)++].module;
			return true;
		}
	return false;
}

uint32_t tree_resolve(const struct module_tree *t, const char *alias)
{
	size_t at = 0;
	uint32_t m;

	/* In modprobe's order: a module of that name goes before an alias. */
	m = tree_find(t, alias);
	if (m != TREE_NONE || tree_alias_next(t, alias, &at, &m))
		return m;
	return TREE_NONE;
}

const struct tree_link *tree_links(const struct module_tree *t, uint32_t module, size_t *ret_n)
{
	size_t low = 0, high = t->n_links, n = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->links[middle].from < module)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + n < t->n_links && t->links[low + n].from == module)
		n++;
	*ret_n = n;
	return n ? t->links + low : NULL;
}

static bool close_softdep(const struct module_tree *t, bool *set, const struct tree_softdep *s)
{
	bool more = false;
	size_t at = 0;
	uint32_t m;

	if (!set[s->from])
		return false;
	m = tree_find(t, s->to);
	if (m != TREE_NONE) {
		more = !set[m];
		set[m] = true;
		return more;
	}
	while (tree_alias_next(t, s->to, &at, &m)) {
		more |= !set[m];
		set[m] = true;
	}
	return more;
}

void tree_close(const struct module_tree *t, bool *set, bool soft)
{
	/* modules.dep names all that a module needs, so that a second round finds hardly anything. */
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < t->n_links; i++)
			if (set[t->links[i].from] && !set[t->links[i].to])
				more = set[t->links[i].to] = true;
		for (size_t i = 0; soft && i < t->n_softdeps; i++)
			more |= close_softdep(t, set, &t->softdeps[i]);
	}
}

void tree_free(struct module_tree *t)
{
	free(t->modules);
	free(t->index);
	free(t->aliases);
	free(t->links);
	free(t->softdeps);
	buf_free(&t->alias_text);
	buf_free(&t->softdep_text);
	*t = (struct module_tree){ 0 };
}

/* Return: 0 with an empty text where there is no such file. */
static int read_file(int root, const char *dir, const char *file, struct buf *ret,
		     struct oak_error *err)
{
	char path[SYSFS_PATH_MAX + 32];
	int r;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, file);
	r = file_read(root, path, TREE_TEXT_MAX, ret, err);
	return r == -OAK_E_NOTFOUND ? 0 : r;
}

static int read_all(int root, const char *dir, struct module_tree *t, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf dep = { 0 }, builtin = { 0 }, alias = { 0 }, soft = { 0 };
	char path[SYSFS_PATH_MAX + 32];
	int r;

	(void)snprintf(path, sizeof(path), "%s/modules.dep", dir);
	r = file_read(root, path, TREE_TEXT_MAX, &dep, err);
	if (r == 0)
		r = read_file(root, dir, "modules.builtin", &builtin, err);
	if (r == 0)
		r = read_file(root, dir, "modules.alias", &alias, err);
	if (r == 0)
		r = read_file(root, dir, "modules.softdep", &soft, err);
	if (r == 0)
		r = tree_add_dep(t, buf_str(&dep), err);
	if (r == 0)
		r = tree_add_builtin(t, buf_str(&builtin), err);
	if (r == 0)
		r = tree_add_aliases(t, &alias, err);
	if (r == 0)
		r = tree_add_softdeps(t, &soft, err);
	return r;
}

int tree_read(int root, const char *release, struct module_tree *ret, struct oak_error *err)
{
	static const char *const dirs[] = { "lib/modules", "usr/lib/modules" };
	_cleanup_(tree_free) struct module_tree t = { 0 };
	int r = -OAK_E_NOTFOUND;

	for (size_t i = 0; r == -OAK_E_NOTFOUND && i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		char dir[SYSFS_PATH_MAX];

		(void)snprintf(dir, sizeof(dir), "%s/%s", dirs[i], release);
		r = read_all(root, dir, &t, err);
	}
	if (r < 0)
		return r;
	*ret = t;
	t = (struct module_tree){ 0 };
	return 0;
}
