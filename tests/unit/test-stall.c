/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-proc.h"

#include "host/stall.h"

static void put_task(int root, int pid, int tid, const char *state)
{
	char file[64];

	(void)snprintf(file, sizeof(file), "task/%d/patch_state", tid);
	proc_put(root, pid, file, state);
	(void)snprintf(file, sizeof(file), "task/%d/comm", tid);
	proc_put(root, pid, file, "sleep\033d\n");
	(void)snprintf(file, sizeof(file), "task/%d/stack", tid);
	proc_put(root, pid, file, "[<0>] do_nanosleep+0x67/0x190\n[<0>] f+0x1/0x2\n");
}

/* @f is the patch's memory. */
static struct livepatch patch_of_three(struct livepatch_function f[3])
{
	static char vmlinux[] = "vmlinux", nfs[] = "nfs", plain[] = "f", wait[] = "nfs_wait",
		    isra[] = "g.isra.0";

	f[0] = (struct livepatch_function){ .object = vmlinux, .name = plain };
	f[1] = (struct livepatch_function){ .object = nfs, .name = wait };
	f[2] = (struct livepatch_function){ .object = vmlinux, .name = isra };
	return (struct livepatch){ .name = "oakum_2", .functions = f, .n_functions = 3 };
}

TEST(stall_finds_the_patched_function)
{
	static const struct {
		const char *stack, *want;
	} cases[] = {
		{ "", "" },
		{ "\n\n", "" },
		{ "[<0>] f+0x1/0x2\n", "f" },
		{ "[<0>] f+0x1/0x2", "f" },
		{ "[<0>] a+0x1/0x2\n[<0>] f+0x1/0x2\n[<0>] g.isra.0+0x1/0x2", "f" },
		{ "[<0>] g.isra.0+0x1/0x2\n[<0>] f+0x1/0x2", "g.isra.0" },
		/* The whole name counts. */
		{ "[<0>] ff+0x1/0x2\n", "" },
		{ "[<0>] f.cold+0x1/0x2\n[<0>] f.isra.0+0x1/0x2\n[<0>] f.part.3+0x1/0x2", "" },
		{ "[<0>] g+0x1/0x2\n[<0>] g.isra.1+0x1/0x2\n[<0>] g.isra.0.cold+0x1/0x2", "" },
		/* So does where it is: in its module, or the new code in ours. */
		{ "[<0>] nfs_wait+0x1/0x2 [nfs]\n", "nfs_wait" },
		{ "[<0>] nfs_wait+0x1/0x2 [nfs 0123456789abcdef0123]\n", "nfs_wait" },
		{ "[<0>] nfs_wait+0x1/0x2 [oakum_2]\n", "nfs_wait" },
		{ "[<0>] nfs_wait+0x1/0x2 [nfsd]\n[<0>] nfs_wait+0x1/0x2", "" },
		{ "[<0>] f+0x1/0x2 [nfs]\n", "" },
		{ "[<0>] f+0x1/0x2 [oakum_2]\n", "f" },
		{ "[<0>] f+0x1/0x2 [oakum_21]\n", "" },
		/* Other shapes: an address without a name, older kernels, nonsense. */
		{ "[<0>] 0xffffffffc0a01234\n[<0>] f+0x1/0x2", "f" },
		{ "[<ffffffff81000000>] f+0x1/0x2", "f" },
		{ "f+0x1/0x2", "f" },
		{ "[<0>] f", "" },
		{ "]", "" },
		{ "[<0>] +\n] +", "" },
		{ "[<0>] f+[", "f" },
	};
	struct livepatch_function functions[3];
	struct livepatch patch = patch_of_three(functions);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *got = stall_function(cases[i].stack, &patch);

		test_case = cases[i].stack;
		EXPECT_STR(got ? got : "", cases[i].want);
	}
	test_case = NULL;
}

TEST(stall_names_tasks_that_have_not_switched)
{
	_cleanup_(closep) int root = tree_new_host();
	_cleanup_(stall_free) struct stall s = { 0 }, back = { 0 };
	struct oak_error err = { .code = OAK_OK };
	char text[200], tiny[12];

	put_task(root, 10, 10, "1\n");
	put_task(root, 10, 11, "0\n");
	put_task(root, 20, 20, "-1\n");
	EXPECT(stall_read(root, true, NULL, &s, &err) == 0);
	EXPECT(s.n == 1 && s.n_total == 1 && s.n_containers == 0);
	EXPECT(s.tasks[0].pid == 10 && s.tasks[0].tid == 11);
	EXPECT(!stall_container_of(&s, &s.tasks[0]));
	EXPECT_STR(s.tasks[0].comm, "sleep?d");
	EXPECT_STR(s.tasks[0].function, "");
	EXPECT_STR(s.tasks[0].stack, "[<0>] do_nanosleep+0x67/0x190\n[<0>] f+0x1/0x2");
	stall_task_text(&s, &s.tasks[0], text, sizeof(text));
	EXPECT_STR(text, "sleep?d (10, thread 11) has not switched");
	stall_summary(&s, text, sizeof(text));
	EXPECT_STR(text, "1 task has not switched: sleep?d (11)");
	stall_summary(&s, tiny, sizeof(tiny));
	EXPECT_STR(tiny, "1 task has ");
	EXPECT(stall_read(root, false, NULL, &back, &err) == 0);
	EXPECT(back.n == 1 && back.tasks[0].tid == 10);
}

TEST(stall_without_proc)
{
	_cleanup_(closep) int root = tree_new();
	_cleanup_(stall_free) struct stall s = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(stall_read(root, true, NULL, &s, &err) == -OAK_E_IO);
	EXPECT_STR(err.msg, "/proc: No such file or directory");
}

TEST(stall_names_container_image_and_function)
{
	_cleanup_(closep) int root = tree_new_host();
	_cleanup_(stall_free) struct stall s = { 0 };
	struct livepatch_function functions[3];
	struct livepatch patch = patch_of_three(functions);
	struct oak_error err = { .code = OAK_OK };
	char text[STALL_TEXT_MAX];

	tree_put(root, STORE,
		 "[{\"id\": \"" ID_A "\", \"names\": [\"web\"], "
		 "\"metadata\": \"{\\\"image-name\\\":\\\"docker.io/library/nginx:1.25\\\"}\"}]");
	proc_new_host(root);
	proc_new(root, 123, "0::/machine.slice/libpod-" ID_A ".scope/container\n", "\t1");
	put_task(root, 123, 123, "0\n");
	EXPECT(stall_read(root, true, &patch, &s, &err) == 0);
	EXPECT(s.n == 1 && s.n_containers == 1 && s.containers[0].blocked == 1);
	stall_task_text(&s, &s.tasks[0], text, sizeof(text));
	EXPECT_STR(text, "sleep?d (123) in podman container web (image "
			 "docker.io/library/nginx:1.25) sleeps in patched function f");
	stall_summary(&s, text, sizeof(text));
	EXPECT_STR(text, "1 task has not switched: sleep?d (123) in podman container web (image "
			 "docker.io/library/nginx:1.25)");
}

TEST(stall_counts_all_and_describes_some)
{
	_cleanup_(closep) int root = tree_new_host();
	_cleanup_(stall_free) struct stall none = { 0 }, s = { 0 };
	struct oak_error err = { .code = OAK_OK };
	char text[200];

	EXPECT(stall_read(root, true, NULL, &none, &err) == 0);
	stall_summary(&none, text, sizeof(text));
	EXPECT_STR(text, "no task is left over: an idle processor has not switched");
	for (int i = 0; i < STALL_TASKS_MAX + 6; i++)
		put_task(root, 100 + i, 100 + i, "0\n");
	EXPECT(stall_read(root, true, NULL, &s, &err) == 0);
	EXPECT(s.n == STALL_TASKS_MAX && s.n_total == STALL_TASKS_MAX + 6);
	stall_summary(&s, text, sizeof(text));
	EXPECT_CONTAINS(text, "70 tasks have not switched: ");
	EXPECT_CONTAINS(text, ", ...");
}

/* However few tasks of it are described, what blocks most comes first. */
TEST(stall_counts_containers)
{
	static const char *const cgroups[] = { "0::/docker/" ID_A, "0::/docker/" ID_B,
					       "0::/docker/" ID_C };
	_cleanup_(closep) int root = tree_new_host();
	_cleanup_(stall_free) struct stall s = { 0 };
	struct oak_error err = { .code = OAK_OK };
	char text[400];

	proc_new_host(root);
	for (int i = 0; i < 3; i++)
		proc_new(root, 100 + i, cgroups[i], "\t1");
	put_task(root, 100, 100, "0\n");
	put_task(root, 101, 101, "1\n");
	for (int i = 0; i < 99; i++)
		put_task(root, 102, 102 + i, "0\n");
	EXPECT(stall_read(root, true, NULL, &s, &err) == 0);
	EXPECT(s.n_total == 100 && s.n_containers == 2);
	EXPECT(s.containers[0].blocked == 99 && s.containers[1].blocked == 1);
	EXPECT_STR(s.containers[0].c.id, ID_C);
	EXPECT_STR(s.containers[1].c.id, ID_A);
	for (size_t i = 0; i < s.n; i++)
		EXPECT_STR(stall_container_of(&s, &s.tasks[i])->id,
			   s.tasks[i].pid == 102 ? ID_C : ID_A);
	stall_summary(&s, text, sizeof(text));
	EXPECT_CONTAINS(text, ", ...; 99 of them in docker container cccccccccccc, "
			      "others in 1 more container");
}
