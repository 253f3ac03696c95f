/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "cli/fleet/commands.h"

#define AGAIN_S   2 /* after a stream that ended */
#define AGAIN_MAX 30

enum {
	FOLLOW,
	AFTER,
	COUNT,
};

static const struct cli_option options[] = {
	[FOLLOW] = { .name = "follow", .help = "and what happens from now on", .letter = 'f' },
	[AFTER] = { .name = "after", .arg = "N", .help = "only those after this number" },
	[COUNT] = { .name = "count", .arg = "N", .help = "with --follow: end after so many" },
	{ .name = NULL },
};

static const struct fleet_column columns[] = {
	{ "NO", "sequence" },
	{ "AT", "at", FLEET_AT },
	{ "EVENT", "type" },
	{ "SUBJECT", "subject" },
	{ "NAME", "data.name" },
	{ "WHY", "data.why" },
	{ NULL },
};

struct following {
	const struct cli *cli;
	json_int_t last;
	unsigned long left; /* 0: no end */
	bool over, broken;
};

static void print_event(const struct cli *cli, const json_t *event)
{
	if (cli->json) {
		_cleanup_(freep) char *text = json_dumps(event, JSON_COMPACT | JSON_SORT_KEYS);

		printf("%s\n", text ? text : "{}");
		return;
	}
	for (const struct fleet_column *c = columns; c->title; c++) {
		_cleanup_(freep) char *cell = fleet_cell(event, c);

		if (cell && strcmp(cell, "-") != 0) {
			fleet_print(cell);
			printf("  ");
		}
	}
	(void)putchar('\n');
}

static int take(void *ctx, const json_t *event)
{
	struct following *f = ctx;

	f->last = json_integer_value(json_object_get(event, "sequence"));
	print_event(f->cli, event);
	if (fflush(stdout) == EOF) {
		f->broken = true;
		return 1;
	}
	f->over = f->left && --f->left == 0;
	return f->over;
}

/* A server may be restarted, a balancer may cut the line: it goes on where it was. */
static int follow(struct fleet_session *s, struct following *f, struct oak_error *err)
{
	unsigned failed = 0;

	while (!f->over && !f->broken) {
		char after[32] = "";
		json_int_t had = f->last;
		int r;

		if (f->last >= 0)
			(void)snprintf(after, sizeof(after), "%" JSON_INTEGER_FORMAT, f->last);
		r = fleet_follow(s, after, take, f, err);
		if (r < 0 && r != -OAK_E_AGAIN)
			return r;
		failed = r < 0 && f->last == had ? failed + 1 : 0;
		if (failed > AGAIN_MAX)
			return r;
		if (!f->over && !f->broken)
			(void)sleep(AGAIN_S);
	}
	return f->broken ? oak_fail(err, OAK_E_IO, "cannot write to standard output") : 0;
}

static int list(const struct cli *cli, struct fleet_session *s, json_int_t *last,
		struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *all = json_array();
	size_t got = 1;

	while (got) {
		_cleanup_(json_decrefp) json_t *page = NULL;
		const json_t *events;
		char target[96];
		int r;

		(void)snprintf(target, sizeof(target),
			       "/api/v1/events?limit=1000&after=%" JSON_INTEGER_FORMAT, *last);
		r = fleet_call(s, "GET", target, NULL, &page, err);
		if (r < 0)
			return r;
		events = json_object_get(page, "events");
		got = json_array_size(events);
		if (got)
			*last = json_integer_value(
				json_object_get(json_array_get(events, got - 1), "sequence"));
		if (json_array_extend(all, json_object_get(page, "events")) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	if (cli->json)
		return cli_print_json(json_pack("{s:O}", "events", all), err);
	fleet_table(cli, all, columns);
	return 0;
}

static int number(const struct cli_args *args, size_t option, json_int_t otherwise, json_int_t *ret,
		  struct oak_error *err)
{
	const char *text = cli_value(args, option, NULL);

	*ret = otherwise;
	if (!text)
		return 0;
	if (!*text || strlen(text) > 15 || text[strspn(text, "0123456789")])
		return oak_fail(err, OAK_E_USAGE, "--%s '%s': must be a whole number",
				options[option].name, text);
	for (*ret = 0; *text; text++)
		*ret = *ret * 10 + (*text - '0');
	return 0;
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(fleet_close) struct fleet_session s = { 0 };
	struct following f = { .cli = cli };
	json_int_t count = 0;
	int r = number(args, AFTER, args->opt[FOLLOW].n ? -1 : 0, &f.last, err);

	if (r == 0)
		r = number(args, COUNT, 0, &count, err);
	f.left = (unsigned long)count;
	if (r == 0)
		r = fleet_open(cli, &s, err);
	if (r < 0)
		return r;
	return args->opt[FOLLOW].n ? follow(&s, &f, err) : list(cli, &s, &f.last, err);
}

const struct verb fleet_events = {
	.name = "events",
	.help = "list what has changed; --follow goes on",
	.more = "With --follow and --json: one JSON document a line.",
	.options = options,
	.run = run,
};
