/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rollouts through the database: reports come in by grant sessions, the director steps and signs, and
 * what hosts would read is what they are judged by.
 */
#include "base/json.h"
#include "fleet/director/director.h"
#include "fleet/director/shelf.h"
#include "fleet/fleet.h"
#include "fleet/server-settings.h"
#include "fleet/store/audit.h"
#include "fleet/store/event.h"
#include "fleet/store/hosts.h"
#include "fleet/store/rollouts.h"
#include "store-fixture.h"
#include "test.h"
#include "trust/fleet/decision.h"
#include "trust/key.h"

#define HOSTS_MAX 40

static int64_t clock_s;

static int64_t test_now(void)
{
	return clock_s;
}

struct world {
	struct db *db;
	struct server_settings set;
	struct tuf_key *key;
	struct fleet fleet;
	char ids[HOSTS_MAX][33];
	uint64_t sequence[HOSTS_MAX];
	unsigned n;
	char rollout[17];
};

static void good(int r, const struct oak_error *err)
{
	if (r < 0)
		print_error("%s\n", err->msg);
	EXPECT(r >= 0);
}

static void report(struct world *w, unsigned host, struct report *ret)
{
	fixture_report(w->ids[host], ++w->sequence[host], 0, "none", ret);
}

/* The host speaks: its report is taken, what it asks is answered. */
static struct answer speak(struct world *w, struct report *r)
{
	_cleanup_(freep) char *text = json_dumps(r->json, JSON_COMPACT);
	struct oak_error err = { .code = OAK_OK };
	struct grant_session *s = NULL;
	struct store_host h = { .sequence = 0 };
	struct answer a = { .sequence = r->sequence };
	char sha256[65];
	bool is_new, cloned;

	(void)snprintf(h.id, sizeof(h.id), "%s", r->host);
	(void)snprintf(sha256, sizeof(sha256), "%064llx", (unsigned long long)r->sequence);
	good(db_begin(w->db, &err), &err);
	good(grant_session_begin(w->db, clock_s, &s, &err), &err);
	good(hosts_take_report(w->db, &h, r, sha256, clock_s, &is_new, &cloned, &err), &err);
	good(grant_session_take(s, r, &a, &err), &err);
	grant_session_end(s);
	good(db_commit(w->db, &err), &err);
	report_clear(r);
	return a;
}

static struct answer ask(struct world *w, unsigned host, uint32_t level)
{
	struct report r;

	report(w, host, &r);
	r.n_asks = 1;
	r.asks[0].level = level;
	(void)snprintf(r.asks[0].rollout, sizeof(r.asks[0].rollout), "%s", w->rollout);
	return speak(w, &r);
}

static void tell(struct world *w, unsigned host, enum report_result_kind kind, const char *why)
{
	struct report r;

	report(w, host, &r);
	r.n_results = 1;
	r.results[0] = (struct report_result){ .level = 4, .kind = kind };
	(void)snprintf(r.results[0].rollout, sizeof(r.results[0].rollout), "%s", w->rollout);
	(void)snprintf(r.results[0].why, sizeof(r.results[0].why), "%s", why);
	(void)speak(w, &r);
}

static void turn(struct world *w)
{
	struct oak_error err = { .code = OAK_OK };

	good(director_turn(&w->fleet, w->db, &err), &err);
}

/* Time passes as it does: the director turns every minute. */
static void pass(struct world *w, int64_t seconds)
{
	for (; seconds > 0; seconds -= 60) {
		clock_s += seconds < 60 ? seconds : 60;
		turn(w);
	}
}

static void end(struct world *w)
{
	db_close(w->db);
	shelf_free(w->fleet.shelf);
	tuf_key_free(w->key);
}

static void begin(struct world *w, unsigned hosts)
{
	struct oak_error err = { .code = OAK_OK };
	char token[128];

	clock_s = FIXTURE_NOW + 1000;
	*w = (struct world){ .db = fixture_open(), .n = hosts };
	w->set = (struct server_settings){ .poll_s = 60, .report_s = 60, .decision_s = 3600 };
	good(tuf_key_generate(&w->key, &err), &err);
	w->fleet = (struct fleet){
		.settings = &w->set, .key = w->key, .shelf = shelf_new(), .now_s = test_now
	};
	fixture_token(w->db, 0, token);
	for (unsigned i = 0; i < hosts; i++) {
		struct report r;

		fixture_host(w->db, token, i, w->ids[i]);
		report(w, i, &r);
		(void)speak(w, &r);
	}
}

static json_t *create(struct world *w, const char *text, const char *who)
{
	_cleanup_(json_decrefp) json_t *spec = NULL;
	struct oak_error err = { .code = OAK_OK };
	json_t *made = NULL;

	good(json_parse(text, strlen(text), 65536, "rollout", &spec, &err), &err);
	good(db_begin(w->db, &err), &err);
	good(rollouts_create(w->db, spec, who, clock_s, &made, &err), &err);
	good(db_commit(w->db, &err), &err);
	(void)snprintf(w->rollout, sizeof(w->rollout), "%s", json_get_str(made, "id"));
	return made;
}

static int command(struct world *w, enum rollout_command c, const char *who, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *json = NULL;
	struct oak_error commit = { .code = OAK_OK };
	int r;

	good(db_begin(w->db, &commit), &commit);
	r = rollouts_command(w->db, w->rollout, c, who, clock_s, &json, err);
	if (r < 0)
		db_rollback(w->db);
	else
		good(db_commit(w->db, &commit), &commit);
	return r;
}

static void do_command(struct world *w, enum rollout_command c)
{
	struct oak_error err = { .code = OAK_OK };

	good(command(w, c, "token:a", &err), &err);
}

/* Two stages: one host, then all; who is silent for 10 minutes has failed. */
#define SPEC(more)                                                                             \
	"{\"name\": \"test\", \"level\": 4, \"stages\": [{\"count\": 1, \"soak\": \"5m\", "    \
	"\"patience\": \"1h\"}, {\"percent\": 100, \"soak\": \"5m\", \"patience\": \"1h\"}], " \
	"\"silence\": \"10m\", \"grant_timeout\": \"10m\", \"settle_timeout\": \"20m\", "      \
	"\"max_in_flight\": 3, \"budget\": {\"failed\": 1, \"failed_percent\": 100}" more "}"

static void start(struct world *w, const char *text)
{
	json_decref(create(w, text, "token:a"));
	do_command(w, ROLLOUT_SUBMIT);
	do_command(w, ROLLOUT_START);
	turn(w);
}

static json_t *get(struct world *w)
{
	struct oak_error err = { .code = OAK_OK };
	json_t *json = NULL;

	good(rollouts_get(w->db, w->rollout, &json, &err), &err);
	return json;
}

static void expect_phase(struct world *w, const char *phase, const char *why)
{
	_cleanup_(json_decrefp) json_t *json = get(w);

	EXPECT_STR(json_get_str(json, "phase"), phase);
	EXPECT_CONTAINS(json_get_str(json, "why"), why);
}

static json_int_t outcome(struct world *w, const char *name)
{
	_cleanup_(json_decrefp) json_t *json = get(w);

	return json_integer_value(json_object_get(json_object_get(json, "outcomes"), name));
}

/* What the host reads in the ring's decision. */
static struct decision_verdict judge(struct world *w, unsigned host)
{
	const struct shelf_file *f = shelf_borrow(w->fleet.shelf, "default");
	const struct tuf_key *const keys[] = { w->key };
	const struct decision_trust trust = { .keys = keys, .n_keys = 1, .ring = "default" };
	struct oak_error err = { .code = OAK_OK };
	struct decision_verdict v;
	struct decision *d = NULL;
	char build_id[41];

	EXPECT(f);
	good(decision_parse(f->text, f->len, &trust, &d, &err), &err);
	shelf_release(f);
	(void)snprintf(build_id, sizeof(build_id), "%040x", 9u);
	decision_judge(d,
		       &(struct decision_host){ .id = w->ids[host],
						.build_id = build_id,
						.os_id = "debian",
						.os_version = "12" },
		       4, &v);
	decision_free(d);
	return v;
}

/* The hosts that may ask, in the order of their numbers. */
static unsigned may_ask(struct world *w, unsigned *ret)
{
	unsigned n = 0;

	for (unsigned i = 0; i < w->n; i++)
		if (judge(w, i).word == DECISION_ASK)
			ret[n++] = i;
	return n;
}

static void go_well(struct world *w, unsigned host)
{
	tell(w, host, REPORT_APPLIED, "");
	tell(w, host, REPORT_SETTLED, "");
}

TEST(a_good_level_gets_through)
{
	struct world w;
	unsigned who[HOSTS_MAX], n;

	begin(&w, 10);
	start(&w, SPEC(""));
	expect_phase(&w, "running", "");
	n = may_ask(&w, who);
	EXPECT(n == 1);
	{
		struct answer a = ask(&w, who[0], 4);

		EXPECT(a.n_grants == 1 && a.n_refused == 0 && a.grants[0].level == 4);
		EXPECT(a.grants[0].for_s == 300);
		/* The answer was lost: two minutes later the same grant is good for two minutes less. */
		pass(&w, 120);
		a = ask(&w, who[0], 4);
		EXPECT(a.n_grants == 1 && a.grants[0].for_s == 180);
	}
	EXPECT(outcome(&w, "granted") == 1 && outcome(&w, "waiting") == 9);
	go_well(&w, who[0]);
	EXPECT(outcome(&w, "well") == 1);
	pass(&w, 120);
	EXPECT(may_ask(&w, who) == 1); /* the soak */
	for (int i = 0; i < 5; i++) {
		struct report r;

		pass(&w, 60);
		report(&w, who[0], &r);
		(void)speak(&w, &r);
	}
	pass(&w, 240);
	n = may_ask(&w, who);
	EXPECT(n == 10);
	for (unsigned i = 0; i < 10; i++) {
		struct answer a = ask(&w, i, 4);

		if (a.n_grants)
			go_well(&w, i);
	}
	EXPECT(outcome(&w, "well") == 10);
	pass(&w, 360);
	expect_phase(&w, "completed", "all stages have gone well");
	end(&w);
}

TEST(no_more_than_may_are_in_flight)
{
	struct world w;
	unsigned granted = 0;

	begin(&w, 10);
	start(&w, "{\"name\": \"x\", \"level\": 4, \"stages\": [{\"percent\": 100}], "
		  "\"max_in_flight\": 3}");
	/* The gate is moved by steps, for as many as there is room for. */
	pass(&w, 240);
	for (unsigned i = 0; i < 10; i++) {
		struct answer a = ask(&w, i, 4);

		granted += (unsigned)a.n_grants;
		if (i == 9) {
			EXPECT(a.n_refused == 1);
			EXPECT_STR(a.refused[0].why, "3 hosts are in flight, 3 may be");
			EXPECT(a.refused[0].again_s == 300);
		}
	}
	EXPECT(granted == 3 && outcome(&w, "granted") == 3);
	end(&w);
}

TEST(what_is_asked_wrongly_is_refused)
{
	struct world w;
	struct answer a;

	begin(&w, 3);
	start(&w, SPEC(""));
	a = ask(&w, 0, 5);
	EXPECT_STR(a.refused[0].why, "the rollout is not of level 5 of this kernel");
	(void)snprintf(w.rollout, sizeof(w.rollout), "0123456789abcdef");
	a = ask(&w, 0, 4);
	EXPECT_STR(a.refused[0].why, "there is no such rollout, or it is over");
	end(&w);
}

TEST(a_budget_that_is_spent_pauses_and_says_why)
{
	struct world w;
	struct answer a;
	unsigned failed = 0;

	begin(&w, 10);
	start(&w, "{\"name\": \"x\", \"level\": 4, \"stages\": [{\"percent\": 100}], "
		  "\"budget\": {\"failed\": 1, \"failed_percent\": 100, \"action\": \"stop\"}}");
	pass(&w, 60);
	for (unsigned i = 0; i < 10; i++) {
		a = ask(&w, i, 4);
		if (a.n_grants) {
			tell(&w, i, REPORT_FAILED, "its soak failed");
			failed++;
		}
	}
	/* No step has come yet, and nobody was let in after the second failure. */
	EXPECT(failed == 2);
	EXPECT_STR(a.refused[0].why, "2 hosts have failed");
	turn(&w);
	expect_phase(&w, "halted", "2 of 2 hosts that were done have failed");
	EXPECT(judge(&w, 0).word == DECISION_HOLD);
	EXPECT_CONTAINS(judge(&w, 0).why, "halted");
	a = ask(&w, 9, 4);
	EXPECT_CONTAINS(a.refused[0].why, "the rollout is halted: stage 1: 2 of 2 hosts");
	end(&w);
}

TEST(a_host_that_falls_silent_has_failed)
{
	struct world w;
	unsigned who[HOSTS_MAX];

	begin(&w, 5);
	start(&w, SPEC(""));
	EXPECT(may_ask(&w, who) == 1);
	EXPECT(ask(&w, who[0], 4).n_grants == 1);
	tell(&w, who[0], REPORT_APPLIED, "");
	pass(&w, 600);
	EXPECT(outcome(&w, "silent") == 0 && outcome(&w, "soaking") == 1);
	pass(&w, 120);
	EXPECT(outcome(&w, "silent") == 1);
	pass(&w, 600);
	expect_phase(&w, "paused", "0 of 1 hosts are well");
	end(&w);
}

TEST(a_clock_that_jumps_makes_nobody_silent)
{
	struct world w;
	unsigned who[HOSTS_MAX];

	begin(&w, 5);
	start(&w, SPEC(""));
	EXPECT(may_ask(&w, who) == 1);
	EXPECT(ask(&w, who[0], 4).n_grants == 1);
	tell(&w, who[0], REPORT_APPLIED, "");
	clock_s += 365 * 86400;
	turn(&w);
	turn(&w);
	expect_phase(&w, "running", "");
	EXPECT(outcome(&w, "soaking") == 1);
	/* And back again; the decision is signed anew, and time goes on. */
	clock_s -= 365 * 86400;
	turn(&w);
	EXPECT(judge(&w, who[0]).word == DECISION_ASK);
	pass(&w, 720);
	EXPECT(outcome(&w, "silent") == 1);
	end(&w);
}

TEST(a_late_host_joins_the_last_stage)
{
	struct world w;
	char token[128];
	struct report r;

	begin(&w, 4);
	start(&w, "{\"name\": \"x\", \"level\": 4, \"stages\": [{\"percent\": 100}]}");
	pass(&w, 120);
	fixture_token(w.db, 0, token);
	fixture_host(w.db, token, 4, w.ids[4]);
	w.n = 5;
	report(&w, 4, &r);
	(void)speak(&w, &r);
	EXPECT(judge(&w, 4).word == DECISION_ASK);
	EXPECT(outcome(&w, "waiting") == 4);
	/* It is counted once it asks; its turn comes with the next step. */
	EXPECT(ask(&w, 4, 4).n_grants == 0);
	EXPECT(outcome(&w, "waiting") == 5);
	turn(&w);
	EXPECT(ask(&w, 4, 4).n_grants == 1);
	end(&w);
}

TEST(another_person_approves)
{
	struct world w;
	struct oak_error err = { .code = OAK_OK };

	begin(&w, 1);
	json_decref(create(&w, SPEC(", \"approval\": true, \"start\": \"at-once\""), "token:a"));
	EXPECT(command(&w, ROLLOUT_START, "token:b", &err) == -OAK_E_REFUSED);
	EXPECT_STR(err.msg, "a rollout that is draft cannot be told to start");
	do_command(&w, ROLLOUT_SUBMIT);
	expect_phase(&w, "pending-approval", "waits for a second person");
	EXPECT(command(&w, ROLLOUT_APPROVE, "token:a", &err) == -OAK_E_REFUSED);
	EXPECT_STR(err.msg, "token:a created the rollout: another person approves it");
	good(command(&w, ROLLOUT_APPROVE, "token:b", &err), &err);
	turn(&w);
	expect_phase(&w, "running", "");
	end(&w);
}

TEST(the_switch_for_all)
{
	struct world w;
	struct oak_error err = { .code = OAK_OK };
	_cleanup_(json_decrefp) json_t *stopped = NULL, *lifted = NULL;

	begin(&w, 2);
	start(&w, "{\"name\": \"x\", \"level\": 4, \"stages\": [{\"percent\": 100}]}");
	good(db_begin(w.db, &err), &err);
	good(rollouts_stop_all(w.db, "the power is failing", "token:a", clock_s, &err), &err);
	good(db_commit(w.db, &err), &err);
	EXPECT_STR(ask(&w, 0, 4).refused[0].why, "stopped for all: the power is failing");
	turn(&w);
	EXPECT(judge(&w, 0).word == DECISION_HOLD);
	EXPECT_CONTAINS(judge(&w, 0).why, "the power is failing");
	good(rollouts_stop_state(w.db, &stopped, &err), &err);
	EXPECT_STR(json_get_str(stopped, "who"), "token:a");
	good(db_begin(w.db, &err), &err);
	good(rollouts_stop_all(w.db, NULL, "token:a", clock_s, &err), &err);
	good(db_commit(w.db, &err), &err);
	turn(&w);
	EXPECT(judge(&w, 0).word == DECISION_ASK);
	good(rollouts_stop_state(w.db, &lifted, &err), &err);
	EXPECT(json_is_false(json_object_get(lifted, "stopped")));
	end(&w);
}

TEST(a_decision_changes_only_with_what_it_says)
{
	struct world w;
	uint64_t version;
	const struct shelf_file *f;

	begin(&w, 2);
	turn(&w);
	f = shelf_borrow(w.fleet.shelf, "default");
	EXPECT(f && f->version == 1);
	shelf_release(f);
	pass(&w, 600);
	f = shelf_borrow(w.fleet.shelf, "default");
	EXPECT(f && f->version == 1);
	shelf_release(f);
	/* Older than a quarter of its hour. */
	pass(&w, 360);
	f = shelf_borrow(w.fleet.shelf, "default");
	EXPECT(f && f->version == 2);
	version = f->version;
	shelf_release(f);
	start(&w, SPEC(""));
	f = shelf_borrow(w.fleet.shelf, "default");
	EXPECT(f && f->version > version);
	shelf_release(f);
	end(&w);
}

TEST(hosts_of_a_rollout_in_pages)
{
	struct world w;
	struct oak_error err = { .code = OAK_OK };
	_cleanup_(freep) char *after = NULL;
	unsigned seen = 0, pages = 0, who[HOSTS_MAX];

	begin(&w, 7);
	start(&w, SPEC(""));
	EXPECT(may_ask(&w, who) == 1);
	EXPECT(ask(&w, who[0], 4).n_grants == 1);
	for (;;) {
		const struct rollouts_hosts_page page = { .after = after, .stage = -1, .limit = 3 };
		_cleanup_(json_decrefp) json_t *list = NULL;
		char *next = NULL;

		good(rollouts_hosts(w.db, w.rollout, &page, clock_s, &list, &next, &err), &err);
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

		good(rollouts_hosts(w.db, w.rollout, &page, clock_s, &list, &next, &err), &err);
		EXPECT(json_array_size(list) == 1 && !next);
		EXPECT_STR(json_get_str(json_array_get(list, 0), "host"), w.ids[who[0]]);
		EXPECT_CONTAINS(json_get_str(json_array_get(list, 0), "name"), "host-");
	}
	end(&w);
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

	begin(&w, 3);
	start(&w, SPEC(""));
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
	end(&w);
}

TEST(a_level_of_several_kernels_wants_names)
{
	struct world w;
	struct report r;

	begin(&w, 2);
	report(&w, 1, &r);
	(void)snprintf(r.build_id, sizeof(r.build_id), "%040x", 10u);
	(void)speak(&w, &r);
	start(&w, SPEC(""));
	expect_phase(&w, "halted",
		     "level 4 of what? The hosts have 2 kernels: name those that are meant, or "
		     "say \"latest\"");
	end(&w);
}

TEST(two_of_one_domain_are_never_in_flight)
{
	struct world w;
	struct oak_error err = { .code = OAK_OK };
	struct answer a;

	begin(&w, 3);
	for (unsigned i = 0; i < 3; i++) {
		_cleanup_(json_decrefp) json_t *tags = json_pack("[s]", i < 2 ? "az=1" : "az=2");

		good(db_begin(w.db, &err), &err);
		good(hosts_change(w.db, w.ids[i], NULL, tags, &err), &err);
		good(db_commit(w.db, &err), &err);
	}
	start(&w, "{\"name\": \"x\", \"level\": 4, \"stages\": [{\"percent\": 100}], "
		  "\"spread\": \"az\"}");
	EXPECT(ask(&w, 0, 4).n_grants == 1);
	a = ask(&w, 1, 4);
	EXPECT(a.n_grants == 0);
	EXPECT_STR(a.refused[0].why, "another host of its az is not done");
	EXPECT(ask(&w, 2, 4).n_grants == 1);
	go_well(&w, 0);
	EXPECT(ask(&w, 1, 4).n_grants == 1);
	end(&w);
}

TEST(outside_of_a_window_nobody_begins)
{
	struct world w;
	struct answer a;

	begin(&w, 2);
	/* The test begins on Monday, 2026-09-21, 14:30 UTC. */
	start(&w, "{\"name\": \"x\", \"level\": 4, \"stages\": [{\"percent\": 100}], "
		  "\"windows\": \"Mon 17:00-18:00\", \"timezone\": \"Europe/Berlin\"}");
	pass(&w, 120);
	EXPECT(judge(&w, 0).word == DECISION_HOLD);
	pass(&w, 1800);
	EXPECT(judge(&w, 0).word == DECISION_ASK);
	EXPECT(ask(&w, 0, 4).n_grants == 1);
	pass(&w, 3600);
	a = ask(&w, 1, 4);
	EXPECT_STR(a.refused[0].why, "outside of the windows \"Mon 17:00-18:00\" (Europe/Berlin)");
	end(&w);
}
