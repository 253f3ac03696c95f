/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum-build candidates: which CVEs of a kernel are worth a live patch. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/debian-version.h"
#include "base/file.h"
#include "cli/candidates.h"
#include "cli/verbs-build.h"
#include "host/cve/store-kernel.h"
#include "trust/manifest.h"

#define LIMIT_DEFAULT "6" /* what one screen holds */
#define LIMIT_MAX     100000u

enum {
	OPT_KERNEL,
	OPT_DATABASE,
	OPT_LEVEL,
	OPT_LIMIT,
};

static const struct cli_option options[] = {
	[OPT_KERNEL] = { .name = "kernel",
			 .arg = "K",
			 .help = "reference, name or build-id of a kernel that was added",
			 .required = true },
	[OPT_DATABASE] = { .name = "database",
			   .arg = "FILE",
			   .help = "the CVE database that 'oakum-repo cves' compiled",
			   .required = true },
	[OPT_LEVEL] = { .name = "level",
			.arg = "MANIFEST",
			.help = "leave out what this level fixes",
			.multi = true },
	[OPT_LIMIT] = { .name = "limit",
			.arg = "N",
			.help = "show this many, 6 if not given; 0: all" },
	{ .name = NULL },
};

static int parse_limit(const char *text, size_t *ret, struct oak_error *err)
{
	size_t v = 0;

	for (const char *p = text; *p >= '0' && *p <= '9' && v <= LIMIT_MAX; p++)
		v = v * 10 + (size_t)(*p - '0');
	if (!*text || strspn(text, "0123456789") != strlen(text) || v > LIMIT_MAX)
		return oak_fail(err, OAK_E_USAGE, "--limit %.40s: not a number from 0 to %u", text,
				LIMIT_MAX);
	*ret = v ? v : SIZE_MAX;
	return 0;
}

/* A manifest, or the folder of a level that has one. */
static int add_level(const char *path, const struct kernel *k, struct cve_claims *ret,
		     struct oak_error *err)
{
	_cleanup_(manifest_freep) struct manifest *m = NULL;
	_cleanup_(freep) char *inside = path_join(path, "manifest.json");
	_cleanup_(buf_free) struct buf text = { 0 };
	int r;

	if (!inside)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = file_read(AT_FDCWD, file_exists(AT_FDCWD, inside) ? inside : path, MANIFEST_BYTES_MAX,
		      &text, err);
	if (r == 0)
		r = manifest_parse(text.data, text.len, path, &m, err);
	if (r < 0 || !m)
		return r;
	if (strcmp(m->kernel.build_id, k->build_id) != 0)
		return oak_fail(err, OAK_E_USAGE, "%s: a level of the kernel %s %s, not of %s",
				path, m->kernel.release, m->kernel.package_version, k->reference);
	return claims_add_manifest(ret, m, NULL) < 0 ? oak_fail(err, OAK_E_NOMEM, "out of memory")
						     : 0;
}

/* "6.1" of "6.1.0-50-amd64", with its dot. */
static size_t series_len(const char *release)
{
	size_t len = strcspn(release, ".");

	return release[len] ? len + 1 + strcspn(release + len + 1, ".") + 1 : len;
}

/* The newest package of the series that apt's lists offer; NULL where they tell nothing. */
static const char *newest(const struct kernel *k, const struct kernel_offers *offers)
{
	const char *found = NULL;
	size_t len = series_len(k->release);

	for (size_t i = 0; i < offers->n; i++)
		if (strncmp(offers->v[i].release, k->release, len) == 0 &&
		    (!found || debian_version_compare(offers->v[i].version, found) > 0))
			found = offers->v[i].version;
	return found;
}

static int read_host(const struct cli *cli, const struct cli_args *args, const struct kernel *k,
		     struct cve_host *h, struct oak_error *err)
{
	struct oak_error why;
	int r = kernel_have_changelog(k, cli->progress, &why);

	/* Without it less is known to be fixed; the head of the list says so. */
	if (r < 0)
		progress_step(cli->progress, "no changelog: %s", why.msg);
	progress_step(cli->progress, "judging every record for %s", k->reference);
	r = cve_host_of_kernel(k, h, err);
	for (size_t i = 0; r == 0 && i < args->opt[OPT_LEVEL].n; i++)
		r = add_level(args->opt[OPT_LEVEL].v[i], k, &h->claims, err);
	claims_sort(&h->claims);
	return r;
}

static int show(const struct cli *cli, struct candidates *c, struct oak_error *err)
{
	int r = candidates_find(c, err);

	if (r < 0)
		return r;
	if (cli->json)
		r = candidates_print_json(c, err);
	else
		candidates_print(cli, c);
	return r == 0 && c->n == 0 ? -OAK_E_NOTHING : r;
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(kernel_offers_free) struct kernel_offers offers = { 0 };
	_cleanup_(cve_host_free) struct cve_host h = { 0 };
	_cleanup_(cve_db_close) struct cve_db db = { 0 };
	_cleanup_(kernel_freep) struct kernel *k = NULL;
	struct candidates c = { .db = &db,
				.db_path = cli_value(args, OPT_DATABASE, ""),
				.host = &h };
	int r = parse_limit(cli_value(args, OPT_LIMIT, LIMIT_DEFAULT), &c.limit, err);

	if (r == 0)
		r = kernel_open(cli_value(args, OPT_KERNEL, ""), &k, err);
	if (r == 0)
		r = cve_db_open(AT_FDCWD, c.db_path, &db, err);
	if (r == -OAK_E_NOTFOUND && k)
		return oak_context(err, "no CVE database (make one with 'oakum-repo cves')");
	if (r == 0)
		r = read_host(cli, args, k, &h, err);
	if (r < 0 || !k)
		return r;
	c.kernel = k;
	progress_step(cli->progress, "asking apt's lists for newer packages");
	if (kernel_available(k->distribution, &offers, NULL) == 0)
		c.archive = newest(k, &offers);
	r = show(cli, &c, err);
	free(c.v);
	return r;
}

const struct verb verb_build_candidates = {
	.name = "candidates",
	.help = "the CVEs of a kernel that are worth a live patch",
	.more = "Each CVE of the database is judged as on a host that runs this kernel: what its\n"
		"package has fixed, what is not built, and what a level given with --level has is\n"
		"left out. The gravest come first: known to be exploited, severity, likelihood. Exit\n"
		"3 where there is none.",
	.max_args = 0,
	.options = options,
	.run = run,
};
