/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Staged files and requests, which pass from hand to hand. What was accepted can be written and
 * read back as the same; signatures taken over from itself change nothing; no role is there twice.
 */
#include "fuzz.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "trust/author/names.h"
#include "trust/author/staged.h"

static void check_role(const struct staged *s, const struct staged_role *role)
{
	char file[ROLE_FILE_MAX];

	FUZZ_CHECK(role->m && staged_find(s, role->name) == role->m);
	FUZZ_CHECK(metadata_version(role->m) >= 1);
	FUZZ_CHECK(metadata_role(role->m) == role_of_name(role->name));
	role_published_file(role->name, metadata_version(role->m), file);
	FUZZ_CHECK(!strchr(file, '/') && file[0] != '.' && strlen(file) < ROLE_FILE_MAX - 1);
	FUZZ_CHECK(json_array_size(role->signers) <= STAGED_SETS_MAX);
	FUZZ_CHECK(!staged_wants_key(role, ""));
}

static void check_again(const struct staged *s)
{
	_cleanup_(buf_free) struct buf text = { 0 }, merged = { 0 };
	_cleanup_(staged_free) struct staged again = { 0 };
	struct oak_error err = { .code = OAK_OK };
	size_t n;

	FUZZ_CHECK(staged_text(s, &text, &err) == 0);
	FUZZ_CHECK(staged_parse(text.data, text.len, "again", &again, &err) == 0);
	FUZZ_CHECK(staged_merge(&again, s, &n, &err) == 0);
	FUZZ_CHECK(staged_text(&again, &merged, &err) == 0);
	FUZZ_CHECK(text.len == merged.len && memcmp(text.data, merged.data, text.len) == 0);
	for (size_t i = 0; i < s->n; i++)
		staged_drop(&again, s->roles[i].name);
	FUZZ_CHECK(again.n == 0);
	if (s->n)
		FUZZ_CHECK(staged_merge(&again, s, &n, &err) < 0 && err.code == OAK_E_REFUSED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(staged_free) struct staged s = { 0 };
	struct oak_error err = { .code = OAK_OK };
	int r = staged_parse(data, size, "input", &s, &err);

	if (r < 0) {
		FUZZ_CHECK(err.code == OAK_E_FORMAT || err.code == OAK_E_TOOLARGE);
		FUZZ_CHECK(strncmp(err.msg, "input: ", 7) == 0);
		return 0;
	}
	for (size_t i = 0; i < s.n; i++)
		check_role(&s, &s.roles[i]);
	check_again(&s);
	return 0;
}
