/* SPDX-License-Identifier: GPL-2.0-or-later */
/* process: run a program without a shell, its output bounded and captured. */
#ifndef OAK_BASE_PROCESS_H
#define OAK_BASE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"

#define PROCESS_OUTPUT_MAX (16u << 20) /* bytes kept of stdout and of stderr; the rest is dropped */

struct process_options {
	const char *cwd;        /* NULL: ours */
	const char *const *env; /* NULL: ours; else the whole environment, NULL-terminated */
	const void *input;      /* standard input; NULL: /dev/null */
	size_t input_len;
	uint32_t timeout_ms; /* 0: none; else it has a process group of its own, killed then */
	size_t output_max;   /* bytes kept of each output; 0: PROCESS_OUTPUT_MAX */
};

struct process_result {
	int status;     /* exit status 0-255, or 128 + the signal's number */
	bool timed_out; /* it was killed for that; the outputs hold what there was */
	struct buf out, err;
};

/* A program that runs beside us; from process_start() until process_wait(). */
struct process {
	pid_t pid;
	int in, out, err; /* our ends of the pipes, or -1 */
	const void *input;
	size_t input_len;
	uint64_t deadline_ns; /* of the monotonic clock; 0: none */
	size_t output_max;
};

/*
 * @argv is NULL-terminated; argv[0] is looked up in PATH. Call it from the main thread: the program
 * is told to end (SIGTERM) when the thread that started it ends, however that comes.
 */
int process_start(const char *const *argv, const struct process_options *opt, struct process *ret,
		  struct oak_error *err) _must_check_;

/* Collects all output and the status; @p is done with afterwards, whatever is returned. */
int process_wait(struct process *p, struct process_result *ret, struct oak_error *err) _must_check_;

/**
 * process_wait_any() - serve several programs until one of them has ended
 * @results: one a program, zeroed before the first call; output gathers over the calls
 * @n:       1 to PROCESS_AT_ONCE_MAX
 * @ret:     which; that one is done with, whatever is returned, its status is in its result
 */
#define PROCESS_AT_ONCE_MAX 64
int process_wait_any(struct process *const *v, struct process_result *const *results, size_t n,
		     size_t *ret, struct oak_error *err) _must_check_;

/**
 * process_run() - start and wait
 *
 * A program that ran and failed is a result, not an error. Errors: OAK_E_NOTFOUND (no such
 * program), OAK_E_IO, OAK_E_NOMEM.
 */
int process_run(const char *const *argv, const struct process_options *opt,
		struct process_result *ret, struct oak_error *err) _must_check_;

void process_result_free(struct process_result *r); /* also the guard */

#endif
