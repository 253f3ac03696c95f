/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/cves.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "host/cve/db.h"
#include "trust/date.h"

void cves_catch_clear(struct cves_catch *c)
{
	buf_free(&c->db);
	*c = (struct cves_catch){ .db = { 0 } };
}

static void describe(struct cves_catch *c, const struct cve_db *db)
{
	char as_of[DATE_TEXT_MAX], how[48] = "as a whole";

	date_format(db->header->as_of_s, as_of);
	if (c->fetched.deltas)
		(void)snprintf(how, sizeof(how), "by %u delta%s", c->fetched.deltas,
			       c->fetched.deltas == 1 ? "" : "s");
	(void)snprintf(c->text, sizeof(c->text),
		       "CVE database of %.10s, %zu records: fetched %llu bytes, %s", as_of, db->n,
		       (unsigned long long)c->fetched.bytes, how);
}

int cves_look(int root, struct tuf_client *c, const struct tuf_lookup *how, struct cves_catch *ret,
	      struct oak_error *err)
{
	struct cve_target want;
	struct cve_db db;
	int r = cve_target_find(c, how, &want, err);

	cves_catch_clear(ret);
	ret->none = r == -OAK_E_NOTFOUND;
	if (r < 0)
		return r;
	/* One that cannot be read is as none. */
	if (file_read(root, CVE_DB_PATH, CVE_FILE_MAX, &ret->db, NULL) < 0)
		buf_free(&ret->db);
	memcpy(ret->sha256, want.makes.sha256, sizeof(ret->sha256));
	if (ret->db.len && cve_product_check(&want.makes, &ret->db, NULL) == 0) {
		buf_free(&ret->db);
		(void)snprintf(ret->text, sizeof(ret->text), "the CVE database is the newest");
		return 0;
	}
	r = cve_target_fetch(c, how, &want, &ret->db, &ret->fetched, err);
	if (r == 0)
		r = cve_db_check(ret->db.data, ret->db.len, &db, err);
	if (r == 0)
		describe(ret, &db);
	return r;
}

/* What the visitor of a plan gets. */
struct visit {
	int root;
	struct cves_catch *ret;
};

static int visit(void *ctx, struct plan *p, const struct tuf_lookup *how, struct oak_error *err)
{
	const struct visit *v = ctx;

	return cves_look(v->root, p->client, how, v->ret, err);
}

int cves_fetch(const struct plan_place *o, const struct plan_options *opt,
	       const struct progress *progress, struct cves_catch *ret, struct oak_error *err)
{
	struct visit v = { .root = o->root, .ret = ret };
	_cleanup_(plan_clear) struct plan p = { 0 };
	struct plan_options with = *opt;
	struct steps steps;

	*ret = (struct cves_catch){ .db = { 0 } };
	with.visit = visit;
	with.ctx = &v;
	steps_begin(&steps);
	return plan_make(o, &with, &steps, progress, &p, err);
}

int cves_store(int root, const struct buf *db, struct oak_error *err)
{
	return file_write(root, CVE_DB_PATH, db->data, db->len, 0644, err);
}

void cves_head_read(int root, struct cves_head *ret)
{
	_cleanup_(closep) int fd = openat(root, CVE_DB_PATH, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct cve_file_header h;

	*ret = (struct cves_head){ 0 };
	if (fd < 0 || pread(fd, &h, sizeof(h), 0) != (ssize_t)sizeof(h) ||
	    memcmp(h.magic, CVE_FILE_MAGIC, sizeof(h.magic)) != 0 || h.version != CVE_FILE_VERSION)
		return;
	*ret = (struct cves_head){ .as_of_s = h.as_of_s,
				   .records = h.sections[CVE_SECTION_RECORDS].n };
}
