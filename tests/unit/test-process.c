/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/process.h"

static void sh(const char *script, const struct process_options *opt, struct process_result *ret)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	struct oak_error err = { .code = OAK_OK };

	test_case = script;
	EXPECT(process_run(argv, opt, ret, &err) == 0);
}

TEST(process_captures_output_and_status)
{
	static const struct {
		const char *script;
		int status;
		const char *out, *err;
	} cases[] = {
		{ "exit 0", 0, "", "" },
		{ "echo a; echo b >&2; exit 7", 7, "a\n", "b\n" },
		{ "cat", 0, "", "" }, /* no input given: end of file at once */
		{ "kill -KILL $$", 128 + SIGKILL, "", "" },
		{ "kill -SEGV $$", 128 + SIGSEGV, "", "" },
		{ "exec >&- 2>&-; sleep 0.1; exit 3", 3, "", "" }, /* closes before it ends */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(process_result_free) struct process_result r = { 0 };

		sh(cases[i].script, NULL, &r);
		EXPECT(r.status == cases[i].status);
		EXPECT_STR(buf_str(&r.out), cases[i].out);
		EXPECT_STR(buf_str(&r.err), cases[i].err);
	}
}

TEST(process_that_is_missing_is_an_error)
{
	static const char *const argv[] = { "oakum-no-such-program", NULL };
	_cleanup_(process_result_free) struct process_result r = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(process_run(argv, NULL, &r, &err) == -OAK_E_NOTFOUND);
	EXPECT_STR(err.msg, "oakum-no-such-program: no such program");
}

TEST(process_in_a_missing_folder_is_an_error)
{
	static const char *const argv[] = { "true", NULL };
	const struct process_options opt = { .cwd = "/nonexistent" };
	_cleanup_(process_result_free) struct process_result r = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(process_run(argv, &opt, &r, &err) == -OAK_E_IO);
	EXPECT_STR(err.msg, "true: cannot enter /nonexistent: No such file or directory");
}

TEST(process_takes_folder_and_environment)
{
	static const char *const env[] = { "WORD=aye", "PATH=/usr/bin:/bin", NULL };
	const struct process_options opt = { .cwd = "/", .env = env };
	_cleanup_(process_result_free) struct process_result r = { 0 };

	sh("pwd; echo $WORD$HOME", &opt, &r);
	EXPECT_STR(buf_str(&r.out), "/\naye\n");
}

/* Both directions at once, more than a pipe holds: neither side may wait for the other for ever. */
TEST(process_streams_large_input_and_output)
{
	_cleanup_(process_result_free) struct process_result r = { 0 };
	struct process_options opt = { .input_len = 4u << 20 };
	_cleanup_(freep) char *input = malloc(opt.input_len);

	EXPECT(input);
	memset(input, 'x', opt.input_len);
	opt.input = input;
	sh("tee /dev/stderr", &opt, &r);
	EXPECT(r.status == 0);
	EXPECT(r.out.len == opt.input_len && memcmp(r.out.data, input, opt.input_len) == 0);
	EXPECT(r.err.len == opt.input_len);
}

TEST(process_that_ignores_its_input_is_fine)
{
	_cleanup_(process_result_free) struct process_result r = { 0 };
	struct process_options opt = { .input_len = 1u << 20 };
	_cleanup_(freep) char *input = calloc(1, opt.input_len);

	EXPECT(input);
	opt.input = input;
	sh("echo done", &opt, &r);
	EXPECT(r.status == 0);
	EXPECT_STR(buf_str(&r.out), "done\n");
}

TEST(process_output_is_bounded)
{
	_cleanup_(process_result_free) struct process_result r = { 0 };

	sh("head -c 20000000 /dev/zero; echo end >&2", NULL, &r);
	EXPECT(r.status == 0);
	EXPECT(r.out.len == PROCESS_OUTPUT_MAX);
	EXPECT_STR(buf_str(&r.err), "end\n");
}

/* The pipes of one program must not reach another: its reader would never see the end of file. */
TEST(process_inherits_no_descriptors)
{
	static const char *const sleeper[] = { "cat", NULL };
	const struct process_options opt = { .input = "", .input_len = 0 };
	_cleanup_(process_result_free) struct process_result before = { 0 }, during = { 0 },
							     r = { 0 };
	struct oak_error err = { .code = OAK_OK };
	struct process p;

	sh("ls /proc/self/fd", NULL, &before);
	EXPECT(process_start(sleeper, &opt, &p, &err) == 0);
	sh("ls /proc/self/fd", NULL, &during);
	EXPECT_STR(buf_str(&during.out), buf_str(&before.out));
	EXPECT(process_wait(&p, &r, &err) == 0);
}

TEST(process_starts_with_default_signals)
{
	_cleanup_(process_result_free) struct process_result r = { 0 };

	/* "yes" lives until SIGPIPE ends it; ignored signals would be inherited. */
	sh("yes | head -n 1", NULL, &r);
	EXPECT_STR(buf_str(&r.out), "y\n");
	EXPECT_STR(buf_str(&r.err), "");
}

/* Starts a program that would run for long, says its pid, and is killed. */
static void __attribute__((noreturn)) start_and_die(int to)
{
	static const char *const argv[] = { "sleep", "30", NULL };
	struct oak_error err = { .code = OAK_OK };
	struct process p;

	if (process_start(argv, NULL, &p, &err) == 0)
		(void)!write(to, &p.pid, sizeof(p.pid));
	(void)kill(getpid(), SIGKILL);
	_exit(1);
}

TEST(process_ends_with_whoever_started_it)
{
	int fds[2], st = 0;
	pid_t starter, program = 0;

	/* Its parent is gone when it ends: it becomes ours. */
	EXPECT(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 && pipe2(fds, O_CLOEXEC) == 0);
	starter = fork();
	if (starter == 0)
		start_and_die(fds[1]);
	EXPECT(read(fds[0], &program, sizeof(program)) == (ssize_t)sizeof(program));
	EXPECT(waitpid(starter, NULL, 0) == starter);
	EXPECT(waitpid(program, &st, 0) == program);
	EXPECT(WIFSIGNALED(st) && WTERMSIG(st) == SIGTERM);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

TEST(process_is_killed_with_its_group_when_late)
{
	static const char *const scripts[] = {
		"echo begun; sleep 60",
		"echo begun; exec >&- 2>&-; sleep 60", /* its outputs end before it */
		"echo begun; trap '' TERM; sleep 60",
		"echo begun; sleep 60 & exit 0", /* what it left behind has its output */
	};

	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		_cleanup_(process_result_free) struct process_result r = { 0 };
		uint64_t start = clock_now_ns();

		sh(scripts[i], &(struct process_options){ .timeout_ms = 300 }, &r);
		EXPECT(r.timed_out);
		EXPECT(r.status == (i == 3 ? 0 : 128 + SIGKILL));
		EXPECT_STR(buf_str(&r.out), "begun\n");
		EXPECT(clock_seconds_since(start) >= 0.3 && clock_seconds_since(start) < 20);
	}
	test_case = NULL;
}

TEST(process_in_time_is_not_killed)
{
	_cleanup_(process_result_free) struct process_result r = { 0 };

	sh("exec >&- 2>&-; sleep 0.1; exit 3", &(struct process_options){ .timeout_ms = 60000 }, &r);
	EXPECT(!r.timed_out && r.status == 3);
	test_case = NULL;
}

TEST(process_output_has_the_limit_that_is_asked_for)
{
	_cleanup_(process_result_free) struct process_result r = { 0 };

	sh("printf %0100000d 7; echo abcdef >&2", &(struct process_options){ .output_max = 4 }, &r);
	EXPECT(r.status == 0);
	EXPECT_STR(buf_str(&r.out), "0000");
	EXPECT_STR(buf_str(&r.err), "abcd");
	test_case = NULL;
}
