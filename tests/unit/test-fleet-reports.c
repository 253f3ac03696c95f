/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports of an enrolled host, and how it enrols. */
#include "fake-ops.h"
#include "fleet-scene.h"

#include <time.h>

#include "agent/errand.h"
#include "agent/fleet/enrol.h"
#include "agent/fleet/post.h"
#include "host/journal.h"

TEST(fleet_agent_sends_the_same_bytes_again)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };
	struct fleet_memory m;

	scene_new(&s);
	scene_decide(&s, &(struct decided){ .version = 1 });
	s.server.grant = 1;
	s.server.for_s = 600;
	s.server.mood = FLEET_SERVER_LOSES;
	s.server.mood_times = 1;
	scene_check(&s);
	EXPECT(s.answer.action == MESSAGE_NOTHING && file_exists(s.root, FLEET_PENDING));
	scene_remember(&s, &m);
	EXPECT(m.sequence == 0 && m.again_s > (int64_t)time(NULL) && m.wait_s > 0);
	/* Before its time nothing is sent, whoever asks. */
	scene_check(&s);
	EXPECT(s.server.n_reports == 1);
	scene_wait_over(&s);
	scene_tell(&s);
	scene_check(&s);
	EXPECT(s.answer.action == MESSAGE_APPLY && s.server.n_reports == 2);
	EXPECT_STR(scene_report(&s, 1), scene_report(&s, 0));
	EXPECT_STR(s.server.seals[1], s.server.seals[0]);
	scene_remember(&s, &m);
	EXPECT(m.sequence == 1 && !file_exists(s.root, FLEET_PENDING));
}

/* The grant in the answer to a report of before a reboot cannot be timed. */
TEST(fleet_agent_uses_no_grant_of_another_boot)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };

	scene_new(&s);
	scene_decide(&s, &(struct decided){ .version = 1 });
	s.server.grant = 1;
	s.server.for_s = 600;
	s.server.mood = FLEET_SERVER_LOSES;
	s.server.mood_times = 1;
	scene_check(&s);
	tree_put(s.root, "proc/sys/kernel/random/boot_id", "c8a7a2a4-0000-4000-8000-1234567890ab\n");
	scene_wait_over(&s);
	scene_tell(&s);
	scene_check(&s);
	EXPECT(s.answer.action == MESSAGE_APPLY && s.server.n_reports == 3);
	EXPECT_STR(scene_report(&s, 1), scene_report(&s, 0));
	EXPECT_CONTAINS(scene_report(&s, 2), "\"sequence\":2");
	EXPECT_CONTAINS(scene_report(&s, 2), "\"asks\"");
}

TEST(fleet_agent_bears_refusals)
{
	static const struct {
		enum fleet_server_mood mood;
		const char *want, *error, *code;
	} cases[] = {
		{ FLEET_SERVER_BUSY, "HTTP 503", "HTTP 503", "" },
		{ FLEET_SERVER_REVOKED, "has revoked this host",
		  "the fleet's server has revoked this host", "host-revoked" },
		{ FLEET_SERVER_FOREIGN, "not signed with a key that this host knows",
		  "the answer is not signed with a key that this host knows", "" },
		{ FLEET_SERVER_OTHER, "to another report", "the answer is to another report", "" },
		{ FLEET_SERVER_GARBAGE, "answer: line 1", "answer: line 1", "" },
		{ FLEET_SERVER_LARGE, "more than 65536 bytes", "more than 65536 bytes", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(scene_free) struct scene s = { .root = -1 };
		struct fleet_memory m;

		test_case = cases[i].want;
		scene_new(&s);
		scene_decide(&s, &(struct decided){ .version = 1 });
		scene_check(&s);
		scene_wait_over(&s);
		s.server.grant = 1;
		s.server.for_s = 600;
		s.server.mood = cases[i].mood;
		scene_expect_held(&s, "held back by the fleet: ");
		scene_remember(&s, &m);
		EXPECT_CONTAINS(m.error, cases[i].error);
		EXPECT_STR(m.code, cases[i].code);
		EXPECT(m.again_s > (int64_t)time(NULL) && m.n_watches == 0);
		if (cases[i].mood == FLEET_SERVER_BUSY)
			EXPECT(m.again_s >= (int64_t)time(NULL) + 76);
	}
	test_case = NULL;
}

/* A restored backup, or a clone: it goes on from what the server knows, and says so. */
TEST(fleet_agent_goes_on_after_a_conflict)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };
	struct fleet_memory m;

	scene_new(&s);
	scene_decide(&s, &(struct decided){ .version = 1 });
	s.server.grant = 1;
	s.server.for_s = 600;
	s.server.mood = FLEET_SERVER_CONFLICT;
	s.server.mood_times = 1;
	s.server.expected = 41;
	scene_check(&s);
	EXPECT(s.answer.action == MESSAGE_APPLY);
	EXPECT_CONTAINS(scene_report(&s, 0), "\"sequence\":1,");
	EXPECT_CONTAINS(scene_report(&s, 1), "\"sequence\":42,");
	scene_remember(&s, &m);
	EXPECT(m.sequence == 42);
	EXPECT_STR(m.code, "sequence");
	EXPECT_CONTAINS(m.error, "another machine reports with this host's key");
}

TEST(fleet_agent_is_not_patient_for_ever)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };
	struct fleet_memory m;
	struct oak_error err;

	scene_new(&s);
	scene_decide(&s,
		     &(struct decided){ .version = 1, .expires_s = 1, .rollout = "{\"open\":[]}" });
	fleet_server_stop(&s.server);
	scene_expect_held(&s, "held back by the fleet: it has decided nothing yet");
	scene_remember(&s, &m);
	m.heard_s = (int64_t)time(NULL) - INT64_C(15) * 86400;
	EXPECT(fleet_memory_write(s.root, &m, &err) == 0);
	scene_use_settings(&s, "fleet-patience = 0\n");
	scene_expect_held(&s, "held back by the fleet");
	scene_use_settings(&s, "fleet-patience = 30d\n");
	scene_expect_held(&s, "held back by the fleet");
	scene_use_settings(&s, "");
	scene_check(&s);
	EXPECT(s.answer.action == MESSAGE_APPLY && s.answer.until_ms == 0);
	scene_remember(&s, &m);
	EXPECT(m.alone);
}

/* A decision that has expired opens nothing any more. */
TEST(fleet_agent_believes_no_decision_that_expired)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };
	const struct timespec two = { .tv_sec = 2 };

	scene_new(&s);
	s.server.grant = 1;
	s.server.for_s = 600;
	scene_decide(&s,
		     &(struct decided){ .version = 1, .expires_s = 2, .rollout = "{\"open\":[]}" });
	scene_expect_held(&s, "its stage has not come");
	(void)nanosleep(&two, NULL);
	scene_expect_held(&s, "held back by the fleet: its last decision expired");
}

static void note(const struct scene *s, enum journal_step step, const char *why)
{
	const struct journal j = { .root = s->root,
				   .boot_id = BOOT,
				   .build_id = FIXTURE_BUILD_ID,
				   .by = JOURNAL_BY_AGENT };
	struct oak_error err;

	EXPECT(journal_write(&j, 1, step, why, &err) == 0);
	scene_tell((struct scene *)(uintptr_t)s);
}

/* What becomes of a level that was granted, from the journal to the reports. */
TEST(fleet_agent_reports_what_becomes_of_a_level)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };
	struct fleet_memory m;

	scene_new(&s);
	scene_decide(&s, &(struct decided){ .version = 1 });
	s.server.grant = 1;
	s.server.for_s = 600;
	scene_check(&s);
	tree_put_livepatch(s.root, "oakum_1", "syscall_trace_enter.constprop.0,1", "1\n", "0\n");
	note(&s, JOURNAL_APPLIED, NULL);
	s.ask.report = 1;
	scene_check(&s);
	EXPECT_CONTAINS(scene_report(&s, 1), "\"result\":\"applied\"");
	EXPECT_CONTAINS(scene_report(&s, 1), "\"level\":{\"number\":1,\"state\":\"soaking\"");
	/* Nothing new: nothing is sent. */
	scene_check(&s);
	EXPECT(s.server.n_reports == 2);
	note(&s, JOURNAL_SETTLED, NULL);
	scene_check(&s);
	EXPECT_CONTAINS(scene_report(&s, 2), "\"result\":\"settled\"");
	scene_remember(&s, &m);
	EXPECT(m.n_watches == 0);
	scene_check(&s);
	EXPECT(s.server.n_reports == 3);
}

TEST(fleet_agent_reports_harm)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };

	scene_new(&s);
	scene_decide(&s, &(struct decided){ .version = 1 });
	s.server.grant = 1;
	s.server.for_s = 600;
	scene_check(&s);
	note(&s, JOURNAL_APPLIED, NULL);
	note(&s, JOURNAL_QUARANTINED, "health: /h failed 2 times in a row");
	s.ask.report = 1;
	scene_check(&s);
	EXPECT_CONTAINS(scene_report(&s, 1),
			"\"result\":\"failed\",\"why\":\"health: /h failed 2 times in a row\"");
	EXPECT_CONTAINS(scene_report(&s, 1), "\"quarantined\":[1]");
}

TEST(fleet_agent_gives_a_level_back)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };

	scene_new(&s);
	tree_put_livepatch(s.root, "oakum_1", "syscall_trace_enter.constprop.0,1", "1\n", "0\n");
	note(&s, JOURNAL_SETTLED, NULL);
	scene_decide(&s,
		     &(struct decided){ .version = 1,
					.rollout = "{\"state\":\"halted\",\"take_back\":true}" });
	scene_check(&s);
	EXPECT(s.answer.action == MESSAGE_TAKE_BACK && s.answer.level == 1);
	EXPECT_STR(s.answer.text, "the fleet takes level 1 back: rollout all: taken back");
	scene_use_settings(&s, "fleet-take-back = no\n");
	scene_check(&s);
	EXPECT(s.answer.action == MESSAGE_NOTHING);
}

TEST(fleet_agent_says_what_the_settings_allow)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };

	scene_new(&s);
	scene_decide(&s, &(struct decided){ .version = 1, .rollout = "{\"open\":[]}" });
	scene_use_settings(&s, "report-name = no\nreport-containers = no\nreport-stalls = no\n");
	scene_tell(&s);
	scene_check(&s);
	EXPECT(!strstr(scene_report(&s, 0), "web-17") &&
	       !strstr(scene_report(&s, 0), "\"containers\"") &&
	       !strstr(scene_report(&s, 0), "\"stalls\""));
	EXPECT_CONTAINS(scene_report(&s, 0), "\"verdict\":{\"state\":");
}

/* Without facts, or with some that no server takes, nothing is sent, and not tried each second. */
TEST(fleet_agent_does_not_hurry_without_facts)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };
	struct fleet_memory m;

	scene_new(&s);
	scene_decide(&s, &(struct decided){ .version = 1, .rollout = "{\"open\":[]}" });
	closep(&s.worker.facts);
	s.worker.facts = -1;
	scene_check(&s);
	EXPECT(s.server.n_reports == 0 &&
	       (!s.answer.again_s || s.answer.again_s > (int64_t)time(NULL) + 60));
	tree_put(s.root, "run/oakum/report.json", "{\"agent\":7}");
	s.worker.facts = openat(s.root, "run/oakum/report.json", O_RDONLY | O_CLOEXEC);
	scene_check(&s);
	EXPECT(s.server.n_reports == 0 && s.answer.again_s > (int64_t)time(NULL) + 60);
	scene_remember(&s, &m);
	EXPECT_STR(m.error, "report: agent: missing, or not a string");
	closep(&s.worker.facts);
	s.worker.facts = -1;
}

TEST(fleet_agent_without_a_fleet)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };
	struct oak_error err;

	scene_new(&s);
	EXPECT(enrol_forget(s.root, &err) == 0);
	EXPECT(!file_exists(s.root, FLEET_DIR));
	scene_check(&s);
	EXPECT(s.answer.action == MESSAGE_APPLY && s.answer.until_ms == 0);
	EXPECT(s.server.n_reports == 0 && s.server.n_decisions == 0);
	EXPECT(enrol_forget(s.root, &err) == -OAK_E_NOTHING);
}

TEST(fleet_agent_does_nothing_where_its_home_is_broken)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };

	scene_new(&s);
	tree_put(s.root, FLEET_ENROLLED, "{\"schema\":1}");
	scene_check(&s);
	EXPECT(s.answer.action == MESSAGE_NOTHING && s.answer.code == OAK_E_FORMAT);
	EXPECT_CONTAINS(s.answer.text, "/" FLEET_ENROLLED ": server: missing");
}

TEST(enrol_host_is_refused)
{
	static const struct {
		const char *problem, *want;
		int code;
	} cases[] = {
		{ "token-unknown", "it does not know this token", -OAK_E_REFUSED },
		{ "token-expired", "the token has expired", -OAK_E_REFUSED },
		{ "token-spent", "the token was used as often as it may be", -OAK_E_REFUSED },
		{ "token-revoked", "the token was revoked", -OAK_E_REFUSED },
		{ "key-revoked", "it has revoked this host's key", -OAK_E_REFUSED },
		{ "signature", "it does not accept this host's signature", -OAK_E_REFUSED },
		{ "malformed", "it does not understand the request", -OAK_E_REFUSED },
		{ "rate-limited", "too many ask at once", -OAK_E_AGAIN },
		{ "new-word", "HTTP 403", -OAK_E_REFUSED },
	};
	_cleanup_(scene_free) struct scene s = { .root = -1 };
	struct fleet_home h = { .server = "" };
	struct oak_error err;
	_cleanup_(buf_free) struct buf first = { 0 }, second = { 0 };

	scene_new(&s);
	EXPECT(enrol_forget(s.root, &err) == 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct enrol_options o = { .root = s.root,
						 .root_path = s.root_path,
						 .server = s.server.url,
						 .token = "oakum-enrol-1",
						 .proxy = "" };

		test_case = cases[i].problem;
		s.server.problem = cases[i].problem;
		EXPECT(enrol_host(&o, &h, &err) == cases[i].code);
		EXPECT_CONTAINS(err.msg, cases[i].want);
		EXPECT(!fleet_is_enrolled(s.root));
	}
	test_case = NULL;
	/* The key stays, so that an answer that was lost does no harm. */
	EXPECT(file_read(s.root, FLEET_KEY, 4096, &first, &err) == 0);
	s.server.problem = NULL;
	scene_enrol(&s);
	EXPECT(file_read(s.root, FLEET_KEY, 4096, &second, &err) == 0);
	EXPECT_STR(buf_str(&first), buf_str(&second));
}

TEST(enrol_host_believes_no_other_key)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };
	struct enrol_options o = { .proxy = "", .token = "oakum-enrol-1" };
	struct fleet_home h = { .server = "" };
	struct oak_error err;

	scene_new(&s);
	o.root = s.root;
	o.root_path = s.root_path;
	o.server = s.server.url;
	EXPECT(enrol_host(&o, &h, &err) == -OAK_E_REFUSED);
	EXPECT_CONTAINS(err.msg, "already, as ");
	EXPECT(enrol_forget(s.root, &err) == 0);
	s.server.mood = FLEET_SERVER_FOREIGN;
	EXPECT(enrol_host(&o, &h, &err) == -OAK_E_TRUST);
	EXPECT_CONTAINS(err.msg, "the answer is not signed with its own key");
	EXPECT(!fleet_is_enrolled(s.root));
	o.server = "http://fleet.example.org";
	EXPECT(enrol_host(&o, &h, &err) == -OAK_E_USAGE);
	EXPECT_CONTAINS(err.msg, "must begin with https://");
}
