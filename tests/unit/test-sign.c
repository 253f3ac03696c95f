/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Modules signed with keys that OpenSSL makes here, and verified by OpenSSL as the kernel would. */
#include "test.h"

#include <fcntl.h>

#include <openssl/cms.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/file.h"
#include "build/sign-trailer.h"
#include "build/sign.h"

#define SECRET "hunter2"

struct files {
	char *key, *locked, *cert, *other;
};

static void files_free(struct files *f)
{
	free(f->key);
	free(f->locked);
	free(f->cert);
	free(f->other);
}

static char *write_bio(const char *name, BIO *b)
{
	char *path = path_join(test_dir(), name), *text = NULL;
	long len = BIO_get_mem_data(b, &text);
	struct oak_error err;

	EXPECT(path && len > 0);
	EXPECT(file_write(AT_FDCWD, path, text, (size_t)len, 0600, &err) == 0);
	BIO_free(b);
	return path;
}

static char *write_key(const char *name, EVP_PKEY *key, const char *secret)
{
	BIO *b = BIO_new(BIO_s_mem());

	EXPECT(PEM_write_bio_PrivateKey(b, key, secret ? EVP_aes_256_cbc() : NULL,
					(const unsigned char *)secret,
					secret ? (int)strlen(secret) : 0, NULL, NULL) == 1);
	return write_bio(name, b);
}

static X509 *make_cert(EVP_PKEY *key)
{
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);

	EXPECT(X509_set_version(x, 2) == 1);
	EXPECT(ASN1_INTEGER_set(X509_get_serialNumber(x), 7) == 1);
	EXPECT(X509_gmtime_adj(X509_getm_notBefore(x), 0) != NULL);
	EXPECT(X509_gmtime_adj(X509_getm_notAfter(x), 3600) != NULL);
	EXPECT(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
					  (const unsigned char *)"Level signer", -1, -1, 0) == 1);
	EXPECT(X509_set_issuer_name(x, name) == 1);
	EXPECT(X509_set_pubkey(x, key) == 1);
	EXPECT(X509_sign(x, key, EVP_sha256()) > 0);
	return x;
}

static void make_files(struct files *f)
{
	EVP_PKEY *key = EVP_RSA_gen(2048), *stranger = EVP_RSA_gen(2048);
	X509 *cert = make_cert(key), *other = make_cert(stranger);
	BIO *pem = BIO_new(BIO_s_mem()), *der = BIO_new(BIO_s_mem());

	EXPECT(key && stranger);
	f->key = write_key("key.pem", key, NULL);
	f->locked = write_key("locked.pem", key, SECRET);
	EXPECT(PEM_write_bio_X509(pem, cert) == 1);
	EXPECT(i2d_X509_bio(der, other) == 1);
	f->cert = write_bio("cert.pem", pem);
	f->other = write_bio("other.der", der);
	X509_free(cert);
	X509_free(other);
	EVP_PKEY_free(key);
	EVP_PKEY_free(stranger);
}

/* As the kernel: one signer, no attributes, no certificates, over exactly the module's bytes. */
static void expect_signed(const struct buf *module, size_t len, const char *cert, int md)
{
	_cleanup_(buf_free) struct buf pem = { 0 };
	size_t body = 0, pkcs7 = 0;
	CMS_SignerInfo *si;
	STACK_OF(X509) *certs = sk_X509_new_null();
	const unsigned char *p;
	X509_ALGOR *digest = NULL;
	CMS_ContentInfo *cms;
	struct oak_error err;
	BIO *in, *from;
	X509 *x;

	EXPECT(sign_trailer_find(module->data, module->len, &body, &pkcs7, &err) == 0);
	EXPECT(body == len && pkcs7 > 0);
	p = module->data + body;
	cms = d2i_CMS_ContentInfo(NULL, &p, (long)pkcs7);
	EXPECT(cms && p == module->data + body + pkcs7);
	EXPECT(CMS_is_detached(cms) == 1);
	EXPECT(CMS_get1_certs(cms) == NULL);
	EXPECT(sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(cms)) == 1);
	si = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0);
	EXPECT(CMS_signed_get_attr_count(si) == -1);
	CMS_SignerInfo_get0_algs(si, NULL, NULL, &digest, NULL);
	EXPECT(OBJ_obj2nid(digest->algorithm) == md);
	EXPECT(file_read(AT_FDCWD, cert, 1 << 16, &pem, &err) == 0);
	from = BIO_new_mem_buf(pem.data, (int)pem.len);
	x = PEM_read_bio_X509(from, NULL, NULL, NULL);
	EXPECT(x && sk_X509_push(certs, x) == 1);
	in = BIO_new_mem_buf(module->data, (int)body);
	EXPECT(CMS_verify(cms, certs, NULL, in, NULL,
			  CMS_BINARY | CMS_DETACHED | CMS_NO_SIGNER_CERT_VERIFY) == 1);
	BIO_free(in);
	in = BIO_new_mem_buf(module->data, (int)body - 1);
	EXPECT(CMS_verify(cms, certs, NULL, in, NULL,
			  CMS_BINARY | CMS_DETACHED | CMS_NO_SIGNER_CERT_VERIFY) != 1);
	BIO_free(in);
	BIO_free(from);
	sk_X509_pop_free(certs, X509_free);
	CMS_ContentInfo_free(cms);
}

TEST(sign_is_what_the_kernel_reads)
{
	static const char text[] = "the module's bytes\n\r\n with \0 in them";
	static const struct {
		const char *hash;
		int md;
	} cases[] = { { "sha256", NID_sha256 }, { "sha512", NID_sha512 } };
	_cleanup_(sign_key_freep) struct sign_key *k = NULL;
	_cleanup_(files_free) struct files f = { 0 };
	struct oak_error err = { .code = OAK_OK };

	make_files(&f);
	EXPECT(sign_key_open(f.locked, f.cert, SECRET, &k, &err) == 0);
	EXPECT_STR(sign_key_name(k), "Level signer");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(buf_free) struct buf module = { 0 }, again = { 0 };

		test_case = cases[i].hash;
		EXPECT(buf_add(&module, text, sizeof(text)) == 0);
		EXPECT(buf_add(&again, text, sizeof(text)) == 0);
		EXPECT(sign_module(k, cases[i].hash, &module, &err) == 0);
		EXPECT(sign_module(k, cases[i].hash, &again, &err) == 0);
		EXPECT(module.len == again.len && !memcmp(module.data, again.data, again.len));
		expect_signed(&module, sizeof(text), f.cert, cases[i].md);
	}
}

TEST(sign_says_what_is_wrong)
{
	_cleanup_(files_free) struct files f = { 0 };

	make_files(&f);
	const struct {
		const char *name, *key, *cert, *pin;
		enum oak_code code;
		const char *msg;
	} cases[] = {
		{ "no file", "/nonexistent/key.pem", f.cert, NULL, OAK_E_IO,
		  "/nonexistent/key.pem: No such file or directory" },
		{ "no certificate", f.key, "/nonexistent/cert.pem", NULL, OAK_E_IO,
		  "/nonexistent/cert.pem: No such file or directory" },
		{ "not a key", f.cert, f.cert, NULL, OAK_E_FORMAT, "not a private key in PEM" },
		{ "not a certificate", f.key, f.key, NULL, OAK_E_FORMAT,
		  "not a certificate in PEM or DER" },
		{ "another's certificate", f.key, f.other, NULL, OAK_E_REFUSED,
		  "the certificate is not that of the key" },
		{ "wrong passphrase", f.locked, f.cert, "*******", OAK_E_REFUSED,
		  "the passphrase in $OAKUM_SIGN_PIN is wrong" },
		{ "no passphrase", f.locked, f.cert, NULL, OAK_E_REFUSED,
		  "the key has a passphrase: give it in $OAKUM_SIGN_PIN" },
		{ "no tokens", "pkcs11:token=none", f.cert, NULL, OAK_E_UNSUPPORTED,
		  "OpenSSL cannot open pkcs11: URIs" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct oak_error err = { .code = OAK_OK };
		struct sign_key *k = NULL;

		test_case = cases[i].name;
		EXPECT(sign_key_open(cases[i].key, cases[i].cert, cases[i].pin, &k, &err) ==
		       -(int)cases[i].code);
		EXPECT(!k);
		EXPECT_CONTAINS(err.msg, cases[i].msg);
		EXPECT(!cases[i].pin || !strstr(err.msg, cases[i].pin));
	}
}

TEST(sign_takes_the_hash_of_the_configuration)
{
	static const struct {
		const char *config, *want;
	} cases[] = {
		{ "CONFIG_A=y\nCONFIG_MODULE_SIG_HASH=\"sha512\"\nCONFIG_B=y\n", "sha512" },
		{ "\nCONFIG_MODULE_SIG_HASH=\"sha3-512\"\n", "sha3-512" },
		{ "CONFIG_A=y\n", "sha256" },
		{ "\nCONFIG_MODULE_SIG_HASH=\"\"\n", "sha256" },
		{ "\nCONFIG_MODULE_SIG_HASH=\"much-too-long-a-name\"\n", "sha256" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char hash[SIGN_HASH_MAX];

		sign_hash(cases[i].config, hash);
		EXPECT_STR(hash, cases[i].want);
	}
}

TEST(sign_trailer_refuses_what_the_kernel_refuses)
{
	_cleanup_(buf_free) struct buf pkcs7 = { 0 }, module = { 0 };
	struct oak_error err = { .code = OAK_OK };
	size_t body = 0, sig = 0;
	uint8_t *trailer;

	EXPECT(buf_add(&module, "module", 6) == 0);
	EXPECT(sign_trailer_find(module.data, module.len, &body, &sig, &err) == 0);
	EXPECT(body == 6 && sig == 0);
	EXPECT(buf_add(&pkcs7, "signature", 9) == 0);
	EXPECT(sign_trailer_add(&module, &pkcs7, &err) == 0);
	EXPECT(module.len == 6 + 9 + 12 + 28);
	EXPECT(sign_trailer_find(module.data, module.len, &body, &sig, &err) == 0);
	EXPECT(body == 6 && sig == 9);
	trailer = module.data + 6 + 9;
	trailer[2] = 1; /* an X.509 signature of older kernels */
	EXPECT(sign_trailer_find(module.data, module.len, &body, &sig, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "a module's signature is not PKCS#7");
	trailer[2] = 2;
	trailer[11] = 16;
	EXPECT(sign_trailer_find(module.data, module.len, &body, &sig, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "a module's signature is longer than its file");
	EXPECT(sign_trailer_find(trailer + 12, 28, &body, &sig, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "a module's signature without a length");
}
