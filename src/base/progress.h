/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * progress: how long work tells its caller what it is doing. Rooms below cli/ never print; they
 * take a const struct progress * (NULL: silent) and call progress_step() at each stage.
 */
#ifndef OAK_BASE_PROGRESS_H
#define OAK_BASE_PROGRESS_H

#include "base/error.h"

struct progress {
	/* @text is one line without a newline, borrowed for the call. */
	void (*step)(void *ctx, const char *text);
	void *ctx;
};

void progress_step(const struct progress *p, const char *fmt, ...) _printf_(2, 3);

#endif
