/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fleet-forge: what a host, or somebody who would like to be one, may send: each with the status and the code
 * that docs/formats/fleet.md promises. One TAP line each.
 *
 * usage: fleet-forge URL CA TOKEN
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <sodium.h>

#include "sim-host.h"

#define FIRST 900000u

struct forge {
	struct sim_world world;
	struct sim_line line;
	struct sim_host a, b; /* enrolled */
	struct sim_host no;   /* not */
	int bad;
};

static void expect(struct forge *f, long status, const char *code, const char *what)
{
	json_t *doc = json_loadb(f->line.body, f->line.len, 0, NULL);
	const char *got = json_string_value(json_object_get(doc, "code"));
	bool good = f->line.status == status && (!code || (got && strcmp(got, code) == 0));

	(void)printf("%s - %s\n", good ? "ok" : "not ok", what);
	if (!good)
		(void)printf("# %ld %s, not %ld %s\n", f->line.status, f->line.body, status,
			     code ? code : "");
	f->bad |= !good;
	json_decref(doc);
}

/* @who is said to have written it, @signer did. */
static void report(struct forge *f, const char *who, const struct sim_host *signer, const char *body)
{
	sim_sign(signer, "oakum-report-1\n", body, &f->line);
	sim_add_header(&f->line, "Oakum-Host", who);
	if (!sim_call(&f->line, &f->world, "/v1/report", body, false))
		f->line.status = 0;
}

static void forged(struct forge *f)
{
	char body[SIM_REPORT_MAX];

	sim_write_report(&f->a, &f->world, body);
	report(f, f->a.id, &f->b, body);
	expect(f, 401, "signature", "a report signed by another host");
	report(f, f->a.id, &f->no, body);
	expect(f, 401, "signature", "a report signed by nobody that is known");
	report(f, f->b.id, &f->a, body);
	expect(f, 401, NULL, "a report in another host's name");
	report(f, f->no.id, &f->no, body);
	expect(f, 404, "host-unknown", "a host that never enrolled");
	sim_sign(&f->a, "oakum-enrol-1\n", body, &f->line);
	sim_add_header(&f->line, "Oakum-Host", f->a.id);
	(void)sim_call(&f->line, &f->world, "/v1/report", body, false);
	expect(f, 401, "signature", "a signature that was made for an enrolment");
	sim_add_header(&f->line, "Oakum-Host", f->a.id);
	(void)sim_call(&f->line, &f->world, "/v1/report", body, false);
	expect(f, 401, "signature", "a report without a signature");
	sim_write_report(&f->b, &f->world, body);
	report(f, f->a.id, &f->a, body);
	expect(f, 400, NULL, "a report that names another host than its header");
}

static void replayed(struct forge *f)
{
	char first[SIM_REPORT_MAX], second[SIM_REPORT_MAX], other[SIM_REPORT_MAX];
	char *word;

	sim_write_report(&f->a, &f->world, first);
	report(f, f->a.id, &f->a, first);
	expect(f, 200, NULL, "a good report");
	f->a.sequence = 1;
	report(f, f->a.id, &f->a, first);
	expect(f, 200, NULL, "the same once more: the answer was lost");
	sim_write_report(&f->a, &f->world, second);
	report(f, f->a.id, &f->a, second);
	expect(f, 200, NULL, "the next one");
	report(f, f->a.id, &f->a, first);
	expect(f, 409, "sequence", "an old report, replayed");
	f->a.sequence = 1;
	sim_write_report(&f->a, &f->world, other);
	word = strstr(other, "\"uptime_s\":86400");
	if (word)
		word[14] = word[15] = '9';
	report(f, f->a.id, &f->a, other);
	expect(f, 409, "sequence", "other words with a sequence that was used: a clone");
	f->a.sequence = 2;
	sim_write_report(&f->a, &f->world, other);
	report(f, f->a.id, &f->a, other);
	expect(f, 200, NULL, "and the host is heard as before");
	f->a.sequence = 3;
}

static void hostile(struct forge *f)
{
	static const char *const texts[] = {
		"'; DROP TABLE hosts; --",  "<script>alert(1)</script>",
		"\\u0000\\u0001\\u001b[2J", "%s%n%s%n",
		"../../../../etc/passwd",
	};
	char body[2 * SIM_REPORT_MAX];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		(void)snprintf(
			body, sizeof(body),
			"{\"schema\":1,\"host\":\"%s\",\"sequence\":%llu,\"time\":1,\"agent\":\"%s\","
			"\"name\":\"%s\",\"boot\":\"0123456789abcdef\",\"kernel\":{\"build_id\":"
			"\"000102030405060708090a0b0c0d0e0f10111213\",\"release\":\"%s\",\"arch\":\"%s\","
			"\"effective\":\"%s\"},\"os\":{\"id\":\"%s\",\"version\":\"%s\"},"
			"\"level\":{\"number\":0,\"state\":\"none\",\"since\":0},"
			"\"verdict\":{\"state\":\"ok\",\"text\":\"%s\"}}",
			f->b.id, (unsigned long long)f->b.sequence + 1, texts[i], texts[i],
			texts[i], texts[i], texts[i], texts[i], texts[i], texts[i]);
		report(f, f->b.id, &f->b, body);
		if (f->line.status == 200)
			f->b.sequence++;
		else if (f->line.status != 400)
			expect(f, 400, NULL, texts[i]);
	}
	sim_write_report(&f->b, &f->world, body);
	report(f, f->b.id, &f->b, body);
	expect(f, 200, NULL, "after SQL, HTML and control characters in every text, all is well");
	f->b.sequence++;
	report(f, f->b.id, &f->b, "{\"schema\":1");
	expect(f, 400, "malformed", "half a document");
	report(f, f->b.id, &f->b, "[]");
	expect(f, 400, "malformed", "another document");
}

static void oversized(struct forge *f)
{
	size_t len = 80u << 10;
	char *big = malloc(len + 1);

	if (!big)
		return;
	memset(big, ' ', len);
	big[len] = '\0';
	sim_add_header(&f->line, "Oakum-Host", f->b.id);
	sim_add_header(&f->line, "Oakum-Signature", "00");
	sim_add_header(&f->line, "Expect", "");
	(void)sim_call(&f->line, &f->world, "/v1/report", big, true);
	expect(f, 413, NULL, "a report of 80 KiB");
	free(big);
}

static void get(struct forge *f, const char *path, long status, const char *what)
{
	(void)sim_call(&f->line, &f->world, path, NULL, true);
	expect(f, status, NULL, what);
}

int main(int argc, char **argv)
{
	const char *urls[1] = { argc > 1 ? argv[1] : "" };
	struct forge f = { 0 };

	if (argc != 4 || sodium_init() < 0 || curl_global_init(CURL_GLOBAL_ALL) != 0) {
		(void)fputs("usage: fleet-forge URL CA TOKEN\n", stderr);
		return 2;
	}
	f.world = (struct sim_world){ .urls = urls,
				      .n_urls = 1,
				      .ca = argv[2],
				      .ring = "default",
				      .token = argv[3],
				      .record = -1 };
	sim_host_make(&f.a, FIRST);
	sim_host_make(&f.b, FIRST + 1);
	sim_host_make(&f.no, FIRST + 2);
	if (!sim_line_open(&f.line, &f.world) ||
	    !sim_enrol(&f.a, FIRST, &f.world, &f.line, sim_now() + 20) ||
	    !sim_enrol(&f.b, FIRST + 1, &f.world, &f.line, sim_now() + 20)) {
		(void)puts("not ok - two hosts enrol");
		return 1;
	}
	forged(&f);
	replayed(&f);
	hostile(&f);
	oversized(&f);
	get(&f, "/v1/decisions/..%2f..%2fdecision.key", 400, "a path that leads out of its folder");
	get(&f, "/repository/../fleet.db", 404, "and one out of the repository");
	get(&f, "/api/v1/hosts", 401, "the API without a token");
	sim_add_header(&f.line, "Authorization", "Bearer oakum-api-1-2");
	get(&f, "/api/v1/hosts", 401, "and with one that is none");
	(void)snprintf(f.line.body, sizeof(f.line.body), "Bearer %s", argv[3]);
	sim_add_header(&f.line, "Authorization", f.line.body);
	get(&f, "/api/v1/hosts", 401, "and with one that is for enrolment");
	sim_line_close(&f.line);
	return f.bad;
}
