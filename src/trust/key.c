/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/key.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/file.h"
#include "base/json.h"
#include "trust/canonical.h"

#define ED25519_BYTES      32
#define KEY_FILE_BYTES_MAX 16384

struct tuf_key {
	char id[SHA256_HEX_MAX];
	json_t *json;
	EVP_PKEY *pkey; /* NULL: of a scheme that we do not know */
	bool is_private;
};

DEFINE_CLEANUP(EVP_PKEY *, EVP_PKEY_free)
DEFINE_CLEANUP(EVP_MD_CTX *, EVP_MD_CTX_free)
DEFINE_CLEANUP(BIO *, BIO_free_all)

static EVP_PKEY *ed25519_public(const char *text)
{
	uint8_t raw[ED25519_BYTES];

	if (hex_decode(text, raw, sizeof(raw)) != ED25519_BYTES)
		return NULL;
	return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, raw, sizeof(raw));
}

static const struct scheme {
	const char *keytype;
	const char *scheme;
	EVP_PKEY *(*parse)(const char *text); /* of keyval.public; NULL: malformed */
} schemes[] = {
	{ "ed25519", "ed25519", ed25519_public },
};

static int set_id(struct tuf_key *key, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf canonical = { 0 };
	int r = canonical_json(key->json, &canonical, err);

	if (r < 0)
		return r;
	sha256_hex(canonical.data, canonical.len, key->id);
	return 0;
}

int tuf_key_parse(const json_t *object, struct tuf_key **ret, struct oak_error *err)
{
	const char *keytype = json_get_str(object, "keytype");
	const char *scheme = json_get_str(object, "scheme");
	const json_t *keyval = json_object_get(object, "keyval");
	const char *text = json_get_str(keyval, "public");
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	int r;

	if (!keytype || !scheme || !json_is_object(keyval))
		return oak_fail(err, OAK_E_FORMAT,
				"a key must be {\"keytype\", \"scheme\", \"keyval\"}");
	key = calloc(1, sizeof(*key));
	if (!key)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	/* json_incref() wants non-const; only the reference count changes. */
	key->json = json_incref((json_t *)(uintptr_t)object);
	r = set_id(key, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (strcmp(schemes[i].keytype, keytype) != 0 ||
		    strcmp(schemes[i].scheme, scheme) != 0)
			continue;
		key->pkey = text ? schemes[i].parse(text) : NULL;
		if (!key->pkey)
			return oak_fail(err, OAK_E_FORMAT, "not a public %s key", keytype);
	}
	*ret = take_ptr(key);
	return 0;
}

/* Builds the public object from the private key; takes @pkey, also on failure. */
static int from_private(EVP_PKEY *pkey, struct tuf_key **ret, struct oak_error *err)
{
	_cleanup_(EVP_PKEY_freep) EVP_PKEY *guard = pkey;
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	uint8_t raw[ED25519_BYTES];
	char hex[2 * ED25519_BYTES + 1];
	size_t len = sizeof(raw);
	int r;

	if (EVP_PKEY_get_id(pkey) != EVP_PKEY_ED25519 ||
	    EVP_PKEY_get_raw_public_key(pkey, raw, &len) != 1 || len != sizeof(raw))
		return oak_fail(err, OAK_E_FORMAT, "not an ed25519 key");
	hex_encode(raw, sizeof(raw), hex);
	key = calloc(1, sizeof(*key));
	if (!key)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	key->json = json_pack("{s:s, s:s, s:{s:s}}", "keytype", "ed25519", "scheme", "ed25519",
			      "keyval", "public", hex);
	if (!key->json)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = set_id(key, err);
	if (r < 0)
		return r;
	key->pkey = take_ptr(guard);
	key->is_private = true;
	*ret = take_ptr(key);
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
	if (!key->is_private)
		return oak_fail(err, OAK_E_REFUSED, "%s: this key has no private half", path);
	if (file_exists(dirfd, path))
		return oak_fail(err, OAK_E_REFUSED,
				"%s: exists already; a key is never overwritten", path);
	if (PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL, NULL) != 1)
		return oak_fail(err, OAK_E_FAILED, "%s: OpenSSL could not encode the key", path);
	len = BIO_get_mem_data(bio, &data);
	r = file_write(dirfd, path, data, (size_t)len, 0600, err);
	OPENSSL_cleanse(data, (size_t)len);
	return r;
}

const char *tuf_key_id(const struct tuf_key *key)
{
	return key->id;
}

json_t *tuf_key_json(const struct tuf_key *key)
{
	return json_deep_copy(key->json);
}

bool tuf_key_same(const struct tuf_key *a, const struct tuf_key *b)
{
	return a->pkey && b->pkey && EVP_PKEY_eq(a->pkey, b->pkey) == 1;
}

int tuf_key_sign(const struct tuf_key *key, const void *data, size_t len, char **ret,
		 struct oak_error *err)
{
	_cleanup_(EVP_MD_CTX_freep) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t sig[TUF_SIGNATURE_MAX];
	size_t sig_len = sizeof(sig);
	char *hex;

	if (!key->is_private)
		return oak_fail(err, OAK_E_REFUSED, "key %s has no private half", key->id);
	if (!ctx || EVP_DigestSignInit(ctx, NULL, NULL, NULL, key->pkey) != 1 ||
	    EVP_DigestSign(ctx, sig, &sig_len, data, len) != 1)
		return oak_fail(err, OAK_E_FAILED, "OpenSSL could not sign with key %s", key->id);
	hex = malloc(2 * sig_len + 1);
	if (!hex)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	hex_encode(sig, sig_len, hex);
	*ret = hex;
	return 0;
}

bool tuf_key_verify(const struct tuf_key *key, const void *data, size_t len, const uint8_t *sig,
		    size_t sig_len)
{
	_cleanup_(EVP_MD_CTX_freep) EVP_MD_CTX *ctx = NULL;

	if (!key->pkey)
		return false;
	ctx = EVP_MD_CTX_new();
	return ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key->pkey) == 1 &&
	       EVP_DigestVerify(ctx, sig, sig_len, data, len) == 1;
}

void tuf_key_free(struct tuf_key *key)
{
	if (!key)
		return;
	json_decref(key->json);
	EVP_PKEY_free(key->pkey);
	free(key);
}
