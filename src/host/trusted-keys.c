/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/trusted-keys.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"

#define KEYS_PATH "proc/keys"
#define KEYS_MAX  (1u << 20)

#define FIELDS_BEFORE 7 /* serial, flags, usage, expiry, permissions, uid, gid */

/* Behind the type; NULL where it is no asymmetric key. The kernel cuts the type at 9 bytes. */
static const char *description(const char *line, size_t len)
{
	static const char type[] = "asymmetri ";
	const char *end = line + len;

	for (unsigned i = 0; i < FIELDS_BEFORE; i++) {
		while (line < end && *line == ' ')
			line++;
		while (line < end && *line != ' ')
			line++;
	}
	while (line < end && *line == ' ')
		line++;
	if ((size_t)(end - line) < sizeof(type) - 1 || memcmp(line, type, sizeof(type) - 1) != 0)
		return NULL;
	return line + sizeof(type) - 1;
}

/* "NAME: HEX: ..." or "ORGANISATION: NAME: HEX: ...". A name may have ": " in it itself. */
static bool is_of(const char *p, const char *end, const char *signer)
{
	size_t n = strlen(signer);

	for (const char *from = p; from && (size_t)(end - from) > n + 2;) {
		const char *hex = from + n + 2;

		if (memcmp(from, signer, n) == 0 && from[n] == ':' && from[n + 1] == ' ') {
			size_t digits = strspn(hex, "0123456789abcdef");

			if (digits >= 8 && hex + digits < end && hex[digits] == ':')
				return true;
		}
		from = memmem(from, (size_t)(end - from), ": ", 2);
		from = from ? from + 2 : NULL;
	}
	return false;
}

enum trusted_key trusted_keys_find(const char *keys, const char *signer)
{
	enum trusted_key found = TRUSTED_KEY_UNKNOWN;

	while (*keys) {
		size_t len = strcspn(keys, "\n");
		const char *p = description(keys, len);

		if (p && is_of(p, keys + len, signer))
			return TRUSTED_KEY_PRESENT;
		if (p)
			found = TRUSTED_KEY_MISSING;
		keys += len + (keys[len] == '\n');
	}
	return found;
}

enum trusted_key trusted_keys_read(int root, const char *signer)
{
	_cleanup_(buf_free) struct buf text = { 0 };

	if (file_read(root, KEYS_PATH, KEYS_MAX, &text, NULL) < 0)
		return TRUSTED_KEY_UNKNOWN;
	return trusted_keys_find(buf_str(&text), signer);
}
