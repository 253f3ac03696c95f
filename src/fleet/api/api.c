/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/api/api.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "fleet/api/api-priv.h"
#include "fleet/director/shelf.h"
#include "fleet/fleet.h"
#include "fleet/store/audit.h"
#include "fleet/store/event.h"
#include "fleet/store/idempotency.h"

int api_give(struct api_call *c, json_t *json, struct oak_error *err)
{
	if (!json)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	json_decref(c->answer);
	c->answer = json;
	return 0;
}

int api_page(struct api_call *c, const char *name, json_t *list, char *next, struct oak_error *err)
{
	_cleanup_(freep) char *cursor = next;

	return api_give(c, json_pack("{s:o, s:s?}", name, list, "next", cursor), err);
}

int api_did(struct api_call *c, const struct api_deed *deed, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *detail = deed->detail;
	struct audit_entry entry = { .who = c->req->who,
				     .action = deed->action,
				     .subject = deed->subject ? deed->subject : "",
				     .detail = detail,
				     .at_s = c->req->now_s };
	struct event event = {
		.type = deed->event, .subject = entry.subject, .data = detail, .at_s = c->req->now_s
	};
	int r = audit_add(c->db, &entry, err);

	if (r == 0 && deed->event)
		r = event_add(c->db, &event, err);
	return r;
}

/* The ETag of a body: of its bytes, so that any server makes the same one. */
static void etag_of(const void *data, size_t len, char ret[API_ETAG_MAX])
{
	char hex[SHA256_HEX_MAX];

	sha256_hex(data, len, hex);
	(void)snprintf(ret, API_ETAG_MAX, "\"%.32s\"", hex);
}

/* Is @etag in the list of an If-Match or If-None-Match? Weak ones compare by what they hold. */
bool api_etag_listed(const char *list, const char *etag)
{
	size_t len = strlen(etag);

	while (*list) {
		list += strspn(list, " \t,");
		if (*list == '*')
			return true;
		if (strncmp(list, "W/", 2) == 0)
			list += 2;
		if (strncmp(list, etag, len) == 0 &&
		    (list[len] == '\0' || strchr(" \t,", list[len])))
			return true;
		list += strcspn(list, ",");
	}
	return false;
}

static int etag_of_json(const json_t *json, char ret[API_ETAG_MAX], struct oak_error *err)
{
	_cleanup_(freep) char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);

	if (!text)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	etag_of(text, strlen(text), ret);
	return 0;
}

/* Of a HEAD too: whoever sends the answer leaves the body out. */
static bool is_read(const struct http_request *req)
{
	return strcmp(req->method, "GET") == 0 || strcmp(req->method, "HEAD") == 0;
}

static void send_answer(struct api_call *c, struct http_response *res)
{
	const char *none_match = http_header(c->req, "if-none-match");
	struct oak_error err = { .code = OAK_OK };
	char etag[API_ETAG_MAX];

	if (!c->answer) {
		res->status = c->status ? c->status : 204;
		return;
	}
	if (is_read(c->req)) {
		if (etag_of_json(c->answer, etag, &err) < 0 ||
		    http_set_header(res, "ETag", etag) < 0) {
			http_problem(c->req, res, 500, "failed", "out of memory");
			return;
		}
		if (none_match && api_etag_listed(none_match, etag)) {
			res->status = 304;
			return;
		}
	}
	http_json(res, c->status ? c->status : 200, take_ptr(c->answer));
}

static void send_failure(struct api_call *c, struct http_response *res, const struct oak_error *err)
{
	if (c->status >= 400)
		http_problem(c->req, res, c->status, c->code ? c->code : "refused", "%s", err->msg);
	else if (err->code == OAK_E_FORMAT || err->code == OAK_E_USAGE)
		http_problem(c->req, res, 400, c->code ? c->code : "invalid", "%s", err->msg);
	else
		http_fail(c->req, res, err);
}

static int fail_with(struct api_call *c, unsigned status, const char *code)
{
	c->status = status;
	c->code = code;
	return -OAK_E_REFUSED;
}

/* What is there must be what the caller saw. */
static int check_match(struct api_call *c, const struct api_op *op, struct oak_error *err)
{
	const char *match = http_header(c->req, "if-match");
	char etag[API_ETAG_MAX];
	int r;

	if (!match || !op->current)
		return 0;
	r = op->current(c, err);
	if (r == 0)
		r = etag_of_json(c->answer, etag, err);
	json_decref(take_ptr(c->answer));
	if (r < 0)
		return r;
	if (api_etag_listed(match, etag))
		return 0;
	(void)oak_fail(err, OAK_E_REFUSED, "it has changed since you read it: read it again");
	return fail_with(c, 412, "changed");
}

/* Of all that makes two requests the same one. */
static void digest_of(const struct http_request *req, char ret[SHA256_HEX_MAX])
{
	_cleanup_(buf_free) struct buf b = { 0 };

	ret[0] = '\0';
	if (buf_printf(&b, "%s %s\n", req->method, req->path) == 0 &&
	    (!req->len || buf_add(&b, req->body, req->len) == 0))
		sha256_hex(b.data, b.len, ret);
}

static int check_key(const char *key, struct oak_error *err)
{
	size_t len = strlen(key);

	for (const char *p = key; *p; p++)
		if (*p <= ' ' || *p > '~')
			return oak_fail(err, OAK_E_FORMAT,
					"Idempotency-Key: must be printable, without blanks");
	if (!len || len > API_KEY_MAX)
		return oak_fail(err, OAK_E_FORMAT, "Idempotency-Key: must be 1 to %u characters",
				API_KEY_MAX);
	return 0;
}

/* 1: it was done before, and c->answer is what was said then. */
static int take_key(struct api_call *c, const struct idempotency *id, struct oak_error *err)
{
	struct idempotency_answer old = { 0 };
	int r;

	if (!id->key)
		return 0;
	r = check_key(id->key, err);
	if (r == 0)
		r = idempotency_take(c->db, id, &old, err);
	if (r <= 0)
		return r;
	if (strcmp(old.digest, id->digest) != 0) {
		json_decref(old.answer);
		(void)oak_fail(err, OAK_E_REFUSED,
			       "this Idempotency-Key was used for another request: take a new one");
		return fail_with(c, 422, "idempotency-key");
	}
	c->status = old.status;
	c->answer = old.answer;
	return 1;
}

static int keep_answer(struct api_call *c, const struct api_op *op, const struct idempotency *id,
		       struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *kept = NULL;
	unsigned otherwise = c->answer ? 200 : 204;

	if (!id->key)
		return 0;
	if (c->answer) {
		kept = json_copy(c->answer);
		if (!kept)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		/* The database holds no secret in clear, not even for a day. */
		if (op->secret && json_object_set_new(kept, op->secret, json_null()) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	return idempotency_keep(c->db, id, c->status ? c->status : otherwise, kept, err);
}

static int write_within(struct api_call *c, const struct api_op *op, bool *ret_again,
			struct oak_error *err)
{
	char digest[SHA256_HEX_MAX];
	struct idempotency id = { .who = c->req->who,
				  .key = http_header(c->req, "idempotency-key"),
				  .digest = digest,
				  .now_s = c->req->now_s };
	int r;

	digest_of(c->req, digest);
	r = take_key(c, &id, err);
	if (r != 0) {
		*ret_again = r > 0;
		return r < 0 ? r : 0;
	}
	r = check_match(c, op, err);
	if (r == 0)
		r = op->run(c, err);
	return r < 0 ? r : keep_answer(c, op, &id, err);
}

static int run_write(struct api_call *c, const struct api_op *op, bool *ret_again,
		     struct oak_error *err)
{
	int r = db_begin(c->db, err);

	if (r < 0)
		return r;
	r = write_within(c, op, ret_again, err);
	if (r == 0)
		r = db_commit(c->db, err);
	if (r < 0)
		db_rollback(c->db);
	return r;
}

static int read_body(struct api_call *c, const struct api_op *op, json_t **ret,
		     struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *body = NULL;
	int r;

	if (!op->members && !op->any_members)
		return c->req->len ? oak_fail(err, OAK_E_FORMAT, "this takes no body") : 0;
	r = json_parse(c->req->body ? c->req->body : "", c->req->len, HTTP_BODY_MAX, "body", &body,
		       err);
	if (r < 0)
		return r;
	if (!json_is_object(body))
		return oak_fail(err, OAK_E_FORMAT, "body: must be a JSON object");
	r = op->members ? api_check_members(body, op->members, err) : 0;
	if (r < 0)
		return r;
	*ret = take_ptr(body);
	return 0;
}

void api_answer(struct worker_seat *seat, const struct http_request *req, struct http_response *res,
		const struct api_op *op)
{
	_cleanup_(json_decrefp) json_t *body = NULL;
	struct api_call c = { .seat = seat, .db = seat->db, .req = req };
	struct oak_error err = { .code = OAK_OK };
	bool again = false;
	int r = api_check_query(req, op->query, &err);

	if (r == 0)
		r = read_body(&c, op, &body, &err);
	c.body = body;
	if (r == 0)
		r = op->writes ? run_write(&c, op, &again, &err) : op->run(&c, &err);
	if (r < 0)
		send_failure(&c, res, &err);
	else
		send_answer(&c, res);
	json_decref(c.answer);
	if (again && http_set_header(res, "Idempotency-Replayed", "true") < 0)
		http_problem(req, res, 500, "failed", "out of memory");
	if (r == 0 && c.wake && !again && seat->fleet && seat->fleet->shelf)
		shelf_wake(seat->fleet->shelf);
}
