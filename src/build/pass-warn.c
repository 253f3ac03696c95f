/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * warn: what does not keep the level from being made.
 *
 * never-leaves: livepatch switches a task once no replaced function is on its stack. A kernel
 * thread whose main function is replaced never gets there: livepatch can only wake it. A task of
 * user space gets a fake signal after 15 s, which makes it leave the kernel.
 * Source: kernel/livepatch/transition.c (klp_check_stack, klp_send_signals).
 */
#include "build/diff.h"

#include <stdlib.h>
#include <string.h>

#include "build/code-loop.h"
#include "build/names.h"

#define ENDLESS                                                                                  \
	"; while a task is in it livepatch cannot switch that task, and can only wake a kernel " \
	"thread: the transition may never end"
#define SLOW                                                                                      \
	"tasks of user space sleep in it for as long as they like; livepatch sends those a fake " \
	"signal after 15 s, so the transition takes longer but ends"
#define SLOW_ADVICE "nothing needs to be done; expect a transition of half a minute"

/* Functions that are on the stack of tasks all the time, where no other object tells so. */
static const struct stayer {
	const char *name;
	bool user; /* only of user space's tasks */
} stayers[] = {
	/* kernel/sched/core.c, kernel/time/timer.c: below whatever sleeps */
	{ "schedule", false },
	{ "schedule_preempt_disabled", false },
	{ "schedule_timeout", false },
	{ "schedule_hrtimeout_range", false },
	{ "schedule_hrtimeout_range_clock", false },
	/* kernel/kthread.c, kernel/workqueue.c, kernel/smpboot.c: started from init/main.c, or below
	 * each other thread */
	{ "kthreadd", false },
	{ "kthread", false },
	{ "kthread_worker_fn", false },
	{ "smpboot_thread_fn", false },
	{ "worker_thread", false },
	{ "rescuer_thread", false },
	/* kernel/sched/idle.c: of the idle task of each processor */
	{ "cpu_startup_entry", false },
	/* fs/select.c, fs/eventpoll.c */
	{ "do_select", true },
	{ "core_sys_select", true },
	{ "do_poll", true },
	{ "do_sys_poll", true },
	{ "ep_poll", true },
	{ "do_epoll_wait", true },
	/* kernel/futex/waitwake.c, kernel/exit.c, kernel/time, kernel/signal.c */
	{ "futex_wait", true },
	{ "futex_wait_queue", true },
	{ "do_futex", true },
	{ "do_wait", true },
	{ "kernel_wait4", true },
	{ "do_nanosleep", true },
	{ "hrtimer_nanosleep", true },
	{ "do_sigtimedwait", true },
	/* fs/pipe.c, fs/read_write.c, drivers/tty, net */
	{ "pipe_read", true },
	{ "vfs_read", true },
	{ "ksys_read", true },
	{ "tty_read", true },
	{ "n_tty_read", true },
	{ "inet_accept", true },
	{ "inet_csk_accept", true },
	{ "unix_stream_read_generic", true },
};

struct warner {
	const struct check_input *in;
	const char **starter; /* by original id: who starts a thread in it; NULL: nobody here */
	struct findings *f;
	struct oak_error *err;
};

static const char *target_name(const struct model *m, const struct ref *ref)
{
	return ref->to ? atom_name(m, ref->to) : m->obj->syms[ref->sym].name;
}

static bool is_one_of(const char *name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(name, list[i]) == 0)
			return true;
	return false;
}

/* Their first argument is the function that the thread runs. */
static bool starts_thread(const char *name)
{
	static const char *const starters[] = {
		"kthread_create_on_node", "__kthread_create_on_node", "kthread_create_on_cpu",
		"kernel_thread",          "create_io_thread",         "vhost_task_create",
	};

	return is_one_of(name, starters, sizeof(starters) / sizeof(starters[0]));
}

static bool asks_to_stop(const char *name)
{
	static const char *const questions[] = { "kthread_should_stop", "kthread_should_park",
						 "kthread_freezable_should_stop" };

	return is_one_of(name, questions, sizeof(questions) / sizeof(questions[0]));
}

/* Functions whose address is taken between the call before and the one that starts a thread. */
static void find_threads(struct warner *w)
{
	const struct model *m = w->in->orig;
	uint32_t since = 0;

	for (uint32_t i = 0; i < m->n_refs; i++) {
		const struct ref *ref = &m->refs[i];

		if (i && ref->from != m->refs[i - 1].from)
			since = i;
		if (ref->use != USE_CALL && ref->use != USE_JUMP)
			continue;
		if (starts_thread(target_name(m, ref)))
			for (uint32_t k = since; k < i; k++)
				if (m->refs[k].use == USE_ADDR && !m->refs[k].addend)
					w->starter[m->refs[k].to] = atom_name(m, ref->from);
		since = i + 1;
	}
}

static int find_loop(const struct warner *w, atom_id orig, const char **ret)
{
	const struct model *m = w->in->orig;
	const struct atom *a = &m->atoms[orig];
	bool repeats = false;
	int r = 0;

	*ret = NULL;
	for (uint32_t i = 0; r == 0 && !*ret && i < a->n_refs; i++) {
		const struct ref *ref = &m->refs[a->first_ref + i];

		if (ref->use != USE_CALL || !asks_to_stop(target_name(m, ref)))
			continue;
		r = code_repeats(atom_bytes(m, orig), a->size, ref->off, &repeats, w->err);
		if (repeats)
			*ret = target_name(m, ref);
	}
	return r;
}

static const struct stayer *find_stayer(const char *name)
{
	size_t len = name_base_len(name);

	for (size_t i = 0; i < sizeof(stayers) / sizeof(stayers[0]); i++)
		if (strlen(stayers[i].name) == len && strncmp(stayers[i].name, name, len) == 0)
			return &stayers[i];
	return NULL;
}

static int warn_function(struct warner *w, atom_id id)
{
	atom_id orig = w->in->pairing->to_orig[id];
	const char *name = atom_name(w->in->patched, id), *question;
	const struct stayer *stayer = find_stayer(name);
	int r;

	if (stayer)
		return finding_add(w->f, RULE_NEVER_LEAVES, name, stayer->user ? SLOW_ADVICE : NULL,
				   w->err, "%s",
				   stayer->user ? SLOW
						: "kernel threads are in it all the time" ENDLESS);
	if (w->starter[orig])
		return finding_add(w->f, RULE_NEVER_LEAVES, name, NULL, w->err,
				   "it is the main function of a kernel thread, which %s "
				   "starts" ENDLESS,
				   w->starter[orig][0] ? w->starter[orig] : "this file");
	r = find_loop(w, orig, &question);
	if (r < 0 || !question)
		return r;
	return finding_add(w->f, RULE_NEVER_LEAVES, name, NULL, w->err,
			   "a kernel thread goes round in it until it is told to stop (%s)" ENDLESS,
			   question);
}

/* "___ksymtab_gpl+name" of kernels before 6.4 holds what no symbol names. */
static bool has_section(const struct obj *o, const char *name)
{
	for (uint32_t i = 1; i < o->n_secs; i++)
		if (strcmp(o->secs[i].name, name) == 0)
			return true;
	return false;
}

static int warn_export(struct warner *w, atom_id id)
{
	const struct model *m = w->in->patched;
	const char *section = atom_section(m, id), *plus = strrchr(section, '+');
	const char *name = plus ? plus + 1 : atom_name(m, id);

	if (strcmp(section, ".export_symbol") != 0 && !strstr(section, "_ksymtab"))
		return 0;
	if (plus ? has_section(w->in->orig->obj, section)
		 : w->in->verdicts->of[id] != VERDICT_NEW &&
			    w->in->verdicts->of[id] != VERDICT_CHANGED)
		return 0;
	return finding_add(w->f, RULE_NEW_EXPORT, name, NULL, w->err,
			   "the table of exported symbols changes, which no live patch can: modules "
			   "outside of the level do not find the symbol");
}

/*
 * The address of a new function leaves the level where code or data names it other than to call it.
 * Whoever keeps it jumps into freed memory once the level is reverted and unloaded: livepatch waits
 * for tasks, not for timers. That of a changed one stays the running kernel's (link_of()).
 */
static int warn_kept(struct warner *w)
{
	const struct model *m = w->in->patched;
	_cleanup_(freep) bool *told = calloc(m->n_atoms, sizeof(*told));
	int r = 0;

	if (!told)
		return oak_fail(w->err, OAK_E_NOMEM, "out of memory");
	for (uint32_t i = 0; r == 0 && i < m->n_refs; i++) {
		const struct ref *ref = &m->refs[i];
		const char *taker = atom_name(m, ref->from);

		if (w->in->verdicts->of[ref->to] != VERDICT_NEW || told[ref->to] ||
		    m->atoms[ref->to].kind != ATOM_CODE || ref->addend ||
		    !w->in->closure->included[ref->from] ||
		    m->atoms[ref->from].kind == ATOM_ENTRY ||
		    (ref->use != USE_ADDR && ref->use != USE_DATA))
			continue;
		told[ref->to] = true;
		r = finding_add(w->f, RULE_KEPT_ADDRESS, atom_name(m, ref->to), NULL, w->err,
				"%s gives its address away: a timer, work item, RCU callback or "
				"table that holds it longer than the level stays jumps into freed "
				"memory",
				taker[0] ? taker : "data without a name");
	}
	return r;
}

int pass_warn(const struct check_input *in, struct findings *ret, struct oak_error *err)
{
	_cleanup_(freep) const char **starter = calloc(in->orig->n_atoms, sizeof(const char *));
	struct warner w = { in, starter, ret, err };
	int r = 0;

	if (!starter)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	find_threads(&w);
	for (atom_id i = 1; r == 0 && i < in->patched->n_atoms; i++)
		r = in->climb->replaced[i] ? warn_function(&w, i) : warn_export(&w, i);
	return r < 0 ? r : warn_kept(&w);
}
