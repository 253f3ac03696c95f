/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the worker leaves for reports: news, and what the agent does: its state. */
#include "fake-tree.h"

#include "agent/news.h"
#include "agent/state.h"

#define WRONG "news.json: not as the agent writes it"

static int new_tree(void)
{
	int root = tree_new();
	struct oak_error err;

	EXPECT(dir_make(root, NEWS_DIR, &err) == 0 && dir_make(root, "run/oakum", &err) == 0);
	return root;
}

TEST(news_round_trip)
{
	_cleanup_(news_clear) struct news n = { .tried_s = 1795000000,
						.checked_s = 1794990000,
						.error = "no route to host",
						.expires_s = INT64_MAX,
						.newest = 1000000,
						.no_level = true };
	_cleanup_(news_clear) struct news got = { 0 };
	_cleanup_(closep) int root = new_tree();
	struct news_withheld *w = news_withhold(&n, 3, 1795086400, "published an hour ago");
	struct oak_error err;

	EXPECT(w && news_add_cve(w, "CVE-2026-1") == 0 && news_add_cve(w, "CVE-2026-2") == 0);
	EXPECT(news_withhold(&n, 4, 0, "pinned"));
	EXPECT(news_write(root, &n, &err) == 0);
	EXPECT(news_read(root, &got, &err) == 0);
	EXPECT(got.tried_s == n.tried_s && got.checked_s == n.checked_s && got.no_level);
	EXPECT(got.expires_s == n.expires_s && got.newest == n.newest);
	EXPECT_STR(got.error, "no route to host");
	EXPECT(got.n_withheld == 2 && got.withheld[0].level == 3 && got.withheld[0].n_cves == 2);
	EXPECT(got.withheld[0].until_s == 1795086400 && got.withheld[1].n_cves == 0);
	EXPECT_STR(got.withheld[0].why, "published an hour ago");
	EXPECT_STR(got.withheld[0].cves[1], "CVE-2026-2");
}

TEST(news_none_are_empty)
{
	_cleanup_(news_clear) struct news n = { .tried_s = 5 };
	_cleanup_(closep) int root = new_tree();
	struct oak_error err;

	EXPECT(news_read(root, &n, &err) == 0);
	EXPECT(!n.tried_s && !n.n_withheld && !n.error[0]);
}

/* Texts of others: cut in the middle of a letter they would be no JSON, and no news at all. */
TEST(news_of_odd_texts_can_be_read)
{
	_cleanup_(news_clear) struct news n = { 0 }, got = { 0 };
	_cleanup_(closep) int root = new_tree();
	struct oak_error err = { .code = OAK_OK };
	char why[2 * NEWS_TEXT_MAX + 2];

	for (size_t i = 0; i < NEWS_TEXT_MAX; i++)
		memcpy(why + 2 * i, "\xc3\xa4", 3);
	memmove(why + 1, why, 2 * NEWS_TEXT_MAX + 1);
	why[0] = '\n';
	EXPECT(news_withhold(&n, 1, 0, why));
	EXPECT(news_write(root, &n, &err) == 0);
	EXPECT(news_read(root, &got, &err) == 0);
	EXPECT(strlen(got.withheld[0].why) == NEWS_TEXT_MAX - 1);
	EXPECT(strspn(got.withheld[0].why, "?") == NEWS_TEXT_MAX - 1);
}

TEST(news_as_many_as_there_may_be)
{
	_cleanup_(news_clear) struct news n = { 0 }, got = { 0 };
	_cleanup_(closep) int root = new_tree();
	struct oak_error err = { .code = OAK_OK };
	char cve[NEWS_CVE_MAX + 1];

	memset(cve, 'C', NEWS_CVE_MAX);
	cve[NEWS_CVE_MAX] = '\0';
	for (uint32_t i = 0; i < NEWS_WITHHELD_MAX; i++) {
		struct news_withheld *w = news_withhold(&n, i + 1, 0, "pinned");

		EXPECT(w && news_add_cve(w, cve) == 0 && news_add_cve(w, "") == 0);
		EXPECT(news_add_cve(w, "CVE 1") == 0 && w->n_cves == 0);
		for (size_t k = 0; k < NEWS_CVES_MAX + 1; k++)
			EXPECT(news_add_cve(w, cve + 1) == 0);
		EXPECT(w->n_cves == NEWS_CVES_MAX);
	}
	EXPECT(!news_withhold(&n, 99, 0, "one too many"));
	EXPECT(news_write(root, &n, &err) == 0);
	EXPECT(news_read(root, &got, &err) == 0);
	EXPECT(got.n_withheld == NEWS_WITHHELD_MAX);
	EXPECT(got.withheld[NEWS_WITHHELD_MAX - 1].n_cves == NEWS_CVES_MAX);
}

#define HEAD                                                                                \
	"\"schema\":1,\"tried\":1,\"checked\":1,\"error\":\"\",\"expires\":1,\"newest\":1," \
	"\"no_level\":false"
#define ONE(level, until, why, cves)                                                    \
	"{" HEAD ",\"withheld\":[{\"level\":" level ",\"until\":" until ",\"why\":" why \
	",\"cves\":" cves "}]}"

TEST(news_hostile)
{
	static const struct {
		const char *name, *text;
		bool fine;
	} cases[] = {
		{ "good", "{" HEAD ",\"withheld\":[]}", true },
		{ "good, with a level", ONE("1", "0", "\"x\"", "[\"CVE-1\"]"), true },
		{ "no list", "{" HEAD "}", false },
		{ "a list of words", "{" HEAD ",\"withheld\":[\"x\"]}", false },
		{ "a list that is none", "{" HEAD ",\"withheld\":{}}", false },
		{ "an array", "[]", false },
		{ "another schema", "{\"schema\":2}", false },
		{ "no schema", "{}", false },
		{ "level, negative", ONE("-1", "0", "\"x\"", "[]"), false },
		{ "level, great", ONE("4294967296", "0", "\"x\"", "[]"), false },
		{ "level, a word", ONE("\"1\"", "0", "\"x\"", "[]"), false },
		{ "level, real", ONE("1.5", "0", "\"x\"", "[]"), false },
		{ "until, negative", ONE("1", "-1", "\"x\"", "[]"), false },
		{ "why, none", ONE("1", "0", "null", "[]"), false },
		{ "why, escape", ONE("1", "0", "\"\\u001b[2J\"", "[]"), false },
		{ "why, control sequence", ONE("1", "0", "\"\\u009b2J\"", "[]"), false },
		{ "why, newline", ONE("1", "0", "\"a\\nb\"", "[]"), false },
		{ "CVEs, none", ONE("1", "0", "\"x\"", "null"), false },
		{ "CVE, a number", ONE("1", "0", "\"x\"", "[1]"), false },
		{ "CVE, empty", ONE("1", "0", "\"x\"", "[\"\"]"), false },
		{ "CVE, quotes", ONE("1", "0", "\"x\"", "[\"a\\\"b\"]"), false },
		{ "CVE, escape", ONE("1", "0", "\"x\"", "[\"\\u001b\"]"), false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(news_clear) struct news n = { 0 };
		struct oak_error err = { .code = OAK_OK };
		int r = news_parse(cases[i].text, strlen(cases[i].text), &n, &err);

		test_case = cases[i].name;
		EXPECT(r == (cases[i].fine ? 0 : -OAK_E_FORMAT));
		EXPECT_STR(err.msg, cases[i].fine ? "" : WRONG);
	}
}

TEST(news_too_large)
{
	_cleanup_(freep) char *text = calloc(1, NEWS_BYTES_MAX + 1);
	_cleanup_(news_clear) struct news n = { 0 };
	struct oak_error err;

	EXPECT(text);
	memset(text, ' ', NEWS_BYTES_MAX + 1);
	text[0] = '{';
	text[1] = '}';
	EXPECT(news_parse(text, NEWS_BYTES_MAX + 1, &n, &err) == -OAK_E_TOOLARGE);
}

TEST(state_round_trip)
{
	const struct state s = { .next = "checks the repository",
				 .next_at_s = 4000000000,
				 .soak_level = 7,
				 .soak_until_s = 1795000000,
				 .tried_s = 1794999000,
				 .error = "timestamp.json: No space left on device" };
	_cleanup_(closep) int root = new_tree();
	struct state got;
	struct oak_error err;

	state_read(root, &got);
	EXPECT(!got.next[0] && !got.next_at_s && !got.soak_level && !got.soak_until_s);
	EXPECT(state_write(root, &s, &err) == 0);
	state_read(root, &got);
	EXPECT_STR(got.next, s.next);
	EXPECT(got.next_at_s == 4000000000 && got.soak_level == 7 && got.soak_until_s == 1795000000);
	EXPECT(got.tried_s == 1794999000);
	EXPECT_STR(got.error, s.error);
}

TEST(state_of_odd_files)
{
	static const struct {
		const char *text, *next;
		int64_t at;
		uint32_t level;
	} cases[] = {
		{ "", "", 0, 0 },
		{ "\n\n=\n==\nnext", "", 0, 0 },
		{ "next=a=b\nother=1\nnext_at=5", "a=b", 5, 0 },
		{ "next_at=-5\nsoak_level=4294967296\n", "", 0, 0 },
		{ "next_at= 5\nsoak_level=1x\n", "", 0, 0 },
		{ "soak_level=4294967295\nsoak_level=2\n", "", 0, 2 },
	};
	_cleanup_(closep) int root = new_tree();
	char text[STATE_TEXT_MAX + 16] = "next=";
	struct state s;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_case = cases[i].text;
		tree_put(root, STATE_PATH, cases[i].text);
		state_read(root, &s);
		EXPECT_STR(s.next, cases[i].next);
		EXPECT(s.next_at_s == cases[i].at && s.soak_level == cases[i].level);
	}
	memset(text + 5, 'x', STATE_TEXT_MAX);
	tree_put(root, STATE_PATH, text);
	state_read(root, &s);
	EXPECT_STR(s.next, "");
}
