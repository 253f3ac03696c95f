/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <fcntl.h>

#include "base/json.h"
#include "fleet/ops/log.h"
#include "fleet/ops/metrics.h"

static const char *line_of(struct buf *b, const char *value)
{
	const struct log_field fields[] = { log_text("name", value), log_number("ms", 12) };

	buf_free(b);
	EXPECT(log_line(LOG_LEVEL_NOTICE, "host.enrolled", fields, 2, b) == 0);
	return buf_str(b);
}

TEST(log_says_what_comes_from_outside_as_data)
{
	static const struct {
		const char *value, *want;
	} cases[] = {
		{ "web-17", "web-17" },
		{ "", "\"\"" },
		{ "web 17", "\"web 17\"" },
		{ "a=b", "\"a=b\"" },
		{ "x\nlevel=error event=forged", "\"x\\nlevel=error event=forged\"" },
		{ "x\rlevel=error", "\"x\\x0dlevel=error\"" },
		{ "\033[2Jx", "\"\\x1b[2Jx\"" },
		{ "\" ms=0 x=\"", "\"\\\" ms=0 x=\\\"\"" },
		{ "back\\slash", "\"back\\\\slash\"" },
		{ "\xc2\x9b"
		  "31m",
		  "\"\\xc2\\x9b31m\"" },
		{ "\xe2\x80\xae"
		  "gpj",
		  "\"\\xe2\\x80\\xaegpj\"" },
		{ "\x7f", "\"\\x7f\"" },
		{ "<script>", "\"<script>\"" },
		{ NULL, "\"\"" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(buf_free) struct buf line = { 0 }, want = { 0 };

		test_case = cases[i].want;
		EXPECT(buf_printf(&want, "level=notice event=host.enrolled name=%s ms=12",
				  cases[i].want) == 0);
		EXPECT_STR(line_of(&line, cases[i].value), buf_str(&want));
	}
	test_case = NULL;
}

TEST(log_cuts_long_values)
{
	_cleanup_(buf_free) struct buf line = { 0 };
	char value[5000];

	memset(value, 'a', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	EXPECT(strlen(line_of(&line, value)) < LOG_VALUE_MAX + 64);
	memset(value, '\n', sizeof(value) - 1);
	EXPECT(strlen(line_of(&line, value)) < 2 * LOG_VALUE_MAX + 64);
	EXPECT(!strchr(buf_str(&line), '\n'));
}

TEST(log_is_one_line_for_the_journal_and_for_people)
{
	char path[256], a[256], b[256], c[256];
	_cleanup_(closep) int fd = -1;
	_cleanup_(fclosep) FILE *f = NULL;
	struct server_log log = { .most = LOG_LEVEL_NOTICE, .journal = true };

	(void)snprintf(path, sizeof(path), "%s/log", test_dir());
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	EXPECT(fd >= 0);
	log.fd = fd;
	server_log(&log, LOG_LEVEL_WARNING, "host.cloned", log_text("host", "ab"));
	server_log(&log, LOG_LEVEL_INFO, "request", log_text("path", "/"));
	server_log(NULL, LOG_LEVEL_ERROR, "nobody", log_text("hears", "it"));
	log.journal = false;
	server_log(&log, LOG_LEVEL_ERROR, "report.failed", log_number("n", -1));
	f = fopen(path, "re");
	EXPECT(f && fgets(a, sizeof(a), f) && fgets(b, sizeof(b), f) && !fgets(c, sizeof(c), f));
	EXPECT_STR(a, "<4>level=warning event=host.cloned host=ab\n");
	EXPECT(strncmp(b, "time=20", 7) == 0);
	EXPECT_CONTAINS(b, "Z level=error event=report.failed n=-1\n");
}

static struct metrics *counted(void)
{
	struct metrics *m = metrics_new();

	EXPECT(m);
	metrics_checkin(m, CHECKIN_TAKEN);
	metrics_checkin(m, CHECKIN_TAKEN);
	metrics_checkin(m, CHECKIN_SIGNATURE);
	metrics_checkin_time(m, 1000000);
	metrics_checkin_time(m, 1000001);
	metrics_checkin_time(m, 20000000000);
	metrics_enrolment(m, ENROLLING_NEW);
	metrics_request(m, 200);
	metrics_request(m, 304);
	metrics_request(m, 999);
	metrics_queue(m, QUEUE_BATCH, 7);
	metrics_connections(m, 3);
	metrics_turn(m, 990, 940);
	metrics_certificate(m, 5000);
	return m;
}

static void expect_lines(const char *text, const char *const *lines)
{
	for (; *lines; lines++) {
		test_case = *lines;
		EXPECT_CONTAINS(text, *lines);
	}
	test_case = NULL;
}

TEST(metrics_in_the_format_of_prometheus)
{
	static const char *const lines[] = {
		("# TYPE oakum_server_info gauge\noakum_server_info{version=\"" OAK_VERSION
		 "\"} 1\n"),
		"# HELP oakum_checkins_total Reports of hosts.\n# TYPE oakum_checkins_total counter\n",
		"\noakum_checkins_total{result=\"taken\"} 2\n",
		"\noakum_checkins_total{result=\"signature\"} 1\n",
		"\noakum_checkins_total{result=\"failed\"} 0\n",
		"\noakum_checkin_duration_seconds_bucket{le=\"0.001\"} 1\n",
		"\noakum_checkin_duration_seconds_bucket{le=\"0.0025\"} 2\n",
		"\noakum_checkin_duration_seconds_bucket{le=\"10\"} 2\n",
		"\noakum_checkin_duration_seconds_bucket{le=\"+Inf\"} 3\n",
		"\noakum_checkin_duration_seconds_sum 20.002000001\n",
		"\noakum_checkin_duration_seconds_count 3\n",
		"\noakum_enrolments_total{result=\"new\"} 1\n",
		"\noakum_http_requests_total{code=\"2xx\"} 1\n",
		"\noakum_http_requests_total{code=\"3xx\"} 1\n",
		"\noakum_http_requests_total{code=\"other\"} 1\n",
		"\noakum_db_queue_length{queue=\"report\"} 7\n",
		"\noakum_http_connections 3\n",
		"\noakum_decision_age_seconds 60\n",
		"\noakum_director_age_seconds 10\n",
		"\noakum_hosts_silent 4\n",
		"\noakum_hosts{state=\"settled\"} 5\n",
		"\noakum_hosts_by_level{level=\"3\"} 5\n",
		"\noakum_hosts_by_ring{ring=\"a\\\"b\\\\c\\nd\"} 1\n",
		"\noakum_rollout_hosts{rollout=\"00ff\",state=\"failed\"} 2\n",
		NULL,
	};
	_cleanup_(metrics_freep) struct metrics *m = counted();
	_cleanup_(json_decrefp)
		json_t *hosts = json_pack("{s:{s:{s:i}, s:{s:i}, s:{s:i}}}", "by", "state",
					  "settled", 5, "level", "3", 5, "ring", "a\"b\\c\nd", 1);
	_cleanup_(json_decrefp) json_t *rollouts =
		json_pack("[{s:s, s:{s:i}}]", "id", "00ff", "outcomes", "failed", 2);
	_cleanup_(json_decrefp) json_t *phases = json_pack("{s:i}", "halted", 1);
	const struct metrics_fleet f = {
		.hosts = hosts, .rollouts = rollouts, .phases = phases, .silent = 4, .now_s = 1000
	};
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(metrics_text(m, &f, false, &text, &err) == 0);
	expect_lines(buf_str(&text), lines);
	EXPECT(!strstr(buf_str(&text), "# EOF") && !strstr(buf_str(&text), "# UNIT"));
}

TEST(metrics_in_the_format_of_openmetrics)
{
	static const char *const lines[] = {
		"# TYPE oakum_server info\noakum_server_info{version=",
		"# TYPE oakum_checkins counter\noakum_checkins_total{result=\"taken\"} 2\n",
		"# TYPE oakum_checkin_duration_seconds histogram\n"
		"# UNIT oakum_checkin_duration_seconds seconds\n",
		NULL,
	};
	_cleanup_(metrics_freep) struct metrics *m = counted();
	const struct metrics_fleet f = { .silent = -1, .now_s = 1000 };
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(metrics_text(m, &f, true, &text, &err) == 0);
	expect_lines(buf_str(&text), lines);
	EXPECT_STR(buf_str(&text) + text.len - 7, "\n# EOF\n");
	EXPECT(!strstr(buf_str(&text), "\noakum_hosts_silent"));
}

/* What hosts may say has no end; the text has. */
TEST(metrics_have_a_bounded_number_of_series)
{
	_cleanup_(metrics_freep) struct metrics *m = metrics_new();
	_cleanup_(json_decrefp) json_t *levels = json_object(), *hosts = NULL;
	struct metrics_fleet f = { .silent = -1 };
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err = { .code = OAK_OK };
	char name[16];

	EXPECT(m);
	for (int i = 0; i < 500; i++) {
		(void)snprintf(name, sizeof(name), "%d", i);
		EXPECT(json_object_set_new(levels, name, json_integer(2)) == 0);
	}
	hosts = json_pack("{s:{s:O}}", "by", "level", levels);
	f.hosts = hosts;
	EXPECT(metrics_text(m, &f, false, &text, &err) == 0);
	EXPECT_CONTAINS(buf_str(&text), "\noakum_hosts_by_level{level=\"other\"} 800\n");
	EXPECT_CONTAINS(buf_str(&text), "\noakum_hosts_by_level{level=\"99\"} 2\n");
	EXPECT(!strstr(buf_str(&text), "level=\"100\""));
}

TEST(metrics_of_nobody_are_not_counted)
{
	metrics_checkin(NULL, CHECKIN_TAKEN);
	metrics_checkin_time(NULL, 1);
	metrics_enrolment(NULL, ENROLLING_NEW);
	metrics_request(NULL, 200);
	metrics_queue(NULL, QUEUE_WORK, 1);
	metrics_connections(NULL, 1);
	metrics_turn(NULL, 1, 1);
	EXPECT(metrics_last_turn_s(NULL) == 0);
}
