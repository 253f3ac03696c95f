/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/cve/fix-log.h"

#include <ctype.h>
#include <string.h>

#include "trust/cve/record.h"

#define SIGNED "linux-signed-"

static void add_id(struct fix_log *l, uint64_t id)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->ids[i] == id)
			return;
	if (l->n == FIX_LOG_IDS_MAX)
		l->many = true;
	else
		l->ids[l->n++] = id;
}

/* "(CVE-2024-26581, CVE-2024-26582)" */
static void take_ids(struct fix_log *l, const char *at, const char *end)
{
	while ((at = strstr(at, "CVE-")) != NULL && at < end) {
		size_t len = 4 + strspn(at + 4, "0123456789-");
		char id[CVE_ID_MAX];
		uint32_t year, number;

		if (len < sizeof(id)) {
			memcpy(id, at, len);
			id[len] = '\0';
			if (cve_id_parse(id, &year, &number) == 0)
				add_id(l, (uint64_t)year << 32 | number);
		}
		at += len;
	}
}

/* What Debian puts behind a subject: " (CVE-2024-26581)", " (Closes: #1)", several of them. */
static bool is_note(const char *at)
{
	static const char *const notes[] = { "CVE-", "Closes:", "closes:", "regression" };
	bool known;

	for (; *at; at = strchr(at, ')') + 1) {
		known = false;
		if (strncmp(at, " (", 2) != 0 || !strchr(at, ')'))
			return false;
		for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
			known = known || strncmp(at + 2, notes[i], strlen(notes[i])) == 0;
		if (!known)
			return false;
	}
	return true;
}

/* Is the item the subject, and nothing but notes behind it? Its length, or 0. */
static size_t match(const char *text, const char *subject)
{
	size_t len = strlen(subject);

	return len && strncmp(text, subject, len) == 0 && is_note(text + len) ? len : 0;
}

static void end_item(struct fix_log *l)
{
	char *text = l->item;
	size_t len;

	l->item[l->item_len] = '\0';
	l->item_len = 0;
	len = match(text, l->subject);
	/* "[x86] ", "[arm64,armhf] ", several of them */
	while (!len && text[0] == '[') {
		char *end = strchr(text, ']');

		if (!end)
			return;
		text = end + 1 + strspn(end + 1, " ");
		len = match(text, l->subject);
	}
	if (!len)
		return;
	if (!l->found)
		memcpy(l->version, l->entry, sizeof(l->version));
	l->found = true;
	take_ids(l, text + len, text + strlen(text));
}

/* Words with one space between, whatever the line was broken into. */
static void add_text(struct fix_log *l, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, " \t"), room = sizeof(l->item) - 1 - l->item_len;

		if (n && l->item_len && room) {
			l->item[l->item_len++] = ' ';
			room--;
		}
		n = n < room ? n : room;
		memcpy(l->item + l->item_len, text, n);
		l->item_len += n;
		text += strcspn(text, " \t");
		text += strspn(text, " \t");
	}
}

/* "linux (6.1.82-1) bookworm; urgency=medium" */
static void begin_entry(struct fix_log *l)
{
	const char *open = strstr(l->line, " ("), *close = open ? strchr(open, ')') : NULL;
	size_t len = close ? (size_t)(close - open - 2) : 0;
	char *plus;

	if (len >= sizeof(l->entry))
		len = 0;
	if (len)
		memcpy(l->entry, open + 2, len);
	l->entry[len] = '\0';
	for (char *c = l->entry; *c; c++)
		if (!isgraph((unsigned char)*c))
			*c = '?';
	plus = strrchr(l->entry, '+');
	if (plus && strncmp(l->line, SIGNED, strlen(SIGNED)) == 0)
		*plus = '-';
}

static void end_line(struct fix_log *l)
{
	const char *text;
	bool bullet;
	size_t indent;

	l->line[l->line_len] = '\0';
	l->line_len = 0;
	text = l->line + strspn(l->line, " \t");
	indent = (size_t)(text - l->line);
	bullet = indent && (text[0] == '-' || text[0] == '*') && text[1] == ' ';
	if (*text && !bullet && indent > l->item_indent) {
		add_text(l, text);
		return;
	}
	end_item(l);
	if (bullet) {
		l->item_indent = indent;
		add_text(l, text + 2);
	} else if (*text && !indent) {
		begin_entry(l);
	}
}

void fix_log_feed(struct fix_log *l, const char *data, size_t len)
{
	while (len) {
		const char *nl = memchr(data, '\n', len);
		size_t n = nl ? (size_t)(nl - data) : len;
		size_t room = sizeof(l->line) - 1 - l->line_len, kept = n < room ? n : room;

		memcpy(l->line + l->line_len, data, kept);
		l->line_len += kept;
		if (!nl)
			return;
		end_line(l);
		data += n + 1;
		len -= n + 1;
	}
}

void fix_log_finish(struct fix_log *l)
{
	if (l->line_len)
		end_line(l);
	end_item(l);
}
