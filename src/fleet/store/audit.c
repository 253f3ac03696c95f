/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/audit.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "fleet/store/journal.h"
#include "fleet/store/rows.h"
#include "trust/canonical.h"

static const struct db_statement insert = {
	"audit: add",
	"INSERT INTO audit (sequence, at_s, who, action, subject, detail, hash)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7)",
	NULL
};
static const struct db_statement walk = {
	"audit: walk",
	"SELECT sequence, at_s, who, action, subject, detail, hash FROM audit ORDER BY sequence",
	NULL
};
static const struct db_statement page_all = {
	"audit: list",
	"SELECT sequence, at_s, who, action, subject, detail, hash FROM audit"
	" WHERE sequence < $1 ORDER BY sequence DESC LIMIT $2",
	NULL
};
static const struct db_statement page_subject = {
	"audit: list of one",
	"SELECT sequence, at_s, who, action, subject, detail, hash FROM audit"
	" WHERE subject = $3 AND sequence < $1 ORDER BY sequence DESC LIMIT $2",
	NULL
};

/* Borrows @detail. */
static int hash_of(int64_t sequence, const struct audit_entry *e, const char *previous,
		   char ret[SHA256_HEX_MAX], struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	_cleanup_(json_decrefp) json_t *j =
		json_pack("{s:I, s:I, s:s, s:s, s:s, s:O, s:s}", "sequence", (json_int_t)sequence,
			  "at", (json_int_t)e->at_s, "who", e->who, "action", e->action, "subject",
			  e->subject, "detail", e->detail, "previous", previous);
	int r;

	if (!j)
		return oak_fail(err, OAK_E_FORMAT, "audit: not UTF-8, or out of memory");
	r = canonical_json(j, &text, err);
	if (r < 0)
		return oak_context(err, "audit");
	sha256_hex(text.data, text.len, ret);
	return 0;
}

int audit_add(struct db *db, const struct audit_entry *e, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *detail = e->detail ? json_incref(e->detail) : json_object();
	_cleanup_(freep) char *text = json_dumps(detail, JSON_COMPACT | JSON_SORT_KEYS);
	struct audit_entry full = *e;
	struct journal_head head = { 0 };
	char hash[SHA256_HEX_MAX];
	int r;

	if (!text)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	full.detail = detail;
	r = journal_lock(db, "audit", &head, err);
	if (!r)
		r = hash_of(head.sequence + 1, &full, head.hash, hash, err);
	if (r < 0)
		return r;
	head.sequence++;
	(void)snprintf(head.hash, sizeof(head.hash), "%s", hash);
	r = rows_run(db, &insert,
		     (const struct db_value[]){ db_int(head.sequence), db_int(e->at_s),
						db_text(e->who), db_text(e->action),
						db_text(e->subject), db_text(text), db_text(hash) },
		     7, err);
	return r < 0 ? r : journal_move(db, "audit", &head, err);
}

struct walk {
	struct journal_head at; /* the entry before */
	struct journal_head head;
};

static int verify_entry(void *ctx, const struct db_row *row, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *detail = NULL;
	struct walk *w = ctx;
	struct audit_entry e = { .at_s = db_row_int(row, 1) };
	char hash[SHA256_HEX_MAX];
	int r;

	if (db_row_int(row, 0) != w->at.sequence + 1)
		return oak_fail(err, OAK_E_TRUST, "audit: entry %" PRId64 " is missing",
				w->at.sequence + 1);
	w->at.sequence++;
	e.who = db_row_text(row, 2);
	e.action = db_row_text(row, 3);
	e.subject = db_row_text(row, 4);
	r = rows_json(row, 5, &detail, err);
	e.detail = detail;
	if (!r)
		r = hash_of(w->at.sequence, &e, w->at.hash, hash, err);
	if (r == -OAK_E_NOMEM)
		return r;
	if (r < 0 || strcmp(hash, db_row_text(row, 6)) != 0 ||
	    (w->at.sequence == w->head.sequence && strcmp(hash, w->head.hash) != 0))
		return oak_fail(err, OAK_E_TRUST, "audit: entry %" PRId64 " was changed",
				w->at.sequence);
	memcpy(w->at.hash, hash, sizeof(hash));
	return 0;
}

int audit_verify(struct db *db, uint64_t *ret_entries, struct oak_error *err)
{
	struct walk w = { 0 };
	int64_t n = journal_read(db, "audit", &w.head, err);

	if (n >= 0)
		n = db_query(db, &walk, NULL, 0, verify_entry, &w, err);
	if (n < 0)
		return (int)n;
	/* More than the head said: they came while we walked. */
	if (w.at.sequence < w.head.sequence)
		return oak_fail(err, OAK_E_TRUST, "audit: entry %" PRId64 " is missing",
				w.at.sequence + 1);
	*ret_entries = (uint64_t)n;
	return 0;
}

static int list_entry(void *ctx, const struct db_row *row, struct oak_error *err)
{
	json_t *detail = NULL;
	int r = rows_json(row, 5, &detail, err);

	if (r < 0)
		return r;
	return rows_append(ctx,
			   json_pack("{s:I, s:I, s:s, s:s, s:s, s:o, s:s}", "sequence",
				     (json_int_t)db_row_int(row, 0), "at",
				     (json_int_t)db_row_int(row, 1), "who", db_row_text(row, 2),
				     "action", db_row_text(row, 3), "subject", db_row_text(row, 4),
				     "detail", detail, "hash", db_row_text(row, 6)),
			   err);
}

int audit_list(struct db *db, const struct audit_page *page, json_t **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	const struct db_value args[] = { db_int(page->before > 0 ? page->before : INT64_MAX),
					 db_int(page->limit), db_text(page->subject) };
	int64_t r;

	if (!list)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = db_query(db, page->subject ? &page_subject : &page_all, args, page->subject ? 3 : 2,
		     list_entry, list, err);
	if (r < 0)
		return (int)r;
	*ret = take_ptr(list);
	return 0;
}
