/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * totp-page: a second factor is set up: the secret as text, as a link for an authenticator on this machine, and as a QR
 * code for its camera; then a first code; then the recovery codes, once. For /account/totp and, where the
 * setting "require-totp" asks for it, /login/totp.
 */
#ifndef OAK_FLEET_PEOPLE_TOTP_PAGE_H
#define OAK_FLEET_PEOPLE_TOTP_PAGE_H

#include "fleet/web/page.h"

/*
 * @action: where the form goes
 * @begin:  makes a secret where none is pending
 * Errors: OAK_E_NOTFOUND: none is pending.
 */
int totp_page(struct worker_seat *seat, const struct http_request *req, const char *action,
	      bool begin, struct page *ret, struct oak_error *err) _must_check_;

/* The form of that page: answers with the recovery codes, or with the page again. */
void totp_try(struct worker_seat *seat, const struct http_exchange *x, const json_t *form,
	      const char *action);

/* A new secret, which is pending until its first code. */
int totp_begin(struct worker_seat *seat, const struct http_request *req, struct oak_error *err)
	_must_check_;

#endif
