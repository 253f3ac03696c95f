/* SPDX-License-Identifier: GPL-2.0-or-later */
/* say: a daemon's words, lines on standard error with the priority that sd-daemon(3) reads off. */
#ifndef OAK_AGENT_SAY_H
#define OAK_AGENT_SAY_H

#include "base/error.h"
#include "base/progress.h"

enum say {
	SAY_ERROR = 3,
	SAY_WARN = 4,
	SAY_NOTICE = 5,
	SAY_INFO = 6
};

#define SAY_MAX 8192 /* bytes; the rest is cut */

void agent_say(enum say priority, const char *fmt, ...) _printf_(2, 3);

/* The steps of long work, said as they come. */
extern const struct progress agent_progress;

#endif
