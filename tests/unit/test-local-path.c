/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a browser may be led after signing in. */
#include "test.h"

#include "fleet/people/local-path.h"

TEST(a_page_of_ours_is_one)
{
	static const char *const fine[] = {
		"/",
		"/account",
		"/hosts?q=a%20b&sort=name",
		"/hosts?to=//evil.example", /* of the query nobody makes a place */
		"/cves/CVE-2026-1#top",
		"/loginx",
		"/a.b/..c",
	};

	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		test_case = fine[i];
		EXPECT(local_path(fine[i]));
		EXPECT(local_path_or_home(fine[i]) == fine[i]);
	}
}

TEST(nobody_is_led_elsewhere)
{
	static const char *const bad[] = {
		"",
		"hosts",
		"https://evil.example/",
		"javascript:alert(1)",
		"//evil.example",
		"///evil.example",
		"/a//evil.example",
		"/\\evil.example",
		"\\\\evil.example",
		"/%2f%2fevil.example",
		"/%2F%2Fevil.example",
		"/%5cevil.example",
		"/%5Cevil.example",
		"/%252f%252fevil.example",
		"/\tevil",
		"/\n/evil.example",
		"/a\r\nSet-Cookie: a=b",
		"/%0d%0aSet-Cookie:a=b",
		"/%7f",
		"/a b",
		"/\"><script>",
		"/h\xc3\xb6st",
		"/..",
		"/./a",
		"/a/../b",
		"/login",
		"/login?to=/login",
		"/login/code",
		"/logout",
		"/oidc/start",
		"/prove",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		test_case = bad[i];
		EXPECT(!local_path(bad[i]));
		EXPECT_STR(local_path_or_home(bad[i]), "/");
	}
	EXPECT(!local_path(NULL));
	EXPECT_STR(local_path_or_home(NULL), "/");
}

TEST(a_path_has_an_end)
{
	char path[LOCAL_PATH_MAX + 2] = "/";

	memset(path + 1, 'a', LOCAL_PATH_MAX - 1);
	EXPECT(local_path(path));
	path[LOCAL_PATH_MAX] = 'a';
	EXPECT(!local_path(path));
}
