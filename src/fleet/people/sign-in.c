/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "fleet/fleet.h"
#include "fleet/http/cookie.h"
#include "fleet/people/sign-in.h"
#include "fleet/store/second-factor.h"

/* @name: what was typed, back into its field. */
static struct page login(const struct fleet *fleet, const char *name, const char *to)
{
	json_t *view = json_pack("{s:s, s:s, s:b}", "name", name, "to", to, "provider",
				 fleet->oidc != NULL);

	sign_in_start(view, to, false);
	return (struct page){ .template = "login", .title = "Sign in", .view = view };
}

void login_page(struct worker_seat *seat, const struct http_request *req, struct http_response *res)
{
	const char *to = sign_in_to(req, NULL);
	struct page p;

	if (req->session && !sign_in_next(req->session)) {
		page_go(req, res, to, true, NULL);
		return;
	}
	p = login(seat->fleet, "", to);
	if (http_query(req, "out"))
		(void)json_object_set_new(p.view, "out", json_true());
	page_send(seat, req, res, 200, p);
}

void login_try(struct worker_seat *seat, const struct http_request *req, struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *form = sign_in_form(req, res);
	struct oak_error err = { 0 };
	struct user user;
	const char *name, *to;
	int r;

	if (!form)
		return;
	to = sign_in_to(req, form);
	name = form_text(form, "name");
	r = user_check_password(seat->db, name, form_text(form, "password"), req->peer, req->now_s,
				&user, &err);
	if (r < 0) {
		sign_in_failed(seat, req, res, login(seat->fleet, name, to), &err);
		return;
	}
	sign_in_as(seat, req, res, &(struct sign_in){ .user = &user, .to = to });
}

static struct page code(const char *to)
{
	return (struct page){ .template = "code",
			      .title = "Sign in: code",
			      .view = json_pack("{s:s}", "to", to) };
}

void login_code_page(struct worker_seat *seat, const struct http_request *req,
		     struct http_response *res)
{
	const char *to = sign_in_to(req, NULL);

	if (sign_in_awaits(req, res, "/login/code", to))
		page_send(seat, req, res, 200, code(to));
}

static void tell_recovery(struct worker_seat *seat, const struct http_request *req,
			  struct http_response *res, const char *to)
{
	struct oak_error err = { 0 };
	unsigned left = 0;
	char text[160];

	if (user_recovery_left(seat->db, req->session->user.id, &left, &err) < 0)
		left = 0;
	(void)snprintf(text, sizeof(text),
		       "That was a recovery code: %u are left. With a new authenticator, set it up "
		       "in your account; that gives new ones.",
		       left);
	page_go(req, res, to, left > 2, text);
}

void login_code_try(struct worker_seat *seat, const struct http_request *req,
		    struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *form = sign_in_form(req, res);
	struct oak_error err = { 0 };
	struct session after;
	bool recovery = false;
	const char *to;
	int r;

	if (!form)
		return;
	to = sign_in_to(req, form);
	if (!sign_in_awaits(req, res, "/login/code", to))
		return;
	after = *req->session;
	after.state = after.user.must_change ? SESSION_PASSWORD : SESSION_FULL;
	r = user_check_code(seat->db,
			    &(struct code_try){ .key = seat->fleet->key,
						.user = &req->session->user,
						.code = form_text(form, "code"),
						.peer = req->peer,
						.now_s = req->now_s },
			    &recovery, &err);
	if (r == 0)
		r = sign_in_renew(seat, req, res, after.state, &err);
	if (r < 0)
		sign_in_failed(seat, req, res, code(to), &err);
	else if (sign_in_next(&after))
		sign_in_go(req, res, sign_in_next(&after), to);
	else if (recovery)
		tell_recovery(seat, req, res, to);
	else
		page_go(req, res, to, true, NULL);
}

struct leaving {
	const struct http_request *req;
	char secret[SESSION_SECRET];
};

static int leave(struct db *db, void *ctx, struct oak_error *err)
{
	struct leaving *l = ctx;

	return session_end(db, l->secret, l->req->now_s, err);
}

/* Whoever did not show the session's csrf is not asked to sign out: another page could want that. */
void logout_do(struct worker_seat *seat, const struct http_request *req, struct http_response *res)
{
	struct leaving l = { .req = req };
	struct oak_error err = { 0 };
	bool by_provider = seat->fleet->oidc && req->session && !req->session->user.has_password;
	int r = 0;

	if (req->session && http_cookie(req, SESSION_COOKIE, l.secret, sizeof(l.secret)))
		r = sign_in_write(seat->db, leave, &l, &err);
	if (r == 0 && req->session && sign_in_cookie(res, NULL) < 0)
		r = oak_fail(&err, OAK_E_NOMEM, "out of memory");
	if (r == 0 && req->session)
		r = http_set_header(res, "Clear-Site-Data", "\"cache\"");
	if (r < 0)
		http_fail(req, res, &err);
	else
		page_go(req, res, by_provider ? "/login?out=1" : "/login", true,
			req->session ? "You are signed out." : NULL);
}
