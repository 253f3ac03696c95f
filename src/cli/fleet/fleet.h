/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fleet: "oakum fleet ...": the API of the fleet's server on the command line. A call is one row of a table
 * (commands-*.c): its words, method and path, where its options go, which columns people see.
 *
 * To add a call: a row, and a case in tests/fleet/fleet-cli.test.sh.
 */
#ifndef OAK_CLI_FLEET_FLEET_H
#define OAK_CLI_FLEET_FLEET_H

#include <jansson.h>

#include "base/cleanup.h"
#include "cli/cli.h"
#include "trust/http.h"

/* Whom to ask, and how: ~/.config/oakum/fleet.json, or OAKUM_FLEET_URL and OAKUM_FLEET_TOKEN. */
struct fleet_config {
	char *url;   /* without a slash at its end */
	char *token; /* "oakum-api-..." */
	char *ca;    /* file of PEM, or NULL */
	bool pinned; /* @ca is the server's own certificate */
};
void fleet_config_clear(struct fleet_config *c); /* also the guard */
int fleet_config_read(struct fleet_config *ret, struct oak_error *err) _must_check_;
int fleet_config_write(const struct fleet_config *c, struct oak_error *err) _must_check_;
int fleet_config_remove(struct oak_error *err) _must_check_; /* OAK_E_NOTHING: there was none */
/* "~/.config/oakum/<name>", on the heap. */
int fleet_config_path(const char *name, char **ret, struct oak_error *err) _must_check_;

struct fleet_session {
	const struct cli *cli;
	struct fleet_config config;
	struct http_client *http;
};
int fleet_open(const struct cli *cli, struct fleet_session *ret, struct oak_error *err)
	_must_check_;
int fleet_connect(const struct cli *cli, const struct fleet_config *config,
		  struct fleet_session *ret, struct oak_error *err) _must_check_;
void fleet_close(struct fleet_session *s); /* also the guard */

/*
 * One call. @target: path and query. @ret: the answer, or NULL where it has none. A problem document
 * becomes an error: 401 and 403 OAK_E_PERMISSION, 404 NOTFOUND, 409, 412 and 422 REFUSED, 400 USAGE, 413
 * TOOLARGE, 429 and 5xx AGAIN (500: FAILED).
 */
int fleet_call(struct fleet_session *s, const char *method, const char *target, const json_t *body,
	       json_t **ret, struct oak_error *err) _must_check_;

/* Server-sent events from after @after ("": from now) to @each, until it returns not 0. */
int fleet_follow(struct fleet_session *s, const char *after,
		 int (*each)(void *ctx, const json_t *event), void *ctx, struct oak_error *err)
	_must_check_;

/* "%XX" of everything but letters, digits and "-._~": for a part of a path or a query. */
int fleet_quote(struct buf *b, const char *text) _must_check_;

/* A name, an id or what else stands for one, as an id on the heap; see resolve.c for kinds. */
int fleet_resolve(struct fleet_session *s, const char *kind, const char *text, char **ret,
		  struct oak_error *err) _must_check_;

/* How an option reaches the server. */
enum fleet_use_kind {
	FLEET_QUERY,  /* parameter */
	FLEET_FLAG,   /* parameter "true" */
	FLEET_TEXT,   /* member of the body */
	FLEET_NUMBER, /* the same, a number */
	FLEET_SWITCH, /* the same, true */
	FLEET_LIST,   /* the same, a list of what was given */
	FLEET_TIME,   /* the same: "30d" from now, or seconds since the epoch */
	FLEET_NOT,    /* looked at by the command alone */
};
struct fleet_use {
	enum fleet_use_kind kind;
	const char *name;  /* of the parameter or member; NULL: the option's own, '-' as '_' */
	const char *value; /* of FLEET_FLAG and FLEET_TEXT without an argument; NULL: "true" */
};

enum fleet_shape {
	FLEET_PLAIN,
	FLEET_AT,   /* a time */
	FLEET_AGO,  /* a time, as how long ago it is */
	FLEET_WORDS /* a list */
};
struct fleet_column {
	const char *title, *path; /* "kernel.release" */
	enum fleet_shape shape;
};

/* @verb must be the first member: the verb's run() finds the row by it. */
struct fleet_command {
	struct verb verb;
	const char *method, *path;    /* each "{kind}" of it takes an argument; see resolve.c */
	const struct fleet_use *uses; /* parallel to verb.options */
	const char *body;             /* member that the next argument is */
	const char *list;             /* member of the answer that holds the rows */
	const struct fleet_column *columns; /* ends with a row without a title */
	const char *done;                   /* told people after a change; NULL */
	const char *secret;                 /* member that is shown once, on a line of its own */
	bool pages;                         /* walks through all pages, unless --limit is given */
	/* Writes more into the body; NULL. */
	int (*fill)(const struct cli_args *args, json_t *body, struct oak_error *err);
	/* Shows the answer to people; NULL: by the columns. */
	void (*show)(const struct cli *cli, const json_t *answer);
};

int fleet_run(const struct cli *cli, const struct cli_args *args, struct oak_error *err);

/* The words of @path, "-" where there is nothing; on the heap, NULL: out of memory. */
char *fleet_cell(const json_t *row, const struct fleet_column *c);
void fleet_table(const struct cli *cli, const json_t *rows, const struct fleet_column *columns);
void fleet_record(const struct cli *cli, const json_t *row, const struct fleet_column *columns);
/* Text of others on a terminal: control characters become '?'. */
void fleet_print(const char *text);

#endif
