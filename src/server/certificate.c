/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/certificate.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"

#define DAYS_GOOD   730
#define SERIAL_BITS 159 /* RFC 5280, 4.1.2.2: at most 20 octets, positive */
#define CN_MAX      64  /* ub-common-name */
#define PEM_MAX     65536

DEFINE_CLEANUP(EVP_PKEY *, EVP_PKEY_free)
DEFINE_CLEANUP(X509 *, X509_free)
DEFINE_CLEANUP(BIO *, BIO_free_all)
DEFINE_CLEANUP(BIGNUM *, BN_free)
DEFINE_CLEANUP(X509_EXTENSION *, X509_EXTENSION_free)

static bool is_address(const char *name)
{
	struct in6_addr six;
	struct in_addr four;

	return inet_pton(AF_INET, name, &four) == 1 || inet_pton(AF_INET6, name, &six) == 1;
}

/* What X509V3's own text would take for a separator or a section has no place in a name. */
static bool is_name(const char *name)
{
	static const char chars[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_*";

	return is_address(name) ||
	       (*name && strlen(name) < 254 && strspn(name, chars) == strlen(name));
}

static int names_text(const struct certificate_new *c, struct buf *ret, struct oak_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->n_names; i++) {
		if (!is_name(c->names[i]))
			return oak_fail(err, OAK_E_USAGE,
					"'%.80s' is neither a host name nor an IP address",
					c->names[i]);
		r = buf_printf(ret, "%s%s:%s", i ? "," : "", is_address(c->names[i]) ? "IP" : "DNS",
			       c->names[i]);
	}
	return r < 0 ? oak_fail(err, OAK_E_NOMEM, "out of memory") : 0;
}

static bool add_extension(X509 *x, int nid, const char *text)
{
	_cleanup_(X509_EXTENSION_freep) X509_EXTENSION *e = NULL;
	X509V3_CTX ctx;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, text);
	return e && X509_add_ext(x, e, -1) == 1;
}

static bool set_serial(X509 *x)
{
	_cleanup_(BN_freep) BIGNUM *n = BN_new();

	return n && BN_rand(n, SERIAL_BITS, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
	       BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));
}

static bool set_subject(X509 *x, const char *name)
{
	X509_NAME *subject = X509_get_subject_name(x);
	/* A longer name stands among the alternative ones alone, which is where clients look. */
	const char *cn = strlen(name) <= CN_MAX ? name : "oakum-server";

	return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)cn,
					  -1, -1, 0) == 1 &&
	       X509_set_issuer_name(x, subject) == 1;
}

/* It is its own authority, so that it can be named as one ("--ca"); no other follows from it. */
static bool fill(X509 *x, EVP_PKEY *pkey, const struct certificate_new *c, const char *names)
{
	time_t now = (time_t)c->now_s;

	return X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x) &&
	       X509_time_adj_ex(X509_getm_notBefore(x), -1, 0, &now) &&
	       X509_time_adj_ex(X509_getm_notAfter(x), DAYS_GOOD, 0, &now) &&
	       set_subject(x, c->names[0]) && X509_set_pubkey(x, pkey) == 1 &&
	       add_extension(x, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
	       add_extension(x, NID_key_usage, "critical,digitalSignature,keyCertSign") &&
	       add_extension(x, NID_ext_key_usage, "serverAuth") &&
	       add_extension(x, NID_subject_key_identifier, "hash") &&
	       add_extension(x, NID_subject_alt_name, names) &&
	       X509_sign(x, pkey, EVP_sha256()) > 0;
}

static int write_bio(BIO *bio, const char *path, mode_t mode, struct oak_error *err)
{
	char *data = NULL;
	long len = BIO_get_mem_data(bio, &data);

	if (len <= 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return file_write(AT_FDCWD, path, data, (size_t)len, mode, err);
}

static int write_both(X509 *x, EVP_PKEY *pkey, const struct certificate_new *c,
		      struct oak_error *err)
{
	_cleanup_(BIO_free_allp) BIO *cert = BIO_new(BIO_s_mem()), *key = BIO_new(BIO_s_secmem());
	int r;

	if (!cert || !key || PEM_write_bio_X509(cert, x) != 1 ||
	    PEM_write_bio_PKCS8PrivateKey(key, pkey, NULL, NULL, 0, NULL, NULL) != 1)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	/* The key first: whoever finds the certificate finds its key too. */
	r = write_bio(key, c->key, 0600, err);
	return r < 0 ? r : write_bio(cert, c->certificate, 0644, err);
}

int certificate_make(const struct certificate_new *c, struct oak_error *err)
{
	_cleanup_(EVP_PKEY_freep) EVP_PKEY *pkey = NULL;
	_cleanup_(X509_freep) X509 *x = NULL;
	_cleanup_(buf_free) struct buf names = { 0 };
	int r;

	if (file_exists(AT_FDCWD, c->key) || file_exists(AT_FDCWD, c->certificate))
		return oak_fail(err, OAK_E_REFUSED, "%s or %s exists already", c->certificate,
				c->key);
	r = names_text(c, &names, err);
	if (r < 0)
		return r;
	pkey = EVP_EC_gen("P-256");
	x = X509_new();
	if (!pkey || !x || !fill(x, pkey, c, buf_str(&names)))
		return oak_fail(err, OAK_E_FAILED, "OpenSSL makes no certificate for %s",
				buf_str(&names));
	return write_both(x, pkey, c, err);
}

int certificate_read(const char *path, char ret_sha256[SHA256_HEX_MAX], int64_t *ret_expires_s,
		     struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	_cleanup_(BIO_free_allp) BIO *bio = NULL;
	_cleanup_(X509_freep) X509 *x = NULL;
	uint8_t digest[EVP_MAX_MD_SIZE];
	struct tm tm = { 0 };
	unsigned len;
	int r = file_read(AT_FDCWD, path, PEM_MAX, &text, err);

	if (r < 0)
		return r;
	bio = BIO_new_mem_buf(text.data, (int)text.len);
	x = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	if (!x || X509_digest(x, EVP_sha256(), digest, &len) != 1 || len != SHA256_BYTES ||
	    ASN1_TIME_to_tm(X509_get0_notAfter(x), &tm) != 1)
		return oak_fail(err, OAK_E_FORMAT, "%s: not a certificate (PEM)", path);
	hex_encode(digest, SHA256_BYTES, ret_sha256);
	*ret_expires_s = (int64_t)timegm(&tm);
	return 0;
}
