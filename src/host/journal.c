/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "host/number.h"
#include "trust/date.h"

#define LINE_MAX_BYTES 1024
#define RESERVE_BYTES  65536

static const char *const step_names[JOURNAL_STEPS] = {
	[JOURNAL_LOAD] = "load",         [JOURNAL_TRANSITION] = "transition",
	[JOURNAL_APPLIED] = "applied",   [JOURNAL_REVERT] = "revert",
	[JOURNAL_REVERTED] = "reverted", [JOURNAL_UNLOAD] = "unload",
	[JOURNAL_UNLOADED] = "unloaded", [JOURNAL_FAILED] = "failed",
	[JOURNAL_SETTLED] = "settled",   [JOURNAL_QUARANTINED] = "quarantined",
	[JOURNAL_RELEASED] = "released", [JOURNAL_STOPPING] = "stopping",
};

static const char *const by_names[JOURNAL_BYS] = {
	[JOURNAL_BY_HAND] = "hand",
	[JOURNAL_BY_AGENT] = "agent",
	[JOURNAL_BY_BOOT] = "boot",
	[JOURNAL_BY_GUARD] = "guard",
};

const char *journal_step_name(enum journal_step step)
{
	return step_names[step];
}

const char *journal_by_name(enum journal_by by)
{
	return by_names[by];
}

/* A crash can cut the last line off; ours then begins a line of its own. */
static bool last_line_is_cut(int fd)
{
	struct stat st;
	char last;

	return fstat(fd, &st) == 0 && st.st_size > 0 && pread(fd, &last, 1, st.st_size - 1) == 1 &&
	       last != '\n';
}

static void one_line(const char *why, char ret[JOURNAL_WHY_MAX])
{
	(void)snprintf(ret, JOURNAL_WHY_MAX, "%s", why ? why : "");
	for (unsigned char *c = (unsigned char *)ret; *c; c++)
		if (*c < ' ' || *c == 0x7f)
			*c = ' ';
}

/*
 * Blocks behind the end of the file, so that a disk which is full later still takes what has to be
 * known after a crash. A file system without them has no reserve, and that is all.
 */
static void keep_reserve(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && st.st_blocks * 512 < st.st_size + RESERVE_BYTES / 2)
		(void)fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, st.st_size + RESERVE_BYTES);
}

int journal_write(const struct journal *j, uint32_t level, enum journal_step step, const char *why,
		  struct oak_error *err)
{
	_cleanup_(closep) int fd = openat(j->root, JOURNAL_PATH,
					  O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC,
					  0644);
	char line[LINE_MAX_BYTES], at[DATE_TEXT_MAX], reason[JOURNAL_WHY_MAX];
	int len;

	if (fd < 0)
		return oak_fail_errno(err, errno, "/" JOURNAL_PATH);
	date_format((int64_t)time(NULL), at);
	one_line(why, reason);
	len = snprintf(line, sizeof(line),
		       "%stime=%s boot=%s kernel=%s by=%s level=%u step=%s%s%s\n",
		       last_line_is_cut(fd) ? "\n" : "", at, j->boot_id[0] ? j->boot_id : "-",
		       j->build_id, by_names[j->by], level, step_names[step],
		       reason[0] ? " why=" : "", reason);
	if (len < 0 || (size_t)len >= sizeof(line))
		return oak_fail(err, OAK_E_TOOLARGE, "/" JOURNAL_PATH ": a line is too long");
	keep_reserve(fd);
	/* One write: a reader sees the line whole or not at all. */
	if (write(fd, line, (size_t)len) != len || fdatasync(fd) < 0)
		return oak_fail_errno(err, errno ? errno : ENOSPC, "/" JOURNAL_PATH);
	return 0;
}

/* One line, taken apart. */
struct entry {
	int64_t at_s;
	char boot_id[40];
	char build_id[BUILD_ID_HEX_MAX];
	uint32_t level;
	enum journal_step step;
	enum journal_by by;
	char why[JOURNAL_WHY_MAX];
};

static int find_name(const char *const *names, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

static bool copy_word(char *ret, size_t size, const char *word)
{
	size_t len = strlen(word);

	if (len >= size)
		return false;
	memcpy(ret, word, len + 1);
	return true;
}

/* "key=value"; unknown keys are a later oakum's, and fine. */
static bool take_word(struct entry *e, const char *key, const char *value)
{
	int i;

	if (strcmp(key, "time") == 0)
		return date_parse(value, &e->at_s) == 0;
	if (strcmp(key, "boot") == 0)
		return copy_word(e->boot_id, sizeof(e->boot_id), value);
	if (strcmp(key, "kernel") == 0)
		return copy_word(e->build_id, sizeof(e->build_id), value);
	if (strcmp(key, "level") == 0)
		return number_parse_u32(value, &e->level) == 0;
	if (strcmp(key, "step") == 0) {
		i = find_name(step_names, JOURNAL_STEPS, value);
		e->step = i < 0 ? JOURNAL_STEPS : (enum journal_step)i;
		return i >= 0;
	}
	if (strcmp(key, "by") == 0) {
		i = find_name(by_names, JOURNAL_BYS, value);
		e->by = i < 0 ? JOURNAL_BY_HAND : (enum journal_by)i;
	}
	return true;
}

static bool parse_line(const char *text, size_t len, struct entry *e)
{
	char line[LINE_MAX_BYTES], *rest = line, *word;

	if (len >= sizeof(line) || memchr(text, '\0', len))
		return false;
	memcpy(line, text, len);
	line[len] = '\0';
	*e = (struct entry){ .step = JOURNAL_STEPS };
	while (rest && *rest) {
		char *value;

		if (strncmp(rest, "why=", 4) == 0) {
			one_line(rest + 4, e->why);
			break;
		}
		word = strsep(&rest, " ");
		value = strchr(word, '=');
		if (!value)
			return false;
		*value++ = '\0';
		if (!take_word(e, word, value))
			return false;
	}
	return e->step < JOURNAL_STEPS && e->build_id[0] && e->boot_id[0];
}

static void drop_mark(struct journal_mark *marks, size_t *n, uint32_t level)
{
	for (size_t i = 0; i < *n; i++) {
		if (marks[i].level != level)
			continue;
		memmove(&marks[i], &marks[i + 1], (*n - i - 1) * sizeof(*marks));
		(*n)--;
		return;
	}
}

static void put_mark(struct journal_mark *marks, size_t *n, const struct entry *e)
{
	drop_mark(marks, n, e->level);
	if (*n == JOURNAL_KEPT_MAX)
		drop_mark(marks, n, marks[0].level);
	marks[*n] = (struct journal_mark){ .level = e->level, .at_s = e->at_s };
	(void)snprintf(marks[*n].why, sizeof(marks[*n].why), "%s", e->why);
	(*n)++;
}

/* What a line says of levels in the kernel. */
static void take_deed(struct journal_view *v, const struct entry *e)
{
	bool turned_round = v->step == JOURNAL_TRANSITION && v->level == e->level;

	v->step = e->step;
	v->by = e->by;
	v->level = e->level;
	v->at_s = e->at_s;
	memcpy(v->boot_id, e->boot_id, sizeof(v->boot_id));
	v->stopped = false;
	if (e->step == JOURNAL_APPLIED) {
		v->applied++;
		v->applied_at_s = e->at_s;
		v->reverted_by_hand = 0;
	} else if (e->step == JOURNAL_FAILED) {
		v->failed++;
	} else if (e->step == JOURNAL_REVERTED) {
		v->reverted++;
	} else if (e->step == JOURNAL_REVERT && !turned_round) {
		/* Nobody who takes a level back wants it at the next boot. */
		drop_mark(v->settled, &v->n_settled, e->level);
		v->reverted_by_hand = e->by == JOURNAL_BY_HAND ? e->level : v->reverted_by_hand;
	}
}

static void take_entry(struct journal_view *v, const struct entry *e)
{
	switch (e->step) {
	case JOURNAL_STOPPING:
		v->stopped = v->stopped || strcmp(v->boot_id, e->boot_id) == 0;
		return;
	case JOURNAL_SETTLED:
		put_mark(v->settled, &v->n_settled, e);
		return;
	case JOURNAL_QUARANTINED:
		put_mark(v->quarantined, &v->n_quarantined, e);
		drop_mark(v->settled, &v->n_settled, e->level);
		return;
	case JOURNAL_RELEASED:
		drop_mark(v->quarantined, &v->n_quarantined, e->level);
		return;
	/* A module that nobody uses any more changes nothing. */
	case JOURNAL_UNLOAD:
	case JOURNAL_UNLOADED:
		return;
	case JOURNAL_LOAD:
	case JOURNAL_TRANSITION:
	case JOURNAL_APPLIED:
	case JOURNAL_REVERT:
	case JOURNAL_REVERTED:
	case JOURNAL_FAILED:
	case JOURNAL_STEPS:
		break;
	}
	take_deed(v, e);
}

void journal_fold(const char *text, size_t len, const char *build_id, struct journal_view *ret)
{
	*ret = (struct journal_view){ .step = JOURNAL_STEPS };
	while (len > 0) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;
		struct entry e;

		/* Without its newline a line may be cut in the middle of a word. */
		if (end && parse_line(text, n, &e) && strcmp(e.build_id, build_id) == 0)
			take_entry(ret, &e);
		text += end ? n + 1 : n;
		len -= end ? n + 1 : n;
	}
}

static bool is_end(enum journal_step step)
{
	return step == JOURNAL_APPLIED || step == JOURNAL_REVERTED || step == JOURNAL_FAILED ||
	       step == JOURNAL_SETTLED || step == JOURNAL_QUARANTINED;
}

size_t journal_last_deeds(const char *text, size_t len, const char *build_id,
			  struct journal_deed *ret, size_t max)
{
	const char *end;
	size_t n = 0;

	for (; len && (end = memchr(text, '\n', len));
	     len -= (size_t)(end + 1 - text), text = end + 1) {
		struct entry e;

		if (!parse_line(text, (size_t)(end - text), &e) || !is_end(e.step) ||
		    strcmp(e.build_id, build_id) != 0)
			continue;
		if (n == max)
			memmove(&ret[0], &ret[1], --n * sizeof(*ret));
		ret[n] = (struct journal_deed){
			.at_s = e.at_s, .level = e.level, .step = e.step, .by = e.by
		};
		memcpy(ret[n++].why, e.why, sizeof(e.why));
	}
	return n;
}

int journal_read(int root, const char *build_id, struct journal_view *ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = file_read(root, JOURNAL_PATH, JOURNAL_BYTES_MAX, &text, err);

	if (r < 0 && r != -OAK_E_NOTFOUND)
		return r;
	journal_fold(buf_str(&text), text.len, build_id, ret);
	return 0;
}

const struct journal_mark *journal_quarantine(const struct journal_view *v, uint32_t level)
{
	for (size_t i = 0; i < v->n_quarantined; i++)
		if (v->quarantined[i].level == level)
			return &v->quarantined[i];
	return NULL;
}

bool journal_is_settled(const struct journal_view *v, uint32_t level)
{
	for (size_t i = 0; i < v->n_settled; i++)
		if (v->settled[i].level == level)
			return true;
	return false;
}

uint32_t journal_last_settled(const struct journal_view *v)
{
	return v->n_settled ? v->settled[v->n_settled - 1].level : 0;
}

uint32_t journal_crashed(const struct journal_view *v, const char *boot_id, const char **ret_step)
{
	static const char *const at[JOURNAL_STEPS] = {
		[JOURNAL_LOAD] = "load",
		[JOURNAL_TRANSITION] = "transition",
		[JOURNAL_APPLIED] = "soak",
	};

	if (!v->level || v->stopped || strcmp(v->boot_id, boot_id) == 0 || !at[v->step])
		return 0;
	/* A level that had settled before and was applied again dies in the load, or not by it. */
	if (journal_quarantine(v, v->level) ||
	    (v->step == JOURNAL_APPLIED && journal_is_settled(v, v->level)))
		return 0;
	*ret_step = at[v->step];
	return v->level;
}

static bool is_kept(const char *line, size_t len)
{
	struct entry e;

	return parse_line(line, len, &e) &&
	       (e.step == JOURNAL_SETTLED || e.step == JOURNAL_QUARANTINED ||
		e.step == JOURNAL_RELEASED);
}

int journal_compact(int root, size_t max, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 }, kept = { 0 };
	int r = file_read(root, JOURNAL_PATH, JOURNAL_BYTES_MAX, &text, err);
	const char *p;
	size_t left;

	if (r == -OAK_E_NOTFOUND || (r == 0 && text.len <= max))
		return 0;
	if (r < 0)
		return r;
	p = buf_str(&text);
	left = text.len;
	while (left > 0) {
		const char *end = memchr(p, '\n', left);
		size_t n = end ? (size_t)(end - p) + 1 : left;

		if (end && (left <= max / 2 || is_kept(p, n - 1)) && buf_add(&kept, p, n) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		p += n;
		left -= n;
	}
	return file_write(root, JOURNAL_PATH, kept.data, kept.len, 0644, err);
}
