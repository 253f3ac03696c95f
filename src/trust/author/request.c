/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/author/request.h"

#include <fcntl.h>

#include "base/file.h"

int request_read(const char *path, struct staged *ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = file_read(AT_FDCWD, path, STAGED_BYTES_MAX, &text, err);

	return r < 0 ? r : staged_parse(text.data, text.len, path, ret, err);
}

static int sign_role(struct staged_role *role, struct keystore *ks, size_t *n, size_t *wanted,
		     struct oak_error *err)
{
	for (size_t i = 0; i < keystore_n(ks); i++) {
		const char *id = tuf_key_id(keystore_public(ks, i));
		const struct tuf_key *key;
		int r;

		if (!staged_wants_key(role, id))
			continue;
		++*wanted;
		if (metadata_signed_by(role->m, id))
			continue;
		r = keystore_unlock(ks, id, &key, err);
		if (r == 0)
			r = metadata_sign(role->m, key, err);
		if (r < 0)
			return r;
		++*n;
	}
	return 0;
}

int request_sign(const char *path, struct staged *s, struct keystore *ks, size_t *ret_n,
		 struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	size_t n = 0, wanted = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->n; i++)
		r = sign_role(&s->roles[i], ks, &n, &wanted, err);
	if (r == 0 && !n)
		return oak_fail(err, OAK_E_NOTHING,
				wanted ? "%s: your keys have signed it already"
				       : "%s: wants no signature of a key that is here",
				path);
	if (r == 0)
		r = staged_text(s, &text, err);
	if (r == 0)
		r = file_write(AT_FDCWD, path, text.data, text.len, 0644, err);
	*ret_n = n;
	return r;
}
