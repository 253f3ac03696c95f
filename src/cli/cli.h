/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli: one file a verb; the only room that prints.
 *
 * Each program is a table of verbs (see main-*.c). cli_main() parses the options that every verb
 * has (--json, --help, --quiet, --version), finds the verb by its exact name, runs it and turns
 * the result into the exit status (see oak_exit_code()). Results go to stdout, messages and
 * progress to stderr; with --json stdout carries exactly one JSON document.
 *
 * To add a verb: one file verb-<program>-<name>.c that defines a const struct verb, one row in
 * the program's table.
 */
#ifndef OAK_CLI_CLI_H
#define OAK_CLI_CLI_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include "base/error.h"
#include "base/progress.h"

struct verb;

struct cli {
	const char *program;     /* "oakum-build" */
	const struct verb *verb; /* that runs: one function may serve many rows */
	bool json;
	bool quiet;
	bool color;                      /* stdout is a terminal and NO_COLOR is unset */
	const struct progress *progress; /* prints to stderr; NULL with --quiet */
};

/* One option of a verb. Values land in struct cli_args in the order of the table. */
struct cli_option {
	const char *name; /* without "--" */
	const char *arg;  /* placeholder of the value; NULL: a flag */
	const char *help;
	char letter; /* 'o' where "-o VALUE" means the same; or 0 */
	bool multi;  /* may be given several times */
	bool required;
};

#define CLI_OPTIONS_MAX 28

/* Values of one option: n == 0 where absent; a flag that is present has n == 1, v == NULL. */
struct cli_values {
	size_t n;
	const char **v;
};

struct cli_args {
	struct cli_values opt[CLI_OPTIONS_MAX]; /* parallel to verb->options */
	size_t n;                               /* positional arguments */
	const char **v;
};

struct verb {
	const char *name;                 /* "kernel add" for a verb of two words */
	const char *args;                 /* positional arguments, for --help: "FIX.patch..." */
	const char *help;                 /* one line */
	const char *more;                 /* further text for --help, or NULL */
	int min_args, max_args;           /* max_args < 0: any number */
	const struct cli_option *options; /* ends with a row whose name is NULL; or NULL */
	int (*run)(const struct cli *cli, const struct cli_args *args, struct oak_error *err);
};

struct program {
	const char *name;
	const char *about;               /* one line */
	const struct verb *const *verbs; /* NULL-terminated */
	/*
	 * Programs within it, NULL-terminated, or NULL: "oakum fleet" has verbs of its own. Such a one has a row
	 * among the verbs too, for --help.
	 */
	const struct program *const *programs;
};

/* The whole of main(). Prints errors; returns the exit status. */
int cli_main(const struct program *program, int argc, char **argv);

/* The value of option number @i, or @otherwise. */
const char *cli_value(const struct cli_args *args, size_t i, const char *otherwise);

/* Prints one JSON document to stdout, adding "schema": 1, and drops the reference. */
int cli_print_json(json_t *document, struct oak_error *err);

/* Terminal colours: "" where colour is off. */
enum cli_color {
	CLI_RED,
	CLI_GREEN,
	CLI_YELLOW,
	CLI_BOLD,
	CLI_DIM,
	CLI_RESET
};
const char *cli_color(const struct cli *cli, enum cli_color c);

#endif
