/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/vm-image.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "build/vm-cpio.h"

#define FILE_MAX_BYTES (128u << 20)
#define ARGS_MAX_BYTES 4000
#define PATH_MAX_BYTES 256

/* @r of a function of vm-cpio.h. */
static int check(int r, struct oak_error *err)
{
	return r < 0 ? oak_fail_errno(err, r, "packing the test machine") : 0;
}

static int add_file(struct buf *b, const char *path, const char *from, mode_t mode,
		    struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = file_read(AT_FDCWD, from, FILE_MAX_BYTES, &text, err);

	return r < 0 ? r : check(cpio_add_file(b, path, mode, text.data, text.len), err);
}

static int add_folders(struct buf *b, struct oak_error *err)
{
	static const char *const folders[] = { "dev", "proc", "sys",   "tmp",
					       "run", "bin",  "oakum", "oakum/modules" };
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(folders) / sizeof(folders[0]); i++)
		r = cpio_add_dir(b, folders[i]);
	return check(r ? r : cpio_add_console(b), err);
}

static int add_plan(struct buf *b, const struct vm_plan *plan, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = vm_plan_text(plan, &text);

	return check(r ? r : cpio_add_file(b, "oakum/plan", 0644, text.data, text.len), err);
}

static int add_levels(struct buf *b, const struct vm_options *opt, struct oak_error *err)
{
	size_t n = opt->n_levels + (opt->next ? 1 : 0);
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		const struct vm_level *l = i < opt->n_levels ? &opt->levels[i] : opt->next;
		char file[VM_WORD_MAX], path[PATH_MAX_BYTES];

		vm_level_file(i, file);
		(void)snprintf(path, sizeof(path), "oakum/%s", file);
		r = add_file(b, path, l->file, 0644, err);
	}
	return r;
}

static int add_modules(struct buf *b, const struct vm_modules *m, struct oak_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->n; i++) {
		char path[PATH_MAX_BYTES];

		(void)snprintf(path, sizeof(path), "oakum/modules/%s.ko", m->v[i].name);
		r = add_file(b, path, m->v[i].path, 0644, err);
	}
	return r;
}

static int add_probe(struct buf *b, const struct vm_options *opt, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf args = { 0 };
	int r = opt->probe ? add_file(b, "oakum/probe", opt->probe, 0755, err) : 0;

	if (r < 0)
		return oak_context(err, "--probe");
	for (size_t i = 0; i < opt->n_probe_args; i++) {
		if (strchr(opt->probe_args[i], '\n'))
			return oak_fail(err, OAK_E_FORMAT, "--probe-arg: a line break in it");
		if (buf_printf(&args, "%s%s", i ? "\n" : "", opt->probe_args[i]) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	if (args.len > ARGS_MAX_BYTES)
		return oak_fail(err, OAK_E_TOOLARGE, "--probe-arg: more than %d bytes in all",
				ARGS_MAX_BYTES);
	return args.len
		       ? check(cpio_add_file(b, "oakum/probe.args", 0644, args.data, args.len), err)
		       : 0;
}

int vm_image(const struct vm_options *opt, const struct vm_modules *modules,
	     const struct vm_plan *plan, struct buf *ret, struct oak_error *err)
{
	int r = add_folders(ret, err);

	if (r == 0)
		r = add_file(ret, "init", opt->guest, 0755, err);
	if (r == 0)
		r = add_plan(ret, plan, err);
	if (r == 0)
		r = add_levels(ret, opt, err);
	if (r == 0)
		r = add_modules(ret, modules, err);
	if (r == 0)
		r = add_probe(ret, opt, err);
	return r ? r : check(cpio_end(ret), err);
}
