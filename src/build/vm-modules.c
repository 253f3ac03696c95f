/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/vm-modules.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "kernel/ko.h"
#include "kernel/modules.h"

#define DEPTH_MAX         32 /* Debian's 6.1: 9 */
#define BUILTIN_MAX_BYTES (4u << 20)
#define NAME_MAX_BYTES    64

int vm_modules_find(const struct vm_modules *m, const char *name)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->v[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* In the kernel's own spelling; false where no module can have so long a name. */
static bool spell(const char *name, size_t len, char ret[NAME_MAX_BYTES])
{
	if (len >= NAME_MAX_BYTES)
		return false;
	for (size_t i = 0; i < len; i++)
		ret[i] = (char)(name[i] == '-' ? '_' : name[i]);
	ret[len] = '\0';
	return true;
}

static bool is_builtin(const struct kernel *k, const char *name)
{
	_cleanup_(freep) char *path = path_join(k->modules, "modules.builtin");
	_cleanup_(buf_free) struct buf text = { 0 };
	size_t len;

	return path && file_read(AT_FDCWD, path, BUILTIN_MAX_BYTES, &text, NULL) == 0 &&
	       modules_find(buf_str(&text), text.len, name, &len);
}

static void module_clear(struct vm_module *v)
{
	free(v->name);
	free(v->path);
	free(v->needs);
}

void vm_modules_free(struct vm_modules *m)
{
	for (size_t i = 0; i < m->n; i++)
		module_clear(&m->v[i]);
	free(m->v);
	*m = (struct vm_modules){ 0 };
}

static int need(struct vm_module *v, int index, struct oak_error *err)
{
	uint32_t *grown = reallocarray(v->needs, v->n_needs + 1, sizeof(*grown));

	if (!grown)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	v->needs = grown;
	v->needs[v->n_needs++] = (uint32_t)index;
	return 0;
}

/* What the walk over dependencies has at hand. */
struct walk {
	const struct kernel *k;
	struct vm_modules *m;
	struct oak_error *err;
	unsigned int depth;
};

static int add(struct walk *w, const char *name);

/* A word of "depends", which must be there. */
static int add_needed(struct walk *w, const char *word, size_t len, struct vm_module *v)
{
	char name[NAME_MAX_BYTES];
	int r, index;

	if (len == 0)
		return 0;
	if (!spell(word, len, name))
		return oak_fail(w->err, OAK_E_FORMAT, "%s depends on a name that is too long",
				v->name);
	r = add(w, name);
	if (r < 0)
		return oak_context(w->err, "%s depends on %s", v->name, name);
	index = vm_modules_find(w->m, name);
	return index < 0 ? 0 : need(v, index, w->err);
}

/* A word of "softdep", taken where there is a file for it. */
static int add_wished(struct walk *w, const char *word, size_t len, struct vm_module *v)
{
	static const char crypto[] = "crypto-";
	static const char *const ends[] = { "", "_generic" };
	char name[NAME_MAX_BYTES], file[2 * NAME_MAX_BYTES];

	if (len > sizeof(crypto) && strncmp(word, crypto, sizeof(crypto) - 1) == 0) {
		word += sizeof(crypto) - 1;
		len -= sizeof(crypto) - 1;
	}
	if (!spell(word, len, name))
		return 0;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		_cleanup_(freep) char *path = NULL;

		(void)snprintf(file, sizeof(file), "%s%s", name, ends[i]);
		if (modules_path(w->k->modules, file, &path, NULL) == 0)
			return add_needed(w, file, strlen(file), v);
	}
	return 0;
}

static int add_all_needed(struct walk *w, const char *list, struct vm_module *v)
{
	int r = 0;

	while (r == 0 && list && *list) {
		size_t n = strcspn(list, ",");

		r = add_needed(w, list, n, v);
		list += n + (list[n] == ',');
	}
	return r;
}

/* "pre: a b post: c" */
static int add_all_wished(struct walk *w, const char *list, struct vm_module *v)
{
	bool before = false;
	int r = 0;

	while (r == 0 && list && *list) {
		size_t n = strcspn(list, " ");

		if (n > 0 && list[n - 1] == ':')
			before = strncmp(list, "pre:", 4) == 0;
		else if (n > 0 && before)
			r = add_wished(w, list, n, v);
		list += n + strspn(list + n, " ");
	}
	return r;
}

static int append(struct walk *w, struct vm_module *v)
{
	struct vm_module *grown;

	if (w->m->n >= VM_MODULES_MAX)
		return oak_fail(w->err, OAK_E_TOOLARGE,
				"a test machine takes at most %d modules; test fewer levels at once",
				VM_MODULES_MAX);
	grown = reallocarray(w->m->v, w->m->n + 1, sizeof(*grown));
	if (!grown)
		return oak_fail(w->err, OAK_E_NOMEM, "out of memory");
	w->m->v = grown;
	grown[w->m->n++] = *v;
	*v = (struct vm_module){ 0 };
	return 0;
}

static int add(struct walk *w, const char *name)
{
	_cleanup_(module_clear) struct vm_module v = { 0 };
	_cleanup_(ko_freep) struct ko *ko = NULL;
	const uint32_t *ids;
	int r;

	if (vm_modules_find(w->m, name) >= 0 || is_builtin(w->k, name))
		return 0;
	if (++w->depth > DEPTH_MAX)
		return oak_fail(w->err, OAK_E_FORMAT, "modules depend on one another in a circle");
	r = modules_path(w->k->modules, name, &v.path, w->err);
	if (r == 0)
		r = ko_open(v.path, &ko, w->err);
	if (r < 0)
		return r;
	v.name = strdup(ko_name(ko));
	if (!v.name)
		return oak_fail(w->err, OAK_E_NOMEM, "out of memory");
	v.permanent = ko_find(ko, "init_module", &ids) > 0 &&
		      ko_find(ko, "cleanup_module", &ids) == 0;
	r = add_all_wished(w, ko_modinfo(ko, "softdep"), &v);
	if (r == 0)
		r = add_all_needed(w, ko_modinfo(ko, "depends"), &v);
	if (r == 0)
		r = append(w, &v);
	w->depth--;
	return r;
}

int vm_modules_add(const struct kernel *k, const char *name, struct vm_modules *m,
		   struct oak_error *err)
{
	struct walk w = { .k = k, .m = m, .err = err };
	char spelt[NAME_MAX_BYTES];

	if (!spell(name, strlen(name), spelt))
		return oak_fail(err, OAK_E_NOTFOUND, "no module has so long a name: %s", name);
	return add(&w, spelt);
}

static bool is_one_of(const char *name, const char *const *objects, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(objects[i], name) == 0)
			return true;
	return false;
}

void vm_modules_wanted(const struct vm_modules *m, const char *const *objects, size_t n, bool *ret)
{
	for (size_t i = m->n; i-- > 0;)
		ret[i] = is_one_of(m->v[i].name, objects, n);
	/* What a module needs stands before it. */
	for (size_t i = m->n; i-- > 0;)
		for (size_t k = 0; ret[i] && k < m->v[i].n_needs; k++)
			ret[m->v[i].needs[k]] = true;
}

bool vm_modules_moving(const struct vm_modules *m, const bool *wanted, const char *const *objects,
		       size_t n, bool *ret)
{
	bool can = true;

	for (size_t i = 0; i < m->n; i++) {
		ret[i] = wanted[i] && is_one_of(m->v[i].name, objects, n);
		for (size_t k = 0; wanted[i] && k < m->v[i].n_needs; k++)
			ret[i] = ret[i] || ret[m->v[i].needs[k]];
		can = can && !(ret[i] && m->v[i].permanent);
	}
	return can;
}
