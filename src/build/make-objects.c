/* SPDX-License-Identifier: GPL-2.0-or-later */
/* make-objects: which objects the fixes touch. */
#include "build/make-priv.h"

#include <stdlib.h>
#include <string.h>

#include "build/make-files.h"

static int refuse(struct maker *m, enum rule_id rule, const char *what, const char *why,
		  const char *advice)
{
	return finding_add(&m->res->findings, rule, what, advice, m->err, "%s", why);
}

int make_check_home(struct maker *m, const struct object_command *c, bool *ret_ok)
{
	*ret_ok = false;
	switch (c->home) {
	case HOME_NONE:
		return refuse(m, RULE_NOT_COMPILED, c->source,
			      "this kernel's configuration does not compile the file", NULL);
	case HOME_LIBRARY:
		return refuse(m, RULE_LIBRARY, c->source,
			      "lib.a objects are built without ftrace sites", NULL);
	case HOME_MODULE:
	case HOME_VMLINUX:
		break;
	}
	if (!c->objtool.n)
		return refuse(m, RULE_NO_OBJTOOL, c->source,
			      "objtool skips this object, so its stack cannot be unwound reliably",
			      NULL);
	*ret_ok = true;
	return 0;
}

static bool is_same_home(const struct object_command *a, const struct object_command *b)
{
	return a->home == b->home && (a->home != HOME_MODULE || strcmp(a->module, b->module) == 0);
}

static struct make_object *find_object(const struct maker *m, const struct object_command *c)
{
	for (size_t i = 0; i < m->res->n_objects; i++) {
		struct make_object *o = &m->res->objects[i];

		if (strcmp(o->command.object, c->object) == 0 && is_same_home(&o->command, c))
			return o;
	}
	return NULL;
}

/* Notes that the fix touches the object; NO_FIX is none. */
static int note_fix(struct maker *m, struct make_object *o, size_t fix)
{
	size_t *v;

	if (fix == NO_FIX || (o->n_fixes && o->fixes[o->n_fixes - 1] == fix))
		return 0;
	v = reallocarray(o->fixes, o->n_fixes + 1, sizeof(*v));
	if (!v)
		return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
	o->fixes = v;
	v[o->n_fixes++] = fix;
	return 0;
}

/* Takes the command's contents. */
static int add_unit(struct maker *m, struct object_command *c, bool candidate, size_t fix)
{
	struct make_object *v, *o = find_object(m, c);

	if (o) {
		object_command_free(c);
		o->candidate &= candidate;
		return note_fix(m, o, fix);
	}
	v = reallocarray(m->res->objects, m->res->n_objects + 1, sizeof(*v));
	if (!v)
		return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
	m->res->objects = v;
	o = &v[m->res->n_objects++];
	*o = (struct make_object){ .command = *c, .candidate = candidate };
	*c = (struct object_command){ 0 };
	return note_fix(m, o, fix);
}

/* An object that is linked into several modules is one unit for each: each has its own copy. */
static int add_others(struct maker *m, const char *source, const struct words *others,
		      bool candidate, size_t fix)
{
	for (size_t i = 0; i < others->n; i++) {
		_cleanup_(object_command_free) struct object_command c = { 0 };
		int r = kbuild_object(m->kb, source, &c, m->err);

		if (r < 0)
			return r;
		free(c.module);
		c.home = HOME_MODULE;
		c.module = strdup(others->v[i]);
		if (!c.module)
			return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
		r = add_unit(m, &c, candidate, fix);
		if (r < 0)
			return r;
	}
	return 0;
}

int make_add_object(struct maker *m, const char *source, size_t fix)
{
	_cleanup_(object_command_free) struct object_command c = { 0 };
	_cleanup_(words_free) struct words others = { 0 };
	bool ok = false;
	int r = kbuild_object(m->kb, source, &c, m->err);

	if (r == 0)
		r = make_check_home(m, &c, &ok);
	if (r < 0 || !ok)
		return r;
	others = c.others;
	c.others = (struct words){ 0 };
	r = add_unit(m, &c, false, fix);
	return r < 0 ? r : add_others(m, source, &others, false, fix);
}

int make_add_candidate(struct maker *m, const char *source, size_t fix, bool *ret_compiled)
{
	_cleanup_(object_command_free) struct object_command c = { 0 };
	_cleanup_(words_free) struct words others = { 0 };
	int r = kbuild_object(m->kb, source, &c, m->err);

	*ret_compiled = c.home != HOME_NONE;
	if (r < 0 || c.home == HOME_NONE)
		return r;
	others = c.others;
	c.others = (struct words){ 0 };
	r = add_unit(m, &c, true, fix);
	return r < 0 ? r : add_others(m, source, &others, true, fix);
}

static int sort_file(struct maker *m, size_t fix, const char *path)
{
	const struct file_rule *rule = file_rule_of(path);

	switch (rule->action) {
	case FILE_OBJECT:
		return make_add_source(m, path, fix);
	case FILE_REFUSED:
		return refuse(m, rule->rule, path, rule->why, NULL);
	case FILE_HEADER:
	case FILE_IGNORED:
		break;
	}
	return 0;
}

int make_find_objects(struct maker *m)
{
	int r = make_judge_shared(m);

	for (size_t i = 0; r == 0 && i < m->res->n_fixes; i++) {
		const struct fix *f = m->res->fixes[i];

		for (size_t k = 0; r == 0 && k < f->n_files; k++)
			r = sort_file(m, i, f->files[k]);
	}
	if (r == 0)
		r = make_find_by_headers(m);
	if (r == 0 && !m->res->n_objects && !m->res->findings.n && !make_touches_header(m))
		r = refuse(m, RULE_NOT_COMPILED, m->res->fixes[0]->name,
			   "the fix touches no file that is compiled into this kernel",
			   "check that the patch is for the kernel and not for its tools");
	return r;
}
