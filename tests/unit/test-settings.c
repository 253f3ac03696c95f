/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-tree.h"

#include "host/settings.h"

static void expect_setting(const char *got, const char *want)
{
	EXPECT((got != NULL) == (want != NULL));
	if (got)
		EXPECT_STR(got, want);
}

TEST(settings_parse_accepts_and_refuses)
{
	static const struct {
		const char *in;
		int want;
		const char *want_msg;
		const char *repository, *channel;
	} cases[] = {
		{ "", 0, NULL, NULL, NULL },
		{ "# a comment\n; another\n\n   \t\r\n", 0, NULL, NULL, NULL },
		{ "repository = http://10.0.2.2:8080/\nchannel=edge\n", 0, NULL,
		  "http://10.0.2.2:8080/", "edge" },
		{ "  repository\t=\t/srv/oakum  \r\n", 0, NULL, "/srv/oakum", NULL },
		{ "channel = stable", 0, NULL, NULL, "stable" },
		{ "repository = https://h/?a=b#c\n", 0, NULL, "https://h/?a=b#c", NULL },
		{ "repository\n", -OAK_E_FORMAT, "f:1: not \"key = value\"", NULL, NULL },
		{ "# one\n[agent]\nchannel = a\n", -OAK_E_FORMAT, "f:3: unknown section [agent]",
		  NULL, NULL },
		{ "[open\nchannel = a\n", -OAK_E_FORMAT, "f:1: not \"key = value\"", NULL, NULL },
		{ "\n\nrepo = x\n", -OAK_E_FORMAT, "f:3: unknown key 'repo'", NULL, NULL },
		{ " = x\n", -OAK_E_FORMAT, "f:1: unknown key ''", NULL, NULL },
		{ "channel =\n", -OAK_E_FORMAT, "f:1: channel: the value is missing", NULL, NULL },
		{ "channel = a b\n", -OAK_E_FORMAT,
		  "f:1: channel: 'a b' must be a word of a-z, 0-9, '-', '_' and '.'", NULL, NULL },
		{ "repository = ftp://h/\n", -OAK_E_FORMAT,
		  "f:1: repository: 'ftp://h/' must be a URL that begins with https://, http:// or "
		  "file:///, or a directory",
		  NULL, NULL },
		{ "channel = a\nchannel = b\n", -OAK_E_FORMAT, "f:2: channel: given twice", NULL,
		  "a" },
		{ "channel = \033[2J\n", -OAK_E_FORMAT, "f:1: a control character", NULL, NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(settings_free) struct settings s = { 0 };
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].in;
		EXPECT(settings_parse("f", cases[i].in, strlen(cases[i].in), &s, &err) ==
		       cases[i].want);
		if (cases[i].want < 0)
			EXPECT_STR(err.msg, cases[i].want_msg);
		expect_setting(s.repository, cases[i].repository);
		expect_setting(s.channel, cases[i].channel);
	}
	test_case = NULL;
}

TEST(settings_refuse_a_long_line)
{
	_cleanup_(settings_free) struct settings s = { 0 };
	struct oak_error err = { .code = OAK_OK };
	char text[300];

	/* Cut after 198 bytes, the rest would be a comment. */
	(void)snprintf(text, sizeof(text), "\nrepository = http://%0180d#end", 7);
	EXPECT(settings_parse("f", text, strlen(text), &s, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "f:2: longer than 198 bytes");
	EXPECT(!s.repository);
}

TEST(settings_refuse_a_nul_byte)
{
	_cleanup_(settings_free) struct settings s = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(settings_parse("f", "channel = a\0b\n", 14, &s, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "f:1: a control character");
}

TEST(settings_of_a_host)
{
	_cleanup_(closep) int root = tree_new();
	_cleanup_(settings_free) struct settings s = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(settings_read(root, &s, &err) == 0);
	EXPECT(!s.repository && !s.channel);
	tree_put(root, "etc/oakum/oakum.conf", "repository = /r\nchanel = x\n");
	EXPECT(settings_read(root, &s, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "/etc/oakum/oakum.conf:2: unknown key 'chanel'");
	EXPECT(!s.repository);
	tree_put(root, "etc/oakum/oakum.conf", "repository = /r\nchannel = x\n");
	EXPECT(settings_read(root, &s, &err) == 0);
	EXPECT_STR(s.repository, "/r");
	EXPECT_STR(s.channel, "x");
}

TEST(settings_check_values_of_the_command_line)
{
	struct oak_error err = { .code = OAK_OK };

	EXPECT(settings_check("channel", "edge", &err) == 0);
	EXPECT(settings_check("channel", "", &err) == -OAK_E_USAGE);
	EXPECT_STR(err.msg, "channel '': must be not empty");
	EXPECT(settings_check("repository", "gopher://x", &err) == -OAK_E_USAGE);
	EXPECT_STR(err.msg, "repository 'gopher://x': must be a URL that begins with https://, "
			    "http:// or file:///, or a directory");
}
