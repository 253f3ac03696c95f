/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fake kernel: loading makes the sysfs entries of a livepatch, a thread ends transitions and
 * lets disabled patches vanish, as the kernel's worker does.
 */
#include "fake-tree.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "fake-manifest.h"
#include "host/apply.h"
#include "host/journal.h"

#define NEW "sys/kernel/livepatch/oakum_2"
#define OLD "sys/kernel/livepatch/oakum_1"

struct fake_kernel {
	int root;
	int load_error;     /* answered by load, or 0 */
	bool stuck;         /* transitions to the new code never end */
	uint32_t only;      /* what is reverted alone */
	bool stuck_back;    /* nor do those to the old code */
	int busy;           /* times that unload answers "in use" */
	char loaded[64];    /* the bytes that were loaded */
	char unloaded[128]; /* names, each followed by a blank */
	atomic_bool quit;
	pthread_mutex_t lock; /* a livepatch appears whole: no worker between its files */
	pthread_t worker;
};

static bool is_set(int root, const char *path)
{
	_cleanup_(freep) char *line = NULL;

	return file_read_line(root, path, &line, NULL) == 0 && line[0] == '1';
}

/* Enabled: the transition ends, older patches are replaced. Disabled: it vanishes. */
static void work(struct fake_kernel *k, const char *patch)
{
	char path[128];

	if (!file_exists(k->root, patch))
		return;
	(void)snprintf(path, sizeof(path), "%s/enabled", patch);
	if (!is_set(k->root, path)) {
		if (!k->stuck_back)
			tree_drop(k->root, patch);
		return;
	}
	(void)snprintf(path, sizeof(path), "%s/transition", patch);
	if (k->stuck || !is_set(k->root, path))
		return;
	if (strcmp(patch, NEW) == 0)
		tree_drop(k->root, OLD);
	tree_put(k->root, path, "0\n");
}

static void *worker(void *arg)
{
	struct fake_kernel *k = arg;

	while (!k->quit) {
		EXPECT(pthread_mutex_lock(&k->lock) == 0);
		work(k, NEW);
		work(k, OLD);
		EXPECT(pthread_mutex_unlock(&k->lock) == 0);
		(void)nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
	}
	return NULL;
}

static int fake_load(void *ctx, int fd)
{
	struct fake_kernel *k = ctx;

	if (k->load_error)
		return -k->load_error;
	EXPECT(pread(fd, k->loaded, sizeof(k->loaded) - 1, 0) > 0);
	/* Sealed: nobody can change what was checked. */
	EXPECT(pwrite(fd, "x", 1, 0) == -1 && errno == EPERM);
	EXPECT(pthread_mutex_lock(&k->lock) == 0);
	tree_put_livepatch(k->root, "oakum_2", "syscall_trace_enter,1", "1\n", "1\n");
	EXPECT(pthread_mutex_unlock(&k->lock) == 0);
	return 0;
}

static int fake_unload(void *ctx, const char *name)
{
	struct fake_kernel *k = ctx;
	char path[128];

	if (k->busy > 0) {
		k->busy--;
		return -EAGAIN;
	}
	(void)snprintf(path, sizeof(path), "sys/kernel/livepatch/%s", name);
	EXPECT(!file_exists(k->root, path));
	(void)snprintf(path, sizeof(path), "sys/module/%s", name);
	if (!file_exists(k->root, path))
		return -ENOENT;
	tree_drop(k->root, path);
	(void)strncat(k->unloaded, name, 20);
	(void)strncat(k->unloaded, " ", 2);
	return 0;
}

static void kernel_start(struct fake_kernel *k)
{
	EXPECT(pthread_mutex_init(&k->lock, NULL) == 0);
	EXPECT(pthread_create(&k->worker, NULL, worker, k) == 0);
}

static void kernel_stop(struct fake_kernel *k)
{
	k->quit = true;
	EXPECT(pthread_join(k->worker, NULL) == 0);
	EXPECT(pthread_mutex_destroy(&k->lock) == 0);
}

static struct manifest *level_2(void)
{
	return fake_manifest(
		&(struct fake_level){ .build_id = FAKE_BUILD_ID, .level = 2, .module = "module" });
}

static int apply(struct fake_kernel *k, const char *module, struct apply_result *result,
		 struct oak_error *err)
{
	_cleanup_(manifest_freep) struct manifest *m = level_2();
	_cleanup_(host_clear) struct host h = { 0 };
	const struct module_ops ops = { .load = fake_load, .unload = fake_unload, .ctx = k };
	const struct apply_options opt = { .ops = &ops,
					   .timeout_ms = k->stuck ? 60 : 10000,
					   .back_ms = k->stuck_back ? 60 : 10000 };
	int r;

	EXPECT(host_read(k->root, &h, err) == 0);
	kernel_start(k);
	r = level_apply(&h, m, module, module ? strlen(module) : 0, &opt, result, err);
	kernel_stop(k);
	return r;
}

static int revert(struct fake_kernel *k, struct apply_result *result, struct oak_error *err)
{
	_cleanup_(host_clear) struct host h = { 0 };
	const struct module_ops ops = { .load = fake_load, .unload = fake_unload, .ctx = k };
	const struct apply_options opt = { .ops = &ops,
					   .timeout_ms = k->stuck_back ? 60 : 10000,
					   .back_ms = 10000,
					   .only = k->only };
	int r;

	EXPECT(host_read(k->root, &h, err) == 0);
	kernel_start(k);
	r = level_revert(&h, &opt, result, err);
	kernel_stop(k);
	return r;
}

/* The steps in the journal, "load transition applied". */
static void expect_steps(int root, const char *want)
{
	_cleanup_(buf_free) struct buf text = { 0 }, steps = { 0 };
	struct oak_error err;
	const char *p;

	EXPECT(file_read(root, JOURNAL_PATH, 65536, &text, &err) == 0);
	for (p = buf_str(&text); (p = strstr(p, " step=")); p++) {
		int len = (int)strcspn(p + 6, "\n");

		EXPECT(buf_printf(&steps, "%s%.*s", steps.len ? " " : "", len, p + 6) == 0);
	}
	EXPECT_STR(buf_str(&steps), want);
}

TEST(apply_loads_what_was_checked)
{
	_cleanup_(closep) int root = tree_new_host();
	_cleanup_(apply_result_clear) struct apply_result result = { 0 };
	struct fake_kernel k = { .root = root };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(apply(&k, "module", &result, &err) == 0);
	EXPECT_STR(k.loaded, "module");
	EXPECT_STR(k.unloaded, "");
	EXPECT(result.transition_ms > 0);
	EXPECT(result.impact.measured && result.impact.total_ms >= result.transition_ms);
	expect_steps(root, "load transition applied");
}

TEST(apply_refuses_other_bytes)
{
	_cleanup_(closep) int root = tree_new_host();
	_cleanup_(apply_result_clear) struct apply_result result = { 0 };
	struct fake_kernel k = { .root = root };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(apply(&k, "modulE", &result, &err) == -OAK_E_TRUST);
	EXPECT_CONTAINS(err.msg, "the module's sha256 is ");
	EXPECT_STR(k.loaded, "");
	EXPECT(!file_exists(root, JOURNAL_PATH));
}

TEST(apply_unloads_the_level_it_replaces)
{
	_cleanup_(closep) int root = tree_new_host();
	_cleanup_(apply_result_clear) struct apply_result result = { 0 };
	struct fake_kernel k = { .root = root, .busy = 2 };
	struct oak_error err = { .code = OAK_OK };

	tree_put_livepatch(root, "oakum_1", "do_exit,1", "1\n", "0\n");
	EXPECT(apply(&k, "module", &result, &err) == 0);
	EXPECT_STR(k.unloaded, "oakum_1 ");
	EXPECT(file_exists(root, "sys/module/oakum_2"));
	expect_steps(root, "load transition applied unload unloaded");
}

TEST(apply_clears_a_module_that_a_crash_left)
{
	_cleanup_(closep) int root = tree_new_host();
	_cleanup_(apply_result_clear) struct apply_result result = { 0 };
	struct fake_kernel k = { .root = root };
	struct oak_error err = { .code = OAK_OK };

	tree_put(root, "sys/module/oakum_2/initstate", "live\n");
	EXPECT(apply(&k, "module", &result, &err) == 0);
	EXPECT_STR(k.unloaded, "oakum_2 ");
	expect_steps(root, "unload unloaded load transition applied");
}

TEST(apply_goes_on_where_another_oakum_died)
{
	_cleanup_(closep) int root = tree_new_host();
	_cleanup_(apply_result_clear) struct apply_result result = { 0 };
	struct fake_kernel k = { .root = root };
	struct oak_error err = { .code = OAK_OK };

	tree_put_livepatch(root, "oakum_2", "syscall_trace_enter,1", "1\n", "1\n");
	EXPECT(apply(&k, NULL, &result, &err) == 0);
	EXPECT_STR(k.loaded, "");
	expect_steps(root, "transition applied");
}

TEST(apply_takes_a_stalled_transition_back)
{
	_cleanup_(closep) int root = tree_new_host();
	_cleanup_(apply_result_clear) struct apply_result result = { 0 };
	struct fake_kernel k = { .root = root, .stuck = true };
	struct oak_error err = { .code = OAK_OK };

	tree_put(root, "proc/77/task/77/patch_state", "0\n");
	tree_put(root, "proc/77/task/77/comm", "sleeper\n");
	EXPECT(apply(&k, "module", &result, &err) == -OAK_E_AGAIN);
	EXPECT_STR(err.msg, "the transition of oakum_2 did not end within 60 ms and was taken "
			    "back: 1 task has not switched: sleeper (77); try again later");
	EXPECT(result.stall.n == 1 && result.stall.tasks[0].tid == 77);
	EXPECT(!file_exists(root, NEW) && !file_exists(root, "sys/module/oakum_2"));
	expect_steps(root, "load transition revert unload unloaded reverted");
}

TEST(apply_says_when_even_the_way_back_stalls)
{
	_cleanup_(closep) int root = tree_new_host();
	_cleanup_(apply_result_clear) struct apply_result result = { 0 };
	struct fake_kernel k = { .root = root, .stuck = true, .stuck_back = true };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(apply(&k, "module", &result, &err) == -OAK_E_AGAIN);
	EXPECT_CONTAINS(err.msg, "is not taken back yet; 'oakum status' tells when");
	EXPECT(file_exists(root, "sys/module/oakum_2"));
	expect_steps(root, "load transition revert");
}

TEST(apply_explains_why_the_kernel_refuses)
{
	static const struct {
		int sys;
		int want;
		const char *part;
	} cases[] = {
		{ EPERM, -OAK_E_PERMISSION, "oakum_2 cannot be loaded: not permitted: run as root" },
		{ ENOEXEC, -OAK_E_REFUSED, "other version magic or symbol versions): see 'dmesg'" },
		{ EKEYREJECTED, -OAK_E_REFUSED, "only modules signed with a key it knows" },
		{ EEXIST, -OAK_E_REFUSED, "a module of that name is loaded" },
		{ EINVAL, -OAK_E_REFUSED, "the kernel refuses the livepatch" },
		{ EBUSY, -OAK_E_AGAIN, "try again later, see 'dmesg'" },
		{ ENOSYS, -OAK_E_UNSUPPORTED, "CONFIG_MODULES" },
		{ EIO, -OAK_E_IO, "oakum_2 cannot be loaded (see 'dmesg'): Input/output error" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(closep) int root = tree_new_host();
		_cleanup_(apply_result_clear) struct apply_result result = { 0 };
		struct fake_kernel k = { .root = root, .load_error = cases[i].sys };
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].part;
		EXPECT(apply(&k, "module", &result, &err) == cases[i].want);
		EXPECT_CONTAINS(err.msg, cases[i].part);
		EXPECT(err.sys == cases[i].sys);
		expect_steps(root, "load failed");
	}
	test_case = NULL;
}

/* Killed while level 2 was turned round: level 1, which it would have replaced, is to stay. */
TEST(revert_of_one_level_leaves_the_other)
{
	_cleanup_(closep) int root = tree_new_host();
	_cleanup_(apply_result_clear) struct apply_result result = { 0 };
	struct fake_kernel k = { .root = root, .only = 2 };
	struct oak_error err = { .code = OAK_OK };

	tree_put_livepatch(root, "oakum_1", "syscall_trace_enter,1", "1\n", "0\n");
	tree_put_livepatch(root, "oakum_2", "syscall_trace_enter,1", "0\n", "1\n");
	EXPECT(revert(&k, &result, &err) == 0);
	EXPECT_STR(k.unloaded, "oakum_2 ");
	EXPECT(!file_exists(root, NEW) && file_exists(root, OLD));
	expect_steps(root, "revert unload unloaded reverted");
}

TEST(revert_takes_the_level_out)
{
	_cleanup_(closep) int root = tree_new_host();
	_cleanup_(apply_result_clear) struct apply_result result = { 0 };
	struct fake_kernel k = { .root = root, .busy = 3 };
	struct oak_error err = { .code = OAK_OK };

	tree_put_livepatch(root, "oakum_2", "syscall_trace_enter,1", "1\n", "0\n");
	tree_put(root, "sys/module/oakum_9/initstate", "live\n");
	EXPECT(revert(&k, &result, &err) == 0);
	EXPECT_STR(k.unloaded, "oakum_2 oakum_9 ");
	EXPECT(!file_exists(root, NEW));
	expect_steps(root, "revert unload unloaded reverted unload unloaded");
}

TEST(revert_ends_what_another_oakum_began)
{
	_cleanup_(closep) int root = tree_new_host();
	_cleanup_(apply_result_clear) struct apply_result result = { 0 };
	struct fake_kernel k = { .root = root };
	struct oak_error err = { .code = OAK_OK };

	tree_put_livepatch(root, "oakum_2", "syscall_trace_enter,1", "0\n", "1\n");
	EXPECT(revert(&k, &result, &err) == 0);
	EXPECT_STR(k.unloaded, "oakum_2 ");
}

TEST(revert_without_a_level)
{
	_cleanup_(closep) int root = tree_new_host();
	_cleanup_(apply_result_clear) struct apply_result result = { 0 };
	struct fake_kernel k = { .root = root };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(revert(&k, &result, &err) == -OAK_E_NOTHING);
	EXPECT_STR(err.msg, "nothing to do: no level is applied");
}

TEST(revert_that_stalls_keeps_the_level)
{
	_cleanup_(closep) int root = tree_new_host();
	_cleanup_(apply_result_clear) struct apply_result result = { 0 };
	struct fake_kernel k = { .root = root, .stuck_back = true };
	struct oak_error err = { .code = OAK_OK };

	tree_put_livepatch(root, "oakum_2", "syscall_trace_enter,1", "1\n", "0\n");
	tree_put(root, "proc/88/task/88/patch_state", "1\n");
	tree_put(root, "proc/88/task/88/comm", "sleeper\n");
	EXPECT(revert(&k, &result, &err) == -OAK_E_AGAIN);
	EXPECT_STR(err.msg, "oakum_2 could not be reverted within 60 ms and stays applied: 1 task "
			    "has not switched: sleeper (88); try again later");
	EXPECT(is_set(root, NEW "/enabled"));
	EXPECT_STR(k.unloaded, "");
	expect_steps(root, "revert applied");
}
