/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-tree.h"

#include <pthread.h>
#include <time.h>

#include "fake-manifest.h"
#include "host/host.h"

TEST(livepatch_level_of_names)
{
	static const struct {
		const char *name;
		uint32_t want;
	} cases[] = {
		{ "oakum_1", 1 },          { "oakum_42", 42 }, { "oakum_", 0 },   { "oakum_0", 0 },
		{ "oakum_01", 0 },         { "oakum_1x", 0 },  { "kpatch_1", 0 }, { "oakum", 0 },
		{ "oakum_4294967296", 0 }, { "oakum_-1", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_case = cases[i].name;
		EXPECT(livepatch_level_of(cases[i].name) == cases[i].want);
	}
	test_case = NULL;
}

TEST(livepatch_read_patches_and_functions)
{
	_cleanup_(livepatch_list_free) struct livepatch_list l = { 0 };
	_cleanup_(closep) int root = tree_new_host();
	struct oak_error err = { .code = OAK_OK };

	tree_put_livepatch(root, "oakum_2", "do_exit,1", "1\n", "1\n");
	tree_put_livepatch(root, "kpatch_x", "f.constprop.0,3", "1\n", "0\n");
	EXPECT(livepatch_read(root, &l, &err) == 0);
	EXPECT(l.n == 2);
	EXPECT_STR(l.patches[0].name, "kpatch_x");
	EXPECT(l.patches[0].level == 0 && l.patches[0].enabled && !l.patches[0].transition);
	EXPECT(l.patches[0].n_functions == 1);
	EXPECT_STR(l.patches[0].functions[0].object, "vmlinux");
	EXPECT_STR(l.patches[0].functions[0].name, "f.constprop.0");
	EXPECT(l.patches[0].functions[0].sympos == 3);
	EXPECT(l.patches[1].level == 2 && l.patches[1].transition);
	EXPECT(livepatch_find(&l, "oakum_2") == &l.patches[1]);
	EXPECT(!livepatch_find(&l, "oakum_1"));
}

TEST(livepatch_read_without_support)
{
	_cleanup_(livepatch_list_free) struct livepatch_list l = { 0 };
	_cleanup_(closep) int root = tree_new();
	struct oak_error err = { .code = OAK_OK };

	EXPECT(livepatch_read(root, &l, &err) == 0);
	EXPECT(l.n == 0);
}

TEST(host_level_and_its_evidence)
{
	_cleanup_(closep) int root = tree_new_host();
	_cleanup_(manifest_freep) struct manifest *m = fake_manifest(
		&(struct fake_level){ .build_id = FAKE_BUILD_ID, .level = 2, .module = "m" });
	_cleanup_(host_clear) struct host h = { 0 }, again = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(host_read(root, &h, &err) == 0);
	EXPECT(!host_level(&h));
	EXPECT(host_level_state(NULL) == LEVEL_NONE);
	tree_put_livepatch(root, "oakum_1", "do_exit,1", "1\n", "0\n");
	tree_put_livepatch(root, "oakum_2", "syscall_trace_enter,1", "1\n", "1\n");
	EXPECT(host_read(root, &again, &err) == 0);
	EXPECT(host_level(&again)->level == 2);
	EXPECT(host_level_state(host_level(&again)) == LEVEL_APPLYING);
	EXPECT(host_functions_wanted(m) == 1);
	/* The manifest says position 0, sysfs shows 1: the same function. */
	EXPECT(host_functions_redirected(host_level(&again), m) == 1);
	EXPECT(host_functions_redirected(livepatch_find(&again.patches, "oakum_1"), m) == 0);
}

struct flipper {
	int root;
	const char *path, *text; /* text NULL: removes the tree at path */
};

static void *flip_later(void *arg)
{
	const struct flipper *f = arg;
	struct oak_error err;

	(void)nanosleep(&(struct timespec){ .tv_nsec = 30000000 }, NULL);
	if (f->text)
		tree_put(f->root, f->path, f->text);
	else if (tree_remove(f->root, f->path, &err) < 0)
		abort();
	return NULL;
}

static int wait_while(const struct flipper *f, enum livepatch_goal goal, double *ms,
		      struct oak_error *err)
{
	pthread_t thread;
	int r;

	EXPECT(pthread_create(&thread, NULL, flip_later, (void *)(uintptr_t)f) == 0);
	r = livepatch_wait(f->root, "oakum_1", goal, 10000, ms, err);
	EXPECT(pthread_join(thread, NULL) == 0);
	return r;
}

TEST(livepatch_wait_for_the_end_of_a_transition)
{
	_cleanup_(closep) int root = tree_new_host();
	struct flipper f = { root, "sys/kernel/livepatch/oakum_1/transition", "0\n" };
	struct oak_error err = { .code = OAK_OK };
	double ms = 0;

	tree_put_livepatch(root, "oakum_1", "f,1", "1\n", "1\n");
	EXPECT(wait_while(&f, LIVEPATCH_APPLIED, &ms, &err) == 0);
	EXPECT(ms >= 29 && ms < 5000);
}

TEST(livepatch_wait_until_it_is_gone)
{
	_cleanup_(closep) int root = tree_new_host();
	struct flipper f = { root, "sys/kernel/livepatch/oakum_1", NULL };
	struct oak_error err = { .code = OAK_OK };
	double ms = 0;

	tree_put_livepatch(root, "oakum_1", "f,1", "0\n", "1\n");
	EXPECT(wait_while(&f, LIVEPATCH_GONE, &ms, &err) == 0);
	EXPECT(ms >= 29);
}

TEST(livepatch_wait_tells_why_it_ends)
{
	_cleanup_(closep) int root = tree_new_host();
	struct oak_error err = { .code = OAK_OK };
	double ms = 0;

	EXPECT(livepatch_wait(root, "oakum_1", LIVEPATCH_APPLIED, 0, &ms, &err) == -OAK_E_FAILED);
	EXPECT_STR(err.msg, "oakum_1 is no longer in the kernel");
	tree_put_livepatch(root, "oakum_1", "f,1", "1\n", "1\n");
	EXPECT(livepatch_wait(root, "oakum_1", LIVEPATCH_APPLIED, 3, &ms, &err) == -OAK_E_AGAIN);
	EXPECT_STR(err.msg, "the transition of oakum_1 did not end within 3 ms");
	tree_put(root, "sys/kernel/livepatch/oakum_1/enabled", "0\n");
	EXPECT(livepatch_wait(root, "oakum_1", LIVEPATCH_APPLIED, 3, &ms, &err) == -OAK_E_FAILED);
	EXPECT_STR(err.msg, "oakum_1 was disabled meanwhile");
}

TEST(livepatch_set_enabled_writes_once)
{
	_cleanup_(closep) int root = tree_new_host();
	struct oak_error err = { .code = OAK_OK };
	char *text = NULL;

	EXPECT(livepatch_set_enabled(root, "oakum_1", false, &err) == -OAK_E_NOTFOUND);
	EXPECT_STR(err.msg, "oakum_1 is not in the kernel");
	tree_put_livepatch(root, "oakum_1", "f,1", "1\n", "0\n");
	EXPECT(livepatch_set_enabled(root, "oakum_1", true, &err) == 0);
	EXPECT(livepatch_set_enabled(root, "oakum_1", false, &err) == 0);
	EXPECT(file_read_line(root, "sys/kernel/livepatch/oakum_1/enabled", &text, &err) == 0);
	EXPECT_STR(text, "0");
	free(text);
}
