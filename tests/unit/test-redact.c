/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <errno.h>

#include "cli/redact.h"
#include "cli/tar.h"

TEST(secrets_are_removed)
{
	static const struct {
		const char *in, *want;
	} cases[] = {
		{ "", "" },
		{ "nothing here\nat all", "nothing here\nat all\n" },
		{ "see https://h/p now", "see https://h/p now\n" },
		{ "https://u:S3CRET@h/p", "https://(removed)@h/p\n" },
		{ "proxy = http://u:a@b/c@h:3128 x", "proxy = http://(removed)@h:3128 x\n" },
		{ "\"https://u:p?q@h/\"", "\"https://(removed)@h/\"\n" },
		{ "https://u:p?q@h/?sig=S3CRET", "https://(removed)@h/?(removed)\n" },
		{ "https://h/p?sig=S3CRET&x", "https://h/p?(removed)\n" },
		{ "a password=S3CRET quiet", "a password=(removed) quiet\n" },
		{ "PASSWORD = S3CRET words", "PASSWORD =(removed)\n" },
		{ "x.token='a b' y", "x.token=(removed) y\n" },
		{ "db_passwd=\"open", "db_passwd=(removed)\n" },
		{ "  \"api_key\": \"S3CRET\",", "  \"api_key\":(removed)\n" },
		{ "Authorization: Bearer S3CRET", "Authorization:(removed)\n" },
		{ "secret=a secret=b", "secret=(removed) secret=(removed)\n" },
		{ "the password is not here", "the password is not here\n" },
		{ "k\n-----BEGIN RSA PRIVATE KEY-----\nS3CRET\n-----END RSA PRIVATE KEY-----\nz",
		  "k\n(removed)\nz\n" },
		{ "-----BEGIN PRIVATE KEY-----\nS3CRET", "(removed)\n" },
		{ "-----BEGIN CERTIFICATE-----\nMII", "-----BEGIN CERTIFICATE-----\nMII\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(buf_free) struct buf b = { 0 };

		test_case = cases[i].in;
		EXPECT(redact(cases[i].in, strlen(cases[i].in), &b) == 0);
		EXPECT_STR(buf_str(&b), cases[i].want);
	}
	test_case = NULL;
}

TEST(a_nul_hides_nothing)
{
	_cleanup_(buf_free) struct buf b = { 0 };

	EXPECT(redact("a\0password=x\0", 13, &b) == 0);
	EXPECT_STR(buf_str(&b), "a?password=(removed)\n");
}

TEST(tar_refuses_what_it_cannot_hold)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	char name[101];

	memset(name, 'n', 100);
	name[100] = '\0';
	EXPECT(tar_add(&b, name, "", 0, 0) == -ENAMETOOLONG);
	EXPECT(tar_add(&b, name + 1, "x", 1, -1) == -EFBIG);
	EXPECT(tar_add(&b, name + 1, "x", 1, 0) == 0 && b.len == 1024);
	EXPECT(tar_end(&b) == 0 && b.len == 2048);
	EXPECT(memcmp(b.data + 257,
		      "ustar\0"
		      "00",
		      8) == 0);
}
