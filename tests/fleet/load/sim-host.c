/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim-host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>
#include <sodium.h>

double sim_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void sim_host_make(struct sim_host *h, uint64_t number)
{
	uint8_t seed[crypto_sign_SEEDBYTES] = "oakum sim host", hash[32];

	memcpy(seed + 16, &number, sizeof(number));
	*h = (struct sim_host){ 0 };
	(void)crypto_sign_seed_keypair(h->public_key, h->secret, seed);
	(void)crypto_hash_sha256(hash, h->public_key, 32);
	(void)sodium_bin2hex(h->id, sizeof(h->id), hash, 16);
}

static size_t on_body(char *data, size_t size, size_t n, void *ctx)
{
	struct sim_line *l = ctx;

	(void)size;
	if (n > SIM_BODY_MAX - 1 - l->len)
		return 0;
	memcpy(l->body + l->len, data, n);
	l->len += n;
	l->body[l->len] = '\0';
	return n;
}

static void take_header(const char *line, size_t n, const char *name, char *ret, size_t size)
{
	size_t len = strlen(name);

	if (n <= len || strncasecmp(line, name, len) != 0)
		return;
	line += len;
	n -= len;
	while (n && *line == ' ') {
		line++;
		n--;
	}
	while (n && (line[n - 1] == '\r' || line[n - 1] == '\n'))
		n--;
	(void)snprintf(ret, size, "%.*s", (int)n, line);
}

static size_t on_header(char *data, size_t size, size_t n, void *ctx)
{
	struct sim_line *l = ctx;
	char retry[32] = "";

	(void)size;
	take_header(data, n, "oakum-signature:", l->signature, sizeof(l->signature));
	take_header(data, n, "etag:", l->etag, sizeof(l->etag));
	take_header(data, n, "retry-after:", retry, sizeof(retry));
	if (retry[0])
		l->retry_s = strtod(retry, NULL);
	return n;
}

bool sim_line_open(struct sim_line *l, const struct sim_world *w)
{
	*l = (struct sim_line){ .curl = curl_easy_init() };
	if (!l->curl)
		return false;
	(void)curl_easy_setopt(l->curl, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(l->curl, CURLOPT_TIMEOUT, 20L);
	(void)curl_easy_setopt(l->curl, CURLOPT_CAINFO, w->ca);
	/* Else GnuTLS reads all of the system's certificates for each connection. */
	(void)curl_easy_setopt(l->curl, CURLOPT_CAPATH, NULL);
	(void)curl_easy_setopt(l->curl, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl_easy_setopt(l->curl, CURLOPT_WRITEDATA, l);
	(void)curl_easy_setopt(l->curl, CURLOPT_HEADERFUNCTION, on_header);
	(void)curl_easy_setopt(l->curl, CURLOPT_HEADERDATA, l);
	/* An agent that comes once an hour has no session to resume. */
	(void)curl_easy_setopt(l->curl, CURLOPT_SSL_SESSIONID_CACHE, w->each_connects ? 0L : 1L);
	return true;
}

void sim_line_close(struct sim_line *l)
{
	curl_easy_cleanup(l->curl);
	curl_slist_free_all(l->headers);
}

void sim_add_header(struct sim_line *l, const char *name, const char *value)
{
	char line[320];

	(void)snprintf(line, sizeof(line), "%s: %s", name, value);
	l->headers = curl_slist_append(l->headers, line);
}

/* @fresh: on a connection of its own. False: no answer; the next try is another server's. */
bool sim_call(struct sim_line *l, const struct sim_world *w, const char *path, const char *body,
	      bool fresh)
{
	char url[512];
	CURLcode r;

	(void)snprintf(url, sizeof(url), "%s%s", w->urls[l->turn % w->n_urls], path);
	l->len = 0;
	l->body[0] = l->signature[0] = '\0';
	l->retry_s = 0;
	(void)curl_easy_setopt(l->curl, CURLOPT_URL, url);
	(void)curl_easy_setopt(l->curl, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
	(void)curl_easy_setopt(l->curl, CURLOPT_FORBID_REUSE, fresh ? 1L : 0L);
	(void)curl_easy_setopt(l->curl, CURLOPT_HTTPHEADER, l->headers);
	if (body) {
		(void)curl_easy_setopt(l->curl, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
		(void)curl_easy_setopt(l->curl, CURLOPT_POSTFIELDS, body);
	} else {
		(void)curl_easy_setopt(l->curl, CURLOPT_HTTPGET, 1L);
	}
	r = curl_easy_perform(l->curl);
	curl_slist_free_all(l->headers);
	l->headers = NULL;
	if (r != CURLE_OK) {
		l->turn++;
		return false;
	}
	(void)curl_easy_getinfo(l->curl, CURLINFO_RESPONSE_CODE, &l->status);
	return true;
}

void sim_sign(const struct sim_host *h, const char *prefix, const char *body, struct sim_line *l)
{
	uint8_t signature[crypto_sign_BYTES];
	char text[SIM_REPORT_MAX + 64], hex[2 * sizeof(signature) + 1];
	int n = snprintf(text, sizeof(text), "%s%s", prefix, body);

	(void)crypto_sign_detached(signature, NULL, (const uint8_t *)text, (size_t)n, h->secret);
	(void)sodium_bin2hex(hex, sizeof(hex), signature, sizeof(signature));
	sim_add_header(l, "Oakum-Signature", hex);
	sim_add_header(l, "Content-Type", "application/json");
	sim_add_header(l, "Expect", "");
}

static bool answer_is_signed(const struct sim_world *w, const struct sim_line *l)
{
	static const char prefix[] = "oakum-answer-1\n";
	uint8_t signature[crypto_sign_BYTES];
	char text[SIM_BODY_MAX + sizeof(prefix)];

	if (strlen(l->signature) != 2 * sizeof(signature) ||
	    sodium_hex2bin(signature, sizeof(signature), l->signature, strlen(l->signature), NULL,
			   NULL, NULL) != 0)
		return false;
	memcpy(text, prefix, sizeof(prefix) - 1);
	memcpy(text + sizeof(prefix) - 1, l->body, l->len);
	return !w->knows_key ||
	       crypto_sign_verify_detached(signature, (const uint8_t *)text,
					   sizeof(prefix) - 1 + l->len, w->server_key) == 0;
}

static void pause_for(double s)
{
	struct timespec t = { .tv_sec = (time_t)s };

	t.tv_nsec = (long)((s - (double)t.tv_sec) * 1e9);
	(void)nanosleep(&t, NULL);
}

static void back_off(const struct sim_line *l)
{
	pause_for(l->retry_s > 0 ? (l->retry_s < 2 ? l->retry_s : 2) : 0.1);
}

static void record(const struct sim_world *w, const char *line)
{
	if (w->record >= 0)
		(void)!write(w->record, line, strlen(line));
}

static void take_key(struct sim_world *w, const char *body)
{
	json_t *doc = json_loads(body, 0, NULL);
	const char *hex = json_string_value(json_array_get(json_object_get(doc, "keys"), 0));

	if (hex && strlen(hex) == 64 &&
	    sodium_hex2bin(w->server_key, 32, hex, 64, NULL, NULL, NULL) == 0)
		w->knows_key = true;
	json_decref(doc);
}

bool sim_enrol(struct sim_host *h, uint64_t number, struct sim_world *w, struct sim_line *l,
	       double until)
{
	char body[SIM_REPORT_MAX], key[65];

	(void)sodium_bin2hex(key, sizeof(key), h->public_key, 32);
	(void)snprintf(body, sizeof(body),
		       "{\"schema\":1,\"token\":\"%s\",\"key\":\"%s\",\"name\":\"sim-%llu\","
		       "\"machine\":\"%.32s\",\"tags\":[]}",
		       w->token, key, (unsigned long long)number, h->id);
	do {
		bool answered;

		sim_sign(h, "oakum-enrol-1\n", body, l);
		answered = sim_call(l, w, "/v1/enrol", body, false);
		if (answered && (l->status == 200 || l->status == 201)) {
			if (!w->knows_key)
				take_key(w, l->body);
			return true;
		}
		if (answered && l->status != 429 && l->status != 503) {
			(void)fprintf(stderr, "enrol: %ld %s\n", l->status, l->body);
			return false;
		}
		back_off(l);
	} while (sim_now() < until);
	return false;
}

void sim_write_report(const struct sim_host *h, const struct sim_world *w, char body[SIM_REPORT_MAX])
{
	static const char *const states[] = {
		[SIM_ASKS] = "none",
		[SIM_APPLIED] = "soaking",
		[SIM_SETTLED] = "settled",
		[SIM_DONE] = "settled",
	};
	static const char *const results[] = {
		[SIM_APPLIED] = "applied", [SIM_SETTLED] = "settled"
	};
	char extra[256] = "";
	long long now = (long long)time(NULL);

	if (w->rollout[0] && h->phase == SIM_ASKS)
		(void)snprintf(extra, sizeof(extra),
			       ",\"asks\":[{\"rollout\":\"%s\",\"level\":%u}]", w->rollout,
			       w->level);
	else if (w->rollout[0] && h->phase != SIM_DONE)
		(void)snprintf(extra, sizeof(extra),
			       ",\"results\":[{\"rollout\":\"%s\",\"level\":%u,\"result\":\"%s\","
			       "\"why\":\"\",\"transition_ms\":12,\"gap_us\":90}]",
			       w->rollout, w->level, results[h->phase]);
	(void)snprintf(
		body, SIM_REPORT_MAX,
		"{\"schema\":1,\"host\":\"%s\",\"sequence\":%llu,\"time\":%lld,\"agent\":\"0.1.0\","
		"\"name\":\"sim-%.6s\",\"boot\":\"%.16s\",\"uptime_s\":86400,"
		"\"kernel\":{\"build_id\":\"000102030405060708090a0b0c0d0e0f10111213\","
		"\"release\":\"6.1.0-50-amd64\",\"arch\":\"x86_64\",\"effective\":\"6.1.176-1\"},"
		"\"os\":{\"id\":\"debian\",\"version\":\"12\"},\"tags\":[],"
		"\"level\":{\"number\":%u,\"state\":\"%s\",\"since\":%lld},\"newest\":%u,"
		"\"withheld\":[],\"quarantined\":[],"
		"\"verdict\":{\"state\":\"ok\",\"text\":\"all is well\"},"
		"\"cves\":{\"as_of\":%lld,\"open\":41,\"closed\":7,\"worst\":[{\"id\":"
		"\"CVE-2026-31617\",\"severity\":\"high\",\"reach\":\"containers\"}]},"
		"\"containers\":{\"count\":23},\"audit\":{\"score\":71,\"failed\":9}%s}",
		h->id, (unsigned long long)h->sequence + 1, now, h->id, h->id + 8, h->level,
		states[h->phase], now, w->level, now, extra);
}

static void take_answer(struct sim_host *h, const struct sim_world *w, const struct sim_line *l,
			struct sim_tally *t)
{
	json_t *doc = json_loadb(l->body, l->len, 0, NULL);
	const json_t *grants = json_object_get(doc, "grants");
	bool granted = false;
	char line[192];

	if (!answer_is_signed(w, l) ||
	    (uint64_t)json_integer_value(json_object_get(doc, "sequence")) != h->sequence + 1)
		t->bad_answers++;
	h->sequence++;
	t->acknowledged++;
	t->refused += json_array_size(json_object_get(doc, "refused"));
	(void)snprintf(line, sizeof(line), "ack %s %llu\n", h->id, (unsigned long long)h->sequence);
	record(w, line);
	for (size_t i = 0; i < json_array_size(grants); i++) {
		const char *rollout =
			json_string_value(json_object_get(json_array_get(grants, i), "rollout"));

		granted = granted || (rollout && strcmp(rollout, w->rollout) == 0);
	}
	if (granted && h->phase == SIM_ASKS) {
		t->grants++;
		(void)snprintf(line, sizeof(line), "grant %s %s %lld\n", h->id, w->rollout,
			       (long long)time(NULL));
		record(w, line);
		h->phase = SIM_APPLIED;
		h->level = w->level;
	} else if (h->phase == SIM_APPLIED) {
		h->phase = SIM_SETTLED;
	} else if (h->phase == SIM_SETTLED) {
		h->phase = SIM_DONE;
	}
	json_decref(doc);
}

bool sim_report(struct sim_host *h, const struct sim_world *w, struct sim_line *l, double until,
		struct sim_tally *t)
{
	char body[SIM_REPORT_MAX], line[128];

	/* From here on the server may give its place to another: it is written down before it is sent. */
	if (h->phase == SIM_SETTLED && w->rollout[0]) {
		(void)snprintf(line, sizeof(line), "settles %s %s\n", h->id, w->rollout);
		record(w, line);
	}
	sim_write_report(h, w, body);
	do {
		bool answered;

		sim_sign(h, "oakum-report-1\n", body, l);
		sim_add_header(l, "Oakum-Host", h->id);
		answered = sim_call(l, w, "/v1/report", body, false);
		l->turn += answered;
		if (answered && l->status == 200) {
			take_answer(h, w, l, t);
			return true;
		}
		if (answered && l->status == 409)
			t->conflicts++;
		if (answered && l->status != 429 && l->status != 503 && l->status != 500) {
			(void)fprintf(stderr, "report of %s: %ld %s\n", h->id, l->status, l->body);
			break;
		}
		t->again++;
		back_off(l);
	} while (sim_now() < until);
	t->given_up++;
	return false;
}

bool sim_poll(const struct sim_world *w, struct sim_line *l, struct sim_tally *t)
{
	char path[128], had[256];

	(void)snprintf(path, sizeof(path), "/v1/decisions/%s.json", w->ring);
	memcpy(had, l->etag, sizeof(had));
	if (had[0])
		sim_add_header(l, "If-None-Match", had);
	if (!sim_call(l, w, path, NULL, w->each_connects))
		return false;
	t->not_modified += l->status == 304;
	t->decisions += l->status == 200;
	return l->status == 200 || l->status == 304;
}
