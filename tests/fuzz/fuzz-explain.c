/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A document that explain_read() accepts can be drawn: the tree has each piece once, and no line has
 * a control character, whatever the file says.
 */
#include "fuzz.h"

#include <string.h>

#include "build/explain-tree.h"
#include "build/report.h"

#define LIMIT 65536

static void check_rows(const struct explain_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		FUZZ_CHECK(rows->v[i].prefix &&
			   strlen(rows->v[i].prefix) == 3 * (size_t)rows->v[i].depth);
		for (const char *c = rows->v[i].text; *c; c++)
			FUZZ_CHECK((unsigned char)*c >= 0x20 && *c != 0x7f);
	}
}

static void check_chains(const struct explain *e)
{
	for (size_t i = 0; i < e->n_pieces && i < 4; i++) {
		struct explain_rows rows = { 0 };
		struct oak_error err;

		if (e->pieces[i].name[0])
			FUZZ_CHECK(explain_chain(e, e->pieces[i].name, &rows, &err) == 0);
		check_rows(&rows);
		explain_rows_free(&rows);
	}
}

/* The document names its module as a manifest does, so it can stand in for one. */
static void check_report(const json_t *doc, const struct explain *e)
{
	_cleanup_(buf_free) struct buf page = { 0 };
	struct oak_error err;

	if (!e->module_sha256[0] || report_write(doc, e, &page, &err) < 0)
		return;
	for (size_t i = 0; i < page.len; i++)
		FUZZ_CHECK(page.data[i] >= 0x20 || page.data[i] == '\n');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(explain_rows_free) struct explain_rows rows = { 0 };
	_cleanup_(explain_freep) struct explain *e = NULL;
	_cleanup_(json_decrefp) json_t *doc = NULL;
	struct oak_error err = { .code = OAK_OK };

	if (json_parse(data, size, LIMIT, "input", &doc, &err) < 0)
		return 0;
	if (explain_read(doc, &e, &err) < 0) {
		FUZZ_CHECK(err.code == OAK_E_FORMAT && !e);
		return 0;
	}
	FUZZ_CHECK(explain_tree(e, &rows, &err) == 0);
	FUZZ_CHECK(rows.n >= 2 + e->n_fixes + e->n_own);
	check_rows(&rows);
	check_chains(e);
	check_report(doc, e);
	return 0;
}
