/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/cve/mail.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "trust/cve/record.h"

#define LINE_MAX_  1024u /* what is longer is cut */
#define YEAR_FIRST 1999u
#define YEAR_LAST  2099u
#define KEY_MAX    32

enum state {
	IN_HEAD, /* of a mail, or of a patch with fields */
	IN_MESSAGE,
	IN_DIFF,
};

struct reader {
	struct cve_mail *mail;
	enum state state;
	bool in_subject; /* the last line was the subject, or goes on with it */
	bool in_text;    /* the last field of the head was a description */
	bool shown;      /* by git show: the first line that is indented is the subject */
	char subject[LINE_MAX_];
	char line[LINE_MAX_];
};

static bool starts(const char *line, const char *with)
{
	return strncasecmp(line, with, strlen(with)) == 0;
}

static void add_id(struct cve_mail *m, uint32_t year, uint32_t number, enum cve_mail_place place)
{
	for (size_t i = 0; i < m->n_ids; i++)
		if (m->ids[i].year == year && m->ids[i].number == number) {
			if (place < m->ids[i].place)
				m->ids[i].place = place;
			return;
		}
	if (m->n_ids == CVE_MAIL_IDS_MAX) {
		m->many = true;
		return;
	}
	m->ids[m->n_ids++] = (struct cve_mail_id){ .year = year, .number = number, .place = place };
}

static bool is_glue(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static void take_ids(struct cve_mail *m, const char *line, enum cve_mail_place place)
{
	const char *at = line;

	while ((at = strstr(at, "CVE-")) != NULL) {
		size_t len = 4 + strspn(at + 4, "0123456789");
		bool alone = at == line || (!is_glue(at[-1]) && at[-1] != '-');
		char id[CVE_ID_MAX];
		uint32_t year, number;

		if (at[len] == '-')
			len += 1 + strspn(at + len + 1, "0123456789");
		if (alone && !is_glue(at[len]) &&
		    !(at[len] == '-' && isdigit((unsigned char)at[len + 1])) && len < sizeof(id)) {
			memcpy(id, at, len);
			id[len] = '\0';
			if (cve_id_parse(id, &year, &number) == 0 && year >= YEAR_FIRST &&
			    year <= YEAR_LAST)
				add_id(m, year, number, place);
		}
		at += len;
	}
}

static void add_commit(struct cve_mail *m, const char *hex, size_t len, enum cve_mail_kind kind)
{
	struct cve_mail_commit c = { .kind = kind };

	if (len < CVE_MAIL_HEX_MIN || len > CVE_MAIL_HEX_MAX || m->n_commits == CVE_MAIL_COMMITS_MAX)
		return;
	for (size_t i = 0; i < len; i++)
		c.hex[i] = (char)tolower((unsigned char)hex[i]);
	for (size_t i = 0; i < m->n_commits; i++)
		if (m->commits[i].kind == kind && strcmp(m->commits[i].hex, c.hex) == 0)
			return;
	m->commits[m->n_commits++] = c;
}

/* Digits of a commit, with no further letter behind them. */
static size_t hex_len(const char *at)
{
	size_t n = strspn(at, "0123456789abcdefABCDEF");

	return is_glue(at[n]) ? 0 : n;
}

/* Forms in which a backport names the commit that it was made of. */
static void take_upstream(struct cve_mail *m, const char *line)
{
	static const char *const forms[] = { "[ Upstream commit ", "[Upstream commit ",
					     "Upstream commit ", "(cherry picked from commit ",
					     "(backported from commit " };
	size_t n;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (starts(line, forms[i]))
			add_commit(m, line + strlen(forms[i]), hex_len(line + strlen(forms[i])),
				   CVE_MAIL_UPSTREAM);
	if (!starts(line, "commit "))
		return;
	n = hex_len(line + 7);
	if (starts(line + 7 + n, " upstream"))
		add_commit(m, line + 7, n, CVE_MAIL_UPSTREAM);
}

/* "Origin: backport, https://git.kernel.org/linus/<40 digits>" */
static void take_origin(struct cve_mail *m, const char *line)
{
	for (const char *at = line; (at = strpbrk(at, "/=")) != NULL;) {
		size_t n = hex_len(++at);

		if (n == CVE_MAIL_HEX_MAX)
			add_commit(m, at, n, CVE_MAIL_UPSTREAM);
	}
}

static void take_announced(struct cve_mail *m, const char *line)
{
	static const char form[] = "https://git.kernel.org/stable/c/";

	if (starts(line, form))
		add_commit(m, line + sizeof(form) - 1, hex_len(line + sizeof(form) - 1),
			   CVE_MAIL_ANNOUNCED);
}

/* The length of "Key" where the line is "Key: ...", else 0. */
static size_t key_of(const char *line)
{
	size_t n = 0;

	while (isalnum((unsigned char)line[n]) || (n && line[n] == '-'))
		n++;
	return n && n < KEY_MAX && line[n] == ':' ? n : 0;
}

/* Fields whose CVEs are those of the fix. */
static bool is_trailer(const char *line)
{
	static const char *const keys[] = { "CVE",    "CVEs",     "CVE-ID",   "Link",
					    "Closes", "Bug",      "Bug-CVE",  "Bug-Debian",
					    "Origin", "Security", "Addresses" };
	size_t n = key_of(line);

	for (size_t i = 0; n && i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strlen(keys[i]) == n && strncasecmp(line, keys[i], n) == 0)
			return true;
	return starts(line, "Fixes: CVE-");
}

static void begin_subject(struct reader *rd, const char *text)
{
	if (rd->subject[0] || rd->mail->subject[0])
		return;
	(void)strncat(rd->subject, text, sizeof(rd->subject) - 1);
	rd->in_subject = true;
}

static void go_on_with_subject(struct reader *rd, const char *text)
{
	size_t len = strlen(rd->subject);

	if (len + 2 >= sizeof(rd->subject))
		return;
	rd->subject[len++] = ' ';
	rd->subject[len] = '\0';
	(void)strncat(rd->subject + len, text, sizeof(rd->subject) - 1 - len);
}

/* Without "[PATCH 6.1 001/219] ". */
static void end_subject(struct reader *rd)
{
	char decoded[LINE_MAX_];
	const char *at = decoded, *end;

	rd->in_subject = false;
	if (!rd->subject[0] || rd->mail->subject[0])
		return;
	cve_mail_decode(rd->subject, decoded, sizeof(decoded));
	while (*at == ' ' || *at == '[') {
		end = *at == '[' ? strchr(at, ']') : at;
		if (!end)
			break;
		at = end + 1;
	}
	cve_printable(rd->mail->subject, sizeof(rd->mail->subject), at);
	take_ids(rd->mail, at, CVE_MAIL_SUBJECT);
	rd->subject[0] = '\0';
}

static bool is_subject(const char *line, size_t *ret_skip)
{
	static const char *const keys[] = { "Subject:", "Title:", "Description:" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (starts(line, keys[i])) {
			*ret_skip = strlen(keys[i]);
			*ret_skip += strspn(line + *ret_skip, " \t");
			return true;
		}
	return false;
}

static void take_message(struct reader *rd, const char *line)
{
	if (line[0] == '>')
		return;
	take_upstream(rd->mail, line);
	take_announced(rd->mail, line);
	if (starts(line, "Origin:"))
		take_origin(rd->mail, line);
	if (is_trailer(line))
		take_ids(rd->mail, line, CVE_MAIL_TRAILER);
	else if (!starts(line, "Fixes:"))
		take_ids(rd->mail, line, CVE_MAIL_PROSE);
}

/* @line without its indentation, @folded: it had one. */
static void take_head(struct reader *rd, const char *line, bool folded)
{
	size_t skip;

	if (folded && rd->in_subject) {
		go_on_with_subject(rd, line);
		return;
	}
	if (folded) {
		if (rd->in_text)
			take_message(rd, line);
		return;
	}
	end_subject(rd);
	rd->in_text = starts(line, "Description:");
	if (is_subject(line, &skip))
		begin_subject(rd, line + skip);
	else if (is_trailer(line))
		take_message(rd, line);
	/* The first field of a description is a subject of one line. */
	if (rd->in_text)
		end_subject(rd);
}

/* "From <40 digits> Mon Sep 17 00:00:00 2001": a mail begins, also behind the diff of another. */
static bool begins_mail(struct reader *rd, const char *line)
{
	if (strncmp(line, "From ", 5) != 0 || hex_len(line + 5) != CVE_MAIL_HEX_MAX)
		return false;
	end_subject(rd);
	add_commit(rd->mail, line + 5, CVE_MAIL_HEX_MAX, CVE_MAIL_OWN);
	rd->state = IN_HEAD;
	rd->in_text = false;
	return true;
}

static bool ends_message(const char *line)
{
	static const char *const marks[] = { "diff ", "Index: ", "--- ", "+++ ", "@@ " };

	if (strcmp(line, "---") == 0 || strcmp(line, "-- ") == 0)
		return true;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (strncmp(line, marks[i], strlen(marks[i])) == 0)
			return true;
	return false;
}

/* Our own notes in front of a diff, "# CVE: ...", and the commit of git show. */
static bool take_note(struct reader *rd, const char *line)
{
	size_t skip;

	if (rd->state == IN_MESSAGE && strncmp(line, "commit ", 7) == 0 &&
	    hex_len(line + 7) == CVE_MAIL_HEX_MAX && line[7 + CVE_MAIL_HEX_MAX] != ' ') {
		add_commit(rd->mail, line + 7, CVE_MAIL_HEX_MAX, CVE_MAIL_OWN);
		rd->shown = true;
		return true;
	}
	if (strncmp(line, "# ", 2) != 0)
		return false;
	if (is_subject(line + 2, &skip)) {
		begin_subject(rd, line + 2 + skip);
		end_subject(rd);
	} else {
		take_message(rd, line + 2);
	}
	return true;
}

static void take_line(struct reader *rd)
{
	const char *line = rd->line, *text = line + strspn(line, " \t");

	if (begins_mail(rd, line) || rd->state == IN_DIFF)
		return;
	if (ends_message(line)) {
		end_subject(rd);
		rd->state = IN_DIFF;
	} else if (take_note(rd, line)) {
		return;
	} else if (rd->state == IN_HEAD && !*line) {
		end_subject(rd);
		rd->state = IN_MESSAGE;
	} else if (rd->state == IN_HEAD) {
		take_head(rd, text, text != line);
	} else if (rd->shown && strncmp(line, "    ", 4) == 0 && *text) {
		rd->shown = false;
		begin_subject(rd, text);
		end_subject(rd);
	} else {
		take_message(rd, text);
	}
}

/* A file that begins with one of these fields has a head, whoever wrote it. */
static enum state first_state(const char *text, size_t len)
{
	static const char *const fields[] = { "From:",        "Subject:",      "Date:",
					      "To:",          "Cc:",           "Message-ID:",
					      "Return-Path:", "Delivered-To:", "Origin:",
					      "Received:",    "Description:" };

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (len >= strlen(fields[i]) && strncasecmp(text, fields[i], strlen(fields[i])) == 0)
			return IN_HEAD;
	return IN_MESSAGE;
}

void cve_mail_parse(const char *text, size_t len, struct cve_mail *ret)
{
	struct reader rd = { .mail = ret, .state = IN_MESSAGE };
	size_t at = 0;

	*ret = (struct cve_mail){ 0 };
	if (len)
		rd.state = first_state(text, len);
	while (at < len) {
		const char *nl = memchr(text + at, '\n', len - at);
		size_t n = nl ? (size_t)(nl - text) - at : len - at;
		size_t kept = n < sizeof(rd.line) - 1 ? n : sizeof(rd.line) - 1;

		memcpy(rd.line, text + at, kept);
		while (kept && rd.line[kept - 1] == '\r')
			kept--;
		rd.line[kept] = '\0';
		take_line(&rd);
		at += n + 1;
	}
	end_subject(&rd);
}
