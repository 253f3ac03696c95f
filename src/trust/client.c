/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/client.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "trust/client-state.h"
#include "trust/url.h"

static enum keyid_rule keyids_of(const struct tuf_options *opt)
{
	return opt && opt->opaque_keyids ? KEYID_OPAQUE : KEYID_IS_HASH;
}

static int parse_trusted_root(enum keyid_rule keyids, const void *data, size_t len,
			      const char *name, struct metadata **ret, struct oak_error *err)
{
	_cleanup_(metadata_freep) struct metadata *root = NULL;
	int r = metadata_parse_as(TUF_ROOT, keyids, data, len, name, &root, err);

	if (r == 0)
		r = metadata_verify(root, metadata_signers(root, TUF_ROOT), err);
	if (r < 0)
		return r;
	*ret = take_ptr(root);
	return 0;
}

/* Names the state's own file, so that an error points at it. */
static int state_context(struct oak_error *err, const char *dir)
{
	return oak_context(err, "%s", dir);
}

static int refuse_other_root(int dirfd, const char *dir, const void *root, size_t len,
			     struct oak_error *err)
{
	_cleanup_(buf_free) struct buf have = { 0 };
	int r = file_read(dirfd, tuf_role_file(TUF_ROOT), TUF_ROOT_BYTES_MAX, &have, err);

	if (r == -OAK_E_NOTFOUND)
		return 0;
	if (r < 0)
		return state_context(err, dir);
	if (have.len == len && memcmp(have.data, root, len) == 0)
		return -OAK_E_NOTHING;
	return oak_fail(err, OAK_E_REFUSED,
			"%s already trusts another root; remove that directory to start over", dir);
}

int tuf_client_init(const char *dir, const void *root, size_t len, struct oak_error *err)
{
	return tuf_client_init_as(dir, NULL, root, len, err);
}

int tuf_client_init_as(const char *dir, const struct tuf_options *opt, const void *root, size_t len,
		       struct oak_error *err)
{
	_cleanup_(metadata_freep) struct metadata *m = NULL;
	_cleanup_(closep) int dirfd = -1;
	int r;

	r = parse_trusted_root(keyids_of(opt), root, len, tuf_role_file(TUF_ROOT), &m, err);
	if (r == 0)
		r = dir_make(AT_FDCWD, dir, err);
	if (r < 0)
		return r;
	dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0)
		return oak_fail_errno(err, errno, "%s", dir);
	r = refuse_other_root(dirfd, dir, root, len, err);
	if (r == -OAK_E_NOTHING)
		return 0;
	if (r == 0)
		r = file_write(dirfd, tuf_role_file(TUF_ROOT), root, len, CLIENT_FILE_MODE, err);
	return r;
}

static int new_client(const struct tuf_options *opt, struct tuf_client **ret, struct oak_error *err)
{
	_cleanup_(tuf_client_closep) struct tuf_client *c = calloc(1, sizeof(*c));

	if (!c)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	c->dirfd = -1;
	c->keyids = keyids_of(opt);
	c->prefix = strdup(opt && opt->targets_prefix ? opt->targets_prefix : "targets/");
	if (!c->prefix)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	*ret = take_ptr(c);
	return 0;
}

int tuf_client_open(const char *dir, const struct tuf_options *opt, struct tuf_client **ret,
		    struct oak_error *err)
{
	_cleanup_(tuf_client_closep) struct tuf_client *c = NULL;
	_cleanup_(buf_free) struct buf root = { 0 };
	int r = new_client(opt, &c, err);

	if (r < 0)
		return r;
	c->dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c->dirfd < 0 && errno != ENOENT)
		return oak_fail_errno(err, errno, "%s", dir);
	if (c->dirfd < 0 || !file_exists(c->dirfd, tuf_role_file(TUF_ROOT)))
		return oak_fail(err, OAK_E_NOTFOUND, "%s: no repository is trusted yet", dir);
	r = client_read(c, TUF_ROOT, &root, err);
	if (r == 0)
		r = parse_trusted_root(c->keyids, root.data, root.len, tuf_role_file(TUF_ROOT),
				       &c->trusted[TUF_ROOT], err);
	if (r < 0)
		return state_context(err, dir);
	*ret = take_ptr(c);
	return 0;
}

int tuf_client_open_memory(const void *root, size_t len, struct tuf_client **ret,
			   struct oak_error *err)
{
	_cleanup_(tuf_client_closep) struct tuf_client *c = NULL;
	int r = new_client(NULL, &c, err);

	if (r == 0)
		r = parse_trusted_root(c->keyids, root, len, "1.root.json", &c->trusted[TUF_ROOT],
				       err);
	if (r < 0)
		return r;
	*ret = take_ptr(c);
	return 0;
}

int client_take(struct tuf_client *c, struct metadata *m, const struct buf *bytes, bool store,
		struct oak_error *err)
{
	_cleanup_(metadata_freep) struct metadata *guard = m;
	enum tuf_role role = metadata_role(m);

	if (store && c->dirfd >= 0) {
		int r = file_write(c->dirfd, tuf_role_file(role), bytes->data, bytes->len,
				   CLIENT_FILE_MODE, err);

		if (r < 0)
			return oak_context(err, "cannot store what was verified");
	}
	if (role == TUF_TIMESTAMP) {
		c->timestamp.len = 0;
		if (buf_add(&c->timestamp, bytes->data, bytes->len) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	client_forget(c, role);
	c->trusted[role] = take_ptr(guard);
	return 0;
}

void client_forget(struct tuf_client *c, enum tuf_role role)
{
	metadata_free(c->trusted[role]);
	c->trusted[role] = NULL;
	client_forget_delegated(c);
}

int client_read(const struct tuf_client *c, enum tuf_role role, struct buf *ret,
		struct oak_error *err)
{
	if (c->dirfd < 0)
		return oak_fail(err, OAK_E_NOTFOUND, "%s: not stored", tuf_role_file(role));
	return file_read(c->dirfd, tuf_role_file(role), tuf_role_max_bytes(role), ret, err);
}

static enum tuf_role parent_of(enum tuf_role role)
{
	assert(role == TUF_SNAPSHOT || role == TUF_TARGETS);
	return role == TUF_SNAPSHOT ? TUF_TIMESTAMP : TUF_SNAPSHOT;
}

int client_link(const struct tuf_client *c, enum tuf_role role, struct metadata_link *ret,
		struct oak_error *err)
{
	enum tuf_role parent = parent_of(role);

	if (!metadata_find_link(c->trusted[parent], tuf_role_file(role), ret))
		return oak_fail(err, OAK_E_FORMAT, "%s: does not list %s", tuf_role_file(parent),
				tuf_role_file(role));
	return 0;
}

int client_check(const struct tuf_client *c, enum tuf_role role, const struct buf *bytes,
		 struct metadata **ret, struct oak_error *err)
{
	_cleanup_(metadata_freep) struct metadata *m = NULL;
	int r = metadata_parse_as(role, c->keyids, bytes->data, bytes->len, tuf_role_file(role), &m,
				  err);

	if (r == 0)
		r = metadata_verify(m, metadata_signers(c->trusted[TUF_ROOT], role), err);
	if (r < 0)
		return r;
	*ret = take_ptr(m);
	return 0;
}

int client_check_version(const struct metadata *m, const struct metadata_link *link,
			 const char *parent, struct oak_error *err)
{
	if (metadata_version(m) == link->version)
		return 0;
	return oak_fail(err, OAK_E_TRUST, "%s: version %llu, but %s says %llu", metadata_name(m),
			(unsigned long long)metadata_version(m), parent,
			(unsigned long long)link->version);
}

int client_check_child(const struct tuf_client *c, enum tuf_role role,
		       const struct metadata_link *link, const struct buf *bytes,
		       struct metadata **ret, struct oak_error *err)
{
	const char *name = tuf_role_file(role), *parent = tuf_role_file(parent_of(role));
	_cleanup_(metadata_freep) struct metadata *m = NULL;
	int r;

	/* Hashes before parsing: with them the parser sees only bytes that somebody signed. */
	r = metadata_link_check(link, name, parent, bytes->data, bytes->len, err);
	if (r == 0)
		r = client_check(c, role, bytes, &m, err);
	if (r == 0)
		r = client_check_version(m, link, parent, err);
	if (r < 0)
		return r;
	*ret = take_ptr(m);
	return 0;
}

static int load_role(struct tuf_client *c, enum tuf_role role, int64_t now_s, struct oak_error *err)
{
	_cleanup_(metadata_freep) struct metadata *m = NULL;
	_cleanup_(buf_free) struct buf bytes = { 0 };
	struct metadata_link link;
	int r = client_read(c, role, &bytes, err);

	if (r == 0 && role == TUF_TIMESTAMP)
		r = client_check(c, role, &bytes, &m, err);
	else if (r == 0) {
		r = client_link(c, role, &link, err);
		if (r == 0)
			r = client_check_child(c, role, &link, &bytes, &m, err);
	}
	if (r == 0 && now_s >= 0)
		r = metadata_check_fresh(m, now_s, err);
	return r < 0 ? r : client_take(c, take_ptr(m), &bytes, false, err);
}

int tuf_client_load(struct tuf_client *c, int64_t now_s, struct oak_error *err)
{
	int r = 0;

	client_forget(c, TUF_TARGETS);
	if (now_s >= 0)
		r = metadata_check_fresh(c->trusted[TUF_ROOT], now_s, err);
	for (enum tuf_role role = TUF_TIMESTAMP; r == 0 && role < TUF_ROLES; role++)
		r = load_role(c, role, now_s, err);
	return r;
}

const struct metadata *tuf_client_metadata(const struct tuf_client *c, enum tuf_role role)
{
	return c->trusted[role];
}

int tuf_client_download(const struct tuf_client *c, const struct tuf_target *target,
			const struct fetcher *fetcher, struct buf *ret, struct oak_error *err)
{
	bool consistent = metadata_consistent_snapshot(c->trusted[TUF_ROOT]);
	_cleanup_(freep) char *file = target_file(target, consistent);
	_cleanup_(buf_free) struct buf url = { 0 }, bytes = { 0 };
	int r;

	if (!file || buf_add_str(&url, c->prefix) < 0 || url_quote(file, &url) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = fetcher->fetch(fetcher->ctx, buf_str(&url), target->length, &bytes, err);
	if (r == 0)
		r = tuf_target_check(target, bytes.data, bytes.len, err);
	if (r < 0)
		return r;
	if (ret->len == 0) { /* the usual case: no second copy of a module */
		buf_free(ret);
		*ret = bytes;
		bytes = (struct buf){ 0 };
		return 0;
	}
	return buf_add(ret, bytes.data, bytes.len) < 0 ? oak_fail(err, OAK_E_NOMEM, "out of memory")
						       : 0;
}

void tuf_client_close(struct tuf_client *c)
{
	if (!c)
		return;
	for (enum tuf_role role = TUF_ROOT; role < TUF_ROLES; role++)
		metadata_free(c->trusted[role]);
	client_forget_delegated(c);
	buf_free(&c->timestamp);
	free(c->prefix);
	if (c->dirfd >= 0)
		(void)close(c->dirfd);
	free(c);
}
