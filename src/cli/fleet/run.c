/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "cli/fleet/fleet.h"

#define PAGES_MAX 100000

/* One command line on its way to a request. */
struct request {
	struct fleet_session *s;
	const struct fleet_command *c;
	const struct cli_args *args;
	struct buf target;
	json_t *body;
	size_t used; /* positional arguments that stand in the path or the body */
	bool limited, query;
};

static int no_memory(struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOMEM, "out of memory");
}

/* "/api/v1/hosts/{host}" with the next argument in the place of the braces. */
static int fill_path(struct request *q, struct oak_error *err)
{
	const char *p = q->c->path;

	for (const char *brace = strchr(p, '{'); brace; brace = strchr(p, '{')) {
		size_t len = strcspn(brace + 1, "}");
		_cleanup_(freep) char *kind = strndup(brace + 1, len), *id = NULL;
		int r;

		if (!kind || buf_add(&q->target, p, (size_t)(brace - p)) < 0)
			return no_memory(err);
		r = fleet_resolve(q->s, kind, q->args->v[q->used++], &id, err);
		if (r < 0)
			return r;
		if (fleet_quote(&q->target, id) < 0)
			return no_memory(err);
		p = brace + len + 2;
	}
	return buf_add_str(&q->target, p) < 0 ? no_memory(err) : 0;
}

static int add_query(struct request *q, const char *name, const char *value, struct oak_error *err)
{
	if (buf_printf(&q->target, "%c%s=", q->query ? '&' : '?', name) < 0 ||
	    fleet_quote(&q->target, value) < 0)
		return no_memory(err);
	q->query = true;
	return 0;
}

static int parse_number(const char *name, const char *text, json_int_t *ret, struct oak_error *err)
{
	size_t len = strspn(text, "0123456789");

	if (!len || len > 15 || text[len])
		return oak_fail(err, OAK_E_USAGE, "--%s '%s': must be a whole number", name, text);
	for (*ret = 0; *text; text++)
		*ret = *ret * 10 + (*text - '0');
	return 0;
}

/* "30d" from now, or seconds since the epoch. */
static int parse_time(const char *name, const char *text, json_int_t *ret, struct oak_error *err)
{
	static const struct {
		char unit;
		json_int_t s;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 } };
	_cleanup_(freep) char *digits = strdup(text);
	size_t len = strlen(text);

	if (!digits)
		return no_memory(err);
	for (size_t i = 0; len > 1 && i < sizeof(units) / sizeof(units[0]); i++) {
		if (text[len - 1] != units[i].unit)
			continue;
		digits[len - 1] = '\0';
		if (len > 9 || parse_number(name, digits, ret, err) < 0)
			break;
		*ret = *ret * units[i].s + time(NULL);
		return 0;
	}
	if (parse_number(name, text, ret, err) < 0)
		return oak_fail(err, OAK_E_USAGE,
				"--%s '%s': must be like 12h, 30d or 4w, or seconds since the epoch",
				name, text);
	return 0;
}

static json_t *list_of(const struct cli_values *values)
{
	json_t *list = json_array();

	for (size_t i = 0; i < values->n; i++)
		(void)json_array_append_new(list, json_string(values->v[i]));
	return list;
}

static int member_value(const char *option, const struct fleet_use *use,
			const struct cli_values *values, json_t **ret, struct oak_error *err)
{
	const char *text = values->v[0] ? values->v[0] : use->value;
	json_int_t n = 0;
	int r = 0;

	if (use->kind == FLEET_NUMBER)
		r = parse_number(option, text, &n, err);
	if (use->kind == FLEET_TIME)
		r = parse_time(option, text, &n, err);
	if (r < 0)
		return r;
	switch (use->kind) {
	case FLEET_NUMBER:
	case FLEET_TIME:
		*ret = json_integer(n);
		break;
	case FLEET_SWITCH:
		*ret = json_boolean(!use->value || strcmp(use->value, "true") == 0);
		break;
	case FLEET_LIST:
		*ret = list_of(values);
		break;
	case FLEET_QUERY:
	case FLEET_FLAG:
	case FLEET_TEXT:
	case FLEET_NOT:
		*ret = json_string(text);
		break;
	}
	return *ret ? 0 : oak_fail(err, OAK_E_USAGE, "--%s: is not UTF-8 text", option);
}

static int use_option(struct request *q, size_t i, struct oak_error *err)
{
	const char *option = q->c->verb.options[i].name;
	const struct fleet_use *use = &q->c->uses[i];
	const struct cli_values *values = &q->args->opt[i];
	char name[64];
	json_t *value = NULL;
	int r;

	if (!values->n || use->kind == FLEET_NOT)
		return 0;
	(void)snprintf(name, sizeof(name), "%s", use->name ? use->name : option);
	for (char *p = name; *p; p++)
		if (*p == '-')
			*p = '_';
	q->limited = q->limited || strcmp(name, "limit") == 0;
	if (use->kind == FLEET_QUERY)
		return add_query(q, name, values->v[0], err);
	if (use->kind == FLEET_FLAG)
		return add_query(q, name, use->value ? use->value : "true", err);
	r = member_value(option, use, values, &value, err);
	if (r == 0 && json_object_set_new(q->body, name, value) < 0)
		r = no_memory(err);
	return r;
}

static bool has_body(const struct fleet_command *c)
{
	if (c->body || c->fill)
		return true;
	for (size_t i = 0; c->uses && c->verb.options[i].name; i++)
		if (c->uses[i].kind >= FLEET_TEXT && c->uses[i].kind < FLEET_NOT)
			return true;
	return false;
}

static int make_request(struct request *q, struct oak_error *err)
{
	int r = fill_path(q, err);

	if (r == 0 && has_body(q->c)) {
		q->body = json_object();
		if (!q->body)
			return no_memory(err);
	}
	for (size_t i = 0; r == 0 && q->c->uses && q->c->verb.options[i].name; i++)
		r = use_option(q, i, err);
	if (r == 0 && q->c->body && q->used < q->args->n &&
	    json_object_set_new(q->body, q->c->body, json_string(q->args->v[q->used++])) < 0)
		r = oak_fail(err, OAK_E_USAGE, "%s: is not UTF-8 text", q->c->body);
	if (r == 0 && q->c->fill)
		r = q->c->fill(q->args, q->body, err);
	return r;
}

/* The further pages' rows go into the first one's answer. */
static int further_pages(struct request *q, json_t *answer, struct oak_error *err)
{
	json_t *rows = json_object_get(answer, q->c->list);

	for (int i = 0; i < PAGES_MAX && json_get_str(answer, "next"); i++) {
		_cleanup_(buf_free) struct buf target = { 0 };
		_cleanup_(json_decrefp) json_t *page = NULL;
		int r;

		if (buf_printf(&target, "%s%cafter=", buf_str(&q->target), q->query ? '&' : '?') <
			    0 ||
		    fleet_quote(&target, json_get_str(answer, "next")) < 0)
			return no_memory(err);
		r = fleet_call(q->s, "GET", buf_str(&target), NULL, &page, err);
		if (r < 0)
			return r;
		if (json_array_extend(rows, json_object_get(page, q->c->list)) < 0 ||
		    json_object_set(answer, "next", json_object_get(page, "next")) < 0)
			return no_memory(err);
	}
	return 0;
}

static int ask(struct request *q, json_t **ret, struct oak_error *err)
{
	int r = make_request(q, err);

	if (r == 0 && q->c->pages && !q->limited)
		r = add_query(q, "limit", "1000", err);
	if (r == 0)
		r = fleet_call(q->s, q->c->method, buf_str(&q->target), q->body, ret, err);
	if (r == 0 && q->c->pages && !q->limited && *ret)
		r = further_pages(q, *ret, err);
	return r;
}

static void show(const struct cli *cli, const struct fleet_command *c, const json_t *answer)
{
	const char *secret = c->secret ? json_get_str(answer, c->secret) : NULL;

	if (c->show)
		c->show(cli, answer);
	else if (c->list)
		fleet_table(cli, json_object_get(answer, c->list), c->columns);
	else if (c->columns && answer)
		fleet_record(cli, answer, c->columns);
	(void)fflush(stdout); /* what is said of it comes after it */
	if (c->list && json_get_str(answer, "next") && !cli->quiet)
		(void)fprintf(stderr, "there are more: leave --limit out, or say --after %s\n",
			      json_get_str(answer, "next"));
	if (c->done && !cli->quiet)
		(void)fprintf(stderr, "%s\n", c->done);
	if (secret)
		printf("%s\n", secret);
}

int fleet_run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	/* The verb is the first member of its row. */
	const struct fleet_command *c = (const struct fleet_command *)(const void *)cli->verb;
	_cleanup_(fleet_close) struct fleet_session s = { 0 };
	_cleanup_(json_decrefp) json_t *answer = NULL;
	struct request q = { .s = &s, .c = c, .args = args };
	int r = fleet_open(cli, &s, err);

	if (r == 0)
		r = ask(&q, &answer, err);
	buf_free(&q.target);
	json_decref(q.body);
	if (r < 0)
		return r;
	if (cli->json)
		return cli_print_json(answer ? take_ptr(answer) : json_object(), err);
	show(cli, c, answer);
	return 0;
}
