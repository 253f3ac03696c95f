/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/fix/apply.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "audit/fix/place.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/hash.h"
#include "host/lock.h"
#include "host/plain.h"
#include "host/sysfs.h"

static int fail_at(struct oak_error *err, const struct fix_change *c, int r)
{
	char plain[FIX_PLAIN_MAX];

	plain_copy(plain, sizeof(plain), c->path);
	if (r == -EACCES || r == -EPERM)
		return oak_fail(err, OAK_E_PERMISSION, "%s: %s", plain, strerror(-r));
	return oak_fail(err, OAK_E_IO, "%s: %s", plain, place_error(r));
}

static bool attr_is(const struct fix_attr *a, const struct fix_attr *b)
{
	return a->mode == b->mode && a->uid == b->uid && a->gid == b->gid;
}

static int text_state(const struct place *p, const struct fix_change *c, const char *after_hash,
		      unsigned *ret)
{
	_cleanup_(freep) char *text = NULL;
	char hash[SHA256_HEX_MAX] = "";
	struct fix_attr a;
	int r = place_read(p, &text, &a);

	if (r < 0)
		return r;
	if (text)
		sha256_hex(text, strlen(text), hash);
	if (!text ? !c->before : c->before && strcmp(text, c->before) == 0)
		*ret |= FIX_AS_BEFORE;
	if (text && strcmp(hash, after_hash) == 0)
		*ret |= FIX_AS_AFTER;
	return 0;
}

/* What an engine makes at each start lies here, as it likes. */
static bool is_of_run(const char *path)
{
	return strncmp(path, "/run/", 5) == 0 || strncmp(path, "/var/run/", 9) == 0;
}

/* After a crash the owner may be the new one and the mode the old. */
static int attr_state(const struct place *p, const struct fix_change *c, unsigned *ret)
{
	struct fix_attr now;
	struct stat st;
	int r = place_stat(p, &st);

	if (r == -ENOENT)
		*ret |= FIX_GONE;
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	now = (struct fix_attr){ st.st_mode & 07777u, st.st_uid, st.st_gid };
	if (attr_is(&now, &c->was))
		*ret |= FIX_AS_BEFORE;
	if ((now.mode == c->will.mode || now.mode == c->was.mode) &&
	    ((now.uid == c->will.uid && now.gid == c->will.gid) ||
	     (now.uid == c->was.uid && now.gid == c->was.gid)))
		*ret |= FIX_AS_AFTER;
	if (!*ret && is_of_run(c->path))
		*ret |= FIX_GONE;
	return 0;
}

static int value_state(int root, const struct fix_change *c, unsigned *ret)
{
	char now[256];
	int r = sysfs_read(root, c->path + 1, now, sizeof(now));

	if (r == -ENOENT)
		*ret |= FIX_GONE;
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (strcmp(now, c->before) == 0)
		*ret |= FIX_AS_BEFORE;
	if (strcmp(now, c->after) == 0)
		*ret |= FIX_AS_AFTER;
	return 0;
}

int fix_change_state(int root, const struct fix_change *c, const char *after_hash, unsigned *ret,
		     struct oak_error *err)
{
	_cleanup_(place_close) struct place p = { .dir = -1 };
	unsigned state = 0;
	int r;

	if (c->kind == FIX_VALUE) {
		r = value_state(root, c, &state);
	} else {
		r = place_open(root, c->path, &p);
		if (r == -ENOENT && c->kind == FIX_ATTR) {
			*ret = FIX_GONE;
			return 0;
		}
		if (r == 0)
			r = c->kind == FIX_TEXT ? text_state(&p, c, after_hash, &state)
						: attr_state(&p, c, &state);
	}
	if (r < 0)
		return fail_at(err, c, r);
	*ret = state;
	return 0;
}

static int put_text(const struct place *p, const struct fix_change *c, struct oak_error *err)
{
	if (!c->after)
		return place_remove(p, err);
	return place_write(p, c->after, &c->will, err);
}

/* A value may be longer than the new one where the kernel's files are not the kernel's. */
static int put_value(int root, const struct fix_change *c)
{
	char text[260];

	(void)snprintf(text, sizeof(text), "%s\n", c->after);
	return sysfs_write(root, c->path + 1, text);
}

int fix_change_do(int root, const struct fix_change *c, struct oak_error *err)
{
	_cleanup_(place_close) struct place p = { .dir = -1 };
	int r;

	if (c->kind == FIX_VALUE) {
		r = put_value(root, c);
		return r < 0 ? fail_at(err, c, r) : 0;
	}
	r = place_open(root, c->path, &p);
	if (r < 0)
		return fail_at(err, c, r);
	if (c->kind == FIX_TEXT)
		return put_text(&p, c, err);
	r = place_chattr(&p, &c->will);
	return r < 0 ? fail_at(err, c, r) : 0;
}

static void hash_of(const struct fix_change *c, char ret[SHA256_HEX_MAX])
{
	sha256_hex(c->after, strlen(c->after), ret);
}

/* As the plan found it? */
static int check(int root, const struct fix_change *c, struct oak_error *err)
{
	char hash[SHA256_HEX_MAX], plain[FIX_PLAIN_MAX];
	unsigned state = 0;
	int r;

	hash[0] = '\0';
	if (c->kind == FIX_TEXT)
		hash_of(c, hash);
	r = fix_change_state(root, c, hash, &state, err);
	if (r < 0 || state & FIX_AS_BEFORE)
		return r;
	plain_copy(plain, sizeof(plain), c->path);
	return oak_fail(err, OAK_E_REFUSED, "%s was changed since the plan was made: make it anew",
			plain);
}

static json_t *attr_json(const struct fix_attr *a)
{
	return json_pack("[i, I, I]", (int)a->mode, (json_int_t)a->uid, (json_int_t)a->gid);
}

static json_t *change_json(const struct fix_change *c)
{
	char hash[SHA256_HEX_MAX];

	switch (c->kind) {
	case FIX_TEXT:
		hash_of(c, hash);
		return json_pack("{s:s, s:s, s:s?, s:s, s:o}", "kind", "text", "path", c->path,
				 "before", c->before, "sha256", hash, "was", attr_json(&c->was));
	case FIX_ATTR:
		return json_pack("{s:s, s:s, s:o, s:o}", "kind", "attributes", "path", c->path,
				 "was", attr_json(&c->was), "will", attr_json(&c->will));
	case FIX_VALUE:
	default:
		return json_pack("{s:s, s:s, s:s, s:s}", "kind", "value", "path", c->path, "before",
				 c->before, "after", c->after);
	}
}

static void time_text(int64_t now_s, char *ret, size_t size)
{
	time_t t = (time_t)now_s;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(ret, size, "%Y-%m-%dT%H:%M:%SZ", &tm))
		(void)snprintf(ret, size, "unknown");
}

static int record(int root, const struct fix_plan *p, int64_t now_s, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *doc = NULL;
	json_t *list, *changes = json_array();
	char now[32];
	int r = fix_record_read(root, &doc, err);

	if (r < 0) {
		json_decref(changes);
		return r;
	}
	for (size_t i = 0; i < p->n; i++)
		if (json_array_append_new(changes, change_json(&p->changes[i])) < 0)
			r = -1;
	list = json_object_get(doc, "applied");
	while (json_array_size(list) >= FIX_UNDO_STEPS)
		(void)json_array_remove(list, 0);
	time_text(now_s, now, sizeof(now));
	if (json_array_append_new(list, json_pack("{s:s, s:s, s:o}", "time", now, "plan", p->id,
						  "changes", changes)) < 0 ||
	    r < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return fix_record_write(root, doc, err);
}

static void tell(const struct fix_doing *d, const struct fix_change *c)
{
	_cleanup_(buf_free) struct buf what = { 0 };
	char plain[FIX_PLAIN_MAX];

	plain_copy(plain, sizeof(plain), c->path);
	if (d->told && fix_change_describe(c, &what) == 0)
		d->told(d->ctx, plain, buf_str(&what));
}

int fix_apply(const struct fix_doing *d, const struct fix_plan *p, struct oak_error *err)
{
	_cleanup_(closep) int lock = -1;
	int r;

	if (!p->n)
		return oak_fail(err, OAK_E_NOTHING, "nothing can be changed without a person");
	r = lock_take(d->root, &lock, err);
	for (size_t i = 0; r == 0 && i < p->n; i++)
		r = check(d->root, &p->changes[i], err);
	if (r == 0)
		r = record(d->root, p, d->now_s, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < p->n; i++) {
		r = check(d->root, &p->changes[i], err);
		if (r == 0)
			r = fix_change_do(d->root, &p->changes[i], err);
		if (r < 0)
			return oak_context(err,
					   "after %zu of %zu changes, which oakum audit "
					   "--fix-plan --undo takes back",
					   i, p->n);
		tell(d, &p->changes[i]);
	}
	return 0;
}
