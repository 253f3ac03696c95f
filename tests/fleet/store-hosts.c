/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/hosts.h"

#include "fleet/store/audit.h"
#include "fleet/store/event.h"
#include "store-fixture.h"
#include "test.h"

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
