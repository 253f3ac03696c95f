/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/key-evp.h"

#include <errno.h>
#include <string.h>

#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <sodium.h>

#define PEM_BEGIN     "-----BEGIN PUBLIC KEY-----"
#define PEM_END       "-----END PUBLIC KEY-----"
#define PEM_SPACE     " \t\r\n"
#define SPKI_MAX      1100 /* bytes; RSA-8192 has 1,062 */
#define POINT_FORM_OF 0x04 /* uncompressed: both coordinates follow */

/* RFC 5480, section 2: id-ecPublicKey, the curve, BIT STRING without unused bits. */
const uint8_t key_p256_head[26] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
				    0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
				    0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00 };
const uint8_t key_p384_head[23] = { 0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86,
				    0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b,
				    0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00 };

/* RFC 3279, section 2.3.1: rsaEncryption, NULL. It follows the four bytes of the outer sequence. */
static const uint8_t rsa_algorithm[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
					 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00 };
#define RSA_ALGORITHM_OFF 4

static const char *skip_space(const char *p)
{
	return p + strspn(p, PEM_SPACE);
}

/* The DER inside of PEM text: one block, nothing but white space around it. */
static int pem_decode(const char *text, uint8_t ret[SPKI_MAX], size_t *ret_len)
{
	const char *begin = skip_space(text), *end, *after;

	if (strncmp(begin, PEM_BEGIN, strlen(PEM_BEGIN)) != 0)
		return -EINVAL;
	begin += strlen(PEM_BEGIN);
	end = strstr(begin, PEM_END);
	if (!end || *skip_space(end + strlen(PEM_END)) != '\0')
		return -EINVAL;
	if (sodium_base642bin(ret, SPKI_MAX, begin, (size_t)(end - begin), PEM_SPACE, ret_len,
			      &after, sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    after != end)
		return -EINVAL;
	return 0;
}

/* Only one form is taken of the several that DER has for a point, so that equal keys look equal. */
int key_ec_decode(const struct key_scheme *s, const char *text, struct buf *ret)
{
	uint8_t der[SPKI_MAX];
	size_t len;
	int r = pem_decode(text, der, &len);

	if (r < 0)
		return r;
	if (len != s->spki_head_len + s->point_len ||
	    memcmp(der, s->spki_head, s->spki_head_len) != 0 ||
	    der[s->spki_head_len] != POINT_FORM_OF)
		return -EINVAL;
	return buf_add(ret, der, len);
}

/* What follows the algorithm is checked with the first signature, see is_canonical(). */
int key_rsa_decode(const struct key_scheme *s, const char *text, struct buf *ret)
{
	uint8_t der[SPKI_MAX];
	size_t len;
	int r = pem_decode(text, der, &len);

	(void)s;
	if (r < 0)
		return r;
	if (len < RSA_BITS_MIN / 8 ||
	    memcmp(der + RSA_ALGORITHM_OFF, rsa_algorithm, sizeof(rsa_algorithm)) != 0)
		return -EINVAL;
	return buf_add(ret, der, len);
}

/*
 * Are the bytes those that OpenSSL would write? Then one key has one form, and tuf_key_same() may
 * compare bytes: a key that is encoded in another way verifies nothing.
 */
static bool is_canonical(const EVP_PKEY *pkey, const struct buf *public)
{
	uint8_t *der = NULL;
	int len = i2d_PUBKEY(pkey, &der);
	bool same = len > 0 && (size_t)len == public->len &&
		    memcmp(der, public->data, public->len) == 0;

	OPENSSL_free(der);
	return same;
}

static EVP_PKEY *open_public(const struct key_scheme *s, const struct buf *public)
{
	_cleanup_(EVP_PKEY_freep) EVP_PKEY *pkey = NULL;
	const uint8_t *p = public->data;
	int bits;

	pkey = d2i_PUBKEY(NULL, &p, (long)public->len);
	if (!pkey || !EVP_PKEY_is_a(pkey, s->rsa ? "RSA" : "EC") || !is_canonical(pkey, public))
		return NULL;
	bits = EVP_PKEY_get_bits(pkey);
	if (s->rsa && (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX))
		return NULL;
	return take_ptr(pkey);
}

bool key_evp_padding(const struct key_scheme *s, EVP_PKEY_CTX *ctx, int salt_len)
{
	return !s->pss || (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0 &&
			   EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, salt_len) > 0 &&
			   EVP_PKEY_CTX_set_rsa_mgf1_md_name(ctx, s->digest, NULL) > 0);
}

bool key_evp_verify(const struct key_scheme *s, const struct buf *public, const void *data,
		    size_t len, const uint8_t *sig, size_t sig_len)
{
	_cleanup_(EVP_PKEY_freep) EVP_PKEY *pkey = open_public(s, public);
	_cleanup_(EVP_MD_CTX_freep) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *inner; /* of ctx */

	return pkey && ctx &&
	       EVP_DigestVerifyInit_ex(ctx, &inner, s->digest, NULL, NULL, pkey, NULL) == 1 &&
	       key_evp_padding(s, inner, RSA_PSS_SALTLEN_AUTO) &&
	       EVP_DigestVerify(ctx, sig, sig_len, data, len) == 1;
}
