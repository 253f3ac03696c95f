/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reports come in batches, each batch is one transaction: that is what carries thousands a second. Nothing is
 * answered before it is committed. What is wrong with one report is an outcome of it; what is wrong with the
 * database fails the transaction, and then each report is tried by itself, so that one that the database does not
 * take spoils no other.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/json.h"
#include "fleet/api/host-side.h"
#include "fleet/ops/log.h"
#include "fleet/ops/metrics.h"
#include "fleet/server-settings.h"
#include "fleet/store/audit.h"
#include "fleet/store/event.h"
#include "fleet/store/hosts.h"
#include "fleet/store/rollouts.h"
#include "trust/fleet/seal.h"

#define ID_HEX 32

struct item {
	const struct http_exchange *x;
	const char *id; /* as the header says; NULL: none that is one */
	char sha256[SHA256_HEX_MAX];
	struct report report; /* parsed once its seal was good */
	bool parsed;
	/* What one try came to. */
	struct store_host host;
	enum checkin outcome;
	bool new_clone;
	char *answer;
	struct oak_error err;
};

static bool is_id(const char *text)
{
	return text && strlen(text) == ID_HEX && strspn(text, "0123456789abcdef") == ID_HEX;
}

static void prepare(struct item *item, const struct http_exchange *x)
{
	const char *id = http_header(x->req, "oakum-host");

	item->x = x;
	item->id = is_id(id) ? id : NULL;
	sha256_hex(x->req->body, x->req->len, item->sha256);
}

static void item_clear(struct item *item)
{
	free(item->answer);
	if (item->parsed)
		report_clear(&item->report);
	*item = (struct item){ .x = item->x };
}

static void forget_try(struct item *item)
{
	free(item->answer);
	item->answer = NULL;
	item->new_clone = false;
	item->err = (struct oak_error){ .code = OAK_OK };
}

static int outcome(struct item *item, enum checkin outcome)
{
	item->outcome = outcome;
	return 0;
}

/* Who is it, and did it write this? 1: go on; 0: the outcome is known. */
static int know(struct db *db, struct item *item, struct oak_error *err)
{
	const struct http_request *req = item->x->req;
	int r;

	if (!item->id) {
		(void)oak_fail(&item->err, OAK_E_FORMAT, "Oakum-Host: not 32 hexadecimal digits");
		return outcome(item, CHECKIN_MALFORMED);
	}
	r = hosts_find(db, item->id, &item->host, err);
	if (r == -OAK_E_NOTFOUND)
		return outcome(item, CHECKIN_UNKNOWN);
	if (r < 0)
		return r;
	if (!seal_fits_raw(SEAL_REPORT, item->host.key, req->body, req->len,
			   http_header(req, "oakum-signature")))
		return outcome(item, CHECKIN_SIGNATURE);
	return item->host.revoked ? outcome(item, CHECKIN_REVOKED) : 1;
}

/* 1: go on; 0: the outcome is known. Only what the host itself wrote is parsed. */
static int read_report(struct item *item)
{
	const struct http_request *req = item->x->req;

	if (!item->parsed) {
		if (report_parse(req->body, req->len, &item->report, &item->err) < 0)
			return outcome(item, CHECKIN_MALFORMED);
		item->parsed = true;
	}
	if (strcmp(item->report.host, item->id) != 0) {
		(void)oak_fail(&item->err, OAK_E_FORMAT, "host: not the one of Oakum-Host");
		return outcome(item, CHECKIN_MALFORMED);
	}
	return 1;
}

static int tell_clone(struct db *db, struct item *item, struct oak_error *err)
{
	const int64_t now_s = item->x->req->now_s;
	_cleanup_(json_decrefp) json_t *detail =
		json_pack("{s:s, s:s, s:I}", "name", item->host.name, "peer", item->x->req->peer,
			  "sequence", (json_int_t)item->report.sequence);
	const struct audit_entry entry = { .who = "server",
					   .action = "host.cloned",
					   .subject = item->id,
					   .detail = detail,
					   .at_s = now_s };
	const struct event event = {
		.type = "host.cloned", .subject = item->id, .data = detail, .at_s = now_s
	};
	int r;

	if (!detail)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	item->new_clone = true;
	r = audit_add(db, &entry, err);
	return r < 0 ? r : event_add(db, &event, err);
}

static int tell_failures(struct db *db, const struct item *item, struct oak_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < item->report.n_results; i++) {
		const struct report_result *result = &item->report.results[i];
		_cleanup_(json_decrefp) json_t *data = NULL;

		if (result->kind != REPORT_FAILED)
			continue;
		data = json_pack("{s:s, s:s, s:I, s:s}", "name", item->host.name, "rollout",
				 result->rollout, "level", (json_int_t)result->level, "why",
				 result->why);
		if (!data)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		r = event_add(db,
			      &(const struct event){ .type = "host.failed",
						     .subject = item->id,
						     .data = data,
						     .at_s = item->x->req->now_s },
			      err);
	}
	return r;
}

static json_t *tags_json(const char *words)
{
	_cleanup_(json_decrefp) json_t *ret = json_array();

	for (words += strspn(words, " "); *words; words += strspn(words, " ")) {
		size_t len = strcspn(words, " ");

		if (json_array_append_new(ret, json_stringn(words, len)) < 0)
			return NULL;
		words += len;
	}
	return take_ptr(ret);
}

static int write_answer(const struct fleet *fleet, struct grant_session *grants, struct item *item,
			struct oak_error *err)
{
	struct answer a = { .sequence = item->report.sequence,
			    .time_s = item->x->req->now_s,
			    .report_s = fleet->settings->report_s };
	_cleanup_(json_decrefp) json_t *tags = tags_json(item->host.tags);
	int r;

	if (!tags)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	memcpy(a.host, item->host.id, sizeof(a.host));
	memcpy(a.ring, item->host.ring, sizeof(a.ring));
	a.tags = tags;
	/* Also for a report that was taken before: its answer was lost, and the same grants hold. */
	r = grant_session_take(grants, &item->report, &a, err);
	return r < 0 ? r : answer_write(&a, &item->answer, err);
}

/* Less than 0: the database failed; the transaction is lost. */
static int take(struct worker_seat *seat, struct grant_session *grants, struct item *item,
		struct oak_error *err)
{
	struct report_fate fate = { .is_new = false };
	int r = know(seat->db, item, err);

	if (r <= 0)
		return r;
	r = read_report(item);
	if (r <= 0)
		return r;
	r = hosts_take_report(seat->db, &item->host, &item->report, item->sha256,
			      item->x->req->now_s, &fate, err);
	if (r == -OAK_E_REFUSED) {
		(void)outcome(item, CHECKIN_SEQUENCE);
		return fate.cloned && !item->host.cloned ? tell_clone(seat->db, item, err) : 0;
	}
	(void)outcome(item, fate.is_new ? CHECKIN_TAKEN : CHECKIN_REPEATED);
	if (r == 0 && fate.is_new)
		r = tell_failures(seat->db, item, err);
	return r < 0 ? r : write_answer(seat->fleet, grants, item, err);
}

static int take_all(struct worker_seat *seat, struct item *items, size_t n, struct oak_error *err)
{
	struct grant_session *grants = NULL;
	int r = db_begin(seat->db, err);

	if (r == 0)
		r = grant_session_begin(seat->db, items[0].x->req->now_s, &grants, err);
	for (size_t i = 0; r == 0 && i < n; i++) {
		forget_try(&items[i]);
		r = take(seat, grants, &items[i], err);
	}
	if (grants)
		grant_session_end(grants);
	if (r == 0)
		r = db_commit(seat->db, err);
	if (r < 0)
		db_rollback(seat->db);
	return r;
}

static void fail(struct item *item, const struct oak_error *err)
{
	forget_try(item);
	item->outcome = CHECKIN_FAILED;
	item->err = *err;
}

/*
 * OAK_E_AGAIN: somebody else was in the way, or the database is gone. Once more is enough to tell; trying each
 * by itself would only take longer. Any other failure is of one of the reports.
 */
static void take_each(struct worker_seat *seat, struct item *items, size_t n)
{
	struct oak_error err = { .code = OAK_OK };
	int r = take_all(seat, items, n, &err);

	if (r == -OAK_E_AGAIN)
		r = take_all(seat, items, n, &err);
	if (r == 0)
		return;
	for (size_t i = 0; i < n; i++) {
		if (n > 1 && r != -OAK_E_AGAIN)
			r = take_all(seat, &items[i], 1, &err);
		if (r < 0)
			fail(&items[i], &err);
	}
}

/* The host learns where to go on, and that it is the server who says so: sealed. */
static void refuse_sequence(const struct fleet *fleet, struct item *item)
{
	const struct http_request *req = item->x->req;
	_cleanup_(json_decrefp) json_t *j =
		json_pack("{s:s, s:s, s:i, s:s, s:s, s:s, s:s, s:I, s:I, s:s}", "type",
			  "about:blank", "title", "Conflict", "status", 409, "detail",
			  item->new_clone || item->host.cloned
				  ? "another report has this sequence: two machines may have one key"
				  : "the sequence is not the next one",
			  "instance", req->id, "code", "sequence", "host", item->host.id,
			  "sequence", (json_int_t)item->report.sequence, "expected",
			  (json_int_t)item->host.sequence, "machine", item->host.machine);
	_cleanup_(freep) char *text = j ? json_text(j) : NULL;

	if (!text) {
		(void)oak_fail(&item->err, OAK_E_NOMEM, "out of memory");
		host_busy(item->x, &item->err);
		return;
	}
	host_answer(fleet, item->x, 409, text);
	if (item->x->res->status == 409)
		item->x->res->type = "application/problem+json";
}

static void conclude(const struct fleet *fleet, struct item *item)
{
	const struct http_request *req = item->x->req;
	struct http_response *res = item->x->res;

	metrics_checkin(fleet->metrics, item->outcome);
	switch (item->outcome) {
	case CHECKIN_TAKEN:
	case CHECKIN_REPEATED:
		host_answer(fleet, item->x, 200, item->answer);
		break;
	case CHECKIN_SEQUENCE:
		refuse_sequence(fleet, item);
		break;
	case CHECKIN_SIGNATURE:
		http_problem(req, res, 401, "signature",
			     "the report is not signed by the host's key");
		break;
	case CHECKIN_UNKNOWN:
		http_problem(req, res, 404, "host-unknown", "no such host is enrolled here");
		break;
	case CHECKIN_REVOKED:
		http_problem(req, res, 403, "host-revoked", "this host was revoked");
		break;
	case CHECKIN_MALFORMED:
		http_problem(req, res, item->err.code == OAK_E_TOOLARGE ? 413 : 400, "malformed",
			     "%s", item->err.msg);
		break;
	case CHECKIN_FAILED:
	case CHECKINS:
	default:
		server_log(fleet->log, LOG_LEVEL_ERROR, "report.failed", log_text("host", item->id),
			   log_text("error", item->err.msg), log_text("request", req->id));
		host_busy(item->x, &item->err);
		break;
	}
	if (item->new_clone)
		server_log(fleet->log, LOG_LEVEL_WARNING, "host.cloned", log_text("host", item->id),
			   log_text("name", item->host.name), log_text("peer", req->peer),
			   log_text("request", req->id));
}

void host_reports(struct worker_seat *seat, struct http_exchange *x, size_t n)
{
	_cleanup_(freep) struct item *items = calloc(n, sizeof(*items));
	struct oak_error err = { .code = OAK_OK };

	if (!items) {
		(void)oak_fail(&err, OAK_E_NOMEM, "out of memory");
		for (size_t i = 0; i < n; i++)
			host_busy(&x[i], &err);
		return;
	}
	for (size_t i = 0; i < n; i++)
		prepare(&items[i], &x[i]);
	take_each(seat, items, n);
	for (size_t i = 0; i < n; i++) {
		conclude(seat->fleet, &items[i]);
		item_clear(&items[i]);
	}
}
