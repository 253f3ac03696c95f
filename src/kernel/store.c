/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/debian-version.h"
#include "base/file.h"
#include "base/json.h"
#include "kernel/kernel-record.h"
#include "kernel/provider.h"

#define RECORD_MAX      65536 /* bytes of kernel.json */
#define BUILD_ID_DIGITS 8     /* fewer could be a word */

static int no_memory(struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOMEM, "out of memory");
}

static int choose_dir(char **ret, struct oak_error *err)
{
	const char *own = getenv("OAKUM_CACHE"), *xdg = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");

	if (own && *own)
		*ret = *own == '/' ? strdup(own) : realpath(own, NULL);
	else if (xdg && *xdg == '/')
		*ret = path_join(xdg, "oakum");
	else if (home && *home == '/')
		*ret = path_join(home, ".cache/oakum");
	else
		return oak_fail(err, OAK_E_NOTFOUND,
				"no place for the store: set OAKUM_CACHE to a folder");
	if (!*ret && own && *own)
		return oak_fail_errno(err, errno, "OAKUM_CACHE=%s", own);
	return *ret ? 0 : no_memory(err);
}

int store_dir(char **ret, struct oak_error *err)
{
	_cleanup_(freep) char *dir = NULL;
	int r = choose_dir(&dir, err);

	if (r == 0)
		r = dir_make(AT_FDCWD, dir, err);
	if (r < 0)
		return r;
	*ret = take_ptr(dir);
	return 0;
}

void kernel_list_free(struct kernel_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		kernel_free(l->v[i]);
	free(l->v);
	*l = (struct kernel_list){ 0 };
}

static int read_record(const char *dir, struct kernel **ret, struct oak_error *err)
{
	_cleanup_(freep) char *path = path_join(dir, "kernel.json");
	_cleanup_(buf_free) struct buf text = { 0 };
	_cleanup_(json_decrefp) json_t *j = NULL;
	int r;

	if (!path)
		return no_memory(err);
	r = file_read(AT_FDCWD, path, RECORD_MAX, &text, err);
	if (r < 0)
		return r;
	r = json_parse(text.data, text.len, RECORD_MAX, path, &j, err);
	if (r < 0)
		return r;
	r = kernel_from_json(j, dir, ret, err);
	return r < 0 ? oak_context(err, "%s", path) : 0;
}

static int add_kernel(struct kernel_list *l, const char *dir, struct oak_error *err)
{
	struct kernel **v = reallocarray(l->v, l->n + 1, sizeof(struct kernel *));
	int r;

	if (!v)
		return no_memory(err);
	l->v = v;
	r = read_record(dir, &v[l->n], err);
	if (r == 0)
		l->n++;
	return r;
}

static int compare_names(const void *a, const void *b)
{
	const struct kernel *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

int kernel_list(struct kernel_list *ret, struct oak_error *err)
{
	_cleanup_(kernel_list_free) struct kernel_list l = { 0 };
	_cleanup_(freep) char *store = NULL, *parent = NULL;
	_cleanup_(closedirp) DIR *d = NULL;
	const struct dirent *e;
	int r = store_dir(&store, err);

	if (r < 0)
		return r;
	parent = path_join(store, "kernels");
	if (!parent)
		return no_memory(err);
	d = opendir(parent);
	if (!d && errno != ENOENT)
		return oak_fail_errno(err, errno, "%s", parent);
	while (d && (e = readdir(d))) {
		_cleanup_(freep) char *dir = NULL;

		if (e->d_name[0] == '.') /* unfinished ones too */
			continue;
		dir = path_join(parent, e->d_name);
		r = dir ? add_kernel(&l, dir, err) : no_memory(err);
		if (r < 0)
			return r;
	}
	if (l.n)
		qsort(l.v, l.n, sizeof(struct kernel *), compare_names);
	*ret = l;
	l = (struct kernel_list){ 0 };
	return 0;
}

static bool is_build_id(const char *which)
{
	return strlen(which) >= BUILD_ID_DIGITS &&
	       strspn(which, "0123456789abcdefABCDEF") == strlen(which);
}

static bool matches(const struct kernel *k, const char *which)
{
	size_t len = strlen(which);

	return strcmp(k->name, which) == 0 || strcmp(k->reference, which) == 0 ||
	       (strncmp(k->reference, which, len) == 0 && k->reference[len] == '=') ||
	       (is_build_id(which) && strncasecmp(k->build_id, which, len) == 0);
}

static int fail_unknown(const struct kernel_list *l, const char *which, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf names = { 0 };

	for (size_t i = 0; i < l->n; i++)
		if (buf_printf(&names, "%s%s", i ? ", " : "", l->v[i]->name) < 0)
			return no_memory(err);
	if (l->n == 0)
		return oak_fail(err, OAK_E_NOTFOUND,
				"no kernel '%s': the store is empty; add one with "
				"'oakum-build kernel add %s'",
				which, strchr(which, ':') ? which : "debian:RELEASE");
	return oak_fail(err, OAK_E_NOTFOUND,
			"no kernel '%s'; the store has %s; add others with "
			"'oakum-build kernel add'",
			which, buf_str(&names));
}

int kernel_open(const char *which, struct kernel **ret, struct oak_error *err)
{
	_cleanup_(kernel_list_free) struct kernel_list l = { 0 };
	struct kernel **best = NULL;
	int r = kernel_list(&l, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < l.n; i++)
		if (matches(l.v[i], which) &&
		    (!best ||
		     debian_version_compare(l.v[i]->package_version, (*best)->package_version) > 0))
			best = &l.v[i];
	if (!best)
		return fail_unknown(&l, which, err);
	*ret = take_ptr(*best);
	return 0;
}

void kernel_offers_free(struct kernel_offers *o)
{
	for (size_t i = 0; i < o->n; i++) {
		free(o->v[i].reference);
		free(o->v[i].release);
		free(o->v[i].version);
	}
	free(o->v);
	*o = (struct kernel_offers){ 0 };
}

int kernel_available(const char *provider, struct kernel_offers *ret, struct oak_error *err)
{
	const struct provider *p = provider_find(provider, strlen(provider));

	if (!p)
		return oak_fail(err, OAK_E_USAGE, "no distribution '%s'", provider);
	return p->available(ret, err);
}
