/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "fleet/api/enrol-request.h"
#include "fleet/api/host-side.h"
#include "fleet/ops/log.h"
#include "fleet/ops/metrics.h"
#include "fleet/server-settings.h"
#include "fleet/store/audit.h"
#include "fleet/store/event.h"
#include "fleet/store/tokens.h"
#include "trust/fleet/seal.h"

/* The store's {"host","name","ring","tags"} and what the server adds. */
static int complete(const struct fleet *fleet, json_t *doc, char **ret, struct oak_error *err)
{
	char key[SEAL_KEY_HEX_MAX];
	int r = seal_key_hex(fleet->key, key, err);

	if (r < 0)
		return r;
	if (json_object_set_new(doc, "schema", json_integer(1)) < 0 ||
	    json_object_set_new(doc, "keys", json_pack("[s]", key)) < 0 ||
	    json_object_set_new(doc, "poll_s", json_integer(fleet->settings->poll_s)) < 0 ||
	    json_object_set_new(doc, "report_s", json_integer(fleet->settings->report_s)) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	*ret = json_text(doc);
	return *ret ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

/* Only a host that is new is told of. */
static int tell(struct db *db, json_t *doc, int64_t now_s, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *detail =
		json_pack("{s:O, s:O, s:O}", "name", json_object_get(doc, "name"), "ring",
			  json_object_get(doc, "ring"), "tags", json_object_get(doc, "tags"));
	const char *id = json_get_str(doc, "host");
	char who[sizeof("host:") + 32] = "host:";
	const struct audit_entry entry = {
		.who = who, .action = "host.enrol", .subject = id, .detail = detail, .at_s = now_s
	};
	const struct event event = {
		.type = "host.enrolled", .subject = id, .data = detail, .at_s = now_s
	};
	int r;

	if (!detail || !id)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	(void)strncat(who, id, sizeof(who) - sizeof("host:"));
	r = audit_add(db, &entry, err);
	return r < 0 ? r : event_add(db, &event, err);
}

struct enrolled {
	json_t *doc;
	char *text;
	bool new;
	const char *code; /* of a refusal */
};

static int take(struct worker_seat *seat, const struct enrolment *e, struct enrolled *ret,
		struct oak_error *err)
{
	int r = db_begin(seat->db, err);

	if (r == 0)
		r = enrol(seat->db, e, &ret->doc, &ret->new, &ret->code, err);
	if (r == 0 && ret->new)
		r = tell(seat->db, ret->doc, e->now_s, err);
	if (r == 0)
		r = complete(seat->fleet, ret->doc, &ret->text, err);
	if (r == 0)
		r = db_commit(seat->db, err);
	if (r < 0)
		db_rollback(seat->db);
	return r;
}

/* Says what became of it: to the host, to the log, to the counters. */
static void conclude(struct worker_seat *seat, const struct http_exchange *x,
		     const struct enrolled *e, int r, const struct oak_error *err)
{
	struct fleet *fleet = seat->fleet;
	const char *id = json_get_str(e->doc, "host");

	if (r == 0) {
		metrics_enrolment(fleet->metrics, e->new ? ENROLLING_NEW : ENROLLING_AGAIN);
		server_log(fleet->log, LOG_LEVEL_NOTICE, "host.enrolled", log_text("host", id),
			   log_text("name", json_get_str(e->doc, "name")),
			   log_text("ring", json_get_str(e->doc, "ring")),
			   log_number("new", e->new), log_text("peer", x->req->peer),
			   log_text("request", x->req->id));
		host_answer(fleet, x, e->new ? 201 : 200, e->text);
	} else if (r == -OAK_E_REFUSED && e->code) {
		metrics_enrolment(fleet->metrics, ENROLLING_REFUSED);
		server_log(fleet->log, LOG_LEVEL_WARNING, "host.enrol-refused",
			   log_text("code", e->code), log_text("peer", x->req->peer),
			   log_text("request", x->req->id));
		http_problem(x->req, x->res, 403, e->code, "%s", err->msg);
	} else {
		metrics_enrolment(fleet->metrics, ENROLLING_FAILED);
		server_log(fleet->log, LOG_LEVEL_ERROR, "host.enrol-failed",
			   log_text("error", err->msg), log_text("request", x->req->id));
		host_busy(x, err);
	}
}

static void enrolled_clear(struct enrolled *e)
{
	json_decref(e->doc);
	free(e->text);
}

void host_enrol(struct worker_seat *seat, const struct http_request *req, struct http_response *res)
{
	const struct http_exchange x = { .req = req, .res = res };
	_cleanup_(enrol_request_clear) struct enrol_request request = { .json = NULL };
	_cleanup_(enrolled_clear) struct enrolled e = { .doc = NULL };
	struct oak_error err = { .code = OAK_OK };
	int r = enrol_request_parse(req->body, req->len, &request, &err);

	if (r < 0) {
		metrics_enrolment(seat->fleet->metrics, ENROLLING_REFUSED);
		http_problem(req, res, r == -OAK_E_TOOLARGE ? 413 : 400, "malformed", "%s", err.msg);
		return;
	}
	/* Who asks has the key: nobody enrols that of another. */
	if (!seal_fits_raw(SEAL_ENROL, request.key, req->body, req->len,
			   http_header(req, "oakum-signature"))) {
		metrics_enrolment(seat->fleet->metrics, ENROLLING_REFUSED);
		http_problem(req, res, 401, "signature",
			     "the enrolment is not signed by the key in it");
		return;
	}
	r = take(seat,
		 &(const struct enrolment){ .token = request.token,
					    .name = request.name,
					    .machine = request.machine,
					    .key = request.key,
					    .tags = request.tags,
					    .now_s = req->now_s },
		 &e, &err);
	conclude(seat, &x, &e, r, &err);
}
