/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rollouts through the database: reports come in by grant sessions, the director steps and signs, and
 * what hosts would read is what they are judged by.
 */
#include "rollout-world.h"

#include "base/json.h"
#include "fleet/director/shelf.h"
#include "fleet/store/audit.h"
#include "fleet/store/event.h"
#include "fleet/store/hosts.h"
#include "test.h"

static void do_command(struct world *w, enum rollout_command c)
{
	struct oak_error err = { .code = OAK_OK };

	good(world_command(w, c, "token:a", &err), &err);
}

/* Two stages: one host, then all; who is silent for 10 minutes has failed. */
#define SPEC(more)                                                                             \
	"{\"name\": \"test\", \"level\": 4, \"stages\": [{\"count\": 1, \"soak\": \"5m\", "    \
	"\"patience\": \"1h\"}, {\"percent\": 100, \"soak\": \"5m\", \"patience\": \"1h\"}], " \
	"\"silence\": \"10m\", \"grant_timeout\": \"10m\", \"settle_timeout\": \"20m\", "      \
	"\"max_in_flight\": 3, \"budget\": {\"failed\": 1, \"failed_percent\": 100}" more "}"

static void expect_phase(struct world *w, const char *phase, const char *why)
{
	_cleanup_(json_decrefp) json_t *json = world_get(w);

	EXPECT_STR(json_get_str(json, "phase"), phase);
	EXPECT_CONTAINS(json_get_str(json, "why"), why);
}

/* The hosts that may ask, in the order of their numbers. */
static unsigned may_ask(struct world *w, unsigned *ret)
{
	unsigned n = 0;

	for (unsigned i = 0; i < w->n; i++)
		if (world_judge(w, i).word == DECISION_ASK)
			ret[n++] = i;
	return n;
}

static void go_well(struct world *w, unsigned host)
{
	world_tell(w, host, REPORT_APPLIED, "");
	world_tell(w, host, REPORT_SETTLED, "");
}

TEST(a_good_level_gets_through)
{
	struct world w;
	unsigned who[WORLD_HOSTS_MAX], n;

	world_begin(&w, 10);
	world_start(&w, SPEC(""));
	expect_phase(&w, "running", "");
	n = may_ask(&w, who);
	EXPECT(n == 1);
	{
		struct answer a = world_ask(&w, who[0], 4);

		EXPECT(a.n_grants == 1 && a.n_refused == 0 && a.grants[0].level == 4);
		EXPECT(a.grants[0].for_s == 300);
		/* The answer was lost: two minutes later the same grant is good for two minutes less. */
		world_pass(&w, 120);
		a = world_ask(&w, who[0], 4);
		EXPECT(a.n_grants == 1 && a.grants[0].for_s == 180);
	}
	EXPECT(world_outcome(&w, "granted") == 1 && world_outcome(&w, "waiting") == 9);
	go_well(&w, who[0]);
	EXPECT(world_outcome(&w, "well") == 1);
	world_pass(&w, 120);
	EXPECT(may_ask(&w, who) == 1); /* the soak */
	for (int i = 0; i < 5; i++) {
		struct report r;

		world_pass(&w, 60);
		world_report(&w, who[0], &r);
		(void)world_speak(&w, &r);
	}
	world_pass(&w, 240);
	n = may_ask(&w, who);
	EXPECT(n == 10);
	for (unsigned i = 0; i < 10; i++) {
		struct answer a = world_ask(&w, i, 4);

		if (a.n_grants)
			go_well(&w, i);
	}
	EXPECT(world_outcome(&w, "well") == 10);
	world_pass(&w, 360);
	expect_phase(&w, "completed", "all stages have gone well");
	world_end(&w);
}

TEST(no_more_than_may_are_in_flight)
{
	struct world w;
	unsigned granted = 0;

	world_begin(&w, 10);
	world_start(&w, "{\"name\": \"x\", \"level\": 4, \"stages\": [{\"percent\": 100}], "
			"\"max_in_flight\": 3}");
	/* The gate is moved by steps, for as many as there is room for. */
	world_pass(&w, 240);
	for (unsigned i = 0; i < 10; i++) {
		struct answer a = world_ask(&w, i, 4);

		granted += (unsigned)a.n_grants;
		if (i == 9) {
			EXPECT(a.n_refused == 1);
			EXPECT_STR(a.refused[0].why, "3 hosts are in flight, 3 may be");
			EXPECT(a.refused[0].again_s == 300);
		}
	}
	EXPECT(granted == 3 && world_outcome(&w, "granted") == 3);
	world_end(&w);
}

TEST(what_is_asked_wrongly_is_refused)
{
	struct world w;
	struct answer a;

	world_begin(&w, 3);
	world_start(&w, SPEC(""));
	a = world_ask(&w, 0, 5);
	EXPECT_STR(a.refused[0].why, "the rollout is not of level 5 of this kernel");
	(void)snprintf(w.rollout, sizeof(w.rollout), "0123456789abcdef");
	a = world_ask(&w, 0, 4);
	EXPECT_STR(a.refused[0].why, "there is no such rollout, or it is over");
	world_end(&w);
}

TEST(a_budget_that_is_spent_pauses_and_says_why)
{
	struct world w;
	struct answer a;
	unsigned failed = 0;

	world_begin(&w, 10);
	world_start(&w,
		    "{\"name\": \"x\", \"level\": 4, \"stages\": [{\"percent\": 100}], "
		    "\"budget\": {\"failed\": 1, \"failed_percent\": 100, \"action\": \"stop\"}}");
	world_pass(&w, 60);
	for (unsigned i = 0; i < 10; i++) {
		a = world_ask(&w, i, 4);
		if (a.n_grants) {
			world_tell(&w, i, REPORT_FAILED, "its soak failed");
			failed++;
		}
	}
	/* No step has come yet, and nobody was let in after the second failure. */
	EXPECT(failed == 2);
	EXPECT_STR(a.refused[0].why, "2 hosts have failed");
	world_turn(&w);
	expect_phase(&w, "halted", "2 of 2 hosts that were done have failed");
	EXPECT(world_judge(&w, 0).word == DECISION_HOLD);
	EXPECT_CONTAINS(world_judge(&w, 0).why, "halted");
	a = world_ask(&w, 9, 4);
	EXPECT_CONTAINS(a.refused[0].why, "the rollout is halted: stage 1: 2 of 2 hosts");
	world_end(&w);
}

TEST(a_host_that_falls_silent_has_failed)
{
	struct world w;
	unsigned who[WORLD_HOSTS_MAX];

	world_begin(&w, 5);
	world_start(&w, SPEC(""));
	EXPECT(may_ask(&w, who) == 1);
	EXPECT(world_ask(&w, who[0], 4).n_grants == 1);
	world_tell(&w, who[0], REPORT_APPLIED, "");
	world_pass(&w, 600);
	EXPECT(world_outcome(&w, "silent") == 0 && world_outcome(&w, "soaking") == 1);
	world_pass(&w, 120);
	EXPECT(world_outcome(&w, "silent") == 1);
	world_pass(&w, 600);
	expect_phase(&w, "paused", "0 of 1 hosts are well");
	world_end(&w);
}

TEST(a_clock_that_jumps_makes_nobody_silent)
{
	struct world w;
	unsigned who[WORLD_HOSTS_MAX];

	world_begin(&w, 5);
	world_start(&w, SPEC(""));
	EXPECT(may_ask(&w, who) == 1);
	EXPECT(world_ask(&w, who[0], 4).n_grants == 1);
	world_tell(&w, who[0], REPORT_APPLIED, "");
	world_clock_s += INT64_C(365) * 86400;
	world_turn(&w);
	world_turn(&w);
	expect_phase(&w, "running", "");
	EXPECT(world_outcome(&w, "soaking") == 1);
	/* And back again; the decision is signed anew, and time goes on. */
	world_clock_s -= INT64_C(365) * 86400;
	world_turn(&w);
	EXPECT(world_judge(&w, who[0]).word == DECISION_ASK);
	world_pass(&w, 720);
	EXPECT(world_outcome(&w, "silent") == 1);
	world_end(&w);
}

TEST(a_late_host_joins_the_last_stage)
{
	struct world w;
	char token[128];
	struct report r;

	world_begin(&w, 4);
	world_start(&w, "{\"name\": \"x\", \"level\": 4, \"stages\": [{\"percent\": 100}]}");
	world_pass(&w, 120);
	fixture_token(w.db, 0, token);
	fixture_host(w.db, token, 4, w.ids[4]);
	w.n = 5;
	world_report(&w, 4, &r);
	(void)world_speak(&w, &r);
	EXPECT(world_judge(&w, 4).word == DECISION_ASK);
	EXPECT(world_outcome(&w, "waiting") == 4);
	/* It is counted once it asks; its turn comes with the next step. */
	EXPECT(world_ask(&w, 4, 4).n_grants == 0);
	EXPECT(world_outcome(&w, "waiting") == 5);
	world_turn(&w);
	EXPECT(world_ask(&w, 4, 4).n_grants == 1);
	world_end(&w);
}

TEST(another_person_approves)
{
	struct world w;
	struct oak_error err = { .code = OAK_OK };

	world_begin(&w, 1);
	json_decref(
		world_create(&w, SPEC(", \"approval\": true, \"start\": \"at-once\""), "token:a"));
	EXPECT(world_command(&w, ROLLOUT_START, "token:b", &err) == -OAK_E_REFUSED);
	EXPECT_STR(err.msg, "a rollout that is draft cannot be told to start");
	do_command(&w, ROLLOUT_SUBMIT);
	expect_phase(&w, "pending-approval", "waits for a second person");
	EXPECT(world_command(&w, ROLLOUT_APPROVE, "token:a", &err) == -OAK_E_REFUSED);
	EXPECT_STR(err.msg, "token:a created the rollout: another person approves it");
	good(world_command(&w, ROLLOUT_APPROVE, "token:b", &err), &err);
	world_turn(&w);
	expect_phase(&w, "running", "");
	world_end(&w);
}

TEST(the_switch_for_all)
{
	struct world w;
	struct oak_error err = { .code = OAK_OK };
	_cleanup_(json_decrefp) json_t *stopped = NULL, *lifted = NULL;

	world_begin(&w, 2);
	world_start(&w, "{\"name\": \"x\", \"level\": 4, \"stages\": [{\"percent\": 100}]}");
	good(db_begin(w.db, &err), &err);
	good(rollouts_stop_all(w.db, "the power is failing", "token:a", world_clock_s, &err), &err);
	good(db_commit(w.db, &err), &err);
	EXPECT_STR(world_ask(&w, 0, 4).refused[0].why, "stopped for all: the power is failing");
	world_turn(&w);
	EXPECT(world_judge(&w, 0).word == DECISION_HOLD);
	EXPECT_CONTAINS(world_judge(&w, 0).why, "the power is failing");
	good(rollouts_stop_state(w.db, &stopped, &err), &err);
	EXPECT_STR(json_get_str(stopped, "who"), "token:a");
	good(db_begin(w.db, &err), &err);
	good(rollouts_stop_all(w.db, NULL, "token:a", world_clock_s, &err), &err);
	good(db_commit(w.db, &err), &err);
	world_turn(&w);
	EXPECT(world_judge(&w, 0).word == DECISION_ASK);
	good(rollouts_stop_state(w.db, &lifted, &err), &err);
	EXPECT(json_is_false(json_object_get(lifted, "stopped")));
	world_end(&w);
}

TEST(a_decision_changes_only_with_what_it_says)
{
	struct world w;
	uint64_t version;
	const struct shelf_file *f;

	world_begin(&w, 2);
	world_turn(&w);
	f = shelf_borrow(w.fleet.shelf, "default");
	EXPECT(f && f->version == 1);
	shelf_release(f);
	world_pass(&w, 600);
	f = shelf_borrow(w.fleet.shelf, "default");
	EXPECT(f && f->version == 1);
	shelf_release(f);
	/* Older than a quarter of its hour. */
	world_pass(&w, 360);
	f = shelf_borrow(w.fleet.shelf, "default");
	EXPECT(f && f->version == 2);
	version = f->version;
	shelf_release(f);
	world_start(&w, SPEC(""));
	f = shelf_borrow(w.fleet.shelf, "default");
	EXPECT(f && f->version > version);
	shelf_release(f);
	world_end(&w);
}

TEST(hosts_of_a_rollout_in_pages)
{
	struct world w;
	struct oak_error err = { .code = OAK_OK };
	_cleanup_(freep) char *after = NULL;
	unsigned seen = 0, pages = 0, who[WORLD_HOSTS_MAX];

	world_begin(&w, 7);
	world_start(&w, SPEC(""));
	EXPECT(may_ask(&w, who) == 1);
	EXPECT(world_ask(&w, who[0], 4).n_grants == 1);
	for (;;) {
		const struct rollouts_hosts_page page = { .after = after, .stage = -1, .limit = 3 };
		_cleanup_(json_decrefp) json_t *list = NULL;
		char *next = NULL;

		good(rollouts_hosts(w.db, w.rollout, &page, world_clock_s, &list, &next, &err),
		     &err);
		seen += (unsigned)json_array_size(list);
		pages++;
		free(after);
		after = next;
		if (!next)
			break;
	}
	EXPECT(seen == 7 && pages == 3);
	{
		const struct rollouts_hosts_page page = { .outcome = "granted",
							  .stage = 0,
							  .limit = 10 };
		_cleanup_(json_decrefp) json_t *list = NULL;
		char *next = NULL;

		good(rollouts_hosts(w.db, w.rollout, &page, world_clock_s, &list, &next, &err),
		     &err);
		EXPECT(json_array_size(list) == 1 && !next);
		EXPECT_STR(json_get_str(json_array_get(list, 0), "host"), w.ids[who[0]]);
		EXPECT_CONTAINS(json_get_str(json_array_get(list, 0), "name"), "host-");
	}
	world_end(&w);
}

TEST(what_happened_is_told)
{
	struct world w;
	struct oak_error err = { .code = OAK_OK };
	_cleanup_(json_decrefp) json_t *events = NULL;
	static const char *const want[] = { "rollout.created", "rollout.scheduled",
					    "rollout.running", "rollout.halted" };
	size_t found = 0, i;
	const json_t *event;
	uint64_t entries = 0;

	world_begin(&w, 3);
	world_start(&w, SPEC(""));
	do_command(&w, ROLLOUT_STOP);
	good(event_list(w.db, 0, 1000, &events, &err), &err);
	json_array_foreach(events, i,
			   event) if (found < 4 &&
				      strcmp(json_get_str(event, "type"), want[found]) == 0 &&
				      strcmp(json_get_str(event, "subject"), w.rollout) == 0)
		found++;
	EXPECT(found == 4);
	good(audit_verify(w.db, &entries, &err), &err);
	EXPECT(entries >= 4);
	world_end(&w);
}

TEST(a_level_of_several_kernels_wants_names)
{
	struct world w;
	struct report r;

	world_begin(&w, 2);
	world_report(&w, 1, &r);
	(void)snprintf(r.build_id, sizeof(r.build_id), "%040x", 10u);
	(void)world_speak(&w, &r);
	world_start(&w, SPEC(""));
	expect_phase(&w, "halted",
		     "level 4 of what? The hosts have 2 kernels: name those that are meant, or "
		     "say \"latest\"");
	world_end(&w);
}

TEST(two_of_one_domain_are_never_in_flight)
{
	struct world w;
	struct oak_error err = { .code = OAK_OK };
	struct answer a;

	world_begin(&w, 3);
	for (unsigned i = 0; i < 3; i++) {
		_cleanup_(json_decrefp) json_t *tags = json_pack("[s]", i < 2 ? "az=1" : "az=2");

		good(db_begin(w.db, &err), &err);
		good(hosts_change(w.db, w.ids[i], NULL, tags, &err), &err);
		good(db_commit(w.db, &err), &err);
	}
	world_start(&w, "{\"name\": \"x\", \"level\": 4, \"stages\": [{\"percent\": 100}], "
			"\"spread\": \"az\"}");
	EXPECT(world_ask(&w, 0, 4).n_grants == 1);
	a = world_ask(&w, 1, 4);
	EXPECT(a.n_grants == 0);
	EXPECT_STR(a.refused[0].why, "another host of its az is not done");
	EXPECT(world_ask(&w, 2, 4).n_grants == 1);
	go_well(&w, 0);
	EXPECT(world_ask(&w, 1, 4).n_grants == 1);
	world_end(&w);
}

TEST(outside_of_a_window_nobody_begins)
{
	struct world w;
	struct answer a;

	world_begin(&w, 2);
	/* The test begins on Monday, 2026-09-21, 14:30 UTC. */
	world_start(&w, "{\"name\": \"x\", \"level\": 4, \"stages\": [{\"percent\": 100}], "
			"\"windows\": \"Mon 17:00-18:00\", \"timezone\": \"Europe/Berlin\"}");
	world_pass(&w, 120);
	EXPECT(world_judge(&w, 0).word == DECISION_HOLD);
	world_pass(&w, 1800);
	EXPECT(world_judge(&w, 0).word == DECISION_ASK);
	EXPECT(world_ask(&w, 0, 4).n_grants == 1);
	world_pass(&w, 3600);
	a = world_ask(&w, 1, 4);
	EXPECT_STR(a.refused[0].why, "outside of the windows \"Mon 17:00-18:00\" (Europe/Berlin)");
	world_end(&w);
}

TEST(who_has_the_level_already_is_done)
{
	struct world w;
	unsigned who[WORLD_HOSTS_MAX];
	struct report r;

	world_begin(&w, 3);
	world_start(&w, SPEC(""));
	EXPECT(may_ask(&w, who) == 1);
	world_report(&w, who[0], &r);
	r.level = 4;
	(void)snprintf(r.state, sizeof(r.state), "soaking");
	(void)world_speak(&w, &r);
	EXPECT(world_outcome(&w, "waiting") == 3);
	world_report(&w, who[0], &r);
	r.level = 4;
	(void)snprintf(r.state, sizeof(r.state), "settled");
	(void)world_speak(&w, &r);
	EXPECT(world_outcome(&w, "well") == 1);
	world_pass(&w, 420);
	EXPECT(may_ask(&w, who) == 3);
	world_end(&w);
}

/* All hosts take the level that is open to them, until the rollout is over. */
static void run_through(struct world *w, uint32_t level)
{
	for (int i = 0; i < 30; i++) {
		_cleanup_(json_decrefp) json_t *json = NULL;

		for (unsigned k = 0; k < w->n; k++) {
			struct answer a = world_ask(w, k, level);

			if (a.n_grants)
				go_well(w, k);
		}
		world_pass(w, 60);
		json = world_get(w);
		if (strcmp(json_get_str(json, "phase"), "running") != 0)
			return;
	}
}

TEST(a_higher_level_takes_the_place_of_a_lower_one)
{
	struct world w;
	static const char *const specs[] = {
		"{\"name\": \"four\", \"level\": 4, \"stages\": [{\"percent\": 100, \"soak\": "
		"\"1m\"}]}",
		"{\"name\": \"five\", \"level\": 5, \"stages\": [{\"percent\": 100, \"soak\": "
		"\"1m\"}]}",
	};
	_cleanup_(json_decrefp) json_t *decision = NULL;
	struct oak_error err = { .code = OAK_OK };
	const struct shelf_file *f;
	const json_t *list;

	world_begin(&w, 3);
	for (size_t i = 0; i < 2; i++) {
		world_start(&w, specs[i]);
		EXPECT(world_judge(&w, 0).word ==
		       DECISION_ASK); /* of level 4: the first speaks on */
		run_through(&w, 4 + (uint32_t)i);
		expect_phase(&w, "completed", "all stages have gone well");
	}
	world_turn(&w);
	f = shelf_borrow(w.fleet.shelf, "default");
	EXPECT(f);
	good(json_parse(f->text, f->len, 1u << 20, "decision", &decision, &err), &err);
	shelf_release(f);
	list = json_object_get(json_object_get(decision, "signed"), "rollouts");
	EXPECT(json_array_size(list) == 1);
	EXPECT_STR(json_get_str(json_array_get(list, 0), "name"), "five");
	world_end(&w);
}

TEST(a_stage_of_a_tag_is_open_to_those_who_have_it)
{
	struct world w;
	_cleanup_(json_decrefp) json_t *tags = json_pack("[s]", "canary"), *decision = NULL;
	struct oak_error err = { .code = OAK_OK };
	const struct shelf_file *f;
	const json_t *open;

	world_begin(&w, 6);
	good(db_begin(w.db, &err), &err);
	good(hosts_change(w.db, w.ids[3], NULL, tags, &err), &err);
	good(db_commit(w.db, &err), &err);
	world_start(&w, "{\"name\": \"x\", \"level\": 4, \"stages\": [{\"tag\": \"canary\"}, "
			"{\"percent\": 100}]}");
	for (unsigned i = 0; i < 6; i++)
		EXPECT(world_ask(&w, i, 4).n_grants == (i == 3));
	f = shelf_borrow(w.fleet.shelf, "default");
	EXPECT(f);
	good(json_parse(f->text, f->len, 1u << 20, "decision", &decision, &err), &err);
	shelf_release(f);
	open = json_object_get(
		json_array_get(json_object_get(json_object_get(decision, "signed"), "rollouts"), 0),
		"open");
	EXPECT(json_array_size(open) == 1);
	EXPECT_STR(json_get_str(json_array_get(open, 0), "tag"), "canary");
	world_end(&w);
}

TEST(a_failure_after_the_end_is_heard)
{
	struct world w;

	world_begin(&w, 3);
	world_start(&w, "{\"name\": \"x\", \"level\": 4, \"stages\": [{\"percent\": 100, \"soak\": "
			"\"1m\"}], \"budget\": {\"failed\": 0, \"action\": \"take-back\"}}");
	run_through(&w, 4);
	expect_phase(&w, "completed", "");
	world_tell(&w, 1, REPORT_FAILED, "it stalled after a week");
	world_turn(&w);
	expect_phase(&w, "halted", "the level is taken back");
	world_end(&w);
}
