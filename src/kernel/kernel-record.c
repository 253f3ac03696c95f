/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/kernel-record.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "kernel/provider.h"

/* Members of kernel.json, each a string. */
static const struct {
	const char *key;
	size_t at;
} members[] = {
	{ "name", offsetof(struct kernel, name) },
	{ "reference", offsetof(struct kernel, reference) },
	{ "release", offsetof(struct kernel, release) },
	{ "arch", offsetof(struct kernel, arch) },
	{ "build_id", offsetof(struct kernel, build_id) },
	{ "distribution", offsetof(struct kernel, distribution) },
	{ "package_version", offsetof(struct kernel, package_version) },
	{ "compiler", offsetof(struct kernel, compiler) },
	{ "compiler_banner", offsetof(struct kernel, compiler_banner) },
	{ "banner", offsetof(struct kernel, banner) },
};

/* Files of a kernel's folder. */
static const struct {
	const char *name;
	size_t at;
} files[] = {
	{ "vmlinux", offsetof(struct kernel, vmlinux) },
	{ "vmlinuz", offsetof(struct kernel, vmlinuz) },
	{ "config", offsetof(struct kernel, config) },
	{ "Module.symvers", offsetof(struct kernel, symvers) },
	{ "source", offsetof(struct kernel, source) },
	{ "modules", offsetof(struct kernel, modules) },
	{ "changelog.gz", offsetof(struct kernel, changelog) },
};

#define N_MEMBERS (sizeof(members) / sizeof(members[0]))
#define N_FILES   (sizeof(files) / sizeof(files[0]))

static char **member(struct kernel *k, size_t at)
{
	void *p = (char *)k + at;

	return p;
}

static int no_memory(struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOMEM, "out of memory");
}

void kernel_free(struct kernel *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < N_MEMBERS; i++)
		free(*member(k, members[i].at));
	for (size_t i = 0; i < N_FILES; i++)
		free(*member(k, files[i].at));
	free(k->dir);
	free(k);
}

/* Both become file names and arguments of programs: nothing but what packages are named with. */
static bool take_word(const char *from, size_t len, char ret[96])
{
	if (len == 0 || len >= 96 || !isalnum((unsigned char)from[0]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)from[i]) && !strchr(".+~-", from[i]))
			return false;
	memcpy(ret, from, len);
	ret[len] = '\0';
	return true;
}

int kernel_reference_parse(const char *text, struct kernel_reference *ret, struct oak_error *err)
{
	const char *colon = strchr(text, ':');
	struct kernel_reference ref = { 0 };
	size_t len;

	ref.provider = colon ? provider_find(text, (size_t)(colon - text)) : NULL;
	if (!ref.provider)
		return oak_fail(err, OAK_E_USAGE,
				"'%s' is not a reference to a kernel, such as "
				"debian:6.1.0-50-amd64 or debian:6.1.0-50-amd64=6.1.176-1",
				text);
	len = strcspn(colon + 1, "=");
	if (!take_word(colon + 1, len, ref.release))
		return oak_fail(err, OAK_E_USAGE, "'%s': not a kernel release", text);
	if (colon[1 + len] == '=' &&
	    !take_word(colon + len + 2, strlen(colon + len + 2), ref.version))
		return oak_fail(err, OAK_E_USAGE, "'%s': not a package version", text);
	*ret = ref;
	return 0;
}

static int set_paths(struct kernel *k, const char *dir, struct oak_error *err)
{
	k->dir = strdup(dir);
	if (!k->dir)
		return no_memory(err);
	for (size_t i = 0; i < N_FILES; i++) {
		char **p = member(k, files[i].at);

		*p = path_join(dir, files[i].name);
		if (!*p)
			return no_memory(err);
	}
	return 0;
}

int kernel_new(const struct kernel_reference *ref, const char *parent, struct kernel **ret,
	       struct oak_error *err)
{
	_cleanup_(kernel_freep) struct kernel *k = calloc(1, sizeof(*k));
	const char *p = ref->provider->name;
	_cleanup_(freep) char *dir = NULL;
	int r;

	if (!k)
		return no_memory(err);
	if (asprintf(&k->name, "%s-%s-%s", p, ref->release, ref->version) < 0)
		k->name = NULL;
	if (asprintf(&k->reference, "%s:%s=%s", p, ref->release, ref->version) < 0)
		k->reference = NULL;
	k->release = strdup(ref->release);
	k->package_version = strdup(ref->version);
	k->distribution = strdup(p);
	k->arch = strdup("x86_64");
	if (!k->name || !k->reference || !k->release || !k->package_version || !k->distribution ||
	    !k->arch)
		return no_memory(err);
	dir = path_join(parent, k->name);
	if (!dir)
		return no_memory(err);
	r = set_paths(k, dir, err);
	if (r < 0)
		return r;
	*ret = take_ptr(k);
	return 0;
}

json_t *kernel_to_json(const struct kernel *k)
{
	_cleanup_(json_decrefp) json_t *j = json_object();

	for (size_t i = 0; i < N_MEMBERS; i++) {
		const void *at = (const char *)k + members[i].at;
		const char *const *p = at;

		if (json_object_set_new(j, members[i].key, json_string(*p)) < 0)
			return NULL;
	}
	return take_ptr(j);
}

int kernel_from_json(const json_t *j, const char *dir, struct kernel **ret, struct oak_error *err)
{
	_cleanup_(kernel_freep) struct kernel *k = calloc(1, sizeof(*k));
	int r;

	if (!k)
		return no_memory(err);
	for (size_t i = 0; i < N_MEMBERS; i++) {
		const char *v = json_get_str(j, members[i].key);
		char **p = member(k, members[i].at);

		if (!v)
			return oak_fail(err, OAK_E_FORMAT, "no \"%s\"", members[i].key);
		*p = strdup(v);
		if (!*p)
			return no_memory(err);
	}
	r = set_paths(k, dir, err);
	if (r < 0)
		return r;
	*ret = take_ptr(k);
	return 0;
}
