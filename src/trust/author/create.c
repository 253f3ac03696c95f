/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "trust/author/names.h"
#include "trust/author/repo-open.h"
#include "trust/author/root-edit.h"
#include "trust/author/state.h"

static int make_dir(const char *path, mode_t mode, struct oak_error *err)
{
	bool existed = file_exists(AT_FDCWD, path);
	int r = dir_make(AT_FDCWD, path, err);

	if (r == 0 && !existed && chmod(path, mode) < 0)
		return oak_fail_errno(err, errno, "%s", path);
	return r;
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

static bool holds_repository(const char *dir)
{
	static const char *const files[] = { "1.root.json", "timestamp.json", AUTHOR_STAGED_FILE };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		_cleanup_(freep) char *path = path_join(dir, files[i]);

		if (path && file_exists(AT_FDCWD, path))
			return true;
	}
	return false;
}

int repo_prepare(const struct repo_options *opt, struct oak_error *err)
{
	int r = make_dir(opt->dir, 0755, err);

	if (r == 0)
		r = make_dir(opt->keys, 0700, err);
	if (r == 0)
		r = refuse_keys_below(opt, err);
	if (r == 0 && holds_repository(opt->dir))
		return oak_fail(err, OAK_E_REFUSED, "%s: a repository is there already", opt->dir);
	return r;
}

static int stage_root(struct repo *repo, const struct repo_design *design, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *j =
		author_new_signed(TUF_ROOT, 1, repo->opt->now_s, author_life_s(TUF_ROOT));

	if (!j || json_object_set_new(j, "consistent_snapshot", json_true()) < 0 ||
	    json_object_set_new(j, "keys", json_object()) < 0 ||
	    json_object_set_new(j, "roles", json_object()) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (enum tuf_role role = TUF_ROOT; role < TUF_ROLES; role++) {
		int r = root_set_role(j, role, &design->roles[role], err);

		if (r < 0)
			return r;
	}
	return author_stage(repo, "root", take_ptr(j), err);
}

/* "delegations": every bin, signed by whoever signs targets. */
static json_t *bin_delegations(unsigned digits, const json_t *keys, const json_t *role)
{
	json_t *list = json_array(), *d = json_pack("{s:O, s:o}", "keys", keys, "roles", list);

	for (unsigned i = 0; d && i < 1u << (4 * digits); i++) {
		char name[ROLE_NAME_MAX];

		bin_name(i, digits, name);
		(void)json_array_append_new(
			list, json_pack("{s:s, s:O, s:O, s:b, s:o}", "name", name, "keyids",
					json_object_get(role, "keyids"), "threshold",
					json_object_get(role, "threshold"), "terminating", 1,
					"paths", bin_patterns(i, digits)));
	}
	return d;
}

static int stage_targets(struct repo *repo, unsigned digits, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *j =
		author_new_signed(TUF_TARGETS, 1, repo->opt->now_s, author_life_s(TUF_TARGETS));
	const json_t *root = metadata_signed(staged_find(&repo->staged, "root"));
	const json_t *role = json_object_get(json_object_get(root, "roles"), "targets");
	_cleanup_(json_decrefp) json_t *keys = root_keys_of(root, role);

	if (!j || !keys || json_object_set_new(j, "targets", json_object()) < 0 ||
	    (digits &&
	     json_object_set_new(j, "delegations", bin_delegations(digits, keys, role)) < 0))
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return author_stage(repo, "targets", take_ptr(j), err);
}

static int stage_bins(struct repo *repo, unsigned digits, struct oak_error *err)
{
	for (unsigned i = 0; digits && i < 1u << (4 * digits); i++) {
		json_t *j = author_new_signed(TUF_TARGETS, 1, repo->opt->now_s,
					      author_life_s(TUF_TARGETS));
		char name[ROLE_NAME_MAX];
		int r;

		bin_name(i, digits, name);
		if (!j || json_object_set_new(j, "targets", json_object()) < 0) {
			json_decref(j);
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		}
		r = author_stage(repo, name, j, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int repo_create(const struct repo_options *opt, const struct repo_design *design, struct repo **ret,
		struct oak_error *err)
{
	_cleanup_(repo_closep) struct repo *repo = NULL;
	int r = repo_open_dir(opt, &repo, err);

	if (r == 0 && holds_repository(opt->dir))
		r = oak_fail(err, OAK_E_REFUSED, "%s: a repository is there already", opt->dir);
	if (r == 0)
		r = keystore_open(opt->keys, opt->ask, &repo->keys, err);
	if (r == 0)
		r = stage_root(repo, design, err);
	if (r == 0)
		r = stage_targets(repo, design->bin_digits, err);
	if (r == 0)
		r = stage_bins(repo, design->bin_digits, err);
	if (r == 0)
		r = author_save(repo, err);
	if (r < 0)
		return r;
	*ret = take_ptr(repo);
	return 0;
}
