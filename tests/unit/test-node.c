/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "node/object.h"
#include "node/sync.h"
#include "node/view.h"

#define NOW INT64_C(1795722000)

static struct node_status good(void)
{
	return (struct node_status){ .boot = "b00t",
				     .build_id = "000102030405060708090a0b0c0d0e0f10111213",
				     .effective = "6.1.176-1+deb12u1",
				     .state = "applied",
				     .agent = 1,
				     .level = 3,
				     .newest = 3,
				     .checked_s = NOW - 60,
				     .verdict = NODE_OK,
				     .good = "level 3 is applied, 6 CVEs are closed" };
}

static const char *label(const struct node_view *v, const char *key)
{
	for (size_t i = 0; i < NODE_LABELS; i++)
		if (strcmp(v->labels[i].key, key) == 0)
			return v->labels[i].value;
	return NULL;
}

TEST(labels_keep_to_the_form)
{
	static const struct {
		const char *text, *value;
	} cases[] = {
		{ "6.1.176-1+deb12u1", "6.1.176-1_deb12u1" },
		{ "", "" },
		{ "+-.", "" },
		{ "-a-", "a" },
		{ "a b/c", "a_b_c" },
		{ "0123456789012345678901234567890123456789012345678901234567890123456789",
		  "012345678901234567890123456789012345678901234567890123456789012" },
		{ "01234567890123456789012345678901234567890123456789012345678901+tail",
		  "01234567890123456789012345678901234567890123456789012345678901" },
		{ "\303\244x", "x" },
	};
	char value[NODE_LABEL_MAX];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_case = cases[i].text;
		node_label_value(cases[i].text, value);
		EXPECT_STR(value, cases[i].value);
	}
}

TEST(a_patched_node_says_so)
{
	const struct node_status s = good();
	struct node_view v;

	node_view_of(&s, "node-1", true, NOW, &v);
	EXPECT_STR(label(&v, "level"), "3");
	EXPECT_STR(label(&v, "newest-level"), "3");
	EXPECT_STR(label(&v, "kernel-build"), "000102030405060708090a0b0c0d0e0f10111213");
	EXPECT_STR(label(&v, "effective-version"), "6.1.176-1_deb12u1");
	EXPECT_STR(label(&v, "verdict"), "ok");
	EXPECT_STR(label(&v, "reboot"), "no");
	EXPECT_STR(v.condition.status, "True");
	EXPECT_STR(v.condition.reason, "LevelApplied");
	EXPECT_STR(v.condition.message, "level 3 is applied, 6 CVEs are closed");
	EXPECT(!v.critical && v.n_events == 0);
}

/* Each reason, and which one wins. */
TEST(the_condition_has_a_reason)
{
	struct node_status cases[10];
	static const char *const wanted[][2] = {
		{ "False", "TransitionInProgress" },
		{ "False", "LevelWithdrawn" },
		{ "False", "SwitchedOff" },
		{ "False", "NoLevelForKernel" },
		{ "Unknown", "RepositoryNeverReached" },
		{ "False", "LevelWithheld" },
		{ "False", "LevelQuarantined" },
		{ "False", "LevelBehind" },
		{ "True", "NothingToPatch" },
		{ "True", "LevelApplied" },
	};

	for (size_t i = 0; i < 10; i++)
		cases[i] = good();
	(void)snprintf(cases[0].state, NODE_WORD_MAX, "applying");
	cases[1].withdrawn = true;
	cases[2].level = 2;
	cases[2].switched_off = true;
	cases[2].withheld = 1;
	cases[3].level = cases[3].newest = 0;
	cases[3].no_level = true;
	cases[4].level = cases[4].newest = 0;
	cases[4].checked_s = 0;
	cases[5].level = 2;
	cases[5].withheld = 1;
	cases[5].quarantined = 1;
	cases[6].level = 2;
	cases[6].quarantined = 1;
	cases[7].level = 2;
	cases[8].level = cases[8].newest = 0;
	cases[9].switched_off = true; /* the newest is in the kernel all the same */
	for (size_t i = 0; i < 10; i++) {
		struct node_view v;

		test_case = wanted[i][1];
		node_view_of(&cases[i], "node-1", true, NOW, &v);
		EXPECT_STR(v.condition.status, wanted[i][0]);
		EXPECT_STR(v.condition.reason, wanted[i][1]);
	}
}

TEST(a_silent_agent_is_unknown_and_its_history_stays)
{
	struct node_status s = good();
	struct node_view v;

	s.verdict = NODE_CRITICAL;
	s.deeds[s.n_deeds++] =
		(struct node_deed){ .at_s = NOW, .level = 3, .step = "applied", .by = "agent" };
	node_view_of(&s, "node-1", false, NOW, &v);
	EXPECT_STR(v.condition.status, "Unknown");
	EXPECT_STR(v.condition.reason, "AgentNotRunning");
	EXPECT_STR(label(&v, "level"), "3");
	EXPECT_STR(label(&v, "verdict"), "unknown");
	EXPECT(!v.critical); /* nobody taints a node for what is not known */
	EXPECT(v.n_events == 1);
	node_view_of(NULL, "node-1", false, NOW, &v);
	EXPECT_STR(v.condition.message, "the agent of this node has said nothing yet");
	EXPECT_STR(label(&v, "level"), "0");
	EXPECT_STR(label(&v, "newest-level"), "unknown");
}

TEST(the_same_thing_has_the_same_name)
{
	struct node_status s = good();
	struct node_view a, b, c;

	s.deeds[0] =
		(struct node_deed){ .at_s = NOW, .level = 3, .step = "reverted", .by = "guard" };
	(void)snprintf(s.deeds[0].why, NODE_TEXT_MAX, "oops in do_it");
	s.deeds[1] = (struct node_deed){ .at_s = NOW, .level = 3, .step = "sung", .by = "agent" };
	s.n_deeds = 2;
	s.findings[0] =
		(struct node_finding){ "transition", NODE_WARNING, "a task holds level 3 up" };
	s.findings[1] = (struct node_finding){ "fleet-held", NODE_WARNING, "nobody's news" };
	s.n_findings = 2;
	node_view_of(&s, "node-1", true, NOW, &a);
	node_view_of(&s, "node-1", true, NOW + 60, &b);
	node_view_of(&s, "node-2", true, NOW, &c);
	EXPECT(a.n_events == 2 && b.n_events == 2);
	EXPECT_STR(a.events[0].reason, "KernelLevelReverted");
	EXPECT_STR(a.events[0].type, "Warning");
	EXPECT_STR(a.events[0].message, "level 3 was taken back by guard: oops in do_it");
	EXPECT_STR(a.events[1].reason, "KernelTransitionStalled");
	for (size_t i = 0; i < 2; i++) {
		EXPECT_STR(a.events[i].name, b.events[i].name);
		EXPECT(strcmp(a.events[i].name, c.events[i].name) != 0);
		EXPECT(node_name_is(a.events[i].name));
	}
	EXPECT_STR(a.condition.message, "a task holds level 3 up");
}

static const char node_text[] =
	"{\"metadata\":{\"name\":\"node-1\",\"resourceVersion\":\"271\",\"labels\":{"
	"\"oakum.dev/level\":\"2\",\"oakum.dev/state\":\"applied\",\"other\":\"x\"}},"
	"\"spec\":{\"taints\":[{\"key\":\"theirs\",\"effect\":\"NoExecute\"}]},"
	"\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"},{\"type\":"
	"\"KernelLivePatched\",\"status\":\"True\",\"reason\":\"LevelApplied\",\"message\":\"m\","
	"\"lastTransitionTime\":\"2026-11-26T18:00:00Z\"}]}}";

static void parse(struct node_object *o)
{
	struct oak_error err;

	EXPECT(node_object_parse(node_text, strlen(node_text), o, &err) == 0);
}

TEST(only_what_differs_is_patched)
{
	_cleanup_(node_object_clear) struct node_object o = { .taints = NULL };
	_cleanup_(freep) char *text = NULL, *none = NULL;
	const struct node_status s = good();
	struct node_view v;
	struct oak_error err;

	parse(&o);
	node_view_of(&s, "node-1", true, NOW, &v);
	EXPECT(node_patch_labels(&o, &v, &text, &err) == 0);
	EXPECT_CONTAINS(text, "\"oakum.dev/level\":\"3\"");
	EXPECT(!strstr(text, "oakum.dev/state")); /* it is so already */
	EXPECT(!strstr(text, "other"));
	for (size_t i = 0; i < NODE_LABELS; i++)
		memcpy(o.labels[i], v.labels[i].value, NODE_LABEL_MAX);
	EXPECT(node_patch_labels(&o, &v, &none, &err) == 0 && !none);
	EXPECT(node_patch_labels(&o, NULL, &none, &err) == 0);
	EXPECT_CONTAINS(none, "\"oakum.dev/level\":null");
}

TEST(the_transition_time_moves_with_the_status_alone)
{
	_cleanup_(node_object_clear) struct node_object o = { .taints = NULL };
	_cleanup_(freep) char *same = NULL, *other = NULL, *gone = NULL;
	struct node_status s = good();
	struct node_view v;
	struct oak_error err;

	parse(&o);
	node_view_of(&s, "node-1", true, NOW, &v);
	EXPECT(node_patch_condition(&o, &v, NOW, &same, &err) == 0);
	EXPECT_CONTAINS(same, "\"lastTransitionTime\":\"2026-11-26T18:00:00Z\"");
	EXPECT_CONTAINS(same, "\"lastHeartbeatTime\":\"2026-11-26T19:40:00Z\"");
	s.level = 2;
	node_view_of(&s, "node-1", true, NOW, &v);
	EXPECT(node_patch_condition(&o, &v, NOW, &other, &err) == 0);
	EXPECT_CONTAINS(other, "\"lastTransitionTime\":\"2026-11-26T19:40:00Z\"");
	EXPECT(node_patch_condition(&o, NULL, NOW, &gone, &err) == 0);
	EXPECT_STR(gone, "{\"status\":{\"conditions\":[{\"$patch\":\"delete\",\"type\":"
			 "\"KernelLivePatched\"}]}}");
}

TEST(the_taints_of_others_stay)
{
	_cleanup_(node_object_clear) struct node_object o = { .taints = NULL };
	_cleanup_(freep) char *text = NULL, *none = NULL;
	struct oak_error err;

	parse(&o);
	EXPECT(node_patch_taint(&o, false, &none, &err) == 0 && !none);
	EXPECT(node_patch_taint(&o, true, &text, &err) == 0);
	EXPECT_STR(text, "{\"metadata\":{\"resourceVersion\":\"271\"},\"spec\":{\"taints\":["
			 "{\"key\":\"theirs\",\"effect\":\"NoExecute\"},{\"key\":"
			 "\"oakum.dev/kernel-critical\",\"effect\":\"NoSchedule\"}]}}");
}

TEST(patience_grows_and_ends)
{
	static const unsigned wanted[] = { 5, 5, 10, 20, 40, 80, 160, 300, 300 };

	for (unsigned i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		EXPECT(node_backoff_s(i, 0) == wanted[i]);
	EXPECT(node_backoff_s(1, 60) == 60);
	EXPECT(node_backoff_s(1, 86400) == 300);
	EXPECT(node_backoff_s(4000000000u, 0) == 300);
	EXPECT(node_offset_s("node-1") < 60 && node_offset_s("node-1") != node_offset_s("node-2"));
}

TEST(a_status_that_is_not_ours_is_refused)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "", "node.json" },
		{ "[]", "schema: not 1" },
		{ "{\"schema\":2}", "schema: not 1" },
		{ "{\"schema\":1}", "no_level: must be true or false" },
		{ "{\"schema\":1,\"level\":-1}", "level: " },
		{ "{\"schema\":1,\"level\":4294967296}", "level: " },
		{ "{\"schema\":1,\"state\":7}", "state: not a text" },
	};
	_cleanup_(freep) struct node_status *s = calloc(1, sizeof(*s));
	struct oak_error err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_case = cases[i].text;
		EXPECT(node_status_parse(cases[i].text, strlen(cases[i].text), s, &err) ==
		       -OAK_E_FORMAT);
		EXPECT_CONTAINS(err.msg, cases[i].message);
	}
}

TEST(names_that_can_stand_in_a_path)
{
	EXPECT(node_name_is("ip-10-0-0-1.eu.example") && node_name_is("a"));
	EXPECT(!node_name_is("") && !node_name_is("a/b") && !node_name_is("..") &&
	       !node_name_is("A") && !node_name_is("a?b") && !node_name_is("a b"));
}
