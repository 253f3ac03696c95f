/* SPDX-License-Identifier: GPL-2.0-or-later */
/* send: some deliveries to webhooks, side by side. Bounded in time and in what is read of an answer. */
#ifndef OAK_FLEET_HOOKS_SEND_H
#define OAK_FLEET_HOOKS_SEND_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define HOOK_WHY_MAX       160
#define HOOK_SIGNATURE_MAX 128

struct hook_call {
	const char *url, *secret, *body, *id, *type;
	unsigned status;        /* result: of HTTP; 0: no answer */
	char why[HOOK_WHY_MAX]; /* result: "", or what went wrong */
};

/* Fills the results; each call takes 10 seconds at most. Errors: OAK_E_NOMEM. */
int hook_send(struct hook_call *calls, size_t n, int64_t now_s, struct oak_error *err) _must_check_;

/* "t=<now>,v1=<hex of HMAC-SHA256 of "<now>.<body>" with the secret>" */
void hook_signature(const char *secret, const char *body, int64_t now_s,
		    char ret[HOOK_SIGNATURE_MAX]);

#endif
