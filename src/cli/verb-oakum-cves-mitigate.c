/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum cves mitigate: close the way to a CVE until a level fixes it. */
#include <fcntl.h>

#include "cli/cves.h"
#include "cli/oakum-verbs.h"
#include "cli/oakum.h"
#include "host/cve/mitigate.h"
#include "host/lock.h"

enum {
	DATABASE = OAKUM_ROOT + 1,
	LIST,
	UNDO,
};

static const struct cli_option options[] = {
	OAKUM_OPTION_ROOT,
	[DATABASE] = { .name = "database",
		       .arg = "FILE",
		       .help = "the CVE database; otherwise /" CVE_DB_PATH },
	[LIST] = { .name = "list", .help = "what is mitigated now" },
	[UNDO] = { .name = "undo", .help = "take it back" },
	{ .name = NULL },
};

static int list(const struct cli *cli, int root, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *all = NULL;
	int r = mitigate_read(root, &all, err);

	if (r < 0)
		return r;
	if (cli->json)
		return cli_print_json(json_pack("{s:O}", "mitigations", all), err);
	for (size_t i = 0; i < json_array_size(all); i++)
		cves_print_mitigation("mitigated", json_array_get(all, i));
	if (!json_array_size(all))
		printf("nothing is mitigated\n");
	return 0;
}

static int undo(const struct cli *cli, int root, const char *cve, struct oak_error *err)
{
	_cleanup_(closep) int lock = -1;
	int r = lock_wait(root, &lock, err);

	if (r == 0)
		r = mitigate_undo(root, cve, err);
	if (r < 0)
		return r;
	if (cli->json)
		return cli_print_json(json_pack("{s:s}", "undone", cve), err);
	printf("%s: its mitigation was taken back\n", cve);
	return 0;
}

static int mitigate(const struct cli *cli, int root, const struct cli_args *args,
		    struct oak_error *err)
{
	_cleanup_(cve_host_free) struct cve_host h = { .next = { .upstream = 0 } };
	const char *file = cli_value(args, DATABASE, NULL);
	_cleanup_(cve_db_close) struct cve_db db = { 0 };
	_cleanup_(json_decrefp) json_t *entry = NULL;
	_cleanup_(closep) int lock = -1;
	const struct cve_file_record *record = NULL;
	int r = cve_db_open(file ? AT_FDCWD : root, file ? file : CVE_DB_PATH, &db, err);

	if (r == 0)
		r = cves_find(&db, args->v[0], &record, err);
	if (r == 0)
		r = cves_read_host(root, &h, err);
	if (r == 0)
		r = lock_wait(root, &lock, err);
	if (r == 0)
		r = mitigate_apply(root, &h, &db, record, &entry, err);
	if (r < 0)
		return r;
	if (cli->json)
		return cli_print_json(json_incref(entry), err);
	cves_print_mitigation("mitigated", entry);
	printf("it is lifted when a level or a kernel that fixes it is live\n");
	return 0;
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(closep) int root = -1;
	const char *root_path;
	int r;

	if ((args->opt[LIST].n > 0) == (args->n > 0) || (args->opt[LIST].n && args->opt[UNDO].n))
		return oak_fail(err, OAK_E_USAGE, "give one CVE-ID, or --list");
	r = oakum_open_root(args, &root, &root_path, err);
	if (r < 0)
		return r;
	if (args->opt[LIST].n)
		return list(cli, root, err);
	return args->opt[UNDO].n ? undo(cli, root, args->v[0], err)
				 : mitigate(cli, root, args, err);
}

const struct verb verb_oakum_cves_mitigate = {
	.name = "cves mitigate",
	.args = "CVE-ID | --list",
	.help = "close the way to a CVE until a level fixes it",
	.more = "Blocks the modules that have its code and are not loaded (modprobe.d), and sets a\n"
		"switch of the kernel where one narrows the way to it (sysctl.d). Nothing is\n"
		"unloaded; user namespaces are left alone. It is lifted by itself when a level that\n"
		"fixes the CVE is live, or the kernel has the fix: by the agent, or by the next\n"
		"'oakum cves'. Exits 4 where nothing of the kind helps.",
	.min_args = 0,
	.max_args = 1,
	.options = options,
	.run = run,
};
