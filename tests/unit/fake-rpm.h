/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fake-rpm: a header as rpm keeps it, and a database of such headers. */
#ifndef OAK_FAKE_RPM_H
#define OAK_FAKE_RPM_H

#include <sqlite3.h>

#include "audit/rpm-header.h"
#include "fake-tree.h"

struct fake_rpm {
	struct buf index, values;
	uint32_t n;
};

static inline _unused_ void fake_number(struct buf *b, uint32_t v)
{
	const uint8_t bytes[] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8),
				  (uint8_t)v };

	EXPECT(buf_add(b, bytes, sizeof(bytes)) == 0);
}

static inline _unused_ void fake_entry(struct fake_rpm *f, uint32_t tag, uint32_t type,
				       uint32_t count)
{
	fake_number(&f->index, tag);
	fake_number(&f->index, type);
	fake_number(&f->index, (uint32_t)f->values.len);
	fake_number(&f->index, count);
	f->n++;
}

/* @texts: one after the other, "a\0b\0" */
static inline _unused_ void fake_texts(struct fake_rpm *f, uint32_t tag, const char *texts,
				       size_t len)
{
	uint32_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += !texts[i];
	fake_entry(f, tag, 8, n);
	EXPECT(buf_add(&f->values, texts, len) == 0);
}

#define FAKE_TEXTS(f, tag, texts) fake_texts(f, tag, texts, sizeof(texts))

static inline _unused_ void fake_text(struct fake_rpm *f, uint32_t tag, const char *text)
{
	fake_entry(f, tag, 6, 1);
	EXPECT(buf_add(&f->values, text, strlen(text) + 1) == 0);
}

static inline _unused_ void fake_u32(struct fake_rpm *f, uint32_t tag, uint32_t v)
{
	EXPECT(buf_align(&f->values, 4) == 0);
	fake_entry(f, tag, 4, 1);
	fake_number(&f->values, v);
}

/* Empties @f. */
static inline _unused_ void fake_header(struct fake_rpm *f, struct buf *ret)
{
	fake_number(ret, f->n);
	fake_number(ret, (uint32_t)f->values.len);
	EXPECT(buf_add(ret, f->index.data, f->index.len) == 0);
	EXPECT(buf_add(ret, f->values.data, f->values.len) == 0);
	buf_free(&f->index);
	buf_free(&f->values);
	*f = (struct fake_rpm){ .n = 0 };
}

/* A package with one file; @changelog NULL: none. */
static inline _unused_ void fake_package(struct buf *ret, const char *name, const char *version,
					 const char *release, const char *changelog)
{
	struct fake_rpm f = { .n = 0 };

	fake_text(&f, RPM_NAME, name);
	fake_text(&f, RPM_VERSION, version);
	fake_text(&f, RPM_RELEASE, release);
	FAKE_TEXTS(&f, RPM_DIR_NAMES, "/usr/share/\0/usr/bin/");
	FAKE_TEXTS(&f, RPM_BASE_NAMES, "other\0runc");
	EXPECT(buf_align(&f.values, 4) == 0);
	fake_entry(&f, RPM_DIR_INDEXES, 4, 2);
	fake_number(&f.values, 0);
	fake_number(&f.values, 1);
	if (changelog) {
		fake_text(&f, RPM_CHANGELOG_NAME, "A Person <a@b.org> - 1.1.9-2");
		fake_text(&f, RPM_CHANGELOG_TEXT, changelog);
	}
	fake_header(&f, ret);
}

#define FAKE_RPMDB "usr/lib/sysimage/rpm/rpmdb.sqlite"
#define FAKE_SCHEMA                                                                           \
	"CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL);" \
	"CREATE TABLE Basenames (key 'TEXT' NOT NULL, hnum INTEGER NOT NULL, idx INTEGER NOT NULL);"

/* Runs @sql with @header as its parameter; "" begins a new database. */
static inline _unused_ void fake_rpmdb(int root, const char *sql, const struct buf *header)
{
	_cleanup_(freep) char *path = NULL;
	sqlite3_stmt *s = NULL;
	sqlite3 *db = NULL;

	EXPECT(asprintf(&path, "%s/root/%s", test_dir(), FAKE_RPMDB) > 0);
	if (!*sql)
		tree_put(root, FAKE_RPMDB, "");
	EXPECT(sqlite3_open(path, &db) == SQLITE_OK);
	if (!*sql) {
		EXPECT(sqlite3_exec(db, FAKE_SCHEMA, NULL, NULL, NULL) == SQLITE_OK);
		sql = "INSERT INTO Packages (blob) VALUES (?1)";
	}
	EXPECT(sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK);
	if (header)
		EXPECT(sqlite3_bind_blob(s, 1, header->data, (int)header->len, NULL) == SQLITE_OK);
	EXPECT(sqlite3_step(s) == SQLITE_DONE);
	EXPECT(sqlite3_finalize(s) == SQLITE_OK);
	EXPECT(sqlite3_close(db) == SQLITE_OK);
}

#endif
