/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "fleet/fleet.h"
#include "fleet/http/cookie.h"
#include "fleet/people/local-path.h"
#include "fleet/people/sign-in.h"
#include "fleet/server-settings.h"
#include "fleet/store/audit.h"

#define TRIES 5

json_t *sign_in_form(const struct http_request *req, struct http_response *res)
{
	struct oak_error err = { 0 };
	json_t *form = NULL;

	if (form_parse(req->body, req->len, &form, &err) == 0)
		return form;
	http_fail(req, res, &err);
	return NULL;
}

const char *sign_in_to(const struct http_request *req, const json_t *form)
{
	return local_path_or_home(form ? form_text(form, "to") : http_query(req, "to"));
}

void sign_in_go(const struct http_request *req, struct http_response *res, const char *path,
		const char *to)
{
	_cleanup_(buf_free) struct buf at = { 0 };
	int r = buf_add_str(&at, path);

	if (r == 0 && to && strcmp(to, "/") != 0)
		r = web_add_query(&at, "to", to);
	page_go(req, res, r < 0 ? "/" : buf_str(&at), true, NULL);
}

void sign_in_start(json_t *view, const char *to, bool again)
{
	_cleanup_(buf_free) struct buf query = { 0 };

	if (web_add_query(&query, "to", to) == 0 &&
	    web_add_query(&query, "again", again ? "1" : NULL) == 0)
		(void)json_object_set_new(view, "start", json_string(buf_str(&query)));
}

int sign_in_cookie(struct http_response *res, const char *secret)
{
	char cookie[160];

	/* Without Max-Age: it ends with the browser, if not before by the server. */
	(void)snprintf(cookie, sizeof(cookie),
		       SESSION_COOKIE "=%s; Path=/; Secure; HttpOnly; SameSite=Lax%s",
		       secret ? secret : "", secret ? "" : "; Max-Age=0");
	return http_set_header(res, "Set-Cookie", cookie);
}

const char *sign_in_next(const struct session *s)
{
	if (s->state == SESSION_CODE)
		return "/login/code";
	if (s->state == SESSION_PASSWORD)
		return s->user.must_change ? "/login/password" : "/login/totp";
	return NULL;
}

bool sign_in_awaits(const struct http_request *req, struct http_response *res, const char *page,
		    const char *to)
{
	const char *next = req->session ? sign_in_next(req->session) : "/login";

	if (next && strcmp(next, page) == 0)
		return true;
	if (next)
		sign_in_go(req, res, next, to);
	else
		page_go(req, res, to, true, NULL);
	return false;
}

void sign_in_failed(struct worker_seat *seat, const struct http_request *req,
		    struct http_response *res, struct page p, const struct oak_error *err)
{
	char wait[16];
	unsigned status = err->code == OAK_E_REFUSED ? 401 : err->code == OAK_E_FORMAT ? 400 : 429;

	if (err->code != OAK_E_REFUSED && err->code != OAK_E_FORMAT && err->code != OAK_E_AGAIN) {
		json_decref(p.view);
		http_fail(req, res, err);
		return;
	}
	if (err->code == OAK_E_AGAIN) {
		(void)snprintf(wait, sizeof(wait), "%u", err->retry_s ? err->retry_s : 1);
		(void)!http_set_header(res, "Retry-After", wait);
	}
	(void)json_object_set_new(p.view, "error", json_string(err->msg));
	page_send(seat, req, res, status, p);
}

int sign_in_write(struct db *db, int (*write)(struct db *db, void *ctx, struct oak_error *err),
		  void *ctx, struct oak_error *err)
{
	int r = -OAK_E_AGAIN;

	for (unsigned i = 0; i < TRIES && r == -OAK_E_AGAIN; i++) {
		r = db_begin(db, err);
		if (r == 0)
			r = write(db, ctx, err);
		if (r == 0)
			r = db_commit(db, err);
		if (r < 0)
			db_rollback(db);
	}
	return r;
}

bool sign_in_wants_totp(const struct fleet *fleet, const struct user *u)
{
	const char *who = fleet->settings->require_totp;

	return strcmp(who, "all") == 0 || (strcmp(who, "admin") == 0 && u->role == ROLE_ADMIN);
}

/* What the password is followed by. */
static enum session_state state_after(const struct fleet *fleet, const struct sign_in *s)
{
	const struct user *u = s->user;

	if (s->by_provider)
		return SESSION_FULL;
	if (u->has_totp)
		return SESSION_CODE;
	return u->must_change || sign_in_wants_totp(fleet, u) ? SESSION_PASSWORD : SESSION_FULL;
}

struct making {
	const struct http_request *req;
	const struct user *user;
	enum session_state state;
	const char *before; /* the secret that the browser had; NULL */
	char secret[SESSION_SECRET];
};

static int make_session(struct db *db, void *ctx, struct oak_error *err)
{
	struct making *m = ctx;
	const struct session_from from = { m->req->peer, http_header(m->req, "user-agent"),
					   m->req->now_s };
	int r = m->before ? session_end(db, m->before, m->req->now_s, err) : 0;

	return r < 0 ? r : session_create(db, m->user, m->state, &from, m->secret, err);
}

void sign_in_as(struct worker_seat *seat, const struct http_request *req, struct http_response *res,
		const struct sign_in *s)
{
	char before[SESSION_SECRET];
	struct making m = { .req = req, .user = s->user, .state = state_after(seat->fleet, s) };
	struct session made = { .state = m.state, .user = *s->user };
	struct oak_error err = { 0 };
	int r;

	if (http_cookie(req, SESSION_COOKIE, before, sizeof(before)))
		m.before = before;
	r = sign_in_write(seat->db, make_session, &m, &err);
	if (r == 0 && sign_in_cookie(res, m.secret) < 0)
		r = oak_fail(&err, OAK_E_NOMEM, "out of memory");
	if (r < 0) {
		http_fail(req, res, &err);
		return;
	}
	if (sign_in_next(&made))
		sign_in_go(req, res, sign_in_next(&made), s->to);
	else
		page_go(req, res, s->to, true, NULL);
}

struct renewing {
	const struct http_request *req;
	enum session_state state;
	char before[SESSION_SECRET], secret[SESSION_SECRET];
};

static int renew(struct db *db, void *ctx, struct oak_error *err)
{
	struct renewing *n = ctx;

	return session_renew(db, n->before, n->state, n->req->now_s, n->secret, err);
}

int sign_in_renew(struct worker_seat *seat, const struct http_request *req,
		  struct http_response *res, enum session_state state, struct oak_error *err)
{
	struct renewing n = { .req = req, .state = state };
	int r;

	if (!http_cookie(req, SESSION_COOKIE, n.before, sizeof(n.before)))
		return oak_fail(err, OAK_E_REFUSED, "the session has ended: sign in again");
	r = sign_in_write(seat->db, renew, &n, err);
	if (r == 0 && sign_in_cookie(res, n.secret) < 0)
		r = oak_fail(err, OAK_E_NOMEM, "out of memory");
	return r;
}

int sign_in_note(struct db *db, const struct http_request *req, const char *action,
		 struct oak_error *err)
{
	char who[PERSON_NAME_MAX + 8];
	const struct audit_entry e = {
		.who = who, .action = action, .subject = req->session->user.id, .at_s = req->now_s
	};

	/* While signing in nobody is "user:<name>" yet. */
	(void)snprintf(who, sizeof(who), "user:%s", req->session->user.name);
	return audit_add(db, &e, err);
}

bool sign_in_proved(const struct http_request *req, struct http_response *res, const char *to)
{
	if (req->now_s - req->session->proved_s <= SESSION_PROOF_S)
		return true;
	sign_in_go(req, res, "/prove", to);
	return false;
}
