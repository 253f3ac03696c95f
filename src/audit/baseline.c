/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/baseline.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "host/plain.h"

#define DATE_LENGTH 10

/* "2027-03-31": digits where digits belong, a month and a day that there are. */
static bool is_date(const char *text)
{
	static const char shape[] = "dddd-dd-dd";
	int month, day;

	if (!text || strlen(text) != DATE_LENGTH)
		return false;
	for (size_t i = 0; i < DATE_LENGTH; i++) {
		bool digit = text[i] >= '0' && text[i] <= '9';

		if (shape[i] == 'd' ? !digit : text[i] != '-')
			return false;
	}
	month = (text[5] - '0') * 10 + text[6] - '0';
	day = (text[8] - '0') * 10 + text[9] - '0';
	return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static int check_entry(const json_t *entry, const char *what, size_t i, struct oak_error *err)
{
	const char *id = json_get_str(entry, "id"), *reason = json_get_str(entry, "reason");
	const json_t *subject = json_object_get(entry, "subject");

	if (!id || !audit_check_by_id(id, NULL))
		return oak_fail(err, OAK_E_FORMAT, "%s: entry %zu: \"id\" names no check", what, i);
	if (!reason || !reason[0] || !plain_is(reason, strlen(reason) + 1))
		return oak_fail(err, OAK_E_FORMAT, "%s: entry %zu: \"reason\" must say why", what,
				i);
	if (!is_date(json_get_str(entry, "expires")))
		return oak_fail(err, OAK_E_FORMAT,
				"%s: entry %zu: \"expires\" must be a date, YYYY-MM-DD", what, i);
	if (subject && !json_is_string(subject))
		return oak_fail(err, OAK_E_FORMAT, "%s: entry %zu: \"subject\" must be a text",
				what, i);
	return 0;
}

int baseline_parse(const void *data, size_t len, const char *what, struct baseline *ret,
		   struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *j = NULL;
	json_t *list, *entry;
	size_t i;
	int r = json_parse(data, len, BASELINE_MAX, what, &j, err);

	if (r < 0)
		return r;
	if (json_integer_value(json_object_get(j, "schema")) != 1)
		return oak_fail(err, OAK_E_FORMAT, "%s: \"schema\" must be 1", what);
	list = json_object_get(j, "accepted");
	if (!json_is_array(list))
		return oak_fail(err, OAK_E_FORMAT, "%s: \"accepted\" must be a list", what);
	json_array_foreach(list, i, entry)
	{
		r = check_entry(entry, what, i + 1, err);
		if (r < 0)
			return r;
	}
	*ret = (struct baseline){ .n = json_array_size(list) };
	ret->json = take_ptr(j);
	return 0;
}

void baseline_clear(struct baseline *b)
{
	json_decref(b->json);
	*b = (struct baseline){ .n = 0 };
}

static bool fits(const json_t *entry, const struct finding *f)
{
	const char *subject = json_get_str(entry, "subject");
	size_t len = subject ? strlen(subject) : 0;

	if (strcmp(json_get_str(entry, "id"), f->check->id) != 0)
		return false;
	if (!len)
		return true;
	if (subject[len - 1] == '*')
		return strncmp(subject, f->subject, len - 1) == 0;
	return strcmp(subject, f->subject) == 0;
}

static bool is_used(const json_t *entry, struct audit *a, const char *path, const char *today,
		    struct baseline *b)
{
	const char *expires = json_get_str(entry, "expires");
	bool used = false;

	for (size_t i = 0; i < a->n; i++) {
		struct finding *f = &a->findings[i];

		if ((f->verdict != AUDIT_FAIL && f->verdict != AUDIT_WARN) || !fits(entry, f))
			continue;
		used = true;
		if (strcmp(today, expires) <= 0) {
			f->accepted = json_get_str(entry, "reason");
			continue;
		}
		audit_sawf(a, f, path, "was accepted until %s", expires);
		b->expired++;
	}
	return used;
}

void baseline_apply(struct baseline *b, const char *path, int64_t now, struct audit *a)
{
	json_t *list = json_object_get(b->json, "accepted"), *entry;
	char today[DATE_LENGTH + 1] = "";
	time_t t = (time_t)now;
	struct tm tm;
	size_t i;

	if (!gmtime_r(&t, &tm) || !strftime(today, sizeof(today), "%Y-%m-%d", &tm))
		return;
	b->unused = b->expired = 0;
	json_array_foreach(list, i, entry)
	{
		if (!is_used(entry, a, path, today, b))
			b->unused++;
	}
}
