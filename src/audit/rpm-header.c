/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/rpm-header.h"

#include <stdio.h>
#include <string.h>

#define ENTRY     16u
#define N_MAX     (1u << 16)
#define BYTES_MAX (256u << 20)

enum type {
	TYPE_U32 = 4,
	TYPE_TEXT = 6,
	TYPE_TEXTS = 8,
	TYPE_TRANSLATED = 9, /* texts, the first without a language */
};

static uint32_t number(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

bool rpm_header_parse(const uint8_t *data, size_t len, struct rpm_header *ret)
{
	size_t n, bytes;

	if (len < 8)
		return false;
	n = number(data);
	bytes = number(data + 4);
	if (n > N_MAX || bytes > BYTES_MAX || len - 8 < n * ENTRY + bytes)
		return false;
	*ret = (struct rpm_header){
		.index = data + 8, .n = n, .values = data + 8 + n * ENTRY, .len = bytes
	};
	return true;
}

/* The first entry of the tag; its type and count, and its bytes to the end of all values. */
static bool find(const struct rpm_header *h, enum rpm_tag tag, uint32_t *type, struct rpm_texts *ret)
{
	for (size_t i = 0; i < h->n; i++) {
		const uint8_t *e = h->index + i * ENTRY;
		size_t offset = number(e + 8);

		if (number(e) != (uint32_t)tag)
			continue;
		if (offset > h->len)
			return false;
		*type = number(e + 4);
		*ret = (struct rpm_texts){ .p = h->values + offset,
					   .len = h->len - offset,
					   .n = number(e + 12) };
		return true;
	}
	return false;
}

struct rpm_texts rpm_header_texts(const struct rpm_header *h, enum rpm_tag tag)
{
	struct rpm_texts t = { .n = 0 };
	uint32_t type = 0;

	if (!find(h, tag, &type, &t))
		return t;
	if (type == TYPE_TEXT)
		t.n = t.n > 0;
	else if (type != TYPE_TEXTS && type != TYPE_TRANSLATED)
		t.n = 0;
	return t;
}

const char *rpm_texts_next(struct rpm_texts *t)
{
	const char *text = (const char *)t->p;
	const uint8_t *end;

	if (!t->n)
		return NULL;
	end = memchr(t->p, 0, t->len);
	if (!end) {
		t->n = 0;
		return NULL;
	}
	t->len -= (size_t)(end + 1 - t->p);
	t->p = end + 1;
	t->n--;
	return text;
}

const char *rpm_header_text(const struct rpm_header *h, enum rpm_tag tag)
{
	struct rpm_texts t = rpm_header_texts(h, tag);

	return rpm_texts_next(&t);
}

bool rpm_header_u32(const struct rpm_header *h, enum rpm_tag tag, size_t i, uint32_t *ret)
{
	struct rpm_texts t = { .n = 0 };
	uint32_t type = 0;

	if (!find(h, tag, &type, &t) || type != TYPE_U32 || i >= t.n || i >= t.len / 4)
		return false;
	*ret = number(t.p + i * 4);
	return true;
}

static const char *text_at(const struct rpm_header *h, enum rpm_tag tag, size_t i)
{
	struct rpm_texts t = rpm_header_texts(h, tag);
	const char *text;

	while ((text = rpm_texts_next(&t)) && i > 0)
		i--;
	return text;
}

/* Copied whole, or not at all. */
static bool fits(int n, size_t size)
{
	return n >= 0 && (size_t)n < size;
}

bool rpm_header_file(const struct rpm_header *h, size_t i, char *ret, size_t size)
{
	const char *name = text_at(h, RPM_BASE_NAMES, i), *dir;
	uint32_t k;

	if (!name || !rpm_header_u32(h, RPM_DIR_INDEXES, i, &k))
		return false;
	dir = text_at(h, RPM_DIR_NAMES, k);
	return dir && fits(snprintf(ret, size, "%s%s", dir, name), size);
}

bool rpm_header_version(const struct rpm_header *h, char *ret, size_t size)
{
	const char *version = rpm_header_text(h, RPM_VERSION);
	const char *release = rpm_header_text(h, RPM_RELEASE);
	char epoch[16] = "";
	uint32_t e;

	if (!version || !*version || !release)
		return false;
	if (rpm_header_u32(h, RPM_EPOCH, 0, &e) && e > 0)
		(void)snprintf(epoch, sizeof(epoch), "%u:", e);
	return fits(snprintf(ret, size, "%s%s-%s", epoch, version, release), size);
}

/* The last word of "A Person <a@b.org> - 4:1.1.9-2", if it begins as versions do. */
static const char *version_of_entry(const char *who)
{
	const char *blank = who ? strrchr(who, ' ') : NULL;

	if (!blank || blank[1] < '0' || blank[1] > '9' || strpbrk(blank, "@()\n"))
		return "";
	return blank + 1;
}

static int add_lines(struct buf *b, const char *text)
{
	int r = 0;

	while (r == 0 && *text) {
		size_t n = strcspn(text, "\n");

		r = buf_add_str(b, "  ");
		if (r == 0)
			r = buf_add(b, text, n);
		if (r == 0)
			r = buf_add_str(b, "\n");
		text += n;
		text += *text == '\n';
	}
	return r;
}

int rpm_header_changelog(const struct rpm_header *h, size_t max, struct buf *ret)
{
	struct rpm_texts names = rpm_header_texts(h, RPM_CHANGELOG_NAME);
	struct rpm_texts texts = rpm_header_texts(h, RPM_CHANGELOG_TEXT);
	const char *text;
	int r = 0;

	while (r == 0 && ret->len < max && (text = rpm_texts_next(&texts))) {
		const char *version = version_of_entry(rpm_texts_next(&names));

		r = buf_printf(ret, "package (%s)\n", version);
		if (r == 0)
			r = add_lines(ret, text);
	}
	return r;
}
