/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qr: a text as a QR code, drawn as one path of SVG, so that no style and no picture of somebody else is needed.
 * libqrencode makes the matrix.
 */
#ifndef OAK_FLEET_PEOPLE_QR_H
#define OAK_FLEET_PEOPLE_QR_H

#include "base/buf.h"
#include "base/error.h"

#define QR_QUIET 4u /* modules around it: ISO/IEC 18004 asks for so many */

/* Appends "M4 4h1v1h-1z..." to @ret; @ret_size: modules a side, with the quiet zone. Errors: OAK_E_TOOLARGE, OAK_E_NOMEM. */
int qr_path(const char *text, struct buf *ret, unsigned *ret_size, struct oak_error *err)
	_must_check_;

#endif
