/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum status: all of this host on one screen; no network, no privilege, no running agent. */
#include <time.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/oakum-verbs.h"
#include "cli/oakum.h"
#include "cli/status.h"
#include "host/number.h"

enum {
	VERBOSE = OAKUM_ROOT + 1,
	NAGIOS,
	WARNING,
	CRITICAL,
	EXPIRY,
};

#define HOURS_MAX 87600u

static const struct cli_option options[] = {
	OAKUM_OPTION_ROOT,
	{ .name = "verbose", .help = "every CVE, and the functions", .letter = 'v' },
	{ .name = "nagios", .help = "one line and the exit status of a Nagios plugin" },
	{ .name = "warning",
	  .arg = "HOURS",
	  .help = "a last check as old warns (24)",
	  .letter = 'w' },
	{ .name = "critical", .arg = "HOURS", .help = "is critical (72)", .letter = 'c' },
	{ .name = "expiry", .arg = "HOURS", .help = "warn so long before trust expires (2)" },
	{ .name = NULL },
};

static int hours(const struct cli_args *args, size_t option, int64_t *ret_s, struct oak_error *err)
{
	const char *text = cli_value(args, option, NULL);
	uint32_t n;

	if (!text)
		return 0;
	if (number_parse_u32(text, &n) < 0 || n > HOURS_MAX)
		return oak_fail(err, OAK_E_USAGE, "--%s '%s': must be hours, 0 to %u",
				options[option].name, text, HOURS_MAX);
	*ret_s = (int64_t)n * 3600;
	return 0;
}

static int limits_of(const struct cli_args *args, struct verdict_limits *ret, struct oak_error *err)
{
	int r = hours(args, WARNING, &ret->check_warning, err);

	if (r == 0)
		r = hours(args, CRITICAL, &ret->check_critical, err);
	if (r == 0)
		r = hours(args, EXPIRY, &ret->expiry_warning, err);
	return r;
}

/* A plugin has no error but its own: what it cannot find out is UNKNOWN, on standard output. */
static int nagios(const struct status_view *v, const struct verdict_limits *limits, int r,
		  struct oak_error *err)
{
	/* The exit statuses of a plugin by the codes that have them. */
	static const int codes[] = { 0, -OAK_E_FAILED, -OAK_E_USAGE, -OAK_E_NOTHING };
	_cleanup_(buf_free) struct buf line = { 0 };

	if (r == 0)
		r = verdict_nagios(v->p, v->verdict, limits, v->now_s, &line, err);
	if (r < 0)
		printf("OAKUM UNKNOWN - %s\n", err->msg);
	else
		printf("%s", buf_str(&line));
	err->msg[0] = '\0';
	return codes[r < 0 ? VERDICT_UNKNOWN : v->verdict->worst];
}

static int show(const struct status_view *v, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = v->cli->json ? 0 : status_screen(v, &text, err);

	if (r == 0)
		(void)fputs(buf_str(&text), stdout);
	if (r == 0 && !v->p->host.id.livepatch)
		r = oak_fail(err, OAK_E_UNSUPPORTED,
			     "this kernel has no livepatch support (CONFIG_LIVEPATCH)");
	return oakum_finish(v->cli, v->cli->json ? status_json(v) : NULL, "status", r, err);
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(closep) int root = -1;
	_cleanup_(picture_clear) struct picture p = { 0 };
	_cleanup_(freep) struct verdict_report *verdict = calloc(1, sizeof(*verdict));
	struct verdict_limits limits = VERDICT_LIMITS_OTHERWISE;
	struct status_view v = { .cli = cli, .p = &p, .verdict = verdict, .now_s = time(NULL) };
	const char *path;
	int r = verdict ? limits_of(args, &limits, err)
			: oak_fail(err, OAK_E_NOMEM, "out of memory");

	if (r == -OAK_E_USAGE && !args->opt[NAGIOS].n)
		return r;
	if (r == 0)
		r = oakum_open_root(args, &root, &path, err);
	if (r == 0)
		r = picture_take(root, path, &p, err);
	if (r == 0)
		verdict_of(&p, &limits, v.now_s, verdict);
	v.verbose = args->opt[VERBOSE].n > 0;
	if (args->opt[NAGIOS].n)
		return nagios(&v, &limits, r, err);
	return r < 0 ? oakum_finish(cli, NULL, "status", r, err) : show(&v, err);
}

const struct verb verb_oakum_status = {
	.name = "status",
	.help = "all about this host's patches on one screen",
	.options = options,
	.run = run,
};
