/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Set for the analyzer's sake, see error.h; here are the functions themselves. */
#undef oak_fail
#undef oak_fail_errno
#undef oak_context

static _printf_(2, 0) void set_message(struct oak_error *err, const char *fmt, va_list ap)
{
	if (vsnprintf(err->msg, sizeof(err->msg), fmt, ap) < 0)
		err->msg[0] = '\0';
}

int oak_fail(struct oak_error *err, enum oak_code code, const char *fmt, ...)
{
	if (err) {
		va_list ap;

		va_start(ap, fmt);
		set_message(err, fmt, ap);
		va_end(ap);
		err->code = code;
		err->sys = 0;
		err->retry_s = 0;
	}
	return -(int)code;
}

int oak_fail_errno(struct oak_error *err, int sys, const char *fmt, ...)
{
	enum oak_code code;

	if (sys < 0)
		sys = -sys;
	code = sys == ENOMEM ? OAK_E_NOMEM : OAK_E_IO;
	if (err) {
		size_t len;
		va_list ap;

		va_start(ap, fmt);
		set_message(err, fmt, ap);
		va_end(ap);
		len = strlen(err->msg);
		(void)snprintf(err->msg + len, sizeof(err->msg) - len, ": %s", strerror(sys));
		err->code = code;
		err->sys = sys;
	}
	return -(int)code;
}

int oak_context(struct oak_error *err, const char *fmt, ...)
{
	char old[OAK_ERROR_MSG_MAX];
	size_t len;
	va_list ap;

	if (!err)
		return -OAK_E_FAILED;
	memcpy(old, err->msg, sizeof(old));
	va_start(ap, fmt);
	set_message(err, fmt, ap);
	va_end(ap);
	len = strlen(err->msg);
	(void)snprintf(err->msg + len, sizeof(err->msg) - len, ": %s", old);
	return -(int)(err->code == OAK_OK ? OAK_E_FAILED : err->code);
}

static const struct {
	enum oak_code code;
	int exit_code;
	const char *name;
} codes[] = {
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

int oak_exit_code(int r)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if ((int)codes[i].code == -r)
			return codes[i].exit_code;
	return 1;
}

const char *oak_code_name(enum oak_code code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].code == code)
			return codes[i].name;
	return "failed";
}
