/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/vm.h"

#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "build/scratch.h"
#include "build/vm-image.h"
#include "build/vm-qemu.h"

/*
 * Lockups and stalls are reported before the test ends: the kernel's own limits are 20, 21 and
 * 120 s, and nothing here takes that long.
 */
static const char append[] = "rcupdate.rcu_cpu_stall_timeout=15 "
			     "sysctl.kernel.hung_task_timeout_secs=15";

/* What hears the machine. */
struct listener {
	const struct vm_options *opt;
	struct vm_result *res;
	uint64_t start;
	size_t told; /* steps that the user was told about */
};

static void tell_load(const struct listener *l, const struct vm_step *s, const struct vm_outcome *o)
{
	const char *word = s->verb == VM_LOAD ? s->word[1] : s->word[0];
	const char *did = s->verb == VM_LOAD ? "loaded" : "reverted";

	if (o->n_values > 1 && o->value[1] > 0)
		progress_step(l->opt->progress,
			      "%s: %s: transition took %lu ms; probe meanwhile: %lu runs, %lu "
			      "fixed, %lu vulnerable",
			      word, did, (unsigned long)o->value[0], (unsigned long)o->value[1],
			      (unsigned long)o->value[2], (unsigned long)o->value[3]);
	else
		progress_step(l->opt->progress, "%s: %s: transition took %lu ms", word, did,
			      (unsigned long)o->value[0]);
}

/* The steps that mean something to a person who waits. */
static void tell(const struct listener *l, size_t i)
{
	const struct vm_step *s = &l->res->plan.v[i];
	const struct vm_outcome *o = &l->res->report.v[i];

	if (o->state == VM_SKIPPED)
		return;
	if (o->state == VM_FAILED)
		progress_step(l->opt->progress, "%s: %s %s: FAILED: %s", s->point,
			      vm_verb_name(s->verb), s->word[0], o->text);
	else if (s->verb == VM_LOAD || s->verb == VM_REVERT)
		tell_load(l, s, o);
	else if (s->verb == VM_HOLDS && o->value[0])
		progress_step(
			l->opt->progress,
			"%s: stays, for it has users that are no modules; not tested: that it leaves",
			s->word[0]);
	else if (s->verb == VM_PROBE)
		progress_step(l->opt->progress, "probe, %s: %s", s->point, vm_verdict(o));
	else if (s->verb == VM_CASE && l->opt->n_levels > 1)
		progress_step(l->opt->progress, "%zu of %zu: %s", s->level + 1, l->opt->n_levels,
			      l->opt->levels[s->level].title);
}

static void said(void *ctx, const void *data, size_t len)
{
	struct listener *l = ctx;
	struct vm_report *rep = &l->res->report;

	vm_report_feed(rep, data, len);
	if (l->res->boot_seconds <= 0 && rep->n && rep->v[0].state != VM_NOT_RUN) {
		l->res->boot_seconds = clock_seconds_since(l->start);
		progress_step(l->opt->progress, "booted in %.1f s", l->res->boot_seconds);
	}
	for (; l->told < rep->at; l->told++)
		tell(l, l->told);
}

static int find_modules(const struct kernel *k, const struct vm_options *opt,
			struct vm_modules *ret, struct oak_error *err)
{
	size_t n = opt->n_levels + (opt->next ? 1 : 0);
	int r = 0;

	for (size_t i = 0; i < n; i++) {
		const struct vm_level *l = i < opt->n_levels ? &opt->levels[i] : opt->next;

		for (size_t m = 0; r == 0 && m < l->n_objects; m++)
			r = vm_modules_add(k, l->objects[m], ret, err);
	}
	for (size_t m = 0; r == 0 && m < opt->n_modules; m++)
		r = vm_modules_add(k, opt->modules[m], ret, err);
	return r;
}

static int make_plan(const struct kernel *k, const struct vm_options *opt, struct vm_result *res,
		     struct oak_error *err)
{
	const struct vm_cases cases = { .levels = opt->levels,
					.n = opt->n_levels,
					.next = opt->next,
					.modules = &res->modules,
					.extra = opt->modules,
					.n_extra = opt->n_modules,
					.probe = opt->probe,
					.probe_constant = opt->probe_constant };
	int r = find_modules(k, opt, &res->modules, err);

	if (r == 0)
		r = vm_plan_make(&cases, &res->plan, err);
	return r ? r : vm_report_init(res->plan.n, &res->report, err);
}

/* The machine's life; its log is read afterwards, also of one that had to be ended. */
static int run(const struct kernel *k, const struct vm_options *opt, const char *work,
	       struct vm_result *res, struct oak_error *err)
{
	_cleanup_(freep) char *initrd = path_join(work, "initramfs.cpio");
	_cleanup_(freep) char *log = path_join(work, "console.log");
	_cleanup_(buf_free) struct buf image = { 0 };
	struct listener l = { .opt = opt, .res = res, .start = clock_now_ns() };
	const struct qemu q = { .kernel = k->vmlinuz,
				.initrd = initrd,
				.append = append,
				.log = log,
				.kvm = res->kvm,
				.memory_mib = opt->memory_mib,
				.limit_s = opt->timeout_s,
				.said = said,
				.ctx = &l };
	enum qemu_end end = QEMU_ENDED;
	int r;

	if (!initrd || !log)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = vm_image(opt, &res->modules, &res->plan, &image, err);
	if (r == 0)
		r = file_write(AT_FDCWD, initrd, image.data, image.len, 0600, err);
	if (r < 0)
		return r;
	buf_free(&image);
	progress_step(opt->progress, "booting %s (%s), %zu modules, %zu steps", k->release,
		      res->kvm ? "kvm" : "emulated", res->modules.n, res->plan.n);
	r = qemu_run(&q, &end, err);
	if (r == 0)
		r = file_read(AT_FDCWD, log, (size_t)2 * QEMU_LOG_MAX, &res->log, err);
	if (r < 0)
		return r;
	vm_judge(opt, end == QEMU_TIMEOUT, res);
	return 0;
}

int vm_test(const struct kernel *k, const struct vm_options *opt, struct vm_result *ret,
	    struct oak_error *err)
{
	_cleanup_(freep) char *store = NULL, *cache = NULL;
	struct scratch scratch = { .lock = -1 };
	uint64_t start = clock_now_ns();
	struct oak_error ignored;
	int r = make_plan(k, opt, ret, err);

	if (r == 0)
		r = store_dir(&store, err);
	if (r < 0)
		return r;
	cache = path_join(store, "vm");
	if (!cache)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = dir_make(AT_FDCWD, cache, err);
	if (r == 0)
		r = scratch_open(cache, &scratch, err);
	if (r < 0)
		return r;
	ret->kvm = qemu_kvm_works(k->vmlinuz, cache, scratch.dir);
	r = run(k, opt, scratch.dir, ret, err);
	if (scratch_close(&scratch, &ignored) < 0)
		progress_step(opt->progress, "%s", ignored.msg);
	ret->seconds = clock_seconds_since(start);
	return r;
}

void vm_result_free(struct vm_result *r)
{
	vm_modules_free(&r->modules);
	vm_plan_free(&r->plan);
	vm_report_free(&r->report);
	buf_free(&r->log);
	*r = (struct vm_result){ 0 };
}
