/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "trust/key-file.h"
#include "trust/key.h"

static struct tuf_key *parse(const char *public, struct oak_error *err)
{
	_cleanup_(json_decrefp)
		json_t *j = json_pack("{s:s, s:s, s:{s:s}}", "keytype", "ed25519", "scheme",
				      "ed25519", "keyval", "public", public);
	struct tuf_key *key = NULL;

	return tuf_key_parse(j, &key, err) == 0 ? key : NULL;
}

/* The key and the keyid that the TUF specification gives as an example. */
TEST(key_id_is_that_of_the_specification)
{
	struct oak_error err;
	_cleanup_(tuf_key_freep) struct tuf_key *key =
		parse("72378e5bc588793e58f81c8533da64a2e8f1565c1fcc7f253496394ffc52542c", &err);

	EXPECT(key);
	EXPECT_STR(tuf_key_id(key),
		   "1bf1c6e3cdd3d3a8420b19199e27511999850f4b376c4547b2f32fba7e80fca3");
}

/* RFC 8032, section 7.1, TEST 2: the message is one byte, 0x72. */
TEST(key_verifies_the_vector_of_rfc_8032)
{
	static const char sig_hex[] =
		"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
		"085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
	struct oak_error err;
	_cleanup_(tuf_key_freep) struct tuf_key *key =
		parse("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", &err);
	uint8_t sig[64];

	EXPECT(key && hex_decode(sig_hex, sig, sizeof(sig)) == 64);
	EXPECT(tuf_key_verify(key, "\x72", 1, sig, sizeof(sig)));
	EXPECT(!tuf_key_verify(key, "\x73", 1, sig, sizeof(sig)));
	EXPECT(!tuf_key_verify(key, "\x72", 1, sig, sizeof(sig) - 1));
	sig[0] ^= 1;
	EXPECT(!tuf_key_verify(key, "\x72", 1, sig, sizeof(sig)));
}

/* Signatures that lax verifiers take: a second form of a good one, and one that any message has. */
TEST(key_verifies_strictly)
{
	static const struct {
		const char *name, *public, *sig;
	} cases[] = {
		{ "the s of the vector above plus the order of the group",
		  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
		  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
		  "f52db7415978abc61b2c2eb6aeebfca0387b2eaeb4302aeeb00d291612bb0c10" },
		{ "key and commitment are the neutral element, s is 0",
		  "0100000000000000000000000000000000000000000000000000000000000000",
		  "0100000000000000000000000000000000000000000000000000000000000000"
		  "0000000000000000000000000000000000000000000000000000000000000000" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct oak_error err;
		_cleanup_(tuf_key_freep) struct tuf_key *key = parse(cases[i].public, &err);
		uint8_t sig[64];

		test_case = cases[i].name;
		EXPECT(key && hex_decode(cases[i].sig, sig, sizeof(sig)) == 64);
		EXPECT(!tuf_key_verify(key, "\x72", 1, sig, sizeof(sig)));
	}
}

/* Hexadecimal text has two cases, the key is one. */
TEST(key_is_the_same_in_capitals)
{
	struct oak_error err;
	_cleanup_(tuf_key_freep) struct tuf_key *
		a = parse("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", &err),
	       *b = parse("3D4017C3E843895A92B70AA74D1B7EBC9C982CCF2EC4968CC0CD55F12AF4660C", &err),
	       *c = parse("72378e5bc588793e58f81c8533da64a2e8f1565c1fcc7f253496394ffc52542c", &err);

	EXPECT(a && b && c);
	EXPECT(tuf_key_same(a, b) && !tuf_key_same(a, c));
	EXPECT(strcmp(tuf_key_id(a), tuf_key_id(b)) != 0);
}

TEST(key_parse_accepts_and_refuses)
{
	static const struct {
		const char *name, *in, *want_msg;
	} cases[] = {
		{ "unknown scheme", "{\"keytype\":\"x\",\"scheme\":\"y\",\"keyval\":{}}", NULL },
		{ "no keyval", "{\"keytype\":\"ed25519\",\"scheme\":\"ed25519\"}",
		  "a key must be {\"keytype\", \"scheme\", \"keyval\"}" },
		{ "not an object", "[]", "a key must be {\"keytype\", \"scheme\", \"keyval\"}" },
		{ "short: kept, see test-key-evp.c",
		  "{\"keytype\":\"ed25519\",\"scheme\":\"ed25519\",\"keyval\":{\"public\":\"00\"}}",
		  NULL },
		{ "no public", "{\"keytype\":\"ed25519\",\"scheme\":\"ed25519\",\"keyval\":{}}",
		  "key of type ed25519: \"public\" is not given" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(json_decrefp) json_t *j = json_loads(cases[i].in, 0, NULL);
		_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
		struct oak_error err = { .code = OAK_OK };
		int r = tuf_key_parse(j, &key, &err);

		test_case = cases[i].name;
		EXPECT(r == (cases[i].want_msg ? -OAK_E_FORMAT : 0));
		EXPECT((key != NULL) == (r == 0));
		if (r < 0)
			EXPECT_STR(err.msg, cases[i].want_msg);
		else
			EXPECT(!tuf_key_verify(key, "", 0, (const uint8_t *)"", 0));
	}
}

TEST(key_is_saved_once_and_for_its_owner)
{
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL, *again = NULL;
	_cleanup_(freep) char *path = path_join(test_dir(), "k.pem"), *sig = NULL;
	struct oak_error err;
	struct stat st;
	uint8_t raw[64];

	EXPECT(tuf_key_generate(&key, &err) == 0);
	EXPECT(key_file_write(key, AT_FDCWD, path, NULL, &err) == 0);
	EXPECT(stat(path, &st) == 0 && (st.st_mode & 07777) == 0600);
	EXPECT(key_file_write(key, AT_FDCWD, path, NULL, &err) == -OAK_E_REFUSED);
	EXPECT_CONTAINS(err.msg, "k.pem: exists already; a key is never overwritten");
	EXPECT(key_file_read(AT_FDCWD, path, NULL, &again, &err) == 0);
	EXPECT_STR(tuf_key_id(again), tuf_key_id(key));
	EXPECT(tuf_key_same(again, key));
	EXPECT(tuf_key_sign(again, "abc", 3, &sig, &err) == 0);
	EXPECT(hex_decode(sig, raw, sizeof(raw)) == 64);
	EXPECT(tuf_key_verify(key, "abc", 3, raw, sizeof(raw)));
}

TEST(key_load_refuses)
{
	static const struct {
		const char *name, *content;
		mode_t mode;
		int want;
		const char *want_msg;
	} cases[] = {
		{ "open.pem", "x", 0640, -OAK_E_REFUSED, "others may read this private key" },
		{ "bad.pem", "x", 0600, -OAK_E_FORMAT,
		  "not a PKCS#8 PEM private key; others become one by: openssl pkcs8 -topk8" },
		{ "empty.pem", "", 0600, -OAK_E_FORMAT,
		  "not a PKCS#8 PEM private key; others become one by: openssl pkcs8 -topk8" },
		{ "none.pem", NULL, 0, -OAK_E_NOTFOUND, "no such file" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(freep) char *path = path_join(test_dir(), cases[i].name);
		struct tuf_key *key = NULL;
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].name;
		if (cases[i].content)
			EXPECT(file_write(AT_FDCWD, path, cases[i].content,
					  strlen(cases[i].content), cases[i].mode, &err) == 0);
		EXPECT(key_file_read(AT_FDCWD, path, NULL, &key, &err) == cases[i].want);
		EXPECT(!key);
		EXPECT_CONTAINS(err.msg, cases[i].want_msg);
	}
}

TEST(key_without_private_half_does_not_sign)
{
	struct oak_error err;
	_cleanup_(tuf_key_freep) struct tuf_key *key =
		parse("72378e5bc588793e58f81c8533da64a2e8f1565c1fcc7f253496394ffc52542c", &err);
	char *sig = NULL;

	EXPECT(tuf_key_sign(key, "", 0, &sig, &err) == -OAK_E_REFUSED);
	EXPECT_CONTAINS(err.msg, "has no private half");
	EXPECT(key_file_write(key, AT_FDCWD, "never.pem", NULL, &err) == -OAK_E_REFUSED);
}
