/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/kbuild-priv.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/process.h"
#include "build/worktree.h"

#define PATH_SAFE "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/*
 * The goal's name ends in "install" because the top makefile does not bring the configuration up
 * to date for such goals: it would rewrite .config and build tools.
 */
static const char env_mk[] = "include Makefile\n"
			     ".PHONY: oakum-install\n"
			     "oakum-install: ; @env -0 > $(OAKUM_OUT)\n";

const char *const *kbuild_env(const struct kbuild *kb)
{
	return kb->env;
}

void kbuild_close(struct kbuild *kb)
{
	if (!kb)
		return;
	free(kb->source);
	free(kb->dir);
	free(kb->commands);
	free(kb->env);
	buf_free(&kb->raw);
	free(kb);
}

/* Variables of the make that printed them, which would steer ours. */
static bool is_of_make(const char *entry)
{
	static const char *const names[] = { "MAKEFLAGS=", "MAKELEVEL=", "MFLAGS=", "OAKUM_OUT=",
					     "MAKE_TERM" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(entry, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

static int index_env(struct kbuild *kb, struct oak_error *err)
{
	const char *p = buf_str(&kb->raw), *end = p + kb->raw.len;
	size_t n = 1, k = 0;

	for (size_t i = 0; i < kb->raw.len; i++)
		n += kb->raw.data[i] == 0;
	kb->env = calloc(n + 1, sizeof(*kb->env));
	if (!kb->env)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (; p < end; p += strlen(p) + 1)
		if (strchr(p, '=') && !is_of_make(p))
			kb->env[k++] = p;
	return 0;
}

static int write_text(const char *dir, const char *name, const char *text, struct oak_error *err)
{
	_cleanup_(freep) char *path = path_join(dir, name);

	if (!path)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return file_write(AT_FDCWD, path, text, strlen(text), 0644, err);
}

static int dump_env(const struct kernel *k, const char *dir, const char *path, struct oak_error *err)
{
	static const char *const clean[] = { PATH_SAFE, "LC_ALL=C", NULL };
	const struct process_options opt = { .cwd = k->source, .env = clean };
	_cleanup_(process_result_free) struct process_result res = { 0 };
	_cleanup_(freep) char *mk = NULL, *out = NULL, *cc = NULL, *release = NULL;
	int r;

	if (asprintf(&mk, "%s/env.mk", dir) < 0)
		mk = NULL;
	if (asprintf(&out, "OAKUM_OUT=%s.new", path) < 0)
		out = NULL;
	if (asprintf(&cc, "CC=%s", k->compiler) < 0)
		cc = NULL;
	if (asprintf(&release, "KERNELRELEASE=%s", k->release) < 0)
		release = NULL;
	if (!mk || !out || !cc || !release)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = write_text(dir, "env.mk", env_mk, err);
	if (r == 0)
		r = process_run((const char *[]){ "make", "-rR", "-s", "-f", mk, cc, release, out,
						  "oakum-install", NULL },
				&opt, &res, err);
	if (r < 0)
		return r;
	if (res.status != 0)
		return oak_fail(err, OAK_E_FAILED,
				"the kernel's makefile cannot be read with compiler %s: %.600s",
				k->compiler, buf_str(&res.err));
	if (rename(out + strlen("OAKUM_OUT="), path) < 0)
		return oak_fail(err, OAK_E_IO, "%s: cannot be written", path);
	return 0;
}

/* Answers of another makefile than ours say other things: they go when it changes. */
static int check_makefile(const struct kbuild *kb, struct oak_error *err)
{
	_cleanup_(freep) char *path = path_join(kb->dir, "commands.mk");
	_cleanup_(buf_free) struct buf have = { 0 };
	int r;

	if (!path)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (file_exists(AT_FDCWD, path)) {
		r = file_read(AT_FDCWD, path, KBUILD_ANSWER_MAX_BYTES, &have, err);
		if (r < 0)
			return r;
	}
	if (strcmp(buf_str(&have), kbuild_object_mk) != 0) {
		r = tree_remove(AT_FDCWD, kb->commands, err);
		if (r == 0)
			r = write_text(kb->dir, "commands.mk", kbuild_object_mk, err);
		if (r < 0)
			return r;
	}
	return dir_make(AT_FDCWD, kb->commands, err);
}

int kbuild_open(const struct kernel *k, struct kbuild **ret, struct oak_error *err)
{
	_cleanup_(kbuild_closep) struct kbuild *kb = calloc(1, sizeof(*kb));
	_cleanup_(freep) char *path = NULL;
	int r;

	if (!kb)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	kb->source = strdup(k->source);
	r = work_dir(k, &kb->dir, err);
	if (r < 0)
		return r;
	path = path_join(kb->dir, "environment");
	kb->commands = path_join(kb->dir, "commands");
	if (!kb->source || !path || !kb->commands)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (!file_exists(AT_FDCWD, path))
		r = dump_env(k, kb->dir, path, err);
	if (r == 0)
		r = check_makefile(kb, err);
	if (r == 0)
		r = file_read(AT_FDCWD, path, KBUILD_ANSWER_MAX_BYTES, &kb->raw, err);
	if (r == 0)
		r = index_env(kb, err);
	if (r == 0)
		*ret = take_ptr(kb);
	return r;
}
