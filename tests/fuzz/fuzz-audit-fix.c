/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings files that a fix reads and changes: of sysctl.d, and docker's. A key that is put is there,
 * and taken out again leaves what was; a line that is added to sysctl.d counts. First byte: which.
 */
#include "fuzz.h"

#include <stdio.h>
#include <string.h>

#include "audit/fix/texts.h"
#include "base/cleanup.h"

static void try_sysctl(const char *text)
{
	_cleanup_(freep) char *more = NULL;

	(void)text_sets_otherwise(text, "kernel.sysrq", "176");
	FUZZ_CHECK(asprintf(&more, "%s\n-kernel/sysrq = 176 \r\n", text) > 0);
	FUZZ_CHECK(!text_sets_otherwise(more, "kernel.sysrq", "176"));
	FUZZ_CHECK(text_sets_otherwise(more, "kernel.sysrq", "1"));
	FUZZ_CHECK(text_has_line(more, "-kernel/sysrq = 176 \r"));
}

static void try_json(const char *text)
{
	_cleanup_(json_decrefp) json_t *put = json_string("info"), *had = NULL, *now = NULL;
	_cleanup_(freep) char *with = text_with_key(text, 4, "log-level", put, &had), *back = NULL;
	_cleanup_(json_decrefp) json_t *was = NULL, *again = NULL;

	if (!with)
		return;
	back = text_with_key(with, 4, "log-level", had, &now);
	/* What can be written can be read, but for the size. */
	if (!back)
		return;
	FUZZ_CHECK(json_equal(now, put));
	was = *text ? json_loads(text, 0, NULL) : json_object();
	again = json_loads(back, 0, NULL);
	FUZZ_CHECK(was && again);
	/* Null and none are the same to docker, and to us. */
	if (json_is_null(json_object_get(was, "log-level")))
		(void)json_object_del(was, "log-level");
	FUZZ_CHECK(json_equal(was, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = NULL;

	if (!size)
		return 0;
	text = malloc(size);
	FUZZ_CHECK(text);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	if (data[0] == 's')
		try_sysctl(text);
	else
		try_json(text);
	return 0;
}
