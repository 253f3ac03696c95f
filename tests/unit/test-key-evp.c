/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <fcntl.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "key-vectors.h"
#include "trust/key.h"
#include "trust/metadata.h"
#include "trust/signers.h"

#define ECDSA_256 "ecdsa-sha2-nistp256"
#define ECDSA_384 "ecdsa-sha2-nistp384"

static json_t *object(const char *keytype, const char *scheme, const char *public)
{
	return json_pack("{s:s, s:s, s:{s:s}}", "keytype", keytype, "scheme", scheme, "keyval",
			 "public", public);
}

static struct tuf_key *parse(const char *keytype, const char *scheme, const char *public)
{
	_cleanup_(json_decrefp) json_t *j = object(keytype, scheme, public);
	struct tuf_key *key = NULL;
	struct oak_error err;

	EXPECT(tuf_key_parse(j, &key, &err) == 0);
	return key;
}

static bool verifies(const struct tuf_key *key, const char *text, const char *sig_hex)
{
	uint8_t sig[TUF_SIGNATURE_MAX];
	int n = hex_decode(sig_hex, sig, sizeof(sig));

	EXPECT(n > 0);
	return tuf_key_verify(key, text, strlen(text), sig, (size_t)n);
}

TEST(key_verifies_what_others_signed)
{
	static const struct {
		const char *name, *keytype, *scheme, *public, *text, *sig;
	} cases[] = {
		{ "P-256", "ecdsa", ECDSA_256, P256_PEM, "abc", P256_SIG },
		{ "P-256, old keytype", ECDSA_256, ECDSA_256, P256_PEM, "abc", P256_SIG },
		{ "RFC 6979", "ecdsa", ECDSA_256, RFC6979_PEM, "sample", RFC6979_SIG },
		{ "P-384", "ecdsa", ECDSA_384, P384_PEM, "abc", P384_SIG },
		{ "P-384, old keytype", ECDSA_384, ECDSA_384, P384_PEM, "abc", P384_SIG },
		{ "RSA-PSS", "rsa", "rsassa-pss-sha256", RSA_PEM, "abc", RSA_SHA256_SIG },
		{ "RSA PKCS #1, as others have it", "rsa", "rsa-pkcs1v15-sha256", RSA_PEM, "abc",
		  RSA_PKCS1_SIG },
		{ "RSA-PSS, the longest salt", "rsa", "rsassa-pss-sha256", RSA_PEM, "abc",
		  RSA_LONG_SALT_SIG },
		{ "RSA-PSS, SHA-512", "rsa", "rsassa-pss-sha512", RSA_PEM, "abc", RSA_SHA512_SIG },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(tuf_key_freep) struct tuf_key *key =
			parse(cases[i].keytype, cases[i].scheme, cases[i].public);

		test_case = cases[i].name;
		EXPECT(tuf_key_usable(key));
		EXPECT_STR(tuf_key_scheme(key), cases[i].scheme);
		EXPECT(verifies(key, cases[i].text, cases[i].sig));
		EXPECT(!verifies(key, "another text", cases[i].sig));
	}
}

TEST(key_does_not_verify_what_its_scheme_does_not_say)
{
	static const struct {
		const char *name, *keytype, *scheme, *public, *sig;
	} cases[] = {
		{ "another digest", "rsa", "rsassa-pss-sha512", RSA_PEM, RSA_SHA256_SIG },
		{ "PKCS#1 padding", "rsa", "rsassa-pss-sha256", RSA_PEM, RSA_PKCS1_SIG },
		{ "RSA of 1024 bits", "rsa", "rsassa-pss-sha256", RSA_1024_PEM, RSA_1024_SIG },
		{ "one zero too many in the modulus", "rsa", "rsassa-pss-sha256", RSA_ODD_PEM,
		  RSA_SHA256_SIG },
		{ "a compressed point", "ecdsa", ECDSA_256, P256_COMPRESSED_PEM, P256_SIG },
		{ "a byte after the signature", "ecdsa", ECDSA_256, P256_PEM, P256_SIG "00" },
		{ "an ECDSA key as RSA", "rsa", "rsassa-pss-sha256", P256_PEM, P256_SIG },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(tuf_key_freep) struct tuf_key *key =
			parse(cases[i].keytype, cases[i].scheme, cases[i].public);

		test_case = cases[i].name;
		EXPECT(!verifies(key, "abc", cases[i].sig));
	}
}

TEST(key_that_is_not_of_its_type_is_kept_and_unusable)
{
	static const struct {
		const char *name, *keytype, *scheme, *public;
	} cases[] = {
		{ "P-384 in a P-256 row", "ecdsa", ECDSA_256, P384_PEM },
		{ "P-256 in a P-384 row", "ecdsa", ECDSA_384, P256_PEM },
		{ "RSA in an ECDSA row", "ecdsa", ECDSA_256, RSA_PEM },
		{ "ECDSA in an RSA row", "rsa", "rsassa-pss-sha256", P256_PEM },
		{ "no PEM", "ecdsa", ECDSA_256, "junk" },
		{ "PEM without end", "ecdsa", ECDSA_256, "-----BEGIN PUBLIC KEY-----\nMFkw" },
		{ "no base64", "ecdsa", ECDSA_256,
		  "-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----\n" },
		{ "empty PEM", "rsa", "rsassa-pss-sha256",
		  "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n" },
		{ "two keys", "ecdsa", ECDSA_256, P256_PEM P256_PEM },
		{ "short ed25519", "ed25519", "ed25519", "00" },
		{ "unknown scheme", "ecdsa", "ecdsa-sha2-nistp521", P256_PEM },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(tuf_key_freep) struct tuf_key *key =
			parse(cases[i].keytype, cases[i].scheme, cases[i].public);

		test_case = cases[i].name;
		EXPECT(!tuf_key_usable(key));
		EXPECT(!tuf_key_same(key, key));
		EXPECT(!verifies(key, "abc", P256_SIG));
	}
}

/* The same key may be written in other lines, under another keytype, for another digest. */
TEST(key_is_the_same_in_every_dress)
{
	static const char one_line[] =
		"-----BEGIN PUBLIC KEY-----\r\n"
		"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEF2rJbZQlQM2HEoqOK+9WRi9zk36tTCgedCeTuxV7epGp"
		"3CpBWN+fhRqpr0kw2EqLJXgnCyuMEN/m1J85FL5pOg==\r\n-----END PUBLIC KEY-----";
	_cleanup_(tuf_key_freep) struct tuf_key *a = parse("ecdsa", ECDSA_256, P256_PEM),
						*b = parse("ecdsa", ECDSA_256, one_line),
						*c = parse(ECDSA_256, ECDSA_256, P256_PEM),
						*d = parse("ecdsa", ECDSA_256, RFC6979_PEM),
						*e = parse("rsa", "rsassa-pss-sha256", RSA_PEM),
						*f = parse("rsa", "rsassa-pss-sha512", RSA_PEM);

	EXPECT(tuf_key_same(a, b) && tuf_key_same(a, c) && tuf_key_same(e, f));
	EXPECT(!tuf_key_same(a, d) && !tuf_key_same(a, e));
	EXPECT(strcmp(tuf_key_id(a), tuf_key_id(b)) != 0);
	EXPECT(verifies(b, "abc", P256_SIG));
}

TEST(key_of_each_scheme_is_generated_and_signs)
{
	static const char *const schemes[] = { "ed25519", ECDSA_256, ECDSA_384,
					       "rsassa-pss-sha256" };
	struct tuf_key *none = NULL;
	struct oak_error err;

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		_cleanup_(tuf_key_freep) struct tuf_key *key = NULL, *public = NULL;
		_cleanup_(json_decrefp) json_t *j = NULL;
		_cleanup_(freep) char *sig = NULL;

		test_case = schemes[i];
		EXPECT(tuf_key_generate_as(schemes[i], &key, &err) == 0);
		EXPECT_STR(tuf_key_scheme(key), schemes[i]);
		j = tuf_key_json(key);
		EXPECT(tuf_key_parse(j, &public, &err) == 0);
		EXPECT(tuf_key_sign(key, "abc", 3, &sig, &err) == 0);
		EXPECT(verifies(public, "abc", sig));
	}
	EXPECT(tuf_key_generate_as("dsa", &none, &err) == -OAK_E_USAGE);
	EXPECT_CONTAINS(err.msg, "unknown scheme 'dsa'; take ed25519, ecdsa-sha2-nistp256");
}

/* Parses {"keys"} of one object under each id. */
static int ring_of(const char *const *ids, const json_t *const *keys, size_t n,
		   enum keyid_rule rule, struct keyring *ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *table = json_object();

	for (size_t i = 0; i < n; i++)
		(void)json_object_set_new(table, ids[i], json_deep_copy(keys[i]));
	return keyring_parse(table, rule, ret, err);
}

TEST(keyring_takes_keyids_by_the_rule)
{
	_cleanup_(json_decrefp) json_t *j = object("ecdsa", ECDSA_256, P256_PEM);
	const char *const ids[] = { "key of the year" };
	const json_t *const keys[] = { j };
	struct keyring ring = { 0 };
	struct oak_error err;

	EXPECT(ring_of(ids, keys, 1, KEYID_IS_HASH, &ring, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "keys: key of the year: the keyid is not the hash of the key");
	keyring_free(&ring);
	EXPECT(ring_of(ids, keys, 1, KEYID_OPAQUE, &ring, &err) == 0);
	EXPECT(keyring_find(&ring, ids[0]) && tuf_key_usable(keyring_find(&ring, ids[0])));
	EXPECT_STR(tuf_key_id(ring.keys[0]), ids[0]);
	keyring_free(&ring);
}

/* Whoever holds one key may not pass for two, whatever it is called. */
TEST(signers_count_a_key_once_under_opaque_keyids)
{
	_cleanup_(json_decrefp) json_t *a = object("ecdsa", ECDSA_256, P256_PEM),
				       *b = object(ECDSA_256, ECDSA_256, P256_PEM),
				       *c = object("rsa", "rsassa-pss-sha256", RSA_PEM),
				       *d = object("ecdsa", ECDSA_256, P384_PEM);
	const char *const ids[] = { "a", "b", "c", "d" };
	const json_t *const keys[] = { a, b, c, d };
	_cleanup_(json_decrefp) json_t *role =
		json_pack("{s:[s,s,s,s], s:i}", "keyids", "a", "b", "c", "d", "threshold", 4);
	_cleanup_(json_decrefp)
		json_t *sigs = json_pack("[{s:s,s:s},{s:s,s:s},{s:s,s:s},{s:s,s:s}]", "keyid", "a",
					 "sig", P256_SIG, "keyid", "b", "sig", P256_SIG, "keyid",
					 "c", "sig", RSA_SHA256_SIG, "keyid", "d", "sig", P384_SIG);
	struct keyring ring = { 0 };
	struct signers signers = { 0 };
	struct oak_error err;

	EXPECT(ring_of(ids, keys, 4, KEYID_OPAQUE, &ring, &err) == 0);
	EXPECT(signers_parse(role, &ring, &signers, &err) == 0);
	EXPECT(signatures_check(sigs, &err) == 0);
	EXPECT(signers_count(&signers, sigs, "abc", 3) == 2);
	signers_free(&signers);
	keyring_free(&ring);
}

/* One key that nobody can use must not lock hosts out of what the others signed. */
TEST(root_of_pem_keys_verifies_beside_a_junk_key)
{
	_cleanup_(metadata_freep) struct metadata *root = NULL;
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err;

	/* The seed's first byte says that it is a root; three keys sign, the fourth is no key. */
	EXPECT(file_read(AT_FDCWD, "tests/fuzz/corpus/metadata/root-pem", TUF_ROOT_BYTES_MAX, &text,
			 &err) == 0);
	EXPECT(metadata_parse(TUF_ROOT, text.data + 1, text.len - 1, "root.json", &root, &err) == 0);
	EXPECT(metadata_signers(root, TUF_ROOT)->n == 4);
	EXPECT(metadata_signers(root, TUF_ROOT)->threshold == 3);
	EXPECT(metadata_verify(root, metadata_signers(root, TUF_ROOT), &err) == 0);
}
