/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-tree.h"

#include "base/json.h"
#include "host/settings-value.h"
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
	settings_free(&s);
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
	EXPECT(settings_check("chanel", "edge", &err) == -OAK_E_USAGE);
	EXPECT_STR(err.msg, "unknown key 'chanel'");
	EXPECT(settings_check("repository", "gopher://x", &err) == -OAK_E_USAGE);
	EXPECT_STR(err.msg, "repository 'gopher://x': must be a URL that begins with https://, "
			    "http:// or file:///, or a directory");
}

TEST(settings_refuse_bad_values)
{
	static const struct {
		const char *in, *want;
	} cases[] = {
		{ "poll = 4m", "poll: '4m' must be a time of 5m to 7d: a number and s, m, h or d" },
		{ "poll = 8d", "poll: '8d' must be a time of 5m to 7d: a number and s, m, h or d" },
		{ "poll = 1", "poll: '1' must be a time of 5m to 7d: a number and s, m, h or d" },
		{ "poll = 1w", "poll: '1w' must be a time of 5m to 7d: a number and s, m, h or d" },
		{ "poll = -1h",
		  "poll: '-1h' must be a time of 5m to 7d: a number and s, m, h or d" },
		{ "poll = 99999d",
		  "poll: '99999d' must be a time of 5m to 7d: a number and s, m, h or d" },
		{ "deadline = 9s",
		  "deadline: '9s' must be a time of 10s to 1h: a number and s, m, h or d" },
		{ "apply = auto", "apply: 'auto' must be 'automatic' or 'report'" },
		{ "severity = urgent",
		  "severity: 'urgent' must be 'low', 'medium', 'high' or 'critical'" },
		{ "boot = on", "boot: 'on' must be 'cache', 'network' or 'off'" },
		{ "pressure = 101", "pressure: '101' must be a number of 0 to 100" },
		{ "pressure = 60%", "pressure: '60%' must be a number of 0 to 100" },
		{ "pin = 0", "pin: '0' must be a level, a day like 2026-11-01, or 'none'" },
		{ "pin = 2026-02-30",
		  "pin: '2026-02-30' must be a level, a day like 2026-11-01, or 'none'" },
		{ "windows = 22:00-04:00", "windows: '22:00-04:00' must be 'any', or like Mon-Fri "
					   "22:00-04:00; Sat,Sun 00:00-24:00 (at most 16)" },
		{ "windows = Mon 22:00-04:00 ; Sat 00:00-24:00",
		  "a blank before ';': a comment has a line of its own, in a value leave the blank "
		  "out" },
		{ "skip = 7; 9", "skip: '7; 9' must be words of letters, digits and ._+~:=- with "
				 "blanks between" },
		{ "health = ./check", "health: './check' must be an absolute path without blanks" },
		{ "health = /bin/check -v",
		  "health: '/bin/check -v' must be an absolute path without blanks" },
		{ "timezone = ../etc/passwd",
		  "timezone: '../etc/passwd' must be a zone like Europe/Berlin, or 'system'" },
		{ "timezone = /etc/localtime",
		  "timezone: '/etc/localtime' must be a zone like Europe/Berlin, or 'system'" },
		{ "poll = 1h\npoll = 1h", "poll: given twice" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(settings_free) struct settings s = { 0 };
		struct oak_error err = { .code = OAK_OK };
		char want[256];

		test_case = cases[i].in;
		EXPECT(settings_parse("f", cases[i].in, strlen(cases[i].in), &s, &err) ==
		       -OAK_E_FORMAT);
		(void)snprintf(want, sizeof(want), "f:%d: %s", strchr(cases[i].in, '\n') ? 2 : 1,
			       cases[i].want);
		EXPECT_STR(err.msg, want);
	}
	test_case = NULL;
}

TEST(settings_values_are_typed)
{
	static const char text[] = "poll = 2h\njitter = 90s\napply = report\npin = 2026-11-01\n"
				   "windows = Mon-Fri 22:00-04:00; Sat,Sun 00:00-24:00\n"
				   "severity = critical\nskip = 7 9 CVE-2026-1234\nboot = off\n"
				   "health = /bin/true\ntextfile = none\nreboot-required = clear\n";
	_cleanup_(settings_free) struct settings s = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(settings_init(&s, &err) == 0);
	EXPECT(s.poll_s == 3600 && s.jitter_s == 600 && s.soak_s == 600 && s.deadline_s == 300);
	EXPECT(s.retry_s == 900 && s.delay_s == 0 && s.pressure == 60 && s.n_windows == 0);
	EXPECT_STR(s.hooks, "/etc/oakum/hooks");
	EXPECT(settings_parse("f", text, strlen(text), &s, &err) == 0);
	EXPECT(s.poll_s == 7200 && s.jitter_s == 90 && s.apply == APPLY_REPORT);
	EXPECT(s.pin.level == 0 && s.pin.until_s == 1793577599);
	EXPECT(s.n_windows == 2 && s.windows[0].days == 0x1f && s.windows[1].days == 0x60);
	EXPECT(s.windows[0].from == 1320 && s.windows[0].to == 240 && s.windows[1].to == 1440);
	EXPECT(s.severity == SEVERITY_CRITICAL && s.boot == BOOT_OFF && s.reboot == REBOOT_CLEAR);
	EXPECT_STR(s.health, "/bin/true");
	EXPECT(!s.textfile);
	EXPECT(settings_lists(s.skip, "9") && settings_lists(s.skip, "CVE-2026-1234"));
	EXPECT(!settings_lists(s.skip, "CVE-2026-123") && !settings_lists(s.skip, ""));
	EXPECT(!settings_lists(NULL, "9"));
}

TEST(settings_windows_have_one_form)
{
	static const struct {
		const char *in, *want; /* NULL: refused */
	} cases[] = {
		{ "any", "any" },
		{ "Mon 00:00-24:00", "Mon 00:00-24:00" },
		{ "Fri-Mon 22:00-04:00", "Mon,Fri-Sun 22:00-04:00" },
		{ "Sat,Sun  10:00-12:30", "Sat,Sun 10:00-12:30" },
		{ "Mon-Sun 01:00-02:00;Tue 03:00-04:00", "Mon-Sun 01:00-02:00; Tue 03:00-04:00" },
		{ "", NULL },
		{ "Mon", NULL },
		{ "mon 01:00-02:00", NULL },
		{ "Mon, 01:00-02:00", NULL },
		{ "Mon- 01:00-02:00", NULL },
		{ "Mon 1:00-02:00", NULL },
		{ "Mon 01:00-01:00", NULL },
		{ "Mon 24:00-01:00", NULL },
		{ "Mon 01:00-24:01", NULL },
		{ "Mon 01:60-02:00", NULL },
		{ "Mon 01:00-02:00;", NULL },
		{ "Mon 01:00-02:00x", NULL },
		{ "Mon 01:00-02:00 03:00-04:00", NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(buf_free) struct buf text = { 0 };
		struct time_window v[SETTINGS_WINDOWS_MAX];
		size_t n = 0;

		test_case = cases[i].in;
		EXPECT((windows_parse(cases[i].in, v, sizeof(v) / sizeof(v[0]), &n) == 0) ==
		       (cases[i].want != NULL));
		if (!cases[i].want)
			continue;
		EXPECT(windows_format(v, n, &text) == 0);
		EXPECT_STR(buf_str(&text), cases[i].want);
	}
	test_case = NULL;
}

TEST(settings_durations_are_written_as_they_are_read)
{
	static const struct {
		uint32_t s;
		const char *want;
	} cases[] = { { 0, "0s" },      { 1, "1s" },      { 60, "1m" },
		      { 90, "90s" },    { 3600, "1h" },   { 5400, "90m" },
		      { 86400, "24h" }, { 90000, "25h" }, { 604800, "7d" } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[VALUE_TEXT_MAX];
		uint32_t s;

		test_case = cases[i].want;
		duration_format(cases[i].s, text);
		EXPECT_STR(text, cases[i].want);
		EXPECT(duration_parse(text, &s) == 0 && s == cases[i].s);
	}
	test_case = NULL;
}

/* Later files override, in the order of their bytes; others are not read. */
TEST(settings_of_drop_ins)
{
	_cleanup_(closep) int root = tree_new();
	_cleanup_(settings_free) struct settings s = { 0 };
	struct oak_error err = { .code = OAK_OK };

	tree_put(root, "etc/oakum/oakum.conf", "channel = a\npoll = 2h\nskip = 7\n");
	tree_put(root, "etc/oakum/conf.d/20-b.conf", "channel = c\n");
	tree_put(root, "etc/oakum/conf.d/10-a.conf", "channel = b\nskip = none\n");
	tree_put(root, "etc/oakum/conf.d/30-c.conf~", "channel =\n");
	tree_put(root, "etc/oakum/conf.d/.30-c.conf", "channel =\n");
	tree_put(root, "etc/oakum/conf.d/README", "channel =\n");
	EXPECT(settings_read(root, &s, &err) == 0);
	EXPECT_STR(s.channel, "c");
	EXPECT(s.poll_s == 7200 && !s.skip);
	tree_put(root, "etc/oakum/conf.d/15-x.conf", "# x\npoll = 1s\n");
	EXPECT(settings_read(root, &s, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "/etc/oakum/conf.d/15-x.conf:2: poll: '1s' must be a time of 5m to 7d: "
			    "a number and s, m, h or d");
	EXPECT_STR(s.channel, "c");
	tree_drop(root, "etc/oakum/conf.d/15-x.conf");
	EXPECT(mkdirat(root, "etc/oakum/conf.d/40.conf", 0755) == 0);
	EXPECT(settings_read(root, &s, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "/etc/oakum/conf.d/40.conf: not a regular file");
	tree_drop(root, "etc/oakum/conf.d/40.conf");
	for (int i = 0; i < SETTINGS_FILES_MAX; i++) {
		char path[64];

		(void)snprintf(path, sizeof(path), "etc/oakum/conf.d/%d.conf", i);
		tree_put(root, path, "");
	}
	EXPECT(settings_read(root, &s, &err) == -OAK_E_TOOLARGE);
	EXPECT_STR(err.msg, "/etc/oakum/conf.d: 66 files, at most 64 are read");
}

TEST(settings_want_their_zone)
{
	_cleanup_(closep) int root = tree_new();
	_cleanup_(settings_free) struct settings s = { 0 }, utc = { 0 };
	struct oak_error err = { .code = OAK_OK };

	tree_put(root, "etc/oakum/oakum.conf", "timezone = Europe/Berln\n");
	EXPECT(settings_read(root, &s, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "timezone: 'Europe/Berln': /usr/share/zoneinfo/Europe/Berln is missing "
			    "(package tzdata)");
	tree_put(root, "etc/oakum/oakum.conf", "timezone = Europe/Berlin\njitter = 2h\n");
	tree_put(root, "usr/share/zoneinfo/Europe/Berlin", "TZif");
	EXPECT(settings_read(root, &s, &err) == 0);
	EXPECT_STR(s.timezone, "Europe/Berlin");
	EXPECT(s.jitter_s == s.poll_s); /* more would let hosts miss a poll */
	tree_put(root, "etc/oakum/oakum.conf", "timezone = UTC\n");
	EXPECT(settings_read(root, &utc, &err) == 0);
}

TEST(settings_json_tells_no_secret)
{
	static const struct {
		const char *key, *value, *want;
	} cases[] = {
		{ "repository", "https://me:s3cret@h/r", "https://h/r" },
		{ "repository", "https://h/r?token=s3cret", "https://h/r" },
		{ "repository", "https://h/?x=a://me:s3cret@h", "https://h/" },
		{ "repository", "https://me:s3c/ret@h/r", "https://h/r" },
		{ "repository", "/srv/me@home", "/srv/me@home" },
		{ "mirrors", "https://me:s3cret@a/  http://s3cret@b/", "https://a/  http://b/" },
		{ "proxy", "socks5://me:s3cret@p:1080", "socks5://p:1080" },
		{ "windows", "Fri-Sat 22:00-04:00", "Fri,Sat 22:00-04:00" },
		{ "pin", "7", "7" },
		{ "pin", "2026-11-01", "2026-11-01" },
		{ "poll", "120m", "2h" },
		{ "severity", "high", "high" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(settings_free) struct settings s = { 0 };
		_cleanup_(json_decrefp) json_t *json = NULL;
		_cleanup_(freep) char *all = NULL;
		struct oak_error err = { .code = OAK_OK };
		char line[256];

		test_case = cases[i].value;
		EXPECT(settings_init(&s, &err) == 0);
		(void)snprintf(line, sizeof(line), "%s = %s\n", cases[i].key, cases[i].value);
		EXPECT(settings_parse("f", line, strlen(line), &s, &err) == 0);
		json = settings_json(&s);
		EXPECT(json);
		EXPECT_STR(json_get_str(json, cases[i].key), cases[i].want);
		all = json_text(json);
		EXPECT(all && !strstr(all, "s3c") && json_is_null(json_object_get(json, "health")));
	}
	test_case = NULL;
}

/* "#key = value" of the example as "key = value"; how many there are. */
static size_t uncomment(const char *text, struct buf *ret)
{
	size_t n = 0;

	while (*text) {
		size_t len = strcspn(text, "\n");
		bool is_key = text[0] == '#' && text[1] >= 'a' && text[1] <= 'z';

		EXPECT(buf_add(ret, text + is_key, len - is_key) == 0);
		EXPECT(buf_add_str(ret, "\n") == 0);
		n += is_key;
		text += len + (text[len] ? 1 : 0);
	}
	return n;
}

/* It names every key, and says of each with a default what that is. */
TEST(settings_example_is_true)
{
	static const char *const examples[] = { "repository", "mirrors", "channel",
						"ca",         "proxy",   "tags" };
	_cleanup_(settings_free) struct settings s = { 0 }, defaults = { 0 };
	_cleanup_(buf_free) struct buf file = { 0 }, text = { 0 };
	_cleanup_(json_decrefp) json_t *got = NULL, *want = NULL;
	struct oak_error err = { .code = OAK_OK };
	const char *key;
	json_t *value;
	size_t n;

	EXPECT(file_read(AT_FDCWD, "packaging/oakum.conf", SETTINGS_BYTES_MAX, &file, &err) == 0);
	EXPECT(settings_parse("as it is", file.data, file.len, &s, &err) == 0);
	EXPECT(!s.repository && s.poll_s == 0);
	n = uncomment(buf_str(&file), &text);
	EXPECT(settings_parse("f", text.data, text.len, &s, &err) == 0);
	EXPECT(settings_init(&defaults, &err) == 0);
	got = settings_json(&s);
	want = settings_json(&defaults);
	EXPECT(json_object_size(got) == n);
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
		EXPECT(json_object_set(want, examples[i], json_object_get(got, examples[i])) == 0);
	json_object_foreach(want, key, value)
	{
		test_case = key;
		EXPECT(json_equal(value, json_object_get(got, key)));
	}
	test_case = NULL;
}
