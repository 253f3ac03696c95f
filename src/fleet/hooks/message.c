/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/hooks/message.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

static const struct {
	const char *type, *title;
	enum hook_mood mood;
} titles[] = {
	{ "rollout.created", "A rollout was created", HOOK_PLAIN },
	{ "rollout.pending-approval", "A rollout waits for approval", HOOK_LOOK },
	{ "rollout.scheduled", "A rollout is scheduled", HOOK_PLAIN },
	{ "rollout.running", "A rollout is running", HOOK_PLAIN },
	{ "rollout.stage", "A rollout entered its next stage", HOOK_PLAIN },
	{ "rollout.paused", "A rollout was paused", HOOK_LOOK },
	{ "rollout.halted", "A rollout was halted", HOOK_BAD },
	{ "rollout.completed", "A rollout is complete", HOOK_GOOD },
	{ "rollout.cancelled", "A rollout was cancelled", HOOK_LOOK },
	{ "fleet.stopped", "Emergency stop: no host gets anything new", HOOK_BAD },
	{ "fleet.lifted", "The emergency stop was lifted", HOOK_GOOD },
	{ "host.enrolled", "A host joined the fleet", HOOK_PLAIN },
	{ "host.changed", "A host was changed", HOOK_PLAIN },
	{ "host.revoked", "A host was revoked", HOOK_LOOK },
	{ "host.failed", "A host could not load a level", HOOK_BAD },
	{ "host.cloned", "Two machines speak as one host", HOOK_BAD },
	{ "decision.published", "A decision was published", HOOK_PLAIN },
	{ "clock.jumped", "The server's clock jumped, rollouts rested", HOOK_LOOK },
	{ "test", "This is a test", HOOK_PLAIN },
};

/* What is told of an event, in this order. @member: of its data; NULL: its subject. */
static const struct {
	const char *prefix, *member, *label;
} facts[] = {
	{ "rollout.", "name", "Rollout" },
	{ "host.", "name", "Host" },
	{ "rollout.", "stage", "Stage" },
	{ "host.", "rollout", "Rollout" },
	{ "host.", "level", "Level" },
	{ "host.", "ring", "Ring" },
	{ "host.", "peer", "From" },
	{ "decision.", NULL, "Ring" },
	{ "decision.", "version", "Version" },
	{ "clock.", "seconds", "Seconds" },
	{ "", "why", "Why" },
	{ "rollout.", NULL, "Id" },
	{ "host.", NULL, "Id" },
};

/* Where the character that @i is within begins. */
static size_t character_at(const char *text, size_t i)
{
	while (i > 0 && ((unsigned char)text[i] & 0xc0) == 0x80)
		i--;
	return i;
}

/* The characters that turn the direction of a line, which would show a name as another (U+202A.., U+2066..). */
static size_t turns(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return u[0] == 0xe2 && ((u[1] == 0x80 && u[2] >= 0xa8 && u[2] <= 0xae) ||
				(u[1] == 0x81 && u[2] >= 0xa6 && u[2] <= 0xa9))
		       ? 3
		       : 0;
}

static void put_value(const char *text, char ret[HOOK_VALUE_MAX])
{
	size_t at = 0;

	while (*text && at + 8 < HOOK_VALUE_MAX) {
		size_t skip = turns(text);
		unsigned char c = (unsigned char)*text;

		ret[at++] = *text;
		if (skip || c < ' ' || c == 0x7f)
			ret[at - 1] = ' ';
		text += skip ? skip : 1;
	}
	if (*text) {
		/* A character that is begun is not left so. */
		if (((unsigned char)*text & 0xc0) == 0x80)
			at = character_at(ret, at - 1);
		memcpy(ret + at, "...", 3);
		at += 3;
	}
	ret[at] = '\0';
}

static void add_fact(struct hook_message *m, const char *label, const json_t *value)
{
	const char *text = json_string_value(value);
	char number[32];

	if (json_is_integer(value)) {
		(void)snprintf(number, sizeof(number), "%" PRIi64,
			       (int64_t)json_integer_value(value));
		text = number;
	}
	if (!text || !*text || m->n == HOOK_FACTS_MAX)
		return;
	m->facts[m->n].label = label;
	put_value(text, m->facts[m->n++].value);
}

static void add_facts(struct hook_message *m, const char *type, const json_t *event)
{
	const json_t *data = json_object_get(event, "data");

	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		const char *member = facts[i].member;

		if (strncmp(type, facts[i].prefix, strlen(facts[i].prefix)) != 0)
			continue;
		add_fact(m, facts[i].label,
			 member ? json_object_get(data, member) : json_object_get(event, "subject"));
	}
}

void hook_message(const json_t *event, struct hook_message *ret)
{
	const char *type = json_get_str(event, "type");

	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; type && i < sizeof(titles) / sizeof(titles[0]); i++)
		if (strcmp(titles[i].type, type) == 0) {
			ret->title = titles[i].title;
			ret->mood = titles[i].mood;
		}
	if (!ret->title) {
		ret->title = "Something happened that this server has no words for";
		add_fact(ret, "Event", json_object_get(event, "type"));
	}
	if (type)
		add_facts(ret, type, event);
}
