/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the worker of an enrolled host makes of decisions. */
#include "fake-ops.h"
#include "fleet-scene.h"

#include <time.h>

#include "agent/errand.h"
#include "agent/fleet/enrol.h"
#include "agent/fleet/post.h"
#include "host/journal.h"

TEST(fleet_agent_applies_what_is_granted)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };
	struct fleet_memory m;
	uint64_t before;

	scene_new(&s);
	scene_decide(&s, &(struct decided){ .version = 1 });
	s.server.grant = 1;
	s.server.for_s = 600;
	before = fleet_boottime_ms();
	scene_check(&s);
	EXPECT_STR(s.answer.text, "");
	EXPECT(s.answer.action == MESSAGE_APPLY && s.answer.level == 1);
	EXPECT(s.answer.until_ms >= before + 600000 &&
	       s.answer.until_ms <= fleet_boottime_ms() + 600000);
	EXPECT(s.server.n_reports == 1);
	EXPECT_CONTAINS(scene_report(&s, 0), "\"asks\":[{\"rollout\":\"" ROLLOUT "\",\"level\":1}]");
	EXPECT_CONTAINS(scene_report(&s, 0), "\"os\":{\"id\":\"debian\",\"version\":\"12\"}");
	EXPECT_CONTAINS(scene_report(&s, 0), "\"name\":\"web-17\"");
	EXPECT(!strstr(scene_report(&s, 0), "local"));
	EXPECT(!file_exists(s.root, FLEET_PENDING));
	scene_remember(&s, &m);
	EXPECT(m.sequence == 1 && m.version == 1 && m.n_watches == 1 && !m.error[0]);
	EXPECT(m.held_level == 0);
}

static int run_until(struct scene *s, struct errand *e, uint64_t until_ms, struct oak_error *err)
{
	s->answer.until_ms = until_ms;
	return errand_run(e, err);
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
	scene_decide(&s, &(struct decided){ .version = 1 });
	s.server.grant = 1;
	s.server.for_s = 0;
	scene_expect_held(&s, "held back by the fleet: rollout " ROLLOUT ": it was not granted");
	s.server.for_s = 600;
	s.ask.by_hand = 1;
	scene_check(&s);
	EXPECT(s.answer.action == MESSAGE_APPLY);
	kernel = (struct fake_ops){ .root = s.root, .level = 1 };
	e.root = s.root;
	e.settings = &s.settings;
	e.answer = &s.answer;
	e.fds = s.fds;
	EXPECT(run_until(&s, &e, fleet_boottime_ms(), &err) == -OAK_E_AGAIN);
	EXPECT_STR(err.msg,
		   "level 1 is not applied: what the fleet's server granted is over; it is "
		   "asked again");
	EXPECT(kernel.loads == 0);
	EXPECT(run_until(&s, &e, fleet_boottime_ms() + 60000, &err) == 0 && kernel.loads == 1);
}

TEST(fleet_agent_waits_where_it_is_refused)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };
	struct fleet_memory m;

	scene_new(&s);
	scene_decide(&s, &(struct decided){ .version = 1 });
	scene_expect_held(&s, "level 1 is not taken: held back by the fleet: rollout " ROLLOUT
			      ": 8 hosts are in flight");
	EXPECT(s.answer.again_s <= (int64_t)time(NULL) + 300);
	scene_remember(&s, &m);
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
		scene_decide(&s, &(struct decided){ .version = i + 1,
						    .body = cases[i].body,
						    .rollout = cases[i].rollout });
		scene_expect_held(&s, cases[i].want);
		/* By hand too. */
		s.ask.by_hand = 1;
		scene_expect_held(&s, cases[i].want);
		s.ask.by_hand = 0;
	}
	test_case = "free";
	scene_decide(&s, &(struct decided){ .version = 20,
					    .body = "{\"rollouts\":[],\"unmanaged\":\"free\"}" });
	scene_check(&s);
	EXPECT(s.answer.action == MESSAGE_APPLY && s.answer.until_ms == 0);
	test_case = "its tag";
	scene_decide(&s, &(struct decided){ .version = 21,
					    .rollout = "{\"where\":{\"tags\":[\"az=1\"]}}" });
	scene_check(&s);
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
	scene_expect_held(&s, "held back by the fleet: it has decided nothing yet");
	scene_decide(&s, &(struct decided){ .version = 5, .key = s.server.other });
	scene_expect_held(&s, "no good signature of a key that is known");
	scene_decide(&s, &(struct decided){ .version = 5, .ring = "canary" });
	scene_expect_held(&s, "it is for ring canary, this host is in ring default");
	scene_decide(&s, &(struct decided){ .version = 5, .expires_s = -10 });
	scene_expect_held(&s, "decision: it has expired");
	s.server.decision = "{\"signed\":[[[[";
	scene_expect_held(&s,
			  "held back by the fleet: it has decided nothing yet: decision: line 1");
	scene_decide(&s, &(struct decided){ .version = 5, .rollout = "{\"open\":[]}" });
	scene_expect_held(&s, "its stage has not come");
	/* An older one that would open it is not taken, and the newer one stays. */
	scene_decide(&s, &(struct decided){ .version = 4 });
	scene_expect_held(&s, "its stage has not come");
	scene_remember(&s, &m);
	EXPECT_CONTAINS(m.error, "version 4 is older than 5");
	EXPECT(m.version == 5);
	scene_decide(&s, &(struct decided){ .version = 6 });
	scene_check(&s);
	EXPECT(s.answer.action == MESSAGE_APPLY);
}

/* Decisions open a level that nobody published: there is nothing to take. */
TEST(fleet_agent_takes_no_level_that_is_not_signed)
{
	_cleanup_(scene_free) struct scene s = { .root = -1 };

	scene_new(&s);
	s.server.grant = 7;
	s.server.for_s = 600;
	scene_decide(&s,
		     &(struct decided){ .version = 1,
					.rollout = "{\"levels\":{\"" FIXTURE_BUILD_ID "\":7}}" });
	scene_expect_held(&s, "held back by the fleet: no rollout names it for this host");
	EXPECT(s.server.n_reports == 1 && !strstr(scene_report(&s, 0), "asks"));
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
	scene_decide(&s, &(struct decided){ .version = 1,
					    .rollout = "{\"open\":[]}",
					    .next = s.server.other });
	scene_expect_held(&s, "its stage has not come");
	EXPECT(fleet_home_read(s.root, &h, &err) == 0);
	EXPECT(h.n_keys == 1 && tuf_key_same(h.keys[0], s.server.other));
	fleet_home_clear(&h);
	/* It is the new key's turn; what is stored is still read. */
	old = s.server.key;
	s.server.key = s.server.other;
	s.server.other = old;
	scene_wait_over(&s);
	scene_expect_held(&s, "its stage has not come");
	EXPECT(s.server.n_same >= 1);
	scene_decide(&s, &(struct decided){ .version = 3, .key = old });
	scene_expect_held(&s, "its stage has not come");
	scene_decide(&s, &(struct decided){ .version = 3 });
	scene_check(&s);
	EXPECT(s.answer.action == MESSAGE_APPLY);
}
