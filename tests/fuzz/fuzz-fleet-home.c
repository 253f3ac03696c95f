/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What could be read can be written, and is the same when it is read again; every text is one line. */
#include "fuzz.h"

#include <string.h>

#include "agent/fleet/home.h"

static void check_line(const char *text, size_t size)
{
	FUZZ_CHECK(strlen(text) < size);
	for (; *text; text++)
		FUZZ_CHECK((unsigned char)*text >= ' ' && *text != 0x7f);
}

static void check_memory(const uint8_t *data, size_t size)
{
	struct oak_error err = { .code = OAK_OK };
	struct fleet_memory m;

	if (fleet_memory_parse(data, size, &m, &err) < 0) {
		FUZZ_CHECK(err.code == OAK_E_FORMAT || err.code == OAK_E_TOOLARGE);
		return;
	}
	FUZZ_CHECK(m.n_watches <= FLEET_WATCH_MAX && m.held_s >= 0 && m.again_s >= 0);
	check_line(m.error, sizeof(m.error));
	check_line(m.held_why, sizeof(m.held_why));
	check_line(m.etag, sizeof(m.etag));
	for (size_t i = 0; i < m.n_watches; i++)
		FUZZ_CHECK(strlen(m.watches[i].rollout) == 16 &&
			   strlen(m.watches[i].build_id) == 40 && m.watches[i].level > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fleet_home h = { .server = "" };
	struct oak_error err = { .code = OAK_OK };

	check_memory(data, size);
	if (fleet_home_parse(data, size, &h, &err) < 0) {
		FUZZ_CHECK(err.code == OAK_E_FORMAT || err.code == OAK_E_TOOLARGE);
		return 0;
	}
	FUZZ_CHECK(strlen(h.host) == 32 && h.n_keys >= 1 && h.ring[0] && h.poll_s && h.report_s);
	check_line(h.server, sizeof(h.server));
	check_line(h.name, sizeof(h.name));
	fleet_home_clear(&h);
	return 0;
}
