/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/people/totp.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define DIGITS 6

uint32_t totp_code(const uint8_t *secret, size_t len, int64_t step)
{
	uint8_t counter[8], mac[EVP_MAX_MD_SIZE] = { 0 };
	unsigned mac_len = 0, at;

	for (int i = 0; i < 8; i++)
		counter[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
	(void)HMAC(EVP_sha1(), secret, (int)len, counter, sizeof(counter), mac, &mac_len);
	at = mac[19] & 15u;
	return (((uint32_t)(mac[at] & 0x7f) << 24) | ((uint32_t)mac[at + 1] << 16) |
		((uint32_t)mac[at + 2] << 8) | mac[at + 3]) %
	       1000000u;
}

/* Six digits without the blanks between. */
static bool take_digits(const char *text, char ret[DIGITS + 1])
{
	size_t n = 0;

	for (; *text; text++) {
		if (*text == ' ')
			continue;
		if (*text < '0' || *text > '9' || n == DIGITS)
			return false;
		ret[n++] = *text;
	}
	ret[n] = '\0';
	return n == DIGITS;
}

int64_t totp_find(const uint8_t *secret, size_t len, const char *text, int64_t now_s)
{
	char given[DIGITS + 1], want[16];
	int64_t found = -1;

	if (!take_digits(text, given))
		return -1;
	for (int64_t step = now_s / TOTP_STEP_S - 1; step <= now_s / TOTP_STEP_S + 1; step++) {
		(void)snprintf(want, sizeof(want), "%06u", totp_code(secret, len, step));
		if (!sodium_memcmp(given, want, DIGITS))
			found = step;
	}
	return found;
}

void totp_base32(const uint8_t secret[TOTP_SECRET_BYTES], char ret[TOTP_BASE32])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

	for (unsigned i = 0; i < TOTP_BASE32 - 1; i++) {
		unsigned bit = i * 5, two = (unsigned)secret[bit / 8] << 8;

		if (bit / 8 + 1 < TOTP_SECRET_BYTES)
			two |= secret[bit / 8 + 1];
		ret[i] = digits[(two >> (11 - bit % 8)) & 31];
	}
	ret[TOTP_BASE32 - 1] = '\0';
}

static void add_escaped(const char *name, char *ret, size_t size)
{
	static const char fine[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
	size_t n = 0;

	for (; *name && n + 4 < size; name++)
		n += (size_t)snprintf(ret + n, size - n, strchr(fine, *name) ? "%c" : "%%%02X",
				      (unsigned char)*name);
	ret[n] = '\0';
}

void totp_uri(const uint8_t secret[TOTP_SECRET_BYTES], const char *name, char ret[TOTP_URI_MAX])
{
	char base32[TOTP_BASE32], escaped[TOTP_URI_MAX / 2];

	totp_base32(secret, base32);
	add_escaped(name, escaped, sizeof(escaped));
	(void)snprintf(ret, TOTP_URI_MAX, "otpauth://totp/Oakum:%s?secret=%s&issuer=Oakum", escaped,
		       base32);
}
