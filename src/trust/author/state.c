/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/author/state.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "trust/author/names.h"
#include "trust/date.h"
#include "trust/target.h"

#define DAY_S 86400

int64_t author_life_s(enum tuf_role role)
{
	/* Short where the key is online and the file is renewed by a timer. */
	static const int64_t days[TUF_ROLES] = {
		[TUF_ROOT] = 365,
		[TUF_TARGETS] = 90,
		[TUF_SNAPSHOT] = 7,
		[TUF_TIMESTAMP] = 1,
	};

	return days[role] * DAY_S;
}

json_t *author_new_signed(enum tuf_role role, uint64_t version, int64_t now_s, int64_t life_s)
{
	char expires[DATE_TEXT_MAX];

	date_format(now_s + life_s, expires);
	return json_pack("{s:s, s:s, s:I, s:s}", "_type", tuf_role_name(role), "spec_version",
			 AUTHOR_SPEC_VERSION, "version", (json_int_t)version, "expires", expires);
}

json_t *author_link(uint64_t version, const struct buf *bytes, bool hashes)
{
	char hex[SHA256_HEX_MAX];

	if (!hashes)
		return json_pack("{s:I, s:I}", "version", (json_int_t)version, "length",
				 (json_int_t)bytes->len);
	sha256_hex(bytes->data, bytes->len, hex);
	return json_pack("{s:I, s:I, s:{s:s}}", "version", (json_int_t)version, "length",
			 (json_int_t)bytes->len, "hashes", "sha256", hex);
}

static int published_bin(struct repo *repo, const char *name, const struct metadata **ret,
			 struct oak_error *err)
{
	const struct tuf_lookup how = { .fetcher = &repo->fetcher, .now_s = -1 };
	const struct metadata *targets = tuf_client_metadata(repo->client, TUF_TARGETS);
	const struct delegations *d = metadata_delegations(targets);
	const struct signers *signers = d ? delegations_signers(d, name) : NULL;

	*ret = NULL;
	return signers ? tuf_client_delegated(repo->client, name, signers, &how, ret, err) : 0;
}

int author_published(struct repo *repo, const char *name, const struct metadata **ret,
		     struct oak_error *err)
{
	enum tuf_role role = role_of_name(name);

	*ret = NULL;
	if (!repo->client)
		return 0;
	if (role == TUF_TARGETS && strcmp(name, tuf_role_name(role)) != 0)
		return published_bin(repo, name, ret, err);
	*ret = tuf_client_metadata(repo->client, role);
	return 0;
}

int author_latest(struct repo *repo, const char *name, const struct metadata **ret,
		  struct oak_error *err)
{
	*ret = staged_find(&repo->staged, name);
	return *ret ? 0 : author_published(repo, name, ret, err);
}

int author_next(struct repo *repo, const char *name, json_t **ret, struct oak_error *err)
{
	enum tuf_role role = role_of_name(name);
	_cleanup_(json_decrefp) json_t *fresh = NULL, *next = NULL;
	const struct metadata *latest = NULL, *published = NULL;
	int r = author_latest(repo, name, &latest, err);

	if (r == 0)
		r = author_published(repo, name, &published, err);
	if (r < 0)
		return r;
	if (!latest)
		return oak_fail(err, OAK_E_NOTFOUND, "%s: the repository has no such role", name);
	fresh = author_new_signed(role, published ? metadata_version(published) + 1 : 1,
				  repo->opt->now_s, author_life_s(role));
	next = json_deep_copy(metadata_signed(latest));
	if (!fresh || !next || json_object_update(next, fresh) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	*ret = take_ptr(next);
	return 0;
}

int author_stage(struct repo *repo, const char *name, json_t *signed_part, struct oak_error *err)
{
	char file[ROLE_FILE_MAX];
	struct metadata *m;
	int r;

	role_file(name, file);
	r = metadata_new(role_of_name(name), file, signed_part, &m, err);
	return r < 0 ? r : staged_put(&repo->staged, name, m, err);
}

static int tell_signers(struct repo *repo, struct oak_error *err)
{
	for (size_t i = 0; i < repo->staged.n; i++) {
		const struct signers *sets[STAGED_SETS_MAX];
		size_t n;
		int r = author_signers(repo, repo->staged.roles[i].name, sets, &n, err);

		if (r == 0)
			r = staged_want(&repo->staged, repo->staged.roles[i].name, sets, n, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int author_save(struct repo *repo, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = tell_signers(repo, err);

	if (r == 0)
		r = staged_text(&repo->staged, &text, err);
	if (r == 0)
		r = file_write(repo->dirfd, AUTHOR_STAGED_FILE, text.data, text.len,
			       AUTHOR_FILE_MODE, err);
	return r;
}

static size_t add_set(const struct signers **sets, size_t n, const struct signers *set)
{
	if (!set || (n && signers_equal(sets[0], set) && sets[0]->threshold == set->threshold))
		return n;
	sets[n] = set;
	return n + 1;
}

/* Of a role that a targets file, the latest, delegates to. */
static int bin_signers(struct repo *repo, const char *name, const struct signers **ret,
		       struct oak_error *err)
{
	const struct metadata *targets;
	int r = author_latest(repo, "targets", &targets, err);

	if (r < 0)
		return r;
	*ret = targets && metadata_delegations(targets)
		       ? delegations_signers(metadata_delegations(targets), name)
		       : NULL;
	return *ret ? 0
		    : oak_fail(err, OAK_E_NOTFOUND, "%s: the repository has no such role", name);
}

int author_signers(struct repo *repo, const char *name, const struct signers *sets[STAGED_SETS_MAX],
		   size_t *ret_n, struct oak_error *err)
{
	const struct metadata *old = NULL, *new = NULL;
	enum tuf_role role = role_of_name(name);
	size_t n;
	int r = author_published(repo, "root", &old, err);

	if (r == 0)
		r = author_latest(repo, "root", &new, err);
	if (r < 0)
		return r;
	if (role == TUF_TARGETS && strcmp(name, tuf_role_name(role)) != 0) {
		*ret_n = 1;
		return bin_signers(repo, name, &sets[0], err);
	}
	if (!new)
		return oak_fail(err, OAK_E_NOTFOUND, "%s: has no root", repo->opt->dir);
	n = add_set(sets, 0, metadata_signers(new, role));
	*ret_n = old ? add_set(sets, n, metadata_signers(old, role)) : n;
	return 0;
}

int author_sign(const struct repo *repo, struct metadata *m, const struct signers *const *sets,
		size_t n, struct oak_error *err)
{
	for (size_t s = 0; repo->keys && s < n; s++) {
		for (size_t i = 0; i < sets[s]->n; i++) {
			const struct tuf_key *key;
			int r;

			if (!keystore_has(repo->keys, sets[s]->ids[i]) ||
			    metadata_signed_by(m, sets[s]->ids[i]))
				continue;
			r = keystore_unlock(repo->keys, sets[s]->ids[i], &key, err);
			if (r == 0)
				r = metadata_sign(m, key, err);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

int author_text(const struct metadata *m, struct buf *ret, struct oak_error *err)
{
	size_t max = tuf_role_max_bytes(metadata_role(m));
	int r = metadata_text(m, ret, err);

	if (r == 0 && ret->len > max)
		return oak_fail(err, OAK_E_REFUSED,
				"%s would have %zu bytes, and hosts accept at most %zu; a repository "
				"with more bins (oakum-repo init --bins) has smaller ones",
				metadata_name(m), ret->len, max);
	return r;
}

/* Seconds; 0 where there is no such file. */
static int64_t mtime_of(const struct repo *repo, const char *path)
{
	struct stat st;

	return fstatat(repo->dirfd, path, &st, 0) < 0 ? 0 : (int64_t)st.st_mtim.tv_sec;
}

/*
 * Web servers make an ETag of the file's time, in seconds, and its size. A file that is replaced
 * within a second by one as long would keep it, and hosts would be told that nothing has changed.
 */
static int make_younger(const struct repo *repo, const char *path, int64_t than_s,
			struct oak_error *err)
{
	const struct timespec times[2] = { { .tv_sec = than_s + 1 }, { .tv_sec = than_s + 1 } };

	if (mtime_of(repo, path) > than_s || utimensat(repo->dirfd, path, times, 0) == 0)
		return 0;
	return oak_fail_errno(err, errno, "%s/%s", repo->opt->dir, path);
}

int author_write_file(const struct repo *repo, const char *path, const struct buf *bytes,
		      struct oak_error *err)
{
	int64_t old_s = mtime_of(repo, path);
	_cleanup_(freep) char *dir = strdup(path);
	char *slash = dir ? strrchr(dir, '/') : NULL;
	int r = 0;

	if (!dir)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (slash) {
		*slash = '\0';
		r = dir_make(repo->dirfd, dir, err);
	}
	if (r == 0)
		r = file_write(repo->dirfd, path, bytes->data, bytes->len, AUTHOR_FILE_MODE, err);
	/* All others have a version or a hash in their names. */
	if (r == 0 && strcmp(path, tuf_role_file(TUF_TIMESTAMP)) == 0)
		r = make_younger(repo, path, old_s, err);
	return r;
}

int author_put_target(const struct repo *repo, json_t *targets, const struct author_target *target,
		      struct oak_error *err)
{
	struct tuf_target t = { .path = target->path, .length = target->bytes->len };
	_cleanup_(json_decrefp) json_t *entry = NULL;
	_cleanup_(freep) char *file = NULL, *where = NULL;

	sha256_hex(target->bytes->data, target->bytes->len, target->ret_sha256);
	t.hashes.sha256 = target->ret_sha256;
	file = target_file(&t, true);
	where = file ? path_join("targets", file) : NULL;
	entry = json_pack("{s:I, s:{s:s}, s:O*}", "length", (json_int_t)t.length, "hashes",
			  "sha256", target->ret_sha256, "custom", target->custom);
	if (!where || !entry || json_object_set(targets, t.path, entry) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return author_write_file(repo, where, target->bytes, err);
}
