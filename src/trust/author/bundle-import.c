/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "trust/author/archive.h"
#include "trust/author/bundle.h"
#include "trust/author/names.h"
#include "trust/author/repo-open.h"
#include "trust/author/state.h"
#include "trust/target.h"

#define UNPACKED_DIR ".import"

struct import {
	struct repo *repo; /* the directory; its client believes what is there, then the bundle */
	struct fetcher fetcher; /* of the unpacked bundle */
	struct bundle_sum sum;
	uint64_t old_root; /* 0: none */
	bool root_last;
};

static int unpack(struct import *x, const char *file, struct oak_error *err)
{
	_cleanup_(freep) char *dir = path_join(x->repo->opt->dir, UNPACKED_DIR);
	_cleanup_(closep) int fd = -1;
	int r;

	if (!dir)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	/* What a crash left. */
	r = tree_remove(x->repo->dirfd, UNPACKED_DIR, err);
	if (r == 0)
		r = dir_make(x->repo->dirfd, UNPACKED_DIR, err);
	if (r < 0)
		return r;
	fd = openat(x->repo->dirfd, UNPACKED_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return oak_fail_errno(err, errno, "%s", dir);
	r = tarball_extract(file, fd, err);
	return r < 0 ? r : fetcher_open(dir, &x->fetcher, err);
}

/*
 * What the directory holds. Where an import was interrupted between the roots and the timestamp,
 * the roots are newer than the rest: they are believed, and the bundle brings the rest.
 */
static int start_from_directory(struct import *x, struct oak_error *err)
{
	const struct metadata *root;
	int r = author_reload(x->repo, err);

	root = x->repo->client ? tuf_client_metadata(x->repo->client, TUF_ROOT) : NULL;
	if (r < 0 && (!root || (r != -OAK_E_TRUST && r != -OAK_E_NOTFOUND)))
		return r;
	x->old_root = metadata_version(root);
	return 0;
}

/* What is trusted before: the directory's own state, or the root that was given for an empty one. */
static int start(struct import *x, const char *root, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf bytes = { 0 };
	int r;

	if (file_exists(x->repo->dirfd, "1.root.json"))
		return start_from_directory(x, err);
	if (!root)
		return oak_fail(err, OAK_E_REFUSED,
				"%s: holds no repository yet; give the root that you trust: --root "
				"ROOT.json",
				x->repo->opt->dir);
	r = file_read(AT_FDCWD, root, TUF_ROOT_BYTES_MAX, &bytes, err);
	return r < 0 ? r : tuf_client_open_memory(bytes.data, bytes.len, &x->repo->client, err);
}

static bool has_file(const struct import *x, const char *name)
{
	_cleanup_(freep) char *path = path_join(UNPACKED_DIR, name);

	return path && file_exists(x->repo->dirfd, path);
}

static int put(struct import *x, const char *name, const struct buf *bytes, struct oak_error *err)
{
	int r = author_write_file(x->repo, name, bytes, err);

	x->sum.files++;
	x->sum.bytes += bytes->len;
	return r;
}

/* A file whose checks have all passed, byte for byte. */
static int copy_file(struct import *x, const char *name, size_t max, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf bytes = { 0 };
	int r = x->fetcher.fetch(x->fetcher.ctx, name, max, &bytes, err);

	return r < 0 ? r : put(x, name, &bytes, err);
}

static int copy_role(struct import *x, const char *name, const struct metadata *m,
		     struct oak_error *err)
{
	char file[ROLE_FILE_MAX];

	role_published_file(name, metadata_version(m), file);
	return copy_file(x, file, tuf_role_max_bytes(metadata_role(m)), err);
}

/* A bundle of some kernels leaves the targets of others out. */
static int copy_targets(struct import *x, const struct metadata *m, struct oak_error *err)
{
	struct tuf_target_iter it = { 0 };
	struct tuf_target target;
	int r = 0;

	while (r == 0 && target_next(metadata_targets(m), &it, &target)) {
		_cleanup_(freep) char *file = target_file(&target, true);
		_cleanup_(freep) char *path = file ? path_join("targets", file) : NULL;
		_cleanup_(buf_free) struct buf bytes = { 0 };

		if (!path)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		if (!has_file(x, path))
			continue;
		r = tuf_client_download(x->repo->client, &target, &x->fetcher, &bytes, err);
		if (r == 0)
			r = put(x, path, &bytes, err);
		progress_step(x->repo->opt->progress, "verified %s", target.path);
	}
	return r;
}

static int copy_bins(struct import *x, const struct metadata *targets, struct oak_error *err)
{
	const struct tuf_lookup how = { .fetcher = &x->fetcher, .now_s = x->repo->opt->now_s };
	const struct metadata *snapshot = tuf_client_metadata(x->repo->client, TUF_SNAPSHOT);
	const struct delegations *d = metadata_delegations(targets);
	int r = 0;

	for (size_t i = 0; r == 0 && d && i < d->n; i++) {
		struct metadata_link link;
		const struct metadata *m;
		char file[ROLE_FILE_MAX];

		role_file(d->roles[i].name, file);
		if (!metadata_find_link(snapshot, file, &link))
			continue;
		role_published_file(d->roles[i].name, link.version, file);
		if (!has_file(x, file))
			continue;
		r = tuf_client_delegated(x->repo->client, d->roles[i].name, &d->roles[i].signers,
					 &how, &m, err);
		if (r == 0)
			r = copy_targets(x, m, err);
		if (r == 0)
			r = copy_role(x, d->roles[i].name, m, err);
	}
	return r;
}

static int copy_roots(struct import *x, struct oak_error *err)
{
	uint64_t newest = metadata_version(tuf_client_metadata(x->repo->client, TUF_ROOT));
	int r = 0;

	for (uint64_t v = x->old_root + 1; r == 0 && v <= newest; v++) {
		char file[ROLE_FILE_MAX];

		role_published_file("root", v, file);
		r = copy_file(x, file, TUF_ROOT_BYTES_MAX, err);
	}
	return r;
}

/* The order of publishing; see trust/author/publish.c for where the roots come. */
static int copy_all(struct import *x, struct oak_error *err)
{
	struct tuf_client *c = x->repo->client;
	const struct metadata *targets = tuf_client_metadata(c, TUF_TARGETS);
	int r = copy_bins(x, targets, err);

	if (r == 0)
		r = copy_targets(x, targets, err);
	if (r == 0)
		r = copy_role(x, "targets", targets, err);
	if (r == 0)
		r = copy_role(x, "snapshot", tuf_client_metadata(c, TUF_SNAPSHOT), err);
	if (r == 0 && !x->root_last)
		r = copy_roots(x, err);
	if (r == 0)
		r = copy_role(x, "timestamp", tuf_client_metadata(c, TUF_TIMESTAMP), err);
	if (r == 0 && x->root_last)
		r = copy_roots(x, err);
	return r;
}

/* 0: none */
static uint64_t version_of(const struct import *x, enum tuf_role role)
{
	const struct metadata *m = tuf_client_metadata(x->repo->client, role);

	return m ? metadata_version(m) : 0;
}

/* Would those who know only the directory's present root believe all that is new? */
static bool signed_by_old_root(const struct import *x, const struct metadata *old)
{
	for (enum tuf_role role = TUF_TIMESTAMP; role < TUF_ROLES; role++)
		if (metadata_verify(tuf_client_metadata(x->repo->client, role),
				    metadata_signers(old, role), NULL) < 0)
			return false;
	return true;
}

static int verify(struct import *x, struct oak_error *err)
{
	const struct tuf_refresh how = { .now_s = x->repo->opt->now_s,
					 .progress = x->repo->opt->progress };
	_cleanup_(metadata_freep) struct metadata *old_root = NULL;
	const struct metadata *timestamp;
	uint64_t had = version_of(x, TUF_TIMESTAMP);
	int r = metadata_copy(tuf_client_metadata(x->repo->client, TUF_ROOT), &old_root, err);

	if (r == 0)
		r = tuf_client_refresh(x->repo->client, &x->fetcher, &how, err);
	if (r < 0)
		return r;
	timestamp = tuf_client_metadata(x->repo->client, TUF_TIMESTAMP);
	if (version_of(x, TUF_ROOT) == x->old_root && metadata_version(timestamp) == had)
		return oak_fail(err, OAK_E_NOTHING, "%s: has all of it already", x->repo->opt->dir);
	x->root_last = x->old_root && signed_by_old_root(x, old_root);
	x->sum.timestamp_version = metadata_version(timestamp);
	(void)snprintf(x->sum.expires, sizeof(x->sum.expires), "%s", metadata_expires(timestamp));
	return 0;
}

int bundle_import(const struct repo_options *opt, const char *file, const char *root,
		  struct bundle_sum *ret, struct oak_error *err)
{
	_cleanup_(repo_closep) struct repo *repo = NULL;
	struct import x = { 0 };
	struct oak_error ignored;
	int r = dir_make(AT_FDCWD, opt->dir, err);

	if (r == 0)
		r = repo_open_dir(opt, &repo, err);
	if (r < 0)
		return r;
	assert(repo);
	x.repo = repo;
	r = unpack(&x, file, err);
	if (r == 0)
		r = start(&x, root, err);
	if (r == 0) {
		r = verify(&x, err);
		if (r < 0 && r != -OAK_E_NOTHING)
			r = oak_context(err, "%s", file);
	}
	if (r == 0)
		r = copy_all(&x, err);
	fetcher_close(&x.fetcher);
	if (tree_remove(repo->dirfd, UNPACKED_DIR, &ignored) < 0)
		progress_step(opt->progress, "%s", ignored.msg);
	*ret = x.sum;
	return r;
}
