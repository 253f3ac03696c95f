/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fake-tree: a small /sys, /proc and /var below the test's own directory, for the room "host".
 */
#ifndef OAK_FAKE_TREE_H
#define OAK_FAKE_TREE_H

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "test.h"

/* A new empty tree; each call removes the one before. */
static inline _unused_ int tree_new(void)
{
	char path[4200];
	struct oak_error err;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/root", test_dir());
	EXPECT(tree_remove(AT_FDCWD, path, &err) == 0);
	EXPECT(mkdir(path, 0755) == 0);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	EXPECT(fd >= 0);
	return fd;
}

/* Written in place, as an attribute changes: never a moment without the file. */
static inline _unused_ void tree_put_bytes(int root, const char *path, const void *data, size_t len)
{
	const char *slash = strrchr(path, '/');
	struct oak_error err;
	int fd;

	if (slash) {
		_cleanup_(freep) char *dir = strndup(path, (size_t)(slash - path));

		EXPECT(dir && dir_make(root, dir, &err) == 0);
	}
	fd = openat(root, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	EXPECT(fd >= 0);
	EXPECT(write(fd, data, len) == (ssize_t)len);
	EXPECT(ftruncate(fd, (off_t)len) == 0);
	EXPECT(close(fd) == 0);
}

static inline _unused_ void tree_put(int root, const char *path, const char *text)
{
	tree_put_bytes(root, path, text, strlen(text));
}

static inline _unused_ void tree_drop(int root, const char *path)
{
	struct oak_error err;

	EXPECT(tree_remove(root, path, &err) == 0);
}

/* The kernel's two notes as on a Debian kernel: "Linux" first, then the build-id of 20 bytes. */
#define FAKE_BUILD_ID "000102030405060708090a0b0c0d0e0f10111213"
static inline _unused_ void tree_put_notes(int root)
{
	static const uint8_t notes[] =
		"\x06\0\0\0\x04\0\0\0\x01\x01\0\0Linux\0\0\0\0\0\0\0"
		"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0"
		"\0\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13";

	tree_put_bytes(root, "sys/kernel/notes", notes, sizeof(notes) - 1);
}

/* A host that may apply a level. */
static inline _unused_ int tree_new_host(void)
{
	struct oak_error err;
	int root = tree_new();

	tree_put_notes(root);
	tree_put(root, "proc/sys/kernel/osrelease", "6.1.0-50-amd64\n");
	tree_put(root, "proc/sys/kernel/random/boot_id", "b8a7a2a4-0000-4000-8000-1234567890ab\n");
	tree_put(root, "proc/sys/kernel/modules_disabled", "0\n");
	tree_put(root, "proc/sys/kernel/tainted", "0\n");
	tree_put(root, "proc/self/status",
		 "Name:\toakum\nVmHWM:\t    8096 kB\n"
		 "CapEff:\t000001ffffffffff\n");
	tree_put(root, "sys/module/module/parameters/sig_enforce", "N\n");
	tree_put(root, "sys/kernel/tracing/enabled_functions", "");
	tree_put(root, "sys/kernel/debug/kprobes/list", "");
	EXPECT(dir_make(root, "sys/kernel/livepatch", &err) == 0);
	EXPECT(dir_make(root, "var/lib/oakum", &err) == 0);
	return root;
}

/* A livepatch with one function of vmlinux, and its module. */
static inline _unused_ void tree_put_livepatch(int root, const char *name, const char *function,
					       const char *enabled, const char *transition)
{
	char path[256];
	struct oak_error err;

	(void)snprintf(path, sizeof(path), "sys/module/%s/initstate", name);
	tree_put(root, path, "live\n");
	(void)snprintf(path, sizeof(path), "sys/kernel/livepatch/%s/vmlinux/%s", name, function);
	EXPECT(dir_make(root, path, &err) == 0);
	(void)snprintf(path, sizeof(path), "sys/kernel/livepatch/%s/vmlinux/patched", name);
	tree_put(root, path, "1\n");
	(void)snprintf(path, sizeof(path), "sys/kernel/livepatch/%s/transition", name);
	tree_put(root, path, transition);
	(void)snprintf(path, sizeof(path), "sys/kernel/livepatch/%s/enabled", name);
	tree_put(root, path, enabled);
}

#endif
