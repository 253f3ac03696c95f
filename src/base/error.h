/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * error: what went wrong, in memory that the caller owns.
 *
 * Two tiers. Leaves of base/ return 0 or -errno. Every other function returns 0 or a negative
 * enum oak_code and fills the caller's struct oak_error: no heap, nothing to free. The origin
 * writes the message once (oak_fail), callers may put context before it (oak_context), and only
 * cli/ prints it.
 */
#ifndef OAK_BASE_ERROR_H
#define OAK_BASE_ERROR_H

#define OAK_ERROR_MSG_MAX 1024

#ifndef _must_check_
#define _must_check_ __attribute__((warn_unused_result))
#endif
#ifndef _printf_
#define _printf_(fmt, args) __attribute__((format(printf, fmt, args)))
#endif

/* Stable numbers: reports use them. Each maps to one exit code, see oak_exit_code(). */
enum oak_code {
	OAK_OK = 0,
	OAK_E_FAILED = 1,      /* an operation did not succeed; nothing more precise fits */
	OAK_E_USAGE = 2,       /* the command line is wrong */
	OAK_E_NOTHING = 3,     /* nothing to do */
	OAK_E_REFUSED = 4,     /* refused for a stated reason */
	OAK_E_UNSUPPORTED = 5, /* this kernel is not supported */
	OAK_E_PERMISSION = 6,  /* not permitted (no root, lockdown) */
	OAK_E_NOMEM = 7,       /* out of memory */
	OAK_E_IO = 8,          /* the operating system said no; .sys holds errno */
	OAK_E_FORMAT = 9,      /* bytes from outside are malformed */
	OAK_E_NOTFOUND = 10,   /* the named thing does not exist */
	OAK_E_TRUST = 11,      /* a signature, hash, version or expiry check failed */
	OAK_E_TOOLARGE = 12,   /* more than the documented limit */
	OAK_E_AGAIN = 75,      /* try again later */
};

struct oak_error {
	enum oak_code code;
	int sys;          /* errno, or 0 */
	unsigned retry_s; /* the other side asks for that much patience; 0: it does not */
	char msg[OAK_ERROR_MSG_MAX];
};

/**
 * oak_fail() - write an error at its origin
 * @err: the caller's error; NULL is fine and drops the message
 *
 * Return: -code, so that "return oak_fail(err, ...)" reads well.
 */
int oak_fail(struct oak_error *err, enum oak_code code, const char *fmt, ...) _printf_(3, 4);

/**
 * oak_fail_errno() - the same for a failed system call: appends ": <strerror>"
 * @sys: errno, positive or negative; ENOMEM becomes OAK_E_NOMEM, all else OAK_E_IO
 */
int oak_fail_errno(struct oak_error *err, int sys, const char *fmt, ...) _printf_(3, 4);

/**
 * oak_context() - put "<text>: " before the message
 *
 * Return: -err->code (or -OAK_E_FAILED where @err is NULL).
 */
int oak_context(struct oak_error *err, const char *fmt, ...) _printf_(2, 3);

#ifdef __clang_analyzer__
/*
 * The analyzer cannot look into error.c; without this it follows paths on which an error was
 * returned as success, and finds uninitialised results there.
 */
#define oak_fail(err, code, ...)      (oak_fail(err, code, __VA_ARGS__), -(int)(code))
#define oak_fail_errno(err, sys, ...) (oak_fail_errno(err, sys, __VA_ARGS__), -OAK_E_IO)
#define oak_context(err, ...)         (oak_context(err, __VA_ARGS__), -OAK_E_FAILED)
#endif

/* The exit status of a program for a return value of 0 or -code; see docs/HACKING.md. */
int oak_exit_code(int r);

/* The stable word of a code for --json: "refused", "trust", ... */
const char *oak_code_name(enum oak_code code);

#endif
