/* SPDX-License-Identifier: GPL-2.0-or-later */
/* make-homes: the shipped modules that the fix touches, and those that they depend on. */
#include "build/make-priv.h"

#include <stdlib.h>
#include <string.h>

#include "kernel/modules.h"

static struct module_home *find_home(const struct maker *m, const char *name)
{
	for (size_t i = 0; i < m->n_homes; i++)
		if (strcmp(m->homes[i]->name, name) == 0)
			return m->homes[i];
	return NULL;
}

static void home_free(struct module_home *h)
{
	if (!h)
		return;
	ko_free(h->ko);
	free(h->deps);
	free(h->name);
	free(h);
}
DEFINE_CLEANUP(struct module_home *, home_free)

static int open_home(struct maker *m, const char *name, struct module_home **ret)
{
	_cleanup_(home_freep) struct module_home *h = calloc(1, sizeof(*h));
	_cleanup_(freep) char *path = NULL;
	struct module_home **v;
	int r;

	if (!h || !(h->name = strdup(name)))
		return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
	r = modules_path(m->k->modules, name, &path, m->err);
	if (r == 0)
		r = ko_open(path, &h->ko, m->err);
	if (r < 0)
		return r;
	if (strcmp(ko_name(h->ko), name) != 0)
		return oak_fail(m->err, OAK_E_FORMAT, "%s: the module calls itself %s", path,
				ko_name(h->ko));
	v = reallocarray(m->homes, m->n_homes + 1, sizeof(struct module_home *));
	if (!v)
		return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
	m->homes = v;
	*ret = v[m->n_homes++] = take_ptr(h);
	return 0;
}

/* Files and lists of dependencies also say "snd-pcm"; the kernel knows "snd_pcm" alone. */
static int get_home(struct maker *m, const char *name, struct module_home **ret)
{
	_cleanup_(freep) char *known = strdup(name);

	if (!known)
		return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
	for (char *p = known; *p; p++)
		if (*p == '-')
			*p = '_';
	*ret = find_home(m, known);
	return *ret ? 0 : open_home(m, known, ret);
}

static int add_dep(struct maker *m, struct module_home *h, const char *name)
{
	struct module_home *dep;
	const struct ko **v;
	int r = get_home(m, name, &dep);

	if (r < 0)
		return r;
	v = reallocarray(h->deps, h->n_deps + 1, sizeof(const struct ko *));
	if (!v)
		return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
	h->deps = v;
	v[h->n_deps++] = dep->ko;
	return 0;
}

/* "depends=a,b": whose symbols the module was linked against. */
static int open_deps(struct maker *m, struct module_home *h)
{
	const char *list = ko_modinfo(h->ko, "depends");

	while (list && *list) {
		size_t len = strcspn(list, ",");
		_cleanup_(freep) char *name = strndup(list, len);
		int r = name ? 0 : oak_fail(m->err, OAK_E_NOMEM, "out of memory");

		if (r == 0 && len)
			r = add_dep(m, h, name);
		if (r < 0)
			return oak_context(m->err, "module %s", h->name);
		list += len + (list[len] == ',');
	}
	h->complete = true;
	return 0;
}

int make_home(struct maker *m, const char *module, const struct module_home **ret)
{
	struct module_home *h;
	int r = get_home(m, module, &h);

	if (r == 0 && !h->complete)
		r = open_deps(m, h);
	if (r == 0)
		*ret = h;
	return r;
}

void make_close_homes(struct maker *m)
{
	for (size_t i = 0; i < m->n_homes; i++)
		home_free(m->homes[i]);
	free(m->homes);
}
