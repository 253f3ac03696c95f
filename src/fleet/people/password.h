/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * password: Argon2id by libsodium, 64 MiB and 3 passes (RFC 9106 section 4, its second choice; OWASP asks for less).
 *
 * That much memory is dear: at most PASSWORD_AT_ONCE are hashed at once in a process, one more waits, and whoever
 * comes then gets OAK_E_AGAIN. So signing in can take neither the memory nor all workers from hosts.
 */
#ifndef OAK_FLEET_PEOPLE_PASSWORD_H
#define OAK_FLEET_PEOPLE_PASSWORD_H

#include <stdbool.h>

#include "base/error.h"

#define PASSWORD_MIN     12u   /* characters */
#define PASSWORD_MAX     1024u /* bytes */
#define PASSWORD_HASH    128u  /* with its NUL */
#define PASSWORD_MADE    30u   /* with its NUL */
#define PASSWORD_AT_ONCE 2

/*
 * May it be chosen by the person called @name? Errors: OAK_E_FORMAT: too short, too long, no UTF-8, the name, one of
 * the most common ones, one character or a short word over and over, a run of neighbours. Pure.
 */
int password_check(const char *password, const char *name, struct oak_error *err) _must_check_;

/* Errors: OAK_E_AGAIN, OAK_E_NOMEM. */
int password_hash(const char *password, char ret[PASSWORD_HASH], struct oak_error *err)
	_must_check_;

/* @hash NULL or "": nobody's; it takes as long. Errors: OAK_E_REFUSED (it is not the one), OAK_E_AGAIN. */
int password_verify(const char *hash, const char *password, struct oak_error *err) _must_check_;

/* A random one to be told to somebody: 25 letters and digits in groups of five, 125 bits. */
void password_make(char ret[PASSWORD_MADE]);

#endif
