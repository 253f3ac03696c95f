/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rollout-world.h"

#include "base/json.h"
#include "fleet/director/director.h"
#include "fleet/director/shelf.h"
#include "fleet/store/hosts.h"
#include "test.h"
#include "trust/key.h"

int64_t world_clock_s;

static int64_t test_now(void)
{
	return world_clock_s;
}

void good(int r, const struct oak_error *err)
{
	if (r < 0)
		print_error("%s\n", err->msg);
	EXPECT(r >= 0);
}

void world_report(struct world *w, unsigned host, struct report *ret)
{
	fixture_report(w->ids[host], ++w->sequence[host], 0, "none", ret);
}

/* The host speaks: its report is taken, what it asks is answered. */
struct answer world_speak(struct world *w, struct report *r)
{
	struct oak_error err = { .code = OAK_OK };
	struct grant_session *s = NULL;
	struct store_host h = { .sequence = 0 };
	struct answer a = { .sequence = r->sequence };
	char sha256[65];
	struct report_fate fate;

	(void)snprintf(h.id, sizeof(h.id), "%s", r->host);
	(void)snprintf(sha256, sizeof(sha256), "%064llx", (unsigned long long)r->sequence);
	good(db_begin(w->db, &err), &err);
	good(grant_session_begin(w->db, world_clock_s, &s, &err), &err);
	good(hosts_take_report(w->db, &h, r, sha256, world_clock_s, &fate, &err), &err);
	good(grant_session_take(s, r, &a, &err), &err);
	grant_session_end(s);
	good(db_commit(w->db, &err), &err);
	report_clear(r);
	return a;
}

struct answer world_ask(struct world *w, unsigned host, uint32_t level)
{
	struct report r;

	world_report(w, host, &r);
	r.n_asks = 1;
	r.asks[0].level = level;
	(void)snprintf(r.asks[0].rollout, sizeof(r.asks[0].rollout), "%s", w->rollout);
	return world_speak(w, &r);
}

void world_tell(struct world *w, unsigned host, enum report_result_kind kind, const char *why)
{
	struct report r;

	world_report(w, host, &r);
	r.n_results = 1;
	r.results[0] = (struct report_result){ .level = 4, .kind = kind };
	(void)snprintf(r.results[0].rollout, sizeof(r.results[0].rollout), "%s", w->rollout);
	(void)snprintf(r.results[0].why, sizeof(r.results[0].why), "%s", why);
	(void)world_speak(w, &r);
}

void world_turn(struct world *w)
{
	struct oak_error err = { .code = OAK_OK };

	good(director_turn(&w->fleet, w->db, &err), &err);
}

void world_pass(struct world *w, int64_t seconds)
{
	for (; seconds > 0; seconds -= 60) {
		world_clock_s += seconds < 60 ? seconds : 60;
		world_turn(w);
	}
}

void world_end(struct world *w)
{
	db_close(w->db);
	shelf_free(w->fleet.shelf);
	tuf_key_free(w->key);
}

void world_begin(struct world *w, unsigned hosts)
{
	struct oak_error err = { .code = OAK_OK };
	char token[128];

	world_clock_s = FIXTURE_NOW + 1000;
	*w = (struct world){ .n = hosts };
	(void)snprintf(w->url, sizeof(w->url), "%s", fixture_url());
	w->db = fixture_migrated(w->url);
	w->set = (struct server_settings){ .poll_s = 60, .report_s = 60, .decision_s = 3600 };
	good(tuf_key_generate(&w->key, &err), &err);
	w->fleet = (struct fleet){
		.settings = &w->set, .key = w->key, .shelf = shelf_new(), .now_s = test_now
	};
	fixture_token(w->db, 0, token);
	for (unsigned i = 0; i < hosts; i++) {
		struct report r;

		fixture_host(w->db, token, i, w->ids[i]);
		world_report(w, i, &r);
		(void)world_speak(w, &r);
	}
}

json_t *world_create(struct world *w, const char *text, const char *who)
{
	_cleanup_(json_decrefp) json_t *spec = NULL;
	struct oak_error err = { .code = OAK_OK };
	json_t *made = NULL;

	good(json_parse(text, strlen(text), 65536, "rollout", &spec, &err), &err);
	good(db_begin(w->db, &err), &err);
	good(rollouts_create(w->db, spec, who, world_clock_s, &made, &err), &err);
	good(db_commit(w->db, &err), &err);
	(void)snprintf(w->rollout, sizeof(w->rollout), "%s", json_get_str(made, "id"));
	return made;
}

int world_command(struct world *w, enum rollout_command c, const char *who, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *json = NULL;
	struct oak_error commit = { .code = OAK_OK };
	int r;

	good(db_begin(w->db, &commit), &commit);
	r = rollouts_command(w->db, w->rollout, c, who, world_clock_s, &json, err);
	if (r < 0)
		db_rollback(w->db);
	else
		good(db_commit(w->db, &commit), &commit);
	return r;
}

void world_start(struct world *w, const char *text)
{
	struct oak_error err = { .code = OAK_OK };

	json_decref(world_create(w, text, "token:a"));
	good(world_command(w, ROLLOUT_SUBMIT, "token:a", &err), &err);
	good(world_command(w, ROLLOUT_START, "token:a", &err), &err);
	world_turn(w);
}

json_t *world_get(struct world *w)
{
	struct oak_error err = { .code = OAK_OK };
	json_t *json = NULL;

	good(rollouts_get(w->db, w->rollout, &json, &err), &err);
	return json;
}

json_int_t world_outcome(struct world *w, const char *name)
{
	_cleanup_(json_decrefp) json_t *json = world_get(w);

	return json_integer_value(json_object_get(json_object_get(json, "outcomes"), name));
}

struct decision_verdict world_judge(struct world *w, unsigned host)
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

void world_restart(struct world *w)
{
	shelf_free(w->fleet.shelf);
	w->fleet.shelf = shelf_new();
}
