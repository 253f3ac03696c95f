/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tell-text: the small files of /run/oakum, as texts. Pure; appended to @ret. Errors: OAK_E_NOMEM. */
#ifndef OAK_AGENT_TELL_TEXT_H
#define OAK_AGENT_TELL_TEXT_H

#include "agent/picture.h"
#include "agent/verdict.h"
#include "base/buf.h"

/* effective_version: one line, for scanners. */
int tell_effective_version(const struct picture *p, struct buf *ret, struct oak_error *err)
	_must_check_;

/* cvelist: the closed CVEs, one a line, sorted, each once; empty without an applied level. */
int tell_cvelist(const struct picture *p, struct buf *ret, struct oak_error *err) _must_check_;

/* motd: one line where all is well, else the worst findings, at most TELL_MOTD_LINES. */
#define TELL_MOTD_LINES 3
int tell_motd(const struct verdict_report *v, struct buf *ret, struct oak_error *err) _must_check_;

#endif
