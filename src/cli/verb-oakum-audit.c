/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum audit: how hard this kernel and its containers are to attack. */
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "agent/fleet/home.h"
#include "audit/baseline.h"
#include "audit/report.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "cli/audit-fix.h"
#include "cli/audit-screen.h"
#include "cli/oakum-verbs.h"
#include "cli/oakum.h"
#include "host/audit-result.h"

enum {
	ALL = OAKUM_ROOT + 1,
	BASELINE,
	CHECKS,
	JUNIT,
	MARKDOWN,
	ONLY,
	SARIF,
	SEVERITY,
	FIX_PLAN,
	SCRIPT,
	ANSIBLE,
	APPLY,
	PLAN,
	UNDO,
};

static const struct cli_option options[] = {
	OAKUM_OPTION_ROOT,
	{ .name = "all", .help = "also what passes, does not apply or is accepted" },
	{ .name = "baseline", .arg = "FILE", .help = "findings that are accepted, why, until when" },
	{ .name = "checks", .help = "list what is checked, check nothing" },
	{ .name = "junit", .help = "one JUnit document on standard output" },
	{ .name = "markdown", .help = "with --checks: as docs/checks.md" },
	{ .name = "only", .arg = "ID|GROUP", .help = "these checks alone", .multi = true },
	{ .name = "sarif", .help = "one SARIF 2.1.0 document on standard output" },
	{ .name = "severity",
	  .arg = "LEVEL",
	  .help = "exit 1 for a finding of low, medium, high or critical, or above" },
	{ .name = "fix-plan", .help = "what could be changed without a person, and what not" },
	{ .name = "script", .help = "with --fix-plan: as a script of bash" },
	{ .name = "ansible", .help = "with --fix-plan: as a playbook of Ansible" },
	{ .name = "apply", .help = "with --fix-plan: change it; nothing is restarted" },
	{ .name = "plan", .arg = "ID", .help = "with --apply: only if the plan is this one" },
	{ .name = "undo", .help = "with --fix-plan: take the last --apply back" },
	{ .name = NULL },
};

/* Text of the heap, or NULL when out of memory. */
static int print_text(char *text, struct oak_error *err)
{
	_cleanup_(freep) char *t = text;

	if (!t)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (fputs(t, stdout) == EOF)
		return oak_fail(err, OAK_E_IO, "cannot write to standard output");
	return 0;
}

static int print_piece(void *ctx, const char *text, struct oak_error *err)
{
	(void)ctx;
	if (fputs(text, stdout) == EOF)
		return oak_fail(err, OAK_E_IO, "cannot write to standard output");
	return 0;
}

static int read_baseline(const char *path, struct baseline *ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = file_read(AT_FDCWD, path, BASELINE_MAX, &text, err);

	return r == 0 ? baseline_parse(text.data, text.len, path, ret, err) : r;
}

static int list_checks(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	if (cli->json)
		return cli_print_json(report_checks_json(), err);
	if (args->opt[MARKDOWN].n)
		return print_text(report_checks_markdown(), err);
	audit_print_checks(cli);
	return 0;
}

/* The worst that counts against the threshold of --severity. */
static int judge(const struct audit *a, const char *level, struct oak_error *err)
{
	enum audit_severity least;
	size_t n = 0;

	if (audit_severity_parse(level, &least) < 0)
		return oak_fail(err, OAK_E_USAGE,
				"--severity '%s': must be low, medium, high or critical", level);
	for (size_t i = 0; i < a->n; i++)
		n += a->findings[i].verdict == AUDIT_FAIL && !a->findings[i].accepted &&
		     a->findings[i].check->severity >= least;
	if (n)
		return oak_fail(err, OAK_E_FAILED, "%zu finding%s of severity %s or above", n,
				n == 1 ? "" : "s", level);
	return 0;
}

/* The words of --only with a NULL behind them; NULL where there are none. */
static int only_words(const struct cli_values *v, const char ***ret, struct oak_error *err)
{
	if (!v->n)
		return 0;
	*ret = calloc(v->n + 1, sizeof(**ret));
	if (!*ret)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < v->n; i++)
		(*ret)[i] = v->v[i];
	return 0;
}

static int print(const struct cli *cli, const struct cli_args *args, const struct audit *a,
		 struct oak_error *err)
{
	struct score score;

	if (args->opt[SARIF].n)
		return report_sarif(a, print_piece, NULL, err);
	if (args->opt[JUNIT].n)
		return report_junit(a, print_piece, NULL, err);
	score_of(a, &score);
	if (cli->json)
		return report_json(a, &score, print_piece, NULL, err);
	audit_print(cli, a, &score, args->opt[ALL].n > 0);
	return 0;
}

static void apply_baseline(const struct cli *cli, const char *path, int64_t now, struct baseline *b,
			   struct audit *a)
{
	baseline_apply(b, path, now, a);
	if (b->unused && !cli->quiet)
		(void)fprintf(stderr, "%s: %zu of %zu entries fit no finding\n", path, b->unused,
			      b->n);
	if (b->expired && !cli->quiet)
		(void)fprintf(stderr, "%s: %zu findings were accepted until a day that is past\n",
			      path, b->expired);
}

static int check_usage(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	size_t outputs =
		args->opt[SCRIPT].n + args->opt[ANSIBLE].n + args->opt[APPLY].n + args->opt[UNDO].n;

	if (cli->json + args->opt[SARIF].n + args->opt[JUNIT].n > 1)
		return oak_fail(err, OAK_E_USAGE, "one of --json, --sarif and --junit");
	if (outputs + args->opt[PLAN].n && !args->opt[FIX_PLAN].n)
		return oak_fail(err, OAK_E_USAGE,
				"--script, --ansible, --apply, --plan and --undo go with --fix-plan");
	if (outputs > 1)
		return oak_fail(err, OAK_E_USAGE,
				"only one of --script, --ansible, --apply and --undo");
	if (args->opt[PLAN].n && !args->opt[APPLY].n)
		return oak_fail(err, OAK_E_USAGE, "--plan goes with --apply");
	if (args->opt[FIX_PLAN].n && args->opt[SARIF].n + args->opt[JUNIT].n)
		return oak_fail(err, OAK_E_USAGE, "--fix-plan has neither --sarif nor --junit");
	return 0;
}

/* Whole audits alone, of a host that tells its fleet what they came to. */
static void remember(const struct cli *cli, int root, int64_t now_s, const struct audit *a)
{
	struct oak_error err = { .code = OAK_OK };
	struct audit_result result = { .at_s = now_s };
	struct score score;

	if (geteuid() != 0 || !fleet_is_enrolled(root))
		return;
	score_of(a, &score);
	result.score = score.percent;
	result.failed = (uint32_t)score.verdicts[AUDIT_FAIL];
	if (audit_result_write(root, &result, &err) < 0 && !cli->quiet)
		(void)fprintf(stderr, "the fleet is not told: %s\n", err.msg);
}

/* @level was looked at already. */
static int fix(const struct cli *cli, const struct cli_args *args, const char **only,
	       const struct audit *a, struct oak_error *err)
{
	const char *level = cli_value(args, SEVERITY, "low");
	struct audit_fix how = {
		.root = a->ctx.root,
		.opt = { .only = only, .least = AUDIT_LOW },
		.plan = cli_value(args, PLAN, NULL),
		.script = args->opt[SCRIPT].n > 0,
		.ansible = args->opt[ANSIBLE].n > 0,
		.apply = args->opt[APPLY].n > 0,
	};

	(void)!audit_severity_parse(level, &how.opt.least);
	return audit_fix(cli, &how, a, err);
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	const char *level = cli_value(args, SEVERITY, NULL);
	const char *path = cli_value(args, BASELINE, NULL);
	_cleanup_(baseline_clear) struct baseline baseline = { .n = 0 };
	_cleanup_(audit_clear) struct audit a = { .n = 0 };
	_cleanup_(freep) const char **only = NULL;
	struct audit_options opt = { .now = time(NULL) };
	_cleanup_(closep) int root = -1;
	int r;

	if (args->opt[CHECKS].n)
		return list_checks(cli, args, err);
	r = check_usage(cli, args, err);
	if (r == 0)
		r = oakum_open_root(args, &root, NULL, err);
	if (r == 0 && args->opt[UNDO].n)
		return audit_fix_undo(cli, root, err);
	if (r == 0 && level) /* before the work: over nothing it is but a look at the word */
		r = judge(&a, level, err);
	if (r == 0 && path)
		r = read_baseline(path, &baseline, err);
	if (r == 0)
		r = only_words(&args->opt[ONLY], &only, err);
	opt.only = only;
	if (r == 0)
		r = audit_run(root, &opt, &a, err);
	if (r == 0 && path)
		apply_baseline(cli, path, opt.now, &baseline, &a);
	if (r == 0 && !args->opt[ONLY].n)
		remember(cli, root, opt.now, &a);
	if (r == 0 && args->opt[FIX_PLAN].n)
		return fix(cli, args, only, &a, err);
	if (r == 0)
		r = print(cli, args, &a, err);
	if (r == 0 && level)
		r = judge(&a, level, err);
	return r;
}

const struct verb verb_oakum_audit = {
	.name = "audit",
	.help = "how hard this kernel and its containers are to attack",
	.more = "Runs nothing, and changes nothing without --apply. As root it sees more; on a host that is\n"
		"registered with a fleet, its score is kept for the next report.",
	.options = options,
	.run = run,
};
