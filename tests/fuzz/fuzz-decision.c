/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The input is the part that is signed, so that damage gets past the signature: what could be signed is
 * read, and judges every level without touching what is not there. The bytes as a whole file are read too.
 */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "trust/fleet/decision.h"
#include "trust/key.h"

static void judge(const struct decision *d)
{
	static const char *const tags[] = { "canary", "az=1" };
	static const struct decision_host hosts[] = {
		{ "0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef01234567",
		  "debian", "12", tags, 2 },
		{ "ffffffffffffffffffffffffffffffff", "89abcdef0123456789abcdef0123456789abcdef",
		  "", "", NULL, 0 },
	};

	for (size_t i = 0; i < 2; i++)
		for (uint32_t level = 0; level < 6; level++) {
			struct decision_verdict v = { .rollout = "" };

			decision_judge(d, &hosts[i], level, &v);
			FUZZ_CHECK(v.word == DECISION_FREE || v.why[0]);
			FUZZ_CHECK(!(decision_stop(d) && v.word != DECISION_HOLD));
			FUZZ_CHECK(v.word != DECISION_ASK || strlen(v.rollout) == 16);
			for (const char *p = v.why; *p; p++)
				FUZZ_CHECK((unsigned char)*p >= ' ' && *p != 0x7f);
			if (decision_takes_back(d, &hosts[i], level, &v))
				FUZZ_CHECK(level > 0 && strlen(v.rollout) == 16);
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(json_decrefp) json_t *body = NULL;
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	_cleanup_(decision_freep) struct decision *d = NULL, *raw = NULL;
	_cleanup_(freep) char *text = NULL;
	struct oak_error err = { .code = OAK_OK };
	struct decision_trust trust = { .n_keys = 1 };

	FUZZ_CHECK(tuf_key_generate(&key, &err) == 0);
	trust.keys = (const struct tuf_key *const *)&key;
	FUZZ_CHECK(decision_parse(data, size, &trust, &raw, &err) < 0);
	FUZZ_CHECK(err.code == OAK_E_FORMAT || err.code == OAK_E_TOOLARGE ||
		   err.code == OAK_E_TRUST);
	if (json_parse(data, size, DECISION_BYTES_MAX, "input", &body, &err) < 0)
		return 0;
	if (decision_sign(body, key, &text, &err) < 0) {
		FUZZ_CHECK(!text);
		return 0;
	}
	FUZZ_CHECK(decision_parse(text, strlen(text), &trust, &d, &err) == 0);
	FUZZ_CHECK(decision_version(d) >= 1 && decision_poll_s(d) > 0);
	judge(d);
	return 0;
}
