/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/people/qr.h"

#include <errno.h>

#include <qrencode.h>

#include "base/cleanup.h"

DEFINE_CLEANUP(QRcode *, QRcode_free)

#define DARK 1u

/* Neighbours of a row are one rectangle. */
static int add_row(const unsigned char *row, unsigned width, unsigned y, struct buf *ret)
{
	unsigned x = 0;
	int r = 0;

	while (r == 0 && x < width) {
		unsigned n = 0;

		while (x + n < width && (row[x + n] & DARK))
			n++;
		if (n)
			r = buf_printf(ret, "M%u %uh%uv1h-%uz", x + QR_QUIET, y + QR_QUIET, n, n);
		x += n ? n : 1;
	}
	return r;
}

int qr_path(const char *text, struct buf *ret, unsigned *ret_size, struct oak_error *err)
{
	_cleanup_(QRcode_freep) QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	unsigned width;
	int r = 0;

	if (!code)
		return errno == ERANGE ? oak_fail(err, OAK_E_TOOLARGE, "too long for a QR code")
				       : oak_fail(err, OAK_E_NOMEM, "out of memory");
	width = (unsigned)code->width;
	for (unsigned y = 0; r == 0 && y < width; y++)
		r = add_row(code->data + (size_t)y * width, width, y, ret);
	if (r < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	*ret_size = width + 2 * QR_QUIET;
	return 0;
}
