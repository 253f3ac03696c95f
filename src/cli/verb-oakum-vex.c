/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum vex: what this host says about the CVEs of its kernel, in the formats of scanners. */
#include <fcntl.h>
#include <string.h>
#include <time.h>

#include "agent/tell-vex.h"
#include "agent/tell.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/json.h"
#include "cli/oakum-verbs.h"
#include "cli/oakum.h"
#include "host/vex/signing.h"
#include "host/vex/write.h"
#include "trust/cve/record.h"
#include "trust/date.h"

#define PUBLIC_MAX 4096u

enum {
	FORMAT = OAKUM_ROOT + 1,
	OUTPUT,
	CVE,
	ALL,
	DATABASE,
	WRITE,
	PUBLIC_KEY,
};

static const struct cli_option options[] = {
	OAKUM_OPTION_ROOT,
	[FORMAT] = { .name = "format",
		     .arg = "FORMAT",
		     .help = "print the document: openvex, csaf, cyclonedx or oval" },
	[OUTPUT] = { .name = "output",
		     .arg = "FILE",
		     .help = "with --format: into this file",
		     .letter = 'o' },
	[CVE] = { .name = "cve", .arg = "CVE-ID", .help = "of this CVE alone" },
	[ALL] = { .name = "all", .help = "also of what a version alone settles" },
	[DATABASE] = { .name = "database",
		       .arg = "FILE",
		       .help = "the CVE database; otherwise /" CVE_DB_PATH },
	[WRITE] = { .name = "write",
		    .help = "bring the files of /run/oakum up to date, as the agent does" },
	[PUBLIC_KEY] = { .name = "public-key",
			 .help = "print the key that checks this host's "
				 "signature, as PEM" },
	{ .name = NULL },
};

/* The key's id, "" where this host has signed nothing yet. */
static void read_owner(int root, char ret[SHA256_HEX_MAX])
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct vex_public p;

	ret[0] = '\0';
	if (file_read(root, VEX_PUBLIC_PATH, PUBLIC_MAX, &text, NULL) == 0 &&
	    vex_public_parse(buf_str(&text), &p, NULL) == 0)
		memcpy(ret, p.id, SHA256_HEX_MAX);
}

static int print_public(const struct cli *cli, int root, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct vex_public p;
	int r = file_read(root, VEX_PUBLIC_PATH, PUBLIC_MAX, &text, err);

	if (r == -OAK_E_NOTFOUND)
		return oak_fail(err, OAK_E_NOTFOUND,
				"this host has signed nothing since it was booted; run as root: "
				"oakum vex --write");
	if (r == 0)
		r = vex_public_parse(buf_str(&text), &p, err);
	if (r < 0)
		return r;
	if (cli->json)
		return cli_print_json(json_pack("{s:s, s:s}", "public_key", buf_str(&text),
						"key_id", p.id),
				      err);
	printf("%s", buf_str(&text));
	return 0;
}

static json_t *level_json(const struct vex_level *l)
{
	if (!l->number)
		return json_null();
	return json_pack("{s:I, s:s, s:s?, s:I, s:I}", "number", (json_int_t)l->number, "state",
			 l->state, "manifest_sha256",
			 l->manifest_sha256[0] ? l->manifest_sha256 : NULL, "functions_wanted",
			 (json_int_t)l->wanted, "functions_redirected", (json_int_t)l->redirected);
}

static json_t *statements_json(const struct vex *v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->n; i++) {
		const struct vex_statement *s = &v->v[i];
		char id[CVE_ID_MAX];

		cve_id_format(s->year, s->number, id);
		(void)json_array_append_new(
			list, json_pack("{s:s, s:s, s:s?, s:s, s:s, s:s, s:s?}", "cve", id,
					"status", vex_status_name(s->status), "justification",
					vex_justification_name(s->justification), "verdict",
					cve_verdict_name(s->verdict), "title",
					vex_text(v, s->title), "notes", vex_text(v, s->notes),
					"action", s->action ? vex_text(v, s->action) : NULL));
	}
	return list;
}

static void count(const struct vex *v, size_t ret[VEX_STATUSES])
{
	for (unsigned i = 0; i < VEX_STATUSES; i++)
		ret[i] = 0;
	for (size_t i = 0; i < v->n; i++)
		ret[v->v[i].status]++;
}

static int print_json(const struct vex_taken *t, struct oak_error *err)
{
	const struct vex *v = &t->vex;
	char first[DATE_TEXT_MAX], current[DATE_TEXT_MAX], database[DATE_TEXT_MAX];
	size_t n[VEX_STATUSES];

	count(v, n);
	vex_times(v, first, current);
	date_format(v->database_s, database);
	return cli_print_json(
		json_pack("{s:{s:s, s:s, s:s, s:s}, s:s?, s:s, s:o, s:{s:s, s:I, s:s, s:b}, "
			  "s:{s:I, s:I, s:I}, s:o}",
			  "kernel", "release", v->kernel.release, "build_id", v->build_id,
			  "product", v->product, "source", v->source, "database",
			  v->database_s ? database : NULL, "database_error", t->database_why,
			  "level", level_json(&v->level), "document", "id", v->issue.id, "version",
			  (json_int_t)v->issue.version, "timestamp", current, "told", !t->changed,
			  "counts", "affected", (json_int_t)n[VEX_AFFECTED], "fixed",
			  (json_int_t)n[VEX_FIXED], "not_affected", (json_int_t)n[VEX_NOT_AFFECTED],
			  "statements", statements_json(v)),
		err);
}

static void print_statement(const struct vex *v, const struct vex_statement *s)
{
	char id[CVE_ID_MAX];
	const char *justification = vex_justification_name(s->justification);

	cve_id_format(s->year, s->number, id);
	printf("%-16s %s%s%s\n", id, vex_status_name(s->status), justification ? ", " : "",
	       justification ? justification : "");
	printf("%17s%s\n", "", vex_text(v, s->notes));
	if (s->action)
		printf("%17s%s\n", "", vex_text(v, s->action));
}

static int print_screen(const struct vex_taken *t, bool one)
{
	const struct vex *v = &t->vex;
	char first[DATE_TEXT_MAX], current[DATE_TEXT_MAX];
	size_t n[VEX_STATUSES];

	if (one) {
		for (size_t i = 0; i < v->n; i++)
			print_statement(v, &v->v[i]);
		return 0;
	}
	count(v, n);
	vex_times(v, first, current);
	printf("product       %s\n", v->product);
	if (t->database_why[0])
		printf("database      %s\n", t->database_why);
	if (v->level.number)
		printf("level         %u, %s, %zu of %zu functions redirected\n", v->level.number,
		       v->level.state, v->level.redirected, v->level.wanted);
	else
		printf("level         none in the kernel\n");
	printf("affected      %zu\nfixed         %zu\nnot_affected  %zu\n", n[VEX_AFFECTED],
	       n[VEX_FIXED], n[VEX_NOT_AFFECTED]);
	if (!v->n)
		printf("document      none: nothing is to be stated\n");
	else if (t->changed)
		printf("document      version %u; the files of /" TELL_DIR " do not say this yet: "
		       "oakum vex --write\n",
		       v->issue.version);
	else
		printf("document      version %u of %s, signed, in /" TELL_DIR "\n",
		       v->issue.version, current);
	return 0;
}

static int print_document(const struct cli *cli, const struct vex *v, const char *name,
			  const char *output, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = vex_write(v, vex_format_parse(name), &text, err);

	if (r < 0)
		return r;
	if (!output) {
		(void)fwrite(text.data, 1, text.len, stdout);
		return 0;
	}
	r = file_write(AT_FDCWD, output, text.data, text.len, 0644, err);
	if (r == 0)
		progress_step(cli->progress, "wrote %s, %zu statements", output, v->n);
	return r;
}

static int take(const struct cli_args *args, int root, struct vex_taken *t, struct oak_error *err)
{
	struct vex_wanted w = { .database = cli_value(args, DATABASE, NULL),
				.all = args->opt[ALL].n > 0 };
	const char *cve = cli_value(args, CVE, NULL);
	char owner[SHA256_HEX_MAX];
	int r;

	if (cve && cve_id_parse(cve, &w.year, &w.number) < 0)
		return oak_fail(err, OAK_E_USAGE, "--cve '%.100s': an id is like CVE-2024-26581",
				cve);
	r = vex_take(root, &w, t, err);
	if (r < 0)
		return r;
	if (cve && !t->vex.n)
		return oak_fail(err, OAK_E_NOTFOUND,
				"%s: neither the CVE database nor a level on "
				"this host knows it",
				cve);
	read_owner(root, owner);
	return cve || w.all || w.database
		       ? vex_taken_issue_alone(t, owner, (int64_t)time(NULL), err)
		       : vex_taken_issue(root, t, owner, (int64_t)time(NULL), err);
}

static int answer(const struct cli *cli, const struct cli_args *args, int root,
		  struct oak_error *err)
{
	_cleanup_(vex_taken_clear) struct vex_taken t = { .changed = false };
	const char *format = cli_value(args, FORMAT, NULL);
	int r = take(args, root, &t, err);

	if (r < 0)
		return r;
	if (format)
		return print_document(cli, &t.vex, format, cli_value(args, OUTPUT, NULL), err);
	return cli->json ? print_json(&t, err) : print_screen(&t, args->opt[CVE].n > 0);
}

static int write_files(const struct cli *cli, int root, struct oak_error *err)
{
	_cleanup_(vex_taken_clear) struct vex_taken t = { .changed = false };
	_cleanup_(settings_free) struct settings s = { 0 };
	int r = settings_read(root, &s, err);

	if (r == 0 && !s.vex)
		r = oak_fail(err, OAK_E_REFUSED, "the setting 'vex' is 'none': nothing is written");
	if (r == 0)
		r = tell_vex(root, &s, (int64_t)time(NULL), &t, err);
	if (r < 0)
		return r;
	if (!t.vex.n)
		return oak_fail(err, OAK_E_NOTHING, "nothing to state%s%s",
				t.database_why[0] ? ": " : "", t.database_why);
	t.changed = false;
	return cli->json ? print_json(&t, err) : print_screen(&t, false);
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(closep) int root = -1;
	const char *root_path, *format = cli_value(args, FORMAT, NULL);
	int r = 0;

	if (format && vex_format_parse(format) == VEX_FORMATS)
		r = oak_fail(err, OAK_E_USAGE,
			     "--format '%.100s': openvex, csaf, cyclonedx or oval", format);
	if (r == 0 && args->opt[OUTPUT].n && !format)
		r = oak_fail(err, OAK_E_USAGE, "--output goes with --format");
	if (r == 0 && format && cli->json)
		r = oak_fail(err, OAK_E_USAGE, "--format and --json are two kinds of document");
	if (r == 0)
		r = oakum_open_root(args, &root, &root_path, err);
	if (r < 0)
		return r;
	if (args->opt[PUBLIC_KEY].n)
		return print_public(cli, root, err);
	return args->opt[WRITE].n ? write_files(cli, root, err) : answer(cli, args, root, err);
}

const struct verb verb_oakum_vex = {
	.name = "vex",
	.help = "what this host says to scanners about the CVEs of its kernel",
	.more = "Without --format: how many statements of each status; with --cve: that one. The agent\n"
		"keeps signed documents in /run/oakum, as the setting 'vex' says.",
	.options = options,
	.run = run,
};
