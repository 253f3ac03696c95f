/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * view: small things that the views of pages share. A view is an object that a template is filled from; NULL
 * from any function here is: out of memory.
 */
#ifndef OAK_FLEET_WEB_VIEW_H
#define OAK_FLEET_WEB_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

/* Members, "" and 0 where they are absent or of another type. */
const char *view_str(const json_t *object, const char *name);
int64_t view_int(const json_t *object, const char *name);

/* Sets a member; a value that is NULL, or no room, makes *bad true. */
void view_set(json_t *object, const char *name, json_t *value, bool *bad);

/* How a state, verdict or outcome is to look: a tone of web_badge(), "off" for a word that is none of ours. */
const char *view_tone(const char *word);
/* The class of a severity: itself where it is one, else "unknown". */
const char *view_severity(const char *severity);
/* web_badge() of such a word; null for "". */
json_t *view_badge(const char *word);

/* "/cves/CVE-2026-1": a path and a part of it that somebody else chose. */
json_t *view_path(const char *path, const char *part);
/* "/hosts?tag=a%3Db" */
json_t *view_query(const char *path, const char *name, const char *value);

/* Texts for people as values: "3 min ago", "2026-11-28 01:40 UTC", "12,345"; "never" and "–" for 0 and null. */
json_t *view_ago(int64_t at_s, int64_t now_s);
json_t *view_time(int64_t at_s);
json_t *view_count(int64_t n);
json_t *view_number(const json_t *n); /* null and absent: "–" */
/* 950 us, "1.2 ms", "4 s". */
json_t *view_micros(int64_t us);

#endif
