/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several servers on one database, and servers that are killed: nothing is lost, nothing doubled. */
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "fleet/director/director.h"
#include "fleet/director/memo.h"
#include "fleet/store/hosts.h"
#include "rollout-world.h"
#include "test.h"

#define ALL(more)                                                                               \
	"{\"name\": \"x\", \"level\": 4, \"stages\": [{\"percent\": 100}], \"max_in_flight\": " \
	"5" more "}"

/* A server of its own: a connection, and half of the hosts that ask it. */
struct asker {
	struct db *db;
	const struct world *w;
	unsigned first;
	size_t grants;
	bool failed;
};

static int ask_one(struct asker *a, unsigned host, struct oak_error *err)
{
	struct grant_session *s = NULL;
	struct answer answer = { 0 };
	struct report r;
	int result = db_begin(a->db, err);

	fixture_report(a->w->ids[host], 9, 0, "none", &r);
	r.n_asks = 1;
	r.asks[0].level = 4;
	memcpy(r.asks[0].rollout, a->w->rollout, sizeof(a->w->rollout));
	if (result == 0)
		result = grant_session_begin(a->db, world_clock_s, &s, err);
	if (result == 0)
		result = grant_session_take(s, &r, &answer, err);
	grant_session_end(s);
	if (result == 0)
		result = db_commit(a->db, err);
	report_clear(&r);
	a->grants += answer.n_grants;
	return result;
}

static void *ask_all(void *ctx)
{
	struct asker *a = ctx;
	struct oak_error err = { .code = OAK_OK };

	for (unsigned i = a->first; i < a->w->n && !a->failed; i += 2)
		a->failed = ask_one(a, i, &err) < 0;
	return NULL;
}

static struct db *another(const struct world *w)
{
	return fixture_again(w->url);
}

TEST(two_servers_grant_no_more_than_one)
{
	struct world w;
	struct asker askers[2];
	pthread_t threads[2];

	world_begin(&w, 60);
	world_start(&w, ALL(""));
	world_pass(&w, 1200);
	for (unsigned i = 0; i < 2; i++) {
		askers[i] = (struct asker){ .db = another(&w), .w = &w, .first = i };
		EXPECT(pthread_create(&threads[i], NULL, ask_all, &askers[i]) == 0);
	}
	for (unsigned i = 0; i < 2; i++) {
		EXPECT(pthread_join(threads[i], NULL) == 0);
		EXPECT(!askers[i].failed);
		db_close(askers[i].db);
	}
	EXPECT(askers[0].grants + askers[1].grants == 5);
	EXPECT(world_outcome(&w, "granted") == 5 && world_outcome(&w, "waiting") == 55);
	world_end(&w);
}

/* The first server dies within a transaction; the other one goes on where it was. */
TEST(a_server_that_dies_leaves_its_work_to_the_other)
{
	struct world w;
	struct oak_error err = { .code = OAK_OK };
	struct asker dying, other;
	struct fleet second;
	uint64_t version;

	world_begin(&w, 10);
	world_start(&w, ALL(""));
	world_pass(&w, 300);
	other = (struct asker){ .db = another(&w), .w = &w };
	second = w.fleet;
	second.shelf = shelf_new();
	good(director_turn(&second, other.db, &err), &err);
	version = shelf_version(w.fleet.shelf, "default");
	EXPECT(version && shelf_version(second.shelf, "default") == version);
	dying = (struct asker){ .db = w.db, .w = &w };
	good(ask_one(&dying, 0, &err), &err);
	good(ask_one(&dying, 1, &err), &err);
	EXPECT(dying.grants == 2);
	{
		struct grant_session *s = NULL;
		struct answer answer = { 0 };
		struct report r;

		good(db_begin(w.db, &err), &err);
		good(grant_session_begin(w.db, world_clock_s, &s, &err), &err);
		fixture_report(w.ids[2], 9, 0, "none", &r);
		r.n_asks = 1;
		r.asks[0].level = 4;
		memcpy(r.asks[0].rollout, w.rollout, sizeof(w.rollout));
		good(grant_session_take(s, &r, &answer, &err), &err);
		EXPECT(answer.n_grants == 1);
		report_clear(&r);
		grant_session_end(s);
	}
	db_close(w.db);
	w.db = other.db;
	EXPECT(world_outcome(&w, "granted") == 2 && world_outcome(&w, "waiting") == 8);
	shelf_free(w.fleet.shelf);
	w.fleet.shelf = second.shelf;
	world_pass(&w, 60);
	good(ask_one(&other, 2, &err), &err);
	good(ask_one(&other, 0, &err), &err);
	EXPECT(other.grants == 2);
	EXPECT(world_outcome(&w, "granted") == 3);
	good(world_command(&w, ROLLOUT_PAUSE, "token:a", &err), &err);
	world_turn(&w);
	EXPECT(shelf_version(w.fleet.shelf, "default") > version);
	world_end(&w);
}

static int64_t sleepy_now(void)
{
	return world_clock_s;
}

/* A process that turns until it is killed; it has a connection of its own. */
static pid_t turn_elsewhere(const struct world *w)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct oak_error err;
		struct fleet fleet = w->fleet;
		struct db *db = NULL;

		fleet.shelf = shelf_new();
		fleet.now_s = sleepy_now;
		if (db_open(w->url, &db, &err) == 0)
			(void)!director_turn(&fleet, db, &err);
		(void)pause();
		_exit(0);
	}
	return pid;
}

/* Killed at any moment between its transactions, and in them, while it gives hosts their turns. */
TEST(a_director_that_is_killed_begins_again)
{
	for (unsigned i = 0; i < 12; i++) {
		struct world w;
		struct oak_error err = { .code = OAK_OK };
		pid_t pid;
		int status;

		world_begin(&w, 40);
		json_decref(world_create(&w, ALL(", \"start\": \"at-once\""), "token:a"));
		good(world_command(&w, ROLLOUT_SUBMIT, "token:a", &err), &err);
		/* A connection must not be open in two processes. */
		db_close(w.db);
		pid = turn_elsewhere(&w);
		EXPECT(pid > 0);
		(void)usleep(i * 2000);
		EXPECT(kill(pid, SIGKILL) == 0 && waitpid(pid, &status, 0) == pid);
		w.db = another(&w);
		world_turn(&w);
		world_pass(&w, 600);
		EXPECT(world_outcome(&w, "waiting") == 40);
		{
			const struct rollouts_hosts_page page = { .stage = -1, .limit = 1000 };
			_cleanup_(json_decrefp) json_t *list = NULL;
			_cleanup_(freep) char *next = NULL;

			good(rollouts_hosts(w.db, w.rollout, &page, world_clock_s, &list, &next,
					    &err),
			     &err);
			EXPECT(json_array_size(list) == 40);
		}
		for (unsigned k = 0; k < 40; k++)
			(void)world_ask(&w, k, 4);
		EXPECT(world_outcome(&w, "granted") == 5);
		world_end(&w);
	}
}
