/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum cves: which CVEs the kernel still has, and why. */
#include <fcntl.h>
#include <unistd.h>

#include "agent/cves.h"
#include "agent/lift.h"
#include "cli/cves.h"
#include "cli/oakum-verbs.h"
#include "cli/oakum.h"
#include "host/access/table.h"
#include "host/cve/mitigate.h"
#include "trust/severity.h"

enum {
	DATABASE = OAKUM_ROOT + 1,
	UPSTREAM,
	VERDICT,
	SEVERITY,
	KEV,
	BELOW,
	CSV,
	FETCH,
	REACH,
	TABLE,
};

static const struct cli_option options[] = {
	OAKUM_OPTION_ROOT,
	[DATABASE] = { .name = "database",
		       .arg = "FILE",
		       .help = "the CVE database; otherwise /" CVE_DB_PATH },
	[UPSTREAM] = { .name = "upstream",
		       .arg = "VERSION",
		       .help = "judge this upstream version, not this host" },
	[VERDICT] = { .name = "verdict",
		      .arg = "VERDICT",
		      .help = "list those of this verdict",
		      .multi = true },
	[SEVERITY] = { .name = "severity",
		       .arg = "WORD",
		       .help = "list those that are at least low, medium, high or critical" },
	[KEV] = { .name = "kev", .help = "list those that are known to be exploited" },
	[BELOW] = { .name = "below",
		    .arg = "PATH",
		    .help = "list those of files that begin with PATH: net/netfilter/" },
	[CSV] = { .name = "csv", .help = "as comma-separated values" },
	[FETCH] = { .name = "fetch", .help = "first get the newest database of the repository" },
	[REACH] = { .name = "reach",
		    .arg = "BY",
		    .help = "list the open ones that any user or container gets to, none, or "
			    "container=NAME; or of which that is unknown" },
	[TABLE] = { .name = "table",
		    .help = "only what it takes to get to each part of the kernel, as Markdown" },
	{ .name = NULL },
};

static int read_filters(const struct cli_args *args, struct cves_view *ret, struct oak_error *err)
{
	const char *severity = cli_value(args, SEVERITY, NULL);
	uint32_t rank;

	for (size_t i = 0; i < args->opt[VERDICT].n; i++) {
		enum cve_verdict v = cve_verdict_parse(args->opt[VERDICT].v[i]);

		if (v == CVE_VERDICTS)
			return oak_fail(err, OAK_E_USAGE, "--verdict '%.100s': no such verdict",
					args->opt[VERDICT].v[i]);
		ret->verdicts[v] = true;
	}
	if (severity && severity_parse(severity, &rank) < 0)
		return oak_fail(err, OAK_E_USAGE,
				"--severity '%.100s': low, medium, high or critical", severity);
	ret->severity = severity ? (uint8_t)(1 + rank) : 0;
	ret->kev = args->opt[KEV].n > 0;
	ret->csv = args->opt[CSV].n > 0;
	ret->file = cli_value(args, BELOW, NULL);
	ret->list = args->opt[VERDICT].n || severity || ret->kev || ret->file || args->opt[REACH].n;
	return args->opt[REACH].n ? cves_reach_parse(cli_value(args, REACH, ""), ret, err) : 0;
}

static int print_table(struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };

	if (access_markdown(&text) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	printf("%s", buf_str(&text));
	return 0;
}

/* In this process, as "oakum update" does; the agent has a worker for it. */
static int fetch(const struct cli *cli, int root, const char *root_path, struct oak_error *err)
{
	const struct plan_place place = { .root_path = root_path, .root = root };
	_cleanup_(cves_catch_clear) struct cves_catch c = { .db = { 0 } };
	const struct plan_options opt = { .repository = NULL };
	int r = cves_fetch(&place, &opt, cli->progress, &c, err);

	if (r == 0 && c.db.len)
		r = cves_store(root, &c.db, err);
	if (r < 0)
		return r;
	(void)fprintf(stderr, "%s: %s\n", cli->program, c.text);
	return 0;
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(closep) int root = -1;
	_cleanup_(cve_db_close) struct cve_db db = { 0 };
	const char *file = cli_value(args, DATABASE, NULL), *root_path;
	const char *version = cli_value(args, UPSTREAM, NULL);
	_cleanup_(json_decrefp) json_t *mitigations = NULL;
	struct cves_view v = { .path = file ? file : "/" CVE_DB_PATH, .ids = args };
	int r = read_filters(args, &v, err);

	if (args->opt[TABLE].n)
		return print_table(err);
	if (r == 0 && version && (v.list || v.csv))
		r = oak_fail(err, OAK_E_USAGE, "--upstream goes with none of the filters");
	if (r == 0)
		r = oakum_open_root(args, &root, &root_path, err);
	if (r == 0 && args->opt[FETCH].n && (file || version))
		r = oak_fail(err, OAK_E_USAGE,
			     "--fetch goes with neither --database nor --upstream");
	if (r == 0 && args->opt[FETCH].n) {
		r = fetch(cli, root, root_path, err);
		if (r < 0)
			return r;
	}
	if (r == 0)
		r = cve_db_open(file ? AT_FDCWD : root, file ? file : CVE_DB_PATH, &db, err);
	if (r == -OAK_E_NOTFOUND)
		return oak_context(err, "no CVE database ('oakum cves --fetch' gets that of the "
					"repository, --database FILE names another)");
	if (r < 0)
		return r;
	if (version)
		return cves_upstream(cli, &db, v.path, version, args, err);
	/* Where no agent runs, whoever may do it looks. */
	if (geteuid() == 0 && !file)
		lift_mitigations(root, cli->progress);
	r = mitigate_read(root, &mitigations, err);
	v.mitigations = mitigations;
	return r < 0 ? r : cves_host(cli, root, &db, &v, err);
}

const struct verb verb_oakum_cves = {
	.name = "cves",
	.args = "[CVE-ID...]",
	.help = "the CVEs that the kernel has, by verdict, with the reason",
	.more = "Verdicts: exposed, withheld, module-not-loaded, not-loaded-and-blocked, not-built,\n"
		"patched-live, fixed, not-affected. Without a filter: how many of each, and the\n"
		"ten worst that are open. With CVE-ID: everything that its verdict rests on.",
	.min_args = 0,
	.max_args = -1,
	.options = options,
	.run = run,
};
