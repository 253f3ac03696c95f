/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/vmlinuz.h"

#include <elf.h>
#include <string.h>

#include "kernel/bytes.h"
#include "kernel/decompress.h"
#include "kernel/elf-image.h"

/* Offsets in the setup header: Documentation/arch/x86/boot.rst. */
#define SETUP_SECTS_AT    0x1f1
#define BOOT_FLAG_AT      0x1fe
#define MAGIC_AT          0x202
#define VERSION_AT        0x206
#define PAYLOAD_OFFSET_AT 0x248
#define PAYLOAD_LENGTH_AT 0x24c
#define HEADER_END        0x250

#define BOOT_FLAG             0xaa55
#define PAYLOAD_SINCE_VERSION 0x0208
#define SECTOR_BYTES          512
#define SETUP_SECTS_DEFAULT   4 /* what a 0 means, "for backwards compatibility" */

static bool has_magic(const uint8_t *d, size_t len)
{
	return len >= MAGIC_AT + 4 && get_le16(d + BOOT_FLAG_AT) == BOOT_FLAG &&
	       memcmp(d + MAGIC_AT, "HdrS", 4) == 0;
}

/* Where the compressed kernel lies in the file. */
static int find_payload(const uint8_t *d, size_t len, uint64_t *ret_off, uint64_t *ret_len,
			struct oak_error *err)
{
	uint64_t setup_sects, off, size;
	unsigned version;

	if (!has_magic(d, len))
		return oak_fail(err, OAK_E_FORMAT,
				"not an x86 kernel image: no boot header, and not an ELF file");
	if (len < HEADER_END)
		return oak_fail(err, OAK_E_FORMAT,
				"truncated kernel image: %zu bytes, not even the boot header", len);
	version = get_le16(d + VERSION_AT);
	if (version < PAYLOAD_SINCE_VERSION)
		return oak_fail(err, OAK_E_UNSUPPORTED,
				"boot protocol %u.%02u is too old: 2.08 (Linux 2.6.26) is needed",
				version >> 8, version & 0xff);
	setup_sects = d[SETUP_SECTS_AT] ? d[SETUP_SECTS_AT] : SETUP_SECTS_DEFAULT;
	off = (setup_sects + 1) * SECTOR_BYTES + get_le32(d + PAYLOAD_OFFSET_AT);
	size = get_le32(d + PAYLOAD_LENGTH_AT);
	if (size == 0)
		return oak_fail(err, OAK_E_FORMAT,
				"not an x86 kernel image: its boot header names no payload");
	if (!range_within(off, size, len))
		return oak_fail(err, OAK_E_FORMAT,
				"truncated kernel image: %zu bytes, its payload ends at %llu", len,
				(unsigned long long)(off + size));
	*ret_off = off;
	*ret_len = size;
	return 0;
}

static bool is_elf(const uint8_t *d, size_t len)
{
	return len >= SELFMAG && memcmp(d, ELFMAG, SELFMAG) == 0;
}

/* Drops what follows the ELF that starts at @start. */
static int cut_to_elf(struct buf *b, size_t start, struct oak_error *err)
{
	size_t end;
	int r;

	if (b->len == start)
		return oak_fail(err, OAK_E_FORMAT, "the kernel inside: no bytes");
	r = elf_image_end(b->data + start, b->len - start, &end, err);
	if (r < 0)
		return oak_context(err, "the kernel inside");
	b->len = start + end;
	b->data[b->len] = 0;
	return 0;
}

int vmlinuz_unpack(const void *data, size_t len, struct buf *ret, struct oak_error *err)
{
	const uint8_t *d = data;
	uint64_t off = 0, size = len;
	size_t start = ret->len;
	int r;

	if (!is_elf(d, len)) {
		r = find_payload(d, len, &off, &size, err);
		if (r < 0)
			return r;
	}
	if (is_elf(d + off, size)) {
		if (size > VMLINUZ_UNPACKED_MAX)
			return oak_fail(err, OAK_E_TOOLARGE, "larger than %u bytes",
					VMLINUZ_UNPACKED_MAX);
		if (buf_add(ret, d + off, size) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
	} else {
		/* The build appends the unpacked size: reserving it at once saves copies. */
		uint32_t hint = size >= 4 ? get_le32(d + off + size - 4) : 0;

		if (hint < VMLINUZ_UNPACKED_MAX && hint / 64 < size &&
		    buf_reserve(ret, (size_t)hint + (1u << 20)) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		r = decompress(d + off, size, VMLINUZ_UNPACKED_MAX, ret, err);
		if (r < 0)
			return oak_context(err, "the kernel inside");
	}
	return cut_to_elf(ret, start, err);
}
