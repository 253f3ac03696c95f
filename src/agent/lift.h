/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lift: interim mitigations (host/cve/mitigate.h) go away once their CVE is fixed in the kernel. */
#ifndef OAK_AGENT_LIFT_H
#define OAK_AGENT_LIFT_H

#include "base/progress.h"

/**
 * lift_mitigations() - look at all of them, where there are any
 * @notes: a line each, where the journal of the system does not take it; may be NULL
 *
 * Judges with the CVE database of this host and the kernel as it is now. What goes wrong is told, and
 * the mitigation stays. Takes the lock for a moment; where another oakum has it, the next time will do.
 */
void lift_mitigations(int root, const struct progress *notes);

#endif
