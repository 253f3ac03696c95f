/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/make-priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "build/compile.h"

enum file_action {
	FILE_OBJECT,
	FILE_IGNORED,
	FILE_REFUSED
};

/* First match wins. */
static const struct file_rule {
	const char *prefix, *suffix; /* NULL: any */
	enum file_action action;
	const char *rule, *why, *advice;
} file_rules[] = {
	{ "Documentation/", NULL, FILE_IGNORED, NULL, NULL, NULL },
	{ "tools/", NULL, FILE_IGNORED, NULL, NULL, NULL },
	{ "samples/", NULL, FILE_IGNORED, NULL, NULL, NULL },
	{ "MAINTAINERS", NULL, FILE_IGNORED, NULL, NULL, NULL },
	{ NULL, ".rst", FILE_IGNORED, NULL, NULL, NULL },
	{ NULL, ".txt", FILE_IGNORED, NULL, NULL, NULL },
	{ "scripts/", NULL, FILE_REFUSED, "build-system", "the fix changes how the kernel is built",
	  "leave build files out of the fix" },
	{ "arch/x86/boot/", NULL, FILE_REFUSED, "early-boot",
	  "this code runs before the kernel and never again", "no live patch can help here" },
	{ "arch/x86/entry/vdso/", NULL, FILE_REFUSED, "vdso",
	  "this code runs in user space, from pages that are already mapped",
	  "no live patch can help here" },
	{ NULL, ".c", FILE_OBJECT, NULL, NULL, NULL },
	{ NULL, ".h", FILE_REFUSED, "header",
	  "changes of headers are not supported yet: every object that includes it would have to "
	  "be compared",
	  "move the change into the .c files that need it" },
	{ NULL, ".S", FILE_REFUSED, "assembly", "assembly has no ftrace sites",
	  "patch the C code around it" },
	{ NULL, NULL, FILE_REFUSED, "build-system", "the fix changes a file that is not code",
	  "leave build files out of the fix" },
};

static const struct file_rule *find_rule(const char *path)
{
	for (size_t i = 0;; i++) {
		const struct file_rule *r = &file_rules[i];
		size_t len = strlen(path), n = r->suffix ? strlen(r->suffix) : 0;

		if (r->prefix && strncmp(path, r->prefix, strlen(r->prefix)) != 0)
			continue;
		if (r->suffix && (len < n || strcmp(path + len - n, r->suffix) != 0))
			continue;
		return r; /* the last row matches anything */
	}
}

static int refuse(struct maker *m, const char *rule, const char *what, const char *why,
		  const char *advice)
{
	return finding_add(&m->res->findings, rule, what, advice, m->err, "%s", why);
}

static int check_home(struct maker *m, const struct object_command *c, bool *ret_ok)
{
	*ret_ok = false;
	switch (c->home) {
	case HOME_NONE:
		return refuse(m, "not-compiled", c->source,
			      "this kernel's configuration does not compile the file",
			      "the kernel does not contain this code: nothing needs to be patched");
	case HOME_LIBRARY:
		return refuse(m, "library", c->source,
			      "lib.a objects are built without ftrace sites",
			      "patch the callers of the function");
	case HOME_MODULE:
	case HOME_VMLINUX:
		break;
	}
	if (!c->objtool.n)
		return refuse(m, "no-objtool", c->source,
			      "objtool skips this object, so its stack cannot be unwound reliably",
			      "no live patch can help here");
	*ret_ok = true;
	return 0;
}

int make_add_object(struct maker *m, const char *source)
{
	struct make_object *v, *o;
	bool ok = false;
	int r;

	for (size_t i = 0; i < m->res->n_objects; i++)
		if (strcmp(m->res->objects[i].command.source, source) == 0)
			return 0;
	v = reallocarray(m->res->objects, m->res->n_objects + 1, sizeof(*v));
	if (!v)
		return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
	m->res->objects = v;
	o = &v[m->res->n_objects];
	*o = (struct make_object){ 0 };
	r = kbuild_object(m->kb, source, &o->command, m->err);
	if (r == 0)
		r = check_home(m, &o->command, &ok);
	if (r == 0 && ok)
		m->res->n_objects++;
	else
		object_command_free(&o->command);
	return r;
}

int make_find_objects(struct maker *m)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->res->n_fixes; i++) {
		const struct fix *f = m->res->fixes[i];
		char type[128];

		if (fix_changes_type(f, type, sizeof(type)))
			r = refuse(m, "type-layout", type,
				   "the fix changes the definition of a type; the running kernel has "
				   "instances of the old one",
				   "keep the type, and hold new state in a shadow variable");
		for (size_t k = 0; r == 0 && k < f->n_files; k++) {
			const struct file_rule *rule = find_rule(f->files[k]);

			if (rule->action == FILE_OBJECT)
				r = make_add_object(m, f->files[k]);
			else if (rule->action == FILE_REFUSED)
				r = refuse(m, rule->rule, f->files[k], rule->why, rule->advice);
		}
	}
	if (r == 0 && !m->res->n_objects && !m->res->findings.n)
		r = refuse(m, "not-compiled", m->res->fixes[0]->name,
			   "the fix touches no file that is compiled into this kernel",
			   "check that the patch is for the kernel and not for its tools");
	return r;
}

/* Where the original is kept: by everything that could change its bytes. */
static char *kept_path(struct maker *m, const struct object_command *c)
{
	_cleanup_(buf_free) struct buf key = { 0 };
	char flags[SHA256_HEX_MAX], hash[SHA256_HEX_MAX];
	struct oak_error ignored;
	char *path;

	if (compile_flags_hash(c, flags, &ignored) < 0 ||
	    buf_printf(&key, "%s\n%s\n%s\n%s\n", flags, m->compiler, c->object, m->k->build_id) < 0)
		return NULL;
	sha256_hex(key.data, key.len, hash);
	return asprintf(&path, "%s/objects/%s.o", m->work, hash) < 0 ? NULL : path;
}

static int keep(struct maker *m, const char *from, const char *to)
{
	_cleanup_(freep) char *dir = path_join(m->work, "objects");
	int r = dir ? dir_make(AT_FDCWD, dir, m->err) : -OAK_E_NOMEM;

	if (r == 0 && rename(from, to) < 0)
		return oak_fail_errno(m->err, errno, "%s", to);
	return r;
}

static int read_model(struct maker *m, const char *path, const char *object, struct obj **obj,
		      struct model **model)
{
	int r = object_open(path, obj, m->err);

	if (r == 0)
		r = model_build(*obj, model, m->err);
	return r < 0 ? oak_context(m->err, "%s", object) : 0;
}

int make_compile(struct maker *m, size_t i)
{
	struct make_object *o = &m->res->objects[i];
	_cleanup_(freep) char *kept = kept_path(m, &o->command), *fresh = NULL, *patched = NULL;
	struct compile c[2] = { 0 };
	bool have = kept && !(m->opt && m->opt->fresh) && file_exists(AT_FDCWD, kept);
	int r = 0, r2 = 0;

	if (asprintf(&fresh, "%s/%zu-orig.o", m->tmp, i) < 0)
		fresh = NULL;
	if (asprintf(&patched, "%s/%zu-patched.o", m->tmp, i) < 0)
		patched = NULL;
	if (!kept || !fresh || !patched)
		return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
	progress_step(m->progress, "compiling %s%s", o->command.object,
		      !m->tree ? ""
		      : have   ? " (original kept)"
			       : " twice");
	c[0] = (struct compile){
		.command = &o->command, .env = kbuild_env(m->kb), .tree = m->k->source, .out = fresh
	};
	c[1] = (struct compile){ .command = &o->command,
				 .env = kbuild_env(m->kb),
				 .tree = m->tree ? m->tree->dir : NULL,
				 .out = patched };
	if (!have)
		r = compile_start(&c[0], m->err);
	if (r == 0 && m->tree) {
		r2 = compile_start(&c[1], m->err);
		if (r2 == 0)
			r2 = compile_finish(&c[1], m->err);
	}
	if (r == 0 && !have) {
		struct oak_error first;

		r = compile_finish(&c[0], r2 < 0 ? &first : m->err);
	}
	if (r == 0)
		r = r2;
	if (r == 0 && !have)
		r = keep(m, fresh, kept);
	o->compile_seconds[0] = c[0].seconds;
	o->compile_seconds[1] = c[1].seconds;
	if (r == 0)
		r = read_model(m, kept, o->command.object, &o->orig_obj, &o->orig);
	if (r == 0 && m->tree)
		r = read_model(m, patched, o->command.object, &o->patched_obj, &o->patched);
	o->compiled = r == 0;
	return r;
}
