/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "trust/author/names.h"
#include "trust/author/publish.h"
#include "trust/author/state.h"
#include "trust/date.h"

/* Nobody has signed it yet, so its life may begin now instead of when it was staged. */
static int renew_unsigned(struct repo *repo, struct staged_role *role, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *j = NULL;
	char expires[DATE_TEXT_MAX];

	if (metadata_n_signatures(role->m))
		return 0;
	j = json_deep_copy(metadata_signed(role->m));
	date_format(repo->opt->now_s + author_life_s(metadata_role(role->m)), expires);
	if (!j || json_object_set_new(j, "expires", json_string(expires)) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return author_stage(repo, role->name, take_ptr(j), err);
}

/* How many more than it has does one of the sets want? Of the first set that wants any. */
static bool is_waiting(const struct metadata *m, const struct signers *const *sets, size_t n,
		       struct repo_waiting *ret)
{
	for (size_t i = 0; i < n; i++) {
		unsigned have = metadata_count_good(m, sets[i]);

		*ret = (struct repo_waiting){ .have = have, .need = sets[i]->threshold };
		if (have < sets[i]->threshold)
			return true;
	}
	return false;
}

/* The sets whose signatures the role cannot do without: see author_signers(). */
static size_t required(const char *name, size_t n)
{
	return role_of_name(name) == TUF_ROOT || n == 0 ? n : 1;
}

static int sign_role(struct repo *repo, size_t i, struct repo_outcome *out, struct oak_error *err)
{
	const struct signers *sets[STAGED_SETS_MAX];
	struct repo_waiting waiting;
	struct staged_role *role;
	size_t n, before;
	int r = renew_unsigned(repo, &repo->staged.roles[i], err);

	if (r < 0)
		return r;
	role = &repo->staged.roles[i];
	before = metadata_n_signatures(role->m);
	r = author_signers(repo, role->name, sets, &n, err);
	if (r == 0)
		r = author_sign(repo, role->m, sets, n, err);
	if (r < 0)
		return r;
	out->n_signed += metadata_n_signatures(role->m) - before;
	if (!is_waiting(role->m, sets, required(role->name, n), &waiting))
		return 0;
	(void)snprintf(waiting.role, sizeof(waiting.role), "%s", role->name);
	if (out->n_waiting < sizeof(out->waiting) / sizeof(out->waiting[0]))
		out->waiting[out->n_waiting] = waiting;
	out->n_waiting++;
	return 0;
}

static int sign_staged(struct repo *repo, struct repo_outcome *out, struct oak_error *err)
{
	int r = 0;

	/* Root and targets change who signs the rest, but were staged before and stay as they are. */
	for (size_t i = 0; r == 0 && i < repo->staged.n; i++)
		r = sign_role(repo, i, out, err);
	return r;
}

/* A role that is published as it stands must verify with the keys that will be asked for. */
static int check_unstaged(struct repo *repo, const char *name, struct oak_error *err)
{
	const struct signers *sets[STAGED_SETS_MAX] = { NULL };
	const struct metadata *m;
	size_t n;
	int r;

	if (staged_find(&repo->staged, name))
		return 0;
	r = author_published(repo, name, &m, err);
	if (r == 0)
		r = author_signers(repo, name, sets, &n, err);
	if (r < 0)
		return r;
	if (m && metadata_verify(m, sets[0], NULL) == 0)
		return 0;
	return oak_fail(err, OAK_E_REFUSED,
			"%s is not signed by the keys that the staged files name; stage it with: "
			"oakum-repo rotate %s --role targets",
			name, repo->opt->dir);
}

/* Only a new root or new delegations can leave something behind. */
static int check_rest(struct repo *repo, struct oak_error *err)
{
	const struct metadata *targets = staged_find(&repo->staged, "targets");
	const struct delegations *d = targets ? metadata_delegations(targets) : NULL;
	int r = 0;

	if (staged_find(&repo->staged, "root"))
		r = check_unstaged(repo, "targets", err);
	for (size_t i = 0; r == 0 && d && i < d->n; i++)
		r = check_unstaged(repo, d->roles[i].name, err);
	return r;
}

/* A snapshot or timestamp that is not among what is staged: made here, signed by online keys. */
static int sign_online(struct repo *repo, const char *name, json_t *signed_part,
		       struct staged *roles, struct oak_error *err)
{
	const struct signers *sets[STAGED_SETS_MAX] = { NULL };
	enum tuf_role role = role_of_name(name);
	_cleanup_(metadata_freep) struct metadata *m = NULL;
	size_t n = 0;
	int r = metadata_new(role, tuf_role_file(role), signed_part, &m, err);

	if (r == 0)
		r = author_signers(repo, name, sets, &n, err);
	if (r == 0)
		r = author_sign(repo, m, sets, n, err);
	if (r < 0)
		return r;
	assert(n > 0 && sets[0]); /* a root names them */
	if (metadata_verify(m, sets[0], NULL) < 0)
		return oak_fail(err, OAK_E_REFUSED,
				"%s needs the signatures of %u of its keys; %s does not have enough",
				name, sets[0]->threshold,
				repo->opt->keys ? repo->opt->keys : "the key directory (not given)");
	return staged_put(roles, name, take_ptr(m), err);
}

/* "meta" of the next snapshot: what is published, with the staged roles instead. New reference. */
static int snapshot_meta(const struct repo *repo, const struct staged *roles, json_t **ret,
			 struct oak_error *err)
{
	const struct metadata *old = repo->client ? tuf_client_metadata(repo->client, TUF_SNAPSHOT)
						  : NULL;
	_cleanup_(json_decrefp) json_t *meta =
		old ? json_deep_copy(json_object_get(metadata_signed(old), "meta")) : json_object();

	for (size_t i = 0; meta && i < roles->n; i++) {
		const struct staged_role *role = &roles->roles[i];
		_cleanup_(buf_free) struct buf text = { 0 };
		char file[ROLE_FILE_MAX];
		bool hashes = strcmp(role->name, "targets") == 0;
		int r;

		if (metadata_role(role->m) != TUF_TARGETS)
			continue;
		role_file(role->name, file);
		r = author_text(role->m, &text, err);
		if (r < 0)
			return r;
		/* Without hashes: every host reads the whole list, and a version says enough. */
		if (json_object_set_new(meta, file,
					author_link(metadata_version(role->m), &text, hashes)) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	*ret = take_ptr(meta);
	return *ret ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

static uint64_t next_version(const struct repo *repo, enum tuf_role role)
{
	const struct metadata *m = repo->client ? tuf_client_metadata(repo->client, role) : NULL;

	return m ? metadata_version(m) + 1 : 1;
}

static int64_t life_s(enum tuf_role role, int64_t wanted_s)
{
	return wanted_s > author_life_s(role) ? wanted_s : author_life_s(role);
}

static int add_snapshot(struct repo *repo, struct staged *roles, int64_t wanted_s,
			struct oak_error *err)
{
	_cleanup_(json_decrefp)
		json_t *j = author_new_signed(TUF_SNAPSHOT, next_version(repo, TUF_SNAPSHOT),
					      repo->opt->now_s, life_s(TUF_SNAPSHOT, wanted_s));
	json_t *meta;
	int r = snapshot_meta(repo, roles, &meta, err);

	if (r < 0)
		return r;
	if (!j || json_object_set_new(j, "meta", meta) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return sign_online(repo, "snapshot", take_ptr(j), roles, err);
}

/* The link to the snapshot among @roles, or to the published one. New reference, or NULL. */
static json_t *snapshot_link(const struct repo *repo, const struct staged *roles)
{
	const struct metadata *snapshot = staged_find(roles, "snapshot");
	_cleanup_(buf_free) struct buf text = { 0 };
	const json_t *meta;

	if (snapshot)
		return author_text(snapshot, &text, NULL) < 0
			       ? NULL
			       : author_link(metadata_version(snapshot), &text, true);
	meta = json_object_get(metadata_signed(tuf_client_metadata(repo->client, TUF_TIMESTAMP)),
			       "meta");
	return json_deep_copy(json_object_get(meta, "snapshot.json"));
}

static int add_timestamp(struct repo *repo, struct staged *roles, int64_t wanted_s,
			 struct oak_error *err)
{
	int64_t life = wanted_s ? wanted_s : author_life_s(TUF_TIMESTAMP);
	_cleanup_(json_decrefp)
		json_t *j = author_new_signed(TUF_TIMESTAMP, next_version(repo, TUF_TIMESTAMP),
					      repo->opt->now_s, life);
	json_t *meta = json_pack("{s:o}", "snapshot.json", snapshot_link(repo, roles));

	if (!j || json_object_set_new(j, "meta", meta) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return sign_online(repo, "timestamp", take_ptr(j), roles, err);
}

static uint64_t version_of(const struct repo *repo, enum tuf_role role)
{
	return metadata_version(tuf_client_metadata(repo->client, role));
}

static void report(const struct repo *repo, struct repo_outcome *out)
{
	out->published = true;
	out->root_version = version_of(repo, TUF_ROOT);
	out->targets_version = version_of(repo, TUF_TARGETS);
	out->snapshot_version = version_of(repo, TUF_SNAPSHOT);
	out->timestamp_version = version_of(repo, TUF_TIMESTAMP);
	(void)snprintf(out->expires, sizeof(out->expires), "%s",
		       metadata_expires(tuf_client_metadata(repo->client, TUF_TIMESTAMP)));
}

/* Everything is signed before anything is written, so that a missing key changes nothing. */
static int publish_staged(struct repo *repo, struct oak_error *err)
{
	_cleanup_(staged_free) struct staged roles = { 0 };
	int r = check_rest(repo, err);

	/* They share their documents with what is staged: of a large repository 50 MB. */
	for (size_t i = 0; r == 0 && i < repo->staged.n; i++) {
		const struct staged_role *role = &repo->staged.roles[i];
		struct metadata *same;

		r = metadata_from_envelope(metadata_role(role->m), metadata_envelope(role->m),
					   metadata_name(role->m), &same, err);
		if (r == 0)
			r = staged_put(&roles, role->name, same, err);
	}
	if (r == 0)
		r = add_snapshot(repo, &roles, 0, err);
	if (r == 0)
		r = add_timestamp(repo, &roles, 0, err);
	return r < 0 ? r : publish_roles(repo, &roles, err);
}

int repo_sign(struct repo *repo, struct repo_outcome *ret, struct oak_error *err)
{
	struct repo_outcome out = { 0 };
	int r;

	if (!repo->staged.n)
		return oak_fail(err, OAK_E_NOTHING, "%s: nothing is staged", repo->opt->dir);
	r = sign_staged(repo, &out, err);
	if (r == 0 && out.n_signed)
		r = author_save(repo, err);
	if (r == 0 && !out.n_waiting) {
		r = publish_staged(repo, err);
		if (r == 0)
			report(repo, &out);
	}
	*ret = out;
	return r;
}

int repo_request(struct repo *repo, const char *path, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	int r;

	if (!repo->staged.n)
		return oak_fail(err, OAK_E_NOTHING, "%s: nothing is staged", repo->opt->dir);
	r = staged_text(&repo->staged, &text, err);
	return r < 0 ? r : file_write(AT_FDCWD, path, text.data, text.len, 0644, err);
}

/* An answer may hold what a publishing that was interrupted has published since. */
static int drop_what_is_published(struct repo *repo, struct staged *from, struct oak_error *err)
{
	for (size_t i = from->n; i-- > 0;) {
		const struct staged_role *role = &from->roles[i];
		const struct metadata *now = NULL;
		int r = staged_find(&repo->staged, role->name)
				? 0
				: author_published(repo, role->name, &now, err);

		if (r < 0)
			return r;
		if (!staged_find(&repo->staged, role->name) && now &&
		    json_equal(metadata_signed(now), metadata_signed(role->m)))
			staged_drop(from, role->name);
	}
	return 0;
}

/* What is no signature must not take the place of one that is. */
static int drop_bad_signatures(struct repo *repo, const struct staged *from, struct oak_error *err)
{
	for (size_t i = 0; i < from->n; i++) {
		const struct signers *sets[STAGED_SETS_MAX];
		size_t n;
		int r = author_signers(repo, from->roles[i].name, sets, &n, err);

		if (r == 0)
			r = metadata_keep_good(from->roles[i].m, sets, n, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int repo_merge(struct repo *repo, const char *path, size_t *ret_n, struct oak_error *err)
{
	_cleanup_(staged_free) struct staged from = { 0 };
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = file_read(AT_FDCWD, path, STAGED_BYTES_MAX, &text, err);

	if (r == 0)
		r = staged_parse(text.data, text.len, path, &from, err);
	if (r == 0)
		r = drop_what_is_published(repo, &from, err);
	*ret_n = 0;
	if (r == 0 && !from.n)
		return 0;
	if (r == 0)
		r = drop_bad_signatures(repo, &from, err);
	if (r == 0)
		r = staged_merge(&repo->staged, &from, ret_n, err);
	return r < 0 ? r : author_save(repo, err);
}

int repo_refresh(struct repo *repo, int64_t wanted_s, struct repo_outcome *ret,
		 struct oak_error *err)
{
	_cleanup_(staged_free) struct staged roles = { 0 };
	int64_t left_s, want_s;
	int r = 0;

	if (!repo->client)
		return oak_fail(err, OAK_E_REFUSED, "%s: nothing is published yet", repo->opt->dir);
	left_s = metadata_expires_s(tuf_client_metadata(repo->client, TUF_SNAPSHOT)) -
		 repo->opt->now_s;
	want_s = wanted_s > author_life_s(TUF_SNAPSHOT) / 2 ? wanted_s
							    : author_life_s(TUF_SNAPSHOT) / 2;
	if (left_s < want_s)
		r = add_snapshot(repo, &roles, wanted_s, err);
	if (r == 0)
		r = add_timestamp(repo, &roles, wanted_s, err);
	if (r == 0)
		r = publish_roles(repo, &roles, err);
	*ret = (struct repo_outcome){ 0 };
	if (r == 0)
		report(repo, ret);
	return r;
}
