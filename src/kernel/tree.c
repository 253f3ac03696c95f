/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "kernel/command.h"

/* Patterns of tar --exclude, anchored below the tarball's top folder. */
static const char *const tar_argv[] = {
	/* So that nothing goes on writing where we were killed. */
	"setpriv",
	"--pdeathsig",
	"KILL",
	"tar",
	"--extract",
	"--strip-components=1",
	"--no-same-owner",
	"--use-compress-program=xz -T0", /* tar adds -d */
	"--anchored",
	"--wildcards",
	"--no-wildcards-match-slash",
	"--exclude=*/Documentation",
	"--exclude=*/LICENSES",
	"--exclude=*/samples",
	"--exclude=*/rust",
	"--exclude=*/tools/perf",
	"--exclude=*/tools/testing",
	"--exclude=*/arch/[a-wyz]*", /* all but Kconfig and x86 */
	"--exclude=*/arch/xtensa",
};

/* Without one of these no object compiles as it did for the distribution. */
static const char *const needed[] = {
	"Makefile",
	".config",
	"Module.symvers",
	"include/config/auto.conf",
	"include/config/kernel.release",
	"include/generated/autoconf.h",
	"include/generated/asm-offsets.h",
	"include/generated/bounds.h",
	"include/generated/timeconst.h",
	"include/generated/utsrelease.h",
	"include/generated/uapi/linux/version.h",
	"arch/x86/include/generated/asm/syscalls_64.h",
	"arch/x86/include/generated/uapi/asm/unistd_64.h",
	"scripts/Makefile.build",
	"scripts/basic/fixdep",
	"tools/objtool/objtool",
};

/* Their makefiles' own include paths: scripts/Makefile, scripts/selinux/genheaders/Makefile. */
static const struct {
	const char *program, *source;
	const char *flags[3];
} tools_to_build[] = {
	{ "scripts/asn1_compiler", "scripts/asn1_compiler.c", { "-Iinclude" } },
	{ "scripts/selinux/genheaders/genheaders",
	  "scripts/selinux/genheaders/genheaders.c",
	  { "-Iinclude/uapi", "-Iinclude", "-Isecurity/selinux/include" } },
};

int tree_unpack_start(const char *tarball, const char *dir, struct process *ret,
		      struct oak_error *err)
{
	enum {
		N = sizeof(tar_argv) / sizeof(tar_argv[0])
	};
	/* Ranges in the patterns mean bytes in the C locale only. */
	static const char *const env[] = { "LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	const struct process_options opt = { .env = env };
	const char *argv[N + 5];

	memcpy(argv, tar_argv, sizeof(tar_argv));
	argv[N] = "--directory";
	argv[N + 1] = dir;
	argv[N + 2] = "--file";
	argv[N + 3] = tarball;
	argv[N + 4] = NULL;
	return process_start(argv, &opt, ret, err);
}

int tree_unpack_wait(struct process *p, struct oak_error *err)
{
	_cleanup_(process_result_free) struct process_result out = { 0 };
	int r = process_wait(p, &out, err);

	return r < 0 ? r : command_check("tar", &out, err);
}

int tree_overlay(const char *dir, const char *headers, const char *tools, struct oak_error *err)
{
	const struct process_options in_headers = { .cwd = headers };
	const struct process_options in_tools = { .cwd = tools };
	const char *const copy_headers[] = {
		"cp",   "-a", "--target-directory", dir, ".config", "Module.symvers", "include",
		"arch", NULL,
	};
	const char *const copy_tools[] = { "cp", "-a", "--no-clobber", ".", dir, NULL };
	int r = command_run(copy_headers, &in_headers, err);

	return r < 0 ? r : command_run(copy_tools, &in_tools, err);
}

int tree_build_tools(const char *dir, const char *compiler, struct oak_error *err)
{
	const struct process_options opt = { .cwd = dir };
	_cleanup_(closep) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return oak_fail_errno(err, errno, "%s", dir);
	for (size_t i = 0; i < sizeof(tools_to_build) / sizeof(tools_to_build[0]); i++) {
		const char *const *flags = tools_to_build[i].flags;
		const char *const argv[] = {
			compiler,
			"-O2",
			"-o",
			tools_to_build[i].program,
			tools_to_build[i].source,
			flags[0],
			flags[1],
			flags[2],
			NULL,
		};
		int r;

		if (!file_exists(fd, tools_to_build[i].source) ||
		    file_exists(fd, tools_to_build[i].program))
			continue;
		r = command_run(argv, &opt, err);
		if (r == -OAK_E_NOTFOUND)
			return oak_fail(err, OAK_E_NOTFOUND,
					"the kernel was compiled with %s, which is not installed: "
					"run 'apt-get install %s'",
					compiler, compiler);
		if (r < 0)
			return oak_context(err, "%s", tools_to_build[i].source);
	}
	return 0;
}

int tree_check(const char *dir, struct oak_error *err)
{
	_cleanup_(closep) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return oak_fail_errno(err, errno, "%s", dir);
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!file_exists(fd, needed[i]))
			return oak_fail(err, OAK_E_FORMAT,
					"the packages bring no %s: objects cannot be compiled",
					needed[i]);
	return 0;
}
