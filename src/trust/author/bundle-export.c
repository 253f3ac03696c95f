/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "trust/author/archive.h"
#include "trust/author/bundle.h"
#include "trust/author/names.h"
#include "trust/author/state.h"
#include "trust/levels.h"
#include "trust/target.h"

struct export
{
	struct repo *repo;
	struct tarball *tar;
	struct bundle_sum sum;
	const char *const *kernels;
	size_t n_kernels;
	size_t seen; /* kernels of the list that have levels */
};

/* One file as it lies in the repository. */
static int put_file(struct export *x, const char *name, size_t max, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf bytes = { 0 };
	int r = x->repo->fetcher.fetch(x->repo->fetcher.ctx, name, max, &bytes, err);

	if (r == 0)
		r = tarball_add(x->tar, name, &bytes, err);
	if (r < 0)
		return r;
	x->sum.files++;
	x->sum.bytes += bytes.len;
	return 0;
}

static int put_role(struct export *x, const char *name, const struct metadata *m,
		    struct oak_error *err)
{
	char file[ROLE_FILE_MAX];

	role_published_file(name, metadata_version(m), file);
	return put_file(x, file, tuf_role_max_bytes(metadata_role(m)), err);
}

/*
 * Of "kernels/<arch>/<build-id>/...": is the kernel one of those that are wanted? What is of no kernel
 * (the CVE database) is for every host.
 */
static bool is_wanted(const struct export *x, const char *path)
{
	if (!x->n_kernels || strncmp(path, "kernels/", strlen("kernels/")) != 0)
		return true;
	for (size_t i = 0; i < x->n_kernels; i++) {
		const char *at = strstr(path, x->kernels[i]);

		if (at && at > path && at[-1] == '/' && at[strlen(x->kernels[i])] == '/')
			return true;
	}
	return false;
}

static int put_target(struct export *x, const struct tuf_target *target, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf bytes = { 0 }, name = { 0 };
	_cleanup_(freep) char *file = target_file(target, true);
	int r;

	if (!file || buf_printf(&name, "targets/%s", file) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = tuf_client_download(x->repo->client, target, &x->repo->fetcher, &bytes, err);
	if (r == 0)
		r = tarball_add(x->tar, buf_str(&name), &bytes, err);
	if (r < 0)
		return r;
	progress_step(x->repo->opt->progress, "packed %s", target->path);
	x->sum.files++;
	x->sum.bytes += bytes.len;
	return 0;
}

/* The role's file and targets, where it has any that are wanted. */
static int put_targets(struct export *x, const char *name, const struct metadata *m, bool always,
		       struct oak_error *err)
{
	struct tuf_target_iter it = { 0 };
	struct tuf_target target;
	size_t n = 0;
	int r = 0;

	while (r == 0 && target_next(metadata_targets(m), &it, &target)) {
		const char *end = strrchr(target.path, '/');

		if (!is_wanted(x, target.path))
			continue;
		n++;
		x->seen += end && strcmp(end, "/levels.json") == 0;
		r = put_target(x, &target, err);
	}
	return r < 0 || (!n && !always) ? r : put_role(x, name, m, err);
}

static int put_bins(struct export *x, const struct metadata *targets, struct oak_error *err)
{
	const struct delegations *d = metadata_delegations(targets);
	const struct tuf_lookup how = { .fetcher = &x->repo->fetcher, .now_s = x->repo->opt->now_s };
	int r = 0;

	for (size_t i = 0; r == 0 && d && i < d->n; i++) {
		const struct metadata *m;

		r = tuf_client_delegated(x->repo->client, d->roles[i].name, &d->roles[i].signers,
					 &how, &m, err);
		if (r == 0)
			r = put_targets(x, d->roles[i].name, m, !x->n_kernels, err);
	}
	return r;
}

static int put_roots(struct export *x, uint64_t newest, struct oak_error *err)
{
	int r = 0;

	for (uint64_t v = 1; r == 0 && v <= newest; v++) {
		char file[ROLE_FILE_MAX];

		role_published_file("root", v, file);
		r = put_file(x, file, TUF_ROOT_BYTES_MAX, err);
	}
	return r;
}

/* In the order of publishing, so that even a bundle that is unpacked by hand is never a mix. */
static int put_all(struct export *x, struct oak_error *err)
{
	struct tuf_client *c = x->repo->client;
	const struct metadata *targets = tuf_client_metadata(c, TUF_TARGETS);
	const struct metadata *timestamp = tuf_client_metadata(c, TUF_TIMESTAMP);
	int r = put_bins(x, targets, err);

	if (r == 0)
		r = put_targets(x, "targets", targets, true, err);
	if (r == 0 && x->n_kernels && x->seen < x->n_kernels)
		r = oak_fail(err, OAK_E_NOTFOUND, "%s: has no levels for %zu of the %zu kernels",
			     x->repo->opt->dir, x->n_kernels - x->seen, x->n_kernels);
	if (r == 0)
		r = put_role(x, "snapshot", tuf_client_metadata(c, TUF_SNAPSHOT), err);
	if (r == 0)
		r = put_roots(x, metadata_version(tuf_client_metadata(c, TUF_ROOT)), err);
	if (r == 0)
		r = put_role(x, "timestamp", timestamp, err);
	x->sum.timestamp_version = metadata_version(timestamp);
	(void)snprintf(x->sum.expires, sizeof(x->sum.expires), "%s", metadata_expires(timestamp));
	return r;
}

/* What has expired could not be imported anywhere. */
static int check_fresh(struct repo *repo, struct oak_error *err)
{
	for (enum tuf_role role = TUF_ROOT; role < TUF_ROLES; role++) {
		int r = metadata_check_fresh(tuf_client_metadata(repo->client, role),
					     repo->opt->now_s, err);

		if (r < 0)
			return r;
	}
	return 0;
}

int bundle_export(const struct repo_options *opt, const char *file, const char *const *kernels,
		  size_t n, struct bundle_sum *ret, struct oak_error *err)
{
	struct export x = { .kernels = kernels, .n_kernels = n };
	_cleanup_(tarball_closep) struct tarball *tar = NULL;
	_cleanup_(repo_closep) struct repo *repo = NULL;
	int r = repo_open(opt, &repo, err);

	if (r == 0 && !repo->client)
		r = oak_fail(err, OAK_E_REFUSED, "%s: nothing is published yet", opt->dir);
	if (r == 0)
		r = check_fresh(repo, err);
	if (r == 0)
		r = tarball_create(file, &tar, err);
	if (r < 0)
		return r;
	x.repo = repo;
	x.tar = tar;
	r = put_all(&x, err);
	if (r == 0)
		r = tarball_finish(tar, err);
	*ret = x.sum;
	return r;
}
