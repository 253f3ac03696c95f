/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/rollout/zone.h"

#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "fleet/rollout/zone-rule.h"

#define HEADER_BYTES 44
#define TYPES_MAX    256

struct zone {
	struct zone_rule after; /* later than the last change */
	size_t n;
	int32_t first; /* before the first change */
	struct change {
		int64_t at_s;
		int32_t offset_s;
	} changes[];
};

static uint64_t big_endian(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

/* The counts of a header, in the order of the file. */
struct counts {
	uint32_t ut, std, leap, time, type, chars;
};

static int read_header(const uint8_t *p, size_t len, struct counts *ret, struct oak_error *err)
{
	uint32_t v[6];

	if (len < HEADER_BYTES || memcmp(p, "TZif", 4) != 0)
		return oak_fail(err, OAK_E_FORMAT, "not a time zone file");
	if (p[4] < '2')
		return oak_fail(err, OAK_E_FORMAT, "a time zone file of version 1");
	for (size_t i = 0; i < 6; i++) {
		v[i] = (uint32_t)big_endian(p + 20 + 4 * i, 4);
		if (v[i] > ZONE_BYTES_MAX)
			return oak_fail(err, OAK_E_FORMAT, "a count is too large");
	}
	*ret = (struct counts){ v[0], v[1], v[2], v[3], v[4], v[5] };
	if (!ret->type || ret->type > TYPES_MAX)
		return oak_fail(err, OAK_E_FORMAT, "%u kinds of time", ret->type);
	return 0;
}

/* Bytes of the block after a header; times have @width bytes. */
static size_t block_bytes(const struct counts *c, size_t width)
{
	return (size_t)c->time * (width + 1) + (size_t)c->type * 6 + c->chars +
	       (size_t)c->leap * (width + 4) + c->std + c->ut;
}

static int take_changes(struct zone *z, const uint8_t *p, const struct counts *c,
			struct oak_error *err)
{
	const uint8_t *index = p + (size_t)c->time * 8, *types = index + c->time;

	for (uint32_t i = 0; i < c->type; i++) {
		int32_t offset = (int32_t)(uint32_t)big_endian(types + (size_t)i * 6, 4);

		if (offset <= -ZONE_OFFSET_MAX || offset >= ZONE_OFFSET_MAX)
			return oak_fail(err, OAK_E_FORMAT, "an offset of %d s", offset);
	}
	z->n = c->time;
	z->first = (int32_t)(uint32_t)big_endian(types, 4);
	for (uint32_t i = 0; i < c->time; i++) {
		struct change *ch = &z->changes[i];

		if (index[i] >= c->type)
			return oak_fail(err, OAK_E_FORMAT, "a kind of time that is not there");
		ch->at_s = (int64_t)big_endian(p + (size_t)i * 8, 8);
		ch->offset_s = (int32_t)(uint32_t)big_endian(types + (size_t)index[i] * 6, 4);
		if (i && ch->at_s <= z->changes[i - 1].at_s)
			return oak_fail(err, OAK_E_FORMAT, "changes are not in order");
	}
	return 0;
}

/* "\n<rule>\n"; an empty one leaves the last change's offset for ever. */
static int take_footer(struct zone *z, const uint8_t *p, size_t len, struct oak_error *err)
{
	char text[ZONE_RULE_MAX];
	const uint8_t *end = len ? memchr(p + 1, '\n', len - 1) : NULL;

	if (!end || p[0] != '\n' || (size_t)(end - p - 1) >= sizeof(text))
		return oak_fail(err, OAK_E_FORMAT, "the footer is cut off");
	memcpy(text, p + 1, (size_t)(end - p - 1));
	text[end - p - 1] = '\0';
	if (!text[0]) {
		z->after.std_s = z->n ? z->changes[z->n - 1].offset_s : z->first;
		return 0;
	}
	if (zone_rule_parse(text, &z->after) < 0)
		return oak_fail(err, OAK_E_FORMAT, "the footer's rule is not understood");
	return 0;
}

int zone_parse(const void *data, size_t len, struct zone **ret, struct oak_error *err)
{
	const uint8_t *p = data, *end = p + len;
	_cleanup_(zone_freep) struct zone *z = NULL;
	struct counts c;
	int r;

	if (len > ZONE_BYTES_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "time zone file of %zu bytes", len);
	r = read_header(p, len, &c, err);
	if (r < 0)
		return r;
	if (block_bytes(&c, 4) > len - HEADER_BYTES)
		return oak_fail(err, OAK_E_FORMAT, "cut off");
	p += HEADER_BYTES + block_bytes(&c, 4);
	r = read_header(p, (size_t)(end - p), &c, err);
	if (r < 0)
		return r;
	p += HEADER_BYTES;
	if (block_bytes(&c, 8) > (size_t)(end - p))
		return oak_fail(err, OAK_E_FORMAT, "cut off");
	z = calloc(1, sizeof(*z) + (size_t)c.time * sizeof(z->changes[0]));
	if (!z)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = take_changes(z, p, &c, err);
	p += block_bytes(&c, 8);
	if (r == 0)
		r = take_footer(z, p, (size_t)(end - p), err);
	if (r < 0)
		return r;
	*ret = take_ptr(z);
	return 0;
}

bool zone_is_name(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < len; i++) {
		char c = name[i];
		bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			    (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-';

		if (!word && !(c == '/' && i && name[i - 1] != '/' && name[i + 1]))
			return false;
	}
	return len && len < ZONE_NAME_MAX;
}

int zone_open(const char *name, struct zone **ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf data = { 0 };
	_cleanup_(freep) char *path = NULL;
	int r;

	if (!zone_is_name(name))
		return oak_fail(err, OAK_E_NOTFOUND, "\"%.64s\" is no time zone", name);
	if (strcmp(name, "UTC") == 0) {
		*ret = calloc(1, sizeof(**ret));
		return *ret ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	path = path_join("/usr/share/zoneinfo", name);
	if (!path)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = file_read(AT_FDCWD, path, ZONE_BYTES_MAX, &data, err);
	if (r == -OAK_E_NOTFOUND || r == -OAK_E_IO) /* EISDIR: "Europe" */
		return oak_fail(err, OAK_E_NOTFOUND, "\"%s\" is no time zone that this server has",
				name);
	if (r == 0)
		r = zone_parse(data.data, data.len, ret, err);
	return r < 0 ? oak_context(err, "time zone %s", name) : 0;
}

int32_t zone_offset(const struct zone *z, int64_t at_s)
{
	size_t low = 0, high;

	if (!z)
		return 0;
	if (z->n == 0 || at_s >= z->changes[z->n - 1].at_s)
		return zone_rule_offset(&z->after, at_s);
	if (at_s < z->changes[0].at_s)
		return z->first;
	for (high = z->n - 1; high - low > 1;) {
		size_t middle = low + (high - low) / 2;

		if (z->changes[middle].at_s <= at_s)
			low = middle;
		else
			high = middle;
	}
	return z->changes[low].offset_s;
}

void zone_free(struct zone *z)
{
	free(z);
}
