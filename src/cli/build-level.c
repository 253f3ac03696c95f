/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/build-level.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"

static int read_manifest(const char *dir, struct manifest **ret, struct oak_error *err)
{
	_cleanup_(freep) char *path = path_join(dir, "manifest.json");
	_cleanup_(buf_free) struct buf text = { 0 };
	int r;

	if (!path)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = file_read(AT_FDCWD, path, MANIFEST_BYTES_MAX, &text, err);
	if (r < 0)
		return oak_context(err, "no level that 'oakum-build make' wrote");
	return manifest_parse(text.data, text.len, path, ret, err);
}

/* A test of other bytes than those that will be published says nothing. */
static int check_module(const struct manifest *m, const char *path, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	char hash[SHA256_HEX_MAX];
	int r = file_read(AT_FDCWD, path, MANIFEST_MODULE_MAX, &text, err);

	if (r < 0)
		return r;
	sha256_hex(text.data, text.len, hash);
	if (text.len != m->module.size || strcmp(hash, m->module.sha256) != 0)
		return oak_fail(err, OAK_E_TRUST,
				"%s is not the module that its manifest names; make the level anew",
				path);
	return 0;
}

/* All functions that the fixes replace; one that several fixes touch is repeated. */
static int list_functions(struct built_level *l, struct oak_error *err)
{
	const struct manifest *m = l->manifest;
	size_t n = 0;

	for (size_t i = 0; i < m->n_fixes; i++)
		n += m->fixes[i].n_functions;
	l->functions = calloc(n + 1, sizeof(*l->functions));
	l->objects = calloc(m->n_modules + 1, sizeof(*l->objects));
	if (!l->functions || !l->objects)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	n = 0;
	for (size_t i = 0; i < m->n_fixes; i++) {
		for (size_t k = 0; k < m->fixes[i].n_functions; k++) {
			const struct manifest_function *f = &m->fixes[i].functions[k];

			l->functions[n++] = (struct vm_function){ f->object, f->name, f->sympos };
		}
	}
	for (size_t i = 0; i < m->n_modules; i++)
		l->objects[i] = m->modules[i].name;
	l->level.n_functions = n;
	l->level.n_objects = m->n_modules;
	return 0;
}

int build_level_open(const char *dir, struct built_level *ret, struct oak_error *err)
{
	int r = read_manifest(dir, &ret->manifest, err);

	if (r < 0)
		return oak_context(err, "%s", dir);
	if (asprintf(&ret->file, "%s/%s.ko", dir, ret->manifest->module.name) < 0) {
		ret->file = NULL;
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	r = check_module(ret->manifest, ret->file, err);
	if (r == 0)
		r = list_functions(ret, err);
	if (r < 0)
		return r;
	ret->level.title = dir;
	ret->level.patch = ret->manifest->module.name;
	ret->level.file = ret->file;
	ret->level.functions = ret->functions;
	ret->level.objects = ret->objects;
	return 0;
}

/* Whole seconds, rounded up: numbers of a manifest are integers. */
int build_level_record(const struct built_level *l, const char *dir, const char *what,
		       double seconds, struct oak_error *err)
{
	_cleanup_(freep) char *path = path_join(dir, "manifest.json"), *text = NULL;
	_cleanup_(json_decrefp) json_t *j = json_deep_copy(l->manifest->json);
	json_t *list = j ? json_object_get(j, "tested") : NULL;
	json_t *row = json_pack("{s:s, s:s, s:I}", "what", what, "result", "passed", "seconds",
				(json_int_t)seconds + 1);

	if (!json_is_array(list)) {
		list = json_array();
		if (!j || json_object_set_new(j, "tested", list) < 0)
			list = NULL;
	}
	if (json_array_append_new(list, row) == 0)
		text = json_text(j);
	if (!path || !text)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return file_write(AT_FDCWD, path, text, strlen(text), 0644, err);
}

void build_level_close(struct built_level *l)
{
	manifest_free(l->manifest);
	free(l->file);
	free(l->functions);
	free(l->objects);
	*l = (struct built_level){ 0 };
}
