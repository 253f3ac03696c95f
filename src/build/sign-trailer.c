/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/sign-trailer.h"

#include <arpa/inet.h>
#include <string.h>

#define PKCS7_ID_TYPE 2 /* enum pkey_id_type: PKEY_ID_PKCS7 */

static const char magic[] = "~Module signature appended~\n";

#define MAGIC_BYTES (sizeof(magic) - 1)

/* struct module_signature: algo, hash, id_type and more; of PKCS#7 the others are zero. */
struct trailer {
	uint8_t kind[8];
	uint32_t sig_len; /* big-endian */
};

int sign_trailer_add(struct buf *module, const struct buf *pkcs7, struct oak_error *err)
{
	struct trailer t = { .kind = { [2] = PKCS7_ID_TYPE } };

	if (pkcs7->len > UINT32_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "a signature of %zu bytes", pkcs7->len);
	t.sig_len = htonl((uint32_t)pkcs7->len);
	if (buf_add(module, pkcs7->data, pkcs7->len) < 0 || buf_add(module, &t, sizeof(t)) < 0 ||
	    buf_add(module, magic, MAGIC_BYTES) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

int sign_trailer_find(const void *data, size_t len, size_t *ret_module, size_t *ret_pkcs7,
		      struct oak_error *err)
{
	static const struct trailer empty = { .kind = { [2] = PKCS7_ID_TYPE } };
	const uint8_t *end = (const uint8_t *)data + len;
	struct trailer t;
	uint32_t sig;

	*ret_module = len;
	*ret_pkcs7 = 0;
	if (len < MAGIC_BYTES || memcmp(end - MAGIC_BYTES, magic, MAGIC_BYTES) != 0)
		return 0;
	if (len < MAGIC_BYTES + sizeof(t))
		return oak_fail(err, OAK_E_FORMAT, "a module's signature without a length");
	memcpy(&t, end - MAGIC_BYTES - sizeof(t), sizeof(t));
	sig = ntohl(t.sig_len);
	if (memcmp(t.kind, empty.kind, sizeof(t.kind)) != 0)
		return oak_fail(err, OAK_E_FORMAT, "a module's signature is not PKCS#7");
	if (!sig || sig > len - MAGIC_BYTES - sizeof(t))
		return oak_fail(err, OAK_E_FORMAT, "a module's signature is longer than its file");
	*ret_pkcs7 = sig;
	*ret_module = len - MAGIC_BYTES - sizeof(t) - sig;
	return 0;
}
