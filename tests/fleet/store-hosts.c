/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/hosts.h"

#include "fleet/db/db-ops.h"
#include "fleet/store/audit.h"
#include "fleet/store/event.h"
#include "fleet/store/tidy.h"
#include "fleet/store/tokens.h"
#include "store-fixture.h"
#include "test.h"

#define DAY_S 86400

TEST(a_report_is_what_a_host_is)
{
	_cleanup_(db_closep) struct db *db = fixture_open();
	_cleanup_(report_clear) struct report r = { .sequence = 0 };
	_cleanup_(json_decrefp) json_t *host = NULL, *counts = NULL, *history = NULL;
	struct oak_error err = { .code = OAK_OK };
	char token[128], id[33];
	bool new, cloned;

	fixture_token(db, 0, token);
	fixture_host(db, token, 1, id);
	fixture_report(id, 1, 3, "settled", &r);
	EXPECT(!fixture_take(db, &r, &new, &cloned, &err));
	EXPECT(new && !cloned);
	EXPECT(!fixture_take(db, &r, &new, &cloned, &err));
	EXPECT(!new && !cloned);
	EXPECT(!hosts_get(db, id, &host, &err));
	EXPECT_STR(json_string_value(json_object_get(host, "state")), "settled");
	EXPECT(json_integer_value(json_object_get(host, "level")) == 3);
	EXPECT(!hosts_counts(db, &counts, &err));
	EXPECT(json_integer_value(json_object_get(counts, "total")) == 1);
	EXPECT(!hosts_history(db, id, 10, &history, &err));
	EXPECT(json_array_size(history) == 1);
}

TEST(lists_find_hosts_by_each_filter)
{
	static const struct {
		const char *name;
		struct hosts_filter f;
		size_t want;
	} cases[] = {
		{ "all", { 0 }, 5 },
		{ "ring", { .ring = "default" }, 5 },
		{ "other ring", { .ring = "canary" }, 0 },
		{ "kernel", { .build_id = "0000000000000000000000000000000000000009" }, 3 },
		{ "release", { .release = "6.1.0-40-amd64" }, 3 },
		{ "os", { .os = "debian" }, 3 },
		{ "os version", { .os = "debian:12" }, 3 },
		{ "other version", { .os = "debian:11" }, 0 },
		{ "state", { .state = "settled" }, 2 },
		{ "verdict", { .verdict = "ok" }, 3 },
		{ "level", { .level = "3" }, 1 },
		{ "cve", { .cve = "CVE-2026-2" }, 3 },
		{ "other cve", { .cve = "CVE-2026-3" }, 0 },
		{ "text", { .text = "HOST-4" }, 1 },
		{ "a sign of LIKE", { .text = "host_4" }, 0 },
		{ "silent", { .silent = 1, .silent_before_s = FIXTURE_NOW + 1 }, 2 },
		{ "awake", { .silent = -1, .silent_before_s = FIXTURE_NOW + 1 }, 3 },
		{ "behind", { .behind = 1 }, 2 },
		{ "revoked", { .revoked = 1 }, 1 },
		{ "two", { .state = "settled", .behind = 1 }, 1 },
		{ "tag", { .tag = "role=web" }, 1 },
	};
	static const char *const sorts[] = { NULL,   "-id",   "name",  "-name",
					     "seen", "-seen", "level", "-level" };
	_cleanup_(db_closep) struct db *db = fixture_open();
	_cleanup_(json_decrefp) json_t *tags = json_pack("[s]", "role=web");
	struct oak_error err = { .code = OAK_OK };
	char token[128], id[33];
	bool new, cloned;

	fixture_token(db, 0, token);
	for (unsigned i = 0; i < 6; i++) {
		struct report r;

		fixture_host(db, token, i, id);
		if (i >= 3)
			continue;
		fixture_report(id, 1, i + 2, i ? "settled" : "none", &r);
		EXPECT(!fixture_take(db, &r, &new, &cloned, &err));
		report_clear(&r);
	}
	EXPECT(!hosts_revoke(db, id, FIXTURE_NOW, &err));
	fixture_host(db, token, 2, id);
	EXPECT(!hosts_change(db, id, NULL, tags, &err));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t k = 0; k < sizeof(sorts) / sizeof(sorts[0]); k++) {
			_cleanup_(freep) char *next = NULL;
			size_t n = 0;

			test_case = cases[i].name;
			for (int page = 0; page < 10; page++) {
				_cleanup_(json_decrefp) json_t *list = NULL;
				_cleanup_(freep) char *after = take_ptr(next);
				const struct hosts_page p = { .after = after,
							      .sort = sorts[k],
							      .limit = 2 };
				int ret = hosts_list(db, &cases[i].f, &p, &list, &next, &err);

				if (ret < 0)
					print_error("%s\n", err.msg);
				EXPECT(!ret);
				n += json_array_size(list);
				if (!next)
					break;
			}
			EXPECT(n == cases[i].want);
		}
}

TEST(the_chain_and_the_events_go_on)
{
	_cleanup_(db_closep) struct db *db = fixture_open();
	_cleanup_(json_decrefp) json_t *events = NULL, *entries = NULL;
	struct oak_error err = { .code = OAK_OK };
	uint64_t n = 0;

	for (int i = 0; i < 5; i++) {
		const struct audit_entry a = { .who = "token:ci",
					       .action = "host.revoke",
					       .subject = "x",
					       .at_s = FIXTURE_NOW };
		const struct event e = { .type = "host.enrolled",
					 .subject = "x",
					 .at_s = FIXTURE_NOW };

		EXPECT(!db_begin(db, &err));
		EXPECT(!audit_add(db, &a, &err));
		EXPECT(!event_add(db, &e, &err));
		EXPECT(!db_commit(db, &err));
	}
	EXPECT(!audit_verify(db, &n, &err));
	EXPECT(n == 5);
	EXPECT(!event_list(db, 2, 2, &events, &err));
	EXPECT(json_array_size(events) == 2);
	EXPECT(!audit_list(db, &(struct audit_page){ .limit = 3 }, &entries, &err));
	EXPECT(json_array_size(entries) == 3);
}

static const char *text_of(const json_t *host, const char *member)
{
	return json_string_value(json_object_get(host, member));
}

static json_int_t by(const json_t *counts, const char *facet, const char *value)
{
	return json_integer_value(
		json_object_get(json_object_get(json_object_get(counts, "by"), facet), value));
}

TEST(replays_and_clones_are_noticed)
{
	_cleanup_(db_closep) struct db *db = fixture_open();
	struct oak_error err = { .code = OAK_OK };
	struct report first, second, other;
	struct store_host h;
	char token[128], id[33];
	bool new, cloned;

	fixture_token(db, 0, token);
	fixture_host(db, token, 1, id);
	fixture_report(id, 5, 3, "settled", &first);
	fixture_report(id, 9, 3, "settled", &second);
	fixture_report(id, 9, 2, "none", &other);
	(void)json_object_set_new(other.json, "level", json_integer(2));
	EXPECT(!fixture_take(db, &first, &new, &cloned, &err) && new);
	EXPECT(!fixture_take(db, &second, &new, &cloned, &err) && new);
	/* The same again: its answer was lost. */
	EXPECT(!fixture_take(db, &second, &new, &cloned, &err) && !new && !cloned);
	/* An older one: somebody plays it again, which says nothing of the host. */
	EXPECT(fixture_take(db, &first, &new, &cloned, &err) == -OAK_E_REFUSED);
	EXPECT_STR(err.msg, "report 5 of this host was acknowledged already, the last was 9");
	EXPECT(!new && !cloned);
	EXPECT(!hosts_find(db, id, &h, &err) && !h.cloned && h.sequence == 9);
	/* Another one with the same number: two machines have the key. */
	EXPECT(fixture_take(db, &other, &new, &cloned, &err) == -OAK_E_REFUSED);
	EXPECT(!new &&cloned);
	EXPECT(!hosts_find(db, id, &h, &err) && h.cloned && h.sequence == 9);
	EXPECT(!hosts_trust_again(db, id, &err));
	EXPECT(!hosts_find(db, id, &h, &err) && !h.cloned);
	EXPECT(!hosts_revoke(db, id, FIXTURE_NOW, &err));
	other.sequence = 10;
	EXPECT(fixture_take(db, &other, &new, &cloned, &err) == -OAK_E_REFUSED);
	EXPECT_STR(err.msg, "the host was revoked");
	report_clear(&first);
	report_clear(&second);
	report_clear(&other);
}

TEST(what_is_not_there_is_said)
{
	_cleanup_(db_closep) struct db *db = fixture_open();
	struct oak_error err = { .code = OAK_OK };
	struct store_host h;
	json_t *host = NULL;

	EXPECT(hosts_find(db, "x", &h, &err) == -OAK_E_NOTFOUND);
	EXPECT_STR(err.msg, "there is no host x");
	EXPECT(hosts_get(db, "x", &host, &err) == -OAK_E_NOTFOUND);
	EXPECT(hosts_change(db, "x", "r", NULL, &err) == -OAK_E_NOTFOUND);
	EXPECT(hosts_revoke(db, "x", 1, &err) == -OAK_E_NOTFOUND);
	EXPECT(hosts_trust_again(db, "x", &err) == -OAK_E_NOTFOUND);
	EXPECT(!host);
}

TEST(counts_follow_what_hosts_are)
{
	_cleanup_(db_closep) struct db *db = fixture_open();
	_cleanup_(json_decrefp) json_t *counts = NULL;
	_cleanup_(json_decrefp) json_t *tags = json_pack("[s]", "role=db");
	struct oak_error err = { .code = OAK_OK };
	char token[128], id[3][33];
	bool new, cloned;

	fixture_token(db, 0, token);
	for (unsigned i = 0; i < 3; i++) {
		fixture_host(db, token, i, id[i]);
		for (unsigned s = 1; s < 4; s++) {
			struct report r;

			fixture_report(id[i], s, s, s < 3 ? "soaking" : "settled", &r);
			EXPECT(!fixture_take(db, &r, &new, &cloned, &err));
			report_clear(&r);
		}
	}
	EXPECT(!hosts_change(db, id[0], "canary", tags, &err));
	EXPECT(!hosts_revoke(db, id[1], FIXTURE_NOW, &err));
	EXPECT(!hosts_revoke(db, id[1], FIXTURE_NOW, &err));
	EXPECT(!hosts_counts(db, &counts, &err));
	EXPECT(json_integer_value(json_object_get(counts, "total")) == 2);
	EXPECT(by(counts, "ring", "canary") == 1);
	EXPECT(by(counts, "ring", "default") == 1);
	EXPECT(by(counts, "level", "3") == 2);
	EXPECT(by(counts, "state", "settled") == 2);
	EXPECT(by(counts, "os", "debian:12") == 2);
	EXPECT(by(counts, "tag", "role=db") == 1);
	/* What nobody is any more is not there. */
	EXPECT(json_object_size(json_object_get(json_object_get(counts, "by"), "state")) == 1);
	EXPECT(json_object_size(json_object_get(json_object_get(counts, "by"), "level")) == 1);
}

TEST(hostile_texts_stay_texts)
{
	static const char *const texts[] = { "'; DROP TABLE hosts; --",
					     "\"><script>alert(1)</script>",
					     "$1",
					     "\\",
					     "\xf0\x9f\x92\xa5",
					     "%",
					     "{{7*7}}" };
	_cleanup_(db_closep) struct db *db = fixture_open();
	struct oak_error err = { .code = OAK_OK };
	char token[128], id[33];
	uint64_t sequence = 0;
	bool new, cloned;

	fixture_token(db, 0, token);
	fixture_host(db, token, 1, id);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct hosts_filter f = { .ring = "default",
						.state = texts[i],
						.release = texts[i],
						.verdict = texts[i],
						.text = texts[i] };
		const struct hosts_page page = { .limit = 10, .sort = "name" };
		_cleanup_(json_decrefp) json_t *host = NULL, *list = NULL, *history = NULL;
		_cleanup_(report_clear) struct report r = { .sequence = 0 };
		char *next = NULL;

		test_case = texts[i];
		fixture_report(id, ++sequence, 1, texts[i], &r);
		(void)snprintf(r.name, sizeof(r.name), "%s", texts[i]);
		(void)snprintf(r.release, sizeof(r.release), "%s", texts[i]);
		(void)snprintf(r.verdict, sizeof(r.verdict), "%s", texts[i]);
		(void)snprintf(r.agent, sizeof(r.agent), "%s", texts[i]);
		(void)json_object_set_new(r.json, texts[i], json_string(texts[i]));
		EXPECT(!fixture_take(db, &r, &new, &cloned, &err));
		EXPECT(!hosts_get(db, id, &host, &err));
		EXPECT_STR(text_of(host, "name"), texts[i]);
		EXPECT_STR(text_of(host, "state"), texts[i]);
		EXPECT_STR(text_of(host, "agent"), texts[i]);
		EXPECT(json_equal(json_object_get(host, "report"), r.json));
		EXPECT(!hosts_list(db, &f, &page, &list, &next, &err));
		EXPECT(json_array_size(list) == 1 && !next);
		EXPECT(!hosts_history(db, id, 1, &history, &err));
		EXPECT_STR(text_of(json_array_get(history, 0), "state"), texts[i]);
	}
}

TEST(a_host_has_its_own_tags_where_it_may)
{
	_cleanup_(db_closep) struct db *db = fixture_open();
	_cleanup_(json_decrefp) json_t *fixed = json_pack("[s]", "az=1");
	_cleanup_(json_decrefp) json_t *set = json_pack("[s]", "role=x");
	const struct enrol_token_new t = {
		.name = "t", .ring = "default", .tags = fixed, .own_tags = true
	};
	static const struct {
		const char *own[3], *want;
	} cases[] = {
		{ { "role=web", "b" }, "az=1 b role=web" },
		{ { "b" }, "az=1 b" },
		{ { NULL }, "az=1" },
		{ { "az=1", "bad one", "c" }, "az=1 c" },
	};
	struct oak_error err = { .code = OAK_OK };
	json_t *made = NULL;
	struct store_host h;
	char token[128], id[33];
	uint64_t sequence = 0;
	bool new, cloned;

	EXPECT(!enrol_token_create(db, &t, FIXTURE_NOW, token, &made, &err));
	json_decref(made);
	fixture_host(db, token, 1, id);
	for (size_t i = 0; i <= sizeof(cases) / sizeof(cases[0]); i++) {
		bool last = i == sizeof(cases) / sizeof(cases[0]);
		json_t *own = json_array();
		struct report r;

		for (size_t k = 0; k < 3 && !last && cases[i].own[k]; k++)
			(void)json_array_append_new(own, json_string(cases[i].own[k]));
		/* A person has said all of them: the host says no more. */
		if (last) {
			EXPECT(!hosts_change(db, id, NULL, set, &err));
			(void)json_array_append_new(own, json_string("d"));
		}
		fixture_report(id, ++sequence, 1, "settled", &r);
		(void)json_object_set_new(r.json, "tags", own);
		EXPECT(!fixture_take(db, &r, &new, &cloned, &err));
		EXPECT(!hosts_find(db, id, &h, &err));
		EXPECT_STR(h.tags, last ? "role=x" : cases[i].want);
		report_clear(&r);
	}
}

static size_t history_rows(struct db *db, const char *id)
{
	_cleanup_(json_decrefp) json_t *history = NULL;
	struct oak_error err = { .code = OAK_OK };

	EXPECT(!hosts_history(db, id, 1000, &history, &err));
	return json_array_size(history);
}

TEST(history_has_what_changed_and_one_a_day)
{
	static const struct {
		uint64_t sequence;
		uint32_t level;
		size_t want;
	} cases[] = { { 1, 1, 1 },     { 2, 1, 1 },     { 3, 2, 2 },    { 4, 2, 2 },
		      { 86000, 2, 2 }, { 86405, 2, 3 }, { 86406, 2, 3 } };
	_cleanup_(db_closep) struct db *db = fixture_open();
	struct oak_error err = { .code = OAK_OK };
	char token[128], id[33];
	bool new, cloned;

	fixture_token(db, 0, token);
	fixture_host(db, token, 1, id);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(json_decrefp) json_t *history = NULL;
		struct report r;

		fixture_report(id, cases[i].sequence, cases[i].level, "settled", &r);
		EXPECT(!fixture_take(db, &r, &new, &cloned, &err));
		report_clear(&r);
		EXPECT(!hosts_history(db, id, 10, &history, &err));
		EXPECT(json_array_size(history) == cases[i].want);
		EXPECT(json_integer_value(json_object_get(json_array_get(history, 0), "level")) ==
		       cases[i].level);
	}
	EXPECT(!store_tidy(db, FIXTURE_NOW + 86405 + DAY_S, 1, &err));
	EXPECT(history_rows(db, id) == 1);
}

TEST(old_history_goes_and_months_are_made_ahead)
{
	_cleanup_(db_closep) struct db *db = fixture_open();
	struct oak_error err = { .code = OAK_OK };
	char token[128], id[33];
	bool new, cloned;

	fixture_token(db, 0, token);
	fixture_host(db, token, 1, id);
	EXPECT(!store_tidy(db, FIXTURE_NOW, 30, &err));
	/* Not twice within a day. */
	EXPECT(!store_tidy(db, FIXTURE_NOW + 3600, 1, &err));
	for (uint64_t day = 1; day <= 70; day++) {
		struct report r;

		fixture_report(id, day * DAY_S, 1, "settled", &r);
		EXPECT(!fixture_take(db, &r, &new, &cloned, &err));
		report_clear(&r);
	}
	EXPECT(history_rows(db, id) == 70);
	EXPECT(!store_tidy(db, FIXTURE_NOW + 71 * DAY_S, 0, &err));
	EXPECT(history_rows(db, id) == 70);
	EXPECT(!store_tidy(db, FIXTURE_NOW + 73 * DAY_S, 30, &err));
	/* PostgreSQL drops whole months. */
	if (db_is_postgres(db))
		EXPECT(history_rows(db, id) >= 27 && history_rows(db, id) < 70);
	else
		EXPECT(history_rows(db, id) == 28);
	EXPECT(!store_tidy(db, FIXTURE_NOW + 400 * DAY_S, 30, &err));
	EXPECT(history_rows(db, id) == 0);
}

TEST(cursors_and_sorts_are_checked)
{
	static const struct {
		const char *sort, *after, *msg;
		unsigned limit;
	} cases[] = {
		{ "size", NULL, "sort: not one of id, name, seen, level, or with \"-\"", 10 },
		{ "-", NULL, "sort: not one of id, name, seen, level, or with \"-\"", 10 },
		{ NULL, NULL, "limit: not 1 to 1000", 0 },
		{ NULL, NULL, "limit: not 1 to 1000", 1001 },
		{ NULL, "x", "after: not a cursor of this list", 10 },
		{ NULL, "", "after: not a cursor of this list", 10 },
		{ NULL, "2b69643a313a303a", NULL, 10 }, /* +id:1:0: */
		{ "name", "2b69643a313a303a", "after: not a cursor of this list", 10 },
		{ NULL, "2b69643a783a303a", "after: not a cursor of this list", 10 },
		{ "name", "2b6e616d653a313a303aff", "after: not a cursor of this list", 10 },
		{ NULL, "2b69643a31", "after: not a cursor of this list", 10 },
		{ NULL, "2b69643a00313a303a", "after: not a cursor of this list", 10 },
	};
	_cleanup_(db_closep) struct db *db = fixture_open();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct hosts_page p = { .after = cases[i].after,
					      .sort = cases[i].sort,
					      .limit = cases[i].limit };
		const struct hosts_filter f = { .ring = NULL };
		_cleanup_(json_decrefp) json_t *list = NULL;
		struct oak_error err = { .code = OAK_OK };
		char *next = NULL;
		int r = hosts_list(db, &f, &p, &list, &next, &err);

		test_case = cases[i].msg;
		EXPECT(r == (cases[i].msg ? -OAK_E_USAGE : 0));
		if (cases[i].msg)
			EXPECT_STR(err.msg, cases[i].msg);
	}
}

TEST(filters_are_texts)
{
	static const struct hosts_filter filters[] = { { .ring = "\xff" },
						       { .tag = "\xc3\x28" },
						       { .text = "\xf0\x9f" },
						       { .os = "\xff:12" } };
	_cleanup_(db_closep) struct db *db = fixture_open();

	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		const struct hosts_page p = { .limit = 10 };
		struct oak_error err = { .code = OAK_OK };
		json_t *list = NULL;
		char *next = NULL;

		EXPECT(hosts_list(db, &filters[i], &p, &list, &next, &err) == -OAK_E_USAGE);
		EXPECT_STR(err.msg, "a filter is not UTF-8");
	}
}

/* Every host once, in order, while the list is walked two by two. */
TEST(pages_of_each_order_have_every_host_once)
{
	static const char *const sorts[] = { "id",   "-id",   "name",  "-name",
					     "seen", "-seen", "level", "-level" };
	_cleanup_(db_closep) struct db *db = fixture_open();
	struct oak_error err = { .code = OAK_OK };
	char token[128], id[33];
	bool new, cloned;

	fixture_token(db, 0, token);
	for (unsigned i = 0; i < 9; i++) {
		struct report r;

		fixture_host(db, token, i, id);
		/* Equal keys too: the number of the host decides. */
		fixture_report(id, 1 + i / 3, i % 2, "settled", &r);
		(void)snprintf(r.name, sizeof(r.name), "h%u", i / 2);
		EXPECT(!fixture_take(db, &r, &new, &cloned, &err));
		report_clear(&r);
	}
	for (size_t s = 0; s < sizeof(sorts) / sizeof(sorts[0]); s++) {
		_cleanup_(json_decrefp) json_t *whole = NULL, *parts = json_array();
		const struct hosts_filter f = { .verdict = s % 2 ? "ok" : NULL };
		char *next = NULL;

		test_case = sorts[s];
		EXPECT(!hosts_list(db, &f, &(struct hosts_page){ .sort = sorts[s], .limit = 100 },
				   &whole, &next, &err));
		EXPECT(json_array_size(whole) == 9 && !next);
		do {
			_cleanup_(freep) char *after = take_ptr(next);
			_cleanup_(json_decrefp) json_t *list = NULL;
			const struct hosts_page p = { .after = after, .sort = sorts[s], .limit = 2 };

			EXPECT(!hosts_list(db, &f, &p, &list, &next, &err));
			EXPECT(!json_array_extend(parts, list));
		} while (next && json_array_size(parts) < 20);
		EXPECT(json_equal(whole, parts));
	}
}

/* Whatever is asked for, a page looks at so many hosts and no more; all pages together look at all. */
TEST(pages_that_find_nothing_end_all_the_same)
{
	static const char fill[] =
		"INSERT INTO hosts (id, key, name, machine, token, ring, tags, fixed_tags, own_tags,"
		" enrolled_s, seen_s, level) WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL"
		" SELECT i + 1 FROM c WHERE i < 25000) SELECT 'id-' || i || '-', '', 'name-' || (i % 3),"
		" '', '', 'r', '', '', 0, 1, 1, i / 20000 FROM c";
	static const char *const sorts[] = { "id",   "-id",   "name",  "-name",
					     "seen", "-seen", "level", "-level" };
	static const struct {
		const char *text;
		size_t want;
	} cases[] = { { "nothing", 0 }, { "id-12345-", 1 }, { "id-25000-", 1 }, { "id-1-", 1 } };
	_cleanup_(db_closep) struct db *db = fixture_open();
	struct oak_error err = { .code = OAK_OK };

	EXPECT(!db_begin(db, &err));
	EXPECT(!db_script(db, fill, &err));
	EXPECT(!db_commit(db, &err));
	for (size_t k = 0; k < 4 * sizeof(sorts) / sizeof(sorts[0]); k++) {
		const struct hosts_filter f = { .text = cases[k % 4].text,
						.ring = k & 4 ? "r" : NULL };
		size_t found = 0, pages = 0;
		char *next = NULL;

		test_case = sorts[k / 4];
		do {
			_cleanup_(freep) char *after = take_ptr(next);
			_cleanup_(json_decrefp) json_t *list = NULL;
			const struct hosts_page p = { .after = after,
						      .sort = sorts[k / 4],
						      .limit = 10 };

			EXPECT(!hosts_list(db, &f, &p, &list, &next, &err));
			found += json_array_size(list);
		} while (++pages < 20 && next);
		EXPECT(found == cases[k % 4].want);
		EXPECT(pages >= 2 && pages <= 7);
	}
}
