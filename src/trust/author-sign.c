/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "trust/author-state.h"
#include "trust/date.h"

#define DAY_S 86400

int64_t author_life_s(enum tuf_role role)
{
	/* Short where the key is online and the file is renewed by a timer. */
	static const int64_t days[TUF_ROLES] = {
		[TUF_ROOT] = 365,
		[TUF_TARGETS] = 90,
		[TUF_SNAPSHOT] = 7,
		[TUF_TIMESTAMP] = 1,
	};

	return days[role] * DAY_S;
}

json_t *author_new_signed(enum tuf_role role, uint64_t version, int64_t now_s)
{
	char expires[DATE_TEXT_MAX];

	date_format(now_s + author_life_s(role), expires);
	return json_pack("{s:s, s:s, s:I, s:s}", "_type", tuf_role_name(role), "spec_version",
			 AUTHOR_SPEC_VERSION, "version", (json_int_t)version, "expires", expires);
}

json_t *author_link(uint64_t version, const struct buf *bytes)
{
	char hex[SHA256_HEX_MAX];

	sha256_hex(bytes->data, bytes->len, hex);
	return json_pack("{s:I, s:I, s:{s:s}}", "version", (json_int_t)version, "length",
			 (json_int_t)bytes->len, "hashes", "sha256", hex);
}

static bool is_key_file(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > 4 && strcmp(name + len - 4, ".pem") == 0;
}

static int add_key(int dirfd, const char *name, struct keyring *ring, struct oak_error *err)
{
	struct tuf_key **keys;
	int r;

	if (ring->n == KEYRING_KEYS_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "more than %d keys", KEYRING_KEYS_MAX);
	keys = reallocarray(ring->keys, ring->n + 1, sizeof(struct tuf_key *));
	if (!keys)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	ring->keys = keys;
	r = tuf_key_load(dirfd, name, &keys[ring->n], err);
	if (r == 0)
		ring->n++;
	return r;
}

int author_load_keys(const char *dir, struct keyring *ret, struct oak_error *err)
{
	_cleanup_(closedirp) DIR *d = opendir(dir);
	struct dirent *e;

	if (!d && errno == ENOENT)
		return oak_fail(err, OAK_E_NOTFOUND, "%s: no such directory of keys", dir);
	if (!d)
		return oak_fail_errno(err, errno, "%s", dir);
	while ((e = readdir(d))) {
		int r;

		if (!is_key_file(e->d_name))
			continue;
		r = add_key(dirfd(d), e->d_name, ret, err);
		if (r < 0)
			return oak_context(err, "%s", dir);
	}
	return 0;
}

int author_sign(struct metadata *m, const struct metadata *root, const struct keyring *keys,
		struct oak_error *err)
{
	const struct signers *signers = metadata_signers(root, metadata_role(m));

	for (size_t i = 0; i < keys->n; i++) {
		int r;

		if (!signers_have(signers, tuf_key_id(keys->keys[i])))
			continue;
		r = metadata_sign(m, keys->keys[i], err);
		if (r < 0)
			return r;
	}
	return 0;
}

int author_text(const struct metadata *m, struct buf *ret, struct oak_error *err)
{
	enum tuf_role role = metadata_role(m);
	int r = metadata_text(m, ret, err);

	if (r == 0 && ret->len > tuf_role_max_bytes(role))
		return oak_fail(err, OAK_E_REFUSED,
				"%s would have %zu bytes, and hosts accept at most %zu",
				tuf_role_file(role), ret->len, tuf_role_max_bytes(role));
	return r;
}

int author_write(int dirfd, const struct metadata *m, struct buf *ret, struct oak_error *err)
{
	enum tuf_role role = metadata_role(m);
	char name[64];
	int r = author_text(m, ret, err);

	if (r < 0)
		return r;
	if (role == TUF_TIMESTAMP)
		(void)snprintf(name, sizeof(name), "%s", tuf_role_file(role));
	else
		(void)snprintf(name, sizeof(name), "%llu.%s",
			       (unsigned long long)metadata_version(m), tuf_role_file(role));
	return file_write(dirfd, name, ret->data, ret->len, AUTHOR_FILE_MODE, err);
}
