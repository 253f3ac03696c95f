/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the provider's server is asked. TLS is verified, no redirect followed, each answer has a limit in bytes and
 * seconds: trust/http.h.
 */
#include <string.h>

#include <sodium.h>

#include "base/json.h"
#include "fleet/people/oidc-priv.h"
#include "fleet/web/page.h"
#include "trust/http.h"

#define WELL_KNOWN "/.well-known/openid-configuration"
#define TOKEN_MAX  65536u
#define HEADER_MAX 2048u

static int busy(struct oidc *o, struct oak_error *err)
{
	bool full;

	(void)pthread_mutex_lock(&o->lock);
	full = o->calls >= OIDC_AT_ONCE;
	o->calls += !full;
	(void)pthread_mutex_unlock(&o->lock);
	return full ? oak_fail(err, OAK_E_AGAIN,
			       "too many sign in at the provider right now: try again in a moment")
		    : 0;
}

static void done(struct oidc *o)
{
	(void)pthread_mutex_lock(&o->lock);
	o->calls--;
	(void)pthread_mutex_unlock(&o->lock);
}

static int ask(struct oidc *o, const struct http_call *call, struct http_reply *ret,
	       struct oak_error *err)
{
	const struct http_client_options opt = { .ca = o->set->ca,
						 .connect_s = OIDC_TOTAL_S / 2,
						 .total_s = OIDC_TOTAL_S };
	_cleanup_(http_client_closep) struct http_client *client = NULL;
	int r = busy(o, err);

	if (r < 0)
		return r;
	r = http_client_open(&opt, &client, err);
	if (r == 0)
		r = http_call(client, call, ret, err);
	done(o);
	return r < 0 ? oak_context(err, "the OpenID provider") : 0;
}

static int get(struct oidc *o, const char *url, size_t max, struct http_reply *ret,
	       struct oak_error *err)
{
	const struct http_call call = {
		.method = "GET", .url = url, .headers = { "Accept: application/json" }, .max = max
	};
	int r = ask(o, &call, ret, err);

	if (r == 0 && ret->status != 200)
		r = oak_fail(err, OAK_E_AGAIN, "the OpenID provider: %.200s: answered %u", url,
			     ret->status);
	return r;
}

int oidc_fetch_provider(struct oidc *o, struct oidc_provider *ret, struct oak_error *err)
{
	_cleanup_(http_reply_clear) struct http_reply reply = { .status = 0 };
	_cleanup_(buf_free) struct buf url = { 0 };
	size_t len = strlen(o->set->issuer);
	int r;

	/* Discovery 1.0, 4.1: a slash at the end is left out, and in no other place. */
	if (buf_add(&url, o->set->issuer, len - (o->set->issuer[len - 1] == '/')) < 0 ||
	    buf_add_str(&url, WELL_KNOWN) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = get(o, buf_str(&url), OIDC_DOCUMENT_MAX, &reply, err);
	return r < 0 ? r
		     : oidc_provider_parse(o->set->issuer, reply.body.data, reply.body.len, ret,
					   err);
}

int oidc_fetch_keys(struct oidc *o, const struct oidc_provider *p, struct jwks **ret,
		    struct oak_error *err)
{
	_cleanup_(http_reply_clear) struct http_reply reply = { .status = 0 };
	int r = get(o, p->keys, JWKS_BYTES_MAX, &reply, err);

	return r < 0 ? r : jwks_parse(reply.body.data, reply.body.len, ret, err);
}

static int add_field(struct buf *form, const char *name, const char *value)
{
	_cleanup_(buf_free) struct buf one = { 0 };
	int r = web_add_query(&one, name, value);

	/* What is a query is a form, but for the "?" before it. */
	if (r == 0 && form->len)
		r = buf_add_str(form, "&");
	return r < 0 || !one.len ? r : buf_add_str(form, buf_str(&one) + 1);
}

/* RFC 6749, 2.3.1: both are encoded as in a form first. */
static int add_basic(const struct oidc *o, char ret[HEADER_MAX])
{
	_cleanup_(buf_free) struct buf id = { 0 }, secret = { 0 }, both = { 0 };
	static const char head[] = "Authorization: Basic ";
	size_t at = sizeof(head) - 1;

	if (add_field(&id, "a", o->set->client) < 0 || add_field(&secret, "a", o->secret) < 0 ||
	    buf_printf(&both, "%s:%s", buf_str(&id) + 2, buf_str(&secret) + 2) < 0)
		return -1;
	if (at + sodium_base64_encoded_len(both.len, sodium_base64_VARIANT_ORIGINAL) > HEADER_MAX)
		return -1;
	memcpy(ret, head, at);
	(void)sodium_bin2base64(ret + at, HEADER_MAX - at, both.data, both.len,
				sodium_base64_VARIANT_ORIGINAL);
	sodium_memzero(both.data, both.len);
	return 0;
}

/* What the provider says of an error is a word of RFC 6749, or nothing that is repeated. */
static int read_token(const struct http_reply *reply, char **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *json = NULL;
	const char *token, *word;
	int r = json_parse(reply->body.data, reply->body.len, TOKEN_MAX, "the provider's answer",
			   &json, err);

	if (reply->status >= 500)
		return oak_fail(err, OAK_E_AGAIN, "the OpenID provider answered %u", reply->status);
	if (r < 0)
		return r;
	if (reply->status != 200) {
		word = json_get_str(json, "error");
		return oak_fail(err, OAK_E_REFUSED,
				"the OpenID provider does not take the code: %u %.40s",
				reply->status, word ? word : "");
	}
	token = json_get_str(json, "id_token");
	if (!token)
		return oak_fail(err, OAK_E_FORMAT,
				"the provider's answer: there is no ID token in it");
	*ret = strdup(token);
	return *ret ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

int oidc_fetch_token(struct oidc *o, const struct oidc_provider *p, const char *code,
		     const char *verifier, char **ret, struct oak_error *err)
{
	_cleanup_(http_reply_clear) struct http_reply reply = { .status = 0 };
	_cleanup_(buf_free) struct buf form = { 0 };
	char basic[HEADER_MAX];
	struct http_call call = { .method = "POST",
				  .url = p->token,
				  .headers = { "Content-Type: application/x-www-form-urlencoded",
					       "Accept: application/json" },
				  .max = TOKEN_MAX };
	int r = 0;

	if (add_field(&form, "grant_type", "authorization_code") < 0 ||
	    add_field(&form, "code", code) < 0 ||
	    add_field(&form, "redirect_uri", o->redirect) < 0 ||
	    add_field(&form, "code_verifier", verifier) < 0)
		r = -1;
	if (o->secret && p->basic) {
		r = r < 0 ? r : add_basic(o, basic);
		call.headers[2] = basic;
	} else if (r == 0 && (add_field(&form, "client_id", o->set->client) < 0 ||
			      add_field(&form, "client_secret", o->secret) < 0)) {
		r = -1;
	}
	if (r < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	call.body = form.data;
	call.len = form.len;
	r = ask(o, &call, &reply, err);
	sodium_memzero(basic, sizeof(basic));
	sodium_memzero(form.data, form.len);
	return r < 0 ? r : read_token(&reply, ret, err);
}
