/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/hash.h"

#include <errno.h>
#include <string.h>

#include <sodium.h>

void hex_encode(const void *data, size_t len, char *ret)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = data;

	for (size_t i = 0; i < len; i++) {
		ret[2 * i] = digits[p[i] >> 4];
		ret[2 * i + 1] = digits[p[i] & 15];
	}
	ret[2 * len] = '\0';
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int hex_decode(const char *text, uint8_t *ret, size_t max)
{
	size_t len = strlen(text);

	if (len % 2 || len / 2 > max)
		return -EINVAL;
	for (size_t i = 0; i < len / 2; i++) {
		int hi = digit(text[2 * i]), lo = digit(text[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return -EINVAL;
		ret[i] = (uint8_t)(hi << 4 | lo);
	}
	return (int)(len / 2);
}

void sha256_hex(const void *data, size_t len, char ret[SHA256_HEX_MAX])
{
	uint8_t md[SHA256_BYTES];

	(void)crypto_hash_sha256(md, data, len); /* always 0 */
	hex_encode(md, sizeof(md), ret);
}

void sha512_hex(const void *data, size_t len, char ret[SHA512_HEX_MAX])
{
	uint8_t md[SHA512_BYTES];

	(void)crypto_hash_sha512(md, data, len); /* always 0 */
	hex_encode(md, sizeof(md), ret);
}
