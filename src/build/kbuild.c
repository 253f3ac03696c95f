/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/kbuild.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/process.h"
#include "build/worktree.h"

#define ENV_MAX_BYTES (1u << 20)
#define PATH_SAFE     "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/*
 * The goal's name ends in "install" because the top makefile does not bring the configuration up
 * to date for such goals: it would rewrite .config and build tools.
 */
static const char env_mk[] = "include Makefile\n"
			     ".PHONY: oakum-install\n"
			     "oakum-install: ; @env -0 > $(OAKUM_OUT)\n";

static const char object_mk[] = "include scripts/Makefile.build\n"
				"define rule_cc_o_c\n"
				"\t$(file >$(OAKUM_OUT),$(cmd_cc_o_c))\n"
				"\t$(file >>$(OAKUM_OUT),$(filter $@,$(real-obj-y)))\n"
				"\t$(file >>$(OAKUM_OUT),$(filter $@,$(lib-y)))\n"
				"\t$(file >>$(OAKUM_OUT),$(filter $@,$(real-obj-m)))\n"
				"\t$(file >>$(OAKUM_OUT),$(modname))\n"
				"\t@:\n"
				"endef\n";

struct kbuild {
	char *source;   /* the kernel's source folder */
	char *dir;      /* where our makefiles lie */
	struct buf raw; /* "NAME=value\0..." */
	const char **env;
};

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
	if (!kb->source || !path)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (!file_exists(AT_FDCWD, path)) {
		r = dump_env(k, kb->dir, path, err);
		if (r == 0)
			r = write_text(kb->dir, "object.mk", object_mk, err);
	}
	if (r == 0)
		r = file_read(AT_FDCWD, path, ENV_MAX_BYTES, &kb->raw, err);
	if (r == 0)
		r = index_env(kb, err);
	if (r == 0)
		*ret = take_ptr(kb);
	return r;
}

void object_command_free(struct object_command *c)
{
	free(c->object);
	free(c->source);
	free(c->module);
	words_free(&c->cc);
	words_free(&c->objtool);
	*c = (struct object_command){ 0 };
}

/* The nearest folder upwards that has a makefile: "mmu/mmu.o" is listed in kvm/Makefile. */
static char *makefile_dir(const char *source_tree, const char *object)
{
	char *dir = strdup(object), *slash;

	while (dir && (slash = strrchr(dir, '/'))) {
		_cleanup_(freep) char *make = NULL, *kbuild = NULL;

		*slash = '\0';
		if (asprintf(&make, "%s/%s/Makefile", source_tree, dir) < 0)
			make = NULL;
		if (asprintf(&kbuild, "%s/%s/Kbuild", source_tree, dir) < 0)
			kbuild = NULL;
		if (!make || !kbuild)
			break;
		if (file_exists(AT_FDCWD, make) || file_exists(AT_FDCWD, kbuild))
			return dir;
	}
	free(dir);
	return NULL;
}

/* "cc ... -c -o x.o x.c ; objtool ... x.o" into two argument vectors. */
static int split_command(const char *line, struct object_command *c, struct oak_error *err)
{
	_cleanup_(words_free) struct words all = { 0 };
	struct words *to = &c->cc;
	int r = words_split(line, &all, err);

	for (size_t i = 0; r == 0 && i < all.n; i++) {
		if (strcmp(all.v[i], WORDS_SEPARATOR) == 0)
			to = &c->objtool;
		else if (to == &c->cc || strcmp(all.v[i], c->object) != 0)
			r = words_add(to, all.v[i], err);
	}
	if (r == 0 && (c->cc.n < 4 || strcmp(c->cc.v[c->cc.n - 1], c->source) != 0))
		r = oak_fail(err, OAK_E_UNSUPPORTED,
			     "%s: the kernel's makefiles give a command of unknown shape",
			     c->object);
	if (r == 0 && c->objtool.n && !strstr(c->objtool.v[0], "objtool"))
		words_free(&c->objtool);
	return r;
}

static int parse_answer(char *text, struct object_command *c, struct oak_error *err)
{
	char *line[5] = { NULL };

	for (size_t i = 0; i < 5; i++) {
		line[i] = text;
		text = strchr(text, '\n');
		if (!text)
			return oak_fail(err, OAK_E_UNSUPPORTED,
					"%s: the kernel's makefiles gave no command", c->object);
		*text++ = '\0';
	}
	if (line[1][0])
		c->home = HOME_VMLINUX;
	else if (line[2][0])
		c->home = HOME_LIBRARY;
	else if (line[3][0])
		c->home = HOME_MODULE;
	c->module = strdup(line[4]);
	if (!c->module)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return split_command(line[0], c, err);
}

static int ask_make(const struct kbuild *kb, const char *dir, struct object_command *c,
		    struct buf *ret, struct oak_error *err)
{
	const struct process_options opt = { .cwd = kb->source, .env = kb->env };
	_cleanup_(process_result_free) struct process_result res = { 0 };
	_cleanup_(freep) char *mk = NULL, *obj = NULL, *out = NULL;
	int r;

	if (asprintf(&mk, "%s/object.mk", kb->dir) < 0)
		mk = NULL;
	if (asprintf(&obj, "obj=%s", dir) < 0)
		obj = NULL;
	if (asprintf(&out, "OAKUM_OUT=%s/command-%d", kb->dir, (int)getpid()) < 0)
		out = NULL;
	if (!mk || !obj || !out)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = process_run((const char *[]){ "make", "-rR", "-s", "--no-print-directory", "-f", mk,
					  obj, "need-builtin=1", "need-modorder=1", out, c->object,
					  NULL },
			&opt, &res, err);
	/* No rule for it: not a file that this folder compiles. */
	if (r == 0 && res.status == 0)
		r = file_read(AT_FDCWD, out + strlen("OAKUM_OUT="), ENV_MAX_BYTES, ret, err);
	(void)unlink(out + strlen("OAKUM_OUT="));
	return r;
}

int kbuild_object(const struct kbuild *kb, const char *source, struct object_command *ret,
		  struct oak_error *err)
{
	size_t len = strlen(source);
	_cleanup_(buf_free) struct buf answer = { 0 };
	_cleanup_(freep) char *dir = NULL;
	int r;

	if (len < 3 || strcmp(source + len - 2, ".c") != 0)
		return oak_fail(err, OAK_E_USAGE, "%s: not a C file", source);
	ret->source = strdup(source);
	ret->object = strdup(source);
	if (!ret->source || !ret->object)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	ret->object[len - 1] = 'o';
	dir = makefile_dir(kb->source, ret->object);
	if (!dir)
		return 0;
	r = ask_make(kb, dir, ret, &answer, err);
	if (r < 0 || !answer.len)
		return r;
	return parse_answer((char *)answer.data, ret, err);
}
