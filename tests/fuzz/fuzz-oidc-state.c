/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A state that is read is young, leads to a page of ours, and reads the same when it is written again. */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "fleet/people/oidc-state.h"

#define NOW_S 1700000060

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oidc_state s, again;
	struct oak_error err = { 0 };

	if (oidc_state_read(data, size, NOW_S, &s, &err) < 0)
		return 0;
	FUZZ_CHECK(s.begun_s <= NOW_S && s.begun_s >= NOW_S - OIDC_STATE_S);
	FUZZ_CHECK(local_path(s.to));
	FUZZ_CHECK(strlen(s.verifier) == OIDC_RANDOM - 1 && oidc_state_is(&s, s.state));
	FUZZ_CHECK(oidc_state_write(&s, &text, &err) == 0);
	FUZZ_CHECK(oidc_state_read(text.data, text.len, NOW_S, &again, &err) == 0);
	FUZZ_CHECK(strcmp(s.state, again.state) == 0 && strcmp(s.nonce, again.nonce) == 0);
	FUZZ_CHECK(strcmp(s.to, again.to) == 0 && s.begun_s == again.begun_s);
	FUZZ_CHECK(s.again == again.again);
	return 0;
}
