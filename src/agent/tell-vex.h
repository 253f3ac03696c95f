/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tell-vex: the VEX documents of /run/oakum, and the signed evidence that names them.
 *
 *	vex.openvex.json, vex.csaf.json, vex.cdx.json, vex.oval.xml   as the setting "vex" says
 *	vex.dsse.json                                                 host/vex/evidence.h, signed
 *	vex.pub                                                       by this key
 *
 * A host of which nothing is to be said has none of them. What stays the same is not written again.
 */
#ifndef OAK_AGENT_TELL_VEX_H
#define OAK_AGENT_TELL_VEX_H

#include <stdint.h>

#include "agent/vex-take.h"
#include "host/settings.h"

/**
 * tell_vex() - bring them up to date
 * @ret: what they say; vex_taken_clear() it. NULL: not wanted
 *
 * Errors: those of vex_take(), of the key (host/vex/signing.h), OAK_E_IO.
 */
int tell_vex(int root, const struct settings *s, int64_t now_s, struct vex_taken *ret,
	     struct oak_error *err) _must_check_;

#endif
