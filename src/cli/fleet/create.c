/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "cli/fleet/commands.h"

#define FILE_MAX (64u << 10)

enum {
	NAME,
	LEVEL,
	CHANNEL,
	RING,
	TAG,
	KERNEL,
	DISTRIBUTION,
	STAGE,
	SOAK,
	SUCCESS,
	MIN_REPORTS,
	PATIENCE,
	STEP,
	MAX_FAILED,
	MAX_FAILED_PERCENT,
	ON_FAILURE,
	MAX_TRANSITION,
	MAX_GAP,
	MAX_IN_FLIGHT,
	WINDOWS,
	TIMEZONE,
	SPREAD,
	APPROVAL,
	GO,
};

static const struct cli_option options[] = {
	[NAME] = { .name = "name", .arg = "TEXT", .help = "for people" },
	[LEVEL] = { .name = "level", .arg = "N", .help = "a number; otherwise latest" },
	[CHANNEL] = { .name = "channel", .arg = "NAME", .help = "where latest is looked up" },
	[RING] = { .name = "ring", .arg = "RING", .help = "only these rings", .multi = true },
	[TAG] = { .name = "tag",
		  .arg = "TAG",
		  .help = "only hosts with all of these",
		  .multi = true },
	[KERNEL] = { .name = "kernel",
		     .arg = "BUILD-ID",
		     .help = "only these kernels",
		     .multi = true },
	[DISTRIBUTION] = { .name = "distribution",
			   .arg = "ID",
			   .help = "only these: debian, debian:12",
			   .multi = true },
	[STAGE] = { .name = "stage",
		    .arg = "WHO",
		    .help = "5 hosts, 10%, or a tag: in this order",
		    .multi = true },
	[SOAK] = { .name = "soak", .arg = "TIME", .help = "watched so long after each stage: 30m" },
	[SUCCESS] = { .name = "success",
		      .arg = "PERCENT",
		      .help = "of a stage's hosts must be well" },
	[MIN_REPORTS] = { .name = "min-reports", .arg = "N", .help = "hosts before a stage counts" },
	[PATIENCE] = { .name = "patience", .arg = "TIME", .help = "for hosts that do not ask: 24h" },
	[STEP] = { .name = "step", .help = "pause after each stage, for a person to go on" },
	[MAX_FAILED] = { .name = "max-failed", .arg = "N", .help = "so many may fail" },
	[MAX_FAILED_PERCENT] = { .name = "max-failed-percent",
				 .arg = "PERCENT",
				 .help = "so many of those that are done" },
	[ON_FAILURE] = { .name = "on-failure",
			 .arg = "WORD",
			 .help = "pause, stop or take-back, where more fail" },
	[MAX_TRANSITION] = { .name = "max-transition-ms", .arg = "MS", .help = "above it: failed" },
	[MAX_GAP] = { .name = "max-gap-us", .arg = "US", .help = "the same of its longest pause" },
	[MAX_IN_FLIGHT] = { .name = "max-in-flight",
			    .arg = "N",
			    .help = "hosts in between at once" },
	[WINDOWS] = { .name = "windows",
		      .arg = "TEXT",
		      .help = "\"Mon-Fri 22:00-04:00; Sat,Sun 00:00-24:00\"" },
	[TIMEZONE] = { .name = "timezone", .arg = "ZONE", .help = "of the windows: Europe/Berlin" },
	[SPREAD] = { .name = "spread",
		     .arg = "KEY",
		     .help = "never two at once with the same tag KEY=..." },
	[APPROVAL] = { .name = "approval", .help = "another person must approve it" },
	[GO] = { .name = "go", .help = "submit it, and start it where nobody has to approve" },
	{ .name = NULL },
};

static int no_memory(struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOMEM, "out of memory");
}

static int number(size_t option, const char *text, json_t **ret, struct oak_error *err)
{
	json_int_t n = 0;

	if (!*text || strlen(text) > 10 || text[strspn(text, "0123456789")])
		return oak_fail(err, OAK_E_USAGE, "--%s '%s': must be a whole number",
				options[option].name, text);
	for (; *text; text++)
		n = n * 10 + (*text - '0');
	*ret = json_integer(n);
	return *ret ? 0 : no_memory(err);
}

/* Which member of which object an option is. */
static const struct {
	size_t option;
	const char *in, *member;
	bool number;
} members[] = {
	{ NAME, NULL, "name", false },
	{ CHANNEL, NULL, "channel", false },
	{ MAX_FAILED, "budget", "failed", true },
	{ MAX_FAILED_PERCENT, "budget", "failed_percent", true },
	{ ON_FAILURE, "budget", "action", false },
	{ MAX_TRANSITION, "impact", "transition_ms", true },
	{ MAX_GAP, "impact", "gap_us", true },
	{ MAX_IN_FLIGHT, NULL, "max_in_flight", true },
	{ WINDOWS, NULL, "windows", false },
	{ TIMEZONE, NULL, "timezone", false },
	{ SPREAD, NULL, "spread", false },
};

static const struct {
	size_t option;
	const char *member;
} lists[] = {
	{ RING, "rings" },
	{ TAG, "tags" },
	{ KERNEL, "kernels" },
	{ DISTRIBUTION, "distributions" },
};

static json_t *object_in(json_t *doc, const char *name)
{
	if (!name)
		return doc;
	if (!json_object_get(doc, name))
		(void)json_object_set_new(doc, name, json_object());
	return json_object_get(doc, name);
}

static int add_members(const struct cli_args *args, json_t *doc, struct oak_error *err)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		const char *text = cli_value(args, members[i].option, NULL);
		json_t *value = NULL;
		int r = 0;

		if (!text)
			continue;
		if (members[i].number)
			r = number(members[i].option, text, &value, err);
		else
			value = json_string(text);
		if (r < 0)
			return r;
		if (json_object_set_new(object_in(doc, members[i].in), members[i].member, value) < 0)
			return oak_fail(err, OAK_E_USAGE, "--%s: is not UTF-8 text",
					options[members[i].option].name);
	}
	return 0;
}

static int add_lists(const struct cli_args *args, json_t *doc, struct oak_error *err)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const struct cli_values *values = &args->opt[lists[i].option];
		json_t *list;

		if (!values->n)
			continue;
		list = json_array();
		for (size_t k = 0; k < values->n; k++)
			if (json_array_append_new(list, json_string(values->v[k])) < 0)
				return oak_fail(err, OAK_E_USAGE, "--%s: is not UTF-8 text",
						options[lists[i].option].name);
		if (json_object_set_new(object_in(doc, "where"), lists[i].member, list) < 0)
			return no_memory(err);
	}
	return 0;
}

/* "5", "10%", or a tag. */
static int stage_who(const char *text, json_t *stage, struct oak_error *err)
{
	size_t digits = strspn(text, "0123456789");
	_cleanup_(freep) char *amount = strndup(text, digits);
	const char *member = text[digits] == '%' ? "percent" : "count";
	json_t *value = NULL;
	int r = 0;

	if (!amount)
		return no_memory(err);
	if (digits && (!text[digits] || strcmp(text + digits, "%") == 0)) {
		r = number(STAGE, amount, &value, err);
	} else {
		member = "tag";
		value = json_string(text);
	}
	if (r == 0 && json_object_set_new(stage, member, value) < 0)
		r = oak_fail(err, OAK_E_USAGE, "--stage: is not UTF-8 text");
	return r;
}

static int stage_rest(const struct cli_args *args, json_t *stage, struct oak_error *err)
{
	static const struct {
		size_t option;
		const char *member;
		bool number;
	} rest[] = { { SOAK, "soak", false },
		     { SUCCESS, "success", true },
		     { MIN_REPORTS, "min_reports", true },
		     { PATIENCE, "patience", false } };

	for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++) {
		const char *text = cli_value(args, rest[i].option, NULL);
		json_t *value = NULL;
		int r = 0;

		if (!text)
			continue;
		if (rest[i].number)
			r = number(rest[i].option, text, &value, err);
		else
			value = json_string(text);
		if (r < 0)
			return r;
		if (json_object_set_new(stage, rest[i].member, value) < 0)
			return oak_fail(err, OAK_E_USAGE, "--%s: is not UTF-8 text",
					options[rest[i].option].name);
	}
	if (args->opt[STEP].n && json_object_set_new(stage, "next", json_string("pause")) < 0)
		return no_memory(err);
	return 0;
}

/* What is said of stages holds for each of them; without any the server's own are taken. */
static int add_stages(const struct cli_args *args, json_t *doc, struct oak_error *err)
{
	static const char *const careful[] = { "1", "10%", "100%" };
	const struct cli_values *given = &args->opt[STAGE];
	const bool said = args->opt[SOAK].n || args->opt[SUCCESS].n || args->opt[MIN_REPORTS].n ||
			  args->opt[PATIENCE].n || args->opt[STEP].n;
	size_t n = given->n ? given->n : sizeof(careful) / sizeof(careful[0]);
	json_t *list;

	if (!given->n && !said)
		return 0;
	list = json_array();
	if (!list || json_object_set_new(doc, "stages", list) < 0)
		return no_memory(err);
	for (size_t i = 0; i < n; i++) {
		json_t *stage = json_object();
		int r;

		if (json_array_append_new(list, stage) < 0)
			return no_memory(err);
		r = stage_who(given->n ? given->v[i] : careful[i], stage, err);
		if (r == 0)
			r = stage_rest(args, stage, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_level(const struct cli_args *args, json_t *doc, struct oak_error *err)
{
	const char *text = cli_value(args, LEVEL, NULL);
	json_t *level = NULL;
	int r = 0;

	if (!text && json_object_get(doc, "level"))
		return 0;
	if (!text || strcmp(text, "latest") == 0)
		level = json_string("latest");
	else
		r = number(LEVEL, text, &level, err);
	if (r == 0 && json_object_set_new(doc, "level", level) < 0)
		r = no_memory(err);
	return r;
}

static int read_file(const char *path, json_t **ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	const char *what = strcmp(path, "-") == 0 ? "standard input" : path;
	int r = file_read(AT_FDCWD, strcmp(path, "-") == 0 ? "/dev/stdin" : path, FILE_MAX, &b, err);

	if (r == 0)
		r = json_parse(b.data, b.len, FILE_MAX, what, ret, err);
	if (r == 0 && !json_is_object(*ret))
		r = oak_fail(err, OAK_E_FORMAT, "%s: must be a JSON object", what);
	return r;
}

/* Options come over what the file says. */
static int make(const struct cli_args *args, json_t **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *doc = NULL;
	int r = args->n ? read_file(args->v[0], &doc, err) : 0;

	if (r == 0 && !args->n && !args->opt[NAME].n)
		r = oak_fail(err, OAK_E_USAGE,
			     "say a file, or --name and what else there is to say");
	if (r < 0)
		return r;
	if (!doc)
		doc = json_object();
	r = add_members(args, doc, err);
	if (r == 0)
		r = add_lists(args, doc, err);
	if (r == 0)
		r = add_stages(args, doc, err);
	if (r == 0)
		r = add_level(args, doc, err);
	if (r == 0 && args->opt[APPROVAL].n && json_object_set_new(doc, "approval", json_true()) < 0)
		r = no_memory(err);
	if (r == 0)
		*ret = take_ptr(doc);
	return r;
}

static int command(struct fleet_session *s, json_t **rollout, const char *word,
		   struct oak_error *err)
{
	_cleanup_(buf_free) struct buf target = { 0 };
	json_t *after = NULL;
	int r;

	if (buf_printf(&target, "/api/v1/rollouts/%s/%s", json_get_str(*rollout, "id"), word) < 0)
		return no_memory(err);
	r = fleet_call(s, "POST", buf_str(&target), NULL, &after, err);
	if (r < 0)
		return oak_context(err, "%s was made, and stays a draft",
				   json_get_str(*rollout, "id"));
	json_decref(*rollout);
	*rollout = after;
	return 0;
}

static bool is_phase(const json_t *rollout, const char *phase)
{
	const char *have = json_get_str(rollout, "phase");

	return have && strcmp(have, phase) == 0;
}

static int go(struct fleet_session *s, json_t **rollout, struct oak_error *err)
{
	int r = command(s, rollout, "submit", err);

	return r == 0 && is_phase(*rollout, "scheduled") ? command(s, rollout, "start", err) : r;
}

static const char *next_of(const json_t *rollout)
{
	if (is_phase(rollout, "draft"))
		return "submit";
	if (is_phase(rollout, "pending-approval"))
		return "approve (by another person)";
	return is_phase(rollout, "scheduled") ? "start" : "watch";
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(fleet_close) struct fleet_session s = { 0 };
	_cleanup_(json_decrefp) json_t *doc = NULL, *rollout = NULL;
	int r = make(args, &doc, err);

	if (r == 0)
		r = fleet_open(cli, &s, err);
	if (r == 0)
		r = fleet_call(&s, "POST", "/api/v1/rollouts", doc, &rollout, err);
	if (r == 0 && !json_get_str(rollout, "id"))
		r = oak_fail(err, OAK_E_FORMAT, "the server's answer has no id");
	if (r == 0 && args->opt[GO].n)
		r = go(&s, &rollout, err);
	if (r < 0)
		return r;
	if (cli->json)
		return cli_print_json(take_ptr(rollout), err);
	fleet_record(cli, rollout, fleet_rollout_record);
	(void)fflush(stdout);
	if (!cli->quiet)
		(void)fprintf(stderr, "next: oakum fleet rollouts %s %s\n", next_of(rollout),
			      json_get_str(rollout, "id"));
	return 0;
}

const struct verb fleet_rollouts_create = {
	.name = "rollouts create",
	.args = "[FILE|-]",
	.help = "make a rollout, as a draft, from options or from a JSON file",
	.more = "oakum fleet rollouts create --name 'CVE-2026-1' --stage 1 --stage 10% --stage 100% \\\n"
		"    --soak 30m --max-failed 2 --go\n"
		"Options come over what the file says. What is not said has a careful default.",
	.max_args = 1,
	.options = options,
	.run = run,
};
