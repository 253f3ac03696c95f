/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/ops/metrics.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define CLASSES     6   /* of HTTP statuses: 1xx to 5xx, and what is none */
#define SERIES_MAX  100 /* of one label whose values come from hosts; the rest is "other" */
#define NS_A_SECOND 1000000000u

typedef _Atomic uint64_t counter;

/* Upper bounds of the buckets of a check-in, in seconds; then +Inf. The target is 0.1. */
static const struct {
	uint64_t ns;
	const char *text;
} buckets[] = {
	{ 1000000, "0.001" },  { 2500000, "0.0025" }, { 5000000, "0.005" },  { 10000000, "0.01" },
	{ 25000000, "0.025" }, { 50000000, "0.05" },  { 100000000, "0.1" },  { 250000000, "0.25" },
	{ 500000000, "0.5" },  { 1000000000, "1" },   { 2500000000, "2.5" }, { 10000000000, "10" },
};
#define BUCKETS (sizeof(buckets) / sizeof(buckets[0]))

struct metrics {
	counter checkins[CHECKINS];
	counter enrolments[ENROLLINGS];
	counter requests[CLASSES];
	counter queues[QUEUES];
	counter connections;
	counter time[BUCKETS + 1]; /* not cumulative; the last is +Inf */
	counter time_ns;
	_Atomic int64_t turn_s, issued_s, certificate_s;
};

struct metrics *metrics_new(void)
{
	return calloc(1, sizeof(struct metrics));
}

void metrics_free(struct metrics *m)
{
	free(m);
}

/* Nothing is ordered by these figures. */
static void add(counter *c, uint64_t n)
{
	atomic_fetch_add_explicit(c, n, memory_order_relaxed);
}

static uint64_t get(const counter *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

static void set(counter *c, uint64_t n)
{
	atomic_store_explicit(c, n, memory_order_relaxed);
}

void metrics_checkin(struct metrics *m, enum checkin result)
{
	if (m)
		add(&m->checkins[result], 1);
}

void metrics_checkin_time(struct metrics *m, uint64_t ns)
{
	size_t i = 0;

	if (!m)
		return;
	while (i < BUCKETS && ns > buckets[i].ns)
		i++;
	add(&m->time[i], 1);
	add(&m->time_ns, ns);
}

void metrics_enrolment(struct metrics *m, enum enrolling result)
{
	if (m)
		add(&m->enrolments[result], 1);
}

void metrics_request(struct metrics *m, unsigned status)
{
	unsigned class = status / 100;

	if (m)
		add(&m->requests[class < CLASSES ? class : 0], 1);
}

void metrics_queue(struct metrics *m, enum queue q, size_t length)
{
	if (m)
		set(&m->queues[q], length);
}

void metrics_connections(struct metrics *m, size_t n)
{
	if (m)
		set(&m->connections, n);
}

void metrics_turn(struct metrics *m, int64_t now_s, int64_t issued_s)
{
	if (!m)
		return;
	atomic_store_explicit(&m->issued_s, issued_s, memory_order_relaxed);
	atomic_store_explicit(&m->turn_s, now_s, memory_order_relaxed);
}

void metrics_certificate(struct metrics *m, int64_t expires_s)
{
	if (m)
		atomic_store_explicit(&m->certificate_s, expires_s, memory_order_relaxed);
}

int64_t metrics_last_turn_s(const struct metrics *m)
{
	return m ? atomic_load_explicit(&m->turn_s, memory_order_relaxed) : 0;
}

/* The text. */

struct metric;

struct out {
	struct buf *ret;
	bool openmetrics;
	const struct metric *metric;
	int r; /* the first failure; nothing is added after it */
};

struct label {
	const char *name, *value; /* name NULL: none */
};

enum metric_type {
	TYPE_COUNTER,
	TYPE_GAUGE,
	TYPE_HISTOGRAM,
	TYPE_INFO
};

struct metric {
	const char *name; /* of a counter without "_total", of an info without "_info" */
	const char *help;
	enum metric_type type;
	const char *unit; /* NULL: none */
	void (*samples)(const struct metrics *m, const struct metrics_fleet *f, struct out *o);
};

static void put(struct out *o, const char *text)
{
	if (o->r == 0)
		o->r = buf_add_str(o->ret, text);
}

/* As both formats want it in a label: '\', '"' and newline are escaped. */
static void put_value(struct out *o, const char *value)
{
	for (; *value && o->r == 0; value++) {
		if (*value == '\\' || *value == '"')
			o->r = buf_printf(o->ret, "\\%c", *value);
		else if (*value == '\n')
			o->r = buf_add(o->ret, "\\n", 2);
		else
			o->r = buf_add(o->ret, value, 1);
	}
}

static void put_labels(struct out *o, const struct label labels[2])
{
	for (size_t i = 0; i < 2 && labels[i].name; i++) {
		put(o, i ? "," : "{");
		put(o, labels[i].name);
		put(o, "=\"");
		put_value(o, labels[i].value);
		put(o, "\"");
	}
	if (labels[0].name)
		put(o, "}");
}

static void put_name(struct out *o, const char *suffix)
{
	put(o, o->metric->name);
	put(o, suffix);
}

static void sample(struct out *o, const struct label labels[2], int64_t value)
{
	static const char *const suffixes[] = {
		[TYPE_COUNTER] = "_total", [TYPE_GAUGE] = "", [TYPE_HISTOGRAM] = "_bucket", [TYPE_INFO] = "_info"
	};

	put_name(o, suffixes[o->metric->type]);
	put_labels(o, labels);
	if (o->r == 0)
		o->r = buf_printf(o->ret, " %lld\n", (long long)value);
}

static void sample_plain(struct out *o, int64_t value)
{
	sample(o, (struct label[2]){ { NULL, NULL } }, value);
}

static void sample_one(struct out *o, const char *name, const char *label_value, int64_t value)
{
	sample(o, (struct label[2]){ { name, label_value }, { NULL, NULL } }, value);
}

static void put_server(const struct metrics *m, const struct metrics_fleet *f, struct out *o)
{
	(void)m;
	(void)f;
	sample_one(o, "version", OAK_VERSION, 1);
}

static void put_checkins(const struct metrics *m, const struct metrics_fleet *f, struct out *o)
{
	static const char *const names[CHECKINS] = {
		[CHECKIN_TAKEN] = "taken",         [CHECKIN_REPEATED] = "repeated",
		[CHECKIN_SEQUENCE] = "sequence",   [CHECKIN_SIGNATURE] = "signature",
		[CHECKIN_UNKNOWN] = "unknown",     [CHECKIN_REVOKED] = "revoked",
		[CHECKIN_MALFORMED] = "malformed", [CHECKIN_FAILED] = "failed",
	};

	(void)f;
	for (size_t i = 0; i < CHECKINS; i++)
		sample_one(o, "result", names[i], (int64_t)get(&m->checkins[i]));
}

static void put_enrolments(const struct metrics *m, const struct metrics_fleet *f, struct out *o)
{
	static const char *const names[ENROLLINGS] = {
		[ENROLLING_NEW] = "new",
		[ENROLLING_AGAIN] = "again",
		[ENROLLING_REFUSED] = "refused",
		[ENROLLING_FAILED] = "failed",
	};

	(void)f;
	for (size_t i = 0; i < ENROLLINGS; i++)
		sample_one(o, "result", names[i], (int64_t)get(&m->enrolments[i]));
}

static void put_time(const struct metrics *m, const struct metrics_fleet *f, struct out *o)
{
	uint64_t n = 0, ns;

	(void)f;
	for (size_t i = 0; i < BUCKETS; i++) {
		n += get(&m->time[i]);
		sample_one(o, "le", buckets[i].text, (int64_t)n);
	}
	n += get(&m->time[BUCKETS]);
	ns = get(&m->time_ns);
	sample_one(o, "le", "+Inf", (int64_t)n);
	put_name(o, "_sum");
	if (o->r == 0)
		o->r = buf_printf(o->ret, " %llu.%09llu\n", (unsigned long long)(ns / NS_A_SECOND),
				  (unsigned long long)(ns % NS_A_SECOND));
	put_name(o, "_count");
	if (o->r == 0)
		o->r = buf_printf(o->ret, " %llu\n", (unsigned long long)n);
}

static void put_requests(const struct metrics *m, const struct metrics_fleet *f, struct out *o)
{
	static const char *const names[CLASSES] = { "other", "1xx", "2xx", "3xx", "4xx", "5xx" };

	(void)f;
	for (size_t i = 0; i < CLASSES; i++)
		sample_one(o, "code", names[i], (int64_t)get(&m->requests[i]));
}

static void put_connections(const struct metrics *m, const struct metrics_fleet *f, struct out *o)
{
	(void)f;
	sample_plain(o, (int64_t)get(&m->connections));
}

static void put_queues(const struct metrics *m, const struct metrics_fleet *f, struct out *o)
{
	static const char *const names[QUEUES] = { [QUEUE_WORK] = "work", [QUEUE_BATCH] = "report" };

	(void)f;
	for (size_t i = 0; i < QUEUES; i++)
		sample_one(o, "queue", names[i], (int64_t)get(&m->queues[i]));
}

/* Seconds since; nothing where it has not been yet. */
static void put_age(const _Atomic int64_t *at_s, const struct metrics_fleet *f, struct out *o)
{
	int64_t at = atomic_load_explicit(at_s, memory_order_relaxed);

	if (at)
		sample_plain(o, f->now_s > at ? f->now_s - at : 0);
}

static void put_turn(const struct metrics *m, const struct metrics_fleet *f, struct out *o)
{
	put_age(&m->turn_s, f, o);
}

static void put_decision(const struct metrics *m, const struct metrics_fleet *f, struct out *o)
{
	put_age(&m->issued_s, f, o);
}

/* Each member of "by"."<what>"; what hosts say there has no end, what is written here has. */
static void put_counts(const struct metrics_fleet *f, const char *what, struct out *o)
{
	json_t *counts = json_object_get(json_object_get(f->hosts, "by"), what), *n;
	const char *name;
	int64_t other = 0;
	size_t series = 0;

	json_object_foreach(counts, name, n)
	{
		if (series++ < SERIES_MAX)
			sample_one(o, what, name, json_integer_value(n));
		else
			other += json_integer_value(n);
	}
	if (series > SERIES_MAX)
		sample_one(o, what, "other", other);
}

static void put_hosts(const struct metrics *m, const struct metrics_fleet *f, struct out *o)
{
	(void)m;
	put_counts(f, "state", o);
}

static void put_levels(const struct metrics *m, const struct metrics_fleet *f, struct out *o)
{
	(void)m;
	put_counts(f, "level", o);
}

static void put_rings(const struct metrics *m, const struct metrics_fleet *f, struct out *o)
{
	(void)m;
	put_counts(f, "ring", o);
}

static void put_verdicts(const struct metrics *m, const struct metrics_fleet *f, struct out *o)
{
	(void)m;
	put_counts(f, "verdict", o);
}

static void put_silent(const struct metrics *m, const struct metrics_fleet *f, struct out *o)
{
	(void)m;
	if (f->silent >= 0)
		sample_plain(o, f->silent);
}

/* {"id", "outcomes": {"<state>": n}} of each. */
static void put_rollout_hosts(const struct metrics *m, const struct metrics_fleet *f, struct out *o)
{
	const json_t *rollout;
	size_t i;

	(void)m;
	json_array_foreach(f->rollouts, i, rollout)
	{
		const char *id = json_string_value(json_object_get(rollout, "id")), *state;
		json_t *n;

		if (i >= SERIES_MAX)
			return;
		json_object_foreach(json_object_get(rollout, "outcomes"), state, n)
		{
			if (id && json_is_integer(n))
				sample(o,
				       (struct label[2]){ { "rollout", id }, { "state", state } },
				       json_integer_value(n));
		}
	}
}

static void put_rollouts(const struct metrics *m, const struct metrics_fleet *f, struct out *o)
{
	const char *phase;
	json_t *n;

	(void)m;
	json_object_foreach((json_t *)(uintptr_t)f->phases, phase, n)
	{
		sample_one(o, "state", phase, json_integer_value(n));
	}
}

static void put_certificate(const struct metrics *m, const struct metrics_fleet *f, struct out *o)
{
	int64_t at = atomic_load_explicit(&m->certificate_s, memory_order_relaxed);

	(void)f;
	if (at)
		sample_plain(o, at);
}

static const struct metric metrics[] = {
	{ "oakum_server", "The version of this server.", TYPE_INFO, NULL, put_server },
	{ "oakum_hosts", "Enrolled hosts by the state of their level.", TYPE_GAUGE, NULL,
	  put_hosts },
	{ "oakum_hosts_by_level", "Enrolled hosts by level; 0: none.", TYPE_GAUGE, NULL,
	  put_levels },
	{ "oakum_hosts_by_ring", "Enrolled hosts by ring.", TYPE_GAUGE, NULL, put_rings },
	{ "oakum_hosts_by_verdict", "Enrolled hosts by what they say of themselves.", TYPE_GAUGE,
	  NULL, put_verdicts },
	{ "oakum_hosts_silent", "Hosts whose last word is older than the setting \"silence\".",
	  TYPE_GAUGE, NULL, put_silent },
	{ "oakum_rollouts", "Rollouts that are not over, and halted ones.", TYPE_GAUGE, NULL,
	  put_rollouts },
	{ "oakum_rollout_hosts", "Hosts of rollouts that run or pause, by state.", TYPE_GAUGE, NULL,
	  put_rollout_hosts },
	{ "oakum_certificate_expiry_timestamp_seconds", "When the certificate that is served ends.",
	  TYPE_GAUGE, "seconds", put_certificate },
	{ "oakum_decision_age_seconds", "Age of the oldest decision that is served.", TYPE_GAUGE,
	  "seconds", put_decision },
	{ "oakum_director_age_seconds", "Time since the director's last good turn.", TYPE_GAUGE,
	  "seconds", put_turn },
	{ "oakum_checkins", "Reports of hosts.", TYPE_COUNTER, NULL, put_checkins },
	{ "oakum_checkin_duration_seconds", "From a complete report to its answer.", TYPE_HISTOGRAM,
	  "seconds", put_time },
	{ "oakum_enrolments", "Hosts that came with an enrolment token.", TYPE_COUNTER, NULL,
	  put_enrolments },
	{ "oakum_http_requests", "Answered requests by class of status.", TYPE_COUNTER, NULL,
	  put_requests },
	{ "oakum_http_connections", "Open connections.", TYPE_GAUGE, NULL, put_connections },
	{ "oakum_db_queue_length", "Requests that wait for the database.", TYPE_GAUGE, NULL,
	  put_queues },
};

/* Names of counters: with "_total" in Prometheus' own format, without it in OpenMetrics. */
static void put_head(struct out *o)
{
	static const char *const types[] = { [TYPE_COUNTER] = "counter",
					     [TYPE_GAUGE] = "gauge",
					     [TYPE_HISTOGRAM] = "histogram",
					     [TYPE_INFO] = "info" };
	const struct metric *metric = o->metric;
	const char *suffix = "", *type = types[metric->type];

	if (!o->openmetrics && metric->type == TYPE_COUNTER)
		suffix = "_total";
	if (!o->openmetrics && metric->type == TYPE_INFO) {
		suffix = "_info";
		type = "gauge";
	}
	if (o->r == 0)
		o->r = buf_printf(o->ret, "# HELP %s%s %s\n# TYPE %s%s %s\n", metric->name, suffix,
				  metric->help, metric->name, suffix, type);
	if (o->r == 0 && o->openmetrics && metric->unit)
		o->r = buf_printf(o->ret, "# UNIT %s %s\n", metric->name, metric->unit);
}

int metrics_text(const struct metrics *m, const struct metrics_fleet *f, bool openmetrics,
		 struct buf *ret, struct oak_error *err)
{
	struct out o = { .ret = ret, .openmetrics = openmetrics };

	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++) {
		o.metric = &metrics[i];
		put_head(&o);
		metrics[i].samples(m, f, &o);
	}
	if (openmetrics)
		put(&o, "# EOF\n");
	return o.r < 0 ? oak_fail(err, OAK_E_NOMEM, "out of memory") : 0;
}
