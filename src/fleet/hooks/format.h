/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * format: an event as the body that a receiver takes. "event" is the event itself; the others are what chat
 * services take at an address of theirs ("incoming webhook"):
 *
 *   slack  {"text"}: Slack, Mattermost, Rocket.Chat, and Matrix by matrix-hookshot
 *   teams  a message with one Adaptive Card 1.2: Microsoft Teams, by the workflow that posts cards
 *
 * Names and reasons come from hosts. In a chat they must not become links, mentions of everybody or
 * markup: Slack's text has them as code, with its three special characters escaped; the card has them in
 * runs of text, which know no markup.
 *
 * Source: api.slack.com/messaging/webhooks and /reference/surfaces/formatting (escaping "&", "<", ">");
 * adaptivecards.io/explorer (RichTextBlock and TextRun are of 1.2, without Markdown).
 */
#ifndef OAK_FLEET_HOOKS_FORMAT_H
#define OAK_FLEET_HOOKS_FORMAT_H

#include <stdbool.h>

#include "base/error.h"

#define HOOK_FORMATS "event, slack or teams"

bool hook_format_known(const char *format);

/*
 * Pure. @event: the text of an event, as deliveries keep it. @ret: the body, on the heap; the caller's.
 * Errors: OAK_E_FORMAT: a format or event that is none; OAK_E_NOMEM.
 */
int hook_body(const char *format, const char *event, char **ret, struct oak_error *err)
	_must_check_;

#endif
