/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A rollout that is taken is one that the engine takes, and reads the same once written. */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "fleet/rollout/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(rollout_document_clear) struct rollout_document d = { 0 }, again = { 0 };
	_cleanup_(json_decrefp) json_t *json = NULL;
	struct oak_error err = { .code = OAK_OK };

	if (json_parse(data, size, 65536, "rollout", &json, &err) < 0)
		return 0;
	if (rollout_document_read(json, &d, &err) < 0) {
		FUZZ_CHECK(err.msg[0] && !d.json);
		return 0;
	}
	FUZZ_CHECK(rollout_check(&d.spec, &err) == 0);
	FUZZ_CHECK(rollout_document_read(d.json, &again, &err) == 0);
	FUZZ_CHECK(json_equal(d.json, again.json));
	FUZZ_CHECK(d.spec.n_stages == again.spec.n_stages &&
		   d.spec.max_in_flight == again.spec.max_in_flight &&
		   d.spec.silence_s == again.spec.silence_s);
	FUZZ_CHECK(d.start_s == again.start_s && d.n_windows == again.n_windows);
	return 0;
}
