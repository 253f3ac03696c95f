/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/author/cves.h"

#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "trust/author/root-edit.h"
#include "trust/author/state.h"
#include "trust/cve/delta.h"
#include "trust/cve/file.h"
#include "trust/cve/target.h"

/* The next version of the role. */
struct edit {
	struct repo *repo;
	json_t *next;
	struct cve_product makes;
	struct buf db;
};

static void edit_end(struct edit *e)
{
	json_decref(e->next);
	buf_free(&e->db);
}

static int out_of_memory(struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOMEM, "out of memory");
}

bool repo_has_own_keys(const json_t *delegated, const json_t *targets_role)
{
	return !json_equal(json_object_get(delegated, "keyids"),
			   json_object_get(targets_role, "keyids"));
}

/* --- the delegation */

static json_t *find_delegated(const json_t *targets)
{
	json_t *list = json_object_get(json_object_get(targets, "delegations"), "roles");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(json_get_str(json_array_get(list, i), "name"), CVE_TARGET_ROLE) == 0)
			return json_array_get(list, i);
	return NULL;
}

/* The keys that @targets' delegations name for the role from now on. */
static int name_keys(json_t *targets, json_t *role, const struct repo_signers *signers,
		     const json_t *root, struct oak_error *err)
{
	const json_t *as = json_object_get(json_object_get(root, "roles"), "targets");
	json_t *keys = json_object_get(json_object_get(targets, "delegations"), "keys");
	_cleanup_(json_decrefp) json_t *theirs = root_keys_of(root, as), *ids = json_array();
	unsigned threshold = 1;

	if (!signers) {
		threshold = (unsigned)json_integer_value(json_object_get(as, "threshold"));
		if (!theirs || json_object_update(keys, theirs) < 0 ||
		    json_array_extend(ids, json_object_get(as, "keyids")) < 0)
			return out_of_memory(err);
	}
	for (size_t i = 0; signers && i < signers->n; i++) {
		const char *id = tuf_key_id(signers->keys[i]);

		if (json_object_set_new(keys, id, tuf_key_json(signers->keys[i])) < 0 ||
		    json_array_append_new(ids, json_string(id)) < 0)
			return out_of_memory(err);
		threshold = signers->threshold;
	}
	if (json_object_set(role, "keyids", ids) < 0 ||
	    json_object_set_new(role, "threshold", json_integer(threshold)) < 0)
		return out_of_memory(err);
	return 0;
}

/* The delegation in @targets, which is made where it is missing. */
static json_t *need_delegated(json_t *targets)
{
	json_t *d = json_object_get(targets, "delegations"), *role = find_delegated(targets);

	if (role)
		return role;
	if (!d) {
		d = json_pack("{s:{}, s:[]}", "keys", "roles");
		if (!d || json_object_set_new(targets, "delegations", d) < 0)
			return NULL;
	}
	role = json_pack("{s:s, s:[], s:i, s:b, s:[s]}", "name", CVE_TARGET_ROLE, "keyids",
			 "threshold", 1, "terminating", 1, "paths", CVE_TARGET_PATTERN);
	return role && json_array_append_new(json_object_get(d, "roles"), role) == 0 ? role : NULL;
}

/* Stages targets where it has no such role, or another one than is wanted. */
static int delegate(struct repo *repo, const struct repo_signers *signers, bool *ret_staged,
		    struct oak_error *err)
{
	const struct metadata *targets = NULL, *root = NULL;
	_cleanup_(json_decrefp) json_t *next = NULL;
	json_t *role;
	int r = author_latest(repo, "targets", &targets, err);

	*ret_staged = false;
	if (r == 0)
		r = author_latest(repo, "root", &root, err);
	if (r < 0 || (!signers && find_delegated(metadata_signed(targets))))
		return r;
	r = author_next(repo, "targets", &next, err);
	if (r < 0)
		return r;
	role = need_delegated(next);
	if (!role)
		return out_of_memory(err);
	r = name_keys(next, role, signers, metadata_signed(root), err);
	if (r == 0 && json_equal(json_object_get(metadata_signed(targets), "delegations"),
				 json_object_get(next, "delegations")))
		return 0;
	if (r == 0)
		r = author_stage(repo, "targets", take_ptr(next), err);
	*ret_staged = r == 0;
	return r;
}

/* --- the targets */

/* What is published is what hosts have: what was staged and is not gives way. */
static int begin(struct repo *repo, const struct metadata **ret_old, struct edit *e,
		 struct oak_error *err)
{
	const struct metadata *old;
	int r;

	*ret_old = NULL;
	staged_drop(&repo->staged, CVE_TARGET_ROLE);
	r = author_published(repo, CVE_TARGET_ROLE, &old, err);
	if (r < 0)
		return r;
	*ret_old = old;
	e->next = author_new_signed(TUF_TARGETS, old ? metadata_version(old) + 1 : 1,
				    repo->opt->now_s, author_life_s(TUF_TARGETS));
	if (!e->next ||
	    json_object_set_new(e->next, "targets",
				old ? json_deep_copy(metadata_targets(old)) : json_object()) < 0)
		return out_of_memory(err);
	return 0;
}

static int put(struct edit *e, const char *path, const struct buf *bytes, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *custom = cve_target_custom(&e->makes);
	char sha256[SHA256_HEX_MAX] = ""; /* nobody asks for it */

	if (!custom)
		return out_of_memory(err);
	return author_put_target(e->repo, json_object_get(e->next, "targets"),
				 &(struct author_target){ path, bytes, custom, sha256 }, err);
}

/* The database that hosts have now. */
static int read_published(const struct repo *repo, const struct metadata *old, struct buf *ret,
			  struct cve_product *ret_product, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf packed = { 0 };
	struct tuf_target target;
	int r;

	if (!target_find(metadata_targets(old), CVE_TARGET_WHOLE, &target))
		return oak_fail(err, OAK_E_NOTFOUND, "no database is published");
	r = cve_target_product(&target, ret_product, err);
	if (r == 0)
		r = tuf_client_download(repo->client, &target, &repo->fetcher, &packed, err);
	if (r == 0)
		r = cve_unpack(&packed, (size_t)ret_product->size, ret, err);
	return r < 0 ? r : cve_product_check(ret_product, ret, err);
}

/* No delta is no error: hosts fetch the whole then. */
static int put_delta(struct edit *e, const struct metadata *old, struct repo_cves_added *ret,
		     struct oak_error *err)
{
	_cleanup_(buf_free) struct buf before = { 0 }, delta = { 0 };
	char path[CVE_TARGET_PATH_MAX];
	struct cve_product from;
	int r = old ? read_published(e->repo, old, &before, &from, err) : -OAK_E_NOTFOUND;

	if (r == 0 && strcmp(from.sha256, e->makes.sha256) == 0)
		return oak_fail(err, OAK_E_NOTHING, "exactly this database is published already");
	if (r == 0)
		r = cve_delta_make(&before, &e->db, &delta, err);
	if (r < 0 || delta.len >= ret->bytes) {
		if (old)
			progress_step(e->repo->opt->progress, "no delta: %s",
				      r < 0 ? err->msg : "it would be longer than the whole");
		return 0;
	}
	cve_target_delta_path(from.sha256, path);
	ret->delta = delta.len;
	return put(e, path, &delta, err);
}

/* The delta that makes the database of @sha256, or NULL. */
static const char *delta_to(const json_t *targets, const char *sha256)
{
	const char *path;
	json_t *target;

	json_object_foreach((json_t *)(uintptr_t)targets, path, target)
	{
		const char *to = json_get_str(json_object_get(target, "custom"), "sha256");

		if (strcmp(path, CVE_TARGET_WHOLE) != 0 && to && strcmp(to, sha256) == 0)
			return path;
	}
	return NULL;
}

/* Back from the newest: the deltas that are still of use, the others are dropped. */
static int keep_deltas(struct edit *e, struct repo_cves_added *ret, struct oak_error *err)
{
	json_t *all = json_object_get(e->next, "targets");
	_cleanup_(json_decrefp) json_t *kept = json_object();
	char sha256[SHA256_HEX_MAX];
	const char *path;
	uint64_t bytes = 0;

	if (!kept ||
	    json_object_set(kept, CVE_TARGET_WHOLE, json_object_get(all, CVE_TARGET_WHOLE)) < 0)
		return out_of_memory(err);
	memcpy(sha256, e->makes.sha256, sizeof(sha256));
	while (ret->deltas < CVE_DELTAS_MAX && (path = delta_to(all, sha256))) {
		const json_t *length = json_object_get(json_object_get(all, path), "length");

		bytes += (uint64_t)json_integer_value(length);
		if (bytes >= ret->bytes || json_object_get(kept, path))
			break;
		if (json_object_set(kept, path, json_object_get(all, path)) < 0)
			return out_of_memory(err);
		(void)snprintf(sha256, sizeof(sha256), "%.64s", path + strlen("cves/"));
		ret->deltas++;
	}
	return json_object_set(e->next, "targets", kept) < 0 ? out_of_memory(err) : 0;
}

static int read_database(const char *path, struct edit *e, struct oak_error *err)
{
	int r = file_read(AT_FDCWD, path, CVE_FILE_MAX, &e->db, err);

	if (r < 0)
		return r;
	r = cve_file_check(e->db.data, e->db.len, err);
	if (r < 0)
		return oak_context(err, "%s", path);
	e->makes.size = e->db.len;
	sha256_hex(e->db.data, e->db.len, e->makes.sha256);
	return 0;
}

static int stage(struct edit *e, const struct metadata *old, struct repo_cves_added *ret,
		 struct oak_error *err)
{
	_cleanup_(buf_free) struct buf packed = { 0 };
	int r = cve_pack(&e->db, &packed, err);

	ret->bytes = packed.len;
	if (r == 0)
		r = put_delta(e, old, ret, err);
	if (r == 0)
		r = put(e, CVE_TARGET_WHOLE, &packed, err);
	if (r == 0)
		r = keep_deltas(e, ret, err);
	if (r == 0)
		r = author_stage(e->repo, CVE_TARGET_ROLE, take_ptr(e->next), err);
	return r;
}

int repo_add_cves(struct repo *repo, const char *path, const struct repo_signers *signers,
		  struct repo_cves_added *ret, struct oak_error *err)
{
	_cleanup_(edit_end) struct edit e = { .repo = repo };
	const struct metadata *old = NULL;
	int r = read_database(path, &e, err);

	*ret = (struct repo_cves_added){ .size = e.makes.size };
	memcpy(ret->sha256, e.makes.sha256, sizeof(ret->sha256));
	if (r == 0)
		r = begin(repo, &old, &e, err);
	if (r == 0)
		r = delegate(repo, signers, &ret->delegated, err);
	if (r == 0)
		r = stage(&e, old, ret, err);
	return r < 0 ? r : author_save(repo, err);
}
