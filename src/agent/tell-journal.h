/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tell-journal: one event to the journal of systemd, with fields of its own (OAKUM_LEVEL=,
 * OAKUM_BUILD_ID=, OAKUM_EVENT=) beside MESSAGE=, MESSAGE_ID= and PRIORITY=.
 *
 * The datagram is written by ourselves: libsystemd would be one more library in the start of every
 * verb. Source: systemd's docs/JOURNAL_NATIVE_PROTOCOL.md.
 */
#ifndef OAK_AGENT_TELL_JOURNAL_H
#define OAK_AGENT_TELL_JOURNAL_H

#include <stdint.h>

#include "agent/message-ids.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/progress.h"

#define TELL_JOURNAL_SOCKET "/run/systemd/journal/socket"
#define TELL_MESSAGE_MAX    16384 /* bytes of the text; the rest is cut: it has to fit a datagram */

struct tell_event {
	enum message what;
	uint32_t level;       /* 0: of no level */
	const char *build_id; /* NULL or "": not said */
	const char *text;     /* lines are kept */
};

/* The datagram, appended. Pure. Errors: OAK_E_NOMEM. */
int tell_event_bytes(const struct tell_event *e, struct buf *ret, struct oak_error *err)
	_must_check_;

/**
 * tell_event() - send it
 * @socket:   NULL: TELL_JOURNAL_SOCKET
 * @fallback: takes the text where no journal takes it (a daemon's prints to stderr); may be NULL
 *
 * Never waits, and never fails: that somebody cannot be told stops no work.
 */
void tell_event(const char *socket, const struct tell_event *e, const struct progress *fallback);

#endif
