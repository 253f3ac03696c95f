/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configurations of runtimes: what is cut out of the text is what a parser of JSON finds there. */
#include <string.h>

#include "base/cleanup.h"
#include "fuzz.h"
#include "host/access/profile.h"

static void check_profile(const json_t *seccomp)
{
	struct access_profile p;

	if (!profile_parse(seccomp, &p))
		return;
	for (unsigned i = 0; i < CALLS; i++)
		FUZZ_CHECK(p.call[i] <= FILTER_ALLOWS);
	for (unsigned i = 0; i < FAMILIES; i++)
		FUZZ_CHECK(p.family[i] <= FILTER_ALLOWS);
	/* Without rules the default is the word for all. */
	if (json_array_size(json_object_get(seccomp, "syscalls")) == 0)
		FUZZ_CHECK(p.call[CALL_BPF] == p.family[1]);
}

static void check_member(struct oci_span all, const json_t *parsed, const char *key)
{
	_cleanup_(json_decrefp) json_t *value = NULL;
	struct oci_span span;

	if (!oci_member(all, key, &span))
		return;
	FUZZ_CHECK(span.p >= all.p && span.len <= all.len);
	FUZZ_CHECK(span.p + span.len <= all.p + all.len);
	if (!parsed)
		return;
	value = json_loadb(span.p, span.len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
	FUZZ_CHECK(value && json_equal(value, json_object_get(parsed, key)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(json_decrefp) json_t *parsed = NULL;
	struct oci_span all = { (const char *)data, size };
	const json_t *linux_;

	if (json_parse(data, size, OCI_CONFIG_MAX, "config.json", &parsed, NULL) < 0)
		parsed = NULL;
	check_member(all, parsed, "linux");
	check_member(all, parsed, "seccomp");
	linux_ = json_object_get(parsed, "linux");
	check_profile(json_object_get(linux_, "seccomp"));
	check_profile(parsed);
	(void)oci_device(json_object_get(json_object_get(linux_, "resources"), "devices"), 'c', 10,
			 232);
	return 0;
}
