/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events as chat services take them. */
#include "test.h"

#include <jansson.h>

#include "fleet/hooks/format.h"
#include "fleet/hooks/message.h"

#define HALTED                                                                                           \
	"{\"at\":1790000000,\"sequence\":17,\"subject\":\"0a1b\",\"type\":\"rollout.halted\",\"data\":{" \
	"\"name\":\"spring\",\"phase\":\"halted\",\"stage\":2,\"take_back\":true,"                       \
	"\"why\":\"3 of 40 hosts failed\"}}"

static char *body_of(const char *format, const char *event)
{
	struct oak_error err = { 0 };
	char *body = NULL;

	EXPECT(hook_body(format, event, &body, &err) == 0);
	EXPECT_STR(err.msg, "");
	return body;
}

TEST(an_event_is_told_as_it_is)
{
	_cleanup_(freep) char *body = body_of("event", HALTED);

	EXPECT_STR(body, "{\"at\":1790000000,\"data\":{\"name\":\"spring\",\"phase\":\"halted\","
			 "\"stage\":2,\"take_back\":true,\"why\":\"3 of 40 hosts failed\"},"
			 "\"sequence\":17,\"subject\":\"0a1b\",\"type\":\"rollout.halted\"}");
}

TEST(slack_gets_a_text)
{
	_cleanup_(freep) char *body = body_of("slack", HALTED);

	EXPECT_STR(body,
		   "{\"text\":\"*Oakum: A rollout was halted*\\nRollout: `spring`\\nStage: `2`"
		   "\\nWhy: `3 of 40 hosts failed`\\nId: `0a1b`\"}");
}

TEST(teams_gets_a_card)
{
	_cleanup_(freep) char *body =
		body_of("teams", "{\"subject\":\"\",\"type\":\"fleet.lifted\",\"data\":{}}");
	_cleanup_(freep) char *bad = body_of("teams", HALTED);

	EXPECT_STR(
		body,
		"{\"attachments\":[{\"content\":{\"$schema\":"
		"\"http://adaptivecards.io/schemas/adaptive-card.json\",\"body\":[{\"color\":\"Good\","
		"\"text\":\"Oakum: The emergency stop was lifted\",\"type\":\"TextBlock\","
		"\"weight\":\"Bolder\",\"wrap\":true}],\"type\":\"AdaptiveCard\",\"version\":\"1.2\"},"
		"\"contentType\":\"application/vnd.microsoft.card.adaptive\",\"contentUrl\":null}],"
		"\"type\":\"message\"}");
	EXPECT(strstr(bad, "\"color\":\"Attention\"") != NULL);
	EXPECT(strstr(bad, "{\"text\":\"3 of 40 hosts failed\",\"type\":\"TextRun\","
			   "\"weight\":\"Default\"}") != NULL);
}

/* What a host can say of itself: its name, and why something failed. */
TEST(names_of_hosts_are_never_markup)
{
	static const char event[] =
		"{\"subject\":\"x\",\"type\":\"host.failed\",\"data\":{\"name\":"
		"\"<!channel> <https://evil.example|here> @all `x` [a](http://evil) & *b*\","
		"\"why\":\"line\\nnext\\u202eright\\u0007\"}}";
	_cleanup_(freep) char *slack = body_of("slack", event);
	_cleanup_(freep) char *teams = body_of("teams", event);

	EXPECT_STR(slack,
		   "{\"text\":\"*Oakum: A host could not load a level*\\nHost: `&lt;!channel&gt; "
		   "&lt;https://evil.example|here&gt; @all 'x' [a](http://evil) &amp; *b*`\\n"
		   "Why: `line next right `\\nId: `x`\"}");
	/* The one block that knows markup has our words alone. */
	EXPECT(strstr(teams, "\"text\":\"Oakum: A host could not load a level\","
			     "\"type\":\"TextBlock\"") != NULL);
	EXPECT(strstr(teams, "evil") != NULL);
	EXPECT(strstr(strstr(teams, "\"TextBlock\"") + 1, "\"TextBlock\"") == NULL);
}

TEST(long_values_are_cut_between_characters)
{
	char why[1024];
	struct hook_message m;
	size_t len = 0;
	json_t *doc;

	for (int i = 0; i < 75; i++)
		len += (size_t)snprintf(why + len, sizeof(why) - len, "x\xc3\xa4\xe2\x82\xac");
	doc = json_pack("{s:s, s:s, s:{s:s}}", "type", "fleet.stopped", "subject", "", "data",
			"why", why);
	EXPECT(doc != NULL);
	hook_message(doc, &m);
	json_decref(doc);
	EXPECT(m.n == 1 && strlen(m.facts[0].value) < HOOK_VALUE_MAX);
	EXPECT(strcmp(m.facts[0].value + strlen(m.facts[0].value) - 3, "...") == 0);
	doc = json_string(m.facts[0].value); /* NULL where it is no UTF-8 */
	EXPECT(doc != NULL);
	json_decref(doc);
}

/* Every type that the server tells of; see docs/formats/fleet-api.md. */
TEST(every_event_has_words)
{
	static const char *const types[] = {
		"rollout.created",
		"rollout.pending-approval",
		"rollout.scheduled",
		"rollout.running",
		"rollout.stage",
		"rollout.paused",
		"rollout.halted",
		"rollout.completed",
		"rollout.cancelled",
		"fleet.stopped",
		"fleet.lifted",
		"host.enrolled",
		"host.changed",
		"host.revoked",
		"host.failed",
		"host.cloned",
		"decision.published",
		"clock.jumped",
		"test",
	};
	struct hook_message m;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		json_t *doc =
			json_pack("{s:s, s:s, s:{}}", "type", types[i], "subject", "s", "data");

		test_case = types[i];
		hook_message(doc, &m);
		EXPECT(strstr(m.title, "no words") == NULL);
		json_decref(doc);
	}
	test_case = NULL;
}

TEST(what_is_unknown_is_told_by_its_name)
{
	_cleanup_(freep) char *body = body_of("slack", "{\"type\":\"moon.full\",\"data\":{}}");
	_cleanup_(freep) char *none = body_of("slack", "{}");

	EXPECT_STR(body, "{\"text\":\"*Oakum: Something happened that this server has no words for*"
			 "\\nEvent: `moon.full`\"}");
	EXPECT_STR(none,
		   "{\"text\":\"*Oakum: Something happened that this server has no words for*\"}");
}

TEST(a_format_that_is_none)
{
	struct oak_error err = { 0 };
	char *body = NULL;

	EXPECT(!hook_format_known("Slack") && !hook_format_known("") && hook_format_known("teams"));
	EXPECT(hook_body("irc", HALTED, &body, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "format: must be event, slack or teams");
	EXPECT(body == NULL);
}
