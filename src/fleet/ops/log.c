/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/ops/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"

static const char *const level_names[] = {
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_WARNING] = "warning",
	[LOG_LEVEL_NOTICE] = "notice",
	[LOG_LEVEL_INFO] = "info",
};

void server_log_init(struct server_log *ret, uint32_t most)
{
	/* sd-daemon(3): set where standard error is the journal. */
	*ret = (struct server_log){ .fd = STDERR_FILENO,
				    .most = (enum log_level)most,
				    .journal = getenv("JOURNAL_STREAM") != NULL };
}

static bool is_word(const char *text)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/+-";
	size_t len = strlen(text);

	return len > 0 && len <= LOG_VALUE_MAX && strspn(text, plain) == len;
}

static int add_escaped(struct buf *ret, unsigned char c)
{
	if (c == '"' || c == '\\')
		return buf_printf(ret, "\\%c", c);
	if (c == '\n')
		return buf_add(ret, "\\n", 2);
	if (c < ' ' || c >= 0x7f)
		return buf_printf(ret, "\\x%02x", c);
	return buf_add(ret, &c, 1);
}

static int add_value(struct buf *ret, const char *text)
{
	int r;

	if (is_word(text))
		return buf_add_str(ret, text);
	r = buf_add(ret, "\"", 1);
	for (size_t i = 0; r == 0 && text[i] && i < LOG_VALUE_MAX; i++)
		r = add_escaped(ret, (unsigned char)text[i]);
	return r < 0 ? r : buf_add(ret, "\"", 1);
}

int log_line(enum log_level level, const char *event, const struct log_field *fields, size_t n,
	     struct buf *ret)
{
	int r = buf_printf(ret, "level=%s event=%s", level_names[level], event);

	for (size_t i = 0; r == 0 && i < n; i++) {
		r = buf_printf(ret, " %s=", fields[i].name);
		if (r == 0 && fields[i].text)
			r = add_value(ret, fields[i].text);
		else if (r == 0)
			r = buf_printf(ret, "%lld", (long long)fields[i].number);
	}
	return r < 0 ? -OAK_E_NOMEM : 0;
}

static int add_head(const struct server_log *log, enum log_level level, struct buf *ret)
{
	char text[32];
	time_t now = time(NULL);
	struct tm tm;

	if (log->journal)
		return buf_printf(ret, "<%u>", (unsigned)level);
	(void)gmtime_r(&now, &tm);
	(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return buf_printf(ret, "time=%s ", text);
}

void server_log_fields(const struct server_log *log, enum log_level level, const char *event,
		       const struct log_field *fields, size_t n)
{
	_cleanup_(buf_free) struct buf line = { 0 };
	size_t len;
	ssize_t done;

	if (!log || level > log->most)
		return;
	/* Without memory there is no line; what failed for it is told by its own answer. */
	if (add_head(log, level, &line) < 0 || log_line(level, event, fields, n, &line) < 0)
		return;
	len = line.len < LOG_LINE_MAX ? line.len : LOG_LINE_MAX - 1;
	line.data[len] = '\n';
	/* Nobody is left to tell where this fails. */
	done = write(log->fd, line.data, len + 1);
	(void)done;
}
