/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kbuild-ask: asks the makefiles for commands, many objects of a folder at once, and remembers.
 *
 * An answer is one file in "commands", named as the object with '!' for '/':
 *
 *	command
 *	the object, if it is linked into vmlinux
 *	the object, if it is in lib.a
 *	the object, if it is part of a module
 *	the modules, "a:b"; the object's own name where it is none of another's
 *	the object, if it is a module of its own
 */
#include "build/kbuild-priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/process.h"

const char kbuild_object_mk[] = "include scripts/Makefile.build\n"
				"oakum-out = $(OAKUM_OUT)/$(subst /,!,$@)\n"
				"define rule_cc_o_c\n"
				"\t$(file >$(oakum-out),$(cmd_cc_o_c))\n"
				"\t$(file >>$(oakum-out),$(filter $@,$(real-obj-y)))\n"
				"\t$(file >>$(oakum-out),$(filter $@,$(lib-y)))\n"
				"\t$(file >>$(oakum-out),$(filter $@,$(real-obj-m)))\n"
				"\t$(file >>$(oakum-out),$(modname))\n"
				"\t$(file >>$(oakum-out),$(filter $@,$(obj-m)))\n"
				"\t@:\n"
				"endef\n";

#define ANSWER_LINES 6

/* So many objects in one call of make: 60 bytes each, far from the limit of a command line. */
#define ASK_AT_ONCE 500

/* Objects whose source lies elsewhere: kernel/bpf/Makefile. */
static const struct {
	const char *source, *object;
} moved[] = {
	{ "tools/lib/bpf/relo_core.c", "kernel/bpf/relo_core.o" },
};

/* "a/b.c" to "a/b.o"; NULL: out of memory. */
static char *object_of(const char *source)
{
	char *object;

	for (size_t i = 0; i < sizeof(moved) / sizeof(moved[0]); i++)
		if (strcmp(moved[i].source, source) == 0)
			return strdup(moved[i].object);
	object = strdup(source);
	if (object)
		object[strlen(object) - 1] = 'o';
	return object;
}

static char *answer_path(const char *dir, const char *object)
{
	char *path = path_join(dir, object);

	for (char *p = path ? path + strlen(dir) + 1 : NULL; p && *p; p++)
		if (*p == '/')
			*p = '!';
	return path;
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

/* An object to ask for. */
struct question {
	char *object, *dir; /* dir NULL: no makefile */
};

static void questions_free(struct question *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(v[i].object);
		free(v[i].dir);
	}
	free(v);
}

static int compare_questions(const void *a, const void *b)
{
	const struct question *x = a, *y = b;
	int c = strcmp(x->dir ? x->dir : "", y->dir ? y->dir : "");

	return c ? c : strcmp(x->object, y->object);
}

/*
 * The makefile answers into a folder of ours, for another process may ask the same. An object
 * without a rule is no error (-k), but one whose rule lacks something is.
 */
static int run_make(const struct kbuild *kb, const struct question *v, size_t n, const char *out,
		    struct oak_error *err)
{
	const struct process_options opt = { .cwd = kb->source, .env = kb->env };
	_cleanup_(process_result_free) struct process_result res = { 0 };
	_cleanup_(freep) char *mk = path_join(kb->dir, "commands.mk"), *obj = NULL, *to = NULL;
	const char *argv[ASK_AT_ONCE + 12] = { "make", "-rRk", "-s", "--no-print-directory", "-f" };
	size_t at = 5;
	int r;

	if (asprintf(&obj, "obj=%s", v[0].dir) < 0)
		obj = NULL;
	if (asprintf(&to, "OAKUM_OUT=%s", out) < 0)
		to = NULL;
	if (!mk || !obj || !to)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	argv[at++] = mk;
	argv[at++] = obj;
	argv[at++] = "need-builtin=1";
	argv[at++] = "need-modorder=1";
	argv[at++] = to;
	for (size_t i = 0; i < n; i++)
		argv[at++] = v[i].object;
	r = process_run(argv, &opt, &res, err);
	if (r < 0 || res.status == 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		_cleanup_(freep) char *needed = NULL;
		const char *line;

		if (asprintf(&needed, ", needed by '%s'", v[i].object) < 0) {
			needed = NULL;
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		}
		line = strstr(buf_str(&res.err), needed);
		if (line)
			return oak_fail(err, OAK_E_FAILED, "%s cannot be compiled: %.400s",
					v[i].object, buf_str(&res.err));
	}
	return 0;
}

/* Moves the answers into place; what has none is not compiled: an empty one. */
static int take_answers(const struct kbuild *kb, const struct question *v, size_t n,
			const char *out, struct oak_error *err)
{
	for (size_t i = 0; i < n; i++) {
		_cleanup_(freep) char *from = answer_path(out, v[i].object);
		_cleanup_(freep) char *to = answer_path(kb->commands, v[i].object);
		int r = 0;

		if (!from || !to)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		if (rename(from, to) < 0)
			r = errno == ENOENT ? file_write(AT_FDCWD, to, "", 0, 0644, err)
					    : oak_fail_errno(err, errno, "%s", to);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Objects of one folder. */
static int ask_folder(const struct kbuild *kb, const struct question *v, size_t n,
		      struct oak_error *err)
{
	_cleanup_(freep) char *out = NULL;
	struct oak_error ignored;
	int r, swept;

	if (asprintf(&out, "%s/asking-%d", kb->dir, (int)getpid()) < 0) {
		out = NULL;
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	r = dir_make(AT_FDCWD, out, err);
	if (r == 0 && v[0].dir)
		r = run_make(kb, v, n, out, err);
	if (r == 0)
		r = take_answers(kb, v, n, out, err);
	swept = tree_remove(AT_FDCWD, out, r < 0 ? &ignored : err);
	return r < 0 ? r : swept;
}

/* How many from @i on lie in one folder. */
static size_t same_folder(const struct question *v, size_t n, size_t i)
{
	size_t end = i + 1;

	while (end < n && end - i < ASK_AT_ONCE && !v[end].dir == !v[i].dir &&
	       (!v[i].dir || strcmp(v[end].dir, v[i].dir) == 0))
		end++;
	return end - i;
}

/* What is not known yet. */
static int collect(const struct kbuild *kb, const char *const *sources, size_t n,
		   struct question *v, size_t *ret_n, struct oak_error *err)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(sources[i]);
		_cleanup_(freep) char *object = NULL, *path = NULL;

		if (len < 3 || strcmp(sources[i] + len - 2, ".c") != 0)
			return oak_fail(err, OAK_E_USAGE, "%s: not a C file", sources[i]);
		object = object_of(sources[i]);
		path = object ? answer_path(kb->commands, object) : NULL;
		if (!path)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		if (file_exists(AT_FDCWD, path))
			continue;
		v[*ret_n].dir = makefile_dir(kb->source, object);
		v[(*ret_n)++].object = take_ptr(object);
	}
	return 0;
}

int kbuild_ask(const struct kbuild *kb, const char *const *sources, size_t n,
	       const struct progress *progress, struct oak_error *err)
{
	struct question *v = calloc(n + 1, sizeof(*v));
	size_t n_open = 0, step;
	int r;

	if (!v)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = collect(kb, sources, n, v, &n_open, err);
	qsort(v, n_open, sizeof(*v), compare_questions);
	for (size_t i = 0; r == 0 && i < n_open; i += step) {
		step = same_folder(v, n_open, i);
		if (n > 1)
			progress_step(progress, "asking the makefile of %s about %zu file%s",
				      v[i].dir ? v[i].dir : "no folder", step,
				      step == 1 ? "" : "s");
		r = ask_folder(kb, v + i, step, err);
	}
	questions_free(v, n_open);
	return r;
}

void object_command_free(struct object_command *c)
{
	free(c->object);
	free(c->source);
	free(c->module);
	words_free(&c->others);
	words_free(&c->cc);
	words_free(&c->objtool);
	*c = (struct object_command){ 0 };
}

/* "cc ... -c -o x.o x.c ; objtool ... x.o" into two argument vectors. */
static int split_command(const char *line, struct object_command *c, struct oak_error *err)
{
	_cleanup_(words_free) struct words all = { 0 };
	struct words *to = &c->cc;
	const char *last;
	size_t len;
	int r = words_split(line, &all, err);

	for (size_t i = 0; r == 0 && i < all.n; i++) {
		if (strcmp(all.v[i], WORDS_SEPARATOR) == 0)
			to = &c->objtool;
		else if (to == &c->cc || strcmp(all.v[i], c->object) != 0)
			r = words_add(to, all.v[i], err);
	}
	if (r < 0)
		return r;
	last = c->cc.n >= 4 ? c->cc.v[c->cc.n - 1] : "";
	last += strncmp(last, "./", 2) == 0 ? 2 : 0;
	len = strlen(last);
	if (len < 3 || strcmp(last + len - 2, ".c") != 0 || last[0] == '/')
		return oak_fail(err, OAK_E_UNSUPPORTED,
				"%s: the kernel's makefiles give a command of unknown shape",
				c->object);
	if (c->objtool.n && !strstr(c->objtool.v[0], "objtool"))
		words_free(&c->objtool);
	free(c->source);
	c->source = strdup(last);
	return c->source ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

/* @list is "a:b"; @own: the object is also a module by itself. */
static int read_modules(char *list, const char *own, struct object_command *c, struct oak_error *err)
{
	char *save = NULL;
	int r = 0;

	for (char *name = strtok_r(list, ":", &save); r == 0 && name;
	     name = strtok_r(NULL, ":", &save)) {
		if (c->home == HOME_MODULE && !c->module)
			c->module = strdup(name);
		else
			r = words_add(&c->others, name, err);
	}
	if (r == 0 && *own) {
		const char *slash = strrchr(own, '/');
		_cleanup_(freep) char *name = strdup(slash ? slash + 1 : own);

		if (!name)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		name[strlen(name) - 2] = '\0';
		if (c->module && strcmp(c->module, name) != 0)
			r = words_add(&c->others, name, err);
	}
	if (r == 0 && c->home == HOME_MODULE && !c->module)
		return oak_fail(err, OAK_E_NOMEM, "%s: out of memory", c->object);
	return r;
}

static int parse_answer(char *text, struct object_command *c, struct oak_error *err)
{
	char *line[ANSWER_LINES] = { NULL };
	int r = 0;

	for (size_t i = 0; i < ANSWER_LINES; i++) {
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
	/* The name of what is no module is the object's own. */
	if (line[3][0])
		r = read_modules(line[4], line[5], c, err);
	return r < 0 ? r : split_command(line[0], c, err);
}

int kbuild_object(const struct kbuild *kb, const char *source, struct object_command *ret,
		  struct oak_error *err)
{
	_cleanup_(buf_free) struct buf answer = { 0 };
	_cleanup_(freep) char *path = NULL;
	int r = kbuild_ask(kb, &source, 1, NULL, err);

	if (r < 0)
		return r;
	ret->source = strdup(source);
	ret->object = object_of(source);
	path = ret->object ? answer_path(kb->commands, ret->object) : NULL;
	if (!ret->source || !path)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = file_read(AT_FDCWD, path, KBUILD_ANSWER_MAX_BYTES, &answer, err);
	return r < 0 || !answer.len ? r : parse_answer((char *)answer.data, ret, err);
}
