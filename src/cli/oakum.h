/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum: what the verbs of the program "oakum" share. */
#ifndef OAK_CLI_OAKUM_H
#define OAK_CLI_OAKUM_H

#include <stdbool.h>

#include "cli/cli.h"
#include "host/apply.h"
#include "host/host.h"
#include "host/preflight.h"
#include "trust/manifest.h"

/* The first option of every verb, so that its number is 0 everywhere. */
#define OAKUM_OPTION_ROOT                                                                       \
	{                                                                                       \
		.name = "root", .arg = "DIR", .help = "look at the tree below DIR, not below /" \
	}
#define OAKUM_ROOT 0

struct oakum {
	const char *root_path; /* without a trailing slash: "" for the real one */
	int root;
	bool real; /* @root is this machine's own */
	struct host host;
	int lock; /* or -1 */
};

/* The root alone; @ret_path as in struct oakum, may be NULL. */
int oakum_open_root(const struct cli_args *args, int *ret, const char **ret_path,
		    struct oak_error *err) _must_check_;

/* Opens the root and reads the host. */
int oakum_open(const struct cli_args *args, struct oakum *ret, struct oak_error *err) _must_check_;
void oakum_close(struct oakum *o); /* also the guard */

enum oakum_change {
	OAKUM_APPLY,
	OAKUM_REVERT,
};

/*
 * For verbs that change the host: only the real one, only where everything that concerns the
 * host alone allows it; takes the lock and reads the host again under it.
 */
int oakum_begin_change(struct oakum *o, enum oakum_change change, struct oak_error *err)
	_must_check_;

/* The value of --timeout in seconds. Errors: OAK_E_USAGE. */
#define OAKUM_TIMEOUT_OTHERWISE "60"
int oakum_timeout(const char *text, unsigned *ret_ms, struct oak_error *err) _must_check_;

/* The way back is given at least this long, however short --timeout is. */
#define OAKUM_BACK_MS_MIN 30000u
struct apply_options oakum_apply_options(const struct cli *cli, unsigned timeout_ms);

/* Parts of documents; NULL when out of memory. */
json_t *oakum_json_kernel(const struct host *h);
json_t *oakum_json_fixes(const struct manifest *m);
json_t *oakum_json_cves(const struct manifest *m);

/* "CVE-2026-1, CVE-2026-2", or the ids of fixes that have no CVE; the caller frees. */
char *oakum_fixes_text(const struct manifest *m);

/* Each stalled task with its stack: into @doc, and to stderr for people. Nothing where none is. */
void oakum_tell_stall(const struct cli *cli, json_t *doc, const struct stall *s);

/*
 * With --json prints @document with "result" (and "error") added, for success and failure alike;
 * always drops it. Returns @r, or the failure to print.
 */
int oakum_finish(const struct cli *cli, json_t *document, const char *result, int r,
		 struct oak_error *err);

#endif
