/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum fleet nagios: the fleet as a plugin of Nagios, Icinga or NRPE tells it; packaging/nagios/check_oakum. */
#include "cli/fleet/commands.h"
#include "cli/fleet/health.h"
#include "host/number.h"

enum {
	WARNING,
	CRITICAL,
};

static const struct cli_option options[] = {
	{ .name = "warning",
	  .arg = "PERCENT",
	  .help = "so much of the fleet silent warns (2)",
	  .letter = 'w' },
	{ .name = "critical", .arg = "PERCENT", .help = "is critical (20)", .letter = 'c' },
	{ .name = NULL },
};

static int percent(const struct cli_args *args, size_t option, unsigned *ret, struct oak_error *err)
{
	const char *text = cli_value(args, option, NULL);
	uint32_t n;

	if (!text)
		return 0;
	if (number_parse_u32(text, &n) < 0 || n > 100)
		return oak_fail(err, OAK_E_USAGE, "--%s '%s': must be percent, 0 to 100",
				options[option].name, text);
	*ret = n;
	return 0;
}

static int ask(const struct cli *cli, json_t **ret, struct oak_error *err)
{
	_cleanup_(fleet_close) struct fleet_session s = { 0 };
	int r = fleet_open(cli, &s, err);

	return r < 0 ? r : fleet_call(&s, "GET", "/api/v1/overview", NULL, ret, err);
}

/* A server that does not answer is what the check is for; a token that it does not take is not. */
static enum fleet_health health_of(int r)
{
	return r == -OAK_E_USAGE || r == -OAK_E_PERMISSION || r == -OAK_E_REFUSED ||
			       r == -OAK_E_NOTFOUND
		       ? FLEET_UNKNOWN
		       : FLEET_CRITICAL;
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	/* The exit statuses of a plugin by the codes that have them. */
	static const int codes[] = { 0, -OAK_E_FAILED, -OAK_E_USAGE, -OAK_E_NOTHING };
	_cleanup_(json_decrefp) json_t *overview = NULL;
	_cleanup_(buf_free) struct buf line = { 0 };
	struct fleet_limits limits = FLEET_LIMITS_OTHERWISE;
	enum fleet_health health = FLEET_UNKNOWN;
	int r = percent(args, WARNING, &limits.warning, err);

	if (r == 0)
		r = percent(args, CRITICAL, &limits.critical, err);
	if (r == 0)
		r = ask(cli, &overview, err);
	if (r == 0)
		r = fleet_health_line(overview, &limits, &line, &health, err);
	if (r < 0) {
		health = health_of(r);
		printf("OAKUM FLEET %s - ", health == FLEET_UNKNOWN ? "UNKNOWN" : "CRITICAL");
		fleet_print(err->msg);
		(void)putchar('\n');
	} else {
		(void)fputs(buf_str(&line), stdout);
	}
	err->msg[0] = '\0';
	return codes[health];
}

const struct verb fleet_nagios = {
	.name = "nagios",
	.help = "one line and the exit status of a Nagios plugin",
	.options = options,
	.run = run,
};
