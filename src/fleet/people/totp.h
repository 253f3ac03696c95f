/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * totp: codes of six digits that change every 30 seconds, HMAC-SHA-1, as every authenticator has them. Pure.
 * Source: RFC 6238, RFC 4226; the URI: github.com/google/google-authenticator/wiki/Key-Uri-Format.
 */
#ifndef OAK_FLEET_PEOPLE_TOTP_H
#define OAK_FLEET_PEOPLE_TOTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOTP_SECRET_BYTES 20u
#define TOTP_STEP_S       30
#define TOTP_BASE32       33u  /* of a secret, with its NUL */
#define TOTP_URI_MAX      512u /* with its NUL */

/* The code of a step (seconds since the epoch / TOTP_STEP_S): 0 to 999999. */
uint32_t totp_code(const uint8_t *secret, size_t len, int64_t step);

/**
 * totp_find() - which step a code is of
 * @text: six digits; blanks between them are left out
 *
 * The step of @now_s, one before and one after are tried, all of them and in constant time. Return: the
 * step, which must be later than the one that was accepted last; -1: none.
 */
int64_t totp_find(const uint8_t *secret, size_t len, const char *text, int64_t now_s);

void totp_base32(const uint8_t secret[TOTP_SECRET_BYTES], char ret[TOTP_BASE32]);

/* "otpauth://totp/Oakum:NAME?secret=...&issuer=Oakum" */
void totp_uri(const uint8_t secret[TOTP_SECRET_BYTES], const char *name, char ret[TOTP_URI_MAX]);

#endif
