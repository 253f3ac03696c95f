/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the dashboard shows of the whole fleet, from reports to lists. */
#include "fleet/store/views.h"

#include <string.h>

#include "base/json.h"
#include "fleet/store/cves.h"
#include "fleet/store/findings.h"
#include "fleet/store/gather.h"
#include "fleet/store/hosts.h"
#include "fleet/store/matrix.h"
#include "fleet/store/samples.h"
#include "fleet/store/sets.h"
#include "store-fixture.h"
#include "test.h"

#define DAY_S INT64_C(86400)

/* A database, and hosts in it. */
struct ground {
	struct db *db;
	char token[128], ids[8][33];
	uint64_t sequence[8];
	struct oak_error err;
};

static void begin(struct ground *g, unsigned hosts)
{
	memset(g, 0, sizeof(*g));
	g->db = fixture_open();
	fixture_token(g->db, 0, g->token);
	for (unsigned i = 0; i < hosts; i++)
		fixture_host(g->db, g->token, i, g->ids[i]);
}

static void good(struct ground *g, int r)
{
	if (r < 0)
		print_error("%s\n", g->err.msg);
	EXPECT(r >= 0);
}

/* The host says so; @more: members of the report, as JSON. It goes the whole way, through the parser. */
static void tell(struct ground *g, unsigned host, unsigned level, const char *more)
{
	_cleanup_(json_decrefp) json_t *base = NULL, *given = json_loads(more, 0, NULL);
	_cleanup_(report_clear) struct report r = { .sequence = 0 };
	_cleanup_(freep) char *text = NULL;
	bool new, cloned;

	EXPECT(given);
	base = json_pack("{s:i, s:s, s:I, s:I, s:s, s:s, s:{s:s, s:s, s:s, s:s}, s:{s:s, s:s},"
			 " s:{s:i, s:s}, s:i, s:{s:s, s:s}}",
			 "schema", 1, "host", g->ids[host], "sequence",
			 (json_int_t)++g->sequence[host], "time", (json_int_t)FIXTURE_NOW, "agent",
			 "0.9.0", "boot", "0000000000000007", "kernel", "build_id",
			 "0000000000000000000000000000000000000009", "release", "6.1.0-40-amd64",
			 "arch", "x86_64", "effective", "6.1.176-1", "os", "id", "debian",
			 "version", "12", "level", "number", (int)level, "state",
			 level ? "settled" : "none", "newest", 4, "verdict", "state", "ok", "text",
			 "");
	EXPECT(base && json_object_update(base, given) == 0);
	text = json_dumps(base, JSON_COMPACT);
	good(g, report_parse(text, strlen(text), &r, &g->err));
	good(g, fixture_take(g->db, &r, &new, &cloned, &g->err));
	EXPECT(new && !cloned);
}

static void gather(struct ground *g, int64_t now_s)
{
	good(g, gather_all(g->db, now_s, &g->err));
}

static json_t *list_cves(struct ground *g, const struct cves_page *given, char **ret_next)
{
	struct cves_page page = *given;
	json_t *list = NULL;

	if (!page.limit)
		page.limit = 100;
	good(g, cves_list(g->db, &page, &list, ret_next, &g->err));
	return list;
}

static json_int_t number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static const char whole[] =
	"{\"containers\": {\"count\": 5, \"names\": [\"web\", \"db\"]}, \"cves\": {\"as_of\": 1, \"open\": 3,"
	" \"closed\": 0, \"severity\": {\"critical\": 1, \"high\": 2},"
	" \"worst\": [{\"id\": \"CVE-2026-0007\", \"severity\": \"critical\", \"reach\": \"exposed\"}],"
	" \"all\": {\"critical\": {\"2026\": [7]}, \"high\": {\"2025\": [12345], \"2026\": [8]}}}}";
static const char part[] =
	"{\"containers\": {\"count\": 2}, \"cves\": {\"as_of\": 1, \"open\": 9, \"closed\": 0,"
	" \"worst\": [{\"id\": \"CVE-2026-0007\", \"severity\": \"high\", \"reach\": \"withheld\"}]}}";
static const char none[] = "{\"cves\": {\"as_of\": 1, \"open\": 0, \"closed\": 4, \"worst\": [],"
			   " \"severity\": {}, \"all\": {}}}";

TEST(cves_are_counted_over_all_hosts)
{
	struct ground g;
	_cleanup_(json_decrefp) json_t *list = NULL, *open = NULL, *counts = NULL;
	_cleanup_(freep) char *next = NULL;
	const json_t *worst;

	begin(&g, 3);
	tell(&g, 0, 3, whole);
	tell(&g, 1, 3, whole);
	tell(&g, 2, 3, part);
	gather(&g, FIXTURE_NOW);
	list = list_cves(&g, &(const struct cves_page){ 0 }, &next);
	EXPECT(!next);
	EXPECT(json_array_size(list) == 3);
	worst = json_array_get(list, 0);
	EXPECT_STR(json_get_str(worst, "cve"), "CVE-2026-0007");
	EXPECT_STR(json_get_str(worst, "severity"), "critical");
	EXPECT_STR(json_get_str(worst, "reach"), "exposed");
	EXPECT(number(worst, "hosts") == 3);
	EXPECT(number(worst, "containers") == 12);
	EXPECT(number(worst, "first_seen") == FIXTURE_NOW);
	EXPECT(json_is_null(json_object_get(json_array_get(list, 1), "reach")));
	good(&g, cves_open(g.db, &open, &g.err));
	EXPECT(number(open, "critical") == 1 && number(open, "high") == 2);
	/* Pairs: twice 1 + 2; of the third one is known to be high, the others of no severity. */
	good(&g, hosts_counts(g.db, &counts, &g.err));
	EXPECT(number(json_object_get(counts, "open"), "critical") == 2);
	EXPECT(number(json_object_get(counts, "open"), "high") == 5);
	EXPECT(number(json_object_get(counts, "open"), "unknown") == 8);
	db_close(g.db);
}

TEST(lists_of_cves_have_filters_orders_and_pages)
{
	struct ground g;
	_cleanup_(json_decrefp) json_t *high = NULL, *text = NULL, *sign = NULL, *by = NULL;
	_cleanup_(json_decrefp) json_t *first = NULL, *second = NULL, *bad = NULL;
	_cleanup_(freep) char *next = NULL, *end = NULL;
	struct cves_page page = { .limit = 2, .sort = "id" };

	begin(&g, 2);
	tell(&g, 0, 3, whole);
	tell(&g, 1, 3, part);
	gather(&g, FIXTURE_NOW);
	high = list_cves(&g, &(const struct cves_page){ .severity = "high" }, &next);
	EXPECT(json_array_size(high) == 2);
	text = list_cves(&g, &(const struct cves_page){ .text = "cve-2025" }, &next);
	EXPECT(json_array_size(text) == 1);
	sign = list_cves(&g, &(const struct cves_page){ .text = "CVE_2025" }, &next);
	EXPECT(json_array_size(sign) == 0);
	by = list_cves(&g, &(const struct cves_page){ .sort = "hosts" }, &next);
	EXPECT(number(json_array_get(by, 0), "hosts") == 2);
	first = list_cves(&g, &page, &next);
	EXPECT(json_array_size(first) == 2 && next);
	EXPECT_STR(json_get_str(json_array_get(first, 0), "cve"), "CVE-2026-0008");
	page.after = next;
	second = list_cves(&g, &page, &end);
	EXPECT(json_array_size(second) == 1 && !end);
	EXPECT_STR(json_get_str(json_array_get(second, 0), "cve"), "CVE-2025-12345");
	page.sort = "hosts";
	EXPECT(cves_list(g.db, &page, &bad, &end, &g.err) == -OAK_E_USAGE);
	EXPECT_STR(g.err.msg, "after: not a cursor of this list");
	page = (struct cves_page){ .severity = "grave", .limit = 1 };
	EXPECT(cves_list(g.db, &page, &bad, &end, &g.err) == -OAK_E_USAGE);
	EXPECT_STR(g.err.msg, "severity: not one of critical, high, medium, low, unknown");
	page = (struct cves_page){ .text = "\xc3\x28", .limit = 1 };
	EXPECT(cves_list(g.db, &page, &bad, &end, &g.err) == -OAK_E_USAGE);
	db_close(g.db);
}

TEST(a_cve_says_who_has_it_and_when_it_is_closed)
{
	struct ground g;
	_cleanup_(json_decrefp) json_t *cve = NULL, *after = NULL, *lists = NULL, *closed = NULL;
	_cleanup_(json_decrefp) json_t *other = NULL, *bad = NULL, *names = NULL;
	_cleanup_(freep) char *next = NULL;

	begin(&g, 2);
	tell(&g, 0, 3, whole);
	tell(&g, 1, 3, whole);
	/* By itself it is counted now, gathered or not. */
	good(&g, cves_get(g.db, "CVE-2026-0008", &cve, &g.err));
	EXPECT(number(cve, "hosts") == 2 && number(cve, "containers") == 10);
	EXPECT(number(json_object_get(cve, "rings"), "default") == 2);
	good(&g, cves_containers(g.db, g.ids[0], &names, &g.err));
	EXPECT(json_array_size(names) == 2);
	gather(&g, FIXTURE_NOW);
	tell(&g, 0, 4, none);
	tell(&g, 1, 4, none);
	good(&g, hosts_revoke(g.db, g.ids[1], FIXTURE_NOW, &g.err));
	gather(&g, FIXTURE_NOW + 9);
	good(&g, cves_get(g.db, "CVE-2026-0008", &after, &g.err));
	EXPECT(number(after, "hosts") == 0 && number(after, "containers") == 0);
	good(&g, cves_lists(g.db, &lists, &g.err));
	EXPECT(number(lists, "all") == 1 && number(lists, "worst") == 0 &&
	       number(lists, "none") == 0);
	closed = list_cves(&g, &(const struct cves_page){ .closed = 1 }, &next);
	EXPECT(json_array_size(closed) == 3);
	EXPECT(number(json_array_get(closed, 0), "closed") == FIXTURE_NOW + 9);
	good(&g, cves_get(g.db, "CVE-2030-4444", &other, &g.err));
	EXPECT(number(other, "hosts") == 0);
	EXPECT(cves_get(g.db, "nonsense", &bad, &g.err) == -OAK_E_NOTFOUND);
	EXPECT_STR(g.err.msg, "nonsense: no host ever named it");
	db_close(g.db);
}

/* A host that is told to be in another ring takes what is counted of it along. */
TEST(counts_follow_a_host_to_another_ring)
{
	struct ground g;
	_cleanup_(json_decrefp) json_t *cve = NULL, *matrix = NULL;
	const json_t *row;

	begin(&g, 2);
	tell(&g, 0, 3, whole);
	tell(&g, 1, 4, whole);
	good(&g, hosts_change(g.db, g.ids[0], "canary", NULL, &g.err));
	good(&g, cves_get(g.db, "CVE-2026-0007", &cve, &g.err));
	EXPECT(number(json_object_get(cve, "rings"), "canary") == 1);
	EXPECT(number(json_object_get(cve, "rings"), "default") == 1);
	good(&g, matrix_read(g.db, &matrix, &g.err));
	EXPECT(json_array_size(json_object_get(matrix, "rings")) == 2);
	EXPECT(json_array_size(json_object_get(matrix, "rows")) == 2);
	row = json_array_get(json_object_get(matrix, "rows"), 0);
	EXPECT(number(row, "level") == 4 && number(row, "hosts") == 1);
	EXPECT_STR(json_get_str(row, "release"), "6.1.0-40-amd64");
	row = json_array_get(json_object_get(matrix, "rows"), 1);
	EXPECT(number(json_object_get(json_object_get(row, "rings"), "canary"), "settled") == 1);
	db_close(g.db);
}

TEST(findings_are_counted_over_all_hosts)
{
	static const char bad[] = "{\"audit\": {\"score\": 60, \"failed\": 2, \"findings\": ["
				  "{\"id\": \"kptr-restrict\", \"severity\": \"medium\"},"
				  "{\"id\": \"docker-socket\", \"severity\": \"critical\"}]}}";
	static const char better[] = "{\"audit\": {\"score\": 90, \"failed\": 1, \"findings\": ["
				     "{\"id\": \"kptr-restrict\", \"severity\": \"medium\"}]}}";
	struct ground g;
	_cleanup_(json_decrefp) json_t *list = NULL, *after = NULL, *hosts = NULL;
	_cleanup_(freep) char *next = NULL;
	const struct hosts_filter f = { .finding = "docker-socket" };
	const struct hosts_page page = { .limit = 10 };

	begin(&g, 3);
	tell(&g, 0, 3, bad);
	tell(&g, 1, 3, bad);
	tell(&g, 2, 3, better);
	gather(&g, FIXTURE_NOW);
	good(&g, findings_list(g.db, &list, &g.err));
	EXPECT(json_array_size(list) == 2);
	EXPECT_STR(json_get_str(json_array_get(list, 0), "id"), "docker-socket");
	EXPECT(number(json_array_get(list, 0), "hosts") == 2);
	EXPECT(number(json_array_get(list, 1), "hosts") == 3);
	good(&g, hosts_list(g.db, &f, &page, &hosts, &next, &g.err));
	EXPECT(json_array_size(hosts) == 2 && !next);
	tell(&g, 0, 3, better);
	tell(&g, 1, 3, better);
	gather(&g, FIXTURE_NOW + 1);
	good(&g, findings_list(g.db, &after, &g.err));
	EXPECT(json_array_size(after) == 1);
	db_close(g.db);
}

TEST(uptime_and_reboots_are_counted_and_found)
{
	struct ground g;
	_cleanup_(json_decrefp) json_t *counts = NULL, *old = NULL, *wanted = NULL;
	_cleanup_(freep) char *next = NULL;
	const struct hosts_page page = { .limit = 10 };
	const struct hosts_filter up = { .uptime = "over-18m" }, reboot = { .reboot = "kernel" };
	const json_t *by;

	begin(&g, 4);
	tell(&g, 0, 3, "{\"uptime_s\": 604799, \"reboot\": {\"wanted\": false}}");
	tell(&g, 1, 3,
	     "{\"uptime_s\": 604800, \"reboot\": {\"wanted\": true, \"reason\": \"kernel\"}}");
	tell(&g, 2, 3,
	     "{\"uptime_s\": 63072000, \"reboot\": {\"wanted\": true, \"reason\": \"new\"}}");
	tell(&g, 3, 3, "{}");
	good(&g, hosts_counts(g.db, &counts, &g.err));
	by = json_object_get(counts, "by");
	EXPECT(number(json_object_get(by, "uptime"), "under-1w") == 1);
	EXPECT(number(json_object_get(by, "uptime"), "1w-1m") == 1);
	EXPECT(number(json_object_get(by, "uptime"), "unknown") == 1);
	EXPECT(number(json_object_get(by, "reboot"), "no") == 1);
	EXPECT(number(json_object_get(by, "reboot"), "packages") == 1);
	EXPECT(!json_object_get(by, "~open"));
	good(&g, hosts_list(g.db, &up, &page, &old, &next, &g.err));
	EXPECT(json_array_size(old) == 1);
	EXPECT_STR(json_get_str(json_array_get(old, 0), "id"), g.ids[2]);
	good(&g, hosts_list(g.db, &reboot, &page, &wanted, &next, &g.err));
	EXPECT(json_array_size(wanted) == 1);
	EXPECT_STR(json_get_str(json_array_get(wanted, 0), "reboot"), "kernel");
	db_close(g.db);
}

/* Sets that nobody has go; one that comes back is written again. */
TEST(sets_are_tidied_and_come_back)
{
	struct ground g;
	_cleanup_(json_decrefp) json_t *cve = NULL;

	begin(&g, 1);
	tell(&g, 0, 3, whole);
	tell(&g, 0, 4, none);
	good(&g, sets_tidy(g.db, &g.err));
	tell(&g, 0, 3, whole);
	good(&g, cves_get(g.db, "CVE-2026-0007", &cve, &g.err));
	EXPECT(number(cve, "hosts") == 1);
	db_close(g.db);
}

static size_t points_of(struct ground *g, const char *names, int64_t since_s, int64_t now_s,
			int64_t step_s)
{
	_cleanup_(json_decrefp) json_t *read = NULL;
	const struct samples_query q = {
		.names = names, .since_s = since_s, .until_s = now_s, .step_s = step_s
	};
	const json_t *series, *one;
	size_t i, n = 0;

	good(g, samples_read(g->db, &q, now_s, &read, &g->err));
	series = json_object_get(read, "series");
	json_array_foreach(series, i, one) n += json_array_size(json_object_get(one, "points"));
	return n;
}

TEST(samples_are_fine_for_days_and_coarse_for_years)
{
	const int64_t start = FIXTURE_NOW - FIXTURE_NOW % DAY_S;
	struct ground g;
	_cleanup_(json_decrefp) json_t *read = NULL, *bad = NULL;
	struct samples_query q = { .names = "hosts,open.*", .since_s = start, .until_s = start };
	int64_t now_s = start, safe = 0;

	begin(&g, 2);
	tell(&g, 0, 3, whole);
	tell(&g, 1, 3, whole);
	good(&g, samples_take(g.db, now_s, 10 * DAY_S, &g.err));
	good(&g, samples_take(g.db, now_s + 299, 10 * DAY_S, &g.err));
	EXPECT(points_of(&g, "hosts", start, now_s + 299, 300) == 1);
	good(&g, samples_read(g.db, &q, now_s, &read, &g.err));
	EXPECT(json_array_size(json_object_get(read, "series")) == 6);
	EXPECT(number(read, "step") == 300);
	for (; now_s < start + 3 * DAY_S; now_s += 300)
		good(&g, samples_take(g.db, now_s, DAY_S, &g.err));
	EXPECT(points_of(&g, "hosts", start, now_s, 300) == 2 * 288 + 1);
	EXPECT(points_of(&g, "hosts", start, now_s, 3600) == 72);
	EXPECT(points_of(&g, "hosts", start, now_s, 86400) == 3);
	/* Of three days only hours are kept. */
	EXPECT(points_of(&g, "protected", start, now_s, 0) == 72);
	/* Whoever was not heard of is not protected. */
	good(&g, samples_protected(g.db, FIXTURE_NOW - DAY_S, &safe, &g.err));
	EXPECT(safe == 2);
	good(&g, samples_protected(g.db, FIXTURE_NOW + DAY_S, &safe, &g.err));
	EXPECT(safe == 0);
	q.step_s = 7;
	EXPECT(samples_read(g.db, &q, now_s, &bad, &g.err) == -OAK_E_USAGE);
	EXPECT_STR(g.err.msg, "step: not one of 300, 3600, 86400");
	db_close(g.db);
}

TEST(views_belong_to_who_saved_them)
{
	struct ground g;
	struct view_new v = { "ada", "mine", "hosts", "ring=edge" };
	_cleanup_(json_decrefp) json_t *made = NULL, *again = NULL, *list = NULL, *hers = NULL;
	json_t *more = NULL;
	char name[16];

	begin(&g, 0);
	good(&g, db_begin(g.db, &g.err));
	good(&g, view_save(g.db, &v, 7, &made, &g.err));
	v.query = "ring=canary";
	good(&g, view_save(g.db, &v, 8, &again, &g.err));
	EXPECT_STR(json_get_str(again, "id"), json_get_str(made, "id"));
	EXPECT_STR(json_get_str(again, "query"), "ring=canary");
	v.owner = "grace";
	good(&g, view_save(g.db, &v, 9, &more, &g.err));
	json_decref(more);
	good(&g, view_list(g.db, "ada", "hosts", &list, &g.err));
	EXPECT(json_array_size(list) == 1);
	good(&g, view_list(g.db, "ada", "cves", &hers, &g.err));
	EXPECT(json_array_size(hers) == 0);
	EXPECT(view_delete(g.db, "grace", json_get_str(made, "id"), &g.err) == -OAK_E_NOTFOUND);
	v.name = name;
	for (int i = 1; i < VIEWS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "view %d", i);
		good(&g, view_save(g.db, &v, 9, &more, &g.err));
		json_decref(more);
	}
	(void)snprintf(name, sizeof(name), "too many");
	EXPECT(view_save(g.db, &v, 9, &more, &g.err) == -OAK_E_REFUSED);
	EXPECT_STR(g.err.msg, "50 views are kept: delete one first");
	good(&g, view_delete(g.db, "ada", json_get_str(made, "id"), &g.err));
	good(&g, db_commit(g.db, &g.err));
	db_close(g.db);
}
