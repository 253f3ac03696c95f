/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "trust/author-state.h"
#include "trust/date.h"

static const struct metadata *published(const struct repo *repo, enum tuf_role role)
{
	return tuf_client_metadata(repo->client, role);
}

/* Signs with the keys at hand; too few of them is a refusal before anything is written. */
static int sign_fully(const struct repo *repo, struct metadata *m, struct oak_error *err)
{
	const struct metadata *root = published(repo, TUF_ROOT);
	enum tuf_role role = metadata_role(m);
	int r = author_sign(m, root, &repo->keys, err);

	if (r < 0)
		return r;
	r = metadata_verify(m, metadata_signers(root, role), err);
	if (r == -OAK_E_TRUST)
		return oak_fail(err, OAK_E_REFUSED,
				"%s needs the signatures of %u of its keys; %s does not have enough",
				tuf_role_name(role), metadata_signers(root, role)->threshold,
				repo->opt->keys ? repo->opt->keys : "the key directory (not given)");
	return r;
}

/* A snapshot or timestamp, one version on, that lists one file. Takes @link. */
static int next_parent(const struct repo *repo, enum tuf_role role, const char *file, json_t *link,
		       struct metadata **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *meta = json_pack("{s:o}", file, link);
	_cleanup_(json_decrefp)
		json_t *j = author_new_signed(role, metadata_version(published(repo, role)) + 1,
					      repo->opt->now_s);
	_cleanup_(metadata_freep) struct metadata *m = NULL;
	int r;

	if (!meta || !j || json_object_set(j, "meta", meta) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = metadata_new(role, tuf_role_file(role), take_ptr(j), &m, err);
	if (r == 0)
		r = sign_fully(repo, m, err);
	if (r < 0)
		return r;
	*ret = take_ptr(m);
	return 0;
}

/* "meta" of a published file, to be listed again. New reference. */
static json_t *same_link(const struct repo *repo, enum tuf_role parent, enum tuf_role child)
{
	const json_t *meta = json_object_get(metadata_signed(published(repo, parent)), "meta");

	return json_deep_copy(json_object_get(meta, tuf_role_file(child)));
}

/*
 * Everything is signed before anything is written, so that a missing key changes nothing.
 * Then targets, snapshot, timestamp: see author.h. Either of the first two may be NULL: unchanged.
 */
static int write_in_order(struct repo *repo, const struct metadata *targets,
			  const struct metadata *snapshot, const struct metadata *timestamp,
			  struct oak_error *err)
{
	const struct metadata *order[] = { targets, snapshot, timestamp };

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		_cleanup_(buf_free) struct buf bytes = { 0 };
		int r;

		if (!order[i])
			continue;
		r = author_write(repo->dirfd, order[i], &bytes, err);
		if (r < 0)
			return r;
		progress_step(repo->opt->progress, "published %s version %llu (%zu bytes)",
			      tuf_role_name(metadata_role(order[i])),
			      (unsigned long long)metadata_version(order[i]), bytes.len);
	}
	return author_reload(repo, err);
}

static int link_of(const struct metadata *m, json_t **ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf bytes = { 0 };
	int r = author_text(m, &bytes, err);

	if (r < 0)
		return r;
	*ret = author_link(metadata_version(m), &bytes);
	return *ret ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

/* Publishes @targets (NULL: the present ones), a new snapshot where @snapshot_too, a timestamp. */
static int publish(struct repo *repo, const struct metadata *targets, bool snapshot_too,
		   struct oak_error *err)
{
	_cleanup_(metadata_freep) struct metadata *snapshot = NULL, *timestamp = NULL;
	json_t *link = NULL;
	int r = 0;

	if (snapshot_too) {
		if (targets)
			r = link_of(targets, &link, err);
		else
			link = same_link(repo, TUF_SNAPSHOT, TUF_TARGETS);
		if (r == 0)
			r = next_parent(repo, TUF_SNAPSHOT, "targets.json", link, &snapshot, err);
		if (r == 0)
			r = link_of(snapshot, &link, err);
	} else {
		link = same_link(repo, TUF_TIMESTAMP, TUF_SNAPSHOT);
	}
	if (r == 0)
		r = next_parent(repo, TUF_TIMESTAMP, "snapshot.json", link, &timestamp, err);
	return r < 0 ? r : write_in_order(repo, targets, snapshot, timestamp, err);
}

static void report(const struct repo *repo, struct repo_published *ret)
{
	*ret = (struct repo_published){
		.targets_version = metadata_version(published(repo, TUF_TARGETS)),
		.snapshot_version = metadata_version(published(repo, TUF_SNAPSHOT)),
		.timestamp_version = metadata_version(published(repo, TUF_TIMESTAMP)),
	};
	(void)snprintf(ret->expires, sizeof(ret->expires), "%s",
		       metadata_expires(published(repo, TUF_TIMESTAMP)));
}

/* Nobody has signed it yet, so its life may begin now instead of when it was staged. */
static int renew_unsigned(struct repo *repo, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *j = NULL;
	struct metadata *next;
	char expires[DATE_TEXT_MAX];
	int r;

	if (metadata_n_signatures(repo->staged))
		return 0;
	j = json_deep_copy(metadata_signed(repo->staged));
	date_format(repo->opt->now_s + author_life_s(TUF_TARGETS), expires);
	if (!j || json_object_set_new(j, "expires", json_string(expires)) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = metadata_new(TUF_TARGETS, "targets.json", take_ptr(j), &next, err);
	if (r < 0)
		return r;
	metadata_free(repo->staged);
	repo->staged = next;
	return 0;
}

int repo_sign(struct repo *repo, struct repo_published *ret, struct oak_error *err)
{
	int r;

	if (!repo->staged)
		return oak_fail(err, OAK_E_NOTHING, "%s: nothing is staged", repo->opt->dir);
	r = renew_unsigned(repo, err);
	if (r == 0)
		r = sign_fully(repo, repo->staged, err);
	if (r == 0)
		r = publish(repo, repo->staged, true, err);
	if (r < 0)
		return r;
	metadata_free(repo->staged);
	repo->staged = NULL;
	report(repo, ret);
	/* A crash before this line leaves a stale file, which repo_open() knows by its version. */
	if (unlinkat(repo->dirfd, AUTHOR_STAGED_FILE, 0) < 0)
		return oak_fail_errno(err, errno, "%s", AUTHOR_STAGED_FILE);
	return 0;
}

int repo_refresh(struct repo *repo, struct repo_published *ret, struct oak_error *err)
{
	int64_t left = metadata_expires_s(published(repo, TUF_SNAPSHOT)) - repo->opt->now_s;
	int r = publish(repo, NULL, left < author_life_s(TUF_SNAPSHOT) / 2, err);

	if (r < 0)
		return r;
	report(repo, ret);
	return 0;
}
