/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/cleanup.h"
#include "fleet/fleet.h"
#include "fleet/people/sign-in.h"
#include "fleet/people/totp-page.h"

static struct page password(const struct http_request *req, const char *to)
{
	return (struct page){ .template = "first-password",
			      .title = "Choose a password",
			      .view = json_pack("{s:s, s:s, s:i}", "to", to, "name",
						req->session->user.name, "least",
						(int)PASSWORD_MIN) };
}

void login_password_page(struct worker_seat *seat, const struct http_request *req,
			 struct http_response *res)
{
	const char *to = sign_in_to(req, NULL);

	if (sign_in_awaits(req, res, "/login/password", to))
		page_send(seat, req, res, 200, password(req, to));
}

/* The old one is asked for again: it must not become the new one. */
static int check_old(struct worker_seat *seat, const struct http_request *req, const json_t *form,
		     struct oak_error *err)
{
	struct user user;

	return user_check_password(seat->db, req->session->user.name, form_text(form, "old"),
				   req->peer, req->now_s, &user, err);
}

void login_password_try(struct worker_seat *seat, const struct http_request *req,
			struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *form = sign_in_form(req, res);
	struct oak_error err = { 0 };
	struct session after;
	const char *to;
	int r;

	if (!form)
		return;
	to = sign_in_to(req, form);
	if (!sign_in_awaits(req, res, "/login/password", to))
		return;
	after = *req->session;
	after.user.must_change = false;
	after.state = !after.user.has_totp && sign_in_wants_totp(seat->fleet, &after.user)
			      ? SESSION_PASSWORD
			      : SESSION_FULL;
	r = check_old(seat, req, form, &err);
	if (r == 0)
		r = change_password(seat, &(struct http_exchange){ req, res }, form, after.state,
				    &err);
	if (r < 0)
		sign_in_failed(seat, req, res, password(req, to), &err);
	else if (sign_in_next(&after))
		sign_in_go(req, res, sign_in_next(&after), to);
	else
		page_go(req, res, to, true, "Your password is changed.");
}

void login_totp_page(struct worker_seat *seat, const struct http_request *req,
		     struct http_response *res)
{
	const char *to = sign_in_to(req, NULL);
	struct oak_error err = { 0 };
	struct page p;

	if (!sign_in_awaits(req, res, "/login/totp", to))
		return;
	if (totp_page(seat, req, "/login/totp", true, &p, &err) < 0) {
		http_fail(req, res, &err);
		return;
	}
	(void)json_object_set_new(p.view, "to", json_string(to));
	page_send(seat, req, res, 200, p);
}

void login_totp_try(struct worker_seat *seat, const struct http_request *req,
		    struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *form = sign_in_form(req, res);

	if (form && sign_in_awaits(req, res, "/login/totp", sign_in_to(req, form)))
		totp_try(seat, &(struct http_exchange){ req, res }, form, "/login/totp");
}
