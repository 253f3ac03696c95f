/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/go-build.h"

#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "audit/inside.h"
#include "base/cleanup.h"

#define MAGIC        "\xff Go buildinf:"
#define MAGIC_LEN    14u
#define HEADER       32u
#define INLINE       2u /* flag: the texts follow the header */
#define SENTINEL     ((size_t)16)
#define INFO_MAX     (64u << 10)
#define SECTIONS_MAX 256u

/* A length as Go writes it, seven bits a byte; false at the end or where it is too large. */
static bool read_length(const uint8_t **p, const uint8_t *end, size_t *ret)
{
	size_t n = 0;

	for (unsigned shift = 0; *p < end && shift < 28; shift += 7) {
		uint8_t byte = *(*p)++;

		n |= (size_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			*ret = n;
			return n <= (size_t)(end - *p);
		}
	}
	return false;
}

/* Copies a version: digits first, to what cannot be one. */
static bool take_version(const char *p, const char *end, char ret[GO_VERSION_MAX])
{
	size_t n = 0;

	if (p < end && *p == 'v')
		p++;
	if (p >= end || *p < '0' || *p > '9')
		return false;
	while (p + n < end && n + 1 < GO_VERSION_MAX && p[n] > ' ' && p[n] < 0x7f &&
	       !strchr("\"'\\", p[n])) {
		ret[n] = p[n];
		n++;
	}
	ret[n] = '\0';
	/* A module between versions: v0.0.0-20250530120714-e6534b4 says nothing. */
	return strncmp(ret, "0.0.0-", 6) != 0;
}

/* "mod\t<path>\t<version>\t..." */
static bool from_module(const char *line, const char *end, char ret[GO_VERSION_MAX])
{
	const char *tab;

	if (end - line < 4 || strncmp(line, "mod\t", 4) != 0)
		return false;
	tab = memchr(line + 4, '\t', (size_t)(end - line - 4));
	return tab && take_version(tab + 1, end, ret);
}

/* "build\t-ldflags=... -X main.version=1.1.12 ..." */
static bool from_flags(const char *line, const char *end, char ret[GO_VERSION_MAX])
{
	static const char key[] = "ersion=";

	if (end - line < 15 || strncmp(line, "build\t-ldflags=", 15) != 0)
		return false;
	for (const char *p = line; (p = memmem(p, (size_t)(end - p), key, strlen(key)));) {
		bool is_variable = p - line > 1 && (p[-1] == 'V' || p[-1] == 'v') && p[-2] == '.';

		p += strlen(key);
		if (is_variable && take_version(p, end, ret))
			return true;
	}
	return false;
}

bool go_build_parse(const uint8_t *data, size_t len, char ret[GO_VERSION_MAX])
{
	const uint8_t *p = data + HEADER, *end = data + len;
	const char *line, *stop;
	size_t n;

	if (len < HEADER || memcmp(data, MAGIC, MAGIC_LEN) != 0 || !(data[15] & INLINE))
		return false;
	if (!read_length(&p, end, &n)) /* of Go itself */
		return false;
	p += n;
	if (!read_length(&p, end, &n) || n < 2 * SENTINEL)
		return false;
	line = (const char *)p + SENTINEL;
	stop = (const char *)p + n - SENTINEL;
	while (line < stop) {
		const char *nl = memchr(line, '\n', (size_t)(stop - line));
		const char *to = nl ? nl : stop;

		if (from_module(line, to, ret) || from_flags(line, to, ret))
			return true;
		line = to + 1;
	}
	return false;
}

/* Whether @len bytes at @off are read in full. */
static bool read_at(int fd, void *ret, size_t len, uint64_t off)
{
	return off <= INT64_MAX && pread(fd, ret, len, (off_t)off) == (ssize_t)len;
}

/* Where the information lies: the section of that name. */
static bool find(int fd, uint64_t *ret_off, size_t *ret_len)
{
	static const char name[] = ".go.buildinfo";
	Elf64_Shdr names, s;
	char text[sizeof(name)];
	Elf64_Ehdr h;

	if (!read_at(fd, &h, sizeof(h), 0) || memcmp(h.e_ident, ELFMAG, SELFMAG) != 0 ||
	    h.e_ident[EI_CLASS] != ELFCLASS64 || h.e_ident[EI_DATA] != ELFDATA2LSB ||
	    h.e_shentsize != sizeof(s) || h.e_shnum > SECTIONS_MAX || h.e_shstrndx >= h.e_shnum ||
	    h.e_shoff > INT64_MAX / 2 ||
	    !read_at(fd, &names, sizeof(names), h.e_shoff + h.e_shstrndx * sizeof(s)))
		return false;
	for (size_t i = 0; i < h.e_shnum; i++) {
		if (!read_at(fd, &s, sizeof(s), h.e_shoff + i * sizeof(s)))
			return false;
		if (names.sh_offset > INT64_MAX / 2 ||
		    !read_at(fd, text, sizeof(text), names.sh_offset + s.sh_name) ||
		    memcmp(text, name, sizeof(name)) != 0)
			continue;
		*ret_off = s.sh_offset;
		*ret_len = s.sh_size < INFO_MAX ? (size_t)s.sh_size : INFO_MAX;
		return true;
	}
	return false;
}

bool go_build_version(int root, const char *path, char ret[GO_VERSION_MAX])
{
	_cleanup_(closep) int fd = inside_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	_cleanup_(buf_free) struct buf b = { 0 };
	uint64_t off;
	size_t len;

	if (fd < 0 || !find(fd, &off, &len) || buf_add_zero(&b, len) < 0 ||
	    !read_at(fd, b.data, len, off))
		return false;
	return go_build_parse(b.data, b.len, ret);
}
