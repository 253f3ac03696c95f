/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/build-level.h"
#include "cli/build-test.h"
#include "cli/verbs-build.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/json.h"

#define LEVELS_MAX    200
#define TIMEOUT_MAX_S 86400
#define MEMORY_MAX    65536
#define EXE_PATH_MAX  4096

enum {
	OPT_KERNEL,
	OPT_NEXT,
	OPT_PROBE,
	OPT_PROBE_ARG,
	OPT_EXPECT,
	OPT_MODULE,
	OPT_LOG,
	OPT_TIMEOUT,
	OPT_MEMORY,
	OPT_RECORD
};

static const struct cli_option options[] = {
	[OPT_KERNEL] = { .name = "kernel",
			 .arg = "K",
			 .help = "the kernel, if not the one that the manifest names" },
	[OPT_NEXT] = { .name = "next",
		       .arg = "DIR",
		       .help = "the level that replaces the tested one" },
	[OPT_PROBE] = { .name = "probe",
			.arg = "FILE",
			.help = "static program: exits 0 fixed, 1 vulnerable, else cannot tell" },
	[OPT_PROBE_ARG] = { .name = "probe-arg",
			    .arg = "ARG",
			    .help = "argument of the probe",
			    .multi = true },
	[OPT_EXPECT] = { .name = "expect-change",
			 .arg = "YES|NO",
			 .help = "no: the probe says fixed without the level, too" },
	[OPT_MODULE] = { .name = "module",
			 .arg = "NAME",
			 .help = "a module of the kernel that the probe needs",
			 .multi = true },
	[OPT_LOG] = { .name = "keep-log", .arg = "FILE", .help = "where the kernel's log goes" },
	[OPT_TIMEOUT] = { .name = "timeout",
			  .arg = "S",
			  .help = "seconds until the machine is ended" },
	[OPT_MEMORY] = { .name = "memory",
			 .arg = "MIB",
			 .help = "of the machine, 512 if not given" },
	[OPT_RECORD] = { .name = "record",
			 .help = "note in the manifest of each level that it passed" },
	{ .name = NULL },
};

/* All levels of the command line, the next one last. */
struct levels {
	struct built_level *v;
	struct vm_level *levels;
	size_t n;
};

static void levels_close(struct levels *l)
{
	for (size_t i = 0; i < l->n; i++)
		build_level_close(&l->v[i]);
	free(l->v);
	free(l->levels);
}

static int levels_open(const struct cli_args *args, struct levels *ret, struct oak_error *err)
{
	const char *next = cli_value(args, OPT_NEXT, NULL);
	size_t n = args->n + (next ? 1 : 0);
	int r = 0;

	if (args->n > LEVELS_MAX)
		return oak_fail(err, OAK_E_USAGE, "at most %d levels in one boot", LEVELS_MAX);
	ret->v = calloc(n, sizeof(*ret->v));
	ret->levels = calloc(n, sizeof(*ret->levels));
	if (!ret->v || !ret->levels)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (; r == 0 && ret->n < n; ret->n++) {
		r = build_level_open(ret->n < args->n ? args->v[ret->n] : next, &ret->v[ret->n],
				     err);
		ret->levels[ret->n] = ret->v[ret->n].level;
	}
	return r;
}

/* Which options make no sense together; the kernel that the first level is for. */
static int check_levels(const struct cli_args *args, const struct levels *l, struct oak_error *err)
{
	const bool has_next = cli_value(args, OPT_NEXT, NULL) != NULL;
	const struct manifest *first = l->v[0].manifest;

	if (args->n > 1 && (has_next || cli_value(args, OPT_PROBE, NULL)))
		return oak_fail(err, OAK_E_USAGE,
				"--next and --probe are for one level; test that one by itself");
	if (!cli_value(args, OPT_PROBE, NULL) &&
	    (args->opt[OPT_PROBE_ARG].n || args->opt[OPT_EXPECT].n))
		return oak_fail(err, OAK_E_USAGE, "--probe-arg and --expect-change want a --probe");
	for (size_t i = 1; i < l->n; i++)
		if (strcmp(l->v[i].manifest->kernel.build_id, first->kernel.build_id) != 0)
			return oak_fail(err, OAK_E_USAGE,
					"%s and %s are for different kernels (%s, %s)",
					l->levels[0].title, l->levels[i].title,
					first->kernel.package_version,
					l->v[i].manifest->kernel.package_version);
	if (has_next && strcmp(l->levels[0].patch, l->levels[l->n - 1].patch) == 0)
		return oak_fail(err, OAK_E_USAGE,
				"--next %s is %s, too; make it with another --level",
				l->levels[l->n - 1].title, l->levels[0].patch);
	return 0;
}

static int open_kernel(const char *which, const struct manifest *m, struct kernel **ret,
		       struct oak_error *err)
{
	_cleanup_(kernel_freep) struct kernel *k = NULL;
	int r = kernel_open(which ? which : m->kernel.build_id, &k, err);

	if (r < 0)
		return which ? r
			     : oak_context(err, "the kernel of the level, %s:%s=%s",
					   m->kernel.distribution, m->kernel.release,
					   m->kernel.package_version);
	if (strcmp(k->build_id, m->kernel.build_id) != 0)
		return oak_fail(err, OAK_E_REFUSED,
				"the level is for kernel %s (%s), not for %s; leave --kernel out",
				m->kernel.package_version, m->kernel.build_id, k->package_version);
	*ret = take_ptr(k);
	return 0;
}

/* Beside us in the build's folder, or where it was installed. */
static int find_guest(char **ret, struct oak_error *err)
{
	static const char *const places[] = { "/../guest/oakum-guest-init",
					      "/../libexec/oakum/oakum-guest-init" };
	char exe[EXE_PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash;

	exe[n > 0 ? n : 0] = '\0';
	slash = strrchr(exe, '/');
	if (slash)
		*slash = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		_cleanup_(freep) char *path = NULL;

		if (asprintf(&path, "%s%s", exe, places[i]) < 0) {
			path = NULL;
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		}
		if (file_exists(AT_FDCWD, path)) {
			*ret = take_ptr(path);
			return 0;
		}
	}
	return oak_fail(err, OAK_E_NOTFOUND,
			"oakum-guest-init is neither in %s%s nor in %s%s; install Oakum anew "
			"(builds with a sanitizer have none)",
			exe, places[0], exe, places[1]);
}

static int parse_number(const char *name, const char *text, unsigned int most, unsigned int *ret,
			struct oak_error *err)
{
	unsigned int v = 0;

	if (!text)
		return 0;
	for (const char *p = text; *p >= '0' && *p <= '9' && v <= most; p++)
		v = v * 10 + (unsigned int)(*p - '0');
	if (strspn(text, "0123456789") != strlen(text) || v < 1 || v > most)
		return oak_fail(err, OAK_E_USAGE, "--%s %s: not a number from 1 to %u", name, text,
				most);
	*ret = v;
	return 0;
}

static int parse(const struct cli_args *args, struct vm_options *opt, struct oak_error *err)
{
	const char *expect = cli_value(args, OPT_EXPECT, "yes");
	int r = parse_number("timeout", cli_value(args, OPT_TIMEOUT, NULL), TIMEOUT_MAX_S,
			     &opt->timeout_s, err);

	if (r == 0)
		r = parse_number("memory", cli_value(args, OPT_MEMORY, NULL), MEMORY_MAX,
				 &opt->memory_mib, err);
	if (r == 0 && opt->memory_mib < VM_MEMORY_LEAST)
		r = oak_fail(err, OAK_E_USAGE, "--memory: at least %d MiB", VM_MEMORY_LEAST);
	if (r == 0 && strcmp(expect, "yes") != 0 && strcmp(expect, "no") != 0)
		r = oak_fail(err, OAK_E_USAGE, "--expect-change %s: yes or no", expect);
	opt->probe_constant = strcmp(expect, "no") == 0;
	return r;
}

/* Only what passed as a whole: a kernel that warned may be hurt by any of several levels. */
static int record(const struct vm_options *opt, const struct levels *l, const struct vm_result *res,
		  struct oak_error *err)
{
	char what[VM_TEXT_MAX];
	int r = 0;

	(void)snprintf(what, sizeof(what), "load, switch, revert, again, in QEMU%s%s",
		       opt->next ? "; replaced by the next level" : "",
		       opt->probe ? "; with a probe" : "");
	for (size_t i = 0; r == 0 && i < opt->n_levels && res->n_problems == 0; i++)
		r = build_level_record(&l->v[i], opt->levels[i].title, what, res->seconds, err);
	return r;
}

static int finish(const struct cli *cli, const struct kernel *k, const struct vm_options *opt,
		  const struct vm_result *res, struct oak_error *err)
{
	int r = 0;

	if (cli->json)
		r = cli_print_json(build_test_json(k, opt, res), err);
	else
		build_test_print(cli, opt, res);
	if (r == 0 && res->n_problems)
		r = oak_fail(err, OAK_E_FAILED, "%zu of %zu levels failed: %s",
			     opt->n_levels - build_test_passed(opt, res), opt->n_levels,
			     res->problems[0].text);
	return r;
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(vm_result_free) struct vm_result res = { 0 };
	_cleanup_(levels_close) struct levels levels = { 0 };
	_cleanup_(kernel_freep) struct kernel *k = NULL;
	_cleanup_(freep) char *guest = NULL;
	const char *log = cli_value(args, OPT_LOG, NULL);
	struct vm_options opt = { .n_levels = args->n,
				  .probe = cli_value(args, OPT_PROBE, NULL),
				  .probe_args = args->opt[OPT_PROBE_ARG].v,
				  .n_probe_args = args->opt[OPT_PROBE_ARG].n,
				  .modules = args->opt[OPT_MODULE].v,
				  .n_modules = args->opt[OPT_MODULE].n,
				  .memory_mib = VM_MEMORY_MIB,
				  .timeout_s = VM_TIMEOUT_S +
					       VM_TIMEOUT_MORE_S * ((unsigned int)args->n - 1),
				  .progress = cli->progress };
	int r = parse(args, &opt, err);

	if (r == 0)
		r = levels_open(args, &levels, err);
	if (r == 0)
		r = check_levels(args, &levels, err);
	if (r == 0)
		r = open_kernel(cli_value(args, OPT_KERNEL, NULL), levels.v[0].manifest, &k, err);
	if (r == 0)
		r = find_guest(&guest, err);
	if (r < 0)
		return r;
	opt.levels = levels.levels;
	opt.next = levels.n > args->n ? &levels.levels[args->n] : NULL;
	opt.guest = guest;
	r = vm_test(k, &opt, &res, err);
	if (r == 0 && log)
		r = file_write(AT_FDCWD, log, res.log.data, res.log.len, 0644, err);
	if (r == 0 && args->opt[OPT_RECORD].n)
		r = record(&opt, &levels, &res, err);
	return r ? r : finish(cli, k, &opt, &res, err);
}

const struct verb verb_build_test = {
	.name = "test",
	.args = "LEVEL_DIR...",
	.help = "load, revert and replace levels on their kernel, in QEMU",
	.more = "LEVEL_DIR is what 'make' wrote. The kernel, its patched modules and the level are\n"
		"booted; modules come and go before, under and after the level. Fails on any\n"
		"WARN, BUG, lockup, stall or leak that the kernel reports, and where the probe\n"
		"does not say vulnerable without and fixed with the level.",
	.min_args = 1,
	.max_args = -1,
	.options = options,
	.run = run,
};
