/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tell: what others read of us: the files of /run/oakum, node_exporter's, reboot-required. */
#ifndef OAK_AGENT_TELL_H
#define OAK_AGENT_TELL_H

#include <stdint.h>

#include "agent/picture.h"
#include "base/progress.h"

#define TELL_DIR               "run/oakum"
#define TELL_EFFECTIVE_VERSION TELL_DIR "/effective_version"
#define TELL_CVELIST           TELL_DIR "/cvelist"
#define TELL_MOTD              TELL_DIR "/motd"
#define TELL_PROMETHEUS        "oakum.prom" /* in the directory that the setting "textfile" names */

/**
 * tell_all() - bring all of them up to date
 * @notes: takes what could not be written, a line each; may be NULL
 *
 * A file whose content would stay the same is not written. Files are replaced by rename, mode
 * 0644. A textfile directory that is not there means that nobody collects: nothing is said.
 */
void tell_all(int root, const struct picture *p, int64_t now_s, const struct progress *notes);

/* What scanners read alone: effective_version, cvelist, VEX. For changes by hand without an agent. */
void tell_scanners(int root, const struct picture *p, int64_t now_s, const struct progress *notes);

#endif
