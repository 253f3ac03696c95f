/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/cve/target.h"

#include <string.h>

#include "trust/cve/delta.h"
#include "trust/cve/layout.h"
#include "trust/fields.h"

void cve_target_delta_path(const char *sha256, char ret[CVE_TARGET_PATH_MAX])
{
	(void)snprintf(ret, CVE_TARGET_PATH_MAX, "cves/%s.delta", sha256);
}

int cve_target_product(const struct tuf_target *target, struct cve_product *ret,
		       struct oak_error *err)
{
	const char *sha256 = "";
	uint64_t schema;
	int r = target->custom ? 0 : oak_fail(err, OAK_E_FORMAT, "says nothing of a database");

	if (r == 0)
		r = field_number(target->custom, "schema", CVE_TARGET_SCHEMA, CVE_TARGET_SCHEMA,
				 &schema, err);
	if (r == 0)
		r = field_text(target->custom, "sha256", &text_sha256, &sha256, err);
	if (r == 0)
		r = field_number(target->custom, "size", 1, CVE_FILE_MAX, &ret->size, err);
	if (r < 0)
		return oak_context(err, "%s", target->path);
	(void)snprintf(ret->sha256, sizeof(ret->sha256), "%s", sha256);
	return 0;
}

json_t *cve_target_custom(const struct cve_product *p)
{
	return json_pack("{s:i, s:s, s:I}", "schema", CVE_TARGET_SCHEMA, "sha256", p->sha256,
			 "size", (json_int_t)p->size);
}

int cve_product_check(const struct cve_product *p, const struct buf *db, struct oak_error *err)
{
	char hex[SHA256_HEX_MAX];

	sha256_hex(db->data, db->len, hex);
	if (db->len != p->size || strcmp(hex, p->sha256) != 0)
		return oak_fail(err, OAK_E_TRUST,
				"the CVE database: what came out is not what was signed");
	return 0;
}

static int find(struct tuf_client *c, const struct tuf_lookup *how, const char *path,
		struct cve_target *ret, struct oak_error *err)
{
	int r = tuf_client_find(c, path, how, &ret->target, err);

	return r < 0 ? r : cve_target_product(&ret->target, &ret->makes, err);
}

int cve_target_find(struct tuf_client *c, const struct tuf_lookup *how, struct cve_target *ret,
		    struct oak_error *err)
{
	int r = find(c, how, CVE_TARGET_WHOLE, ret, err);

	if (r == -OAK_E_NOTFOUND)
		return oak_fail(err, OAK_E_NOTFOUND, "the repository has no CVE database");
	return r;
}

/* From what the host has to what is wanted. */
struct way {
	struct cve_target steps[CVE_DELTAS_MAX];
	unsigned n;
	uint64_t bytes;
};

/* False: there is none that is shorter than the whole. */
static bool find_way(struct tuf_client *c, const struct tuf_lookup *how,
		     const struct cve_target *want, const char *from, struct way *w)
{
	char path[CVE_TARGET_PATH_MAX];
	struct oak_error err;

	while (strcmp(from, want->makes.sha256) != 0) {
		struct cve_target *step = &w->steps[w->n];

		cve_target_delta_path(from, path);
		if (w->n == CVE_DELTAS_MAX || find(c, how, path, step, &err) < 0)
			return false;
		w->bytes += step->target.length;
		if (w->bytes >= want->target.length)
			return false;
		from = step->makes.sha256;
		w->n++;
	}
	return w->n > 0;
}

static int fetch_delta(struct tuf_client *c, const struct tuf_lookup *how,
		       const struct cve_target *step, struct buf *db, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf delta = { 0 };
	int r = tuf_client_download(c, &step->target, how->fetcher, &delta, err);

	if (r == 0)
		r = cve_delta_apply(db, &delta, (size_t)step->makes.size, err);
	return r < 0 ? r : cve_product_check(&step->makes, db, err);
}

static int fetch_whole(struct tuf_client *c, const struct tuf_lookup *how,
		       const struct cve_target *want, struct buf *db, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf packed = { 0 };
	int r = tuf_client_download(c, &want->target, how->fetcher, &packed, err);

	buf_free(db);
	if (r == 0)
		r = cve_unpack(&packed, (size_t)want->makes.size, db, err);
	return r < 0 ? r : cve_product_check(&want->makes, db, err);
}

int cve_target_fetch(struct tuf_client *c, const struct tuf_lookup *how,
		     const struct cve_target *want, struct buf *db, struct cve_fetched *ret,
		     struct oak_error *err)
{
	struct way way = { .n = 0 };
	char have[SHA256_HEX_MAX];
	int r = -OAK_E_NOTFOUND;

	*ret = (struct cve_fetched){ .bytes = want->target.length };
	if (db->len) {
		sha256_hex(db->data, db->len, have);
		if (find_way(c, how, want, have, &way)) {
			*ret = (struct cve_fetched){ .deltas = way.n, .bytes = way.bytes };
			r = 0;
		}
	}
	for (unsigned i = 0; r == 0 && i < way.n; i++) {
		r = fetch_delta(c, how, &way.steps[i], db, err);
		if (r < 0)
			progress_step(how->progress, "%s; the whole is fetched", err->msg);
	}
	if (r == 0)
		return 0;
	*ret = (struct cve_fetched){ .bytes = want->target.length };
	return fetch_whole(c, how, want, db, err);
}
