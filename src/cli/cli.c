/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/cli.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"

#define VERB_WORDS_MAX 2

const char *cli_value(const struct cli_args *args, size_t i, const char *otherwise)
{
	return args->opt[i].n && args->opt[i].v[0] ? args->opt[i].v[0] : otherwise;
}

const char *cli_color(const struct cli *cli, enum cli_color c)
{
	static const char *const codes[] = {
		[CLI_RED] = "\033[31m", [CLI_GREEN] = "\033[32m", [CLI_YELLOW] = "\033[33m",
		[CLI_BOLD] = "\033[1m", [CLI_DIM] = "\033[2m",    [CLI_RESET] = "\033[0m",
	};

	return cli->color ? codes[c] : "";
}

int cli_print_json(json_t *document, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *j = document;
	_cleanup_(freep) char *text = NULL;

	if (!j || json_object_set_new(j, "schema", json_integer(1)) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	text = json_text(j);
	if (!text)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (fputs(text, stdout) == EOF || fflush(stdout) == EOF)
		return oak_fail(err, OAK_E_IO, "cannot write to standard output");
	return 0;
}

static void print_step(void *ctx, const char *text)
{
	(void)ctx;
	(void)fprintf(stderr, "%s\n", text);
}

#define COLUMN_MIN 12 /* of the verbs; "--version" is no wider */

static int column_of(const struct program *p)
{
	size_t widest = COLUMN_MIN;

	for (size_t i = 0; p->verbs[i]; i++)
		if (strlen(p->verbs[i]->name) > widest)
			widest = strlen(p->verbs[i]->name);
	return (int)widest;
}

static void program_help(const struct program *p)
{
	static const char *const common[][2] = {
		{ "--json", "one JSON document on standard output" },
		{ "--quiet", "no progress" },
		{ "--help", "this text, or that of the verb" },
		{ "--version", "the version" },
	};
	int column = column_of(p);

	printf("%s - %s\n\nusage: %s VERB [OPTION]... [ARGUMENT]...\n\nverbs:\n", p->name, p->about,
	       p->name);
	for (size_t i = 0; p->verbs[i]; i++)
		printf("  %-*s %s\n", column, p->verbs[i]->name, p->verbs[i]->help);
	printf("\noptions of every verb:\n");
	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		printf("  %-*s %s\n", column, common[i][0], common[i][1]);
	printf("\nexit status: 0 done, 1 failed, 2 usage, 3 nothing to do, 4 refused,\n"
	       "  5 kernel not supported, 6 not permitted, 75 try again later\n");
}

static void verb_help(const struct program *p, const struct verb *v)
{
	printf("%s %s - %s\n\nusage: %s %s%s%s%s\n", p->name, v->name, v->help, p->name, v->name,
	       v->options ? " [OPTION]..." : "", v->args ? " " : "", v->args ? v->args : "");
	if (v->options) {
		printf("\noptions:\n");
		for (const struct cli_option *o = v->options; o->name; o++) {
			const char letter[] = { '-', o->letter, ',', ' ', '\0' };
			char left[64];

			(void)snprintf(left, sizeof(left), "%s--%s%s%s", o->letter ? letter : "",
				       o->name, o->arg ? " " : "", o->arg ? o->arg : "");
			printf("  %-26s %s%s%s\n", left, o->help, o->multi ? " (repeatable)" : "",
			       o->required ? " (required)" : "");
		}
	}
	if (v->more)
		printf("\n%s\n", v->more);
}

/* The verb that the words name, and how many words that took; longest names first. */
static const struct verb *find_verb(const struct program *p, char **words, int n, int *ret_words)
{
	for (int take = VERB_WORDS_MAX; take > 0; take--) {
		char name[128] = "";

		if (n < take)
			continue;
		for (int i = 0; i < take; i++) {
			size_t len = strlen(name);

			(void)snprintf(name + len, sizeof(name) - len, "%s%s", i ? " " : "",
				       words[i]);
		}
		for (size_t i = 0; p->verbs[i]; i++) {
			if (strcmp(p->verbs[i]->name, name) == 0) {
				*ret_words = take;
				return p->verbs[i];
			}
		}
	}
	return NULL;
}

static int add_value(struct cli_values *values, const struct cli_option *o, const char *value,
		     struct oak_error *err)
{
	const char **v;

	if (values->n && !o->multi)
		return oak_fail(err, OAK_E_USAGE, "--%s is given twice", o->name);
	v = reallocarray(values->v, values->n + 1, sizeof(*v));
	if (!v)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	values->v = v;
	v[values->n++] = value;
	return 0;
}

static bool is_option(const char *word)
{
	return word[0] == '-' && word[1] != '\0';
}

/* Whether a word, up to its length or '=', names the option. */
static bool names_option(const struct cli_option *o, const char *word, size_t len)
{
	if (strncmp(word, "--", 2) == 0)
		return strlen(o->name) == len - 2 && strncmp(o->name, word + 2, len - 2) == 0;
	return o->letter && len == 2 && word[1] == o->letter;
}

/* Takes one "--name", "--name value", "--name=value" or "-n value"; returns the words consumed. */
static int parse_option(const struct verb *v, int argc, char **argv, struct cli_args *args,
			struct oak_error *err)
{
	const char *word = argv[0], *eq = strchr(word, '=');
	size_t len = eq ? (size_t)(eq - word) : strlen(word);

	for (size_t i = 0; v->options && v->options[i].name; i++) {
		const struct cli_option *o = &v->options[i];
		const char *value = eq ? eq + 1 : NULL;
		int r, used = 1;

		if (!names_option(o, word, len))
			continue;
		assert(i < CLI_OPTIONS_MAX);
		if (!o->arg && eq)
			return oak_fail(err, OAK_E_USAGE, "--%s takes no value", o->name);
		if (o->arg && !eq) {
			if (argc < 2)
				return oak_fail(err, OAK_E_USAGE, "--%s needs a value: %s", o->name,
						o->arg);
			value = argv[1];
			used = 2;
		}
		r = add_value(&args->opt[i], o, value, err);
		return r < 0 ? r : used;
	}
	return oak_fail(err, OAK_E_USAGE, "unknown option %.*s", (int)len, word);
}

static int parse_args(const struct verb *v, int argc, char **argv, struct cli_args *args,
		      struct oak_error *err)
{
	bool only_words = false;

	args->v = calloc((size_t)argc + 1, sizeof(*args->v));
	if (!args->v)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (int i = 0; i < argc;) {
		int r;

		if (only_words || !is_option(argv[i])) {
			args->v[args->n++] = argv[i++];
			continue;
		}
		if (strcmp(argv[i], "--") == 0) {
			only_words = true;
			i++;
			continue;
		}
		r = parse_option(v, argc - i, argv + i, args, err);
		if (r < 0)
			return r;
		i += r;
	}
	for (size_t i = 0; v->options && v->options[i].name; i++)
		if (v->options[i].required && !args->opt[i].n)
			return oak_fail(err, OAK_E_USAGE, "--%s %s is required", v->options[i].name,
					v->options[i].arg ? v->options[i].arg : "");
	if (args->n < (size_t)v->min_args)
		return oak_fail(err, OAK_E_USAGE, "missing argument: %s", v->args);
	if (v->max_args >= 0 && args->n > (size_t)v->max_args)
		return oak_fail(err, OAK_E_USAGE, "unexpected argument '%s'", args->v[v->max_args]);
	return 0;
}

static void free_args(struct cli_args *args)
{
	for (size_t i = 0; i < CLI_OPTIONS_MAX; i++)
		free(args->opt[i].v);
	free(args->v);
}

/* Removes the options that every verb has from argv; they may stand anywhere before "--". */
static int take_common(struct cli *cli, int argc, char **argv, bool *help, bool *version)
{
	int n = 0;
	bool only_words = false;

	for (int i = 0; i < argc; i++) {
		const struct {
			const char *name;
			bool *flag;
		} common[] = { { "--json", &cli->json },
			       { "--quiet", &cli->quiet },
			       { "--help", help },
			       { "-h", help },
			       { "--version", version } };
		bool taken = false;

		only_words = only_words || strcmp(argv[i], "--") == 0;
		for (size_t k = 0; !only_words && k < sizeof(common) / sizeof(common[0]); k++)
			if (strcmp(argv[i], common[k].name) == 0)
				taken = *common[k].flag = true;
		if (!taken)
			argv[n++] = argv[i];
	}
	return n;
}

static int report(const struct cli *cli, int r, const struct oak_error *err)
{
	if (r >= 0)
		return oak_exit_code(r);
	if (err->msg[0])
		(void)fprintf(stderr, "%s: %s\n", cli->program, err->msg);
	if (r == -OAK_E_USAGE && err->msg[0])
		(void)fprintf(stderr, "Try '%s --help'.\n", cli->program);
	return oak_exit_code(r);
}

/* The program that the first word names within @p; NULL: none. */
static const struct program *find_program(const struct program *p, const char *word)
{
	size_t len = strlen(p->name);

	for (size_t i = 0; p->programs && p->programs[i]; i++)
		if (strncmp(p->programs[i]->name, p->name, len) == 0 &&
		    p->programs[i]->name[len] == ' ' &&
		    strcmp(p->programs[i]->name + len + 1, word) == 0)
			return p->programs[i];
	return NULL;
}

int cli_main(const struct program *program, int argc, char **argv)
{
	const struct progress progress = { .step = print_step };
	struct cli cli = { .program = program->name };
	struct oak_error err = { .code = OAK_OK };
	struct cli_args args = { 0 };
	bool help = false, version = false;
	const struct verb *v;
	int n, words = 0, r;

	n = take_common(&cli, argc - 1, argv + 1, &help, &version);
	if (n > 0 && find_program(program, argv[1])) {
		program = find_program(program, argv[1]);
		cli.program = program->name;
		argv++;
		n--;
	}
	cli.color = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	cli.progress = cli.quiet ? NULL : &progress;
	if (version) {
		printf("%s " OAK_VERSION "\n", program->name);
		return 0;
	}
	if (n == 0) {
		if (help) {
			program_help(program);
			return 0;
		}
		return report(&cli, oak_fail(&err, OAK_E_USAGE, "no verb given"), &err);
	}
	v = find_verb(program, argv + 1, n, &words);
	if (!v)
		return report(&cli, oak_fail(&err, OAK_E_USAGE, "unknown verb '%s'", argv[1]), &err);
	if (help) {
		verb_help(program, v);
		return 0;
	}
	cli.verb = v;
	r = parse_args(v, n - words, argv + 1 + words, &args, &err);
	if (r == 0)
		r = v->run(&cli, &args, &err);
	free_args(&args);
	if (fflush(stdout) == EOF && r == 0)
		r = oak_fail(&err, OAK_E_IO, "cannot write to standard output");
	return report(&cli, r, &err);
}
