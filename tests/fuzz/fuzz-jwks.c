/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever keys a provider has: what nobody signed is signed by none of them. */
#include "fuzz.h"

#include "fleet/people/jwt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(jwks_freep) struct jwks *keys = NULL;
	struct jwt t = { .text = "e30.e30", .text_len = 7 };
	struct oak_error err = { 0 };

	if (jwks_parse(data, size, &keys, &err) < 0) {
		FUZZ_CHECK(!keys);
		return 0;
	}
	FUZZ_CHECK(size <= JWKS_BYTES_MAX && jwks_count(keys) <= JWKS_KEYS_MAX);
	for (unsigned alg = 0; alg < JWT_ALGS; alg++) {
		t.alg = (enum jwt_alg)alg;
		t.sig_len = alg == JWT_RS256 ? 256 : 64;
		FUZZ_CHECK(jwks_verify(keys, &t, &err) < 0);
	}
	return 0;
}
