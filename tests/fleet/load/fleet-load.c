/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fleet-load: many hosts check in at a rate: a poll of the decision, and a signed report, each.
 *
 * The rate is kept whatever the server does (an open loop): a check-in's time begins when it was due,
 * so a server that stops for a second is seen by all who came in that second. The last line is one JSON
 * object with the figures. Exit status 1: a rule was broken (an answer that is not signed, a conflict), or
 * a report was given up.
 */
#include <getopt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <fcntl.h>
#include <sodium.h>

#include "../decimal.h"
#include "sim-host.h"

#define URLS_MAX     8
#define SAMPLES_MAX  4000000u
#define GIVE_UP_S    60.0
#define ENROL_S      120.0
#define START_SPREAD 0.05

struct load {
	struct sim_world world;
	const char *urls[URLS_MAX];
	struct sim_host *hosts;
	uint64_t n_hosts, first, sequence;
	double rate, seconds, start; /* @rate 0: as fast as they can */
	unsigned threads;
	bool polls;
	const char *record;
	atomic_uint_fast64_t next;
	atomic_bool is_broken;
	float *ms; /* of each check-in */
	pthread_mutex_t lock;
	struct sim_tally sum;
};

static uint64_t number_of(const char *text)
{
	uint64_t n = 0;

	if (!decimal_read(text, &n)) {
		(void)fprintf(stderr, "not a number: %s\n", text);
		exit(2);
	}
	return n;
}

/* ROLLOUT:LEVEL */
static void take_ask(struct load *l, const char *text)
{
	uint64_t level = 0;

	if (strlen(text) < 18 || text[16] != ':' || !decimal_read(text + 17, &level)) {
		(void)fprintf(stderr, "not a rollout and a level: %s\n", text);
		exit(2);
	}
	memcpy(l->world.rollout, text, 16);
	l->world.rollout[16] = '\0';
	l->world.level = (unsigned)level;
}

static void take_option(struct load *l, int c)
{
	switch (c) {
	case 'u':
		if (l->world.n_urls < URLS_MAX)
			l->urls[l->world.n_urls++] = optarg;
		break;
	case 'c':
		l->world.ca = optarg;
		break;
	case 'g':
		l->world.ring = optarg;
		break;
	case 't':
		l->world.token = optarg;
		break;
	case 'k':
		l->world.knows_key = sodium_hex2bin(l->world.server_key, 32, optarg, strlen(optarg),
						    NULL, NULL, NULL) == 0;
		break;
	case 'n':
		l->n_hosts = number_of(optarg);
		break;
	case 'f':
		l->first = number_of(optarg);
		break;
	case 'q':
		l->sequence = number_of(optarg);
		break;
	case 'r':
		l->rate = strtod(optarg, NULL);
		break;
	case 's':
		l->seconds = strtod(optarg, NULL);
		break;
	case 'j':
		l->threads = (unsigned)number_of(optarg);
		break;
	case 'x':
		l->world.each_connects = true;
		break;
	case 'p':
		l->polls = false;
		break;
	case 'o':
		l->record = optarg;
		break;
	case 'a':
		take_ask(l, optarg);
		break;
	default:
		(void)fputs("usage: fleet-load --url URL --ca FILE --hosts N [--rate R] ...\n",
			    stderr);
		exit(2);
	}
}

static void take_options(struct load *l, int argc, char **argv)
{
	static const struct option options[] = {
		{ "url", required_argument, NULL, 'u' },
		{ "ca", required_argument, NULL, 'c' },
		{ "ring", required_argument, NULL, 'g' },
		{ "token", required_argument, NULL, 't' }, /* enrol first */
		{ "key", required_argument, NULL, 'k' },   /* of the server, where nobody enrols */
		{ "hosts", required_argument, NULL, 'n' },
		{ "first", required_argument, NULL, 'f' },
		{ "sequence", required_argument, NULL, 'q' }, /* that the server has of each */
		{ "rate", required_argument, NULL, 'r' },
		{ "seconds", required_argument, NULL, 's' },
		{ "threads", required_argument, NULL, 'j' },
		{ "connect", no_argument, NULL, 'x' }, /* a connection for each check-in */
		{ "no-poll", no_argument, NULL, 'p' },
		{ "record", required_argument, NULL, 'o' },
		{ "ask", required_argument, NULL, 'a' }, /* ROLLOUT:LEVEL */
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		take_option(l, c);
	if (!l->world.n_urls || !l->n_hosts || !l->threads)
		take_option(l, '?');
}

static void add(struct load *l, const struct sim_tally *t)
{
	(void)pthread_mutex_lock(&l->lock);
	l->sum.acknowledged += t->acknowledged;
	l->sum.again += t->again;
	l->sum.grants += t->grants;
	l->sum.refused += t->refused;
	l->sum.not_modified += t->not_modified;
	l->sum.decisions += t->decisions;
	l->sum.conflicts += t->conflicts;
	l->sum.bad_answers += t->bad_answers;
	l->sum.given_up += t->given_up;
	(void)pthread_mutex_unlock(&l->lock);
}

/* Hosts N, N + threads, ... belong to one thread each, so that no host speaks twice at once. */
static void *enrol_some(void *ctx)
{
	struct load *l = ctx;
	struct sim_world own = l->world; /* for the key of the server, which each thread learns */
	struct sim_line line;
	uint64_t i;

	if (!sim_line_open(&line, &own))
		return NULL;
	while ((i = atomic_fetch_add(&l->next, 1)) < l->n_hosts)
		if (!sim_enrol(&l->hosts[i], l->first + i, &own, &line, sim_now() + ENROL_S))
			l->is_broken = true;
	(void)pthread_mutex_lock(&l->lock);
	memcpy(l->world.server_key, own.server_key, sizeof(own.server_key));
	l->world.knows_key = l->world.knows_key || own.knows_key;
	(void)pthread_mutex_unlock(&l->lock);
	sim_line_close(&line);
	return NULL;
}

static void wait_until(double when)
{
	double left = when - sim_now();

	if (left > 0)
		(void)usleep((useconds_t)(left * 1e6));
}

struct seat {
	struct load *load;
	unsigned number;
	pthread_t thread;
};

/* The thread's own hosts in turn; each is due at a time that the rate alone says. */
static void *check_in(void *ctx)
{
	struct seat *s = ctx;
	struct load *l = s->load;
	struct sim_tally t = { 0 };
	struct sim_line line;
	uint64_t mine = s->number;

	if (!sim_line_open(&line, &l->world))
		return NULL;
	line.turn = s->number;
	for (uint64_t k = 0;; k++) {
		uint64_t n = k * l->threads + s->number; /* of all check-ins */
		double due = l->rate > 0 ? l->start + (double)n / l->rate : sim_now();

		if (due >= l->start + l->seconds || n >= SAMPLES_MAX)
			break;
		wait_until(due);
		if (l->polls && !sim_poll(&l->world, &line, &t))
			t.again++;
		(void)sim_report(&l->hosts[mine], &l->world, &line, sim_now() + GIVE_UP_S, &t);
		l->ms[n] = (float)((sim_now() - due) * 1e3);
		mine += l->threads;
		if (mine >= l->n_hosts)
			mine = s->number;
	}
	add(l, &t);
	sim_line_close(&line);
	return NULL;
}

static int compare(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

static double at(const float *ms, size_t n, double share)
{
	return n ? (double)ms[(size_t)((double)(n - 1) * share)] : 0;
}

static int report(struct load *l)
{
	double took = sim_now() - l->start;
	const struct sim_tally *t = &l->sum;
	size_t n = 0;

	for (size_t i = 0; i < SAMPLES_MAX; i++)
		if (l->ms[i] > 0)
			l->ms[n++] = l->ms[i];
	qsort(l->ms, n, sizeof(l->ms[0]), compare);
	(void)printf("{\"check_ins\": %llu, \"seconds\": %.1f, \"per_s\": %.1f, \"p50_ms\": %.1f, "
		     "\"p99_ms\": %.1f, \"max_ms\": %.1f, \"again\": %llu, \"grants\": %llu, "
		     "\"refused\": %llu, \"decisions\": %llu, \"not_modified\": %llu, "
		     "\"conflicts\": %llu, \"bad_answers\": %llu, \"given_up\": %llu}\n",
		     (unsigned long long)t->acknowledged, took, (double)t->acknowledged / took,
		     at(l->ms, n, 0.5), at(l->ms, n, 0.99), at(l->ms, n, 1),
		     (unsigned long long)t->again, (unsigned long long)t->grants,
		     (unsigned long long)t->refused, (unsigned long long)t->decisions,
		     (unsigned long long)t->not_modified, (unsigned long long)t->conflicts,
		     (unsigned long long)t->bad_answers, (unsigned long long)t->given_up);
	return t->conflicts || t->bad_answers || t->given_up || l->is_broken;
}

static void run_all(struct load *l, void *(*body)(void *ctx), bool seats)
{
	struct seat *s = calloc(l->threads, sizeof(*s));

	for (unsigned i = 0; s && i < l->threads; i++) {
		s[i] = (struct seat){ .load = l, .number = i };
		if (pthread_create(&s[i].thread, NULL, body, seats ? (void *)&s[i] : l) != 0)
			exit(1);
	}
	for (unsigned i = 0; s && i < l->threads; i++)
		(void)pthread_join(s[i].thread, NULL);
	free(s);
}

int main(int argc, char **argv)
{
	struct load l = { .threads = 32, .seconds = 10, .polls = true, .sequence = 0 };

	l.world = (struct sim_world){ .urls = l.urls, .ring = "default", .record = -1 };
	(void)pthread_mutex_init(&l.lock, NULL);
	take_options(&l, argc, argv);
	l.threads = l.threads > l.n_hosts ? (unsigned)l.n_hosts : l.threads;
	l.hosts = calloc(l.n_hosts, sizeof(*l.hosts));
	l.ms = calloc(SAMPLES_MAX, sizeof(*l.ms));
	if (sodium_init() < 0 || curl_global_init(CURL_GLOBAL_ALL) != 0 || !l.hosts || !l.ms)
		return 1;
	if (l.record)
		l.world.record = open(l.record, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	for (uint64_t i = 0; i < l.n_hosts; i++) {
		sim_host_make(&l.hosts[i], l.first + i);
		l.hosts[i].sequence = l.sequence;
	}
	if (l.world.token)
		run_all(&l, enrol_some, false);
	if (l.is_broken)
		return 1;
	l.start = sim_now() + START_SPREAD;
	run_all(&l, check_in, true);
	return report(&l);
}
