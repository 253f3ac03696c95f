/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/people/oidc.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <sodium.h>

#include "base/file.h"
#include "fleet/people/id-token.h"
#include "fleet/people/oidc-priv.h"
#include "fleet/web/page.h"

#define KEPT_S     3600
#define ANEW_S     60
#define SECRET_MAX 512u

/* Whoever can read it can be us. */
static int read_secret(const char *path, char **ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct stat st;
	int r = file_read(AT_FDCWD, path, SECRET_MAX, &text, err);

	if (r < 0)
		return r;
	if (stat(path, &st) == 0 && (st.st_mode & 07))
		return oak_fail(err, OAK_E_REFUSED, "%s: others may read it; run: chmod o= %s",
				path, path);
	while (text.len && strchr("\r\n", text.data[text.len - 1]))
		text.data[--text.len] = '\0';
	if (!text.len || strlen(buf_str(&text)) != text.len)
		return oak_fail(err, OAK_E_FORMAT, "%s: has no secret in it", path);
	*ret = (char *)buf_take(&text, NULL);
	return 0;
}

int oidc_new(const struct server_settings *set, struct oidc **ret, struct oak_error *err)
{
	_cleanup_(oidc_freep) struct oidc *o = NULL;
	int r = 0;

	*ret = NULL;
	if (!set->oidc.issuer)
		return 0;
	o = calloc(1, sizeof(*o));
	if (!o)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	(void)pthread_mutex_init(&o->lock, NULL);
	o->set = &set->oidc;
	(void)snprintf(o->redirect, sizeof(o->redirect), "%s/oidc/callback", set->url);
	(void)snprintf(o->leave, sizeof(o->leave), "%s/login", set->url);
	if (set->oidc.secret_file)
		r = read_secret(set->oidc.secret_file, &o->secret, err);
	if (r < 0)
		return r;
	*ret = take_ptr(o);
	return 0;
}

void oidc_free(struct oidc *o)
{
	if (!o)
		return;
	if (o->secret)
		sodium_memzero(o->secret, strlen(o->secret));
	free(o->secret);
	jwks_free(o->keys);
	(void)pthread_mutex_destroy(&o->lock);
	free(o);
}

/* A provider that is away for a while is still where it was. */
static int provider_of(struct oidc *o, int64_t now_s, struct oidc_provider *ret,
		       struct oak_error *err)
{
	struct oidc_provider fresh;
	bool known, old;
	int r;

	(void)pthread_mutex_lock(&o->lock);
	known = o->known;
	old = !known || now_s - o->read_s > KEPT_S || now_s < o->read_s;
	*ret = o->provider;
	(void)pthread_mutex_unlock(&o->lock);
	if (!old)
		return 0;
	r = oidc_fetch_provider(o, &fresh, err);
	if (r == -OAK_E_AGAIN && known)
		return 0;
	if (r < 0)
		return r;
	(void)pthread_mutex_lock(&o->lock);
	o->provider = fresh;
	o->read_s = now_s;
	o->known = true;
	(void)pthread_mutex_unlock(&o->lock);
	*ret = fresh;
	return 0;
}

static int add_all(struct buf *ret, const char *const (*pairs)[2], size_t n)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = web_add_query(ret, pairs[i][0], pairs[i][1]);
	return r;
}

int oidc_begin_url(struct oidc *o, const struct oidc_state *s, int64_t now_s, struct buf *ret,
		   struct oak_error *err)
{
	struct oidc_provider p;
	char challenge[OIDC_RANDOM];
	const char *const pairs[][2] = {
		{ "response_type", "code" },
		{ "client_id", o->set->client },
		{ "redirect_uri", o->redirect },
		{ "scope", o->set->scopes },
		{ "state", s->state },
		{ "nonce", s->nonce },
		{ "code_challenge", challenge },
		{ "code_challenge_method", "S256" },
		{ "prompt", s->again ? "login" : NULL },
		{ "max_age", s->again ? "0" : NULL },
	};
	int r = provider_of(o, now_s, &p, err);

	if (r < 0)
		return r;
	oidc_challenge(s->verifier, challenge);
	if (buf_add_str(ret, p.authorization) < 0 ||
	    add_all(ret, pairs, sizeof(pairs) / sizeof(pairs[0])) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

int oidc_end_url(struct oidc *o, int64_t now_s, struct buf *ret, struct oak_error *err)
{
	struct oidc_provider p;
	const char *const pairs[][2] = {
		{ "client_id", o->set->client },
		{ "post_logout_redirect_uri", o->leave },
	};
	int r = provider_of(o, now_s, &p, err);

	if (r < 0)
		return r;
	if (!p.end_session[0])
		return oak_fail(err, OAK_E_NOTFOUND,
				"the OpenID provider has no page for signing out");
	if (buf_add_str(ret, p.end_session) < 0 ||
	    add_all(ret, pairs, sizeof(pairs) / sizeof(pairs[0])) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

/* Return: false: it was used already. The oldest makes room; by then the provider's code has gone as well. */
static bool use_state(struct oidc *o, const char *state, int64_t now_s)
{
	bool used = false;

	(void)pthread_mutex_lock(&o->lock);
	for (size_t i = 0; i < USED_MAX; i++)
		used |= o->used[i].until_s >= now_s && strcmp(o->used[i].state, state) == 0;
	if (!used) {
		struct oidc_used *at = &o->used[o->used_next++ % USED_MAX];

		(void)snprintf(at->state, sizeof(at->state), "%s", state);
		at->until_s = now_s + OIDC_STATE_S;
	}
	(void)pthread_mutex_unlock(&o->lock);
	return !used;
}

/* Return: true: it is time to ask for keys; whoever is told so asks. */
static bool keys_due(struct oidc *o, int64_t now_s, bool missing)
{
	bool due;

	(void)pthread_mutex_lock(&o->lock);
	due = !o->keys || now_s - o->keys_s > KEPT_S || missing;
	if (o->keys && (now_s - o->tried_s < ANEW_S))
		due = false;
	if (due)
		o->tried_s = now_s;
	(void)pthread_mutex_unlock(&o->lock);
	return due;
}

static int renew_keys(struct oidc *o, const struct oidc_provider *p, int64_t now_s,
		      struct oak_error *err)
{
	struct jwks *fresh = NULL, *old;
	int r = oidc_fetch_keys(o, p, &fresh, err);

	if (r < 0)
		return r;
	(void)pthread_mutex_lock(&o->lock);
	old = o->keys;
	o->keys = fresh;
	o->keys_s = now_s;
	(void)pthread_mutex_unlock(&o->lock);
	jwks_free(old);
	return 0;
}

static int verify(struct oidc *o, const struct jwt *t, struct oak_error *err)
{
	int r;

	(void)pthread_mutex_lock(&o->lock);
	r = o->keys ? jwks_verify(o->keys, t, err)
		    : oak_fail(err, OAK_E_AGAIN, "the OpenID provider's keys are not known");
	(void)pthread_mutex_unlock(&o->lock);
	return r;
}

static int verify_signature(struct oidc *o, const struct oidc_provider *p, const struct jwt *t,
			    int64_t now_s, struct oak_error *err)
{
	int r = 0;

	if (keys_due(o, now_s, false))
		r = renew_keys(o, p, now_s, err);
	if (r == 0 || r == -OAK_E_AGAIN) /* those we have may do */
		r = verify(o, t, err);
	if (r != -OAK_E_NOTFOUND || !keys_due(o, now_s, true))
		return r;
	r = renew_keys(o, p, now_s, err);
	return r < 0 ? r : verify(o, t, err);
}

static int check_answer(const struct oidc *o, const struct oidc_provider *p,
			const struct oidc_state *s, const struct oidc_answer *a,
			struct oak_error *err)
{
	if (!oidc_state_is(s, a->state))
		return oak_fail(err, OAK_E_TRUST, "the answer is not to what this browser asked");
	/* Of several providers one could send on what was meant for another: RFC 9207. */
	if (a->issuer ? strcmp(a->issuer, o->set->issuer) != 0 : p->tells_issuer)
		return oak_fail(err, OAK_E_TRUST, "the answer is of another provider");
	if (!a->code || !a->code[0] || strlen(a->code) > OIDC_CODE_MAX)
		return oak_fail(err, OAK_E_FORMAT, "the answer has no code");
	return 0;
}

static int read_claims(struct oidc *o, const struct oidc_provider *p, const struct oidc_state *s,
		       const char *token, int64_t now_s, json_t **ret, struct oak_error *err)
{
	_cleanup_(jwt_clear) struct jwt t = { .claims = NULL };
	const struct id_expect want = { .issuer = o->set->issuer,
					.client = o->set->client,
					.nonce = s->nonce,
					.now_s = now_s,
					.shown_s = s->again ? s->begun_s : 0 };
	int r = jwt_parse(token, strlen(token), &t, err);

	if (r == 0)
		r = verify_signature(o, p, &t, now_s, err);
	if (r == 0)
		r = id_token_check(t.claims, &want, err);
	if (r < 0)
		return r;
	*ret = take_ptr(t.claims);
	return 0;
}

int oidc_finish(struct oidc *o, const struct oidc_state *s, const struct oidc_answer *a,
		int64_t now_s, json_t **ret, struct oak_error *err)
{
	_cleanup_(freep) char *token = NULL;
	struct oidc_provider p;
	int r = provider_of(o, now_s, &p, err);

	if (r == 0)
		r = check_answer(o, &p, s, a, err);
	if (r == 0 && !use_state(o, s->state, now_s))
		r = oak_fail(err, OAK_E_TRUST, "the answer was used already");
	if (r == 0)
		r = oidc_fetch_token(o, &p, a->code, s->verifier, &token, err);
	return r < 0 ? r : read_claims(o, &p, s, token, now_s, ret, err);
}
