/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A host by its number, and what it reports. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "seed.h"

#define HOUR 3600
#define DAY  INT64_C(86400)

const char *const seed_rings[SEED_RINGS] = { "canary",     "early", "staging",
					     "production", "edge",  "database" };
/* Of 100 hosts. */
static const unsigned ring_shares[SEED_RINGS] = { 2, 6, 6, 66, 15, 5 };

const struct seed_kernel seed_kernels[SEED_KERNELS] = {
	{ "3f1a9c0d5b7e2846a1c3e5f708192a3b4c5d6e7f", "6.1.0-28-amd64", "6.1.176-1", "12", 5, 55 },
	{ "8b2c4d6e8f0a1b3c5d7e9f1a2b4c6d8e0f1a3b5c", "6.1.0-25-amd64", "6.1.176-1", "12", 7, 22 },
	{ "c0ffee12d4e5f60718293a4b5c6d7e8f90a1b2c3", "6.12.9-amd64", "6.12.15-1", "13", 3, 14 },
	{ "5a17e9d2c3b4a5968778695a4b3c2d1e0f9e8d7c", "5.10.0-33-amd64", "5.10.240-1", "11", 4, 6 },
	{ "e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4", "6.1.0-28-cloud-amd64", "6.1.176-1", "12", 5,
	  3 },
};

static const char *const roles[] = { "web", "api", "worker", "cache", "database", "build" };
static const char *const hostile[] = {
	"<script>alert(1)</script>",
	"\"><img src=x onerror=alert(2)>",
	"' OR 1=1; DROP TABLE hosts; --",
	"{{name}} {{#each x}} ${7*7} <%= 7 %>",
	"javascript:alert(3)",
	"</title></textarea><svg onload=alert(4)>",
	"\u202egnp.exe\u2066 x",
	"=HYPERLINK(\"http://evil.example\",\"x\")",
	"&lt;b&gt; &#60;script&#62; &amp;amp;",
	"long-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
};
#define HOSTILE (sizeof(hostile) / sizeof(hostile[0]))

uint32_t seed_random(uint32_t n, uint32_t what)
{
	uint64_t x = ((uint64_t)n << 32 | what) * UINT64_C(0x9e3779b97f4a7c15);

	x ^= x >> 29;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	return (uint32_t)(x >> 33);
}

const char *seed_text(const struct seed *s, uint32_t n, const char *good)
{
	return s->hostile && n % 3 != 2 ? hostile[n % HOSTILE] : good;
}

static unsigned share_of(uint32_t random, const unsigned *shares, size_t n, size_t stride)
{
	unsigned at = random % 100;

	for (size_t i = 0; i < n; i++) {
		unsigned share =
			*(const unsigned *)(const void *)((const char *)shares + i * stride);

		if (at < share)
			return (unsigned)i;
		at -= share;
	}
	return 0;
}

/* Of 1000: 905 well, 60 behind, the rest in trouble of several kinds. */
static void condition(struct seed_host *h, uint32_t dice)
{
	unsigned newest = seed_kernels[h->kernel].newest;

	h->level = newest;
	h->state = "settled";
	h->verdict = "ok";
	if (dice < 905)
		return;
	h->level = dice < 930 ? newest : newest - 1 - dice % 2;
	h->state = dice < 930 ? "soaking" : dice >= 975 && dice < 985 ? "stalled" : "settled";
	h->verdict = dice < 930   ? "ok"
		     : dice < 965 ? "warning"
		     : dice < 990 ? "critical"
				  : "unknown";
	if (dice >= 985 && dice < 990) {
		h->level = 0;
		h->state = "none";
	}
}

/* Three hosts alone are told apart by what an operator would look for. */
static void first_hosts(struct seed_host *h)
{
	static const unsigned dice[] = { 100, 980, 940 };

	h->kernel = h->n == 2 ? 2 : 0;
	h->ring = h->n == 0 ? 0 : 3;
	condition(h, dice[h->n]);
	h->silent = h->cloned = h->revoked = h->mute = false;
}

void seed_host(const struct seed *s, uint32_t n, struct seed_host *ret)
{
	char hex[SHA256_HEX_MAX], plain[64];
	uint32_t dice = seed_random(n, 1) % 10000;
	struct seed_host h = { .n = n };
	size_t role = seed_random(n, 2) % (sizeof(roles) / sizeof(roles[0]));

	memcpy(h.key, "oakum seed", 10);
	memcpy(h.key + 16, &n, sizeof(n));
	sha256_hex(h.key, sizeof(h.key), hex);
	(void)snprintf(h.id, sizeof(h.id), "%.32s", hex);
	h.ring = share_of(seed_random(n, 3), ring_shares, SEED_RINGS, sizeof(unsigned));
	h.kernel = share_of(seed_random(n, 4), &seed_kernels[0].share, SEED_KERNELS,
			    sizeof(seed_kernels[0]));
	h.role = roles[role];
	h.env = h.ring == 2 ? "staging" : "prod";
	h.silent = dice < 60;
	h.cloned = dice >= 60 && dice < 63;
	h.revoked = dice >= 63 && dice < 70;
	h.mute = dice >= 70 && dice < 80;
	condition(&h, seed_random(n, 5) % 1000);
	if (n < 3)
		first_hosts(&h);
	h.seen_s = s->now_s - (h.silent ? 2 * DAY + seed_random(n, 6) % (9 * DAY)
					: seed_random(n, 6) % (4 * HOUR - 60));
	(void)snprintf(plain, sizeof(plain), "%s-%c%u-%05u.%s.example", h.role, 'a' + (char)(n % 3),
		       n % 7, n, h.env);
	(void)snprintf(h.name, sizeof(h.name), "%s", seed_text(s, n, plain));
	*ret = h;
}

static json_t *names(const struct seed *s, const struct seed_host *h, unsigned count)
{
	static const char *const apps[] = { "nginx", "api", "redis", "postgres", "sidecar", "otel" };
	json_t *list = json_array();

	for (unsigned i = 0; i < count && i < 24; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "%s-%04x", apps[(h->n + i) % 6],
			       seed_random(h->n, 100 + i) & 0xffff);
		(void)json_array_append_new(list, json_string(seed_text(s, h->n + i, name)));
	}
	return list;
}

static json_t *stalls(const struct seed *s, const struct seed_host *h)
{
	if (strcmp(h->state, "stalled") != 0)
		return json_array();
	return json_pack("[{s:s, s:s, s:s}, {s:s, s:s}]", "task", seed_text(s, h->n, "kworker/3:2"),
			 "container", seed_text(s, h->n + 1, "postgres-01af"), "why",
			 seed_text(s, h->n + 2, "sleeps in vfs_read, which the level changes"),
			 "task", "kvm", "why", "has not switched");
}

static json_t *audit(const struct seed_host *h)
{
	static const struct {
		const char *id, *severity;
		unsigned of; /* 100 hosts fail it */
	} checks[] = {
		{ "docker-socket-mounted", "critical", 4 },
		{ "privileged-container", "high", 13 },
		{ "unprivileged-userns", "high", 31 },
		{ "kptr-restrict", "medium", 44 },
		{ "kernel-lockdown", "medium", 71 },
		{ "module-signatures", "medium", 58 },
		{ "unprivileged-bpf", "high", 9 },
		{ "host-network-container", "medium", 22 },
		{ "sysctl-dmesg-restrict", "low", 38 },
		{ "no-seccomp", "high", 7 },
	};
	_cleanup_(json_decrefp) json_t *list = json_array();
	unsigned variant = seed_random(h->n, 7) % 40; /* hosts are made from images */

	for (unsigned i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (seed_random(variant, 200 + i) % 100 < checks[i].of)
			(void)json_array_append_new(list,
						    json_pack("{s:s, s:s}", "id", checks[i].id,
							      "severity", checks[i].severity));
	return json_pack("{s:i, s:i, s:O}", "score", 100 - 5 * (int)json_array_size(list), "failed",
			 (int)json_array_size(list), "findings", list);
}

static json_t *withheld(const struct seed *s, const struct seed_host *h)
{
	if (h->level == seed_kernels[h->kernel].newest)
		return json_array();
	return json_pack("[{s:i, s:s, s:s}]", "level", (int)seed_kernels[h->kernel].newest,
			 "reason", "window", "why",
			 seed_text(s, h->n, "outside of the windows: Sat,Sun 02:00-06:00"));
}

static const char *verdict_text(const struct seed *s, const struct seed_host *h)
{
	const char *text = "every level that there is was applied";

	if (!strcmp(h->verdict, "warning"))
		text = "the newest level waits since 3 days";
	else if (!strcmp(h->verdict, "critical"))
		text = strcmp(h->state, "stalled") ? "open to CVE-2026-20031 (critical)"
						   : "the transition stalls since 41 minutes";
	else if (!strcmp(h->verdict, "unknown"))
		text = "the repository could not be checked for 9 days";
	return seed_text(s, h->n, text);
}

/* Years of uptime are rare, and are what people look for. */
static int64_t uptime(const struct seed_host *h)
{
	static const unsigned days[] = { 3, 15, 45, 130, 280, 450, 800 };
	static const unsigned shares[] = { 12, 22, 28, 20, 11, 5, 2 };
	unsigned band = share_of(seed_random(h->n, 8), shares, 7, sizeof(unsigned));

	return (int64_t)days[band] * DAY + seed_random(h->n, 9) % DAY;
}

static json_t *reboot(const struct seed *s, const struct seed_host *h)
{
	unsigned dice = seed_random(h->n, 10) % 100;

	if (dice >= 9)
		return json_pack("{s:b}", "wanted", 0);
	return json_pack("{s:b, s:s, s:s}", "wanted", 1, "reason",
			 dice < 5   ? "kernel"
			 : dice < 7 ? "cves"
				    : "packages",
			 "why",
			 seed_text(s, h->n,
				   dice < 5   ? "kernel 6.1.0-29-amd64 is installed"
				   : dice < 7 ? "2 open CVEs are closed by no level"
					      : "libc6, dbus"));
}

static json_t *document(const struct seed *s, const struct seed_host *h, uint64_t sequence,
			int64_t at_s, unsigned age)
{
	const struct seed_kernel *k = &seed_kernels[h->kernel];
	unsigned level = h->level > age ? h->level - age : 0;
	unsigned containers = seed_random(h->n, 11) % 60;
	char az[16], rack[24], role[32], env[32];

	(void)snprintf(az, sizeof(az), "az=%c", 'a' + (char)(h->n % 3));
	(void)snprintf(rack, sizeof(rack), "rack=%u", seed_random(h->n, 12) % 400);
	(void)snprintf(role, sizeof(role), "role=%s", h->role);
	(void)snprintf(env, sizeof(env), "env=%s", h->env);
	return json_pack(
		"{s:i, s:s, s:I, s:I, s:s, s:s, s:s, s:I, s:{s:s, s:s, s:s, s:s}, s:{s:s, s:s},"
		" s:[s, s, s, s], s:{s:i, s:s, s:I}, s:i, s:o, s:[], s:{s:s, s:s}, s:o,"
		" s:{s:i, s:o}, s:o, s:o, s:o}",
		"schema", 1, "host", h->id, "sequence", (json_int_t)sequence, "time",
		(json_int_t)at_s, "agent", h->n % 9 ? "0.9.0" : "0.8.2", "name", h->name, "boot",
		"00112233445566aa", "uptime_s", (json_int_t)uptime(h), "kernel", "build_id",
		k->build_id, "release", k->release, "arch", "x86_64", "effective", k->effective,
		"os", "id", "debian", "version", k->os_version, "tags", az, rack, role, env,
		"level", "number", (int)level, "state", level ? h->state : "none", "since",
		(json_int_t)(at_s - 3 * DAY), "newest", (int)k->newest, "withheld", withheld(s, h),
		"quarantined", "verdict", "state", h->verdict, "text", verdict_text(s, h), "cves",
		seed_cves(s, h->kernel, level, seed_random(h->n, 2) % 6, h->n % 20 != 7),
		"containers", "count", (int)containers, "names", names(s, h, containers), "stalls",
		stalls(s, h), "audit", audit(h), "reboot", reboot(s, h));
}

int seed_report(const struct seed *s, const struct seed_host *h, uint64_t sequence, int64_t at_s,
		unsigned age, struct report *ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *doc = document(s, h, sequence, at_s, age);
	_cleanup_(freep) char *text = doc ? json_dumps(doc, JSON_COMPACT) : NULL;

	if (!text)
		return oak_fail(err, OAK_E_NOMEM, "host %u: no report could be written", h->n);
	return report_parse(text, strlen(text), ret, err);
}
