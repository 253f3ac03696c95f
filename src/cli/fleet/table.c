/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "cli/fleet/fleet.h"

#define COLUMNS_MAX 12
#define CELL_MAX    60 /* characters of a table's cell; a record has it whole */

/* U+0080 to U+009F are control characters of terminals, too. */
void fleet_print(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	for (; *p; p++) {
		if (*p < ' ' || *p == 0x7f) {
			(void)putchar('?');
		} else if (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0) {
			(void)putchar('?');
			p++;
		} else {
			(void)putchar(*p);
		}
	}
}

static const json_t *find(const json_t *row, const char *path)
{
	while (row && *path) {
		size_t len = strcspn(path, ".");
		char name[64];

		(void)snprintf(name, sizeof(name), "%.*s", (int)len, path);
		row = json_object_get(row, name);
		path += len + (path[len] == '.');
	}
	return row;
}

static void ago(int64_t at, char *ret, size_t size)
{
	static const struct {
		int64_t s;
		char unit;
	} units[] = { { 172800, 'd' }, { 7200, 'h' }, { 120, 'm' }, { 0, 's' } };
	static const int64_t of[] = { 86400, 3600, 60, 1 };
	int64_t s = time(NULL) - at;

	if (s < 0)
		s = 0;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (s >= units[i].s) {
			(void)snprintf(ret, size, "%" PRIi64 " %c ago", s / of[i], units[i].unit);
			return;
		}
	}
}

static void at(int64_t t, char *ret, size_t size)
{
	time_t s = (time_t)t;
	struct tm tm;

	if (!gmtime_r(&s, &tm) || !strftime(ret, size, "%Y-%m-%d %H:%M:%SZ", &tm))
		(void)snprintf(ret, size, "%" PRIi64, t);
}

static int add_words(struct buf *b, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *word = json_string_value(json_array_get(list, i));

		if (buf_printf(b, "%s%s", i ? ", " : "", word ? word : "?") < 0)
			return -1;
	}
	return 0;
}

/* Of an object its names. */
static int add_names(struct buf *b, const json_t *object)
{
	const char *name;
	json_t *value;
	bool first = true;

	json_object_foreach((json_t *)(uintptr_t)object, name, value)
	{
		if (buf_printf(b, "%s%s", first ? "" : ", ", name) < 0)
			return -1;
		first = false;
	}
	return 0;
}

static int add_value(struct buf *b, const json_t *v, enum fleet_shape shape)
{
	char text[64];

	if (json_is_integer(v) && (shape == FLEET_AT || shape == FLEET_AGO)) {
		if (!json_integer_value(v))
			return 0;
		(shape == FLEET_AT ? at : ago)(json_integer_value(v), text, sizeof(text));
		return buf_add_str(b, text);
	}
	if (json_is_array(v))
		return add_words(b, v);
	if (json_is_object(v))
		return add_names(b, v);
	if (json_is_string(v))
		return buf_add_str(b, json_string_value(v));
	if (json_is_integer(v))
		return buf_printf(b, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	if (json_is_boolean(v))
		return buf_add_str(b, json_is_true(v) ? "yes" : "no");
	return 0;
}

char *fleet_cell(const json_t *row, const struct fleet_column *c)
{
	_cleanup_(buf_free) struct buf b = { 0 };

	if (add_value(&b, find(row, c->path), c->shape) < 0)
		return NULL;
	return strdup(b.len ? buf_str(&b) : "-");
}

/* Characters, not bytes. */
static size_t width(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

/* Cuts after @max characters. */
static void cut(char *text, size_t max)
{
	size_t n = 0;

	for (char *p = text; *p; p++) {
		n += ((unsigned char)*p & 0xc0) != 0x80;
		if (n > max) {
			*p = '\0';
			return;
		}
	}
}

static void measure(const json_t *rows, const struct fleet_column *columns, size_t *widths)
{
	for (size_t k = 0; k < COLUMNS_MAX && columns[k].title; k++) {
		widths[k] = width(columns[k].title);
		for (size_t i = 0; i < json_array_size(rows); i++) {
			_cleanup_(freep) char *cell =
				fleet_cell(json_array_get(rows, i), &columns[k]);
			size_t w = cell ? width(cell) : 0;

			if (w > CELL_MAX)
				w = CELL_MAX;
			if (w > widths[k])
				widths[k] = w;
		}
	}
}

static void print_padded(const char *text, size_t to, bool last)
{
	size_t w = width(text);

	fleet_print(text);
	if (!last)
		printf("%*s", (int)(to > w ? to - w : 0) + 2, "");
}

void fleet_table(const struct cli *cli, const json_t *rows, const struct fleet_column *columns)
{
	size_t widths[COLUMNS_MAX] = { 0 };

	if (!json_array_size(rows)) {
		if (!cli->quiet)
			(void)fprintf(stderr, "none\n");
		return;
	}
	measure(rows, columns, widths);
	printf("%s", cli_color(cli, CLI_BOLD));
	for (size_t k = 0; k < COLUMNS_MAX && columns[k].title; k++)
		print_padded(columns[k].title, widths[k], !columns[k + 1].title);
	printf("%s\n", cli_color(cli, CLI_RESET));
	for (size_t i = 0; i < json_array_size(rows); i++) {
		for (size_t k = 0; k < COLUMNS_MAX && columns[k].title; k++) {
			_cleanup_(freep) char *cell =
				fleet_cell(json_array_get(rows, i), &columns[k]);

			if (cell)
				cut(cell, CELL_MAX);
			print_padded(cell ? cell : "-", widths[k], !columns[k + 1].title);
		}
		(void)putchar('\n');
	}
}

void fleet_record(const struct cli *cli, const json_t *row, const struct fleet_column *columns)
{
	size_t widest = 0;

	for (const struct fleet_column *c = columns; c->title; c++)
		if (width(c->title) > widest)
			widest = width(c->title);
	for (const struct fleet_column *c = columns; c->title; c++) {
		_cleanup_(freep) char *cell = fleet_cell(row, c);

		printf("%s%-*s%s  ", cli_color(cli, CLI_DIM), (int)widest, c->title,
		       cli_color(cli, CLI_RESET));
		fleet_print(cell ? cell : "-");
		(void)putchar('\n');
	}
}
