/* SPDX-License-Identifier: GPL-2.0-or-later */
/* build-cves-sources: records, changelogs and the database, asked about each fix. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/hash.h"
#include "cli/build-cves.h"
#include "host/cve/changelog.h"
#include "host/cve/db.h"
#include "host/cve/gunzip.h"
#include "trust/cve/fix-log.h"
#include "trust/cve/record.h"

#define HEX ((size_t)2 * CVE_COMMIT_BYTES)

/* A record of CVE JSON 5, or the announcement of one. */
struct claimed {
	const char *name;
	uint64_t id; /* 0: it names none */
	enum cve_state state;
	char title[CVE_MAIL_SUBJECT_MAX];
	char (*commits)[HEX + 1];
	size_t n_commits;
};

static void claimed_free(struct claimed *c)
{
	free(c->commits);
}

static int out_of_memory(struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOMEM, "out of memory");
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Does the message name the commit, as its own or as the one that it was made of? */
static bool names_commit(const struct cve_mail *m, const char hex[HEX + 1])
{
	for (size_t i = 0; i < m->n_commits; i++)
		if (m->commits[i].kind != CVE_MAIL_ANNOUNCED &&
		    strncmp(hex, m->commits[i].hex, strlen(m->commits[i].hex)) == 0)
			return true;
	return false;
}

static int from_json(const struct buf *b, struct claimed *c, struct oak_error *err)
{
	_cleanup_(cve_record_freep) struct cve_record *r = NULL;
	int s = cve_record_parse(b->data, b->len, c->name, &r, err);

	if (s < 0)
		return s;
	c->commits = calloc(r->n_commits + 1, sizeof(*c->commits));
	if (!c->commits)
		return out_of_memory(err);
	for (; c->n_commits < r->n_commits; c->n_commits++)
		hex_encode(r->commits[c->n_commits], CVE_COMMIT_BYTES, c->commits[c->n_commits]);
	c->id = (uint64_t)r->year << 32 | r->number;
	c->state = r->state;
	cve_printable(c->title, sizeof(c->title), r->title);
	return 0;
}

/* "Subject: CVE-2026-1001: net: mend it" */
static int from_announcement(const struct buf *b, struct claimed *c, struct oak_error *err)
{
	struct cve_mail m;
	const char *colon;

	cve_mail_parse((const char *)b->data, b->len, &m);
	colon = strncmp(m.subject, "CVE-", 4) == 0 ? strstr(m.subject, ": ") : NULL;
	if (!colon || m.n_ids == 0 || m.ids[0].place != CVE_MAIL_SUBJECT)
		return oak_fail(err, OAK_E_FORMAT,
				"%s: neither a record (CVE JSON 5) nor the announcement of a CVE",
				c->name);
	c->commits = calloc(m.n_commits + 1, sizeof(*c->commits));
	if (!c->commits)
		return out_of_memory(err);
	for (size_t i = 0; i < m.n_commits; i++)
		if (m.commits[i].kind == CVE_MAIL_ANNOUNCED && strlen(m.commits[i].hex) == HEX)
			memcpy(c->commits[c->n_commits++], m.commits[i].hex, HEX + 1);
	c->id = (uint64_t)m.ids[0].year << 32 | m.ids[0].number;
	cve_printable(c->title, sizeof(c->title), colon + 2);
	return 0;
}

static int read_claimed(const char *path, struct claimed *c, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	int r = file_read(AT_FDCWD, path, CVE_RECORD_BYTES_MAX, &b, err);
	size_t at = 0;

	if (r < 0)
		return r;
	c->name = name_of(path);
	while (at < b.len && strchr(" \t\r\n", b.data[at]))
		at++;
	return at < b.len && b.data[at] == '{' ? from_json(&b, c, err)
					       : from_announcement(&b, c, err);
}

/* How the record knows the fix; NULL: not at all. */
static const char *how_claimed(const struct claimed *c, const struct fix_facts *f)
{
	for (size_t i = 0; i < c->n_commits; i++)
		if (names_commit(&f->mail, c->commits[i]))
			return "commit";
	return c->title[0] && strcmp(c->title, f->subject) == 0 ? "title" : NULL;
}

static int ask_record(const char *path, struct fix_facts *v, size_t n, struct build_cves *notes,
		      struct oak_error *err)
{
	_cleanup_(claimed_free) struct claimed c = { .state = CVE_PUBLISHED };
	char id[CVE_ID_MAX];
	bool any = false;
	int r = read_claimed(path, &c, err);

	if (r < 0)
		return r;
	cve_id_format((uint32_t)(c.id >> 32), (uint32_t)c.id, id);
	if (c.state == CVE_REJECTED)
		return build_cves_note(notes, err, "%s: %s was rejected: it is not taken", c.name,
				       id);
	for (size_t i = 0; i < n; i++) {
		const char *how = how_claimed(&c, &v[i]);

		if (how)
			fix_saying_add(&v[i].by[WITNESS_RECORD], c.id,
				       "record %s, which has its %s", c.name, how);
		any = any || how;
	}
	if (any)
		return 0;
	if (n > 1)
		return build_cves_note(notes, err,
				       "%s: has neither commit nor title of a fix that was given: %s "
				       "is not taken",
				       c.name, id);
	fix_saying_add(&v[0].by[WITNESS_RECORD], c.id, "record %s", c.name);
	return build_cves_note(
		notes, err, "%s: has neither commit nor title of %s: is it the record of that fix?",
		c.name, v[0].fix->name);
}

static int piece(void *ctx, const char *data, size_t len, _unused_ struct oak_error *err)
{
	fix_log_feed(ctx, data, len);
	return 0;
}

static int read_log(const char *path, const char *subject, struct fix_log *ret,
		    struct oak_error *err)
{
	int r;

	*ret = (struct fix_log){ .subject = subject };
	r = gunzip_read(AT_FDCWD, path, CHANGELOG_MAX, piece, ret, err);
	if (r == 0)
		fix_log_finish(ret);
	return r;
}

static int ask_changelog(const char *path, struct fix_facts *v, size_t n, struct build_cves *notes,
			 struct oak_error *err)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		struct fix_log l;
		int r = read_log(path, v[i].subject, &l, err);

		if (r < 0)
			return r;
		any = any || l.found;
		for (size_t k = 0; k < l.n; k++)
			fix_saying_add(&v[i].by[WITNESS_CHANGELOG], l.ids[k], "changelog %s, of %s",
				       name_of(path), l.version);
	}
	return any ? 0
		   : build_cves_note(notes, err, "%s: lists no fix of that subject", name_of(path));
}

/* What the kernel's own package lists it has: a level may be for nothing. */
static int ask_own_changelog(const struct build_cves_options *opt, const struct fix_facts *v,
			     struct build_cves *notes, struct oak_error *err)
{
	const struct kernel *k = opt->kernel;
	const size_t n = opt->n_fixes;
	int r = 0;

	if (kernel_have_changelog(k, opt->progress, NULL) < 0)
		return 0;
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct fix_log l;

		if (read_log(k->changelog, v[i].subject, &l, NULL) == 0 && l.found)
			r = build_cves_note(notes, err,
					    "%s: the changelog of %s lists it, in %s: the kernel may "
					    "have it already",
					    v[i].fix->name, k->package_version, l.version);
	}
	return r;
}

/* Does the database know the fix by a commit that its message names? */
static bool has_commit(const struct cve_db *db, const struct cve_file_record *r,
		       const struct cve_mail *m)
{
	for (uint32_t i = 0; i < r->n_commits; i++) {
		char hex[HEX + 1];

		hex_encode(db->commits + (size_t)(r->commits + i) * CVE_COMMIT_BYTES,
			   CVE_COMMIT_BYTES, hex);
		if (names_commit(m, hex))
			return true;
	}
	return false;
}

static void ask_database(const struct cve_db *db, struct fix_facts *f)
{
	struct fix_saying title = { 0 };

	for (size_t i = 0; i < db->n; i++) {
		const struct cve_file_record *r = &db->records[i];
		const uint64_t id = (uint64_t)r->year << 32 | r->number;

		if (r->state != CVE_PUBLISHED)
			continue;
		if (f->mail.n_commits && has_commit(db, r, &f->mail))
			fix_saying_add(&f->by[WITNESS_DATABASE], id,
				       "the database, which has its commit");
		else if (strcmp(cve_db_text(db, r->title), f->subject) == 0)
			fix_saying_add(&title, id, "the database, which has its title");
	}
	/* Fixes of one title are not one fix. */
	if (f->by[WITNESS_DATABASE].n == 0 && title.n == 1)
		f->by[WITNESS_DATABASE] = title;
}

static int open_database(const struct build_cves_options *opt, struct cve_db *ret,
			 struct oak_error *err)
{
	return cve_db_open(AT_FDCWD, opt->database, ret, err);
}

int build_cves_ask(const struct build_cves_options *opt, struct fix_facts *v, size_t n,
		   struct build_cves *notes, struct oak_error *err)
{
	_cleanup_(cve_db_close) struct cve_db db = { 0 };
	int r = opt->database ? open_database(opt, &db, err) : 0;

	for (size_t i = 0; r == 0 && opt->database && i < n; i++)
		ask_database(&db, &v[i]);
	for (size_t i = 0; r == 0 && opt->records && i < opt->records->n; i++)
		r = ask_record(opt->records->v[i], v, n, notes, err);
	for (size_t i = 0; r == 0 && opt->changelogs && i < opt->changelogs->n; i++)
		r = ask_changelog(opt->changelogs->v[i], v, n, notes, err);
	if (r == 0 && opt->kernel)
		r = ask_own_changelog(opt, v, notes, err);
	return r;
}

/* Of one id that was taken. @ret_drop: it is not to be. */
static int compare_one(const struct cve_db *db, const struct fix_facts *f, const struct make_cve *c,
		       struct build_cves *notes, bool *ret_drop, struct oak_error *err)
{
	const struct cve_file_record *r;
	uint32_t year, number;
	bool given = strcmp(c->from, "--cve") == 0, upstream = false;

	*ret_drop = false;
	if (cve_id_parse(c->id, &year, &number) < 0)
		return build_cves_note(notes, err, "%s: not of the form of a CVE's id", c->id);
	r = cve_db_find(db, year, number);
	if (!r)
		return build_cves_note(notes, err,
				       "%s: not in the database: not of the kernel, or newer",
				       c->id);
	if (r->state == CVE_REJECTED) {
		*ret_drop = !given;
		return build_cves_note(notes, err, "%s: was rejected%s", c->id,
				       given ? "" : ": it is not taken");
	}
	for (size_t i = 0; i < f->mail.n_commits; i++)
		upstream = upstream || f->mail.commits[i].kind == CVE_MAIL_UPSTREAM;
	if (upstream && r->n_commits && !has_commit(db, r, &f->mail))
		return build_cves_note(notes, err,
				       "%s: the database has other commits than %s names as its fix",
				       c->id, f->fix->name);
	return 0;
}

int build_cves_compare(const struct build_cves_options *opt, const struct fix_facts *v,
		       struct build_cves *c, struct oak_error *err)
{
	_cleanup_(cve_db_close) struct cve_db db = { 0 };
	int r = opt->database ? open_database(opt, &db, err) : 0;

	for (size_t i = 0; opt->database && i < c->n; i++) {
		struct make_cves *m = &c->v[i];
		size_t kept = 0;

		for (size_t k = 0; r == 0 && k < m->n; k++) {
			bool drop;

			r = compare_one(&db, &v[i], &m->v[k], c, &drop, err);
			if (!drop)
				m->v[kept++] = m->v[k];
		}
		m->n = r == 0 ? kept : m->n;
	}
	return r;
}
