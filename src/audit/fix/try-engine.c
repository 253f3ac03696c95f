/* SPDX-License-Identifier: GPL-2.0-or-later */
/* try-engine: owners and modes of engines' files, and keys of docker's settings. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "audit/fix/plan-priv.h"
#include "audit/fix/texts.h"
#include "audit/inside.h"
#include "audit/users.h"
#include "base/cleanup.h"
#include "host/plain.h"

struct look {
	struct planner *p;
	const struct finding *f;
	const struct file_check *want;
	struct tried *t;
};

/* What the check asks for: bits taken from the mode, or root as the owner. */
static struct fix_attr wanted(const struct look *l, const struct stat *st)
{
	const struct audit_context *ctx = &l->p->a->ctx;
	struct fix_attr a = { st->st_mode & 07777u, st->st_uid, st->st_gid };
	struct docker_value group;

	if (l->want->mode) {
		a.mode &= ~(0777u & ~l->want->mode);
	} else if (!file_check_owner_is_fine(ctx, l->want, st)) {
		a.uid = a.gid = 0;
		if (l->want->group_too && docker_get(&ctx->docker, DOCKER_GROUP, 0, &group) &&
		    users_group_id(ctx->groups, group.value, &a.gid) < 0)
			a.gid = 0;
	}
	return a;
}

/* NULL: it may be changed. */
static const char *why_not(const struct look *l, const struct stat *st)
{
	if (S_ISREG(st->st_mode) && st->st_nlink > 1)
		return place_error(-EMLINK);
	if (!l->want->mode && l->p->a->ctx.docker.rootless)
		return "docker runs without root: its user may own it";
	/* The kernel takes these bits when the owner changes. */
	if (!l->want->mode && S_ISREG(st->st_mode) && (st->st_mode & 06000))
		return "it is a program that gains privilege";
	return NULL;
}

/* The change of the same thing, maybe by another of its paths. */
static struct fix_change *change_of(struct planner *p, const char *path, const struct stat *st)
{
	struct fix_change *c;

	for (size_t i = 0; i < p->plan.n; i++) {
		_cleanup_(place_close) struct place place = { .dir = -1 };
		struct stat other;

		c = &p->plan.changes[i];
		if (c->kind == FIX_ATTR && place_open(p->a->ctx.root, c->path, &place) == 0 &&
		    place_stat(&place, &other) == 0 && other.st_dev == st->st_dev &&
		    other.st_ino == st->st_ino)
			return c;
	}
	c = planner_change(p, FIX_ATTR, path);
	if (c)
		c->was = c->will =
			(struct fix_attr){ st->st_mode & 07777u, st->st_uid, st->st_gid };
	return c;
}

static bool look_at(void *ctx, const char *path)
{
	_cleanup_(place_close) struct place place = { .dir = -1 };
	struct look *l = ctx;
	char plain[FIX_PLAIN_MAX];
	struct fix_change *c;
	struct fix_attr will;
	const char *why;
	struct stat st = { .st_mode = 0 };
	int r = place_open(l->p->a->ctx.root, path, &place);

	if (r == 0)
		r = place_stat(&place, &st);
	if (r == -ENOENT || r == -ENOTDIR)
		return false;
	plain_copy(plain, sizeof(plain), path);
	if (r < 0) {
		tried_why(l->t, "%s: %s", plain, place_error(r));
		return true;
	}
	will = wanted(l, &st);
	if (will.mode == (st.st_mode & 07777u) && will.uid == st.st_uid && will.gid == st.st_gid)
		return true;
	why = why_not(l, &st);
	if (why) {
		tried_why(l->t, "%s: %s", plain, why);
		return true;
	}
	c = change_of(l->p, path, &st);
	if (!c)
		return true;
	planner_for(l->p, c, l->f);
	if (l->want->mode) {
		c->will.mode &= will.mode;
	} else {
		c->will.uid = will.uid;
		c->will.gid = will.gid;
	}
	l->t->changed = true;
	return true;
}

void fix_try_file(struct planner *p, const struct finding *f, const struct fix *fix,
		  struct tried *ret)
{
	struct look l = { p, f, file_check_of(f->check), ret };
	char usual[TARGET_PATH_MAX];

	(void)fix;
	if (l.want)
		(void)targets_each(&p->a->ctx, l.want, look_at, &l, usual);
	if (!ret->changed && !ret->reason[0])
		tried_why(ret, "it is no longer as it was found");
}

static bool option_by_name(const char *name, enum docker_option *ret)
{
	for (unsigned i = 0; i < DOCKER_OPTIONS; i++) {
		if (strcmp(docker_option_name((enum docker_option)i), name) == 0) {
			*ret = (enum docker_option)i;
			return true;
		}
	}
	return false;
}

/* dockerd starts no more where its arguments and its settings name one option. */
static bool is_argument(const struct docker *d, const char *name)
{
	enum docker_option o;
	struct docker_value v;

	return option_by_name(name, &o) && docker_get(d, o, 0, &v) && !v.is_default &&
	       v.file == d->argv_path;
}

static const char *docker_why_not(const struct docker *d, const char *key)
{
	struct docker_value v;

	if (d->rootless)
		return "docker runs without root: its settings are its user's";
	if (!d->pid)
		return "dockerd does not run, and what its unit gives it is not known";
	if (is_argument(d, key))
		return "dockerd has it as an argument, and does not start with both: change its "
		       "unit";
	if (strcmp(key, "icc") == 0 && !docker_is_on(d, DOCKER_IPTABLES, &v))
		return "dockerd does not start so without its firewall: see 2.4";
	return NULL;
}

static void note_key(struct planner *p, struct fix_change *c, const char *key, json_t *had,
		     json_t *value)
{
	if (!c->had)
		c->had = json_object();
	if (!c->put)
		c->put = json_object();
	if (json_object_set_new(c->had, key, had) < 0 || json_object_set(c->put, key, value) < 0)
		p->oom = true;
	if (strcmp(key, "live-restore") != 0)
		c->needs = "systemctl restart docker, which stops containers unless live-restore "
			   "is in force";
	else if (!c->needs)
		c->needs = "systemctl reload docker";
}

void fix_try_docker(struct planner *p, const struct finding *f, const struct fix *fix,
		    struct tried *ret)
{
	const struct docker *d = &p->a->ctx.docker;
	const char *set = strchr(fix->set, '=') + 1, *why;
	_cleanup_(json_decrefp) json_t *value = NULL;
	json_t *had = NULL;
	char key[64], *text;
	struct fix_change *c;

	(void)snprintf(key, sizeof(key), "%.*s", (int)(set - 1 - fix->set), fix->set);
	why = docker_why_not(d, key);
	if (why) {
		tried_why(ret, "%s", why);
		return;
	}
	value = *set ? json_loads(set, JSON_DECODE_ANY, NULL) : json_null();
	c = planner_text(p, d->settings_path, ret);
	if (!c)
		return;
	text = value ? text_with_key(c->after, fix_change_indent(c), key, value, &had) : NULL;
	if (!text) {
		json_decref(had);
		tried_why(ret, "the settings of docker are not an object of JSON: mend them first");
		return;
	}
	free(c->after);
	c->after = text;
	planner_for(p, c, f);
	note_key(p, c, key, had, value);
	ret->changed = true;
}
