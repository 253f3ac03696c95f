/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/vex-take.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "agent/claims.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "host/cache.h"
#include "host/plain.h"

static void take_level(int root, struct vex_taken *t)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct vex_level *l = &t->vex.level;
	char path[256];

	t->level = host_level(&t->host);
	if (!t->level)
		return;
	l->number = t->level->level;
	l->state = level_state_name(host_level_state(t->level));
	if (cache_manifest(root, t->host.id.build_id, l->number, &t->manifest, NULL) < 0) {
		t->manifest = NULL;
		return;
	}
	l->wanted = host_functions_wanted(t->manifest);
	l->redirected = host_functions_redirected(t->level, t->manifest);
	(void)snprintf(l->module_sha256, sizeof(l->module_sha256), "%s", t->manifest->module.sha256);
	(void)snprintf(path, sizeof(path), CACHE_LEVELS_DIR "/%s/%u/manifest.json",
		       t->host.id.build_id, l->number);
	if (file_read(root, path, MANIFEST_BYTES_MAX, &text, NULL) == 0)
		sha256_hex(text.data, text.len, l->manifest_sha256);
}

static void take_names(int root, struct vex_taken *t)
{
	_cleanup_(freep) char *name = NULL;
	struct vex *v = &t->vex;
	char plain[96];

	(void)snprintf(v->build_id, sizeof(v->build_id), "%s", t->host.id.build_id);
	purl_of_kernel(&v->kernel, identity_arch(), v->product);
	purl_of_source(&v->kernel, v->source);
	if (file_read_line(root, "proc/sys/kernel/hostname", &name, NULL) < 0)
		name = NULL;
	plain_copy(plain, sizeof(plain), name);
	(void)snprintf(v->author, sizeof(v->author), "oakum on %s", plain[0] ? plain : "this host");
}

static bool is_wanted(const struct vex_wanted *w, const struct cve_file_record *r,
		      const struct cve_judgement *j)
{
	if (w->number)
		return r->year == w->year && r->number == w->number;
	return w->all || !vex_is_plain(j);
}

static int from_database(const struct vex_wanted *w, const struct cve_host *h,
			 const struct cve_db *db, struct vex *v, struct oak_error *err)
{
	for (size_t i = 0; i < db->n; i++) {
		const struct cve_file_record *r = &db->records[i];
		const struct cve_judgement j = cve_judge(h, db, r);
		int s = is_wanted(w, r, &j) ? vex_add(v, h, db, r, &j, err) : 0;

		if (s < 0)
			return s;
	}
	return 0;
}

/* Opens it, or says why not. */
static int open_database(int root, const struct vex_wanted *w, struct vex_taken *t,
			 struct cve_db *ret, bool *ret_there, struct oak_error *err)
{
	struct oak_error why;
	int r = cve_db_open(w->database ? AT_FDCWD : root, w->database ? w->database : CVE_DB_PATH,
			    ret, w->database ? err : &why);

	*ret_there = r == 0;
	if (r == 0 || w->database)
		return r;
	if (r == -OAK_E_NOTFOUND)
		(void)snprintf(t->database_why, sizeof(t->database_why),
			       "no CVE database: only what levels close is known");
	else
		plain_copy(t->database_why, sizeof(t->database_why), why.msg);
	return 0;
}

static int take(int root, const struct vex_wanted *w, struct vex_taken *t, struct oak_error *err)
{
	_cleanup_(cve_host_free) struct cve_host facts = { .next = { .upstream = 0 } };
	_cleanup_(cve_db_close) struct cve_db db = { 0 };
	uint32_t unknown;
	bool there;
	int r = open_database(root, w, t, &db, &there, err);

	if (r == 0)
		r = host_read(root, &t->host, err);
	/* Changelog and configuration are for records; a level is of this very kernel. */
	if (r == 0)
		r = there ? cve_host_read(root, &facts, err)
			  : cve_kernel_read(root, &facts.kernel, err);
	if (r == 0)
		r = cves_claims(root, &facts.claims, &unknown, err);
	if (r < 0)
		return r;
	t->vex.kernel = facts.kernel;
	take_level(root, t);
	take_names(root, t);
	if (there) {
		t->vex.database_s = db.header->as_of_s;
		r = from_database(w, &facts, &db, &t->vex, err);
	}
	if (r == 0)
		r = vex_add_claims(&t->vex, &facts, there ? &db : NULL, err);
	if (r < 0)
		return r;
	vex_sort(&t->vex);
	if (w->number)
		vex_keep(&t->vex, w->year, w->number);
	return 0;
}

int vex_take(int root, const struct vex_wanted *wanted, struct vex_taken *ret, struct oak_error *err)
{
	int r;

	*ret = (struct vex_taken){ .changed = false };
	r = take(root, wanted, ret, err);
	if (r < 0)
		vex_taken_clear(ret);
	return r;
}

int vex_taken_issue(int root, struct vex_taken *t, const char *owner, int64_t now_s,
		    struct oak_error *err)
{
	char digest[SHA256_HEX_MAX];
	int r = vex_digest(&t->vex, digest, err);

	if (r == 0)
		r = history_read(root, &t->history, err);
	if (r < 0)
		return r;
	(void)snprintf(t->vex.owner, sizeof(t->vex.owner), "%s", owner);
	r = history_issue(&t->history, t->vex.build_id, owner, digest, now_s, &t->vex.issue, err);
	t->changed = r > 0;
	return r < 0 ? r : 0;
}

int vex_taken_issue_alone(struct vex_taken *t, const char *owner, int64_t now_s,
			  struct oak_error *err)
{
	char digest[SHA256_HEX_MAX];
	int r = vex_digest(&t->vex, digest, err);

	if (r < 0)
		return r;
	t->history.revisions = calloc(1, sizeof(*t->history.revisions));
	if (!t->history.revisions)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	t->history.revisions[0].at_s = now_s;
	t->history.n = 1;
	(void)snprintf(t->vex.owner, sizeof(t->vex.owner), "%s", owner);
	history_uuid(digest, t->vex.issue.id);
	t->vex.issue.version = 1;
	t->vex.issue.revisions = t->history.revisions;
	return 0;
}

void vex_taken_clear(struct vex_taken *t)
{
	host_clear(&t->host);
	manifest_free(t->manifest);
	vex_free(&t->vex);
	history_free(&t->history);
	*t = (struct vex_taken){ .changed = false };
}
