/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "trust/author/levels-edit.h"
#include "trust/author/names.h"
#include "trust/author/state.h"
#include "trust/canonical.h"
#include "trust/container.h"
#include "trust/date.h"
#include "trust/fields.h"
#include "trust/target.h"

static int check_module(const char *path, const struct buf *module, const struct manifest *m,
			struct oak_error *err)
{
	char hex[SHA256_HEX_MAX];

	sha256_hex(module->data, module->len, hex);
	if (module->len != m->module.size)
		return oak_fail(err, OAK_E_REFUSED, "%s: %zu bytes, but the manifest says %llu",
				path, module->len, (unsigned long long)m->module.size);
	if (strcmp(hex, m->module.sha256) != 0)
		return oak_fail(
			err, OAK_E_REFUSED,
			"%s: sha256 is %s, but the manifest says %s; the module is not the one "
			"that was built with it",
			path, hex, m->module.sha256);
	return 0;
}

/* The role that vouches for the path: the first that targets delegates it to, or targets itself. */
static int role_for(struct repo *repo, const char *path, char ret[ROLE_NAME_MAX],
		    struct oak_error *err)
{
	const struct metadata *targets;
	struct delegation_iter it = { 0 };
	struct delegation d;
	int r = author_latest(repo, "targets", &targets, err);

	if (r < 0)
		return r;
	(void)snprintf(ret, ROLE_NAME_MAX, "targets");
	if (metadata_delegations(targets) &&
	    delegations_next(metadata_delegations(targets), path, &it, &d))
		(void)snprintf(ret, ROLE_NAME_MAX, "%s", d.name);
	return 0;
}

/* What a change of one kernel's levels works on: the next version of the role that has them. */
struct edit {
	struct repo *repo;
	char list_path[MANIFEST_PATH_MAX];
	char role[ROLE_NAME_MAX];
	json_t *next;         /* "signed" */
	const json_t *levels; /* the present list, borrowed from it; NULL: none */
};

static int begin(struct repo *repo, const char *arch, const char *build_id, struct edit *ret,
		 struct oak_error *err)
{
	int r;

	*ret = (struct edit){ .repo = repo };
	levels_path(arch, build_id, ret->list_path);
	r = role_for(repo, ret->list_path, ret->role, err);
	if (r == 0)
		r = author_next(repo, ret->role, &ret->next, err);
	if (r < 0)
		return r;
	ret->levels = json_object_get(json_object_get(json_object_get(ret->next, "targets"),
						      ret->list_path),
				      "custom");
	return 0;
}

static void edit_end(struct edit *e)
{
	json_decref(e->next);
}

/* A target of the role that is changed. @custom may be NULL. */
static int put_target(struct edit *e, const char *path, const struct buf *bytes, json_t *custom,
		      char ret_sha256[SHA256_HEX_MAX], struct oak_error *err)
{
	return author_put_target(e->repo, json_object_get(e->next, "targets"),
				 &(struct author_target){ path, bytes, custom, ret_sha256 }, err);
}

/* Puts the new list in its place and stages the role. Takes @levels. */
static int finish(struct edit *e, json_t *levels, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *guard = levels;
	_cleanup_(levels_freep) struct levels *check = NULL;
	_cleanup_(buf_free) struct buf text = { 0 };
	char sha256[SHA256_HEX_MAX];
	/* What hosts would refuse is not written: a list has its limits. */
	int r = levels_from_json(guard, e->list_path, &check, err);

	if (r == 0)
		r = canonical_json(guard, &text, err);
	if (r == 0 && buf_add(&text, "\n", 1) < 0)
		r = oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (r == 0)
		r = put_target(e, e->list_path, &text, guard, sha256, err);
	if (r == 0)
		r = author_stage(e->repo, e->role, take_ptr(e->next), err);
	return r < 0 ? r : author_save(e->repo, err);
}

static int read_level(const char *module_path, const char *manifest_path, struct manifest **ret,
		      struct buf *ret_text, struct buf *ret_module, struct oak_error *err)
{
	_cleanup_(manifest_freep) struct manifest *m = NULL;
	int r = file_read(AT_FDCWD, manifest_path, MANIFEST_BYTES_MAX, ret_text, err);

	if (r == 0)
		r = manifest_parse(ret_text->data, ret_text->len, manifest_path, &m, err);
	if (r == 0)
		r = file_read(AT_FDCWD, module_path, MANIFEST_MODULE_MAX, ret_module, err);
	if (r == 0)
		r = check_module(module_path, ret_module, m, err);
	if (r < 0)
		return r;
	*ret = take_ptr(m);
	return 0;
}

static int add_level(struct edit *e, const struct manifest *m, const struct buf *text,
		     const struct buf *module, struct repo_added *added, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf packed = { 0 };
	_cleanup_(json_decrefp) json_t *levels = NULL;
	char at[DATE_TEXT_MAX];
	int r;

	date_format(e->repo->opt->now_s, at);
	r = levels_add(e->levels, m, at, &levels, err);
	if (r == 0)
		r = container_pack(text, module, &packed, err);
	if (r < 0)
		return r;
	manifest_level_path(m, added->path);
	added->bytes = packed.len;
	(void)snprintf(added->role, sizeof(added->role), "%s", e->role);
	progress_step(e->repo->opt->progress, "%s: %llu bytes, compressed to %zu", m->module.name,
		      (unsigned long long)m->module.size, packed.len);
	r = put_target(e, added->path, &packed, NULL, added->sha256, err);
	return r < 0 ? r : finish(e, take_ptr(levels), err);
}

int repo_add(struct repo *repo, const char *module_path, const char *manifest_path,
	     struct repo_added *ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 }, module = { 0 };
	_cleanup_(manifest_freep) struct manifest *m = NULL;
	_cleanup_(edit_end) struct edit e = { 0 };
	int r = read_level(module_path, manifest_path, &m, &text, &module, err);

	*ret = (struct repo_added){ 0 };
	if (r == 0)
		r = begin(repo, m->kernel.arch, m->kernel.build_id, &e, err);
	return r < 0 ? r : add_level(&e, m, &text, &module, ret, err);
}

int repo_promote(struct repo *repo, const struct repo_level *level, const char *channel,
		 struct oak_error *err)
{
	_cleanup_(edit_end) struct edit e = { 0 };
	char at[DATE_TEXT_MAX];
	json_t *levels = NULL;
	int r = begin(repo, level->arch, level->build_id, &e, err);

	date_format(repo->opt->now_s, at);
	if (r == 0)
		r = levels_promote(e.levels, level->level, channel, at, &levels, err);
	return r < 0 ? r : finish(&e, levels, err);
}

/* Says something of a level, or takes it back: a verdict has a reason and a date. */
static int judge(struct repo *repo, const struct repo_level *level,
		 int (*change)(const json_t *old, uint32_t level, const char *why, const char *at,
			       json_t **ret, struct oak_error *err),
		 const char *why, struct oak_error *err)
{
	_cleanup_(edit_end) struct edit e = { 0 };
	char at[DATE_TEXT_MAX];
	json_t *levels = NULL;
	int r = begin(repo, level->arch, level->build_id, &e, err);

	date_format(repo->opt->now_s, at);
	if (r == 0)
		r = change(e.levels, level->level, why, at, &levels, err);
	return r < 0 ? r : finish(&e, levels, err);
}

int repo_hold(struct repo *repo, const struct repo_level *level, const char *why,
	      struct oak_error *err)
{
	return judge(repo, level, levels_hold, why, err);
}

int repo_withdraw(struct repo *repo, const struct repo_level *level, const char *why,
		  struct oak_error *err)
{
	return judge(repo, level, levels_withdraw, why, err);
}
