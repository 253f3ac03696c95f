/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * buf: bytes that grow. Zero-initialise; buf_free() leaves it zero again.
 * The byte after the last is always NUL once anything was added, so text can be read in place.
 * Errors: -ENOMEM (also for sizes that overflow).
 */
#ifndef OAK_BASE_BUF_H
#define OAK_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct buf {
	uint8_t *data;
	size_t len;
	size_t cap;
};

void buf_free(struct buf *b); /* also the guard: _cleanup_(buf_free) struct buf b = { 0 }; */
int buf_reserve(struct buf *b, size_t more) _must_check_;
int buf_add(struct buf *b, const void *data, size_t len) _must_check_;
int buf_add_zero(struct buf *b, size_t len) _must_check_;
int buf_add_str(struct buf *b, const char *s) _must_check_;
int buf_printf(struct buf *b, const char *fmt, ...) _must_check_ _printf_(2, 3);
int buf_align(struct buf *b, size_t align) _must_check_; /* zero-pads len to a multiple */

/* Text of the buffer, "" where nothing was added. Borrowed until the next buf_ call. */
const char *buf_str(const struct buf *b);

/* Hands the bytes to the caller, who frees them; the buffer is empty again. May be NULL. */
uint8_t *buf_take(struct buf *b, size_t *ret_len);

#endif
