/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/hashes.h"

#include <string.h>

#include "base/hash.h"
#include "base/json.h"

static const struct algorithm {
	const char *name;
	size_t hex_len;
	size_t member; /* offset in struct hashes */
	void (*hash)(const void *data, size_t len, char *ret);
} algorithms[] = {
	{ "sha256", SHA256_HEX_MAX - 1, offsetof(struct hashes, sha256), sha256_hex },
	{ "sha512", SHA512_HEX_MAX - 1, offsetof(struct hashes, sha512), sha512_hex },
};
#define N_ALGORITHMS (sizeof(algorithms) / sizeof(algorithms[0]))

static const char *get(const struct hashes *h, size_t member)
{
	const char *text;

	memcpy(&text, (const char *)h + member, sizeof(text));
	return text;
}

int hashes_parse(const json_t *object, struct hashes *ret, struct oak_error *err)
{
	struct hashes h = { 0 };

	for (size_t i = 0; i < N_ALGORITHMS; i++) {
		const struct algorithm *a = &algorithms[i];
		const json_t *value = json_object_get(object, a->name);
		const char *text = json_string_value(value);

		if (!value)
			continue;
		if (!text || strlen(text) != a->hex_len ||
		    strspn(text, "0123456789abcdef") != a->hex_len)
			return oak_fail(err, OAK_E_FORMAT, "hashes: %s: not %zu hex digits",
					a->name, a->hex_len);
		memcpy((char *)&h + a->member, &text, sizeof(text));
	}
	if (!h.sha256 && !h.sha512)
		return oak_fail(err, OAK_E_FORMAT, "hashes: neither sha256 nor sha512");
	*ret = h;
	return 0;
}

int hashes_check(const struct hashes *h, const char *name, const char *parent, const void *data,
		 size_t len, struct oak_error *err)
{
	char hex[SHA512_HEX_MAX];

	for (size_t i = 0; i < N_ALGORITHMS; i++) {
		const struct algorithm *a = &algorithms[i];
		const char *want = get(h, a->member);

		if (!want)
			continue;
		a->hash(data, len, hex);
		if (strcmp(hex, want) != 0)
			return oak_fail(err, OAK_E_TRUST, "%s: %s does not match %s", name, a->name,
					parent);
	}
	return 0;
}
