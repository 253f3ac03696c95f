/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Private keys, the author's side: generated, kept as PKCS#8 PEM, signed with, by OpenSSL. Nothing
 * that a host runs may call into this file, or its programs load OpenSSL's providers at each start
 * (docs/decisions/0009).
 */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/file.h"
#include "trust/key-priv.h"

#define ED25519_BYTES      32
#define KEY_FILE_BYTES_MAX 16384

DEFINE_CLEANUP(EVP_PKEY *, EVP_PKEY_free)
DEFINE_CLEANUP(EVP_MD_CTX *, EVP_MD_CTX_free)
DEFINE_CLEANUP(BIO *, BIO_free_all)

static int sign(const void *secret, const void *data, size_t len, struct buf *ret,
		struct oak_error *err)
{
	_cleanup_(EVP_MD_CTX_freep) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	/* OpenSSL wants non-const; only the reference count changes. */
	EVP_PKEY *pkey = (EVP_PKEY *)(uintptr_t)secret;
	uint8_t sig[TUF_SIGNATURE_MAX];
	size_t sig_len = sizeof(sig);

	if (!ctx || EVP_DigestSignInit(ctx, NULL, NULL, NULL, pkey) != 1 ||
	    EVP_DigestSign(ctx, sig, &sig_len, data, len) != 1)
		return oak_fail(err, OAK_E_FAILED, "OpenSSL could not sign");
	if (buf_add(ret, sig, sig_len) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

static void free_secret(void *secret)
{
	EVP_PKEY_free(secret);
}

static const struct key_secret_ops openssl_ops = { .sign = sign, .free = free_secret };

static int public_object(EVP_PKEY *pkey, json_t **ret, struct oak_error *err)
{
	uint8_t raw[ED25519_BYTES];
	char hex[2 * ED25519_BYTES + 1];
	size_t len = sizeof(raw);

	if (EVP_PKEY_get_id(pkey) != EVP_PKEY_ED25519 ||
	    EVP_PKEY_get_raw_public_key(pkey, raw, &len) != 1 || len != sizeof(raw))
		return oak_fail(err, OAK_E_FORMAT, "not an ed25519 key");
	hex_encode(raw, sizeof(raw), hex);
	*ret = json_pack("{s:s, s:s, s:{s:s}}", "keytype", "ed25519", "scheme", "ed25519", "keyval",
			 "public", hex);
	return *ret ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

/* Builds the public half from the private one; takes @pkey, also on failure. */
static int from_private(EVP_PKEY *pkey, struct tuf_key **ret, struct oak_error *err)
{
	_cleanup_(EVP_PKEY_freep) EVP_PKEY *guard = pkey;
	_cleanup_(json_decrefp) json_t *object = NULL;
	struct tuf_key *key;
	int r = public_object(pkey, &object, err);

	if (r == 0)
		r = tuf_key_parse(object, &key, err);
	if (r < 0)
		return r;
	key->secret = take_ptr(guard);
	key->secret_ops = &openssl_ops;
	*ret = key;
	return 0;
}

int tuf_key_generate(struct tuf_key **ret, struct oak_error *err)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

	if (!pkey)
		return oak_fail(err, OAK_E_FAILED, "OpenSSL could not generate an ed25519 key");
	return from_private(pkey, ret, err);
}

int tuf_key_load(int dirfd, const char *path, struct tuf_key **ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf pem = { 0 };
	_cleanup_(BIO_free_allp) BIO *bio = NULL;
	struct stat st;
	EVP_PKEY *pkey;
	int r;

	r = file_read(dirfd, path, KEY_FILE_BYTES_MAX, &pem, err);
	if (r < 0)
		return r;
	if (fstatat(dirfd, path, &st, 0) < 0)
		return oak_fail_errno(err, errno, "%s", path);
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return oak_fail(err, OAK_E_REFUSED,
				"%s: others may read this private key; run: chmod 600 %s", path,
				path);
	bio = BIO_new_mem_buf(pem.data, (int)pem.len);
	if (!bio)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	/* An empty pass phrase, or OpenSSL would ask for one on the terminal. */
	pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)(uintptr_t) "");
	OPENSSL_cleanse(pem.data, pem.len);
	if (!pkey)
		return oak_fail(err, OAK_E_FORMAT, "%s: not an unencrypted PEM private key", path);
	r = from_private(pkey, ret, err);
	return r < 0 ? oak_context(err, "%s", path) : 0;
}

int tuf_key_save(const struct tuf_key *key, int dirfd, const char *path, struct oak_error *err)
{
	_cleanup_(BIO_free_allp) BIO *bio = BIO_new(BIO_s_secmem());
	char *data;
	long len;
	int r;

	if (!bio)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (!key->secret)
		return oak_fail(err, OAK_E_REFUSED, "%s: this key has no private half", path);
	if (file_exists(dirfd, path))
		return oak_fail(err, OAK_E_REFUSED,
				"%s: exists already; a key is never overwritten", path);
	if (PEM_write_bio_PKCS8PrivateKey(bio, key->secret, NULL, NULL, 0, NULL, NULL) != 1)
		return oak_fail(err, OAK_E_FAILED, "%s: OpenSSL could not encode the key", path);
	len = BIO_get_mem_data(bio, &data);
	r = file_write(dirfd, path, data, (size_t)len, 0600, err);
	OPENSSL_cleanse(data, (size_t)len);
	return r;
}
