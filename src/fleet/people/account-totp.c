/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"
#include "fleet/fleet.h"
#include "fleet/people/sign-in.h"
#include "fleet/people/totp-page.h"
#include "fleet/store/second-factor.h"

#define HERE "/account/totp"

void account_totp_page(struct worker_seat *seat, const struct http_request *req,
		       struct http_response *res)
{
	struct oak_error err = { 0 };
	struct page p;
	int r;

	if (!sign_in_proved(req, res, HERE))
		return;
	r = totp_page(seat, req, HERE, false, &p, &err);
	if (r == -OAK_E_NOTFOUND)
		page_go(req, res, "/account", true, NULL);
	else if (r < 0)
		http_fail(req, res, &err);
	else
		page_send(seat, req, res, 200, p);
}

/* By OIDC alone: whoever asks for a second factor is the provider. */
static bool may(const struct http_request *req, struct http_response *res)
{
	if (!sign_in_proved(req, res, "/account"))
		return false;
	if (req->session->user.has_password)
		return true;
	page_go(req, res, "/account", false, "Your provider asks for second factors, not Oakum.");
	return false;
}

void account_totp_begin(struct worker_seat *seat, const struct http_request *req,
			struct http_response *res)
{
	struct oak_error err = { 0 };

	if (!may(req, res))
		return;
	if (totp_begin(seat, req, &err) < 0)
		http_fail(req, res, &err);
	else
		page_go(req, res, HERE, true, NULL);
}

void account_totp_try(struct worker_seat *seat, const struct http_request *req,
		      struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *form = sign_in_form(req, res);

	if (form && may(req, res))
		totp_try(seat, &(struct http_exchange){ req, res }, form, HERE);
}

static int take_away(struct db *db, void *ctx, struct oak_error *err)
{
	const struct http_request *req = ctx;
	int r = user_totp_remove(db, req->session->user.id, false, err);

	return r < 0 ? r : sign_in_note(db, req, "user.totp-remove", err);
}

void account_totp_remove(struct worker_seat *seat, const struct http_request *req,
			 struct http_response *res)
{
	struct oak_error err = { 0 };
	struct http_request ours = *req;

	if (!may(req, res))
		return;
	if (sign_in_wants_totp(seat->fleet, &req->session->user))
		page_go(req, res, "/account", false,
			"This server asks for a second factor from people of your role.");
	else if (sign_in_write(seat->db, take_away, &ours, &err) < 0)
		http_fail(req, res, &err);
	else
		page_go(req, res, "/account", true, "The second factor is gone.");
}
