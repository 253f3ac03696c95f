/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/vex/signing.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/cleanup.h"
#include "base/file.h"

#define PEM_MAX 1024u

/* What stands before the 32 bytes of a key: RFC 8410, sections 4 and 7. */
static const uint8_t private_head[] = { 0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
					0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20 };
static const uint8_t public_head[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
				       0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };

#define DER_MAX (sizeof(private_head) + VEX_SEED_BYTES)

void vex_key_wipe(struct vex_key *k)
{
	sodium_memzero(k, sizeof(*k));
}

static void public_from_raw(const uint8_t raw[VEX_PUBLIC_BYTES], struct vex_public *ret)
{
	uint8_t der[sizeof(public_head) + VEX_PUBLIC_BYTES];

	memcpy(der, public_head, sizeof(public_head));
	memcpy(der + sizeof(public_head), raw, VEX_PUBLIC_BYTES);
	memcpy(ret->raw, raw, VEX_PUBLIC_BYTES);
	sha256_hex(der, sizeof(der), ret->id);
}

/* The 32 bytes behind @head, of the only block of a PEM text; false: not such a one. */
static bool pem_parse(const char *text, const char *label, const uint8_t *head, size_t head_len,
		      uint8_t ret[32])
{
	char begin[64], end[64];
	uint8_t der[DER_MAX];
	const char *from, *to, *stopped;
	size_t len;
	bool good;

	(void)snprintf(begin, sizeof(begin), "-----BEGIN %s-----", label);
	(void)snprintf(end, sizeof(end), "-----END %s-----", label);
	from = strstr(text, begin);
	to = from ? strstr(from, end) : NULL;
	if (!to)
		return false;
	from += strlen(begin);
	good = sodium_base642bin(der, sizeof(der), from, (size_t)(to - from), "\r\n", &len,
				 &stopped, sodium_base64_VARIANT_ORIGINAL) == 0 &&
	       stopped == to && len == head_len + 32 && memcmp(der, head, head_len) == 0;
	if (good)
		memcpy(ret, der + head_len, 32);
	sodium_memzero(der, sizeof(der));
	return good;
}

/* @size: of @ret; 256 is plenty. */
static void pem_text(const char *label, const uint8_t *head, size_t head_len, const uint8_t key[32],
		     char *ret, size_t size)
{
	uint8_t der[DER_MAX];
	char base64[sodium_base64_ENCODED_LEN(DER_MAX, sodium_base64_VARIANT_ORIGINAL)];

	memcpy(der, head, head_len);
	memcpy(der + head_len, key, 32);
	(void)sodium_bin2base64(base64, sizeof(base64), der, head_len + 32,
				sodium_base64_VARIANT_ORIGINAL);
	(void)snprintf(ret, size, "-----BEGIN %s-----\n%s\n-----END %s-----\n", label, base64,
		       label);
	sodium_memzero(der, sizeof(der));
	sodium_memzero(base64, sizeof(base64));
}

static void key_from_seed(const uint8_t seed[VEX_SEED_BYTES], struct vex_key *ret)
{
	uint8_t raw[VEX_PUBLIC_BYTES];

	(void)crypto_sign_ed25519_seed_keypair(raw, ret->secret, seed);
	public_from_raw(raw, &ret->public);
}

static int refuse_shared(int root, struct oak_error *err)
{
	struct stat st;

	if (fstatat(root, VEX_KEY_PATH, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
		return oak_fail(
			err, OAK_E_NOTFOUND,
			"/%s: this host has no key of its own yet; run as root: oakum vex --write",
			VEX_KEY_PATH);
	if (faccessat(root, VEX_KEY_PATH, R_OK, 0) < 0 && errno == EACCES)
		return oak_fail(err, OAK_E_PERMISSION, "/%s: only root reads it", VEX_KEY_PATH);
	if (!S_ISREG(st.st_mode) || st.st_mode & (S_IRWXG | S_IRWXO))
		return oak_fail(err, OAK_E_REFUSED,
				"/%s: others may read this private key; remove it, and 'oakum vex "
				"--write' makes another",
				VEX_KEY_PATH);
	return 0;
}

int vex_key_read(int root, struct vex_key *ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	uint8_t seed[VEX_SEED_BYTES];
	int r = refuse_shared(root, err);

	if (r == 0)
		r = file_read(root, VEX_KEY_PATH, PEM_MAX, &text, err);
	if (r < 0)
		return r;
	if (pem_parse(buf_str(&text), "PRIVATE KEY", private_head, sizeof(private_head), seed))
		key_from_seed(seed, ret);
	else
		r = oak_fail(err, OAK_E_FORMAT,
			     "/%s: not an ed25519 key; remove it, and another is made",
			     VEX_KEY_PATH);
	sodium_memzero(seed, sizeof(seed));
	if (text.data)
		sodium_memzero(text.data, text.cap);
	return r;
}

static int make_key(int root, struct vex_key *ret, struct oak_error *err)
{
	uint8_t seed[VEX_SEED_BYTES];
	char text[256];
	int r = dir_make(root, VEX_DIR, err);

	if (r < 0)
		return r;
	if (getrandom(seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		return oak_fail_errno(err, errno, "random numbers for a key");
	key_from_seed(seed, ret);
	pem_text("PRIVATE KEY", private_head, sizeof(private_head), seed, text, sizeof(text));
	r = file_write(root, VEX_KEY_PATH, text, strlen(text), 0600, err);
	sodium_memzero(seed, sizeof(seed));
	sodium_memzero(text, sizeof(text));
	return r;
}

int vex_key_need(int root, struct vex_key *ret, struct oak_error *err)
{
	int r = vex_key_read(root, ret, err);

	return r == -OAK_E_NOTFOUND ? make_key(root, ret, err) : r;
}

int vex_public_parse(const char *text, struct vex_public *ret, struct oak_error *err)
{
	uint8_t raw[VEX_PUBLIC_BYTES];

	if (!pem_parse(text, "PUBLIC KEY", public_head, sizeof(public_head), raw))
		return oak_fail(
			err, OAK_E_FORMAT,
			"not a public ed25519 key as PEM; on the host: oakum vex --public-key");
	public_from_raw(raw, ret);
	return 0;
}

int vex_public_text(const struct vex_public *p, struct buf *ret, struct oak_error *err)
{
	char text[256];

	pem_text("PUBLIC KEY", public_head, sizeof(public_head), p->raw, text, sizeof(text));
	return buf_add_str(ret, text) < 0 ? oak_fail(err, OAK_E_NOMEM, "out of memory") : 0;
}
