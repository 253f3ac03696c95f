/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys change hands, and lives are renewed. A new root is staged; where the keys of targets change,
 * also a targets file that delegates to the new keys, and every bin, since the new keys must sign
 * what the old ones did.
 */
#include <string.h>

#include "base/json.h"
#include "trust/author/cves.h"
#include "trust/author/names.h"
#include "trust/author/root-edit.h"
#include "trust/author/state.h"

/* The next version of a role with nothing changed: for new signatures and a new life. */
static int stage_again(struct repo *repo, const char *name, struct oak_error *err)
{
	json_t *j;
	int r = author_next(repo, name, &j, err);

	return r < 0 ? r : author_stage(repo, name, j, err);
}

/* Who signs for targets, by the document of a root. */
static const json_t *signs_targets(const json_t *root)
{
	return json_object_get(json_object_get(root, "roles"), "targets");
}

/* The keys of targets in the staged root, and those that roles have as their own. */
static int name_keys(json_t *targets, const json_t *root, const json_t *old_role,
		     struct oak_error *err)
{
	json_t *d = json_object_get(targets, "delegations"), *list = json_object_get(d, "roles");
	_cleanup_(json_decrefp) json_t *keys = root_keys_of(root, signs_targets(root));

	for (size_t i = 0; keys && i < json_array_size(list); i++) {
		json_t *role = json_array_get(list, i), *id;
		size_t k;

		if (!repo_has_own_keys(role, old_role))
			continue;
		json_array_foreach(json_object_get(role, "keyids"), k, id)
		{
			const char *text = json_string_value(id);

			(void)json_object_set(keys, text,
					      json_object_get(json_object_get(d, "keys"), text));
		}
	}
	if (!keys || json_object_set(d, "keys", keys) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

/* Every delegation to the signers of targets in the staged root, but those with keys of their own. */
static int delegate_to(json_t *targets, const json_t *root, const json_t *old_role,
		       struct oak_error *err)
{
	json_t *d = json_object_get(targets, "delegations"), *list = json_object_get(d, "roles");
	const json_t *role = signs_targets(root);
	int r = d ? name_keys(targets, root, old_role, err) : 0;

	if (r < 0)
		return r;
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *bin = json_array_get(list, i);

		if (repo_has_own_keys(bin, old_role))
			continue;
		if (json_object_set_new(bin, "keyids",
					json_deep_copy(json_object_get(role, "keyids"))) < 0 ||
		    json_object_set(bin, "threshold", json_object_get(role, "threshold")) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	return 0;
}

static int stage_bins_again(struct repo *repo, const json_t *root, struct oak_error *err)
{
	const struct metadata *targets = staged_find(&repo->staged, "targets");
	const json_t *list =
		json_object_get(json_object_get(metadata_signed(targets), "delegations"), "roles");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *bin = json_array_get(list, i);
		int r;

		if (repo_has_own_keys(bin, signs_targets(root)))
			continue;
		r = stage_again(repo, json_get_str(bin, "name"), err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int stage_new_signers(struct repo *repo, const json_t *old_role, struct oak_error *err)
{
	const json_t *root = metadata_signed(staged_find(&repo->staged, "root"));
	_cleanup_(json_decrefp) json_t *j = NULL;
	int r = author_next(repo, "targets", &j, err);

	if (r == 0)
		r = delegate_to(j, root, old_role, err);
	if (r == 0)
		r = author_stage(repo, "targets", take_ptr(j), err);
	return r < 0 ? r : stage_bins_again(repo, root, err);
}

int repo_rotate(struct repo *repo, const struct repo_rotation *what, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *j = NULL, *old_role = NULL;
	int r = author_next(repo, "root", &j, err);

	if (r < 0)
		return r;
	old_role = json_deep_copy(signs_targets(j));
	r = root_change_role(j, what, err);
	if (r == 0)
		r = author_stage(repo, "root", take_ptr(j), err);
	if (r == 0 && what->role == TUF_TARGETS)
		r = stage_new_signers(repo, old_role, err);
	return r < 0 ? r : author_save(repo, err);
}

static int renew(struct repo *repo, const char *name, size_t *n, struct oak_error *err)
{
	int64_t half = author_life_s(TUF_TARGETS) / 2;
	const struct metadata *m;
	int r = author_latest(repo, name, &m, err);

	if (r < 0 || !m || metadata_expires_s(m) - repo->opt->now_s > half)
		return r;
	++*n;
	return stage_again(repo, name, err);
}

int repo_renew(struct repo *repo, size_t *ret_n, struct oak_error *err)
{
	const struct metadata *targets;
	const struct delegations *d;
	size_t n = 0;
	int r = author_latest(repo, "targets", &targets, err);

	d = r == 0 && targets ? metadata_delegations(targets) : NULL;
	/* The bins first: staging targets would free what @d points into. */
	for (size_t i = 0; r == 0 && d && i < d->n; i++)
		r = renew(repo, d->roles[i].name, &n, err);
	if (r == 0)
		r = renew(repo, "targets", &n, err);
	if (r == 0 && n)
		r = author_save(repo, err);
	*ret_n = n;
	return r;
}
