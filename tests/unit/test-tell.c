/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-picture.h"
#include "fake-tree.h"

#include <ctype.h>
#include <endian.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "agent/tell-journal.h"
#include "agent/tell-prometheus.h"
#include "agent/tell-reboot.h"
#include "agent/tell-text.h"
#include "agent/tell.h"
#include "base/progress.h"

/* "{a="b",...}": the character behind it. Every escape is one of the three. */
static const char *skip_labels(const char *p)
{
	EXPECT(*p++ == '{');
	for (;;) {
		EXPECT(islower((unsigned char)*p));
		while (islower((unsigned char)*p) || *p == '_')
			p++;
		EXPECT(p[0] == '=' && p[1] == '"');
		for (p += 2; *p != '"'; p++) {
			EXPECT(*p && *p != '\n');
			if (*p == '\\')
				EXPECT(*++p == '\\' || *p == '"' || *p == 'n');
		}
		if (*++p == '}')
			return p + 1;
		EXPECT(*p++ == ',');
	}
}

/* Each family: HELP, TYPE, samples of that name, once in the file; plain numbers; counters _total. */
static size_t check_format(const char *text)
{
	char name[80] = "", seen[4096] = "", mark[96];
	size_t n = 0;

	while (*text) {
		const char *line = text, *end = strchr(text, '\n');
		size_t len;

		EXPECT(end != NULL);
		text = end + 1;
		if (strncmp(line, "# HELP ", 7) == 0) {
			len = strcspn(line + 7, " ");
			EXPECT(len < sizeof(name) && line + 7 + len < end);
			(void)snprintf(name, sizeof(name), "%.*s", (int)len, line + 7);
			(void)snprintf(mark, sizeof(mark), "<%s>", name);
			EXPECT(strncmp(name, "oakum_", 6) == 0 && !strstr(seen, mark));
			EXPECT(strlen(seen) + strlen(mark) < sizeof(seen));
			(void)snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%s", mark);
			EXPECT(strncmp(text, "# TYPE ", 7) == 0);
			EXPECT(strncmp(text + 7, name, len) == 0 && text[7 + len] == ' ');
			EXPECT(strncmp(text + 8 + len,
				       len > 6 && strcmp(name + len - 6, "_total") == 0 ? "counter\n"
											: "gauge\n",
				       6) == 0);
			text = strchr(text, '\n') + 1;
			continue;
		}
		len = strlen(name);
		EXPECT(len && strncmp(line, name, len) == 0);
		line += len;
		if (*line == '{')
			line = skip_labels(line);
		EXPECT(*line++ == ' ');
		for (; line < end; line++)
			EXPECT(isdigit((unsigned char)*line));
		n++;
	}
	return n;
}

TEST(prometheus_text_is_well_formed)
{
	_cleanup_(picture_clear) struct picture p = { 0 };
	_cleanup_(buf_free) struct buf b = { 0 };
	struct oak_error err;

	fake_picture(&p);
	EXPECT(tell_prometheus(&p, &b, &err) == 0);
	EXPECT(check_format(buf_str(&b)) == 20);
	EXPECT_CONTAINS(buf_str(&b), "# HELP oakum_level Level in the running kernel; 0: none.\n"
				     "# TYPE oakum_level gauge\noakum_level 3\n");
	EXPECT_CONTAINS(buf_str(&b), "\noakum_closed_cves 6\n");
	EXPECT_CONTAINS(buf_str(&b), "\noakum_last_check_timestamp_seconds 1795720560\n");
	EXPECT_CONTAINS(buf_str(&b), "\noakum_trust_expiry_timestamp_seconds 1796154000\n");
	EXPECT_CONTAINS(buf_str(&b), "\noakum_applies_total{result=\"applied\"} 2\n");
	EXPECT_CONTAINS(buf_str(&b),
			"oakum_level_info{level=\"3\",state=\"applied\",build_id="
			"\"000102030405060708090a0b0c0d0e0f10111213\",release=\"6.1.0-50-amd64\","
			"channel=\"stable\",effective_version=\"6.1.176-1\"} 1\n");
}

TEST(prometheus_leaves_out_what_is_not_known_and_escapes)
{
	_cleanup_(picture_clear) struct picture p = { 0 };
	_cleanup_(buf_free) struct buf b = { 0 };
	struct oak_error err;

	EXPECT(tell_prometheus(&p, &b, &err) == 0);
	(void)check_format(buf_str(&b));
	EXPECT(!strstr(buf_str(&b), "timestamp"));
	EXPECT(!strstr(buf_str(&b), "newest"));
	buf_free(&b);
	FAKE_TEXT(p.host.id.release, "a\"b\\c\nd");
	EXPECT(tell_prometheus(&p, &b, &err) == 0);
	(void)check_format(buf_str(&b));
	EXPECT_CONTAINS(buf_str(&b), "release=\"a\\\"b\\\\c\\nd\"");
}

TEST(cvelist_and_version_follow_the_kernel)
{
	_cleanup_(picture_clear) struct picture p = { 0 };
	_cleanup_(buf_free) struct buf b = { 0 };
	struct oak_error err;

	fake_picture(&p);
	EXPECT(tell_cvelist(&p, &b, &err) == 0);
	EXPECT(tell_effective_version(&p, &b, &err) == 0);
	EXPECT_STR(buf_str(&b), "CVE-2025-7\nCVE-2026-1\nCVE-2026-2\nCVE-2026-3\nCVE-2026-9\n"
				"CVE-2026-10\n6.1.176-1\n");
	buf_free(&b);
	p.state = LEVEL_REVERTING;
	EXPECT(tell_cvelist(&p, &b, &err) == 0);
	EXPECT(tell_effective_version(&p, &b, &err) == 0);
	EXPECT_STR(buf_str(&b), "6.1.0-50-amd64\n");
}

TEST(motd_is_short)
{
	static const struct verdict_limits limits = VERDICT_LIMITS_OTHERWISE;
	_cleanup_(picture_clear) struct picture p = { 0 };
	_cleanup_(buf_free) struct buf b = { 0 };
	struct verdict_report v;
	struct oak_error err;

	fake_picture(&p);
	verdict_of(&p, &limits, FAKE_NOW, &v);
	EXPECT(tell_motd(&v, &b, &err) == 0);
	EXPECT_STR(buf_str(&b), "oakum: level 3 is applied, 6 CVEs are closed\n");
	buf_free(&b);
	p.complete = false;
	p.switched_off = p.last_failed = true;
	p.reverted_by_hand = 4;
	verdict_of(&p, &limits, FAKE_NOW, &v);
	EXPECT(tell_motd(&v, &b, &err) == 0);
	EXPECT_STR(buf_str(&b),
		   "oakum: CRITICAL: not every function of level 3 is redirected\n"
		   "oakum: WARNING: the last deed failed: level 3 was applied\n"
		   "oakum: WARNING: level 4 was reverted by hand: 'oakum update' applies it\n"
		   "oakum: and 1 more: see 'oakum status'\n");
}

TEST(reboot_is_decided_carefully)
{
	static const char kernels[] = "linux-image-6.1.0-51-amd64\nlinux-base\n";
	static const struct {
		const char *name, *packages;
		bool keep, soaking, withheld, stale_level, incomplete;
		enum reboot_deed want;
	} cases[] = {
		{ "withdrawn", kernels, .want = REBOOT_WITHDRAW },
		{ "and our own", "oakum\nlinux-base\n", .want = REBOOT_WITHDRAW },
		{ "keep", kernels, .keep = true, .want = REBOOT_LEAVE },
		{ "another package", "linux-base\nlibc6\n", .want = REBOOT_LEAVE },
		{ "a longer name", "linux-baseline\n", .want = REBOOT_LEAVE },
		{ "no list", NULL, .want = REBOOT_LEAVE },
		{ "an empty list", "\n\n", .want = REBOOT_LEAVE },
		{ "soaking", kernels, .soaking = true, .want = REBOOT_LEAVE },
		{ "withheld", kernels, .withheld = true, .want = REBOOT_LEAVE },
		{ "newer one", kernels, .stale_level = true, .want = REBOOT_LEAVE },
		{ "incomplete", kernels, .incomplete = true, .want = REBOOT_LEAVE },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(picture_clear) struct picture p = { 0 };
		const struct reboot_seen seen = { true, cases[i].packages, true };

		test_case = cases[i].name;
		fake_picture(&p);
		p.settings.reboot = cases[i].keep ? REBOOT_KEEP : REBOOT_CLEAR;
		p.settled = !cases[i].soaking;
		p.complete = !cases[i].incomplete;
		if (cases[i].withheld)
			fake_withheld(&p, 3, "w", 0);
		p.newest += cases[i].stale_level;
		EXPECT(tell_reboot_decide(&p, &seen) == cases[i].want);
	}
	test_case = NULL;
}

TEST(reboot_is_asked_for_where_nothing_is_published)
{
	_cleanup_(picture_clear) struct picture p = { 0 };
	_cleanup_(buf_free) struct buf b = { 0 };
	struct oak_error err = { .code = OAK_OK };
	int root = tree_new();

	fake_picture(&p);
	fake_no_level(&p);
	p.settings.reboot = REBOOT_CLEAR;
	p.newest = 0;
	p.no_level = true;
	tree_put(root, "run/reboot-required.pkgs", "libc6");
	EXPECT(tell_reboot(root, &p, &err) == 0);
	EXPECT(!file_exists(root, REBOOT_PATH));
	tree_put(root, "boot/vmlinuz-6.1.0-51-amd64", "x");
	EXPECT(tell_reboot(root, &p, &err) == 0);
	EXPECT(tell_reboot(root, &p, &err) == 0);
	EXPECT(file_exists(root, REBOOT_PATH));
	EXPECT(file_read(root, REBOOT_PACKAGES_PATH, 100, &b, &err) == 0);
	EXPECT_STR(buf_str(&b), "libc6\noakum\n");
	(void)close(root);
}

TEST(all_is_written_once)
{
	_cleanup_(picture_clear) struct picture p = { 0 };
	_cleanup_(buf_free) struct buf b = { 0 };
	struct oak_error err = { .code = OAK_OK };
	struct stat first, then;
	int root = tree_new();

	fake_picture(&p);
	p.settings.reboot = REBOOT_CLEAR;
	free(p.settings.textfile);
	p.settings.textfile = strdup("/var/lib/node");
	tree_put(root, REBOOT_PATH, "x\n");
	tree_put(root, REBOOT_PACKAGES_PATH, "linux-base\n");
	tell_all(root, &p, FAKE_NOW, NULL);
	EXPECT(!file_exists(root, "var/lib/node"));
	EXPECT(!file_exists(root, REBOOT_PATH) && !file_exists(root, REBOOT_PACKAGES_PATH));
	EXPECT(dir_make(root, "var/lib/node", &err) == 0);
	tell_all(root, &p, FAKE_NOW, NULL);
	EXPECT(file_read(root, "run/oakum/motd", 1000, &b, &err) == 0);
	EXPECT_CONTAINS(buf_str(&b), "level 3 is applied");
	EXPECT(fstatat(root, "var/lib/node/oakum.prom", &first, 0) == 0);
	EXPECT((first.st_mode & 07777) == 0644);
	tell_all(root, &p, FAKE_NOW, NULL);
	EXPECT(fstatat(root, "var/lib/node/oakum.prom", &then, 0) == 0 &&
	       first.st_ino == then.st_ino);
	p.containers++;
	tell_all(root, &p, FAKE_NOW, NULL);
	EXPECT(fstatat(root, "var/lib/node/oakum.prom", &then, 0) == 0 &&
	       first.st_ino != then.st_ino);
	(void)close(root);
}

static void keep(void *ctx, const char *text)
{
	(void)snprintf(ctx, 200, "%s", text);
}

TEST(what_cannot_be_written_is_a_note)
{
	_cleanup_(picture_clear) struct picture p = { 0 };
	char said[200] = "";
	const struct progress notes = { keep, said };
	int root = tree_new();

	fake_picture(&p);
	tree_put(root, "run", "no directory");
	tell_all(root, &p, FAKE_NOW, &notes);
	EXPECT_CONTAINS(said, "cannot tell others: ");
	(void)close(root);
}

TEST(events_reach_the_journal)
{
	const struct tell_event e = { MESSAGE_LEVEL_APPLIED, 3, "0001", "one\nPRIORITY=0" };
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char got[1000], said[200] = "", want[1000];
	const struct progress fallback = { keep, said };
	const uint64_t len = htole64(14);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), n;
	ssize_t r;

	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s/s", test_dir());
	tell_event(at.sun_path, &e, &fallback);
	EXPECT_STR(said, "one\nPRIORITY=0");
	said[0] = '\0';
	EXPECT(fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0);
	tell_event(at.sun_path, &e, &fallback);
	r = recv(fd, got, sizeof(got), MSG_DONTWAIT);
	(void)close(fd);
	EXPECT_STR(said, "");
	(void)memcpy(want, "MESSAGE\n", 8);
	(void)memcpy(want + 8, &len, 8);
	n = snprintf(want + 16, sizeof(want) - 16,
		     "one\nPRIORITY=0\nMESSAGE_ID=%s\nPRIORITY=5\nSYSLOG_IDENTIFIER=oakum\n"
		     "OAKUM_EVENT=level-applied\nOAKUM_LEVEL=3\nOAKUM_BUILD_ID=0001\n",
		     message_ids[MESSAGE_LEVEL_APPLIED].id);
	EXPECT(r == 16 + n && memcmp(got, want, (size_t)r) == 0);
}

TEST(message_ids_are_distinct)
{
	for (size_t i = 0; i < MESSAGES; i++) {
		EXPECT(strlen(message_ids[i].id) == 32);
		EXPECT(strspn(message_ids[i].id, "0123456789abcdef") == 32);
		for (size_t k = 0; k < i; k++)
			EXPECT(strcmp(message_ids[i].id, message_ids[k].id) != 0);
	}
}
