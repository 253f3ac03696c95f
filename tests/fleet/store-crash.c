/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was acknowledged is there, whatever ends the one who wrote it. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "fleet/store/audit.h"
#include "fleet/store/hosts.h"
#include "store-fixture.h"
#include "test.h"

#define HOSTS 20u

struct ack {
	uint64_t sequence; /* of all hosts */
	int64_t entries;   /* of the audit log */
};

/* Ends where the database says no. */
static void write_on(struct db *db, char id[HOSTS][33], uint64_t sequence, int64_t entries, int acks)
{
	struct oak_error err = { .code = OAK_OK };
	struct report_fate fate;

	for (;;) {
		const struct audit_entry a = {
			.who = "server", .action = "a.b", .subject = "", .at_s = FIXTURE_NOW
		};
		struct ack ack = { ++sequence, ++entries };
		int r = db_begin(db, &err);

		for (unsigned i = 0; i < HOSTS && !r; i++) {
			struct store_host h = { .sequence = 0 };
			char hash[65];
			struct report rep;

			memcpy(h.id, id[i], 33);
			fixture_report(id[i], sequence, (uint32_t)(sequence % 5), "settled", &rep);
			(void)snprintf(hash, sizeof(hash), "%064llx", (unsigned long long)sequence);
			r = hosts_take_report(db, &h, &rep, hash, FIXTURE_NOW + (int64_t)sequence,
					      &fate, &err);
			report_clear(&rep);
		}
		if (!r)
			r = audit_add(db, &a, &err);
		if (!r)
			r = db_commit(db, &err);
		if (r < 0 || write(acks, &ack, sizeof(ack)) != sizeof(ack))
			return;
	}
}

/* A writer in a process of its own. */
static pid_t start_writer(const char *url, char id[HOSTS][33], const struct ack *from, rlim_t limit,
			  int *ret_acks)
{
	int pipes[2];
	pid_t pid;

	EXPECT(!pipe2(pipes, O_CLOEXEC));
	pid = fork();
	EXPECT(pid >= 0);
	if (!pid) {
		const struct rlimit size = { limit, limit };
		struct oak_error err;
		struct db *db;

		(void)signal(SIGXFSZ, SIG_IGN);
		if (!db_open(url, &db, &err) && !setrlimit(RLIMIT_FSIZE, &size))
			write_on(db, id, from->sequence, from->entries, pipes[1]);
		_exit(0);
	}
	(void)close(pipes[1]);
	*ret_acks = pipes[0];
	return pid;
}

/* All acks until the writer is gone, which is after @kill_ms at the latest. */
static struct ack last_ack(pid_t pid, int acks, int kill_ms, struct ack last)
{
	struct pollfd fd = { .fd = acks, .events = POLLIN };
	int status;

	if (kill_ms >= 0) {
		(void)usleep((useconds_t)kill_ms * 1000);
		EXPECT(!kill(pid, SIGKILL));
	}
	while (poll(&fd, 1, -1) == 1 && read(acks, &last, sizeof(last)) == sizeof(last))
		;
	EXPECT(waitpid(pid, &status, 0) == pid);
	(void)close(acks);
	return last;
}

/* What was acknowledged, and all of one transaction or nothing. Return: what there is. */
static struct ack check(const char *url, char id[HOSTS][33], const struct ack *acknowledged)
{
	_cleanup_(db_closep) struct db *db = fixture_again(url);
	_cleanup_(json_decrefp) json_t *counts = NULL;
	struct oak_error err = { .code = OAK_OK };
	struct store_host first, h;
	uint64_t entries = 0;
	int r = audit_verify(db, &entries, &err);

	if (r < 0)
		print_error("%s\n", err.msg);
	EXPECT(!r);
	EXPECT(entries >= (uint64_t)acknowledged->entries);
	EXPECT(!hosts_find(db, id[0], &first, &err));
	EXPECT(first.sequence >= acknowledged->sequence && first.sequence == entries);
	for (unsigned i = 1; i < HOSTS; i++) {
		EXPECT(!hosts_find(db, id[i], &h, &err));
		EXPECT(h.sequence == first.sequence);
	}
	EXPECT(!hosts_counts(db, &counts, &err));
	EXPECT(json_integer_value(json_object_get(counts, "total")) == HOSTS);
	return (struct ack){ first.sequence, (int64_t)entries };
}

static void make_hosts(const char *url, char id[HOSTS][33])
{
	_cleanup_(db_closep) struct db *db = fixture_migrated(url);
	char token[128];

	fixture_token(db, 0, token);
	for (unsigned i = 0; i < HOSTS; i++)
		fixture_host(db, token, i, id[i]);
}

TEST(what_was_acknowledged_outlives_a_killed_writer)
{
	_cleanup_(freep) char *url = strdup(fixture_url());
	struct ack at = { 0, 0 };
	char id[HOSTS][33];

	make_hosts(url, id);
	for (int round = 0; round < 8; round++) {
		struct ack last;
		int acks;
		pid_t pid = start_writer(url, id, &at, RLIM_INFINITY, &acks);

		/* Some die while they begin, some in the middle. */
		if (round % 2)
			EXPECT(poll(&(struct pollfd){ .fd = acks, .events = POLLIN }, 1, -1) == 1);
		last = last_ack(pid, acks, 20 + 37 * round, at);
		at = check(url, id, &last);
	}
	EXPECT(at.sequence > 0);
}

/* One that may not write on, as on a full disk: it is told, and what it wrote before stays. */
TEST(a_disk_that_is_full_loses_nothing)
{
	_cleanup_(freep) char *url = strdup(fixture_url());
	struct ack at = { 0, 0 }, last;
	char id[HOSTS][33];
	pid_t pid;
	int acks;

	if (strncmp(url, "sqlite:", 7) != 0)
		return;
	make_hosts(url, id);
	pid = start_writer(url, id, &at, 2u << 20, &acks);
	last = last_ack(pid, acks, -1, at);
	EXPECT(last.sequence > 0);
	at = check(url, id, &last);
	/* With room again it goes on. */
	pid = start_writer(url, id, &at, RLIM_INFINITY, &acks);
	last = last_ack(pid, acks, 200, at);
	EXPECT(check(url, id, &last).sequence >= at.sequence);
}

static void run(const char *what)
{
	char command[4200];

	(void)snprintf(command, sizeof(command), ". '%s' && %s", getenv("OAKUM_TEST_POSTGRES_SH"),
		       what);
	const char *const argv[] = { "bash", "-c", command, NULL };
	pid_t pid = fork();
	int status = 1;

	EXPECT(pid >= 0);
	if (!pid) {
		(void)execvp("bash", (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	EXPECT(waitpid(pid, &status, 0) == pid && status == 0);
}

TEST(what_was_acknowledged_outlives_a_crash_of_postgresql)
{
	_cleanup_(freep) char *url = NULL;
	_cleanup_(db_closep) struct db *before = NULL;
	struct oak_error err = { .code = OAK_OK };
	struct ack at = { 0, 0 }, last;
	char id[HOSTS][33];
	struct store_host h;
	pid_t pid;
	int acks;

	if (!getenv("OAKUM_TEST_POSTGRES_SH"))
		return;
	url = strdup(fixture_url());
	make_hosts(url, id);
	before = fixture_again(url);
	EXPECT(!hosts_find(before, id[0], &h, &err));
	for (int round = 0; round < 2; round++) {
		pid = start_writer(url, id, &at, RLIM_INFINITY, &acks);
		EXPECT(poll(&(struct pollfd){ .fd = acks, .events = POLLIN }, 1, -1) == 1);
		run("postgres_kill");
		last = last_ack(pid, acks, -1, at);
		EXPECT(last.sequence > at.sequence);
		/* While it is away whoever asks is told to come again. */
		EXPECT(hosts_find(before, id[0], &h, &err) == -OAK_E_AGAIN);
		EXPECT(db_begin(before, &err) == -OAK_E_AGAIN);
		run("postgres_again");
		at = check(url, id, &last);
		EXPECT(!hosts_find(before, id[0], &h, &err) && h.sequence == at.sequence);
	}
}
