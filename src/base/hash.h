/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hash: SHA-2 of bytes, and hexadecimal text. */
#ifndef OAK_BASE_HASH_H
#define OAK_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define SHA256_BYTES   32
#define SHA256_HEX_MAX (2 * SHA256_BYTES + 1) /* with the NUL */
#define SHA512_BYTES   64
#define SHA512_HEX_MAX (2 * SHA512_BYTES + 1)

void sha256_hex(const void *data, size_t len, char ret[SHA256_HEX_MAX]);
void sha512_hex(const void *data, size_t len, char ret[SHA512_HEX_MAX]);

/* Lower-case; @ret has room for 2 * len + 1. */
void hex_encode(const void *data, size_t len, char *ret);

/**
 * hex_decode() - bytes of hexadecimal text (either case)
 * @ret: room for @max bytes
 *
 * Return: the number of bytes, or -EINVAL for an odd length, another character or more than @max.
 */
int hex_decode(const char *text, uint8_t *ret, size_t max) _must_check_;

#endif
