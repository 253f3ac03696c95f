/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/progress.h"

#include <stdarg.h>
#include <stdio.h>

void progress_step(const struct progress *p, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (!p || !p->step)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	p->step(p->ctx, text);
}
