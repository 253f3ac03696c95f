/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is accepted is complete, within its limits, and accepted again with the same meaning. */
#include "fuzz.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "fleet/server-settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(server_settings_free) struct server_settings s = { 0 }, again = { 0 };
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err;

	FUZZ_CHECK(server_settings_init(&s, &err) == 0);
	if (server_settings_parse("f", data, size, &s, &err) < 0) {
		FUZZ_CHECK(strncmp(err.msg, "f:", 2) == 0);
		return 0;
	}
	FUZZ_CHECK(s.listen && s.certificate && s.key && s.database && s.data);
	FUZZ_CHECK(s.data[0] == '/' && strchr(s.listen, ':'));
	FUZZ_CHECK(s.workers <= 64 && s.threads <= 64 && s.history_days >= 1);
	FUZZ_CHECK(s.poll_s >= 1 && s.report_s < s.silence_s);
	/* Without blanks: a line may be as long as lines can be. */
	FUZZ_CHECK(buf_printf(&text,
			      "listen=%s\ndata=%s\ndatabase=%s\npoll=%us\nreport=%us\n"
			      "silence=%us\nunmanaged=%s\n",
			      s.listen, s.data, s.database, s.poll_s, s.report_s, s.silence_s,
			      s.unmanaged_free ? "free" : "hold") == 0);
	FUZZ_CHECK(server_settings_init(&again, &err) == 0);
	/* "sqlite:<data>/fleet.db" may be longer than a line. */
	if (server_settings_parse("f", text.data, text.len, &again, &err) < 0) {
		FUZZ_CHECK(strstr(err.msg, "longer than"));
		return 0;
	}
	FUZZ_CHECK(strcmp(s.listen, again.listen) == 0 && strcmp(s.database, again.database) == 0);
	FUZZ_CHECK(s.poll_s == again.poll_s && s.silence_s == again.silence_s);
	return 0;
}
