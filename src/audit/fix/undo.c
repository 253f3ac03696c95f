/* SPDX-License-Identifier: GPL-2.0-or-later */
/* undo: the record of what was applied, and the way back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/fix/apply.h"
#include "audit/fix/place.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "host/lock.h"
#include "host/plain.h"

#define UNDO_MAX (64u << 20)

int fix_record_read(int root, json_t **ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = file_read(root, FIX_UNDO_PATH, UNDO_MAX, &text, err);

	if (r == -OAK_E_NOTFOUND) {
		*ret = json_pack("{s:i, s:[]}", "schema", 1, "applied");
		return *ret ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	if (r == 0)
		r = json_parse(text.data, text.len, UNDO_MAX, "/" FIX_UNDO_PATH, ret, err);
	if (r == 0 && !json_is_array(json_object_get(*ret, "applied"))) {
		json_decref(take_ptr(*ret));
		r = oak_fail(err, OAK_E_FORMAT, "/" FIX_UNDO_PATH ": no list of what was applied");
	}
	return r;
}

int fix_record_write(int root, json_t *record, struct oak_error *err)
{
	_cleanup_(freep) char *text = NULL;
	int r;

	if (!json_array_size(json_object_get(record, "applied"))) {
		r = tree_remove(root, FIX_UNDO_PATH, err);
		return r < 0 ? r : file_sync_entry(root, FIX_UNDO_PATH, err);
	}
	text = json_text(record);
	if (!text)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return file_write(root, FIX_UNDO_PATH, text, strlen(text), 0600, err);
}

static bool attr_of(const json_t *j, struct fix_attr *ret)
{
	json_int_t mode = json_integer_value(json_array_get(j, 0));
	json_int_t uid = json_integer_value(json_array_get(j, 1));
	json_int_t gid = json_integer_value(json_array_get(j, 2));

	if (json_array_size(j) != 3 || mode < 0 || mode > 07777 || uid < 0 || uid >= UINT32_MAX ||
	    gid < 0 || gid >= UINT32_MAX)
		return false;
	*ret = (struct fix_attr){ (uint32_t)mode, (uint32_t)uid, (uint32_t)gid };
	return true;
}

/* Texts are borrowed: those of a change are not const, and nobody frees these. */
static char *text_of(const json_t *j, const char *key)
{
	return (char *)(uintptr_t)json_get_str(j, key);
}

int fix_change_of_record(json_t *j, struct fix_change *ret, const char **ret_hash,
			 struct oak_error *err)
{
	const char *kind = json_get_str(j, "kind");
	struct fix_change c = { .path = text_of(j, "path"), .before = text_of(j, "before") };
	bool fine = kind && c.path && c.path[0] == '/';

	*ret_hash = json_get_str(j, "sha256");
	c.after = text_of(j, "after");
	if (fine && strcmp(kind, "text") == 0) {
		c.kind = FIX_TEXT;
		fine = *ret_hash && attr_of(json_object_get(j, "was"), &c.was);
	} else if (fine && strcmp(kind, "attributes") == 0) {
		c.kind = FIX_ATTR;
		fine = attr_of(json_object_get(j, "was"), &c.was) &&
		       attr_of(json_object_get(j, "will"), &c.will);
	} else if (fine) {
		c.kind = FIX_VALUE;
		fine = strcmp(kind, "value") == 0 && c.before && c.after &&
		       strncmp(c.path, "/proc/sys/", 10) == 0 && !strstr(c.path, "..");
	}
	if (!fine)
		return oak_fail(err, OAK_E_FORMAT, "/" FIX_UNDO_PATH ": a change of it is not one");
	*ret = c;
	return 0;
}

/* As it was left, or as it was: then it may be put back. */
static int check_change(int root, json_t *j, struct oak_error *err)
{
	struct fix_change c;
	char plain[FIX_PLAIN_MAX];
	const char *hash;
	unsigned state = 0;
	int r = fix_change_of_record(j, &c, &hash, err);

	if (r == 0)
		r = fix_change_state(root, &c, hash, &state, err);
	if (r < 0 || state)
		return r;
	plain_copy(plain, sizeof(plain), c.path);
	return oak_fail(err, OAK_E_REFUSED,
			"%s was changed since by another hand: look at it, and put back by hand what "
			"/" FIX_UNDO_PATH " has",
			plain);
}

/*
 * The attributes that a text goes back with: its own of before, which it has but for an owner that a
 * crash took. Others were given since, and stay.
 */
static struct fix_attr attr_now(int root, const struct fix_change *c)
{
	_cleanup_(place_close) struct place p = { .dir = -1 };
	struct stat st;

	if (place_open(root, c->path, &p) < 0 || place_stat(&p, &st) < 0)
		return c->was;
	if ((st.st_mode & 07777u) == c->was.mode && st.st_uid == geteuid() && st.st_gid == getegid())
		return c->was;
	return (struct fix_attr){ st.st_mode & 07777u, st.st_uid, st.st_gid };
}

static int restore(const struct fix_doing *d, json_t *j, struct oak_error *err)
{
	struct fix_change c, back;
	char plain[FIX_PLAIN_MAX];
	const char *hash;
	unsigned state = 0;
	int r = fix_change_of_record(j, &c, &hash, err);

	if (r == 0)
		r = fix_change_state(d->root, &c, hash, &state, err);
	if (r < 0 || state & FIX_GONE)
		return r;
	back = c;
	back.before = c.after;
	back.after = c.before;
	back.was = c.will;
	back.will = c.kind == FIX_TEXT ? attr_now(d->root, &c) : c.was;
	r = fix_change_do(d->root, &back, err);
	if (r < 0)
		return r;
	plain_copy(plain, sizeof(plain), c.path);
	if (d->told)
		d->told(d->ctx, plain, c.kind == FIX_TEXT && !c.before ? "gone again" : "as it was");
	return 0;
}

static int undo_last(const struct fix_doing *d, json_t *record, struct oak_error *err)
{
	json_t *list = json_object_get(record, "applied"), *changes;
	size_t n = json_array_size(list), i;
	int r = 0;

	if (!n)
		return oak_fail(err, OAK_E_NOTHING, "nothing was applied");
	changes = json_object_get(json_array_get(list, n - 1), "changes");
	for (i = 0; r == 0 && i < json_array_size(changes); i++)
		r = check_change(d->root, json_array_get(changes, i), err);
	/* Modes before texts, which take the mode that is there. */
	for (i = json_array_size(changes); r == 0 && i > 0; i--)
		r = restore(d, json_array_get(changes, i - 1), err);
	if (r < 0)
		return r;
	(void)json_array_remove(list, n - 1);
	return fix_record_write(d->root, record, err);
}

int fix_undo(const struct fix_doing *d, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *record = NULL;
	_cleanup_(closep) int lock = -1;
	int r = lock_take(d->root, &lock, err);

	if (r == 0)
		r = fix_record_read(d->root, &record, err);
	return r < 0 ? r : undo_last(d, record, err);
}
