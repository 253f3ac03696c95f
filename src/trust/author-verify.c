/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "trust/author.h"
#include "trust/client.h"
#include "trust/level.h"

/* A level must also unpack to the module that its manifest names. */
static int verify_level(const struct tuf_target *target, const struct buf *packed,
			struct oak_error *err)
{
	_cleanup_(manifest_freep) struct manifest *m = NULL;
	_cleanup_(buf_free) struct buf module = { 0 };
	int r;

	if (strncmp(target->path, "kernels/", 8) != 0)
		return 0;
	r = level_manifest(target, &m, err);
	if (!m)
		return r;
	r = level_unpack(m, packed->data, packed->len, &module, err);
	return r < 0 ? oak_context(err, "%s", target->path) : 0;
}

static int verify_targets(const struct tuf_client *c, const struct fetcher *fetcher,
			  const struct progress *progress, struct repo_audit *audit,
			  struct oak_error *err)
{
	struct tuf_target_iter it = { 0 };
	struct tuf_target target;

	while (tuf_client_next_target(c, &it, &target)) {
		_cleanup_(buf_free) struct buf packed = { 0 };
		int r = tuf_client_download(c, &target, fetcher, &packed, err);

		if (r == 0)
			r = verify_level(&target, &packed, err);
		if (r < 0)
			return r;
		audit->targets++;
		audit->bytes += packed.len;
		progress_step(progress, "verified %s", target.path);
	}
	return 0;
}

static int verify(const struct repo_options *opt, const struct buf *root,
		  const struct fetcher *fetcher, struct repo_audit *ret, struct oak_error *err)
{
	const struct tuf_refresh how = { .now_s = opt->now_s, .progress = opt->progress };
	_cleanup_(tuf_client_closep) struct tuf_client *c = NULL;
	struct repo_audit audit = { 0 };
	int r = tuf_client_open_memory(root->data, root->len, &c, err);

	if (r == 0)
		r = tuf_client_refresh(c, fetcher, &how, err);
	if (r >= 0)
		r = verify_targets(c, fetcher, opt->progress, &audit, err);
	if (r < 0)
		return r;
	audit.root_version = metadata_version(tuf_client_metadata(c, TUF_ROOT));
	audit.timestamp_version = metadata_version(tuf_client_metadata(c, TUF_TIMESTAMP));
	audit.snapshot_version = metadata_version(tuf_client_metadata(c, TUF_SNAPSHOT));
	audit.targets_version = metadata_version(tuf_client_metadata(c, TUF_TARGETS));
	*ret = audit;
	return 0;
}

int repo_verify(const struct repo_options *opt, struct repo_audit *ret, struct oak_error *err)
{
	_cleanup_(fetcher_close) struct fetcher fetcher = { 0 };
	_cleanup_(buf_free) struct buf root = { 0 };
	int r = fetcher_open(opt->dir, &fetcher, err);

	if (r < 0)
		return r;
	r = fetcher.fetch(fetcher.ctx, "1.root.json", TUF_ROOT_BYTES_MAX, &root, err);
	if (r == 0)
		r = verify(opt, &root, &fetcher, ret, err);
	return r < 0 ? oak_context(err, "%s", opt->dir) : 0;
}
