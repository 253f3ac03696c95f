/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/author/audit.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "trust/author/names.h"
#include "trust/canonical.h"
#include "trust/client.h"
#include "trust/cve/delta.h"
#include "trust/cve/target.h"
#include "trust/level.h"
#include "trust/target.h"

struct audit {
	const struct repo_options *opt;
	struct fetcher fetcher;
	struct tuf_client *client;
	struct tuf_lookup how;
	struct repo_audit sum;
	int64_t first_expiry_s;
	const struct metadata *role; /* whose targets are looked at */
	json_t *listed;              /* its levels, as the lists in it have them: path to entry */
};

static void note_expiry(struct audit *a, const struct metadata *m)
{
	if (a->sum.first_expiry[0] && metadata_expires_s(m) >= a->first_expiry_s)
		return;
	a->first_expiry_s = metadata_expires_s(m);
	(void)snprintf(a->sum.first_expiry, sizeof(a->sum.first_expiry), "%s", metadata_expires(m));
	(void)snprintf(a->sum.first_expired, sizeof(a->sum.first_expired), "%s", metadata_name(m));
}

/* Somebody must have signed what the list names: usually the role that has the list. */
static int note_level(struct audit *a, const struct levels *list, const struct levels_entry *entry,
		      struct oak_error *err)
{
	_cleanup_(level_freep) struct level *level = NULL;
	char path[MANIFEST_PATH_MAX];
	struct tuf_target target;

	levels_module_path(list->kernel.arch, list->kernel.build_id, entry->level, path);
	if (json_object_set_new(a->listed, path,
				json_pack("{s:I, s:s}", "size", (json_int_t)entry->module.size,
					  "sha256", entry->module.sha256)) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (target_find(metadata_targets(a->role), path, &target))
		return 0;
	return level_open(a->client, &a->how, list, entry, &level, err);
}

/* The file of a list is its "custom" member in canonical form and a newline. */
static int check_list(struct audit *a, const struct tuf_target *target, const struct buf *bytes,
		      struct oak_error *err)
{
	_cleanup_(levels_freep) struct levels *list = NULL;
	_cleanup_(buf_free) struct buf want = { 0 };
	char path[MANIFEST_PATH_MAX];
	int r = levels_from_json(target->custom, target->path, &list, err);

	if (r == 0)
		r = canonical_json(target->custom, &want, err);
	if (r < 0)
		return r;
	levels_path(list->kernel.arch, list->kernel.build_id, path);
	if (strcmp(path, target->path) != 0)
		return oak_fail(err, OAK_E_FORMAT, "%s: is the list of %s", target->path, path);
	if (!want.len || bytes->len != want.len + 1 || memcmp(bytes->data, want.data, want.len) != 0)
		return oak_fail(err, OAK_E_TRUST,
				"%s: the file says something else than the metadata", target->path);
	for (size_t i = 0; r == 0 && i < list->n; i++)
		r = note_level(a, list, &list->entries[i], err);
	a->sum.kernels++;
	return r;
}

/* The entry of a level that another role's list has. */
static int find_entry(struct audit *a, const struct manifest *m, struct levels_entry *ret,
		      struct levels **ret_list, struct oak_error *err)
{
	const struct levels_entry *entry;
	int r = level_list(a->client, &a->how, m->kernel.arch, m->kernel.build_id, ret_list, err);

	if (r < 0)
		return r;
	entry = levels_entry(*ret_list, m->level);
	if (!entry)
		return oak_fail(err, OAK_E_FORMAT,
				"level %u of kernel %s: is not in the list of its kernel's levels",
				m->level, m->kernel.build_id);
	*ret = *entry;
	return 0;
}

/* A level must be in its kernel's list and unpack to the module that its manifest names. */
static int check_level(struct audit *a, const struct tuf_target *target, const struct buf *bytes,
		       struct oak_error *err)
{
	const json_t *noted = json_object_get(a->listed, target->path);
	_cleanup_(manifest_freep) struct manifest *m = NULL;
	_cleanup_(levels_freep) struct levels *list = NULL;
	_cleanup_(buf_free) struct buf module = { 0 };
	struct levels_entry entry = { 0 };
	int r = level_read(target->path, bytes->data, bytes->len, &m, &module, err);

	if (r < 0)
		return r;
	if (noted)
		entry = (struct levels_entry){
			.level = m->level,
			.module = { (uint64_t)json_integer_value(json_object_get(noted, "size")),
				    json_get_str(noted, "sha256") },
		};
	else
		r = find_entry(a, m, &entry, &list, err);
	if (r < 0)
		return r;
	a->sum.levels++;
	return level_agrees(m, &entry, err);
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len >= n && strcmp(text + len - n, end) == 0;
}

/* What hosts unpack must be what the entry says. */
static int check_database(const struct tuf_target *target, const struct buf *bytes,
			  struct oak_error *err)
{
	_cleanup_(buf_free) struct buf db = { 0 };
	struct cve_product makes;
	int r = cve_target_product(target, &makes, err);

	if (r == 0)
		r = cve_unpack(bytes, (size_t)makes.size, &db, err);
	return r < 0 ? r : cve_product_check(&makes, &db, err);
}

static bool is_list(const struct tuf_target *target)
{
	return strncmp(target->path, "kernels/", 8) == 0 && ends_with(target->path, "/levels.json");
}

static int check_target(struct audit *a, const struct tuf_target *target, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf bytes = { 0 };
	int r = tuf_client_download(a->client, target, &a->fetcher, &bytes, err);

	if (r < 0)
		return r;
	a->sum.targets++;
	a->sum.bytes += bytes.len;
	progress_step(a->opt->progress, "verified %s", target->path);
	if (is_list(target))
		return check_list(a, target, &bytes, err);
	if (strcmp(target->path, CVE_TARGET_WHOLE) == 0)
		return check_database(target, &bytes, err);
	return strncmp(target->path, "kernels/", 8) == 0 && ends_with(target->path, ".ko.zst")
		       ? check_level(a, target, &bytes, err)
		       : 0;
}

/* Lists first: what they say is what levels are held to. */
static int check_role(struct audit *a, const struct metadata *m, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *listed = json_object();
	int r = listed ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");

	a->role = m;
	a->listed = listed;
	note_expiry(a, m);
	for (int lists = 1; lists >= 0; lists--) {
		struct tuf_target_iter it = { 0 };
		struct tuf_target target;

		while (r == 0 && target_next(metadata_targets(m), &it, &target))
			if (is_list(&target) == lists)
				r = check_target(a, &target, err);
	}
	a->listed = NULL;
	return r;
}

static int check_roles(struct audit *a, struct oak_error *err)
{
	const struct metadata *targets = tuf_client_metadata(a->client, TUF_TARGETS), *m;
	const struct delegations *d = metadata_delegations(targets);
	int r = check_role(a, targets, err);

	for (size_t i = 0; r == 0 && d && i < d->n; i++) {
		r = tuf_client_delegated(a->client, d->roles[i].name, &d->roles[i].signers, &a->how,
					 &m, err);
		if (r == 0)
			r = check_role(a, m, err);
		a->sum.roles++;
	}
	return r;
}

static uint64_t version_of(const struct audit *a, enum tuf_role role)
{
	return metadata_version(tuf_client_metadata(a->client, role));
}

static int run(struct audit *a, struct oak_error *err)
{
	const struct tuf_refresh how = { .now_s = a->opt->now_s, .progress = a->opt->progress };
	_cleanup_(buf_free) struct buf root = { 0 };
	int r = a->fetcher.fetch(a->fetcher.ctx, "1.root.json", TUF_ROOT_BYTES_MAX, &root, err);

	if (r == 0)
		r = tuf_client_open_memory(root.data, root.len, &a->client, err);
	if (r == 0)
		r = tuf_client_refresh(a->client, &a->fetcher, &how, err);
	if (r < 0)
		return r;
	note_expiry(a, tuf_client_metadata(a->client, TUF_ROOT));
	note_expiry(a, tuf_client_metadata(a->client, TUF_SNAPSHOT));
	r = check_roles(a, err);
	a->sum.root_version = version_of(a, TUF_ROOT);
	a->sum.timestamp_version = version_of(a, TUF_TIMESTAMP);
	a->sum.snapshot_version = version_of(a, TUF_SNAPSHOT);
	a->sum.targets_version = version_of(a, TUF_TARGETS);
	return r;
}

int repo_verify(const struct repo_options *opt, struct repo_audit *ret, struct oak_error *err)
{
	struct audit a = { .opt = opt };
	int r = fetcher_open(opt->dir, &a.fetcher, err);

	if (r < 0)
		return r;
	a.how = (struct tuf_lookup){ .fetcher = &a.fetcher,
				     .now_s = opt->now_s,
				     .progress = opt->progress };
	r = run(&a, err);
	tuf_client_close(a.client);
	fetcher_close(&a.fetcher);
	*ret = a.sum;
	return r < 0 ? oak_context(err, "%s", opt->dir) : 0;
}
