/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/sign.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <openssl/x509.h>

#include "build/sign-trailer.h"

#define NAME_MAX_BYTES 128
#define TOKEN_SCHEME   "pkcs11:"

struct sign_key {
	EVP_PKEY *key;
	X509 *cert;
	char name[NAME_MAX_BYTES];
};

static void bio_freep(BIO **b)
{
	BIO_free(*b);
}

static void cms_freep(CMS_ContentInfo **c)
{
	CMS_ContentInfo_free(*c);
}

static void store_closep(OSSL_STORE_CTX **s)
{
	(void)OSSL_STORE_close(*s);
}

static void ui_freep(UI_METHOD **m)
{
	UI_destroy_method(*m);
}

/* OpenSSL's own words, for what is not expected. Never holds key material. */
static const char *reason(char *buf, size_t size)
{
	ERR_error_string_n(ERR_peek_last_error(), buf, size);
	ERR_clear_error();
	return buf;
}

/* What the callback of a passphrase is given, and gives back. */
struct pin {
	const char *text; /* NULL: none was given */
	bool asked;
};

static int give_pin(char *buf, int size, int writing, void *context)
{
	struct pin *p = context;
	size_t len = p->text ? strlen(p->text) : 0;

	(void)writing;
	p->asked = true;
	if (!p->text || size < 0 || len >= (size_t)size)
		return -1;
	memcpy(buf, p->text, len + 1);
	return (int)len;
}

static int open_file(const char *path, BIO **ret, struct oak_error *err)
{
	errno = 0;
	*ret = BIO_new_file(path, "rb");
	ERR_clear_error();
	return *ret ? 0 : oak_fail_errno(err, errno ? errno : EIO, "%s", path);
}

static int read_key_file(const char *path, const char *text, EVP_PKEY **ret, struct oak_error *err)
{
	_cleanup_(bio_freep) BIO *in = NULL;
	struct pin pin = { .text = text };
	int r = open_file(path, &in, err);

	if (r < 0)
		return r;
	*ret = PEM_read_bio_PrivateKey(in, NULL, give_pin, &pin);
	ERR_clear_error();
	if (*ret)
		return 0;
	if (pin.asked && !text)
		return oak_fail(err, OAK_E_REFUSED,
				"%s: the key has a passphrase: give it in $OAKUM_SIGN_PIN", path);
	if (pin.asked)
		return oak_fail(err, OAK_E_REFUSED,
				"%s: the passphrase in $OAKUM_SIGN_PIN is wrong", path);
	return oak_fail(err, OAK_E_FORMAT, "%s: not a private key in PEM", path);
}

/* A token answers through a provider that the machine's openssl.cnf loads. */
static int read_token(const char *uri, const char *text, EVP_PKEY **ret, struct oak_error *err)
{
	_cleanup_(ui_freep) UI_METHOD *ui = UI_UTIL_wrap_read_pem_callback(give_pin, 0);
	_cleanup_(store_closep) OSSL_STORE_CTX *store = NULL;
	struct pin pin = { .text = text };
	char why[256];

	store = OSSL_STORE_open(uri, ui, &pin, NULL, NULL);
	if (!store)
		return oak_fail(err, OAK_E_UNSUPPORTED,
				"OpenSSL cannot open %s URIs (%s): install a provider for them "
				"(pkcs11-provider) and name it in openssl.cnf, or give a file",
				TOKEN_SCHEME, reason(why, sizeof(why)));
	while (!*ret && !OSSL_STORE_eof(store)) {
		OSSL_STORE_INFO *info = OSSL_STORE_load(store);

		if (info && OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY)
			*ret = OSSL_STORE_INFO_get1_PKEY(info);
		OSSL_STORE_INFO_free(info);
		if (!info && OSSL_STORE_error(store))
			break;
	}
	return *ret ? 0
		    : oak_fail(err, OAK_E_FORMAT, "the token shows no private key: %s",
			       reason(why, sizeof(why)));
}

static int read_cert(const char *path, X509 **ret, struct oak_error *err)
{
	_cleanup_(bio_freep) BIO *in = NULL;
	int r = open_file(path, &in, err);

	if (r < 0)
		return r;
	*ret = PEM_read_bio_X509(in, NULL, NULL, NULL);
	if (!*ret && BIO_seek(in, 0) == 0)
		*ret = d2i_X509_bio(in, NULL);
	ERR_clear_error();
	return *ret ? 0 : oak_fail(err, OAK_E_FORMAT, "%s: not a certificate in PEM or DER", path);
}

int sign_key_open(const char *key, const char *cert, const char *pin, struct sign_key **ret,
		  struct oak_error *err)
{
	_cleanup_(sign_key_freep) struct sign_key *k = calloc(1, sizeof(*k));
	int r;

	if (!k)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = strncmp(key, TOKEN_SCHEME, strlen(TOKEN_SCHEME)) == 0
		    ? read_token(key, pin, &k->key, err)
		    : read_key_file(key, pin, &k->key, err);
	if (r == 0)
		r = read_cert(cert, &k->cert, err);
	if (r < 0)
		return r;
	if (X509_check_private_key(k->cert, k->key) != 1) {
		ERR_clear_error();
		return oak_fail(err, OAK_E_REFUSED, "%s: the certificate is not that of the key",
				cert);
	}
	if (X509_NAME_get_text_by_NID(X509_get_subject_name(k->cert), NID_commonName, k->name,
				      sizeof(k->name)) < 0)
		(void)snprintf(k->name, sizeof(k->name), "a certificate without a name");
	*ret = take_ptr(k);
	return 0;
}

void sign_key_free(struct sign_key *k)
{
	if (!k)
		return;
	EVP_PKEY_free(k->key);
	X509_free(k->cert);
	free(k);
}

const char *sign_key_name(const struct sign_key *k)
{
	return k->name;
}

void sign_hash(const char *config, char ret[SIGN_HASH_MAX])
{
	static const char option[] = "\nCONFIG_MODULE_SIG_HASH=\"";
	const char *at = strstr(config, option);
	size_t len = at ? strcspn(at + strlen(option), "\"\n") : 0;

	(void)snprintf(ret, SIGN_HASH_MAX, "sha256");
	if (len && len < SIGN_HASH_MAX) {
		memcpy(ret, at + strlen(option), len);
		ret[len] = '\0';
	}
}

/* The message itself, DER. */
static int make_pkcs7(const struct sign_key *k, const EVP_MD *md, const struct buf *module,
		      struct buf *ret, struct oak_error *err)
{
	const unsigned flags = CMS_NOCERTS | CMS_BINARY | CMS_DETACHED;
	_cleanup_(cms_freep) CMS_ContentInfo *cms = NULL;
	_cleanup_(bio_freep) BIO *in = NULL, *out = BIO_new(BIO_s_mem());
	char why[256], *der = NULL;
	long len;

	if (module->len > INT_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "a module of %zu bytes", module->len);
	in = BIO_new_mem_buf(module->data, (int)module->len);
	cms = CMS_sign(NULL, NULL, NULL, NULL, flags | CMS_PARTIAL);
	if (!in || !out || !cms ||
	    !CMS_add1_signer(cms, k->cert, k->key, md, flags | CMS_NOSMIMECAP | CMS_NOATTR) ||
	    CMS_final(cms, in, NULL, flags) != 1 || i2d_CMS_bio(out, cms) != 1)
		return oak_fail(err, OAK_E_FAILED, "signing failed: %s", reason(why, sizeof(why)));
	len = BIO_get_mem_data(out, &der);
	return len > 0 && buf_add(ret, der, (size_t)len) == 0
		       ? 0
		       : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

int sign_module(const struct sign_key *k, const char *hash, struct buf *module,
		struct oak_error *err)
{
	_cleanup_(buf_free) struct buf pkcs7 = { 0 };
	const EVP_MD *md = EVP_get_digestbyname(hash);
	int r;

	if (!md)
		return oak_fail(err, OAK_E_UNSUPPORTED, "OpenSSL does not know the hash %s", hash);
	r = make_pkcs7(k, md, module, &pkcs7, err);
	return r < 0 ? r : sign_trailer_add(module, &pkcs7, err);
}
