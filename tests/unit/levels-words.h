/* SPDX-License-Identifier: GPL-2.0-or-later */
/* levels-words: a list of levels, written in few words. */
#ifndef OAK_LEVELS_WORDS_H
#define OAK_LEVELS_WORDS_H

#include "base/json.h"
#include "test.h"
#include "trust/date.h"
#include "trust/levels.h"

/*
 * A list in few words. Levels: "1 2@10 3@10,12 4@10w 5@10h 6@10e": published on that day of
 * November, promoted to stable on the second day, withdrawn, held, in edge only. Fixes:
 * "CVE-1@1high CVE-2@3-5 ..." since that level, before that level, severity.
 */
static inline _unused_ json_t *date_json(unsigned day)
{
	char text[DATE_TEXT_MAX];

	(void)snprintf(text, sizeof(text), "2026-11-%02uT12:00:00Z", day % 100);
	return json_string(text);
}

static inline _unused_ json_t *level_json(const char *word)
{
	unsigned level = 0, published = 0, promoted = 0;
	char flag[2] = "";
	json_t *entry;

	if (sscanf(word, "%u@%u,%u%1[a-z]", &level, &published, &promoted, flag) < 3 &&
	    sscanf(word, "%u@%u%1[a-z]", &level, &published, flag) < 2)
		(void)sscanf(word, "%u%1[a-z]", &level, flag);
	EXPECT(level);
	entry = json_pack("{s:i, s:[s], s:{s:i, s:s}}", "level", (int)level, "channels", "edge",
			  "module", "size", 5, "sha256",
			  "0000000000000000000000000000000000000000000000000000000000000000");
	if (flag[0] != 'e')
		(void)json_array_append_new(json_object_get(entry, "channels"),
					    json_string("stable"));
	if (published)
		(void)json_object_set_new(entry, "published", date_json(published));
	if (promoted)
		(void)json_object_set_new(entry, "since",
					  json_pack("{s:o}", "stable", date_json(promoted)));
	if (flag[0] == 'w')
		(void)json_object_set_new(entry, "withdrawn",
					  json_pack("{s:s, s:o}", "why", "it hangs", "at",
						    date_json(20)));
	if (flag[0] == 'h')
		(void)json_object_set_new(entry, "held",
					  json_pack("{s:s, s:o}", "why", "we look at it", "at",
						    date_json(20)));
	return entry;
}

static inline _unused_ json_t *fix_json(const char *word)
{
	char id[32] = "", severity[16] = "";
	unsigned since = 0, until = 0;
	json_t *fix;

	if (sscanf(word, "%31[A-Z0-9-]@%u-%u%15[a-z]", id, &since, &until, severity) < 3)
		(void)sscanf(word, "%31[A-Z0-9-]@%u%15[a-z]", id, &since, severity);
	EXPECT(since);
	fix = json_pack("{s:s, s:[s], s:i}", "id", id, "cve", id, "since", (int)since);
	if (until)
		(void)json_object_set_new(fix, "until", json_integer((json_int_t)until));
	if (severity[0])
		(void)json_object_set_new(fix, "severity", json_string(severity));
	return fix;
}

static inline _unused_ json_t *words_json(const char *words, json_t *(*make)(const char *word))
{
	_cleanup_(freep) char *copy = strdup(words);
	json_t *list = json_array();
	char *rest = copy, *word;

	while ((word = strsep(&rest, " ")))
		if (*word)
			(void)json_array_append_new(list, make(word));
	return list;
}

static inline _unused_ struct levels *list_of(const char *levels, const char *fixes)
{
	_cleanup_(json_decrefp) json_t *json = NULL;
	struct levels *l = NULL;
	struct oak_error err = { .code = OAK_OK };

	json = json_pack("{s:i, s:{s:s, s:s, s:s, s:s, s:s}, s:o, s:o}", "schema", LEVELS_SCHEMA,
			 "kernel", "build_id", "0123456789abcdef0123456789abcdef01234567",
			 "release", "6.1.0-50-amd64", "arch", "x86_64", "distribution", "debian",
			 "package_version", "6.1.176-1", "levels", words_json(levels, level_json),
			 "fixes", words_json(fixes, fix_json));
	EXPECT(json);
	EXPECT(levels_from_json(json, "list", &l, &err) == 0);
	return l;
}

#endif
