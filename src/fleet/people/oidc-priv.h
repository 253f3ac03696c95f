/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OAK_FLEET_PEOPLE_OIDC_PRIV_H
#define OAK_FLEET_PEOPLE_OIDC_PRIV_H

#include <pthread.h>

#include "fleet/people/jwt.h"
#include "fleet/people/oidc-provider.h"
#include "fleet/people/oidc.h"

#define USED_MAX 1024u /* states that are remembered as used */

struct oidc_used {
	char state[OIDC_RANDOM];
	int64_t until_s;
};

struct oidc {
	const struct oidc_settings *set;
	char redirect[OIDC_URL_MAX + 1]; /* <url>/oidc/callback */
	char leave[OIDC_URL_MAX + 1];    /* <url>/login */
	char *secret;                    /* NULL: a public client */
	pthread_mutex_t lock;            /* all below */
	unsigned calls;
	bool known;
	struct oidc_provider provider;
	int64_t read_s;
	struct jwks *keys; /* NULL: not yet */
	int64_t keys_s, tried_s;
	struct oidc_used used[USED_MAX];
	size_t used_next;
};

/* oidc-fetch.c; without the lock */

int oidc_fetch_provider(struct oidc *o, struct oidc_provider *ret, struct oak_error *err)
	_must_check_;
int oidc_fetch_keys(struct oidc *o, const struct oidc_provider *p, struct jwks **ret,
		    struct oak_error *err) _must_check_;
/* The ID token for a code, on the heap. */
int oidc_fetch_token(struct oidc *o, const struct oidc_provider *p, const char *code,
		     const char *verifier, char **ret, struct oak_error *err) _must_check_;

#endif
