/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void agent_say(enum say priority, const char *fmt, ...)
{
	char text[SAY_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* The journal takes a line for a message. */
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
		(void)fprintf(stderr, "<%d>%s\n", (int)priority, line);
}

static void on_step(void *ctx, const char *text)
{
	(void)ctx;
	agent_say(SAY_INFO, "%s", text);
}

const struct progress agent_progress = { .step = on_step };
