/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/selfcheck-file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "build/modfile.h"
#include "build/sign-trailer.h"
#include "kernel/modules.h"

/* Modules are opened as the check asks for them. */
struct setting {
	const struct kernel *k;
	struct mapping vmlinux;
	struct kimage *img;
	struct ko **kos;
	size_t n_kos;
};

static void setting_close(struct setting *s)
{
	for (size_t i = 0; i < s->n_kos; i++)
		ko_free(s->kos[i]);
	free(s->kos);
	kimage_free(s->img);
	mapping_close(&s->vmlinux);
}

static const struct ko *find_module(void *context, const char *name)
{
	_cleanup_(freep) char *path = NULL;
	struct setting *s = context;
	struct oak_error ignored; /* whatever it is, the module is not there to be patched */
	struct ko **v;

	for (size_t i = 0; i < s->n_kos; i++)
		if (strcmp(ko_name(s->kos[i]), name) == 0)
			return s->kos[i];
	v = reallocarray(s->kos, s->n_kos + 1, sizeof(struct ko *));
	if (!v)
		return NULL;
	s->kos = v;
	if (modules_path(s->k->modules, name, &path, &ignored) < 0 ||
	    ko_open(path, &v[s->n_kos], &ignored) < 0)
		return NULL;
	return v[s->n_kos++];
}

static int setting_open(struct setting *s, struct oak_error *err)
{
	int r = mapping_open(AT_FDCWD, s->k->vmlinux, &s->vmlinux, err);

	return r < 0 ? r : kimage_parse(s->vmlinux.data, s->vmlinux.len, &s->img, err);
}

int selfcheck_file(const struct kernel *k, const char *path, struct selfcheck_report *ret,
		   bool *ret_signed, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf module = { 0 };
	_cleanup_(setting_close) struct setting s = { .k = k };
	struct selfcheck_kernel kernel;
	size_t len = 0, pkcs7 = 0;
	int r = file_read(AT_FDCWD, path, MODFILE_MAX_BYTES, &module, err);

	if (r == 0)
		r = sign_trailer_find(module.data, module.len, &len, &pkcs7, err);
	if (r < 0)
		return r;
	module.len = len;
	*ret_signed = pkcs7 != 0;
	r = setting_open(&s, err);
	kernel = (struct selfcheck_kernel){ .img = s.img, .module = find_module, .context = &s };
	return r < 0 ? r : selfcheck_load(&module, &kernel, ret, err);
}
