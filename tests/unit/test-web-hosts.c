/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the pages of hosts, CVEs, levels and findings show: views, addresses, tables for spreadsheets. Pure parts. */
#include "test.h"

#include "base/json.h"
#include "fleet/http/http.h"
#include "fleet/web/csv.h"
#include "fleet/web/cves-view.h"
#include "fleet/web/findings-view.h"
#include "fleet/web/host-view.h"
#include "fleet/web/hosts-query.h"
#include "fleet/web/hosts-view.h"
#include "fleet/web/patches-view.h"
#include "fleet/web/view.h"

#define NOW 1790000000

static json_t *parse(const char *text)
{
	json_t *json = json_loads(text, 0, NULL);

	EXPECT(json);
	return json;
}

/* The text at "a.b.0.c". */
static const char *at(const json_t *json, const char *path)
{
	char name[64];

	while (*path) {
		size_t len = strcspn(path, ".");

		(void)snprintf(name, sizeof(name), "%.*s", (int)len, path);
		json = json_is_array(json) ? json_array_get(json, (size_t)(name[0] - '0'))
					   : json_object_get(json, name);
		path += len + (path[len] == '.');
	}
	return json_is_string(json) ? json_string_value(json) : json_is_null(json) ? "null" : NULL;
}

static struct http_request *ask(const char *target)
{
	const struct http_given given = { .method = "GET", .target = target, .now_s = NOW };
	struct http_request *req = NULL;
	struct oak_error err = { 0 };

	EXPECT(http_request_make(&given, &req, &err) == 0);
	return req;
}

TEST(cells_of_a_spreadsheet_are_no_formulas)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "web-1", "web-1" },     { "", "" },
		{ "=1+1", "'=1+1" },      { "+1", "'+1" },
		{ "-1", "'-1" },          { "@SUM(A1)", "'@SUM(A1)" },
		{ "\t=1", "\"'\t=1\"" },  { "a,b", "\"a,b\"" },
		{ "a\"b", "\"a\"\"b\"" }, { "=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\"" },
		{ "a\nb", "\"a\nb\"" },   { "a=b", "a=b" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(buf_free) struct buf b = { 0 };

		test_case = cases[i].text;
		EXPECT(csv_text(&b, true, cases[i].text) == 0);
		EXPECT_STR(buf_str(&b), cases[i].want);
	}
	test_case = NULL;
}

TEST(a_line_of_a_spreadsheet_has_values_of_each_kind)
{
	_cleanup_(json_decrefp) json_t *row = parse("[\"a\", 3, null, true, [\"=x\", \"y\"]]");
	_cleanup_(buf_free) struct buf b = { 0 };
	json_t *value;
	size_t i;

	json_array_foreach(row, i, value) EXPECT(csv_json(&b, i == 0, value) == 0);
	EXPECT(csv_end(&b) == 0);
	EXPECT_STR(buf_str(&b), "a,3,,yes,'=x y\r\n");
}

TEST(addresses_keep_the_filters_that_are_known)
{
	_cleanup_(http_request_freep) struct http_request *req =
		ask("/hosts?ring=a%26b&text=&nonsense=1&behind=true&after=beef");
	_cleanup_(json_decrefp) json_t *query = hosts_query_read(req);
	_cleanup_(json_decrefp) json_t *same = hosts_query_link("/hosts", query, NULL, NULL);
	_cleanup_(json_decrefp) json_t *less = hosts_query_link("/hosts", query, "ring", NULL);
	_cleanup_(json_decrefp) json_t *other = hosts_query_link("/hosts", query, "ring", "x\"<");
	_cleanup_(json_decrefp) json_t *text = hosts_query_text(query);

	EXPECT_STR(json_string_value(same), "/hosts?ring=a%26b&behind=true");
	EXPECT_STR(json_string_value(less), "/hosts?behind=true");
	EXPECT_STR(json_string_value(other), "/hosts?ring=x%22%3C&behind=true");
	EXPECT_STR(json_string_value(text), "ring=a%26b&behind=true");
}

TEST(the_way_back_is_as_long_as_an_address_may_be)
{
	_cleanup_(buf_free) struct buf trail = { 0 }, back = { 0 }, after = { 0 };

	EXPECT(hosts_trail_push(&trail, NULL, NULL) == 0);
	EXPECT_STR(buf_str(&trail), "0");
	for (size_t i = 0; i < 40; i++) {
		_cleanup_(buf_free) struct buf longer = { 0 };

		EXPECT(hosts_trail_push(&longer, buf_str(&trail), "beef") == 0);
		buf_free(&trail);
		EXPECT(buf_add_str(&trail, buf_str(&longer)) == 0);
	}
	EXPECT(trail.len == HOSTS_TRAIL_MAX * strlen("beef.") - 1);
	EXPECT(hosts_trail_pop(&back, "0.beef.cafe", &after) == 0);
	EXPECT_STR(buf_str(&back), "0.beef");
	EXPECT_STR(buf_str(&after), "cafe");
	buf_free(&back);
	buf_free(&after);
	EXPECT(hosts_trail_pop(&back, "0", &after) == 0);
	EXPECT(back.len == 0 && after.len == 0);
	/* What nobody of us wrote is not followed. */
	EXPECT(hosts_trail_pop(&back, "//evil.example/", &after) == 0);
	EXPECT(back.len == 0 && after.len == 0);
}

TEST(pages_lead_on_and_back)
{
	_cleanup_(http_request_freep) struct http_request *req =
		ask("/hosts?ring=a&after=cafe&trail=0.beef");
	_cleanup_(json_decrefp) json_t *query = hosts_query_read(req);
	_cleanup_(json_decrefp) json_t *pager = hosts_pager_view(req, query, "f00d");

	EXPECT_STR(at(pager, "next"), "/hosts?ring=a&after=f00d&trail=0.beef.cafe");
	EXPECT_STR(at(pager, "back"), "/hosts?ring=a&after=beef&trail=0");
	EXPECT_STR(at(pager, "first"), "/hosts?ring=a");
}

static const char host_text[] =
	"{\"id\": \"00\", \"name\": \"\", \"ring\": \"edge\", \"tags\": [\"a=b&c\"], \"seen\": 1789999820,"
	" \"enrolled\": 1, \"revoked\": null, \"kernel\": {\"build_id\": \"abab\", \"release\": \"6.1\"},"
	" \"os\": {\"id\": \"debian\", \"version\": \"12\"}, \"level\": 3, \"newest\": 4, \"behind\": true,"
	" \"state\": \"stalled\", \"verdict\": \"javascript:alert(1)\", \"cves_open\": 1200,"
	" \"containers\": null, \"audit_score\": 40, \"report\": {\"verdict\": {\"text\": \"t\"},"
	" \"level\": {\"since\": 1789990000}, \"cves\": {\"open\": 2, \"closed\": 1, \"as_of\": 1,"
	" \"worst\": [{\"id\": \"CVE-1/../x\", \"severity\": \"awful\\\" x\", \"reach\": \"r\"}]},"
	" \"results\": [{\"rollout\": \"aa\", \"level\": 3, \"result\": \"failed\", \"why\": \"w\","
	" \"transition_ms\": 1250, \"gap_us\": 80}], \"withheld\": [{\"level\": 4, \"why\": \"window\"}]}}";

TEST(a_host_is_shown_with_what_it_says)
{
	_cleanup_(json_decrefp) json_t *host = parse(host_text), *view = host_view(host, NOW);

	EXPECT_STR(at(view, "label"), "00");
	EXPECT_STR(at(view, "seen_text"), "3 min ago");
	EXPECT_STR(at(view, "cves_text"), "1,200");
	EXPECT_STR(at(view, "containers_text"), "\u2013");
	EXPECT_STR(at(view, "state_badge.tone"), "bad");
	EXPECT_STR(at(view, "audit_badge.tone"), "bad");
	EXPECT_STR(at(view, "tag_links.0.href"), "/hosts?tag=a%3Db%26c");
	EXPECT_STR(at(view, "results.0.transition_text"), "1.2 s");
	EXPECT_STR(at(view, "results.0.gap_text"), "80 \u00b5s");
	EXPECT_STR(at(view, "withheld.0.why"), "window");
	EXPECT_STR(at(view, "since_text"), "2 h ago");
}

/* Classes and addresses are ours, whatever a host says. */
TEST(a_host_chooses_no_class_and_no_address)
{
	_cleanup_(json_decrefp) json_t *host = parse(host_text), *view = host_view(host, NOW);

	EXPECT_STR(at(view, "verdict_badge.tone"), "off");
	EXPECT_STR(at(view, "cves.worst.0.severity"), "unknown");
	EXPECT_STR(at(view, "cves.worst.0.href"), "/cves/CVE-1%2F..%2Fx");
}

TEST(rollouts_of_a_host_are_those_that_fit_it)
{
	static const struct {
		const char *name, *where;
		bool fits;
	} cases[] = {
		{ "anybody", "{\"tags\": [], \"kernels\": [], \"distributions\": []}", true },
		{ "its tag", "{\"tags\": [\"a=b&c\"]}", true },
		{ "another tag, too", "{\"tags\": [\"a=b&c\", \"z\"]}", false },
		{ "its kernel", "{\"kernels\": [\"cdcd\", \"abab\"]}", true },
		{ "another kernel", "{\"kernels\": [\"cdcd\"]}", false },
		{ "its system", "{\"distributions\": [\"debian\"]}", true },
		{ "its version", "{\"distributions\": [\"debian:12\"]}", true },
		{ "another version", "{\"distributions\": [\"debian:13\"]}", false },
		{ "a part of its name", "{\"distributions\": [\"deb\"]}", false },
	};
	_cleanup_(json_decrefp) json_t *host = parse(host_text);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(json_decrefp) json_t *decision =
			json_pack("{s:{s:[{s:s, s:s, s:s, s:s, s:o, s:{s:i}}]}}", "signed",
				  "rollouts", "id", "aa", "name", "n", "state", "running", "why",
				  "", "where", parse(cases[i].where), "levels", "abab", 4);
		_cleanup_(json_decrefp) json_t *list = host_rollouts(host, decision);

		test_case = cases[i].name;
		EXPECT(json_array_size(list) == cases[i].fits);
	}
	test_case = NULL;
}

TEST(a_timeline_tells_changes_and_nothing_else)
{
	_cleanup_(json_decrefp) json_t *history = parse(
		"[{\"at\": 400, \"level\": 4, \"state\": \"settled\", \"verdict\": \"ok\", \"boot\": \"b\","
		" \"build_id\": \"x\", \"release\": \"6.2\", \"newest\": 4, \"cves_open\": 1, \"audit_score\": 80},"
		"{\"at\": 300, \"level\": 3, \"state\": \"settled\", \"verdict\": \"ok\", \"boot\": \"b\","
		" \"build_id\": \"x\", \"release\": \"6.2\", \"newest\": 4, \"cves_open\": 9, \"audit_score\": 80},"
		"{\"at\": 200, \"level\": 3, \"state\": \"settled\", \"verdict\": \"ok\", \"boot\": \"b\","
		" \"build_id\": \"x\", \"release\": \"6.2\", \"newest\": 4, \"cves_open\": 9, \"audit_score\": 80},"
		"{\"at\": 100, \"level\": 3, \"state\": \"settled\", \"verdict\": \"ok\", \"boot\": \"a\","
		" \"build_id\": \"w\", \"release\": \"6.1\", \"newest\": 4, \"cves_open\": 9, \"audit_score\": 80}]");
	_cleanup_(json_decrefp) json_t *list = host_timeline(history, NOW);

	EXPECT(json_array_size(list) == 3);
	EXPECT_STR(at(list, "0.changes.0.text"), "level 4, before 3");
	EXPECT_STR(at(list, "0.changes.1.text"), "open CVEs: 1, before 9");
	EXPECT_STR(at(list, "1.changes.0.text"), "kernel 6.2, before 6.1");
	EXPECT_STR(at(list, "2.changes.0.text"), "kernel 6.1, level 3, state settled, verdict ok");
}

TEST(deeds_stand_in_the_timeline_where_they_were_done)
{
	_cleanup_(json_decrefp) json_t *timeline =
		parse("[{\"at\": 300, \"changes\": []}, {\"at\": 100, \"changes\": []}]");
	_cleanup_(json_decrefp) json_t *entries =
		parse("[{\"at\": 200, \"who\": \"user:ann\", \"action\": \"host.change\","
		      " \"detail\": {\"ring\": \"edge\"}}]");
	_cleanup_(json_decrefp) json_t *list = host_timeline_deeds(timeline, entries, NOW);

	EXPECT(json_array_size(list) == 3);
	EXPECT_STR(at(list, "1.changes.0.text"), "host.change by user:ann: {\"ring\":\"edge\"}");
}

TEST(a_cve_is_closed_only_with_a_proof)
{
	static const struct {
		const char *name, *text, *want;
	} cases[] = {
		{ "open", "{\"cve\": \"C\", \"hosts\": 2, \"closed\": false}", "open" },
		{ "not named", "{\"cve\": \"C\", \"hosts\": 0, \"closed\": false}",
		  "no host names it" },
		{ "proven", "{\"cve\": \"C\", \"hosts\": 0, \"closed\": true}",
		  "closed everywhere" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(json_decrefp) json_t *cve = parse(cases[i].text);
		_cleanup_(json_decrefp) json_t *view = cve_view(cve, NULL, NOW);

		test_case = cases[i].name;
		EXPECT_STR(at(view, "fate_badge.word"), cases[i].want);
	}
	test_case = NULL;
}

TEST(a_list_of_cves_says_what_it_may_miss)
{
	_cleanup_(json_decrefp) json_t *some =
		parse("{\"lists\": {\"all\": 5, \"worst\": 1200, \"none\": 0}, \"silent\": 1}");
	_cleanup_(json_decrefp) json_t *none =
		parse("{\"lists\": {\"all\": 5, \"worst\": 0, \"none\": 0}, \"silent\": 0}");
	_cleanup_(json_decrefp) json_t *gaps = cves_gaps_view(some), *no = cves_gaps_view(none);

	EXPECT(json_array_size(gaps) == 2 && json_array_size(no) == 0);
	EXPECT_STR(at(gaps, "0.text"), "1,200 hosts name only their worst CVEs");
	EXPECT_STR(at(gaps, "1.text"), "1 host is silent");
}

static const char matrix_text[] =
	"{\"rings\": [\"a\", \"b\"], \"rows\": ["
	"{\"build_id\": \"ab\", \"release\": \"6.1\", \"level\": 4, \"hosts\": 3, \"published\": 1, \"cves\": 7,"
	" \"withdrawn\": null, \"held\": \"too early\", \"rings\": {\"a\": {\"settled\": 1, \"soaking\": 1,"
	" \"stalled\": 1}}},"
	"{\"build_id\": \"ab\", \"release\": \"6.1\", \"level\": 0, \"hosts\": 2, \"published\": null, \"cves\": 0,"
	" \"rings\": {\"b\": {\"none\": 2}}},"
	"{\"build_id\": \"cd\", \"release\": \"6.2\", \"level\": 1, \"hosts\": 0, \"published\": 1, \"cves\": 1,"
	" \"rings\": {}}]}";

TEST(levels_are_a_table_for_each_kernel)
{
	_cleanup_(json_decrefp) json_t *matrix = parse(matrix_text);
	_cleanup_(json_decrefp) json_t *view = patches_view(matrix, NOW);

	EXPECT(json_array_size(json_object_get(view, "kernels")) == 2);
	EXPECT_STR(at(view, "kernels.0.hosts_text"), "5");
	EXPECT_STR(at(view, "kernels.0.levels.0.badge.word"), "held");
	EXPECT_STR(at(view, "kernels.0.levels.0.why"), "too early");
	EXPECT_STR(at(view, "kernels.0.levels.0.cells.0.n_text"), "3");
	EXPECT_STR(at(view, "kernels.0.levels.0.cells.0.href"), "/hosts?ring=a&level=4&build_id=ab");
	EXPECT_STR(at(view, "kernels.0.levels.0.cells.0.rest"), "1 soaking, 1 stalled");
	EXPECT_STR(at(view, "kernels.0.levels.0.cells.0.tone"), "bad");
	EXPECT_STR(at(view, "kernels.0.levels.1.level_text"), "none");
	EXPECT_STR(at(view, "kernels.0.levels.1.cells.1.rest"), "");
	EXPECT_STR(at(view, "kernels.1.release"), "6.2");
}

TEST(a_level_says_what_is_new_in_it)
{
	_cleanup_(json_decrefp) json_t *levels = parse(
		"[{\"build_id\": \"ab\", \"level\": 4, \"published\": 1, \"cves\": [\"C-1\", \"C-2\"]},"
		"{\"build_id\": \"ab\", \"level\": 2, \"published\": 1, \"cves\": [\"C-1\"]},"
		"{\"build_id\": \"cd\", \"level\": 3, \"published\": 1, \"cves\": [\"C-2\"]}]");
	_cleanup_(json_decrefp) json_t *view = patch_view(levels, "ab", 4, NOW);
	_cleanup_(json_decrefp) json_t *none = patch_view(levels, "cd", 4, NOW);

	EXPECT(json_is_null(none));
	EXPECT(view_int(view, "before") == 2);
	EXPECT_STR(at(view, "fresh.0.cve"), "C-2");
	EXPECT_STR(at(view, "kept.0.cve"), "C-1");
}

TEST(findings_have_their_share_of_hosts)
{
	_cleanup_(json_decrefp) json_t *findings =
		parse("[{\"id\": \"a-b\", \"severity\": \"high\", \"hosts\": 1, \"first_seen\": 1},"
		      "{\"id\": \"c&d\", \"severity\": \"x\", \"hosts\": 900, \"first_seen\": 1}]");
	_cleanup_(json_decrefp) json_t *view = findings_view(findings, 900, NOW);

	EXPECT(view_int(json_array_get(json_object_get(view, "findings"), 0), "share") == 1);
	EXPECT(view_int(json_array_get(json_object_get(view, "findings"), 1), "share") == 100);
	EXPECT_STR(at(view, "findings.1.href"), "/hosts?finding=c%26d");
	EXPECT_STR(at(view, "findings.1.severity"), "unknown");
	EXPECT_STR(at(view, "by.1.n_text"), "1");
}
