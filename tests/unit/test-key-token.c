/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys in a real PKCS#11 module: what they sign is checked by the code that hosts run. */
#include "softhsm.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/hash.h"
#include "trust/key-file.h"
#include "trust/key-token.h"
#include "trust/keystore.h"

#define QUERY "?module-path=" SOFTHSM_MODULE

/* One token with a key of each kind. */
static void prepare(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	softhsm_new();
	softhsm_add_token("oakum");
	softhsm_add_key("oakum", "ed", "EC:edwards25519");
	softhsm_add_key("oakum", "p256", "EC:prime256v1");
	softhsm_add_key("oakum", "p384", "EC:secp384r1");
	softhsm_add_key("oakum", "rsa", "rsa:2048");
}

struct holder {
	const char *pin;
	unsigned asked;
	char last[64];
};

static int answer(void *ctx, const char *what, bool again, struct buf *ret, struct oak_error *err)
{
	struct holder *h = ctx;

	EXPECT(!again); /* tokens count wrong PINs */
	h->asked++;
	(void)snprintf(h->last, sizeof(h->last), "%s", what);
	return h->pin ? buf_add_str(ret, h->pin)
		      : oak_fail(err, OAK_E_REFUSED, "%s: nobody answers", what);
}

static bool verifies(const struct tuf_key *key, const char *text, const char *sig_hex)
{
	uint8_t sig[TUF_SIGNATURE_MAX];
	int n = hex_decode(sig_hex, sig, sizeof(sig));

	return n > 0 && tuf_key_verify(key, text, strlen(text), sig, (size_t)n);
}

TEST(key_token_signs_with_each_kind)
{
	static const struct {
		const char *uri, *scheme;
	} cases[] = {
		{ "pkcs11:token=oakum;object=ed" QUERY, "ed25519" },
		{ "pkcs11:token=oakum;object=p256" QUERY, "ecdsa-sha2-nistp256" },
		{ "pkcs11:token=oakum;object=p384" QUERY, "ecdsa-sha2-nistp384" },
		{ "pkcs11:token=oakum;object=rsa" QUERY, "rsassa-pss-sha256" },
	};

	prepare();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(tuf_key_freep) struct tuf_key *public = NULL, *key = NULL;
		struct holder h = { .pin = SOFTHSM_PIN };
		const struct passphrase_source ask = { .ask = answer, .ctx = &h };
		struct oak_error err = { .code = OAK_OK };
		_cleanup_(freep) char *sig = NULL;

		test_case = cases[i].scheme;
		if (key_token_public(cases[i].uri, &ask, &public, &err) < 0)
			print_error("%s\n", err.msg);
		EXPECT(public && h.asked == 0);
		EXPECT_STR(tuf_key_scheme(public), cases[i].scheme);
		EXPECT(key_token_open(cases[i].uri, public, &ask, &key, &err) == 0);
		EXPECT(h.asked == 1);
		EXPECT_STR(h.last, "token oakum");
		EXPECT_STR(tuf_key_id(key), tuf_key_id(public));
		/* Several: the halves of an ECDSA signature begin with zeros now and then. */
		for (int n = 0; n < 8; n++) {
			freep(&sig);
			sig = NULL;
			EXPECT(tuf_key_sign(key, "abc", 3, &sig, &err) == 0);
			EXPECT(verifies(public, "abc", sig) && !verifies(public, "abd", sig));
		}
	}
}

TEST(key_token_open_refuses)
{
	static const struct {
		const char *name, *uri, *pin;
		int want;
		const char *want_msg;
	} cases[] = {
		{ "wrong PIN", "pkcs11:token=oakum;object=ed" QUERY, "9999", -OAK_E_REFUSED,
		  "token oakum: wrong PIN; a token locks itself after a few of them" },
		{ "nobody to ask", "pkcs11:token=oakum;object=ed" QUERY, NULL, -OAK_E_REFUSED,
		  "token oakum: nobody answers" },
		{ "missing token", "pkcs11:token=none;object=ed" QUERY, SOFTHSM_PIN, -OAK_E_NOTFOUND,
		  "no such token; is it plugged in? 'p11-kit list-modules' shows those that are "
		  "there" },
		{ "missing key", "pkcs11:token=oakum;object=none" QUERY, SOFTHSM_PIN,
		  -OAK_E_NOTFOUND, "token oakum: no private key of this id= or object= is in it" },
		{ "several keys", "pkcs11:token=oakum" QUERY, SOFTHSM_PIN, -OAK_E_REFUSED,
		  "token oakum: several private keys match; name one by id= or object=" },
		{ "missing module", "pkcs11:token=oakum;object=ed?module-path=/none.so",
		  SOFTHSM_PIN, -OAK_E_FAILED, "/none.so: not a PKCS#11 module" },
		{ "a PIN in the URI", "pkcs11:token=oakum;object=ed?pin-value=1234", SOFTHSM_PIN,
		  -OAK_E_REFUSED, "the URI holds a PIN or its file; leave it out" },
		{ "no URI", "token=oakum", SOFTHSM_PIN, -OAK_E_FORMAT, "not a PKCS#11 URI" },
	};
	_cleanup_(tuf_key_freep) struct tuf_key *public = NULL;
	struct oak_error err;

	prepare();
	EXPECT(key_token_public("pkcs11:token=oakum;object=ed" QUERY, NULL, &public, &err) == 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct holder h = { .pin = cases[i].pin };
		const struct passphrase_source ask = { .ask = answer, .ctx = &h };
		struct tuf_key *key = NULL;

		test_case = cases[i].name;
		EXPECT(key_token_open(cases[i].uri, public, &ask, &key, &err) == cases[i].want);
		EXPECT_CONTAINS(err.msg, cases[i].want_msg);
		EXPECT(!key);
	}
}

/* A .p11 that points to another key than its .pub says must not sign. */
TEST(key_token_with_another_key_does_not_sign)
{
	_cleanup_(tuf_key_freep) struct tuf_key *public = NULL, *key = NULL;
	struct holder h = { .pin = SOFTHSM_PIN };
	const struct passphrase_source ask = { .ask = answer, .ctx = &h };
	struct oak_error err;
	char *sig = NULL;

	prepare();
	softhsm_add_key("oakum", "other", "EC:prime256v1");
	EXPECT(key_token_public("pkcs11:token=oakum;object=p256" QUERY, &ask, &public, &err) == 0);
	EXPECT(key_token_open("pkcs11:token=oakum;object=other" QUERY, public, &ask, &key, &err) ==
	       0);
	EXPECT(tuf_key_sign(key, "abc", 3, &sig, &err) == -OAK_E_FAILED);
	EXPECT_CONTAINS(err.msg,
			"what was signed does not verify; its private half is another key's");
}

TEST(keystore_unlocks_keys_of_a_token_with_one_pin)
{
	static const char *const labels[] = { "ed", "p256" };
	struct holder h = { .pin = SOFTHSM_PIN };
	const struct passphrase_source ask = { .ask = answer, .ctx = &h };
	_cleanup_(keystore_closep) struct keystore *ks = NULL;
	struct oak_error err;
	char dir[512], path[600], uri[256];

	prepare();
	(void)snprintf(dir, sizeof(dir), "%s/keys", test_dir());
	EXPECT(dir_make(AT_FDCWD, dir, &err) == 0);
	for (size_t i = 0; i < 2; i++) {
		_cleanup_(tuf_key_freep) struct tuf_key *public = NULL;

		(void)snprintf(uri, sizeof(uri), "pkcs11:token=oakum;object=%s" QUERY, labels[i]);
		(void)snprintf(path, sizeof(path), "%s/%s.p11", dir, labels[i]);
		EXPECT(key_token_public(uri, &ask, &public, &err) == 0);
		EXPECT(key_token_write(uri, public, AT_FDCWD, path, &err) == 0);
		EXPECT(key_token_write(uri, public, AT_FDCWD, path, &err) == -OAK_E_REFUSED);
		EXPECT_CONTAINS(err.msg, ".p11: exists already; a key is never overwritten");
	}
	EXPECT(keystore_open(dir, &ask, &ks, &err) == 0 && keystore_n(ks) == 2);
	for (size_t i = 0; i < 2; i++) {
		const struct tuf_key *key = NULL;
		_cleanup_(freep) char *sig = NULL;

		EXPECT(keystore_unlock(ks, tuf_key_id(keystore_public(ks, i)), &key, &err) == 0);
		EXPECT(tuf_key_sign(key, "abc", 3, &sig, &err) == 0);
	}
	EXPECT(h.asked == 1);
	EXPECT(chmod(path, 0666) == 0);
	keystore_close(ks);
	ks = NULL;
	EXPECT(keystore_open(dir, &ask, &ks, &err) == 0);
	{
		const struct tuf_key *key = NULL;

		EXPECT(keystore_unlock(ks, tuf_key_id(keystore_public(ks, 1)), &key, &err) ==
		       -OAK_E_REFUSED);
		EXPECT_CONTAINS(err.msg, "p256.p11: others may change this file, which may name a "
					 "library to load");
	}
}
