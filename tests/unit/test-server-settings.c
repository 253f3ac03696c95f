/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <fcntl.h>

#include "base/file.h"
#include "fleet/people/person.h"
#include "fleet/server-settings.h"

TEST(server_settings_refuse_what_is_wrong)
{
	static const struct {
		const char *in, *want;
	} cases[] = {
		{ "listn = [::]:1\n", "f:1: unknown key 'listn'" },
		{ "\nlisten = 8443\n", "f:2: listen: '8443' must be an address and a port: "
				       "0.0.0.0:8443, 127.0.0.1:8080, [::]:8443" },
		{ "listen = 0.0.0.0:65536\n", "f:1: listen: '0.0.0.0:65536' must be an address and "
					      "a port: 0.0.0.0:8443, 127.0.0.1:8080, [::]:8443" },
		{ "listen = [::]8443\n", "f:1: listen: '[::]8443' must be an address and a port: "
					 "0.0.0.0:8443, 127.0.0.1:8080, [::]:8443" },
		{ "tls = yes\n", "f:1: tls: 'yes' must be on or off" },
		{ "data = var\n", "f:1: data: 'var' must be an absolute path without blanks" },
		{ "database = mysql://root:secret@h/x\n",
		  "f:1: database: must be sqlite:/PATH or a URL that begins with postgresql://" },
		{ "repository-url = ftp://h/\n",
		  "f:1: repository-url: 'ftp://h/' must be a URL that "
		  "begins with https://, http:// or file:///" },
		{ "proxies = proxy.example.org\n",
		  "f:1: proxies: 'proxy.example.org' must be addresses with blanks between, like "
		  "127.0.0.1 ::1 10.0.0.0/8" },
		{ "workers = -1\n", "f:1: workers: '-1' must be a number from 0 to 64" },
		{ "workers = 65\n", "f:1: workers: '65' must be a number from 0 to 64" },
		{ "workers = 99999999999\n",
		  "f:1: workers: '99999999999' must be a number from 0 to 64" },
		{ "poll = 0\n", "f:1: poll: '0' must be a number and s, m, h or d, from 1s to 7d" },
		{ "poll = 8d\n",
		  "f:1: poll: '8d' must be a number and s, m, h or d, from 1s to 7d" },
		{ "poll = 99999999d\n",
		  "f:1: poll: '99999999d' must be a number and s, m, h or d, from 1s to 7d" },
		{ "report = 1d\n",
		  "f: silence must be longer than report: every host would be silent" },
		{ "log = debug\n", "f:1: log: 'debug' must be error, warning, notice or info" },
		{ "url = https://h/path\n",
		  "f:1: url: 'https://h/path' must be https://HOST[:PORT], without a path" },
		{ "url = https://a@h\n",
		  "f:1: url: 'https://a@h' must be https://HOST[:PORT], without a path" },
		{ "require-totp = yes\n", "f:1: require-totp: 'yes' must be no, admin or all" },
		{ "oidc-issuer = http://id.example.org\n",
		  "f:1: oidc-issuer: 'http://id.example.org' must be a URL that begins with "
		  "https:// (http:// to this machine alone)" },
		{ "oidc-issuer = https://id.example.org\n",
		  "f: oidc-issuer wants oidc-client and url as well" },
		{ "oidc-scopes = profile\n", "f:1: oidc-scopes: 'profile' must be words with blanks "
					     "between, the first one openid" },
		{ "oidc-default-role = root\n",
		  "f:1: oidc-default-role: 'root' must be none, viewer, "
		  "operator, approver or admin" },
		{ "poll =\n", "f:1: poll: the value is missing" },
		{ "poll = 1h\npoll = 2h\n", "f:2: poll: given twice" },
		{ "[server]\npoll = 1h\n", "f:2: unknown section [server]" },
		{ "poll = 1h ; often\n",
		  "f:1: a blank before ';': a comment has a line of its own, in "
		  "a value leave the blank out" },
		{ "poll = \033[2J\n", "f:1: a control character" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(server_settings_free) struct server_settings s = { 0 };
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].in;
		EXPECT(server_settings_init(&s, &err) == 0);
		EXPECT(server_settings_parse("f", cases[i].in, strlen(cases[i].in), &s, &err) ==
		       -OAK_E_FORMAT);
		EXPECT_STR(err.msg, cases[i].want);
	}
	test_case = NULL;
}

TEST(server_settings_follow_the_data_directory)
{
	static const char text[] = "data = /srv/fleet\nkey = /etc/ssl/fleet.key\n"
				   "listen = 127.0.0.1:0\ntls = off\nunmanaged = free\n"
				   "metrics = open\npoll = 90s\nreport = 2m\nworkers = 8\n";
	_cleanup_(server_settings_free) struct server_settings s = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(server_settings_init(&s, &err) == 0);
	EXPECT_STR(s.database, "sqlite:/var/lib/oakum-server/fleet.db");
	EXPECT(server_settings_parse("f", text, strlen(text), &s, &err) == 0);
	EXPECT_STR(s.database, "sqlite:/srv/fleet/fleet.db");
	EXPECT_STR(s.certificate, "/srv/fleet/tls.pem");
	EXPECT_STR(s.key, "/etc/ssl/fleet.key");
	EXPECT_STR(s.listen, "127.0.0.1:0");
	EXPECT(s.plain && s.unmanaged_free && s.metrics_open);
	EXPECT(s.poll_s == 90 && s.report_s == 120 && s.workers == 8);
}

/* "#key = value" becomes "key = value"; what is no such line stays. Return: how many. */
static size_t uncomment(const char *text, struct buf *ret)
{
	size_t n = 0;

	while (*text) {
		size_t len = strcspn(text, "\n") + 1, key = strspn(text, "#");
		size_t name = strspn(text + key, "abcdefghijklmnopqrstuvwxyz-");
		bool is = key == 1 && name && strncmp(text + key + name, " = ", 3) == 0;

		EXPECT(buf_add(ret, text + is, len - is) == 0);
		n += is;
		text += len;
	}
	return n;
}

static void expect_text(const char *got, const char *want)
{
	EXPECT(got && want);
	EXPECT_STR(got, want);
}

TEST(server_settings_example_says_the_defaults)
{
	_cleanup_(server_settings_free) struct server_settings s = { 0 }, d = { 0 };
	_cleanup_(buf_free) struct buf file = { 0 }, text = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(file_read(AT_FDCWD, "packaging/oakum-server.conf", 65536, &file, &err) == 0);
	EXPECT(server_settings_parse("as it is", file.data, file.len, &s, &err) == 0);
	EXPECT(!s.listen && s.poll_s == 0);
	EXPECT(uncomment(buf_str(&file), &text) == 34);
	EXPECT(server_settings_parse("f", text.data, text.len, &s, &err) == 0);
	EXPECT(server_settings_init(&d, &err) == 0);
	expect_text(s.listen, d.listen);
	expect_text(s.certificate, d.certificate);
	expect_text(s.key, d.key);
	expect_text(s.database, d.database);
	expect_text(s.data, d.data);
	EXPECT(s.plain == d.plain && s.unmanaged_free == d.unmanaged_free);
	EXPECT(s.metrics_open == d.metrics_open && s.threads == d.threads);
	EXPECT(s.workers == d.workers && s.connections == d.connections);
	EXPECT(s.poll_s == d.poll_s && s.report_s == d.report_s);
	EXPECT(s.silence_s == d.silence_s && s.decision_s == d.decision_s);
	EXPECT(s.history_days == d.history_days && s.log == d.log && d.log == 5);
	/* Examples, not defaults. */
	EXPECT(!d.repository && !d.repository_url && !d.proxies);
	EXPECT(s.repository && s.repository_url && s.proxies);
	EXPECT(!d.url && !d.oidc.issuer && !d.oidc.client && !d.oidc.groups[ROLE_ADMIN]);
	expect_text(s.oidc.issuer, "https://id.example.org/realms/ops");
	expect_text(s.oidc.groups[ROLE_VIEWER], "staff");
	expect_text(s.require_totp, d.require_totp);
	expect_text(s.oidc.scopes, d.oidc.scopes);
	expect_text(s.oidc.name_claim, d.oidc.name_claim);
	expect_text(s.oidc.role_claim, d.oidc.role_claim);
	expect_text(s.oidc.role, d.oidc.role);
}

TEST(server_settings_of_no_file)
{
	_cleanup_(server_settings_free) struct server_settings s = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(server_settings_read("/nonexistent/oakum-server.conf", &s, &err) == -OAK_E_NOTFOUND);
	EXPECT(!s.listen);
}
