/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <errno.h>

TEST(error_origin_and_context_read_from_outside_in)
{
	struct oak_error err = { .code = OAK_OK };

	EXPECT(oak_fail(&err, OAK_E_FORMAT, "given %s", "twice") == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "given twice");
	EXPECT(oak_context(&err, "line %d", 2) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "line 2: given twice");
	EXPECT(oak_context(&err, "conf") == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "conf: line 2: given twice");
	EXPECT(err.code == OAK_E_FORMAT && err.sys == 0);
}

TEST(error_of_a_system_call_keeps_errno)
{
	struct oak_error err = { .code = OAK_OK };

	EXPECT(oak_fail_errno(&err, ENOSPC, "%s", "/x") == -OAK_E_IO);
	EXPECT_STR(err.msg, "/x: No space left on device");
	EXPECT(err.sys == ENOSPC);
	EXPECT(oak_fail_errno(&err, -EACCES, "/y") == -OAK_E_IO);
	EXPECT(err.sys == EACCES);
	EXPECT(oak_fail_errno(&err, ENOMEM, "/z") == -OAK_E_NOMEM);
	/* A later plain failure must not carry the old errno. */
	EXPECT(oak_fail(&err, OAK_E_FAILED, "no") == -OAK_E_FAILED);
	EXPECT(err.sys == 0);
}

TEST(error_may_be_dropped)
{
	EXPECT(oak_fail(NULL, OAK_E_REFUSED, "x") == -OAK_E_REFUSED);
	EXPECT(oak_fail_errno(NULL, EIO, "x") == -OAK_E_IO);
	EXPECT(oak_context(NULL, "x") == -OAK_E_FAILED);
}

TEST(error_messages_are_cut_not_overrun)
{
	struct oak_error err = { .code = OAK_OK };
	char text[2 * OAK_ERROR_MSG_MAX];

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	(void)oak_fail(&err, OAK_E_FAILED, "%s", text);
	EXPECT(strlen(err.msg) == OAK_ERROR_MSG_MAX - 1);
	(void)oak_context(&err, "%s", text);
	EXPECT(strlen(err.msg) == OAK_ERROR_MSG_MAX - 1);
	(void)oak_fail_errno(&err, EIO, "%s", text);
	EXPECT(strlen(err.msg) == OAK_ERROR_MSG_MAX - 1);
}

TEST(error_codes_have_stable_exit_codes_and_words)
{
	static const struct {
		enum oak_code code;
		int exit_code;
		const char *name;
	} cases[] = {
		{ OAK_OK, 0, "ok" },
		{ OAK_E_FAILED, 1, "failed" },
		{ OAK_E_USAGE, 2, "usage" },
		{ OAK_E_NOTHING, 3, "nothing" },
		{ OAK_E_REFUSED, 4, "refused" },
		{ OAK_E_UNSUPPORTED, 5, "unsupported" },
		{ OAK_E_PERMISSION, 6, "permission" },
		{ OAK_E_NOMEM, 1, "memory" },
		{ OAK_E_IO, 1, "io" },
		{ OAK_E_FORMAT, 1, "format" },
		{ OAK_E_NOTFOUND, 1, "not-found" },
		{ OAK_E_TRUST, 1, "trust" },
		{ OAK_E_TOOLARGE, 1, "too-large" },
		{ OAK_E_AGAIN, 75, "again" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_case = cases[i].name;
		EXPECT(oak_exit_code(-(int)cases[i].code) == cases[i].exit_code);
		EXPECT_STR(oak_code_name(cases[i].code), cases[i].name);
	}
	EXPECT(oak_exit_code(-9999) == 1);
}
