/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report: a level as one page of Markdown, for whoever has to approve it.
 *
 * Made of the level's manifest and explanation alone, so that it is the same for everybody who has
 * the level: no time, no path of the machine that built it.
 */
#ifndef OAK_BUILD_REPORT_H
#define OAK_BUILD_REPORT_H

#include "build/explain.h"

#define REPORT_FILE "report.md"

/**
 * report_write() - write the page
 * @manifest: as oakum-build make writes it (docs/formats/repository.md)
 * @ret:      appended to
 *
 * Pure. Texts from outside are escaped. Errors: OAK_E_FORMAT (a manifest of another module than
 * @e), OAK_E_NOMEM.
 */
int report_write(const json_t *manifest, const struct explain *e, struct buf *ret,
		 struct oak_error *err) _must_check_;

#endif
