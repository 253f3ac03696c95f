/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <fcntl.h>

#include "base/file.h"
#include "cli/cli.h"

/* What the verb saw, as text: the program under test prints nothing else. */
static char seen[1024];

static int run_show(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf b = { 0 };

	(void)err;
	EXPECT(buf_printf(&b, "kernel=%s out=%s force=%zu cves=", cli_value(args, 0, "(none)"),
			  cli_value(args, 1, "."), args->opt[2].n) == 0);
	for (size_t i = 0; i < args->opt[3].n; i++)
		EXPECT(buf_printf(&b, "[%s]", args->opt[3].v[i]) == 0);
	for (size_t i = 0; i < args->n; i++)
		EXPECT(buf_printf(&b, " %s", args->v[i]) == 0);
	EXPECT(buf_printf(&b, "%s%s", cli->json ? " json" : "", cli->progress ? "" : " quiet") == 0);
	(void)snprintf(seen, sizeof(seen), "%s", buf_str(&b));
	return 0;
}

static int run_refuse(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	(void)cli;
	(void)args;
	return oak_fail(err, OAK_E_REFUSED, "data would change");
}

static int run_nothing(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	(void)cli;
	(void)args;
	(void)err;
	return -OAK_E_NOTHING;
}

static int run_json(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	(void)cli;
	(void)args;
	return cli_print_json(json_pack("{s:s}", "word", "aye"), err);
}

static const struct cli_option options[] = {
	{ .name = "kernel", .arg = "K", .help = "which", .required = true },
	{ .name = "out", .arg = "DIR", .help = "where", .letter = 'o' },
	{ .name = "force", .help = "a flag" },
	{ .name = "cve", .arg = "ID", .help = "which ones", .multi = true },
	{ 0 },
};
static const struct verb verb_show = { .name = "show",
				       .args = "FILE...",
				       .help = "shows it",
				       .more = "More about it.",
				       .min_args = 0,
				       .max_args = 2,
				       .options = options,
				       .run = run_show };
static const struct verb verb_two = { .name = "kernel add",
				      .args = "REFERENCE",
				      .help = "of two words",
				      .min_args = 1,
				      .max_args = 1,
				      .run = run_refuse };
static const struct verb verb_kernel = { .name = "kernel", .help = "of one", .run = run_nothing };
static const struct verb verb_json = { .name = "json", .help = "a document", .run = run_json };
static const struct verb *const verbs[] = { &verb_show, &verb_two, &verb_kernel, &verb_json, NULL };
static const struct program program = { .name = "prog", .about = "a program", .verbs = verbs };

/* Sends a stream to a file while the program runs. */
static int redirect(FILE *stream, const char *path)
{
	int saved = dup(fileno(stream));
	_cleanup_(closep) int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	EXPECT(saved >= 0 && fd >= 0);
	EXPECT(fflush(stream) == 0 && dup2(fd, fileno(stream)) >= 0);
	return saved;
}

static void restore(FILE *stream, int saved, const char *path, struct buf *ret)
{
	struct oak_error err = { .code = OAK_OK };

	EXPECT(fflush(stream) == 0 && dup2(saved, fileno(stream)) >= 0);
	(void)close(saved);
	EXPECT(file_read(AT_FDCWD, path, 65536, ret, &err) == 0);
}

/* Splits a line at spaces ("_" stands for an empty word) and runs it. */
static int run_line(const char *line, struct buf *ret_out, struct buf *ret_err)
{
	_cleanup_(freep) char *copy = strdup(line);
	_cleanup_(freep) char *out = path_join(test_dir(), "out");
	_cleanup_(freep) char *errs = path_join(test_dir(), "err");
	char *argv[16] = { NULL }, *save = NULL;
	int argc = 0, r, saved_out, saved_err;

	for (char *w = strtok_r(copy, " ", &save); w && argc < 15; w = strtok_r(NULL, " ", &save))
		argv[argc++] = strcmp(w, "_") == 0 ? w + 1 : w;
	seen[0] = '\0';
	saved_out = redirect(stdout, out);
	saved_err = redirect(stderr, errs);
	r = cli_main(&program, argc, argv);
	restore(stdout, saved_out, out, ret_out);
	restore(stderr, saved_err, errs, ret_err);
	return r;
}

TEST(cli_parses)
{
	static const struct {
		const char *line, *want;
	} cases[] = {
		{ "prog show --kernel a", "kernel=a out=. force=0 cves=" },
		{ "prog show --kernel=a --out=b", "kernel=a out=b force=0 cves=" },
		{ "prog show --kernel= x", "kernel= out=. force=0 cves= x" },
		{ "prog show --kernel a=b", "kernel=a=b out=. force=0 cves=" },
		{ "prog show x --kernel a y", "kernel=a out=. force=0 cves= x y" },
		{ "prog show --kernel a -o b x", "kernel=a out=b force=0 cves= x" },
		{ "prog show --kernel a --force", "kernel=a out=. force=1 cves=" },
		{ "prog show --cve 1 --kernel a --cve=2", "kernel=a out=. force=0 cves=[1][2]" },
		{ "prog show --kernel a -- --force -x", "kernel=a out=. force=0 cves= --force -x" },
		{ "prog --json show --kernel a --quiet", "kernel=a out=. force=0 cves= json quiet" },
		{ "prog show --kernel a -- --json", "kernel=a out=. force=0 cves= --json" },
		{ "prog show --kernel a -", "kernel=a out=. force=0 cves= -" },
		{ "prog show --kernel a _", "kernel=a out=. force=0 cves= " },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(buf_free) struct buf out = { 0 };
		_cleanup_(buf_free) struct buf err = { 0 };

		test_case = cases[i].line;
		EXPECT(run_line(cases[i].line, &out, &err) == 0);
		EXPECT_STR(seen, cases[i].want);
		EXPECT_STR(buf_str(&err), "");
	}
}

#define TRY "Try 'prog --help'.\n"

TEST(cli_refuses)
{
	static const struct {
		const char *line;
		int status;
		const char *want;
	} cases[] = {
		{ "prog", 2, "prog: no verb given\n" TRY },
		{ "prog sho", 2, "prog: unknown verb 'sho'\n" TRY },
		{ "prog show", 2, "prog: --kernel K is required\n" TRY },
		{ "prog show --kernel", 2, "prog: --kernel needs a value: K\n" TRY },
		{ "prog show --kernel a --kernel b", 2, "prog: --kernel is given twice\n" TRY },
		{ "prog show --kernel a --force --force", 2, "prog: --force is given twice\n" TRY },
		{ "prog show --kernel a --force=1", 2, "prog: --force takes no value\n" TRY },
		{ "prog show --kern a", 2, "prog: unknown option --kern\n" TRY },
		{ "prog show --kernel a --what=1", 2, "prog: unknown option --what\n" TRY },
		{ "prog show --kernel a -o", 2, "prog: --out needs a value: DIR\n" TRY },
		{ "prog show --kernel a -o b --out c", 2, "prog: --out is given twice\n" TRY },
		{ "prog show --kernel a -ob", 2, "prog: unknown option -ob\n" TRY },
		{ "prog show --kernel a -x", 2, "prog: unknown option -x\n" TRY },
		{ "prog show --kernel a 1 2 3", 2, "prog: unexpected argument '3'\n" TRY },
		{ "prog kernel add", 2, "prog: missing argument: REFERENCE\n" TRY },
		{ "prog kernel add x", 4, "prog: data would change\n" },
		{ "prog kernel", 3, "" },
		{ "prog kernel remove", 2, "prog: unexpected argument 'remove'\n" TRY },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(buf_free) struct buf out = { 0 };
		_cleanup_(buf_free) struct buf err = { 0 };

		test_case = cases[i].line;
		EXPECT(run_line(cases[i].line, &out, &err) == cases[i].status);
		EXPECT_STR(buf_str(&err), cases[i].want);
		EXPECT_STR(buf_str(&out), "");
		EXPECT_STR(seen, "");
	}
}

TEST(cli_helps_on_standard_output)
{
	static const struct {
		const char *line, *part;
	} cases[] = {
		{ "prog --help", "prog - a program\n\nusage: prog VERB" },
		{ "prog --help", "kernel add" },
		{ "prog -h", "exit status: 0 done" },
		{ "prog show --help", "usage: prog show [OPTION]... FILE...\n" },
		{ "prog --help show", "--kernel K" },
		{ "prog show --help", "-o, --out DIR" },
		{ "prog show --help", "which ones (repeatable)" },
		{ "prog show --help", "which (required)" },
		{ "prog show --help", "\nMore about it.\n" },
		{ "prog kernel add --help", "prog kernel add - of two words" },
		{ "prog --version", "prog " OAK_VERSION "\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(buf_free) struct buf out = { 0 };
		_cleanup_(buf_free) struct buf err = { 0 };

		test_case = cases[i].line;
		EXPECT(run_line(cases[i].line, &out, &err) == 0);
		EXPECT_CONTAINS(buf_str(&out), cases[i].part);
		EXPECT_STR(buf_str(&err), "");
	}
}

TEST(cli_json_carries_its_schema)
{
	_cleanup_(buf_free) struct buf out = { 0 };
	_cleanup_(buf_free) struct buf err = { 0 };

	EXPECT(run_line("prog json --json", &out, &err) == 0);
	EXPECT_STR(buf_str(&out), "{\n  \"schema\": 1,\n  \"word\": \"aye\"\n}\n");
	EXPECT_STR(buf_str(&err), "");
}
