/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/people/totp-page.h"

#include <string.h>

#include <sodium.h>

#include "base/cleanup.h"
#include "fleet/fleet.h"
#include "fleet/people/qr.h"
#include "fleet/people/sign-in.h"
#include "fleet/store/second-factor.h"

struct setting_up {
	const struct http_request *req;
	const struct tuf_key *key;
	const char *code;
	uint8_t secret[TOTP_SECRET_BYTES];
	char codes[RECOVERY_CODES][RECOVERY_TEXT];
};

static int begin_up(struct db *db, void *ctx, struct oak_error *err)
{
	struct setting_up *s = ctx;

	return user_totp_begin(db, s->key, s->req->session->user.id, s->secret, err);
}

static int read_pending(struct db *db, void *ctx, struct oak_error *err)
{
	struct setting_up *s = ctx;

	return user_totp_pending(db, s->key, s->req->session->user.id, s->secret, err);
}

int totp_begin(struct worker_seat *seat, const struct http_request *req, struct oak_error *err)
{
	struct setting_up s = { .req = req, .key = seat->fleet->key };
	int r = sign_in_write(seat->db, begin_up, &s, err);

	sodium_memzero(s.secret, sizeof(s.secret));
	return r;
}

static int show(const struct setting_up *s, const char *action, struct page *ret,
		struct oak_error *err)
{
	_cleanup_(buf_free) struct buf path = { 0 };
	char base32[TOTP_BASE32], uri[TOTP_URI_MAX];
	unsigned size = 0;
	int r;

	totp_base32(s->secret, base32);
	totp_uri(s->secret, s->req->session->user.name, uri);
	r = qr_path(uri, &path, &size, err);
	if (r < 0)
		return r;
	*ret = (struct page){ .template = "totp",
			      .title = "Set up a second factor",
			      .view = json_pack("{s:s, s:s, s:s, s:s, s:i}", "secret", base32,
						"uri", uri, "action", action, "path",
						buf_str(&path), "size", (int)size) };
	sodium_memzero(base32, sizeof(base32));
	sodium_memzero(uri, sizeof(uri));
	return 0;
}

int totp_page(struct worker_seat *seat, const struct http_request *req, const char *action,
	      bool begin, struct page *ret, struct oak_error *err)
{
	struct setting_up s = { .req = req, .key = seat->fleet->key };
	int r = sign_in_write(seat->db, read_pending, &s, err);

	if (r == -OAK_E_NOTFOUND && begin)
		r = sign_in_write(seat->db, begin_up, &s, err);
	if (r == 0)
		r = show(&s, action, ret, err);
	sodium_memzero(s.secret, sizeof(s.secret));
	return r;
}

static int confirm(struct db *db, void *ctx, struct oak_error *err)
{
	struct setting_up *s = ctx;
	int r = user_totp_confirm(db, s->key, s->req->session->user.id, s->code, s->req->now_s,
				  s->codes, err);

	return r < 0 ? r : sign_in_note(db, s->req, "user.totp", err);
}

static void show_codes(struct worker_seat *seat, const struct http_exchange *x,
		       const struct setting_up *s, const char *to)
{
	json_t *codes = json_array();

	for (size_t i = 0; i < RECOVERY_CODES; i++)
		(void)json_array_append_new(codes, json_string(s->codes[i]));
	page_send(seat, x->req, x->res, 200,
		  (struct page){ .template = "recovery",
				 .title = "Recovery codes",
				 .view = json_pack("{s:o, s:s}", "codes", codes, "to", to) });
}

/* The page again; what goes wrong with that is told in its place. */
static void again(struct worker_seat *seat, const struct http_exchange *x, const char *action,
		  const char *to, const struct oak_error *why)
{
	struct oak_error err = { 0 };
	struct page p = { 0 };

	if (why->code != OAK_E_REFUSED || totp_page(seat, x->req, action, false, &p, &err) < 0) {
		http_fail(x->req, x->res, why);
		return;
	}
	(void)json_object_set_new(p.view, "to", json_string(to));
	sign_in_failed(seat, x->req, x->res, p, why);
}

void totp_try(struct worker_seat *seat, const struct http_exchange *x, const json_t *form,
	      const char *action)
{
	struct setting_up s = { .req = x->req,
				.key = seat->fleet->key,
				.code = form_text(form, "code") };
	bool first = x->req->session->state != SESSION_FULL;
	const char *to = first ? sign_in_to(x->req, form) : "/account";
	struct oak_error err = { 0 };
	int r = sign_in_write(seat->db, confirm, &s, &err);

	if (r == 0)
		r = sign_in_renew(seat, x->req, x->res, SESSION_FULL, &err);
	if (r < 0)
		again(seat, x, action, to, &err);
	else
		show_codes(seat, x, &s, to);
	sodium_memzero(s.codes, sizeof(s.codes));
}
