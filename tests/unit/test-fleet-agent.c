/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The worker of an enrolled host, with a real repository and a fleet's server that may misbehave. */
#include "fake-ops.h"

#include <time.h>

#include "agent/errand.h"
#include "agent/fleet/client.h"
#include "agent/fleet/compose.h"
#include "agent/fleet/enrol.h"
#include "agent/fleet/facts.h"
#include "agent/news.h"
#include "agent/worker.h"
#include "base/hash.h"
#include "base/json.h"
#include "fleet-server.h"
#include "host/journal.h"
#include "trust-fixture.h"
#include "trust/fleet/seal.h"

#define ROLLOUT "0123456789abcdef"
#define BOOT    "b8a7a2a4-0000-4000-8000-1234567890ab"

struct scene {
	struct fixture f;
	struct fleet_server server;
	int root;
	char root_path[300];
	struct settings settings;
	struct worker worker;
	struct message_ask ask;
	struct message_answer answer;
	int fds[MESSAGE_FDS];
	char *decisions[16]; /* served one after the other */
	size_t n_decisions;
	char etag[32];
};

static int new_host(const struct fixture *f)
{
	_cleanup_(buf_free) struct buf root_json = { 0 };
	uint8_t notes[64] = "\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU";
	struct oak_error err;
	int root = tree_new_host();

	EXPECT(hex_decode(FIXTURE_BUILD_ID, notes + 16, 20) == 20);
	tree_put_bytes(root, "sys/kernel/notes", notes, 36);
	fixture_read(f->repo, "1.root.json", &root_json);
	tree_put_bytes(root, "etc/oakum/root.json", root_json.data, root_json.len);
	tree_put(root, "etc/os-release", "NAME=x\nID=debian\nVERSION_ID=\"12\"\n");
	tree_put(root, "etc/machine-id", "0123456789abcdef0123456789abcdef\n");
	tree_put(root, "proc/sys/kernel/hostname", "web-17\n");
	EXPECT(dir_make(root, NEWS_DIR, &err) == 0 && dir_make(root, "run/oakum", &err) == 0);
	return root;
}

/* What the daemon's root side does before it asks. */
static void tell(struct scene *s)
{
	_cleanup_(picture_clear) struct picture p = { 0 };
	struct oak_error err = { .code = OAK_OK };

	if (picture_take(s->root, s->root_path, &p, &err) < 0 ||
	    fleet_facts_write(s->root, &p, (int64_t)time(NULL), &err) < 0)
		test_fail(err.msg, __FILE__, __LINE__);
	closep(&s->worker.facts);
	s->worker.facts = openat(s->root, FACTS_PATH, O_RDONLY | O_CLOEXEC);
	EXPECT(s->worker.facts > 0);
}

static void use_settings(struct scene *s, const char *more)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err;

	settings_free(&s->settings);
	EXPECT(settings_init(&s->settings, &err) == 0);
	EXPECT(buf_printf(&text, "repository = file://%s\nchannel = edge\nproxy = none\n%s",
			  s->f.repo, more) == 0);
	EXPECT(settings_parse("f", text.data, text.len, &s->settings, &err) == 0);
	tree_put_bytes(s->root, "etc/oakum/oakum.conf", text.data, text.len);
}

static void enrol(struct scene *s)
{
	const struct enrol_options o = { .root = s->root,
					 .root_path = s->root_path,
					 .server = s->server.url,
					 .token = "oakum-enrol-1",
					 .proxy = "" };
	struct fleet_home h = { .server = "" };
	struct oak_error err = { .code = OAK_OK };

	if (enrol_host(&o, &h, &err) < 0)
		test_fail(err.msg, __FILE__, __LINE__);
	fleet_home_clear(&h);
}

static void scene_new(struct scene *s)
{
	*s = (struct scene){ .fds = { -1, -1, -1 }, .worker = { .facts = -1 } };
	fixture_new_at(&s->f, (int64_t)time(NULL));
	fleet_server_start(&s->server);
	s->root = new_host(&s->f);
	(void)snprintf(s->root_path, sizeof(s->root_path), "%s/root", test_dir());
	use_settings(s, "");
	fixture_publish_level(&s->f, 1, "edge");
	s->worker = (struct worker){ .sock = -1,
				     .root = s->root,
				     .root_path = s->root_path,
				     .settings = &s->settings,
				     .facts = -1 };
	message_ask_init(&s->ask, &(const struct journal_view){ 0 });
	enrol(s);
	tell(s);
}

static void scene_free(struct scene *s)
{
	for (size_t i = 0; i < MESSAGE_FDS; i++)
		closep(&s->fds[i]);
	closep(&s->worker.facts);
	fleet_server_free(&s->server);
	settings_free(&s->settings);
	fixture_free(&s->f);
	for (size_t i = 0; i < s->n_decisions; i++)
		free(s->decisions[i]);
	closep(&s->root);
}

/* One decision; members of @rollout are replaced by those of its text, of the whole by @body. */
struct decided {
	unsigned version;
	const char *ring;           /* NULL: "default" */
	int64_t expires_s;          /* from now; 0: an hour */
	const char *body, *rollout; /* JSON objects, or NULL */
	const struct tuf_key *key;  /* NULL: the server's */
	const struct tuf_key *next; /* the only one in "keys"; NULL: the server's */
};

static void decide(struct scene *s, const struct decided *d)
{
	int64_t now = (int64_t)time(NULL), expires = now + (d->expires_s ? d->expires_s : 3600);
	char hex[SEAL_KEY_HEX_MAX];
	struct oak_error err = { .code = OAK_OK };
	json_t *body, *rollout, *more;

	EXPECT(seal_key_hex(d->next ? d->next : s->server.key, hex, &err) == 0);
	rollout = json_pack("{s:s, s:s, s:s, s:s, s:{}, s:{s:i}, s:[{s:s, s:s}], s:b}", "id",
			    ROLLOUT, "name", "all", "state", "running", "why", "", "where",
			    "levels", FIXTURE_BUILD_ID, 1, "open", "tag", "", "below",
			    "ffffffffffffffff", "take_back", 0);
	more = d->rollout ? json_loads(d->rollout, 0, NULL) : json_object();
	EXPECT(rollout && more && json_object_update(rollout, more) == 0);
	json_decref(more);
	body = json_pack("{s:s, s:i, s:s, s:i, s:I, s:I, s:[s], s:i, s:i, s:n, s:s, s:[o]}",
			 "_type", "decision", "schema", 1, "ring", d->ring ? d->ring : "default",
			 "version", (int)d->version, "issued", (json_int_t)now - 7200, "expires",
			 (json_int_t)expires, "keys", hex, "poll_s", 3600, "report_s", 14400,
			 "stop", "unmanaged", "hold", "rollouts", rollout);
	more = d->body ? json_loads(d->body, 0, NULL) : json_object();
	EXPECT(body && more && json_object_update(body, more) == 0);
	json_decref(more);
	EXPECT(s->n_decisions < 16);
	if (decision_sign(body, d->key ? d->key : s->server.key, &s->decisions[s->n_decisions],
			  &err) < 0)
		test_fail(err.msg, __FILE__, __LINE__);
	json_decref(body);
	s->server.decision = s->decisions[s->n_decisions++];
	(void)snprintf(s->etag, sizeof(s->etag), "\"%zu\"", s->n_decisions);
	s->server.etag = s->etag;
}

static void check(struct scene *s)
{
	struct message_answer got;
	struct oak_error err = { .code = OAK_OK };

	for (size_t i = 0; i < MESSAGE_FDS; i++) {
		closep(&s->fds[i]);
		s->fds[i] = -1;
	}
	worker_answer(&s->worker, &s->ask, &s->answer, s->fds);
	if (message_check_answer(&s->answer, sizeof(s->answer), &got, &err) < 0)
		test_fail(s->answer.text, __FILE__, __LINE__);
}

static void expect_held(struct scene *s, const char *why)
{
	check(s);
	EXPECT_CONTAINS(s->answer.text, why);
	EXPECT(s->answer.action == MESSAGE_NOTHING && s->fds[0] == -1);
}

static void remember(const struct scene *s, struct fleet_memory *m)
{
	fleet_memory_read(s->root, m);
}

/* As if the pause after a failure were over. */
static void wait_over(const struct scene *s)
{
	struct fleet_memory m;
	struct oak_error err;

	remember(s, &m);
	m.again_s = 0;
	EXPECT(fleet_memory_write(s->root, &m, &err) == 0);
}

static const char *report(const struct scene *s, unsigned i)
{
	EXPECT(i < s->server.n_reports);
	return s->server.reports[i];
}

TEST(fleet_agent_applies_what_is_granted)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };
	struct fleet_memory m;
	uint64_t before;

	scene_new(&s);
	decide(&s, &(struct decided){ .version = 1 });
	s.server.grant = 1;
	s.server.for_s = 600;
	before = fleet_boottime_ms();
	check(&s);
	EXPECT_STR(s.answer.text, "");
	EXPECT(s.answer.action == MESSAGE_APPLY && s.answer.level == 1);
	EXPECT(s.answer.until_ms >= before + 600000 &&
	       s.answer.until_ms <= fleet_boottime_ms() + 600000);
	EXPECT(s.server.n_reports == 1);
	EXPECT_CONTAINS(report(&s, 0), "\"asks\":[{\"rollout\":\"" ROLLOUT "\",\"level\":1}]");
	EXPECT_CONTAINS(report(&s, 0), "\"os\":{\"id\":\"debian\",\"version\":\"12\"}");
	EXPECT_CONTAINS(report(&s, 0), "\"name\":\"web-17\"");
	EXPECT(!strstr(report(&s, 0), "local"));
	EXPECT(!file_exists(s.root, FLEET_PENDING));
	remember(&s, &m);
	EXPECT(m.sequence == 1 && m.version == 1 && m.n_watches == 1 && !m.error[0]);
	EXPECT(m.held_level == 0);
}

/* A grant that came too late is none: root's side looks at its clock again, before the kernel. */
TEST(fleet_agent_grant_ends)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };
	struct fake_ops kernel;
	struct module_ops ops = fake_ops(&kernel);
	struct errand e = { .kind = ERRAND_APPLY, .by = JOURNAL_BY_AGENT, .ops = &ops };
	struct oak_error err = { .code = OAK_OK };

	scene_new(&s);
	decide(&s, &(struct decided){ .version = 1 });
	s.server.grant = 1;
	s.server.for_s = 0;
	expect_held(&s, "held back by the fleet: rollout " ROLLOUT ": it was not granted");
	s.server.for_s = 600;
	s.ask.by_hand = 1;
	check(&s);
	EXPECT(s.answer.action == MESSAGE_APPLY);
	kernel = (struct fake_ops){ .root = s.root, .level = 1 };
	e.root = s.root;
	e.settings = &s.settings;
	e.answer = &s.answer;
	e.fds = s.fds;
	s.answer.until_ms = fleet_boottime_ms();
	EXPECT(errand_run(&e, &err) == -OAK_E_AGAIN);
	EXPECT_STR(err.msg,
		   "level 1 is not applied: what the fleet's server granted is over; it is "
		   "asked again");
	EXPECT(kernel.loads == 0);
	s.answer.until_ms = fleet_boottime_ms() + 60000;
	EXPECT(errand_run(&e, &err) == 0 && kernel.loads == 1);
}

TEST(fleet_agent_waits_where_it_is_refused)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };
	struct fleet_memory m;

	scene_new(&s);
	decide(&s, &(struct decided){ .version = 1 });
	expect_held(&s, "level 1 is not taken: held back by the fleet: rollout " ROLLOUT
			": 8 hosts are in flight");
	EXPECT(s.answer.again_s <= (int64_t)time(NULL) + 300);
	remember(&s, &m);
	EXPECT(m.held_level == 1 && m.held_s > 0 && m.n_watches == 0);
}

TEST(fleet_agent_obeys_decisions)
{
	static const struct {
		const char *name, *body, *rollout, *want;
	} cases[] = {
		{ "stop", "{\"stop\":{\"why\":\"all hands\"}}", NULL,
		  "held back by the fleet: emergency stop: all hands" },
		{ "not its stage", NULL, "{\"open\":[]}",
		  "held back by the fleet: rollout all: its stage has not come" },
		{ "halted", NULL, "{\"state\":\"halted\",\"why\":\"2 hosts failed\"}",
		  "held back by the fleet: rollout all: halted: 2 hosts failed" },
		{ "no rollout", "{\"rollouts\":[]}", NULL,
		  "held back by the fleet: no rollout names it for this host" },
		{ "another tag", NULL, "{\"where\":{\"tags\":[\"az=2\"]}}",
		  "held back by the fleet: no rollout names it for this host" },
	};
	_cleanup_(scene_free) struct scene s = { .root = -1 };

	scene_new(&s);
	s.server.grant = 1;
	s.server.for_s = 600;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_case = cases[i].name;
		decide(&s, &(struct decided){ .version = i + 1,
					      .body = cases[i].body,
					      .rollout = cases[i].rollout });
		expect_held(&s, cases[i].want);
		/* By hand too. */
		s.ask.by_hand = 1;
		expect_held(&s, cases[i].want);
		s.ask.by_hand = 0;
	}
	test_case = "free";
	decide(&s, &(struct decided){ .version = 20,
				      .body = "{\"rollouts\":[],\"unmanaged\":\"free\"}" });
	check(&s);
	EXPECT(s.answer.action == MESSAGE_APPLY && s.answer.until_ms == 0);
	test_case = "its tag";
	decide(&s,
	       &(struct decided){ .version = 21, .rollout = "{\"where\":{\"tags\":[\"az=1\"]}}" });
	check(&s);
	EXPECT(s.answer.action == MESSAGE_APPLY && s.answer.until_ms > 0);
	test_case = NULL;
}

/* What a server that was taken over, or stands in another's place, can say. */
TEST(fleet_agent_takes_no_bad_decision)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };
	struct fleet_memory m;

	scene_new(&s);
	s.server.grant = 1;
	s.server.for_s = 600;
	expect_held(&s, "held back by the fleet: it has decided nothing yet");
	decide(&s, &(struct decided){ .version = 5, .key = s.server.other });
	expect_held(&s, "no good signature of a key that is known");
	decide(&s, &(struct decided){ .version = 5, .ring = "canary" });
	expect_held(&s, "it is for ring canary, this host is in ring default");
	decide(&s, &(struct decided){ .version = 5, .expires_s = -10 });
	expect_held(&s, "decision: it has expired");
	s.server.decision = "{\"signed\":[[[[";
	expect_held(&s, "held back by the fleet: it has decided nothing yet: decision: line 1");
	decide(&s, &(struct decided){ .version = 5, .rollout = "{\"open\":[]}" });
	expect_held(&s, "its stage has not come");
	/* An older one that would open it is not taken, and the newer one stays. */
	decide(&s, &(struct decided){ .version = 4 });
	expect_held(&s, "its stage has not come");
	remember(&s, &m);
	EXPECT_CONTAINS(m.error, "version 4 is older than 5");
	EXPECT(m.version == 5);
	decide(&s, &(struct decided){ .version = 6 });
	check(&s);
	EXPECT(s.answer.action == MESSAGE_APPLY);
}

/* Decisions open a level that nobody published: there is nothing to take. */
TEST(fleet_agent_takes_no_level_that_is_not_signed)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };

	scene_new(&s);
	s.server.grant = 7;
	s.server.for_s = 600;
	decide(&s, &(struct decided){ .version = 1,
				      .rollout = "{\"levels\":{\"" FIXTURE_BUILD_ID "\":7}}" });
	expect_held(&s, "held back by the fleet: no rollout names it for this host");
	EXPECT(s.server.n_reports == 1 && !strstr(report(&s, 0), "asks"));
}

TEST(fleet_agent_follows_a_change_of_keys)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };
	struct fleet_home h = { .server = "" };
	struct tuf_key *old;
	struct oak_error err;

	scene_new(&s);
	s.server.grant = 1;
	s.server.for_s = 600;
	decide(&s, &(struct decided){
			   .version = 1, .rollout = "{\"open\":[]}", .next = s.server.other });
	expect_held(&s, "its stage has not come");
	EXPECT(fleet_home_read(s.root, &h, &err) == 0);
	EXPECT(h.n_keys == 1 && tuf_key_same(h.keys[0], s.server.other));
	fleet_home_clear(&h);
	/* It is the new key's turn; what is stored is still read. */
	old = s.server.key;
	s.server.key = s.server.other;
	s.server.other = old;
	wait_over(&s);
	expect_held(&s, "its stage has not come");
	EXPECT(s.server.n_same >= 1);
	decide(&s, &(struct decided){ .version = 3, .key = old });
	expect_held(&s, "its stage has not come");
	decide(&s, &(struct decided){ .version = 3 });
	check(&s);
	EXPECT(s.answer.action == MESSAGE_APPLY);
}

TEST(fleet_agent_sends_the_same_bytes_again)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };
	struct fleet_memory m;

	scene_new(&s);
	decide(&s, &(struct decided){ .version = 1 });
	s.server.grant = 1;
	s.server.for_s = 600;
	s.server.mood = FLEET_SERVER_LOSES;
	s.server.mood_times = 1;
	check(&s);
	EXPECT(s.answer.action == MESSAGE_NOTHING && file_exists(s.root, FLEET_PENDING));
	remember(&s, &m);
	EXPECT(m.sequence == 0 && m.again_s > (int64_t)time(NULL) && m.wait_s > 0);
	/* Before its time nothing is sent, whoever asks. */
	check(&s);
	EXPECT(s.server.n_reports == 1);
	wait_over(&s);
	tell(&s);
	check(&s);
	EXPECT(s.answer.action == MESSAGE_APPLY && s.server.n_reports == 2);
	EXPECT_STR(report(&s, 1), report(&s, 0));
	EXPECT_STR(s.server.seals[1], s.server.seals[0]);
	remember(&s, &m);
	EXPECT(m.sequence == 1 && !file_exists(s.root, FLEET_PENDING));
}

/* The grant in the answer to a report of before a reboot cannot be timed. */
TEST(fleet_agent_uses_no_grant_of_another_boot)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };

	scene_new(&s);
	decide(&s, &(struct decided){ .version = 1 });
	s.server.grant = 1;
	s.server.for_s = 600;
	s.server.mood = FLEET_SERVER_LOSES;
	s.server.mood_times = 1;
	check(&s);
	tree_put(s.root, "proc/sys/kernel/random/boot_id", "c8a7a2a4-0000-4000-8000-1234567890ab\n");
	wait_over(&s);
	tell(&s);
	check(&s);
	EXPECT(s.answer.action == MESSAGE_APPLY && s.server.n_reports == 3);
	EXPECT_STR(report(&s, 1), report(&s, 0));
	EXPECT_CONTAINS(report(&s, 2), "\"sequence\":2");
	EXPECT_CONTAINS(report(&s, 2), "\"asks\"");
}

TEST(fleet_agent_bears_refusals)
{
	static const struct {
		enum fleet_server_mood mood;
		const char *want, *error, *code;
		bool keeps;
	} cases[] = {
		{ FLEET_SERVER_BUSY, "HTTP 503", "HTTP 503", "", true },
		{ FLEET_SERVER_REVOKED, "has revoked this host",
		  "the fleet's server has revoked this host", "host-revoked", true },
		{ FLEET_SERVER_FOREIGN, "not signed with a key that this host knows",
		  "the answer is not signed with a key that this host knows", "", true },
		{ FLEET_SERVER_OTHER, "to another report", "the answer is to another report", "",
		  true },
		{ FLEET_SERVER_GARBAGE, "answer: line 1", "answer: line 1", "", true },
		{ FLEET_SERVER_LARGE, "more than 65536 bytes", "more than 65536 bytes", "", true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(scene_free) struct scene s = { .root = -1 };
		struct fleet_memory m;

		test_case = cases[i].want;
		scene_new(&s);
		decide(&s, &(struct decided){ .version = 1 });
		check(&s);
		wait_over(&s);
		s.server.grant = 1;
		s.server.for_s = 600;
		s.server.mood = cases[i].mood;
		expect_held(&s, "held back by the fleet: ");
		remember(&s, &m);
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
	decide(&s, &(struct decided){ .version = 1 });
	s.server.grant = 1;
	s.server.for_s = 600;
	s.server.mood = FLEET_SERVER_CONFLICT;
	s.server.mood_times = 1;
	s.server.expected = 41;
	check(&s);
	EXPECT(s.answer.action == MESSAGE_APPLY);
	EXPECT_CONTAINS(report(&s, 0), "\"sequence\":1,");
	EXPECT_CONTAINS(report(&s, 1), "\"sequence\":42,");
	remember(&s, &m);
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
	decide(&s, &(struct decided){ .version = 1, .expires_s = 1, .rollout = "{\"open\":[]}" });
	fleet_server_stop(&s.server);
	expect_held(&s, "held back by the fleet: it has decided nothing yet");
	remember(&s, &m);
	m.heard_s = (int64_t)time(NULL) - 15 * 86400;
	EXPECT(fleet_memory_write(s.root, &m, &err) == 0);
	use_settings(&s, "fleet-patience = 0\n");
	expect_held(&s, "held back by the fleet");
	use_settings(&s, "fleet-patience = 30d\n");
	expect_held(&s, "held back by the fleet");
	use_settings(&s, "");
	check(&s);
	EXPECT(s.answer.action == MESSAGE_APPLY && s.answer.until_ms == 0);
	remember(&s, &m);
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
	decide(&s, &(struct decided){ .version = 1, .expires_s = 2, .rollout = "{\"open\":[]}" });
	expect_held(&s, "its stage has not come");
	(void)nanosleep(&two, NULL);
	expect_held(&s, "held back by the fleet: its last decision expired");
}

static void note(const struct scene *s, enum journal_step step, const char *why)
{
	const struct journal j = { .root = s->root,
				   .boot_id = BOOT,
				   .build_id = FIXTURE_BUILD_ID,
				   .by = JOURNAL_BY_AGENT };
	struct oak_error err;

	EXPECT(journal_write(&j, 1, step, why, &err) == 0);
	tell((struct scene *)(uintptr_t)s);
}

/* What becomes of a level that was granted, from the journal to the reports. */
TEST(fleet_agent_reports_what_becomes_of_a_level)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };
	struct fleet_memory m;

	scene_new(&s);
	decide(&s, &(struct decided){ .version = 1 });
	s.server.grant = 1;
	s.server.for_s = 600;
	check(&s);
	tree_put_livepatch(s.root, "oakum_1", "syscall_trace_enter.constprop.0,1", "1\n", "0\n");
	note(&s, JOURNAL_APPLIED, NULL);
	s.ask.report = 1;
	check(&s);
	EXPECT_CONTAINS(report(&s, 1), "\"result\":\"applied\"");
	EXPECT_CONTAINS(report(&s, 1), "\"level\":{\"number\":1,\"state\":\"soaking\"");
	/* Nothing new: nothing is sent. */
	check(&s);
	EXPECT(s.server.n_reports == 2);
	note(&s, JOURNAL_SETTLED, NULL);
	check(&s);
	EXPECT_CONTAINS(report(&s, 2), "\"result\":\"settled\"");
	remember(&s, &m);
	EXPECT(m.n_watches == 0);
	check(&s);
	EXPECT(s.server.n_reports == 3);
}

TEST(fleet_agent_reports_harm)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };

	scene_new(&s);
	decide(&s, &(struct decided){ .version = 1 });
	s.server.grant = 1;
	s.server.for_s = 600;
	check(&s);
	note(&s, JOURNAL_APPLIED, NULL);
	note(&s, JOURNAL_QUARANTINED, "health: /h failed 2 times in a row");
	s.ask.report = 1;
	check(&s);
	EXPECT_CONTAINS(report(&s, 1),
			"\"result\":\"failed\",\"why\":\"health: /h failed 2 times in a row\"");
	EXPECT_CONTAINS(report(&s, 1), "\"quarantined\":[1]");
}

TEST(fleet_agent_gives_a_level_back)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };

	scene_new(&s);
	tree_put_livepatch(s.root, "oakum_1", "syscall_trace_enter.constprop.0,1", "1\n", "0\n");
	note(&s, JOURNAL_SETTLED, NULL);
	decide(&s, &(struct decided){ .version = 1,
				      .rollout = "{\"state\":\"halted\",\"take_back\":true}" });
	check(&s);
	EXPECT(s.answer.action == MESSAGE_TAKE_BACK && s.answer.level == 1);
	EXPECT_STR(s.answer.text, "the fleet takes level 1 back: rollout all: taken back");
	use_settings(&s, "fleet-take-back = no\n");
	check(&s);
	EXPECT(s.answer.action == MESSAGE_NOTHING);
}

TEST(fleet_agent_says_what_the_settings_allow)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };

	scene_new(&s);
	decide(&s, &(struct decided){ .version = 1, .rollout = "{\"open\":[]}" });
	use_settings(&s, "report-name = no\nreport-containers = no\nreport-stalls = no\n");
	tell(&s);
	check(&s);
	EXPECT(!strstr(report(&s, 0), "web-17") && !strstr(report(&s, 0), "\"containers\"") &&
	       !strstr(report(&s, 0), "\"stalls\""));
	EXPECT_CONTAINS(report(&s, 0), "\"verdict\":{\"state\":");
}

TEST(fleet_agent_without_a_fleet)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };
	struct oak_error err;

	scene_new(&s);
	EXPECT(enrol_forget(s.root, &err) == 0);
	EXPECT(!file_exists(s.root, FLEET_DIR));
	check(&s);
	EXPECT(s.answer.action == MESSAGE_APPLY && s.answer.until_ms == 0);
	EXPECT(s.server.n_reports == 0 && s.server.n_decisions == 0);
	EXPECT(enrol_forget(s.root, &err) == -OAK_E_NOTHING);
}

TEST(fleet_agent_does_nothing_where_its_home_is_broken)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };

	scene_new(&s);
	tree_put(s.root, FLEET_ENROLLED, "{\"schema\":1}");
	check(&s);
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
	enrol(&s);
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
