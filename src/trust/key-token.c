/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/key-token.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>
#include <p11-kit/pkcs11.h>

#include "base/file.h"
#include "trust/key-file.h"
#include "trust/key-private.h"
#include "trust/token.h"

#define URI_MAX        4096
#define ED25519_BYTES  32
#define OCTET_STRING   0x04
#define OCTET_HEAD_LEN 2 /* points are shorter than 128 bytes */

DEFINE_CLEANUP(ECDSA_SIG *, ECDSA_SIG_free)
DEFINE_CLEANUP(OSSL_PARAM_BLD *, OSSL_PARAM_BLD_free)
DEFINE_CLEANUP(OSSL_PARAM *, OSSL_PARAM_free)
DEFINE_CLEANUP(EVP_PKEY_CTX *, EVP_PKEY_CTX_free)
DEFINE_CLEANUP(BIGNUM *, BN_free)

/* How a scheme is said in PKCS#11. The token gets the digest, but for ed25519 the text. */
static const struct mechanism {
	const char *scheme;
	CK_MECHANISM_TYPE type;
	CK_MECHANISM_TYPE hash; /* of RSA-PSS */
	CK_RSA_PKCS_MGF_TYPE mgf;
	bool is_ecdsa;
} mechanisms[] = {
	{ "ed25519", CKM_EDDSA, 0, 0, false },
	{ "ecdsa-sha2-nistp256", CKM_ECDSA, 0, 0, true },
	{ "ecdsa-sha2-nistp384", CKM_ECDSA, 0, 0, true },
	{ "rsassa-pss-sha256", CKM_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA256, false },
	{ "rsassa-pss-sha384", CKM_RSA_PKCS_PSS, CKM_SHA384, CKG_MGF1_SHA384, false },
	{ "rsassa-pss-sha512", CKM_RSA_PKCS_PSS, CKM_SHA512, CKG_MGF1_SHA512, false },
};

/* Curves by the DER of their name, and what comes before the point in a public key. */
static const struct curve {
	const char *name;
	size_t name_len;
	const uint8_t *head;
	size_t head_len, point_len;
} curves[] = {
	{ "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 10, key_p256_head, sizeof(key_p256_head),
	  P256_POINT_BYTES },
	{ "\x06\x05\x2b\x81\x04\x00\x22", 7, key_p384_head, sizeof(key_p384_head),
	  P384_POINT_BYTES },
};

struct token_key {
	struct token *token;
	CK_OBJECT_HANDLE object;
	const struct mechanism *mechanism;
};

static const struct mechanism *find_mechanism(const struct tuf_key *key)
{
	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]); i++)
		if (strcmp(mechanisms[i].scheme, tuf_key_scheme(key)) == 0)
			return &mechanisms[i];
	return NULL;
}

/* Tokens give r and s side by side; TUF wants them in DER. */
static int add_ecdsa(const uint8_t *raw, size_t len, struct buf *ret, struct oak_error *err)
{
	_cleanup_(ECDSA_SIG_freep) ECDSA_SIG *sig = ECDSA_SIG_new();
	_cleanup_(BN_freep) BIGNUM *r = BN_bin2bn(raw, (int)(len / 2), NULL);
	_cleanup_(BN_freep) BIGNUM *s = BN_bin2bn(raw + len / 2, (int)(len / 2), NULL);
	uint8_t *der = NULL;
	int n;

	if (!sig || !r || !s || ECDSA_SIG_set0(sig, r, s) != 1)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = s = NULL; /* sig holds them now */
	n = i2d_ECDSA_SIG(sig, &der);
	if (n > 0)
		n = buf_add(ret, der, (size_t)n) < 0 ? -1 : n;
	OPENSSL_free(der);
	return n > 0 ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

static int sign(const struct tuf_key *key, const void *data, size_t len, struct buf *ret,
		struct oak_error *err)
{
	const struct token_key *secret = key->secret;
	const struct mechanism *m = secret->mechanism;
	struct token_signing what = { .mechanism = m->type, .data = data, .data_len = len };
	CK_RSA_PKCS_PSS_PARAMS pss = { .hash_alg = m->hash, .mgf = m->mgf };
	uint8_t digest[EVP_MAX_MD_SIZE], sig[TUF_SIGNATURE_MAX];
	CK_ULONG sig_len = sizeof(sig);
	int r;

	if (key->scheme->digest) {
		if (EVP_Q_digest(NULL, key->scheme->digest, NULL, data, len, digest,
				 &what.data_len) != 1)
			return oak_fail(err, OAK_E_FAILED, "OpenSSL could not hash");
		what.data = digest;
	}
	if (m->hash) {
		pss.s_len = what.data_len;
		what.param = &pss;
		what.param_len = sizeof(pss);
	}
	r = token_sign(secret->token, secret->object, &what, sig, &sig_len, err);
	if (r < 0)
		return r;
	if (m->is_ecdsa)
		return add_ecdsa(sig, sig_len, ret, err);
	if (buf_add(ret, sig, sig_len) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

static void free_secret(void *secret)
{
	struct token_key *k = secret;

	token_close(k->token);
	free(k);
}

static const struct key_secret_ops token_ops = { .sign = sign, .free = free_secret };

int key_token_open(const char *uri, const struct tuf_key *public,
		   const struct passphrase_source *ask, struct tuf_key **ret, struct oak_error *err)
{
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	_cleanup_(token_closep) struct token *token = NULL;
	const struct mechanism *mechanism = find_mechanism(public);
	CK_OBJECT_HANDLE object = 0;
	struct token_key *secret;
	int r;

	if (!tuf_key_usable(public) || !mechanism)
		return oak_fail(err, OAK_E_REFUSED, "tokens cannot sign by %s",
				tuf_key_scheme(public));
	r = tuf_key_parse_as(public->json, public->id, &key, err);
	if (r == 0)
		r = token_open(uri, &token, err);
	if (r == 0)
		r = token_login(token, ask, err);
	if (r == 0)
		r = token_find(token, CKO_PRIVATE_KEY, &object, err);
	if (r < 0)
		return r;
	secret = calloc(1, sizeof(*secret));
	if (!secret)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	*secret = (struct token_key){ .token = take_ptr(token),
				      .object = object,
				      .mechanism = mechanism };
	key->secret = secret;
	key->secret_ops = &token_ops;
	*ret = take_ptr(key);
	return 0;
}

/* CKA_EC_POINT is the point in an OCTET STRING; some tokens leave the wrapping out. */
static int read_point(struct token *t, CK_OBJECT_HANDLE object, struct buf *ret,
		      struct oak_error *err)
{
	_cleanup_(buf_free) struct buf point = { 0 };
	size_t skip;
	int r = token_attribute(t, object, CKA_EC_POINT, &point, err);

	if (r < 0)
		return r;
	skip = point.len > OCTET_HEAD_LEN && point.data[0] == OCTET_STRING &&
			       point.data[1] == point.len - OCTET_HEAD_LEN
		       ? OCTET_HEAD_LEN
		       : 0;
	if (buf_add(ret, point.data + skip, point.len - skip) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

static int read_edwards(struct token *t, CK_OBJECT_HANDLE object, EVP_PKEY **ret,
			struct oak_error *err)
{
	_cleanup_(buf_free) struct buf point = { 0 };
	int r = read_point(t, object, &point, err);

	if (r == 0 && point.len == ED25519_BYTES)
		*ret = EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, point.data, point.len);
	return r;
}

static int read_ec(struct token *t, CK_OBJECT_HANDLE object, EVP_PKEY **ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf name = { 0 }, point = { 0 }, der = { 0 };
	int r = token_attribute(t, object, CKA_EC_PARAMS, &name, err);

	if (r == 0)
		r = read_point(t, object, &point, err);
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]) && r == 0; i++) {
		const struct curve *c = &curves[i];
		const uint8_t *p;

		if (name.len != c->name_len || memcmp(name.data, c->name, name.len) != 0 ||
		    point.len != c->point_len)
			continue;
		if (buf_add(&der, c->head, c->head_len) < 0 ||
		    buf_add(&der, point.data, point.len) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		p = der.data;
		*ret = d2i_PUBKEY(NULL, &p, (long)der.len);
		return 0;
	}
	return r;
}

static EVP_PKEY *rsa_from(const BIGNUM *n, const BIGNUM *e)
{
	_cleanup_(OSSL_PARAM_BLD_freep) OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	_cleanup_(EVP_PKEY_CTX_freep)
		EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	_cleanup_(OSSL_PARAM_freep) OSSL_PARAM *params = NULL;
	EVP_PKEY *pkey = NULL;

	if (!build || !ctx || OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) != 1 ||
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) != 1)
		return NULL;
	params = OSSL_PARAM_BLD_to_param(build);
	if (!params || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		return NULL;
	return pkey;
}

static int read_rsa(struct token *t, CK_OBJECT_HANDLE object, EVP_PKEY **ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf n = { 0 }, e = { 0 };
	_cleanup_(BN_freep) BIGNUM *modulus = NULL, *exponent = NULL;
	int r = token_attribute(t, object, CKA_MODULUS, &n, err);

	if (r == 0)
		r = token_attribute(t, object, CKA_PUBLIC_EXPONENT, &e, err);
	if (r < 0)
		return r;
	modulus = BN_bin2bn(n.data, (int)n.len, NULL);
	exponent = BN_bin2bn(e.data, (int)e.len, NULL);
	if (modulus && exponent)
		*ret = rsa_from(modulus, exponent);
	return 0;
}

static int read_public(struct token *t, CK_OBJECT_HANDLE object, EVP_PKEY **ret,
		       struct oak_error *err)
{
	static const struct {
		CK_KEY_TYPE type;
		int (*read)(struct token *t, CK_OBJECT_HANDLE object, EVP_PKEY **ret,
			    struct oak_error *err);
	} readers[] = { { CKK_EC_EDWARDS, read_edwards },
			{ CKK_EC, read_ec },
			{ CKK_RSA, read_rsa } };
	_cleanup_(buf_free) struct buf type = { 0 };
	int r = token_attribute(t, object, CKA_KEY_TYPE, &type, err);

	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]) && r == 0 && !*ret; i++)
		if (type.len == sizeof(CK_KEY_TYPE) &&
		    memcmp(type.data, &readers[i].type, sizeof(CK_KEY_TYPE)) == 0)
			r = readers[i].read(t, object, ret, err);
	if (r == 0 && !*ret)
		r = oak_fail(err, OAK_E_FORMAT, "not an ed25519, ECDSA P-256 or P-384, or RSA key");
	return r;
}

int key_token_public(const char *uri, const struct passphrase_source *ask, struct tuf_key **ret,
		     struct oak_error *err)
{
	_cleanup_(token_closep) struct token *t = NULL;
	_cleanup_(EVP_PKEY_freep) EVP_PKEY *pkey = NULL;
	_cleanup_(json_decrefp) json_t *object = NULL;
	CK_OBJECT_HANDLE handle = 0;
	int r = token_open(uri, &t, err);

	if (r < 0)
		return r;
	r = token_find(t, CKO_PUBLIC_KEY, &handle, err);
	if (r == -OAK_E_NOTFOUND) {
		r = token_login(t, ask, err);
		if (r == 0)
			r = token_find(t, CKO_PUBLIC_KEY, &handle, err);
	}
	if (r == 0)
		r = read_public(t, handle, &pkey, err);
	if (r == 0)
		r = key_public_object(pkey, &object, err);
	if (r < 0)
		return oak_context(err, "%s", uri);
	return tuf_key_parse(object, ret, err);
}

int key_token_write(const char *uri, const struct tuf_key *public, int dirfd, const char *path,
		    struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	int r;

	r = key_file_check_new(dirfd, path, err);
	if (r < 0)
		return r;
	if (buf_printf(&text, "%s\n", uri) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = key_file_write_public(public, dirfd, path, err);
	return r < 0 ? r : file_write(dirfd, path, text.data, text.len, 0600, err);
}

int key_token_read(int dirfd, const char *path, char **ret, struct oak_error *err)
{
	struct stat st;

	if (fstatat(dirfd, path, &st, 0) < 0)
		return oak_fail_errno(err, errno, "%s", path);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return oak_fail(err, OAK_E_REFUSED,
				"%s: others may change this file, which may name a library to "
				"load; run: chmod 600 %s",
				path, path);
	if (st.st_size > URI_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "%s: larger than %d bytes", path, URI_MAX);
	return file_read_line(dirfd, path, ret, err);
}
