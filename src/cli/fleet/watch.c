/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "cli/fleet/commands.h"

#define BAR       24
#define LINE_SIZE 512

static json_int_t number_of(const json_t *row, const char *name)
{
	return json_integer_value(json_object_get(row, name));
}

static const char *text_of(const json_t *row, const char *name)
{
	const char *text = json_get_str(row, name);

	return text ? text : "";
}

static json_int_t done_of(const json_t *outcomes)
{
	return number_of(outcomes, "well") + number_of(outcomes, "failed") +
	       number_of(outcomes, "silent");
}

static void print_bar(json_int_t part, json_int_t whole)
{
	json_int_t n = whole ? part * BAR / whole : 0;

	(void)putchar('[');
	for (json_int_t i = 0; i < BAR; i++)
		(void)putchar(i < n ? '#' : '.');
	(void)putchar(']');
}

static enum cli_color phase_color(const char *phase)
{
	if (strcmp(phase, "halted") == 0 || strcmp(phase, "cancelled") == 0)
		return CLI_RED;
	return strcmp(phase, "paused") == 0 ? CLI_YELLOW : CLI_GREEN;
}

/* One line a stage; the number of lines, so that the next picture goes over this one. */
static int draw(const struct cli *cli, const json_t *rollout)
{
	const json_t *stages = json_object_get(rollout, "stages"), *stage;
	const char *phase = text_of(rollout, "phase");
	size_t i;

	fleet_print(text_of(rollout, "name"));
	printf("  %s%s%s  ", cli_color(cli, phase_color(phase)), phase, cli_color(cli, CLI_RESET));
	fleet_print(text_of(rollout, "why"));
	printf("\033[K\n");
	json_array_foreach(stages, i, stage)
	{
		const json_t *o = json_object_get(stage, "outcomes");

		printf("  stage %" JSON_INTEGER_FORMAT " ", number_of(stage, "stage"));
		print_bar(done_of(o), number_of(stage, "hosts"));
		printf(" %" JSON_INTEGER_FORMAT "/%" JSON_INTEGER_FORMAT
		       " well, %" JSON_INTEGER_FORMAT " in flight, %s%" JSON_INTEGER_FORMAT
		       " failed%s\033[K\n",
		       number_of(o, "well"), number_of(stage, "hosts"),
		       number_of(o, "granted") + number_of(o, "soaking"),
		       cli_color(cli, number_of(o, "failed") ? CLI_RED : CLI_RESET),
		       number_of(o, "failed") + number_of(o, "silent"), cli_color(cli, CLI_RESET));
	}
	(void)fflush(stdout);
	return (int)json_array_size(stages) + 1;
}

/* For files and logs: one line, and only where something has changed. */
static void line_of(const json_t *rollout, char *ret, size_t size)
{
	const json_t *o = json_object_get(rollout, "outcomes");

	(void)snprintf(ret, size,
		       "%s: %s, stage %" JSON_INTEGER_FORMAT ", %" JSON_INTEGER_FORMAT
		       "/%" JSON_INTEGER_FORMAT " well, %" JSON_INTEGER_FORMAT
		       " in flight, %" JSON_INTEGER_FORMAT " failed%s%s",
		       text_of(rollout, "name"), text_of(rollout, "phase"),
		       number_of(rollout, "stage"), number_of(o, "well"),
		       number_of(rollout, "hosts"),
		       number_of(o, "granted") + number_of(o, "soaking"),
		       number_of(o, "failed") + number_of(o, "silent"),
		       text_of(rollout, "why")[0] ? ": " : "", text_of(rollout, "why"));
}

struct watch {
	const struct cli *cli;
	struct fleet_session *s;
	const char *target;
	char last[LINE_SIZE];
	int drawn;
	bool terminal, over;
	struct oak_error *err;
};

static bool is_over(const json_t *rollout)
{
	static const char *const ends[] = { "completed", "halted", "cancelled" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (strcmp(text_of(rollout, "phase"), ends[i]) == 0)
			return true;
	return false;
}

static int tell(struct watch *w, json_t *rollout)
{
	char line[LINE_SIZE];

	if (w->terminal && !w->cli->json) {
		if (w->drawn)
			printf("\033[%dA", w->drawn);
		w->drawn = draw(w->cli, rollout);
		return 0;
	}
	line_of(rollout, line, sizeof(line));
	if (strcmp(line, w->last) == 0)
		return 0;
	memcpy(w->last, line, sizeof(line));
	if (w->cli->json) {
		_cleanup_(freep) char *text = json_dumps(rollout, JSON_COMPACT | JSON_SORT_KEYS);

		printf("%s\n", text ? text : "{}");
	} else {
		fleet_print(line);
		(void)putchar('\n');
	}
	return fflush(stdout) == EOF ? oak_fail(w->err, OAK_E_IO, "cannot write to standard output")
				     : 0;
}

static int look(struct watch *w)
{
	_cleanup_(json_decrefp) json_t *rollout = NULL;
	int r = fleet_call(w->s, "GET", w->target, NULL, &rollout, w->err);

	if (r == 0)
		r = tell(w, rollout);
	if (r < 0)
		return r;
	w->over = is_over(rollout);
	/* Whoever waits for it wants to know how it ended. */
	if (w->over && strcmp(text_of(rollout, "phase"), "completed") != 0)
		return oak_fail(w->err, OAK_E_REFUSED, "%s: %.400s", text_of(rollout, "phase"),
				text_of(rollout, "why"));
	return 0;
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(fleet_close) struct fleet_session s = { 0 };
	_cleanup_(freep) char *id = NULL;
	_cleanup_(buf_free) struct buf target = { 0 };
	struct watch w = { .cli = cli, .s = &s, .err = err, .terminal = isatty(STDOUT_FILENO) };
	int r = fleet_open(cli, &s, err);

	if (r == 0)
		r = fleet_resolve(&s, "rollout", args->v[0], &id, err);
	if (r == 0 && buf_printf(&target, "/api/v1/rollouts/%s", id) < 0)
		r = oak_fail(err, OAK_E_NOMEM, "out of memory");
	w.target = buf_str(&target);
	while (r == 0) {
		r = look(&w);
		if (r < 0 || w.over || args->opt[0].n)
			break;
		(void)sleep(1);
	}
	return r;
}

static const struct cli_option options[] = {
	{ .name = "once", .help = "only how it is now" },
	{ .name = NULL },
};

const struct verb fleet_rollouts_watch = {
	.name = "rollouts watch",
	.args = "ROLLOUT",
	.help = "follow one until it is over: a bar a stage, or a line a change",
	.more = "Looks once a second. Ends with 0 where it is completed, with 4 where it was halted or cancelled.",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.run = run,
};
