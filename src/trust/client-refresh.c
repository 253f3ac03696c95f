/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The workflow of the TUF specification, section 5, step by step. Each step fetches one file into
 * memory, makes every check, and only then stores it and takes it as trusted.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "trust/client-state.h"
#include "trust/signers.h"
#include "trust/validator.h"

#define ROOT_ROTATIONS_MAX 256 /* in one refresh; the next one goes on */

struct refresh {
	struct tuf_client *c;
	const struct fetcher *fetcher;
	const struct tuf_refresh *how;
	struct buf peeked;                /* a timestamp.json fetched ahead, or empty */
	struct fetch_validator validator; /* of the timestamp.json that was fetched */
	bool changed;
};

static int get(const struct refresh *f, const char *path, size_t max, struct buf *ret,
	       struct oak_error *err)
{
	int r = f->fetcher->fetch(f->fetcher->ctx, path, max, ret, err);

	if (r == 0)
		progress_step(f->how->progress, "fetched %s (%zu bytes)", path, ret->len);
	return r;
}

/* Return: 1 where f->validator still fits, 0 or an error. */
static int get_timestamp(struct refresh *f, struct buf *ret, struct oak_error *err)
{
	static const char path[] = "timestamp.json";
	int r;

	if (!f->fetcher->fetch_if_changed)
		return get(f, path, TUF_TIMESTAMP_BYTES_MAX, ret, err);
	r = f->fetcher->fetch_if_changed(f->fetcher->ctx, path, TUF_TIMESTAMP_BYTES_MAX,
					 &f->validator, ret, err);
	if (r >= 0)
		progress_step(f->how->progress, r ? "%s has not changed" : "fetched %s", path);
	return r;
}

static bool is_trusted_timestamp(const struct refresh *f, const struct buf *bytes)
{
	const struct buf *have = &f->c->timestamp;

	return bytes->len == have->len && memcmp(bytes->data, have->data, have->len) == 0;
}

/* What was fetched is what is trusted: the next refresh may ask whether it has changed. */
static void keep_validator(const struct refresh *f, const struct buf *bytes)
{
	if (f->fetcher->fetch_if_changed && is_trusted_timestamp(f, bytes))
		validator_store(f->c->dirfd, f->fetcher->url, bytes, &f->validator);
}

static int take_new(struct refresh *f, struct metadata *m, const struct buf *bytes,
		    struct oak_error *err)
{
	int r = client_take(f->c, m, bytes, true, err);

	if (r == 0)
		f->changed = true;
	return r;
}

/* An opaque keyid may stay while its key does not. */
static bool key_moved(const struct tuf_key *old, const struct tuf_key *new)
{
	if (!old || !new)
		return old != new;
	return (tuf_key_usable(old) || tuf_key_usable(new)) && !tuf_key_same(old, new);
}

static bool signers_moved(const struct metadata *old, const struct metadata *new, enum tuf_role role)
{
	const struct signers *was = metadata_signers(old, role), *is = metadata_signers(new, role);

	if (!signers_equal(was, is))
		return true;
	for (size_t i = 0; i < was->n; i++)
		for (size_t k = 0; k < is->n; k++)
			if (strcmp(was->ids[i], is->ids[k]) == 0 &&
			    key_moved(was->keys[i], is->keys[k]))
				return true;
	return false;
}

/*
 * Recovery from a fast-forward attack (5.3.11): whoever held the old timestamp or snapshot key
 * may have signed a version that the real publisher never reaches. Done before the new root is
 * stored: after a crash in between, the rotation is seen again.
 */
static int recover_from_fast_forward(struct tuf_client *c, const struct metadata *new,
				     struct oak_error *err)
{
	static const enum tuf_role dropped[] = { TUF_TIMESTAMP, TUF_SNAPSHOT };
	const struct metadata *old = c->trusted[TUF_ROOT];

	if (!signers_moved(old, new, TUF_TIMESTAMP) && !signers_moved(old, new, TUF_SNAPSHOT))
		return 0;
	for (size_t i = 0; i < sizeof(dropped) / sizeof(dropped[0]); i++) {
		client_forget(c, dropped[i]);
		if (c->dirfd >= 0 && unlinkat(c->dirfd, tuf_role_file(dropped[i]), 0) < 0 &&
		    errno != ENOENT)
			return oak_fail_errno(err, errno, "%s", tuf_role_file(dropped[i]));
	}
	return 0;
}

static int check_next_root(const struct tuf_client *c, const struct buf *bytes, const char *name,
			   struct metadata **ret, struct oak_error *err)
{
	const struct metadata *old = c->trusted[TUF_ROOT];
	_cleanup_(metadata_freep) struct metadata *m = NULL;
	int r = metadata_parse_as(TUF_ROOT, c->keyids, bytes->data, bytes->len, name, &m, err);

	if (r == 0)
		r = metadata_verify(m, metadata_signers(old, TUF_ROOT), err);
	if (r == 0)
		r = metadata_verify(m, metadata_signers(m, TUF_ROOT), err);
	if (r < 0)
		return r;
	if (metadata_version(m) != metadata_version(old) + 1)
		return oak_fail(err, OAK_E_TRUST, "%s: version %llu, not %llu", name,
				(unsigned long long)metadata_version(m),
				(unsigned long long)metadata_version(old) + 1);
	*ret = take_ptr(m);
	return 0;
}

/* Return: 1 where a newer root was taken, 0 where there is none, or an error. */
static int next_root(struct refresh *f, struct oak_error *err)
{
	_cleanup_(metadata_freep) struct metadata *m = NULL;
	_cleanup_(buf_free) struct buf bytes = { 0 };
	char name[64];
	int r;

	(void)snprintf(name, sizeof(name), "%llu.root.json",
		       (unsigned long long)metadata_version(f->c->trusted[TUF_ROOT]) + 1);
	r = get(f, name, TUF_ROOT_BYTES_MAX, &bytes, err);
	if (r == -OAK_E_NOTFOUND)
		return 0;
	if (r == 0)
		r = check_next_root(f->c, &bytes, name, &m, err);
	if (r == 0)
		r = recover_from_fast_forward(f->c, m, err);
	if (r == 0)
		r = take_new(f, take_ptr(m), &bytes, err);
	return r < 0 ? r : 1;
}

static int update_root(struct refresh *f, struct oak_error *err)
{
	int r = 1;

	for (unsigned i = 0; r > 0 && i < ROOT_ROTATIONS_MAX; i++)
		r = next_root(f, err);
	if (r < 0)
		return r;
	return metadata_check_fresh(f->c->trusted[TUF_ROOT], f->how->now_s, err);
}

/*
 * What is stored is trusted for comparing versions only as far as the present root vouches for
 * it; a file that does not verify is as good as none.
 */
static int load_for_comparison(struct tuf_client *c, enum tuf_role role, struct oak_error *err)
{
	_cleanup_(metadata_freep) struct metadata *m = NULL;
	_cleanup_(buf_free) struct buf bytes = { 0 };
	int r = client_read(c, role, &bytes, err);

	if (r == -OAK_E_NOTFOUND && c->dirfd < 0) {
		/* In memory: what was taken before a new root may no longer verify. */
		if (c->trusted[role] &&
		    metadata_verify(c->trusted[role], metadata_signers(c->trusted[TUF_ROOT], role),
				    NULL) < 0)
			client_forget(c, role);
		return 0;
	}
	client_forget(c, role);
	if (r == -OAK_E_IO || r == -OAK_E_NOMEM)
		return r;
	if (r < 0 || client_check(c, role, &bytes, &m, NULL) < 0)
		return 0;
	return client_take(c, take_ptr(m), &bytes, false, err);
}

static int refuse_rollback(const char *name, const char *what, uint64_t version, uint64_t trusted,
			   struct oak_error *err)
{
	if (version >= trusted)
		return 0;
	return oak_fail(err, OAK_E_TRUST,
			"%s: %sversion %llu is older than the trusted %llu "
			"(rollback)",
			name, what, (unsigned long long)version, (unsigned long long)trusted);
}

static int check_timestamp(const struct tuf_client *c, const struct metadata *new,
			   struct oak_error *err)
{
	const struct metadata *old = c->trusted[TUF_TIMESTAMP];
	struct metadata_link was, is;
	int r;

	if (!old)
		return 0;
	r = refuse_rollback("timestamp.json", "", metadata_version(new), metadata_version(old), err);
	if (r < 0 || metadata_version(new) == metadata_version(old))
		return r;
	/* Both were parsed as timestamps, which list snapshot.json. */
	if (!metadata_find_link(old, "snapshot.json", &was) ||
	    !metadata_find_link(new, "snapshot.json", &is))
		return oak_fail(err, OAK_E_FORMAT, "timestamp.json: does not list snapshot.json");
	return refuse_rollback("timestamp.json", "snapshot.json ", is.version, was.version, err);
}

static int update_timestamp(struct refresh *f, struct oak_error *err)
{
	_cleanup_(metadata_freep) struct metadata *m = NULL;
	_cleanup_(buf_free) struct buf bytes = f->peeked;
	const struct metadata *old;
	int r = 0;

	f->peeked = (struct buf){ 0 };
	if (!bytes.len) {
		f->validator = (struct fetch_validator){ .etag = "" };
		r = get_timestamp(f, &bytes, err);
	}
	if (r == 0)
		r = client_check(f->c, TUF_TIMESTAMP, &bytes, &m, err);
	if (r == 0)
		r = check_timestamp(f->c, m, err);
	if (r < 0)
		return r;
	old = f->c->trusted[TUF_TIMESTAMP];
	/* The same version with another content is not taken: versions never change meaning. */
	if (old && metadata_version(old) == metadata_version(m)) {
		keep_validator(f, &bytes);
		return metadata_check_fresh(old, f->how->now_s, err);
	}
	r = metadata_check_fresh(m, f->how->now_s, err);
	if (r == 0)
		r = take_new(f, take_ptr(m), &bytes, err);
	if (r == 0)
		keep_validator(f, &bytes);
	return r;
}

/* No file may vanish from the snapshot, and none may go back. */
static int check_snapshot(const struct metadata *old, const struct metadata *new,
			  struct oak_error *err)
{
	json_t *meta = json_object_get(metadata_signed(old), "meta"), *object;
	const char *file;

	json_object_foreach(meta, file, object)
	{
		struct metadata_link was, is;
		char what[128];
		int r;

		if (!metadata_find_link(old, file, &was))
			continue;
		if (!metadata_find_link(new, file, &is))
			return oak_fail(err, OAK_E_TRUST,
					"snapshot.json: %.100s is no longer listed (rollback)",
					file);
		(void)snprintf(what, sizeof(what), "%.100s ", file);
		r = refuse_rollback("snapshot.json", what, is.version, was.version, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int fetch_child(struct refresh *f, enum tuf_role role, const struct metadata_link *link,
		       struct buf *ret, struct oak_error *err)
{
	size_t max = tuf_role_max_bytes(role);
	char path[64];

	if (metadata_consistent_snapshot(f->c->trusted[TUF_ROOT]))
		(void)snprintf(path, sizeof(path), "%llu.%s", (unsigned long long)link->version,
			       tuf_role_file(role));
	else
		(void)snprintf(path, sizeof(path), "%s", tuf_role_file(role));
	if (link->length && link->length < max)
		max = (size_t)link->length;
	return get(f, path, max, ret, err);
}

static int update_child(struct refresh *f, enum tuf_role role, struct oak_error *err)
{
	_cleanup_(metadata_freep) struct metadata *m = NULL;
	_cleanup_(buf_free) struct buf bytes = { 0 };
	struct metadata_link link;
	int r = client_link(f->c, role, &link, err);

	if (r < 0)
		return r;
	/* What is stored may be it already. */
	if (client_read(f->c, role, &bytes, NULL) == 0 &&
	    client_check_child(f->c, role, &link, &bytes, &m, NULL) == 0) {
		r = metadata_check_fresh(m, f->how->now_s, err);
		return r < 0 ? r : client_take(f->c, take_ptr(m), &bytes, false, err);
	}
	bytes.len = 0;
	if (role == TUF_SNAPSHOT)
		r = load_for_comparison(f->c, role, err);
	if (r == 0)
		r = fetch_child(f, role, &link, &bytes, err);
	if (r == 0)
		r = client_check_child(f->c, role, &link, &bytes, &m, err);
	if (r == 0 && role == TUF_SNAPSHOT && f->c->trusted[role])
		r = check_snapshot(f->c->trusted[role], m, err);
	if (r == 0)
		r = metadata_check_fresh(m, f->how->now_s, err);
	return r < 0 ? r : take_new(f, take_ptr(m), &bytes, err);
}

/*
 * A daemon has verified what is stored, and holds it: where the stored timestamp is still the one
 * that it knows, so is all that it vouches for. Only time goes on.
 */
static bool is_loaded(const struct refresh *f)
{
	_cleanup_(buf_free) struct buf stored = { 0 };

	for (enum tuf_role role = TUF_ROOT; role < TUF_ROLES; role++)
		if (!f->c->trusted[role] ||
		    metadata_check_fresh(f->c->trusted[role], f->how->now_s, NULL) < 0)
			return false;
	return client_read(f->c, TUF_TIMESTAMP, &stored, NULL) == 0 &&
	       is_trusted_timestamp(f, &stored);
}

/* Return: 1 where the repository's timestamp is the trusted one and all is fresh. */
static int peek(struct refresh *f, struct oak_error *err)
{
	int r;

	if (!is_loaded(f) && tuf_client_load(f->c, f->how->now_s, NULL) < 0)
		return 0;
	(void)validator_load(f->c->dirfd, f->fetcher->url, &f->c->timestamp, &f->validator);
	r = get_timestamp(f, &f->peeked, err);
	if (r != 0)
		return r;
	keep_validator(f, &f->peeked);
	return is_trusted_timestamp(f, &f->peeked);
}

/* Two refreshes at once could store an older file over a newer one. */
static int lock(const struct tuf_client *c, struct oak_error *err)
{
	if (c->dirfd < 0 || flock(c->dirfd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno == EWOULDBLOCK)
		return oak_fail(err, OAK_E_AGAIN, "another refresh is running; try again later");
	return oak_fail_errno(err, errno, "cannot lock the trusted metadata");
}

static int run(struct refresh *f, struct oak_error *err)
{
	int r = 0;

	if (f->how->quick)
		r = peek(f, err);
	if (r > 0)
		return 0;
	client_forget(f->c, TUF_TARGETS);
	if (r == 0)
		r = update_root(f, err);
	if (r == 0)
		r = load_for_comparison(f->c, TUF_TIMESTAMP, err);
	if (r == 0)
		r = update_timestamp(f, err);
	if (r == 0)
		r = update_child(f, TUF_SNAPSHOT, err);
	if (r == 0)
		r = update_child(f, TUF_TARGETS, err);
	if (r < 0)
		client_forget(f->c, TUF_TARGETS);
	else
		client_remove_unlisted(f->c);
	return r;
}

int tuf_client_refresh(struct tuf_client *c, const struct fetcher *fetcher,
		       const struct tuf_refresh *how, struct oak_error *err)
{
	struct refresh f = { .c = c, .fetcher = fetcher, .how = how };
	int r = lock(c, err);

	assert(how->now_s >= 0);
	if (r < 0)
		return r;
	r = run(&f, err);
	buf_free(&f.peeked);
	if (c->dirfd >= 0)
		(void)flock(c->dirfd, LOCK_UN);
	return r < 0 ? r : f.changed;
}
