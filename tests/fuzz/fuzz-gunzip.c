/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever is unpacked: never more than was asked for, and what is no gzip file as it is. */
#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/gunzip.h"

#define MOST 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	int fd = memfd_create("gunzip", MFD_CLOEXEC), r;

	FUZZ_CHECK(fd >= 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
	r = gunzip_fd(fd, "fuzz", MOST, gunzip_to_buf, &b, NULL);
	FUZZ_CHECK(b.len <= MOST);
	if (size >= 2 && memcmp(data, "\x1f\x8b", 2) != 0)
		FUZZ_CHECK(size > MOST ? r < 0 : r == 0 && memcmp(b.data, data, size) == 0);
	return 0;
}
