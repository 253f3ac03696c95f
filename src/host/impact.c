/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/impact.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "host/stall.h"

#define MS               1000000u
#define NAP_NS           MS
#define NAP_LONG_NS      (10 * MS) /* once it takes long: a tenth of the cost */
#define NAP_LONG_FROM_NS (5000ull * MS)
#define SAMPLE_MS        100
#define PENDING_AT_NS    (1000ull * MS)
#define SIGNALLED_AT_NS  (14000ull * MS) /* the kernel's own count of seconds is rounded */
#define PROBE_STACK      65536u          /* glibc adds its own part where that is not enough */

struct probe {
	struct impact_run *run;
	pthread_t thread;
	int cpu;
	bool pinned; /* it did measure */
	uint64_t gap_ns;
};

struct impact_run {
	int root;
	int quit_fd; /* readable from the end on, for the sampler */
	atomic_bool quit;
	atomic_bool to_patched;
	atomic_ullong transition_ns; /* when it began; 0: not yet */
	uint64_t begin_ns;
	pthread_t sampler;
	bool samples;
	size_t n;
	struct probe probes[IMPACT_PROBES_MAX];
	struct psi before[PSI_N];
	struct impact found;
};

static bool pin(int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	return pthread_setaffinity_np(pthread_self(), sizeof(one), &one) == 0;
}

static void *probe(void *arg)
{
	struct probe *p = arg;
	const struct impact_run *run = p->run;

	p->pinned = pin(p->cpu);
	while (p->pinned && !run->quit) {
		uint64_t from = clock_now_ns(), nap, took;

		nap = from - run->begin_ns < NAP_LONG_FROM_NS ? NAP_NS : NAP_LONG_NS;
		(void)nanosleep(&(struct timespec){ .tv_nsec = (long)nap }, NULL);
		took = clock_now_ns() - from;
		if (took > nap && took - nap > p->gap_ns)
			p->gap_ns = took - nap;
	}
	return NULL;
}

static void sample_psi(struct impact_run *run)
{
	for (enum psi_resource i = 0; i < PSI_N; i++) {
		struct psi now = psi_read(run->root, i);
		double *max = &run->found.psi[i].during_max;

		if (now.known && now.avg10 > *max)
			*max = now.avg10;
	}
}

static void count_pending(const struct impact_run *run, uint64_t after_ns, long *ret)
{
	uint64_t began = run->transition_ns;

	if (*ret < 0 && began && clock_now_ns() - began >= after_ns)
		*ret = stall_count(run->root, run->to_patched);
}

static void *sampler(void *arg)
{
	struct impact_run *run = arg;
	struct pollfd quit = { .fd = run->quit_fd, .events = POLLIN };

	while (!run->quit && poll(&quit, 1, SAMPLE_MS) == 0) {
		sample_psi(run);
		count_pending(run, PENDING_AT_NS, &run->found.pending_1s);
		count_pending(run, SIGNALLED_AT_NS, &run->found.signalled);
	}
	return NULL;
}

/* Every Nth of those that we may run on. */
static void start_probes(struct impact_run *run, const pthread_attr_t *attr)
{
	unsigned step, seen = 0;
	cpu_set_t may;

	if (sched_getaffinity(0, sizeof(may), &may) < 0)
		return;
	run->found.cpus = (unsigned)CPU_COUNT(&may);
	step = (run->found.cpus + IMPACT_PROBES_MAX - 1) / IMPACT_PROBES_MAX;
	for (int cpu = 0; cpu < CPU_SETSIZE && run->n < IMPACT_PROBES_MAX; cpu++) {
		struct probe *p = &run->probes[run->n];

		if (!CPU_ISSET(cpu, &may) || seen++ % step)
			continue;
		*p = (struct probe){ .run = run, .cpu = cpu };
		if (pthread_create(&p->thread, attr, probe, p) != 0)
			return;
		run->n++;
	}
}

static void start_threads(struct impact_run *run)
{
	pthread_attr_t attr;

	if (pthread_attr_init(&attr) != 0)
		return;
	(void)pthread_attr_setstacksize(&attr, PROBE_STACK);
	start_probes(run, &attr);
	run->samples = run->quit_fd >= 0 && pthread_create(&run->sampler, &attr, sampler, run) == 0;
	(void)pthread_attr_destroy(&attr);
}

struct impact_run *impact_begin(int root)
{
	struct impact_run *run = calloc(1, sizeof(*run));

	if (!run)
		return NULL;
	run->root = root;
	run->begin_ns = clock_now_ns();
	run->quit_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	run->found = (struct impact){ .gap_cpu = -1, .pending_1s = -1, .signalled = -1 };
	for (enum psi_resource i = 0; i < PSI_N; i++) {
		run->before[i] = psi_read(root, i);
		run->found.psi[i].before = run->before[i].avg10;
		run->found.psi[i].during_max = run->before[i].avg10;
	}
	start_threads(run);
	return run;
}

void impact_transition(struct impact_run *run, bool to_patched)
{
	if (!run)
		return;
	run->to_patched = to_patched;
	run->transition_ns = clock_now_ns();
}

static void stop_threads(struct impact_run *run)
{
	run->quit = true;
	if (run->samples) {
		(void)eventfd_write(run->quit_fd, 1);
		(void)pthread_join(run->sampler, NULL);
	}
	for (size_t i = 0; i < run->n; i++)
		(void)pthread_join(run->probes[i].thread, NULL);
	if (run->quit_fd >= 0)
		(void)close(run->quit_fd);
}

static void gather_gaps(const struct impact_run *run, struct impact *ret)
{
	for (size_t i = 0; i < run->n; i++) {
		const struct probe *p = &run->probes[i];
		double ms = (double)p->gap_ns / MS;

		if (!p->pinned)
			continue;
		ret->probes++;
		if (ret->gap_cpu < 0 || ms > ret->gap_ms) {
			ret->gap_ms = ms;
			ret->gap_cpu = p->cpu;
		}
	}
}

static void gather_psi(const struct impact_run *run, struct impact *ret)
{
	for (enum psi_resource i = 0; i < PSI_N; i++) {
		struct psi now = psi_read(run->root, i);
		struct impact_psi *psi = &ret->psi[i];

		psi->known = now.known && run->before[i].known;
		psi->after = now.avg10;
		if (psi->after > psi->during_max)
			psi->during_max = psi->after;
		if (psi->known && now.total_us > run->before[i].total_us)
			psi->waited_us = now.total_us - run->before[i].total_us;
	}
}

void impact_end(struct impact_run *run, struct impact *ret)
{
	*ret = (struct impact){ .gap_cpu = -1, .pending_1s = -1, .signalled = -1 };
	if (!run)
		return;
	run->found.total_ms = (double)(clock_now_ns() - run->begin_ns) / MS;
	stop_threads(run);
	*ret = run->found;
	ret->measured = true;
	gather_gaps(run, ret);
	gather_psi(run, ret);
	free(run);
}

static json_t *psi_json(const struct impact_psi *psi)
{
	if (!psi->known)
		return json_null();
	return json_pack("{s:f, s:f, s:f, s:f}", "before", psi->before, "during_max",
			 psi->during_max, "after", psi->after, "waited_ms",
			 (double)psi->waited_us / 1e3);
}

static json_t *count_json(long n)
{
	return n < 0 ? json_null() : json_integer(n);
}

json_t *impact_json(const struct impact *i)
{
	bool gap = i->gap_cpu >= 0;
	json_t *doc, *psi = json_object();

	for (enum psi_resource k = 0; k < PSI_N; k++)
		(void)json_object_set_new(psi, psi_name(k), psi_json(&i->psi[k]));
	doc = json_pack("{s:f, s:f, s:f, s:o, s:o, s:i, s:i, s:o, s:o, s:o}", "load_ms", i->load_ms,
			"transition_ms", i->transition_ms, "total_ms", i->total_ms, "gap_ms",
			gap ? json_real(i->gap_ms) : json_null(), "gap_cpu",
			gap ? json_integer(i->gap_cpu) : json_null(), "cpus", (int)i->cpus,
			"probed", (int)i->probes, "pending_1s", count_json(i->pending_1s),
			"signalled", count_json(i->signalled), "psi", psi);
	return doc;
}
