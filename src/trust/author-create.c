/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "trust/author-state.h"

/* What repo_create() makes, in order. */
struct creation {
	const struct repo_options *opt;
	int dirfd, keysfd;
	struct keyring keys; /* by role */
	struct metadata *root;
};

static int open_dir(const char *path, mode_t mode, int *ret, struct oak_error *err)
{
	bool existed = file_exists(AT_FDCWD, path);
	int r = dir_make(AT_FDCWD, path, err);
	int fd;

	if (r < 0)
		return r;
	if (!existed && chmod(path, mode) < 0)
		return oak_fail_errno(err, errno, "%s", path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return oak_fail_errno(err, errno, "%s", path);
	*ret = fd;
	return 0;
}

/* A web server would hand the keys out. Both directories exist. */
static int refuse_keys_below(const struct repo_options *opt, struct oak_error *err)
{
	char dir[PATH_MAX], keys[PATH_MAX];
	size_t len;

	if (!realpath(opt->dir, dir))
		return oak_fail_errno(err, errno, "%s", opt->dir);
	if (!realpath(opt->keys, keys))
		return oak_fail_errno(err, errno, "%s", opt->keys);
	len = strlen(dir);
	if (strncmp(dir, keys, len) == 0 && (keys[len] == '/' || keys[len] == '\0'))
		return oak_fail(err, OAK_E_REFUSED,
				"%s lies below %s, where a web server would hand the keys out; choose "
				"a directory elsewhere",
				opt->keys, opt->dir);
	return 0;
}

static int open_dirs(struct creation *x, struct oak_error *err)
{
	int r = open_dir(x->opt->dir, 0755, &x->dirfd, err);

	if (r == 0)
		r = open_dir(x->opt->keys, 0700, &x->keysfd, err);
	if (r == 0)
		r = refuse_keys_below(x->opt, err);
	if (r == 0 &&
	    (file_exists(x->dirfd, "1.root.json") || file_exists(x->dirfd, "timestamp.json")))
		return oak_fail(err, OAK_E_REFUSED, "%s: a repository is there already",
				x->opt->dir);
	return r;
}

static int make_keys(struct creation *x, struct oak_error *err)
{
	x->keys.keys = calloc(TUF_ROLES, sizeof(struct tuf_key *));
	if (!x->keys.keys)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (enum tuf_role role = TUF_ROOT; role < TUF_ROLES; role++) {
		char name[32];
		int r = tuf_key_generate(&x->keys.keys[role], err);

		if (r < 0)
			return r;
		x->keys.n++;
		(void)snprintf(name, sizeof(name), "%s.pem", tuf_role_name(role));
		r = tuf_key_save(x->keys.keys[role], x->keysfd, name, err);
		if (r < 0)
			return oak_context(err, "%s", x->opt->keys);
		progress_step(x->opt->progress, "key of %s: %s/%s", tuf_role_name(role),
			      x->opt->keys, name);
	}
	return 0;
}

/* Adds one key to a root: to its "keys", and as the only one of @role. */
static int root_add(json_t *signed_part, enum tuf_role role, const struct tuf_key *key)
{
	json_t *keys = json_object_get(signed_part, "keys");
	json_t *roles = json_object_get(signed_part, "roles");

	if (json_object_set_new(keys, tuf_key_id(key), tuf_key_json(key)) < 0)
		return -ENOMEM;
	return json_object_set_new(roles, tuf_role_name(role),
				   json_pack("{s:[s], s:i}", "keyids", tuf_key_id(key), "threshold",
					     1)) < 0
		       ? -ENOMEM
		       : 0;
}

static int make_root(struct creation *x, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *j = author_new_signed(TUF_ROOT, 1, x->opt->now_s);

	if (!j || json_object_set_new(j, "consistent_snapshot", json_true()) < 0 ||
	    json_object_set_new(j, "keys", json_object()) < 0 ||
	    json_object_set_new(j, "roles", json_object()) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (enum tuf_role role = TUF_ROOT; role < TUF_ROLES; role++)
		if (root_add(j, role, x->keys.keys[role]) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return metadata_new(TUF_ROOT, "root.json", take_ptr(j), &x->root, err);
}

/*
 * Signs and writes version 1 of a role. @member ("targets" {}, "meta" {}) is what it holds; taken,
 * also on failure. @ret: the bytes, for the link of the parent.
 */
static int make_role(const struct creation *x, enum tuf_role role, const char *member,
		     json_t *value, struct buf *ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *j = author_new_signed(role, 1, x->opt->now_s);
	_cleanup_(json_decrefp) json_t *guard = value;
	_cleanup_(metadata_freep) struct metadata *m = NULL;
	int r;

	if (!j || json_object_set(j, member, guard) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = metadata_new(role, tuf_role_file(role), take_ptr(j), &m, err);
	if (r == 0)
		r = author_sign(m, x->root, &x->keys, err);
	if (r == 0)
		r = author_write(x->dirfd, m, ret, err);
	return r;
}

/* The same order as every publishing: timestamp.json, which makes it a repository, is last. */
static int write_all(const struct creation *x, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf root = { 0 }, targets = { 0 }, snapshot = { 0 };
	_cleanup_(buf_free) struct buf timestamp = { 0 };
	int r = author_sign(x->root, x->root, &x->keys, err);

	if (r == 0)
		r = author_write(x->dirfd, x->root, &root, err);
	if (r == 0)
		r = make_role(x, TUF_TARGETS, "targets", json_object(), &targets, err);
	if (r == 0)
		r = make_role(x, TUF_SNAPSHOT, "meta",
			      json_pack("{s:o}", "targets.json", author_link(1, &targets)),
			      &snapshot, err);
	if (r == 0)
		r = make_role(x, TUF_TIMESTAMP, "meta",
			      json_pack("{s:o}", "snapshot.json", author_link(1, &snapshot)),
			      &timestamp, err);
	return r;
}

int repo_create(const struct repo_options *opt, struct oak_error *err)
{
	struct creation x = { .opt = opt, .dirfd = -1, .keysfd = -1 };
	int r = open_dirs(&x, err);

	if (r == 0)
		r = make_keys(&x, err);
	if (r == 0)
		r = make_root(&x, err);
	if (r == 0)
		r = write_all(&x, err);
	metadata_free(x.root);
	keyring_free(&x.keys);
	closep(&x.dirfd);
	closep(&x.keysfd);
	return r;
}
