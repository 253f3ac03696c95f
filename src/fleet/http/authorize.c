/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * authorize: who asks, and may he? A token in the header Authorization, else the session of a browser's cookie; pages
 * know cookies alone. Both come down to scopes, which the row of the route is held against.
 *
 * What a browser sends along by itself proves nothing about who wanted it: a request by cookie that changes something
 * shows the session's csrf, and comes from a page of ours as far as the browser tells.
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "fleet/http/cookie.h"
#include "fleet/http/listener-priv.h"

#define LOGIN "/login"
#define PROVE "/prove"

static bool refuse(struct exchange *x, unsigned status, const char *code, const char *why)
{
	x->state = EXCHANGE_ANSWERED;
	http_problem(&x->req, &x->res, status, code, "%s", why);
	return false;
}

static bool is_safe(const struct http_request *req)
{
	return strcmp(req->method, "GET") == 0 || strcmp(req->method, "HEAD") == 0 ||
	       strcmp(req->method, "OPTIONS") == 0;
}

static bool wants_somebody(const struct exchange *x)
{
	const struct route *r = x->route;

	if (r->page)
		return !r->open;
	return r->scope && !(r->scope & x->listener->opt.open_scopes);
}

static int add_escaped(struct buf *b, const char *text)
{
	static const char fine[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
	int r = 0;

	for (; r == 0 && *text; text++)
		r = buf_printf(b, strchr(fine, *text) ? "%c" : "%%%02X", (unsigned char)*text);
	return r;
}

/* The query, whose every "%" is escaped once more, as it is itself a value. */
static int add_query(struct buf *b, const struct http_request *req)
{
	_cleanup_(buf_free) struct buf q = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < req->n_query; i++) {
		r = buf_add_str(&q, i ? "&" : "?");
		if (r == 0)
			r = add_escaped(&q, req->query[i].name);
		if (r == 0)
			r = buf_add_str(&q, "=");
		if (r == 0)
			r = add_escaped(&q, req->query[i].value);
	}
	return r < 0 ? r : add_escaped(b, buf_str(&q));
}

/* 303 to @page, which leads back; @to is the start of what is led back to. */
static bool lead_to(struct exchange *x, const char *page, struct buf *to)
{
	_cleanup_(buf_free) struct buf location = { 0 };

	if (buf_printf(&location, "%s%s%s", page, to->len ? "?to=" : "", buf_str(to)) < 0 ||
	    http_set_header(&x->res, "Location", buf_str(&location)) < 0)
		return refuse(x, 503, "memory", "out of memory");
	x->state = EXCHANGE_ANSWERED;
	x->res.status = 303;
	x->res.type = "text/plain";
	return false;
}

/* Where somebody signs in, and comes back from. */
static bool lead_to_login(struct exchange *x)
{
	_cleanup_(buf_free) struct buf to = { 0 };

	if (is_safe(&x->req) && strcmp(x->req.path, "/") != 0 &&
	    (add_escaped(&to, x->req.path) < 0 || add_query(&to, &x->req) < 0))
		return refuse(x, 503, "memory", "out of memory");
	return lead_to(x, LOGIN, &to);
}

/* The form is lost, but the page that it stood on is known: our own pages tell it. */
static bool lead_to_proof(struct exchange *x)
{
	const char *referer = http_header(&x->req, "referer");
	const char *host = http_header(&x->req, "host");
	const char *at = referer ? strstr(referer, "://") : NULL;
	_cleanup_(buf_free) struct buf to = { 0 };

	if (!x->req.page)
		return refuse(x, 403, "prove-again", ROUTE_PROVE);
	if (at && host && host[0] && strncmp(at + 3, host, strlen(host)) == 0 &&
	    at[3 + strlen(host)] == '/' && add_escaped(&to, at + 3 + strlen(host)) < 0)
		return refuse(x, 503, "memory", "out of memory");
	return lead_to(x, PROVE, &to);
}

static bool refuse_token(struct exchange *x, const char *why)
{
	(void)!http_set_header(&x->res, "WWW-Authenticate", "Bearer realm=\"oakum\"");
	return refuse(x, 401, "token", why);
}

/* Nobody is signed in. What a script of a page fetches is told so: it would put the sign-in into the page. */
static bool refuse_nobody(struct exchange *x, const char *why)
{
	if (x->req.page && !http_header(&x->req, "oakum-part"))
		return lead_to_login(x);
	if (x->req.page)
		return refuse(x, 401, "session", why);
	return refuse_token(x, why);
}

bool authorize_begin(struct exchange *x)
{
	const char *given = http_header(&x->req, "authorization");
	bool wanted = wants_somebody(x);

	/* Sign-in too: nobody is signed in as somebody else by a page that is not ours. */
	if (x->route->page && !is_safe(&x->req) && !http_is_ours(&x->req))
		return refuse(x, 403, "origin", "this was asked by a page of another site");
	/* Assets and the like: the same for all. */
	if (!wanted && (!x->route->page || x->route->kind == ROUTE_MEMORY))
		return true;
	if (!x->route->page && given && strncasecmp(given, "Bearer ", 7) == 0) {
		x->secret = given + 7 + strspn(given + 7, " ");
		return true;
	}
	x->by_cookie = http_cookie(&x->req, SESSION_COOKIE, x->cookie, sizeof(x->cookie));
	if (!x->by_cookie && wanted)
		return refuse_nobody(x,
				     "this page wants a token: Authorization: Bearer oakum-api-...");
	return true;
}

static bool check_scope(struct exchange *x, const char *why)
{
	if (route_allowed(x->route->scope, x->req.scopes))
		return true;
	return refuse(x, 403, "scope", why);
}

static bool by_token(struct worker_seat *seat, struct exchange *x)
{
	struct oak_error err = { 0 };
	int r = x->listener->opt.check_token(seat->db, x->secret, x->req.now_s, &x->token, &err);

	if (r == -OAK_E_NOTFOUND) {
		limits_failed(x);
		return refuse_token(x, "the token is not known, has expired, or was revoked");
	}
	if (r < 0) {
		http_fail(&x->req, &x->res, &err);
		return false;
	}
	(void)snprintf(x->who, sizeof(x->who), "token:%s", x->token.name);
	x->req.who = x->who;
	x->req.person = x->token.person;
	x->req.scopes = x->token.scopes;
	return check_scope(x, "the token does not allow this") && limits_token(x);
}

static bool shows_csrf(const struct exchange *x)
{
	char given[PERSON_CSRF_LEN + 2];

	http_csrf(&x->req, given, sizeof(given));
	return strlen(given) == PERSON_CSRF_LEN &&
	       !sodium_memcmp(given, x->session.csrf, PERSON_CSRF_LEN);
}

/* Signed in, or on the way to it; on an open page nobody is fine as well. */
static bool take_session(struct exchange *x)
{
	bool proven = is_safe(&x->req) || shows_csrf(x);
	bool full = x->session.state == SESSION_FULL;

	if (x->route->open && !proven)
		return true;
	if (!x->route->open && !full)
		return refuse_nobody(x, "signing in is not complete");
	if (!proven)
		return refuse(x, 403, "csrf",
			      "the form is not of this session: go back, load the page again, and "
			      "send it once more");
	if (!is_safe(&x->req) && !http_is_ours(&x->req))
		return refuse(x, 403, "origin", "this was asked by a page of another site");
	x->req.session = &x->session;
	if (!full)
		return true;
	(void)snprintf(x->who, sizeof(x->who), "user:%s", x->session.user.name);
	x->req.who = x->who;
	x->req.person = x->session.user.id;
	x->req.scopes = role_scopes(x->session.user.role);
	if (!check_scope(x, "your role does not allow this"))
		return false;
	return route_proved(x->route, &x->req) ? limits_token(x) : lead_to_proof(x);
}

static bool by_session(struct worker_seat *seat, struct exchange *x)
{
	struct oak_error err = { 0 };
	int r = -OAK_E_NOTFOUND;

	if (x->listener->opt.check_session)
		r = x->listener->opt.check_session(seat->db, x->cookie, x->req.now_s, &x->session,
						   &err);
	if (r == -OAK_E_NOTFOUND) {
		limits_failed(x);
		return x->route->open || refuse_nobody(x, "nobody is signed in, or no longer");
	}
	if (r < 0) {
		http_fail(&x->req, &x->res, &err);
		return false;
	}
	return take_session(x);
}

bool authorize(struct worker_seat *seat, struct exchange *x)
{
	if (x->secret)
		return by_token(seat, x);
	return x->by_cookie ? by_session(seat, x) : true;
}
