/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/fleet/report.h"

#include <string.h>

#include "base/json.h"
#include "trust/fleet/members.h"
#include "trust/fleet/report-cves.h"
#include "trust/manifest.h"

#define SEQUENCE_MAX ((uint64_t)1 << 53) /* as canonical JSON */
#define TAGS_MAX     64
#define NAMES_MAX    256 /* of containers */
#define LEVELS_MAX   64
#define COUNT_MAX    1000000

static const char *const states[] = { "none",    "applying", "soaking",
				      "settled", "stalled",  "reverting" };
static const char *const verdicts[] = { "ok", "warning", "critical", "unknown" };
static const char *const reboots[] = { "kernel", "cves", "packages" };
static const char *const results
	[] = { [REPORT_APPLIED] = "applied", [REPORT_SETTLED] = "settled", [REPORT_FAILED] = "failed" };

/* The index of the member's word in @words, or -OAK_E_FORMAT. */
static int one_of(const json_t *object, const char *key, const char *const *words, size_t n,
		  struct oak_error *err)
{
	const char *text = json_get_str(object, key);

	for (size_t i = 0; text && i < n; i++)
		if (strcmp(text, words[i]) == 0)
			return (int)i;
	return oak_fail(err, OAK_E_FORMAT, "%s: not one of the words there are", key);
}

#define ONE_OF(object, key, words, err) \
	one_of(object, key, words, sizeof(words) / sizeof((words)[0]), err)

static int parse_level(const json_t *json, uint32_t min, uint32_t *ret, struct oak_error *err)
{
	uint64_t n = 0;
	int r = field_number(json, "level", min, MANIFEST_LEVEL_MAX, &n, err);

	*ret = (uint32_t)n;
	return r;
}

static int parse_kernel(const json_t *root, struct report *ret, struct oak_error *err)
{
	const json_t *kernel = NULL;
	int r = member_object(root, "kernel", &kernel, err);

	if (r == 0)
		r = member_text(kernel, "build_id", &text_build_id, ret->build_id, err);
	if (r == 0)
		r = member_text(kernel, "release", &fleet_word, ret->release, err);
	if (r == 0)
		r = member_text(kernel, "arch", &fleet_word, ret->arch, err);
	if (r == 0)
		r = member_line(kernel, "effective", ret->effective, sizeof(ret->effective), err);
	return r < 0 ? oak_context(err, "kernel") : 0;
}

static int parse_os(const json_t *root, struct report *ret, struct oak_error *err)
{
	const json_t *os = NULL;
	int r = member_object(root, "os", &os, err);

	if (r == 0)
		r = member_word(os, "id", &fleet_word, ret->os_id, err);
	if (r == 0)
		r = member_word(os, "version", &fleet_word, ret->os_version, err);
	return r < 0 ? oak_context(err, "os") : 0;
}

static int parse_state(const json_t *root, struct report *ret, struct oak_error *err)
{
	const json_t *level = NULL;
	uint64_t number = 0, since = 0;
	int state = member_object(root, "level", &level, err);

	if (state == 0)
		state = field_number(level, "number", 0, MANIFEST_LEVEL_MAX, &number, err);
	if (state == 0)
		state = member_number(level, "since", SEQUENCE_MAX, 0, &since, err);
	if (state == 0)
		state = ONE_OF(level, "state", states, err);
	if (state < 0)
		return oak_context(err, "level");
	ret->level = (uint32_t)number;
	(void)snprintf(ret->state, sizeof(ret->state), "%s", states[state]);
	return 0;
}

static int parse_verdict(const json_t *root, struct report *ret, struct oak_error *err)
{
	const json_t *verdict = NULL;
	int state = member_object(root, "verdict", &verdict, err);

	if (state == 0 && !verdict)
		return 0;
	if (state == 0)
		state = member_line(verdict, "text", ret->verdict_text, sizeof(ret->verdict_text),
				    err);
	if (state == 0)
		state = ONE_OF(verdict, "state", verdicts, err);
	if (state < 0)
		return oak_context(err, "verdict");
	(void)snprintf(ret->verdict, sizeof(ret->verdict), "%s", verdicts[state]);
	return 0;
}

static int parse_result(const json_t *json, struct report_result *ret, struct oak_error *err)
{
	uint64_t transition = 0, gap = 0;
	int kind = member_text(json, "rollout", &fleet_rollout_id, ret->rollout, err);

	if (kind == 0)
		kind = parse_level(json, 1, &ret->level, err);
	if (kind == 0)
		kind = member_line(json, "why", ret->why, sizeof(ret->why), err);
	if (kind == 0)
		kind = member_number(json, "transition_ms", UINT32_MAX, 0, &transition, err);
	if (kind == 0)
		kind = member_number(json, "gap_us", UINT32_MAX, 0, &gap, err);
	if (kind == 0)
		kind = ONE_OF(json, "result", results, err);
	if (kind < 0)
		return kind;
	ret->kind = (enum report_result_kind)kind;
	ret->transition_ms = (uint32_t)transition;
	ret->gap_us = (uint32_t)gap;
	return 0;
}

static int parse_results(const json_t *root, struct report *ret, struct oak_error *err)
{
	const json_t *list = NULL, *each;
	int r = member_objects(root, "results", REPORT_RESULTS_MAX, &list, err);
	size_t i;

	if (r < 0)
		return r;
	json_array_foreach(list, i, each)
	{
		r = parse_result(each, &ret->results[i], err);
		if (r < 0)
			return oak_context(err, "results");
		ret->n_results = i + 1;
	}
	return 0;
}

static int parse_asks(const json_t *root, struct report *ret, struct oak_error *err)
{
	const json_t *list = NULL, *each;
	int r = member_objects(root, "asks", REPORT_ASKS_MAX, &list, err);
	size_t i;

	if (r < 0)
		return r;
	json_array_foreach(list, i, each)
	{
		r = member_text(each, "rollout", &fleet_rollout_id, ret->asks[i].rollout, err);
		if (r == 0)
			r = parse_level(each, 1, &ret->asks[i].level, err);
		if (r < 0)
			return oak_context(err, "asks");
		ret->n_asks = i + 1;
	}
	return 0;
}

/* Numbers alone: a count of a member that is an object. */
static int parse_count(const json_t *root, const char *name, const char *key, int32_t *ret,
		       struct oak_error *err)
{
	const json_t *object = NULL;
	uint64_t n = 0;
	int r = member_object(root, name, &object, err);

	*ret = -1;
	if (r < 0 || !object || !json_object_get(object, key))
		return r;
	r = field_number(object, key, 0, COUNT_MAX, &n, err);
	if (r < 0)
		return oak_context(err, "%s", name);
	*ret = (int32_t)n;
	return 0;
}

static int parse_counts(const json_t *root, struct report *ret, struct oak_error *err)
{
	int r = parse_count(root, "cves", "open", &ret->cves_open, err);

	if (r == 0)
		r = parse_count(root, "containers", "count", &ret->containers, err);
	return r < 0 ? r : parse_count(root, "audit", "score", &ret->audit_score, err);
}

/* A reason that is not known is one of packages: a newer agent may know more. */
static int parse_reboot(const json_t *root, struct report *ret, struct oak_error *err)
{
	const json_t *reboot = NULL, *wanted;
	char why[REPORT_TEXT_MAX], reason[REPORT_WORD_MAX] = "";
	size_t i = 0;
	int r = member_object(root, "reboot", &reboot, err);

	if (r < 0 || !reboot)
		return r;
	r = member_line(reboot, "why", why, sizeof(why), err);
	if (r == 0)
		r = member_word(reboot, "reason", &fleet_word, reason, err);
	wanted = json_object_get(reboot, "wanted");
	if (r == 0 && !json_is_boolean(wanted))
		r = oak_fail(err, OAK_E_FORMAT, "wanted: not true or false");
	if (r < 0)
		return oak_context(err, "reboot");
	while (i < sizeof(reboots) / sizeof(reboots[0]) - 1 && strcmp(reboots[i], reason) != 0)
		i++;
	(void)snprintf(ret->reboot, sizeof(ret->reboot), "%s",
		       json_is_true(wanted) ? reboots[i] : "-");
	return 0;
}

/* Checks that failed: their ids stand in paths and in filters, so they are words. */
static int check_findings(const json_t *root, struct oak_error *err)
{
	const json_t *list = NULL, *each;
	char word[REPORT_WORD_MAX];
	size_t i;
	int r = member_objects(json_object_get(root, "audit"), "findings", REPORT_FINDINGS_MAX,
			       &list, err);

	json_array_foreach(list, i, each)
	{
		if (r == 0)
			r = member_text(each, "id", &fleet_word, word, err);
		if (r == 0)
			r = member_word(each, "severity", &fleet_word, word, err);
	}
	return r < 0 ? oak_context(err, "audit") : 0;
}

/* Every text member of @key's objects has to be one, and short. */
static int check_objects(const json_t *root, const char *key, size_t max,
			 const char *const texts[4], struct oak_error *err)
{
	const json_t *list = NULL, *each;
	char text[REPORT_TEXT_MAX];
	int r = member_objects(root, key, max, &list, err);
	size_t i;

	if (r < 0)
		return r;
	json_array_foreach(list, i, each) for (size_t k = 0; k < 4 && texts[k]; k++)
	{
		r = member_line(each, texts[k], text, sizeof(text), err);
		if (r < 0)
			return oak_context(err, "%s", key);
	}
	return 0;
}

/* What the server only stores and shows has its types too. */
static int check_rest(const json_t *root, struct report *ret, struct oak_error *err)
{
	static const char *const withheld[4] = { "reason", "why" };
	static const char *const worst[4] = { "id", "severity", "reach" };
	static const char *const stalls[4] = { "task", "container", "why" };
	const json_t *list = NULL, *each;
	size_t i;
	int r = check_objects(root, "withheld", 8, withheld, err);

	if (r == 0)
		r = check_objects(root, "stalls", 5, stalls, err);
	if (r == 0)
		r = check_objects(json_object_get(root, "cves"), "worst", 10, worst, err);
	if (r == 0)
		r = member_words(root, "tags", &fleet_tag, TAGS_MAX, &list, err);
	if (r == 0)
		r = member_words(json_object_get(root, "containers"), "names", &text_title,
				 NAMES_MAX, &list, err);
	list = json_object_get(root, "quarantined");
	if (r == 0 && list && (!json_is_array(list) || json_array_size(list) > LEVELS_MAX))
		r = oak_fail(err, OAK_E_FORMAT, "quarantined: not a list of 0 to %d", LEVELS_MAX);
	json_array_foreach(list, i, each) if (r == 0 && !json_is_integer(each))
		r = oak_fail(err, OAK_E_FORMAT, "quarantined: not a list of levels");
	ret->n_withheld = (uint32_t)json_array_size(json_object_get(root, "withheld"));
	return r;
}

static int parse_head(const json_t *root, struct report *ret, struct oak_error *err)
{
	uint64_t n = 0;
	int r = field_number(root, "schema", 1, 1, &n, err);

	if (r == 0)
		r = member_text(root, "host", &fleet_host_id, ret->host, err);
	if (r == 0)
		r = field_number(root, "sequence", 1, SEQUENCE_MAX, &ret->sequence, err);
	if (r == 0)
		r = member_time(root, "time", &ret->time_s, err);
	if (r == 0)
		r = member_text(root, "agent", &fleet_word, ret->agent, err);
	if (r == 0)
		r = member_line(root, "name", ret->name, sizeof(ret->name), err);
	if (r == 0)
		r = member_text(root, "boot", &fleet_rollout_id, ret->boot, err);
	if (r == 0)
		r = member_number(root, "uptime_s", SEQUENCE_MAX, 0, &n, err);
	ret->uptime_s = (int64_t)n;
	n = 0;
	if (r == 0)
		r = member_number(root, "newest", MANIFEST_LEVEL_MAX, 0, &n, err);
	ret->newest = (uint32_t)n;
	return r;
}

static int parse(const json_t *root, struct report *ret, struct oak_error *err)
{
	int r = parse_head(root, ret, err);

	if (r == 0)
		r = parse_kernel(root, ret, err);
	if (r == 0)
		r = parse_os(root, ret, err);
	if (r == 0)
		r = parse_state(root, ret, err);
	if (r == 0)
		r = parse_verdict(root, ret, err);
	if (r == 0)
		r = parse_results(root, ret, err);
	if (r == 0)
		r = parse_asks(root, ret, err);
	if (r == 0)
		r = parse_counts(root, ret, err);
	if (r == 0)
		r = report_cves_parse(root, ret, err);
	if (r == 0)
		r = parse_reboot(root, ret, err);
	if (r == 0)
		r = check_findings(root, err);
	return r < 0 ? r : check_rest(root, ret, err);
}

int report_parse(const void *data, size_t len, struct report *ret, struct oak_error *err)
{
	struct report rep = { .sequence = 0 };
	int r = json_parse(data, len, REPORT_BYTES_MAX, "report", &rep.json, err);

	if (r < 0)
		return r;
	r = parse(rep.json, &rep, err);
	if (r < 0) {
		json_decref(rep.json);
		return oak_context(err, "report");
	}
	*ret = rep;
	return 0;
}

void report_clear(struct report *r)
{
	json_decref(r->json);
	*r = (struct report){ .sequence = 0 };
}
