/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A cgroup's path never leads upwards, a limit is a number, none or unknown. */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "host/security/label.h"
#include "host/security/limits.h"
#include "host/security/security.h"

static void check_path(const char *text, const char *controller)
{
	char path[CGROUP_PATH_MAX];

	if (!cgroup_path(text, controller, path, sizeof(path)))
		return;
	FUZZ_CHECK(path[0] == '/' && strlen(path) < sizeof(path));
	FUZZ_CHECK(!strstr(path, "/../") && !strchr(path, '\n'));
	FUZZ_CHECK(strlen(path) < 3 || strcmp(path + strlen(path) - 3, "/..") != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const controllers[] = { "", "memory", "pids", "cpu", "devices" };
	_cleanup_(freep) char *text = strndup((const char *)data, size);
	uint64_t quota = 7, period = 7;

	FUZZ_CHECK(text);
	for (size_t i = 0; i < sizeof(controllers) / sizeof(controllers[0]); i++)
		check_path(text, controllers[i]);
	FUZZ_CHECK(!LIMIT_IS_SET(limit_parse(text)) ||
		   (text[strspn(text, " \t")] >= '0' && text[strspn(text, " \t")] <= '9'));
	if (limit_parse_cpu(text, &quota, &period))
		FUZZ_CHECK(period > 0 && quota != LIMIT_UNKNOWN);
	else
		FUZZ_CHECK(quota == 7 && period == 7);
	FUZZ_CHECK(!devices_are_all(text) || strstr(text, "a *:* rwm"));
	FUZZ_CHECK((label_confines("apparmor", text, true) == FACT_UNKNOWN) == !text[0]);
	FUZZ_CHECK(label_confines("selinux", text, false) != FACT_YES);
	return 0;
}
