/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A path that is taken stays on this server, also where somebody decodes it once more. */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "fleet/people/local-path.h"

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)((at - digits) % 16) : -1;
}

/* The path without its query, with %XX as what it stands for. */
static void decode(const char *path, char *ret)
{
	size_t len = strcspn(path, "?#");

	for (size_t i = 0; i < len; i++) {
		bool is_code = path[i] == '%' && i + 2 < len && digit(path[i + 1]) >= 0 &&
			       digit(path[i + 2]) >= 0;

		*ret = path[i];
		if (is_code) {
			*ret = (char)(digit(path[i + 1]) * 16 + digit(path[i + 2]));
			i += 2;
		}
		ret++;
	}
	*ret = '\0';
}

static void check_plain(const char *path)
{
	FUZZ_CHECK(path[0] == '/' && !strstr(path, "//") && !strchr(path, '\\'));
	for (const char *p = path; *p; p++)
		FUZZ_CHECK((uint8_t)*p >= ' ' && *p != 0x7f);
	FUZZ_CHECK(!strstr(path, "/../") && strncmp(path, "/login/", 7) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *path = strndup((const char *)data, size);
	char plain[LOCAL_PATH_MAX + 1];

	if (!path)
		return 0;
	if (!local_path(path)) {
		FUZZ_CHECK(strcmp(local_path_or_home(path), "/") == 0);
		return 0;
	}
	FUZZ_CHECK(strlen(path) <= LOCAL_PATH_MAX && local_path_or_home(path) == path);
	FUZZ_CHECK(!strpbrk(path, " \"<>\\\r\n\t"));
	decode(path, plain);
	check_plain(plain);
	return 0;
}
