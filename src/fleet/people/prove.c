/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session that lay open for an hour must not change who may do what: its owner shows again that it is he. */
#include "base/cleanup.h"
#include "fleet/fleet.h"
#include "fleet/people/sign-in.h"
#include "fleet/store/second-factor.h"

static struct page prove(const struct http_request *req, const char *to)
{
	const struct user *u = &req->session->user;

	json_t *view = json_pack("{s:s, s:s, s:b, s:b}", "to", to, "name", u->name, "code",
				 u->has_totp, "password", !u->has_totp && u->has_password);

	sign_in_start(view, to, true);
	return (struct page){ .template = "prove", .title = "Is it you?", .view = view };
}

void prove_page(struct worker_seat *seat, const struct http_request *req, struct http_response *res)
{
	page_send(seat, req, res, 200, prove(req, sign_in_to(req, NULL)));
}

/* Who has a second factor shows that: the password may have been seen. */
static int check(struct worker_seat *seat, const struct http_request *req, const json_t *form,
		 struct oak_error *err)
{
	const struct user *u = &req->session->user;
	const struct code_try t = { .key = seat->fleet->key,
				    .user = u,
				    .code = form_text(form, "code"),
				    .peer = req->peer,
				    .now_s = req->now_s };
	struct user same;
	bool recovery;

	if (u->has_totp)
		return user_check_code(seat->db, &t, &recovery, err);
	if (!u->has_password)
		return oak_fail(err, OAK_E_REFUSED, "show it at your provider");
	return user_check_password(seat->db, u->name, form_text(form, "password"), req->peer,
				   req->now_s, &same, err);
}

void prove_try(struct worker_seat *seat, const struct http_request *req, struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *form = sign_in_form(req, res);
	struct oak_error err = { 0 };
	int r;

	if (!form)
		return;
	r = check(seat, req, form, &err);
	if (r == 0)
		r = sign_in_renew(seat, req, res, SESSION_FULL, &err);
	if (r < 0)
		sign_in_failed(seat, req, res, prove(req, sign_in_to(req, form)), &err);
	else
		page_go(req, res, sign_in_to(req, form), true,
			"Thank you. What you were about to do you can do now.");
}
