/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-archive.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/process.h"
#include "kernel-fixture.h"

#define HEADERS "usr/src/linux-headers-" FAKE_RELEASE "/"
#define TOOLS   "usr/lib/linux-kbuild-6.1/"

static const struct package {
	const char *name;
	const char *files[14]; /* below the package's folder; each holds its own name */
} packages[] = {
	{ "linux-image-" FAKE_RELEASE,
	  { "boot/config-" FAKE_RELEASE, "lib/modules/" FAKE_RELEASE "/modules.builtin",
	    "usr/share/doc/linux-image-" FAKE_RELEASE "/changelog.gz" } },
	{ "linux-headers-" FAKE_RELEASE,
	  { HEADERS ".config", HEADERS "Module.symvers", HEADERS "include/config/auto.conf",
	    HEADERS "include/config/kernel.release", HEADERS "include/generated/autoconf.h",
	    HEADERS "include/generated/asm-offsets.h", HEADERS "include/generated/bounds.h",
	    HEADERS "include/generated/timeconst.h", HEADERS "include/generated/utsrelease.h",
	    HEADERS "include/generated/uapi/linux/version.h",
	    HEADERS "arch/x86/include/generated/asm/syscalls_64.h",
	    HEADERS "arch/x86/include/generated/uapi/asm/unistd_64.h" } },
	{ "linux-kbuild-6.1",
	  { TOOLS "scripts/basic/fixdep", TOOLS "scripts/Makefile.build",
	    TOOLS "tools/objtool/objtool" } },
	{ "linux-source-6.1", { NULL } },
};

/* The source tarball's files, below its top folder. */
static const char *const source_files[] = {
	"Makefile",
	"scripts/Makefile.build",
	"kernel/fork.c",
	"arch/x86/Makefile",
	"arch/arm64/Makefile",
	"arch/um/Makefile",
	"Documentation/index.rst",
	"tools/testing/run",
	"tools/lib/list.h",
};

#define N_PACKAGES (sizeof(packages) / sizeof(packages[0]))

static void must(bool ok, const char *what)
{
	if (!ok) {
		(void)fprintf(stderr, "fake archive: %s\n", what);
		abort();
	}
}

static char *__attribute__((format(printf, 1, 2))) text(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	must(vasprintf(&s, fmt, ap) >= 0, "memory");
	va_end(ap);
	return s;
}

static void write_file(const char *path, const void *data, size_t len, mode_t mode)
{
	_cleanup_(freep) char *dir = text("%.*s", (int)(strrchr(path, '/') - path), path);
	struct oak_error err = { .code = OAK_OK };

	must(dir_make(AT_FDCWD, dir, &err) == 0, err.msg);
	must(file_write(AT_FDCWD, path, data, len, mode, &err) == 0, err.msg);
}

static void run(const char *const *argv, const char *cwd)
{
	_cleanup_(process_result_free) struct process_result out = { 0 };
	const struct process_options opt = { .cwd = cwd };
	struct oak_error err = { .code = OAK_OK };

	must(process_run(argv, &opt, &out, &err) == 0, err.msg);
	must(out.status == 0, buf_str(&out.err));
}

static void make_vmlinuz(const char *root)
{
	_cleanup_(freep) char *path = text("%s/boot/vmlinuz-" FAKE_RELEASE, root);
	_cleanup_(freep) char *config = text("%s/boot/config-" FAKE_RELEASE, root);
	static const char cc[] = "# made\nCONFIG_CC_VERSION_TEXT=\"cc (Fake 12-1) 12.2.0\"\n";
	_cleanup_(buf_free) struct buf elf = { 0 }, image = { 0 };

	fixture_image(&elf);
	fixture_bzimage(&image, FIXTURE_XZ, elf.data, elf.len);
	write_file(path, image.data, image.len, 0644);
	write_file(config, cc, strlen(cc), 0644);
}

static void make_source(const char *dir, const char *root)
{
	_cleanup_(freep) char *tree = text("%s/tree", dir);
	_cleanup_(freep) char *tar = text("%s/usr/src/linux-source-6.1.tar.xz", root);
	_cleanup_(freep) char *tool = text("%s/linux-source-6.1/scripts/asn1_compiler.c", tree);
	static const char program[] = "int main(void)\n{\n\treturn 0;\n}\n";

	for (size_t i = 0; i < sizeof(source_files) / sizeof(source_files[0]); i++) {
		_cleanup_(freep) char *path = text("%s/linux-source-6.1/%s", tree, source_files[i]);

		write_file(path, "source\n", 7, 0644);
	}
	write_file(tool, program, strlen(program), 0644);
	write_file(tar, "", 0, 0644);
	run((const char *[]){ "tar", "-cJf", tar, "linux-source-6.1", NULL }, tree);
}

static void make_package(const char *dir, const struct package *p)
{
	_cleanup_(freep) char *root = text("%s/build/%s", dir, p->name);
	_cleanup_(freep) char *control = text("%s/DEBIAN/control", root);
	_cleanup_(freep) char *deb = text("%s/%s_" FAKE_VERSION "_amd64.deb", dir, p->name);
	_cleanup_(freep) char *fields = text("Package: %s\nVersion: " FAKE_VERSION
					     "\nArchitecture: amd64\nMaintainer: me\n"
					     "Description: fake\n",
					     p->name);

	write_file(control, fields, strlen(fields), 0644);
	for (size_t i = 0; p->files[i]; i++) {
		_cleanup_(freep) char *path = text("%s/%s", root, p->files[i]);

		write_file(path, p->files[i], strlen(p->files[i]), 0644);
	}
	if (strncmp(p->name, "linux-image", 11) == 0)
		make_vmlinuz(root);
	if (strncmp(p->name, "linux-source", 12) == 0)
		make_source(dir, root);
	run((const char *[]){ "dpkg-deb", "-Zgzip", "--build", root, deb, NULL }, NULL);
}

static void print_stanza(const struct fake_archive *a, const struct package *p, struct buf *show)
{
	_cleanup_(freep) char *deb = text("%s/%s_" FAKE_VERSION "_amd64.deb", a->dir, p->name);
	_cleanup_(buf_free) struct buf data = { 0 };
	struct oak_error err = { .code = OAK_OK };
	char sum[SHA256_HEX_MAX];

	must(file_read(AT_FDCWD, deb, 1u << 20, &data, &err) == 0, err.msg);
	sha256_hex(data.data, data.len - (a->wrong_hash ? 1 : 0), sum);
	must(buf_printf(show, "Package: %s\nVersion: " FAKE_VERSION "\nSize: %zu\nSHA256: %s\n\n",
			p->name, data.len, sum) == 0,
	     "memory");
}

/* apt-cache prints all it has, whatever it is asked: more than asked for must not matter. */
static void write_apt_cache(const struct fake_archive *a)
{
	_cleanup_(freep) char *path = text("%s/bin/apt-cache", a->dir);
	_cleanup_(buf_free) struct buf madison = { 0 }, show = { 0 }, names = { 0 }, script = { 0 };

	for (size_t i = 0; i < N_PACKAGES && !a->nothing_known; i++) {
		if (a->no_source && strncmp(packages[i].name, "linux-source", 12) == 0)
			continue;
		print_stanza(a, &packages[i], &show);
		must(buf_printf(&madison, "%s | " FAKE_VERSION " | http://x y/main amd64 Packages\n",
				packages[i].name) == 0 &&
			     buf_printf(&names, "%s\n", packages[i].name) == 0,
		     "memory");
	}
	must(buf_printf(&script,
			"#!/bin/sh\ncase $1 in\n"
			"madison) cat <<'E'\n%sE\n;;\nshow) cat <<'E'\n%sE\n;;\n"
			"pkgnames) cat <<'E'\n%sE\n;;\nesac\n",
			buf_str(&madison), buf_str(&show), buf_str(&names)) == 0,
	     "memory");
	write_file(path, script.data, script.len, 0755);
}

static void write_apt_get(const struct fake_archive *a)
{
	_cleanup_(freep) char *path = text("%s/bin/apt-get", a->dir);
	_cleanup_(freep) char *script =
		a->offline ? text("#!/bin/sh\necho 'E: Could not connect' >&2\nexit 100\n")
			   : text("#!/bin/sh\nfor w; do :; done\necho \"$w\" >>%s/downloads\n"
				  "cp \"%s/${w%%%%=*}_" FAKE_VERSION "_amd64.deb\" .\n",
				  a->dir, a->dir);

	write_file(path, script, strlen(script), 0755);
}

void fake_archive_set(const struct fake_archive *a)
{
	write_apt_cache(a);
	write_apt_get(a);
}

void fake_archive_make(const struct fake_archive *a)
{
	_cleanup_(freep) char *path = text("%s/bin:%s", a->dir, getenv("PATH"));

	for (size_t i = 0; i < N_PACKAGES; i++)
		make_package(a->dir, &packages[i]);
	fake_archive_set(a);
	must(setenv("PATH", path, 1) == 0, "memory");
}

size_t fake_archive_downloads(const struct fake_archive *a)
{
	_cleanup_(freep) char *path = text("%s/downloads", a->dir);
	_cleanup_(buf_free) struct buf log = { 0 };
	size_t n = 0;

	if (file_read(AT_FDCWD, path, 1u << 20, &log, NULL) < 0)
		return 0;
	for (size_t i = 0; i < log.len; i++)
		n += log.data[i] == '\n';
	return n;
}
