/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What fix_parse() accepts names at least one file, and none outside of the tree. */
#include "fuzz.h"

#include <string.h>

#include "base/json.h"
#include "build/fix.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(fix_freep) struct fix *f = NULL;
	_cleanup_(json_decrefp) json_t *title = NULL;
	struct oak_error err = { .code = OAK_OK };

	if (fix_parse(data, size, "input.patch", &f, &err) < 0) {
		FUZZ_CHECK(!f && strncmp(err.msg, "input.patch: ", 13) == 0);
		return 0;
	}
	FUZZ_CHECK(f->n_files > 0 && f->title);
	title = json_string(f->title);
	FUZZ_CHECK(title && strlen(f->title) <= 512 && !strpbrk(f->title, "\n\t\033"));
	for (size_t i = 0; i < f->n_files; i++) {
		FUZZ_CHECK(f->files[i][0] && f->files[i][0] != '/');
		FUZZ_CHECK(strncmp(f->files[i], "../", 3) != 0 && !strstr(f->files[i], "/../"));
		FUZZ_CHECK(!strchr(f->files[i], '\n'));
	}
	return 0;
}
