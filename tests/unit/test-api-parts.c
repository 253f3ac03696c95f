/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of the API that need no database: addresses and signatures of webhooks, the description. */
#include "test.h"

#include <arpa/inet.h>

#include "fleet/api/openapi.h"
#include "fleet/hooks/address.h"
#include "fleet/hooks/hooks.h"
#include "fleet/hooks/send.h"

#define NOW 1790000000

TEST(webhooks_are_given_up_after_a_day)
{
	EXPECT(hooks_again_s(1, NOW, NOW) == NOW + 10);
	EXPECT(hooks_again_s(2, NOW, NOW) == NOW + 30);
	EXPECT(hooks_again_s(99, NOW, NOW) == NOW + 21600);
	EXPECT(hooks_again_s(5, NOW - 86400, NOW) == 0);
}

TEST(webhook_signature_is_that_of_the_manual)
{
	char text[HOOK_SIGNATURE_MAX];

	/* printf '1790000000.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef */
	hook_signature("0123456789abcdef", "{\"a\":1}", 1790000000, text);
	EXPECT_STR(text, "t=1790000000,v1="
			 "d569e4518fe6f4620fd6639233427e7df5e5394d8f14c85c1063b8d90a724dcb");
}

TEST(webhooks_go_to_no_address_of_the_server_or_its_link)
{
	static const struct {
		const char *address;
		bool loopback, refused;
	} cases[] = {
		{ "127.0.0.1", false, true },
		{ "127.0.0.1", true, false },
		{ "0.0.0.0", true, true },
		{ "169.254.169.254", true, true },
		{ "224.0.0.1", false, true },
		{ "255.255.255.255", false, true },
		{ "100.100.100.200", false, true },
		{ "192.0.0.192", false, true },
		{ "10.1.2.3", false, false },
		{ "192.0.2.7", false, false },
		{ "::1", false, true },
		{ "::1", true, false },
		{ "::", true, true },
		{ "fe80::1", false, true },
		{ "ff02::1", false, true },
		{ "fd00:ec2::254", false, true },
		{ "::ffff:169.254.169.254", true, true },
		{ "::ffff:127.0.0.1", false, true },
		{ "::127.0.0.1", false, true },
		{ "64:ff9b::a9fe:a9fe", false, true },
		{ "2002:a9fe:a9fe::", false, true },
		{ "2001:db8::1", false, false },
		{ "fd12::1", false, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sockaddr_storage ss = { 0 };
		struct sockaddr_in *in = (struct sockaddr_in *)&ss;
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&ss;

		test_case = cases[i].address;
		if (inet_pton(AF_INET, cases[i].address, &in->sin_addr) == 1)
			ss.ss_family = AF_INET;
		else if (inet_pton(AF_INET6, cases[i].address, &in6->sin6_addr) == 1)
			ss.ss_family = AF_INET6;
		EXPECT((hook_address_refused((struct sockaddr *)&ss, cases[i].loopback) != NULL) ==
		       cases[i].refused);
	}
	test_case = NULL;
}

TEST(webhook_urls_are_https_or_this_machine)
{
	static const struct {
		const char *url;
		int want;
		bool loopback;
	} cases[] = {
		{ "https://hooks.example/x?y=1", 0, false },
		{ "https://127.0.0.1:8443/x", 0, true },
		{ "http://127.0.0.1:8080/x", 0, true },
		{ "http://[::1]:8080/x", 0, true },
		{ "http://localhost/x", -OAK_E_FORMAT, false },
		{ "http://hooks.example/", -OAK_E_FORMAT, false },
		{ "file:///etc/passwd", -OAK_E_FORMAT, false },
		{ "gopher://127.0.0.1/", -OAK_E_FORMAT, false },
		{ "https://u@hooks.example/", -OAK_E_FORMAT, false },
		{ "https://hooks.example/#x", -OAK_E_FORMAT, false },
		{ "https://hooks.example/\r\nX: y", -OAK_E_FORMAT, false },
		{ "//x/", -OAK_E_FORMAT, false },
		{ "", -OAK_E_FORMAT, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct oak_error err = { .code = OAK_OK };
		bool loopback = false;

		test_case = cases[i].url;
		EXPECT(hook_url_check(cases[i].url, &loopback, &err) == cases[i].want);
		EXPECT(loopback == cases[i].loopback);
	}
	test_case = NULL;
}

TEST(openapi_describes_each_route)
{
	struct oak_error err = { .code = OAK_OK };
	_cleanup_(json_decrefp) json_t *doc = NULL;
	const json_t *schemas;

	EXPECT(openapi_document(routes_api, &doc, &err) == 0);
	schemas = json_object_get(json_object_get(doc, "components"), "schemas");
	for (const struct route *r = routes_api; r->method; r++) {
		test_case = r->pattern;
		EXPECT(json_object_get(json_object_get(doc, "paths"), r->pattern) != NULL);
		EXPECT(!r->gives || json_object_get(schemas, r->gives) != NULL);
		EXPECT(!r->takes || json_object_get(schemas, r->takes) != NULL);
		EXPECT(r->summary && r->summary[0]);
	}
	test_case = NULL;
}
