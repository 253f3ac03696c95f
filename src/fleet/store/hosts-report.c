/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "fleet/store/facts.h"
#include "fleet/store/host-tags.h"
#include "fleet/store/hosts.h"
#include "fleet/store/rows.h"
#include "fleet/store/sets.h"
#include "fleet/store/tags.h"
#include "trust/fleet/report-cves.h"

#define DAY_S 86400
/* Of so many reports one adds up what PostgreSQL's host_count_changes holds. */
#define FOLD_EVERY 512

static const struct db_statement lock_host = {
	"report: host",
	"SELECT n, sequence, report_sha256, revoked_s, history_s, tags, fixed_tags, own_tags,"
	" " FACTS_COLUMNS " FROM hosts WHERE id = $1",
	"SELECT n, sequence, report_sha256, revoked_s, history_s, tags, fixed_tags, own_tags,"
	" " FACTS_COLUMNS " FROM hosts WHERE id = $1 FOR UPDATE"
};
static const struct db_statement mark_cloned = { "report: cloned",
						 "UPDATE hosts SET cloned = 1 WHERE n = $1", NULL };
/* SQLite writes the entry of an index whose column stands here, changed or not: so there are two. */
static const struct db_statement update_seen = {
	"report: seen",
	"UPDATE hosts SET sequence = $2, report_sha256 = $3, seen_s = $4, history_s = $5"
	" WHERE n = $1",
	NULL
};
static const struct db_statement update_facts = {
	"report: facts",
	"UPDATE hosts SET sequence = $2, report_sha256 = $3, seen_s = $4, history_s = $5,"
	" name = $6, boot = $7, agent = $8, build_id = $9, release = $10, arch = $11,"
	" effective = $12, os_id = $13, os_version = $14, level = $15, newest = $16, behind = $17,"
	" state = $18, verdict = $19, cve_set = $20, cves_open = $21, containers = $22,"
	" audit_score = $23, uptime = $24, reboot = $25, cve_list = $26, finding_set = $27,"
	" open_unknown = $28, open_low = $29, open_medium = $30, open_high = $31,"
	" open_critical = $32 WHERE n = $1",
	NULL
};
static const struct db_statement update_tags = { "report: tags",
						 "UPDATE hosts SET tags = $2 WHERE n = $1", NULL };
static const struct db_statement write_document = {
	"report: document",
	"INSERT INTO reports (host, document) VALUES ($1, $2)"
	" ON CONFLICT (host) DO UPDATE SET document = excluded.document",
	NULL
};
static const struct db_statement write_history = {
	"report: history",
	"INSERT INTO history (host, at_s, sequence, build_id, release, level, newest, state,"
	" verdict, cves_open, audit_score, boot)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING",
	NULL
};

struct known {
	int64_t n, sequence, history_s;
	char sha256[65];
	bool revoked, own_tags;
	char *tags, *fixed_tags;
	struct host_facts facts;
};

static void known_clear(struct known *k)
{
	free(k->tags);
	free(k->fixed_tags);
}

static int take_known(void *ctx, const struct db_row *row, struct oak_error *err)
{
	struct known *k = ctx;

	k->n = db_row_int(row, 0);
	k->sequence = db_row_int(row, 1);
	rows_copy(k->sha256, row, 2);
	k->revoked = db_row_int(row, 3) != 0;
	k->history_s = db_row_int(row, 4);
	k->tags = strdup(db_row_text(row, 5));
	k->fixed_tags = strdup(db_row_text(row, 6));
	k->own_tags = db_row_int(row, 7) != 0;
	(void)facts_read(row, 8, &k->facts);
	return k->tags && k->fixed_tags ? 1 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

/* Is it a row of the history? Containers come and go, and tell little. */
static bool tells_more(const struct host_facts *a, const struct host_facts *b)
{
	return a->level != b->level || a->newest != b->newest || a->cves_open != b->cves_open ||
	       a->audit_score != b->audit_score || strcmp(a->state, b->state) != 0 ||
	       strcmp(a->verdict, b->verdict) != 0 || strcmp(a->build_id, b->build_id) != 0 ||
	       strcmp(a->boot, b->boot) != 0;
}

static int keep_history(struct db *db, int64_t n, const struct report *r,
			const struct host_facts *f, int64_t now_s, struct oak_error *err)
{
	return rows_run(db, &write_history,
			(const struct db_value[]){
				db_int(n), db_int(now_s), db_int(r->sequence), db_text(f->build_id),
				db_text(f->release), db_int(f->level), db_int(f->newest),
				db_text(f->state), db_text(f->verdict), db_int(f->cves_open),
				db_int(f->audit_score), db_text(f->boot) },
			12, err);
}

static int keep_document(struct db *db, int64_t n, const struct report *r, struct oak_error *err)
{
	_cleanup_(freep) char *text = json_dumps(r->json, JSON_COMPACT);

	if (!text)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return rows_run(db, &write_document, (const struct db_value[]){ db_int(n), db_text(text) },
			2, err);
}

/* The host's own tags, where it may have any. */
static int keep_tags(struct db *db, const struct known *k, const struct report *r,
		     struct oak_error *err)
{
	_cleanup_(freep) char *own = NULL;
	_cleanup_(freep) char *tags = NULL;
	int ret;

	if (!k->own_tags)
		return 0;
	ret = tags_from_host(json_object_get(r->json, "tags"), &own, err);
	if (!ret)
		ret = tags_union(k->fixed_tags, own, &tags, err);
	if (ret < 0 || !tags || !strcmp(tags, k->tags))
		return ret;
	ret = rows_run(db, &update_tags, (const struct db_value[]){ db_int(k->n), db_text(tags) },
		       2, err);
	return ret ? ret : host_tags_change(db, k->n, k->tags, tags, err);
}

/* The row of the host itself. */
static int keep_facts(struct db *db, const struct known *k, const struct report *r,
		      const struct db_value head[5], const struct host_facts *f,
		      struct oak_error *err)
{
	const struct db_value all[] = {
		head[0],
		head[1],
		head[2],
		head[3],
		head[4],
		db_text(f->name),
		db_text(f->boot),
		db_text(f->agent),
		db_text(f->build_id),
		db_text(f->release),
		db_text(f->arch),
		db_text(f->effective),
		db_text(f->os_id),
		db_text(f->os_version),
		db_int(f->level),
		db_int(f->newest),
		db_int(f->behind),
		db_text(f->state),
		db_text(f->verdict),
		db_int(f->cve_set),
		db_int(f->cves_open),
		db_int(f->containers),
		db_int(f->audit_score),
		db_text(f->uptime),
		db_text(f->reboot),
		db_text(f->cve_list),
		db_int(f->finding_set),
		db_int(f->open[REPORT_SEVERITY_UNKNOWN]),
		db_int(f->open[REPORT_SEVERITY_LOW]),
		db_int(f->open[REPORT_SEVERITY_MEDIUM]),
		db_int(f->open[REPORT_SEVERITY_HIGH]),
		db_int(f->open[REPORT_SEVERITY_CRITICAL]),
	};
	int ret;

	if (facts_same(&k->facts, f))
		return rows_run(db, &update_seen, all, 5, err);
	ret = rows_run(db, &update_facts, all, sizeof(all) / sizeof(all[0]), err);
	if (!ret && f->cve_set && f->cve_set != k->facts.cve_set)
		ret = sets_keep_cves(db, r, f->cve_set, err);
	if (!ret && f->finding_set && f->finding_set != k->facts.finding_set)
		ret = sets_keep_findings(db, r, f->finding_set, err);
	return ret ? ret : facts_count(db, &k->facts, f, err);
}

static int keep(struct db *db, const struct known *k, const struct report *r, const char *sha256,
		int64_t now_s, struct oak_error *err)
{
	struct db_value head[] = { db_int(k->n), db_int(r->sequence), db_text(sha256),
				   db_int(now_s), db_int(k->history_s) };
	struct host_facts f;
	bool tell;
	int ret;

	facts_of_report(r, &k->facts, &f);
	tell = tells_more(&k->facts, &f) || now_s - k->history_s >= DAY_S;
	if (tell)
		head[4] = db_int(now_s);
	ret = keep_facts(db, k, r, head, &f, err);
	if (!ret)
		ret = keep_tags(db, k, r, err);
	if (!ret)
		ret = keep_document(db, k->n, r, err);
	if (!ret && tell)
		ret = keep_history(db, k->n, r, &f, now_s, err);
	if (!ret && (uint64_t)k->n % FOLD_EVERY == r->sequence % FOLD_EVERY)
		ret = facts_fold(db, err);
	return ret;
}

/* Return: 1: it is new; 0: the very one that was acknowledged last. */
static int fits(struct db *db, const struct known *k, const struct report *r, const char *sha256,
		bool *ret_cloned, struct oak_error *err)
{
	uint64_t last = (uint64_t)k->sequence;
	int ret = 0;

	if (k->revoked)
		return oak_fail(err, OAK_E_REFUSED, "the host was revoked");
	if (r->sequence > last)
		return 1;
	if (r->sequence == last && !strcmp(k->sha256, sha256))
		return 0;
	if (r->sequence == last) {
		*ret_cloned = true;
		ret = rows_run(db, &mark_cloned, (const struct db_value[]){ db_int(k->n) }, 1, err);
	}
	if (ret < 0)
		return ret;
	return oak_fail(err, OAK_E_REFUSED,
			"report %" PRIu64
			" of this host was acknowledged already, the last was %" PRIu64,
			r->sequence, last);
}

int hosts_take_report(struct db *db, const struct store_host *h, const struct report *r,
		      const char sha256[65], int64_t now_s, struct report_fate *ret,
		      struct oak_error *err)
{
	_cleanup_(known_clear) struct known k = { .n = 0 };
	int64_t n = db_query(db, &lock_host, (const struct db_value[]){ db_text(h->id) }, 1,
			     take_known, &k, err);

	*ret = (struct report_fate){ .is_new = false };
	if (!n)
		return oak_fail(err, OAK_E_NOTFOUND, "there is no host %s", h->id);
	if (n > 0)
		n = fits(db, &k, r, sha256, &ret->cloned, err);
	if (n <= 0)
		return (int)n;
	ret->is_new = true;
	return keep(db, &k, r, sha256, now_s, err);
}
