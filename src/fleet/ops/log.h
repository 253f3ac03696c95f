/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log: the server's words: one line an event, "key=value", written by one write(2).
 *
 *	level=notice event=host.enrolled host=3f… name="web 17" request=9c…
 *
 * A value that is not a plain word stands in quotes; quotes, backslashes, control characters and all that
 * is not ASCII are escaped (\" \\ \n \x1b), so nothing from outside can begin a line or move a cursor.
 * No secret and no token is ever given to it. Under systemd lines begin with "<priority>", elsewhere with
 * the time.
 */
#ifndef OAK_FLEET_OPS_LOG_H
#define OAK_FLEET_OPS_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Numbers of sd-daemon(3). */
enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6, /* each request */
};

struct server_log {
	int fd;
	enum log_level most; /* what is above is not written */
	bool journal;        /* who reads it adds the time, and wants "<priority>" */
};

/* Standard error, as the setting "log" says. */
void server_log_init(struct server_log *ret, uint32_t most);

#define LOG_VALUE_MAX 256  /* bytes of a value; the rest is cut */
#define LOG_LINE_MAX  4096 /* PIPE_BUF: lines of several threads do not mix */

struct log_field {
	const char *name;
	const char *text; /* NULL: @number */
	int64_t number;
};

static inline struct log_field log_text(const char *name, const char *value)
{
	return (struct log_field){ .name = name, .text = value ? value : "" };
}

static inline struct log_field log_number(const char *name, uint64_t value)
{
	return (struct log_field){ .name = name, .number = (int64_t)value };
}

/* @log NULL: nothing is written. */
#define server_log(log, level, event, ...)                                        \
	server_log_fields(log, level, event, (struct log_field[]){ __VA_ARGS__ }, \
			  sizeof((struct log_field[]){ __VA_ARGS__ }) / sizeof(struct log_field))

void server_log_fields(const struct server_log *log, enum log_level level, const char *event,
		       const struct log_field *fields, size_t n);

/* A line without what is before "level=", for tests. Pure. */
int log_line(enum log_level level, const char *event, const struct log_field *fields, size_t n,
	     struct buf *ret) _must_check_;

#endif
