/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * {"key": a public key, "sig": hexadecimal}: does the signature of "abc" verify? Whatever the bytes
 * are, a key that verifies is usable, equals itself, and reads back as the same key; and a
 * signature is of "abc" alone.
 */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/json.h"
#include "trust/key.h"

#define INPUT_MAX 65536

static void check_key(const struct tuf_key *key, const char *sig_hex)
{
	_cleanup_(json_decrefp) json_t *object = tuf_key_json(key);
	_cleanup_(tuf_key_freep) struct tuf_key *again = NULL;
	uint8_t sig[TUF_SIGNATURE_MAX];
	struct oak_error err;
	int n = sig_hex ? hex_decode(sig_hex, sig, sizeof(sig)) : -1;

	FUZZ_CHECK(tuf_key_same(key, key) == tuf_key_usable(key));
	FUZZ_CHECK(tuf_key_parse(object, &again, &err) == 0);
	FUZZ_CHECK(strcmp(tuf_key_id(again), tuf_key_id(key)) == 0);
	FUZZ_CHECK(tuf_key_same(key, again) == tuf_key_usable(key));
	if (n < 0 || !tuf_key_verify(key, "abc", 3, sig, (size_t)n))
		return;
	FUZZ_CHECK(tuf_key_usable(key));
	FUZZ_CHECK(!tuf_key_verify(key, "abd", 3, sig, (size_t)n));
	FUZZ_CHECK(!tuf_key_verify(key, "abc", 3, sig, (size_t)n - 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(json_decrefp) json_t *input = NULL;
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	struct oak_error err = { .code = OAK_OK };
	int r;

	if (json_parse(data, size, INPUT_MAX, "input", &input, &err) < 0)
		return 0;
	r = tuf_key_parse(json_object_get(input, "key"), &key, &err);
	FUZZ_CHECK((r == 0) == (key != NULL));
	if (r == 0)
		check_key(key, json_get_str(input, "sig"));
	else
		FUZZ_CHECK(err.code == OAK_E_FORMAT && err.msg[0]);
	return 0;
}
