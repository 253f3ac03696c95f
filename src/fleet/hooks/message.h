/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * message: an event in words, for people in a chat. The title is ours, word by word; the values of facts are
 * of others (names, reasons that hosts gave) and are only ever shown as what they are: see format.h.
 */
#ifndef OAK_FLEET_HOOKS_MESSAGE_H
#define OAK_FLEET_HOOKS_MESSAGE_H

#include <stddef.h>

#include <jansson.h>

#define HOOK_VALUE_MAX 256
#define HOOK_FACTS_MAX 6

enum hook_mood {
	HOOK_PLAIN,
	HOOK_GOOD,
	HOOK_LOOK,
	HOOK_BAD
};

struct hook_fact {
	const char *label;
	char value[HOOK_VALUE_MAX]; /* valid UTF-8 of one line, cut with "..." where it was longer */
};

struct hook_message {
	const char *title; /* "A rollout was halted" */
	enum hook_mood mood;
	size_t n;
	struct hook_fact facts[HOOK_FACTS_MAX];
};

/*
 * Pure. @event: as event_list() has it. A type that is not known (of a newer server) is told by its name.
 * Every type that event_add() is called with has a row in the table of the .c file.
 */
void hook_message(const json_t *event, struct hook_message *ret);

#endif
