/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-tree.h"

#include <pthread.h>
#include <time.h>

#include "fake-manifest.h"
#include "host/cache.h"
#include "host/journal.h"
#include "host/lock.h"

#define DIR_OF_KERNEL CACHE_LEVELS_DIR "/" FAKE_BUILD_ID

static struct manifest *level(unsigned n, const char *module)
{
	return fake_manifest(
		&(struct fake_level){ .build_id = FAKE_BUILD_ID, .level = n, .module = module });
}

TEST(cache_gives_back_what_was_stored)
{
	_cleanup_(closep) int root = tree_new();
	_cleanup_(manifest_freep) struct manifest *m = level(3, "module"), *back = NULL;
	_cleanup_(buf_free) struct buf module = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(cache_store(root, m, "module", 6, &err) == 0);
	EXPECT(file_exists(root, DIR_OF_KERNEL "/3/oakum_3.ko"));
	EXPECT(file_exists(root, DIR_OF_KERNEL "/3/manifest.json"));
	EXPECT(!file_exists(root, DIR_OF_KERNEL "/.3.new"));
	EXPECT(cache_manifest(root, FAKE_BUILD_ID, 3, &back, &err) == 0);
	EXPECT_STR(back->fixes[0].id, "CVE-2026-89603");
	EXPECT(cache_module(root, back, &module, &err) == 0);
	EXPECT_STR(buf_str(&module), "module");
}

TEST(cache_replaces_a_level_and_what_a_crash_left)
{
	_cleanup_(closep) int root = tree_new();
	_cleanup_(manifest_freep) struct manifest *old = level(3, "old"), *new = level(3, "newer");
	_cleanup_(buf_free) struct buf module = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(cache_store(root, old, "old", 3, &err) == 0);
	tree_put(root, DIR_OF_KERNEL "/.3.new/oakum_3.ko", "ha");
	tree_put(root, DIR_OF_KERNEL "/.3.new/.manifest.json.tmp", "{");
	EXPECT(cache_store(root, new, "newer", 5, &err) == 0);
	EXPECT(!file_exists(root, DIR_OF_KERNEL "/.3.new"));
	EXPECT(cache_module(root, new, &module, &err) == 0);
	EXPECT_STR(buf_str(&module), "newer");
}

TEST(cache_refuses_what_is_not_the_level)
{
	_cleanup_(closep) int root = tree_new();
	_cleanup_(manifest_freep) struct manifest *m = level(3, "module"), *none = NULL;
	_cleanup_(buf_free) struct buf module = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(cache_manifest(root, FAKE_BUILD_ID, 3, &none, &err) == -OAK_E_NOTFOUND);
	EXPECT_STR(err.msg, "level 3 of kernel " FAKE_BUILD_ID
			    " is not on this host: 'oakum update' gets it");
	EXPECT(cache_store(root, m, "module", 6, &err) == 0);
	tree_put(root, DIR_OF_KERNEL "/3/oakum_3.ko", "modul");
	EXPECT(cache_module(root, m, &module, &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "level 3: the module has 5 bytes, its manifest says 6");
	tree_put(root, DIR_OF_KERNEL "/3/oakum_3.ko", "nodule");
	EXPECT(cache_module(root, m, &module, &err) == -OAK_E_TRUST);
	EXPECT_CONTAINS(err.msg, "level 3: the module's sha256 is ");
	EXPECT(module.len == 0);
	EXPECT(renameat(root, DIR_OF_KERNEL "/3", root, DIR_OF_KERNEL "/4") == 0);
	EXPECT(cache_manifest(root, FAKE_BUILD_ID, 4, &none, &err) == -OAK_E_REFUSED);
	EXPECT_STR(err.msg,
		   "/" DIR_OF_KERNEL "/4/manifest.json is of level 3 for kernel " FAKE_BUILD_ID);
	EXPECT(!none);
}

TEST(cache_lists_levels_in_order)
{
	_cleanup_(closep) int root = tree_new();
	_cleanup_(freep) uint32_t *levels = NULL, *none = NULL;
	struct oak_error err = { .code = OAK_OK };
	size_t n = 9;

	EXPECT(cache_list(root, FAKE_BUILD_ID, &none, &n, &err) == 0);
	EXPECT(n == 0);
	tree_put(root, DIR_OF_KERNEL "/10/x", "");
	tree_put(root, DIR_OF_KERNEL "/9/x", "");
	tree_put(root, DIR_OF_KERNEL "/.3.new/x", "");
	tree_put(root, DIR_OF_KERNEL "/0/x", "");
	EXPECT(cache_list(root, FAKE_BUILD_ID, &levels, &n, &err) == 0);
	EXPECT(n == 2 && levels[0] == 9 && levels[1] == 10);
}

TEST(journal_lines_stay_whole)
{
	_cleanup_(closep) int root = tree_new_host();
	const struct journal j = { .root = root, .boot_id = "b", .build_id = "k" };
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err = { .code = OAK_OK };
	const char *p;

	tree_put(root, JOURNAL_PATH, "time=cut of");
	EXPECT(journal_write(&j, 7, JOURNAL_LOAD, NULL, &err) == 0);
	EXPECT(journal_write(&j, 7, JOURNAL_APPLIED, NULL, &err) == 0);
	EXPECT(file_read(root, JOURNAL_PATH, 4096, &text, &err) == 0);
	EXPECT(strncmp(buf_str(&text), "time=cut of\ntime=20", 19) == 0);
	p = strchr(buf_str(&text), '\n') + 1;
	EXPECT(strncmp(strchr(p, ' '), " boot=b kernel=k by=hand level=7 step=load\ntime=20", 50) ==
	       0);
	EXPECT_CONTAINS(p, " boot=b kernel=k by=hand level=7 step=applied\n");
}

TEST(journal_failure_stops_the_step)
{
	_cleanup_(closep) int root = tree_new();
	const struct journal j = { .root = root, .boot_id = "", .build_id = "k" };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(journal_write(&j, 1, JOURNAL_LOAD, NULL, &err) == -OAK_E_IO);
	EXPECT_STR(err.msg, "/var/lib/oakum/journal: No such file or directory");
}

TEST(lock_is_for_one)
{
	_cleanup_(closep) int root = tree_new(), first = -1, second = -1;
	struct oak_error err = { .code = OAK_OK };
	char want[128];

	EXPECT(lock_take(root, &first, &err) == 0);
	EXPECT(lock_take(root, &second, &err) == -OAK_E_AGAIN);
	(void)snprintf(want, sizeof(want), "another oakum (process %d) is at work; try again later",
		       (int)getpid());
	EXPECT_STR(err.msg, want);
	EXPECT(second == -1);
	EXPECT(close(first) == 0);
	first = -1;
	EXPECT(lock_take(root, &second, &err) == 0);
}

static void *let_go(void *arg)
{
	const struct timespec while_ = { .tv_nsec = 100000000 };

	(void)nanosleep(&while_, NULL);
	(void)close(*(int *)arg);
	return NULL;
}

/* An agent that looks has it for a moment; nobody is sent away for that. */
TEST(lock_is_waited_for)
{
	_cleanup_(closep) int root = tree_new(), second = -1;
	struct oak_error err = { .code = OAK_OK };
	pthread_t thread;
	int first = -1;

	EXPECT(lock_take(root, &first, &err) == 0);
	EXPECT(pthread_create(&thread, NULL, let_go, &first) == 0);
	EXPECT(lock_wait(root, &second, &err) == 0);
	EXPECT(pthread_join(thread, NULL) == 0);
}
