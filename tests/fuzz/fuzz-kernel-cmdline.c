/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever the command line says: a parameter that is put behind it wins. */
#include "fuzz.h"

#include <string.h>

#include "audit/cmdline.h"
#include "base/buf.h"
#include "base/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = strndup((const char *)data, size);
	_cleanup_(buf_free) struct buf b = { 0 };
	char value[CMDLINE_VALUE_MAX];
	size_t quotes = 0;

	FUZZ_CHECK(text);
	(void)cmdline_get(text, "lockdown", value);
	if (cmdline_get(text, "mitigations", value))
		FUZZ_CHECK(strlen(value) < sizeof(value) && !strchr(value, '"'));
	for (const char *p = text; *p; p++)
		quotes += *p == '"';
	if (quotes % 2 || strstr(text, "--"))
		return 0;
	FUZZ_CHECK(buf_printf(&b, "%s mitigations=off", text) == 0);
	FUZZ_CHECK(cmdline_get(buf_str(&b), "mitigations", value) && strcmp(value, "off") == 0);
	return 0;
}
