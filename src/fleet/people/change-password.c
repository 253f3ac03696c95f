/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "fleet/people/sign-in.h"

struct changing {
	const struct http_request *req;
	struct user user; /* as it is afterwards */
	enum session_state state;
	char hash[PASSWORD_HASH], secret[SESSION_SECRET];
};

static int change(struct db *db, void *ctx, struct oak_error *err)
{
	struct changing *c = ctx;
	const struct session_from from = { c->req->peer, http_header(c->req, "user-agent"),
					   c->req->now_s };
	int r = user_put_hash(db, c->user.id, c->hash, false, c->req->now_s, err);

	/* Whoever had the old one may be signed in by it. */
	if (r == 0)
		r = session_end_all(db, c->user.id, NULL, err);
	if (r == 0)
		r = session_create(db, &c->user, c->state, &from, c->secret, err);
	return r < 0 ? r : sign_in_note(db, c->req, "user.password", err);
}

int change_password(struct worker_seat *seat, const struct http_exchange *x, const json_t *form,
		    enum session_state state, struct oak_error *err)
{
	const char *new = form_text(form, "new");
	struct changing c = { .req = x->req, .user = x->req->session->user, .state = state };
	int r;

	if (strcmp(new, form_text(form, "again")) != 0)
		return oak_fail(err, OAK_E_FORMAT, "the new password is not the same both times");
	/* Else one that was told would stay, which "must change" is against. */
	if (strcmp(new, form_text(form, "old")) == 0)
		return oak_fail(err, OAK_E_FORMAT, "the new password is the old one");
	r = password_check(new, c.user.name, err);
	if (r == 0)
		r = password_hash(new, c.hash, err);
	c.user.must_change = false;
	c.user.has_password = true;
	if (r == 0)
		r = sign_in_write(seat->db, change, &c, err);
	if (r == 0 && sign_in_cookie(x->res, c.secret) < 0)
		r = oak_fail(err, OAK_E_NOMEM, "out of memory");
	return r;
}
