/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/access/need.h"

#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/security/caps.h"

#define NO(s)   ((struct access){ ACCESS_NO, ACCESS_##s })
#define YES(s)  ((struct access){ ACCESS_YES, ACCESS_##s })
#define UNKNOWN ((struct access){ ACCESS_UNKNOWN, ACCESS_UNSURE })

static struct access weaker(struct access a, struct access b)
{
	return a.sure < b.sure ? a : b;
}

static struct access stronger(struct access a, struct access b)
{
	return a.sure >= b.sure ? a : b;
}

struct access access_all(struct access a, struct access b)
{
	if (a.answer == ACCESS_NO && b.answer == ACCESS_NO)
		return stronger(a, b);
	if (a.answer == b.answer)
		return weaker(a, b);
	return a.answer < b.answer ? a : b;
}

struct access access_any(struct access a, struct access b)
{
	if (a.answer == ACCESS_YES && b.answer == ACCESS_YES)
		return stronger(a, b);
	if (a.answer == b.answer)
		return weaker(a, b);
	return a.answer > b.answer ? a : b;
}

/* One sentence of the evidence; "; " between them. */
static _printf_(2, 3) void say(const struct need_at *at, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	if (!at->why)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if ((at->why->len && buf_add_str(at->why, "; ") < 0) || buf_add_str(at->why, text) < 0)
		return;
}

static const struct access_profile *profile_of(const struct need_at *at)
{
	int32_t i = at->ability->profile;

	return i >= 0 && (size_t)i < at->host->n_profiles ? &at->host->profiles[i] : NULL;
}

/* What a filter whose content is known makes of it. */
static struct access by_word(const struct need_at *at, enum filter_word w, const char *what)
{
	switch (w) {
	case FILTER_ALLOWS:
		say(at, "its seccomp profile allows %s", what);
		return at->ability->one_filter ? YES(CERTAIN) : YES(LIKELY);
	case FILTER_DENIES:
		say(at, "its seccomp profile denies %s", what);
		return NO(CERTAIN);
	case FILTER_UNKNOWN:
	default:
		say(at, "what its seccomp profile makes of %s depends on more", what);
		return UNKNOWN;
	}
}

/* True where the mode alone answers. */
static bool by_mode(const struct need_at *at, struct access *ret)
{
	switch (at->ability->seccomp) {
	case SECCOMP_OFF:
		*ret = YES(CERTAIN);
		return true;
	case SECCOMP_STRICT:
		say(at, "seccomp is strict");
		*ret = NO(CERTAIN);
		return true;
	case SECCOMP_FILTER:
		return false;
	case SECCOMP_UNKNOWN:
	default:
		say(at, "its seccomp mode cannot be read");
		*ret = UNKNOWN;
		return true;
	}
}

static struct access by_default(const struct need_at *at, bool denied, const char *what)
{
	say(at, "there is a seccomp filter, and no file tells which: docker's default %s %s",
	    denied ? "denies" : "allows", what);
	return denied ? UNKNOWN : YES(LIKELY);
}

static struct access has_call(const struct need_at *at, enum access_call call)
{
	const struct access_profile *p = profile_of(at);
	struct access a;

	if (by_mode(at, &a))
		return a;
	if (p)
		return by_word(at, (enum filter_word)p->call[call], call_name(call));
	return by_default(at, call_is_denied_by_default(call), call_name(call));
}

/* Families that SELinux lets every container have. */
static bool is_common(unsigned family)
{
	return family == 1 || family == 2 || family == 10 || family == 16;
}

/* Policies that are not read here may deny what is not common. */
static struct access by_lsm(const struct need_at *at, struct access a, const char *what)
{
	if (a.answer != ACCESS_YES || at->ability->lsm != ABILITY_LSM_OTHER)
		return a;
	say(at, "whether the policy of its label allows %s is not known", what);
	return UNKNOWN;
}

static struct access has_socket(const struct need_at *at, const struct need *need)
{
	unsigned family = need->n;
	const struct access_profile *p = profile_of(at);
	char what[48];
	struct access a;

	(void)snprintf(what, sizeof(what), "socket(%s)", family_name(family));
	if (by_mode(at, &a)) {
		if (a.answer == ACCESS_YES)
			say(at, "no filter stands before %s", what);
	} else if (p) {
		/* Arguments of the 32-bit socketcall(2) lie in memory, where no filter looks. */
		if (p->family[family] == FILTER_DENIES && p->x86 && at->host->ia32 &&
		    p->call[CALL_SOCKETCALL] == FILTER_ALLOWS) {
			say(at,
			    "its seccomp profile denies %s, but lets the 32-bit socketcall through",
			    what);
			return UNKNOWN;
		}
		a = by_word(at, (enum filter_word)p->family[family], what);
	} else {
		a = by_default(at, family == 38 || family == 40, what);
	}
	return is_common(family) ? a : by_lsm(at, a, what);
}

static bool has(uint64_t caps, unsigned cap)
{
	return (caps >> cap) & 1;
}

static struct access by_setuid(const struct need_at *at, unsigned cap)
{
	if (has(at->ability->bound, cap)) {
		say(at, "CAP_%s only a set-user-id program in it would have", cap_name(cap));
		return UNKNOWN;
	}
	say(at, "it has no CAP_%s", cap_name(cap));
	return NO(CERTAIN);
}

static struct access has_host_cap(const struct need_at *at, unsigned cap)
{
	if (!at->ability->host_userns) {
		say(at, "its CAP_%s is of its own user namespace", cap_name(cap));
		return NO(CERTAIN);
	}
	if (!has(at->ability->caps, cap))
		return by_setuid(at, cap);
	say(at, "it has CAP_%s on the host", cap_name(cap));
	return YES(CERTAIN);
}

/* Any of the three calls is enough. */
static struct access may_unshare(const struct need_at *at)
{
	struct need_at quiet = *at;
	struct access a;

	quiet.why = NULL;
	a = access_any(has_call(&quiet, CALL_UNSHARE), has_call(&quiet, CALL_CLONE));
	a = access_any(a, has_call(&quiet, CALL_CLONE3));
	if (a.answer == ACCESS_NO)
		say(at, "its seccomp profile denies new user namespaces");
	else if (a.answer == ACCESS_UNKNOWN)
		say(at, "whether its seccomp filter allows new user namespaces is not known");
	return a;
}

static struct access makes_userns(const struct need_at *at)
{
	const struct access_host *h = at->host;
	struct access a;

	if (h->no_user_ns) {
		say(at, "the kernel has no user namespaces");
		return NO(CERTAIN);
	}
	a = may_unshare(at);
	if (a.answer != ACCESS_YES || h->userns == USERNS_FREE) {
		if (a.answer == ACCESS_YES)
			say(at, "it may make a user namespace");
		return a;
	}
	if (h->userns == USERNS_RESTRICTED) {
		say(at, "%s: whether it gets capabilities there is not known", h->userns_why);
		return UNKNOWN;
	}
	if (strstr(h->userns_why, "unprivileged") && at->ability->host_userns &&
	    has(at->ability->caps, CAP_SYS_ADMIN))
		return a;
	say(at, "no user namespaces: %s", h->userns_why);
	return NO(CERTAIN);
}

static struct access has_userns_cap(const struct need_at *at, unsigned cap)
{
	struct access a;

	if (has(at->ability->caps, cap)) {
		say(at, "it has CAP_%s", cap_name(cap));
		return at->ability->host_userns ? YES(CERTAIN) : YES(LIKELY);
	}
	a = makes_userns(at);
	return a.answer == ACCESS_NO ? access_any(a, by_setuid(at, cap)) : a;
}

/* A network namespace belongs to a user namespace; what is held below that is nothing. */
static struct access has_net_cap(const struct need_at *at, const struct need *need)
{
	unsigned cap = need->n;
	const struct access_ability *b = at->ability;

	if (has(b->caps, cap) && (b->host_userns || !b->host_net)) {
		say(at, "it has CAP_%s over its network namespace", cap_name(cap));
		return b->host_userns ? YES(CERTAIN) : YES(LIKELY);
	}
	if (has(b->caps, CAP_SYS_ADMIN) && !b->host_userns) {
		struct access a = may_unshare(at);

		if (a.answer != ACCESS_NO) {
			say(at, "it may make a network namespace");
			return a;
		}
	}
	if (has(b->caps, cap)) {
		say(at, "its CAP_%s does not count in the host's network namespace", cap_name(cap));
		return makes_userns(at);
	}
	return has_userns_cap(at, cap);
}

static struct access has_device(const struct need_at *at, const struct need *need)
{
	const char *node = need->text;
	uint64_t bit = UINT64_C(1) << access_node_index(node);
	const struct access_ability *b = at->ability;

	if (b->nodes & bit) {
		say(at, "it may open /dev/%s", node);
		return by_lsm(at, YES(LIKELY), node);
	}
	if (b->nodes_unknown & bit) {
		say(at, "whether it may open /dev/%s is not known", node);
		return UNKNOWN;
	}
	say(at, "it cannot open /dev/%s", node);
	return NO(LIKELY);
}

static struct access has_bpf(const struct need_at *at, _unused_ const struct need *need)
{
	struct access a = by_lsm(at, has_call(at, CALL_BPF), "bpf"), cap;

	if (a.answer == ACCESS_NO)
		return a;
	cap = access_any(has_host_cap(at, CAP_SYS_ADMIN), has_host_cap(at, CAP_BPF));
	if (cap.answer == ACCESS_YES)
		return a;
	if (at->host->bpf == 0) {
		say(at, "kernel.unprivileged_bpf_disabled = 0");
		return access_all(a, YES(LIKELY));
	}
	if (at->host->bpf < 0)
		return access_all(a, UNKNOWN);
	say(at, "kernel.unprivileged_bpf_disabled = %d", at->host->bpf);
	return access_all(a, cap);
}

static struct access has_perf(const struct need_at *at, _unused_ const struct need *need)
{
	struct access a = by_lsm(at, has_call(at, CALL_PERF), "perf_event_open"), cap;

	if (a.answer == ACCESS_NO)
		return a;
	cap = access_any(has_host_cap(at, CAP_SYS_ADMIN), has_host_cap(at, CAP_PERFMON));
	if (cap.answer == ACCESS_YES)
		return a;
	if (at->host->perf < 0)
		return access_all(a, UNKNOWN);
	say(at, "kernel.perf_event_paranoid = %d", at->host->perf);
	return at->host->perf <= 2 ? access_all(a, YES(LIKELY)) : access_all(a, cap);
}

static struct access has_uring(const struct need_at *at, _unused_ const struct need *need)
{
	struct access a = by_lsm(at, has_call(at, CALL_URING), "io_uring_setup");

	if (a.answer == ACCESS_NO || at->host->uring == 0)
		return a;
	say(at, "kernel.io_uring_disabled = %d", at->host->uring);
	return at->host->uring >= 2 ? NO(CERTAIN) : access_all(a, has_host_cap(at, CAP_SYS_ADMIN));
}

static struct access sees_mount(const struct need_at *at, const struct need *need)
{
	const char *type = need->text;
	size_t n, i;
	const char *const *types = access_types(&n);

	i = access_index(types, n, type);
	if (i < n && at->ability->types[i / 64] >> (i % 64) & 1) {
		say(at, "%s %s is mounted there", strchr("aeiou", *type) ? "an" : "a", type);
		return YES(LIKELY);
	}
	say(at, "no %s is mounted there", type);
	return NO(LIKELY);
}

static struct access calls_mount(const struct need_at *at)
{
	struct need_at quiet = *at;
	struct access a;

	quiet.why = NULL;
	a = access_any(has_call(&quiet, CALL_MOUNT), has_call(&quiet, CALL_FSMOUNT));
	if (a.answer == ACCESS_NO)
		say(at, "its seccomp profile denies mount");
	if (a.answer != ACCESS_YES || at->ability->lsm == ABILITY_LSM_NONE)
		return a;
	if (at->ability->lsm == ABILITY_LSM_ENGINE) {
		say(at, "the AppArmor profile of its engine denies mount");
		return NO(LIKELY);
	}
	say(at, "whether its security label allows mount is not known");
	return UNKNOWN;
}

static struct access mounts_in_userns(const struct need_at *at, _unused_ const struct need *need)
{
	struct access a = has_userns_cap(at, CAP_SYS_ADMIN);

	return a.answer == ACCESS_NO ? a : access_all(a, calls_mount(at));
}

static struct access mounts_on_host(const struct need_at *at, const struct need *need)
{
	struct access a = has_host_cap(at, CAP_SYS_ADMIN);

	if (a.answer == ACCESS_NO)
		return a;
	a = access_all(a, calls_mount(at));
	if (!need->n || a.answer == ACCESS_NO || at->ability->any_block)
		return a;
	say(at, "no block device that it may open was found");
	return access_all(a, UNKNOWN);
}

static struct access is_bound(const struct need_at *at, _unused_ const struct need *need)
{
	switch (at->bound) {
	case FACT_YES:
		say(at, "a device is bound to the driver");
		return YES(CERTAIN);
	case FACT_NO:
		say(at, "it needs the device; none is bound here");
		return NO(LIKELY);
	case FACT_UNKNOWN:
	default:
		say(at, "whether a device is bound to it is not known");
		return UNKNOWN;
	}
}

static struct access by_traffic(const struct need_at *at, _unused_ const struct need *need)
{
	if (at->ability->network) {
		say(at, "whether packets of it pass there is not known");
		return UNKNOWN;
	}
	say(at, "it has no network");
	return NO(LIKELY);
}

static struct access by_server(const struct need_at *at, const struct need *need)
{
	unsigned port = need->n;
	size_t n;
	const uint16_t *ports = access_ports(&n);

	for (size_t i = 0; i < n; i++) {
		if (ports[i] != port || !(at->host->servers >> i & 1))
			continue;
		say(at, "the host listens on port %u", port);
		return by_traffic(at, need);
	}
	say(at, "nobody of the host listens on port %u", port);
	return NO(LIKELY);
}

static struct access has_bit(const struct need_at *at, uint64_t mask, size_t i, const char *name)
{
	if (mask >> i & 1) {
		say(at, "the host has %s", name);
		return YES(CERTAIN);
	}
	say(at, "the host has no %s", name);
	return NO(LIKELY);
}

static struct access has_lsm(const struct need_at *at, const struct need *need)
{
	const char *name = need->text;
	const char *p = strstr(at->host->lsm, name);

	if (!at->host->lsm[0])
		return UNKNOWN;
	say(at, "%s is %sactive", name, p ? "" : "not ");
	return p ? YES(CERTAIN) : NO(CERTAIN);
}

static struct access has_host_net(const struct need_at *at, _unused_ const struct need *need)
{
	if (at->ability->host_net)
		return YES(CERTAIN);
	say(at, "it is not in the host's network namespace");
	return NO(CERTAIN);
}

static struct access has_path(const struct need_at *at, const struct need *need)
{
	size_t n;
	const char *const *v = access_paths(&n);

	return has_bit(at, at->host->paths, access_index(v, n, need->text), need->text);
}

static struct access has_block(const struct need_at *at, const struct need *need)
{
	size_t n;
	const char *const *v = access_blocks(&n);

	return has_bit(at, at->host->blocks, access_index(v, n, need->text), need->text);
}

static struct access calls(const struct need_at *at, const struct need *need)
{
	return has_call(at, (enum access_call)need->n);
}

static struct access in_userns(const struct need_at *at, const struct need *need)
{
	return has_userns_cap(at, need->n);
}

static struct access on_host(const struct need_at *at, const struct need *need)
{
	return has_host_cap(at, need->n);
}

static struct access anybody(const struct need_at *at, _unused_ const struct need *need)
{
	say(at, "any process gets there");
	return YES(CERTAIN);
}

static struct access nobody(const struct need_at *at, _unused_ const struct need *need)
{
	say(at, "no process gets there");
	return NO(LIKELY);
}

static struct access unknown(const struct need_at *at, _unused_ const struct need *need)
{
	say(at, "whether ordinary use gets there is not known");
	return UNKNOWN;
}

/* Those of whom nothing is known, or who have another kernel. */
static bool is_elsewhere(const struct need_at *at, struct access *ret)
{
	if (at->ability->kind == ABILITY_VM) {
		say(at, "it has a kernel of its own");
		*ret = NO(LIKELY);
		return true;
	}
	if (at->ability->kind == ABILITY_UNREAD) {
		say(at, "its state could not be read");
		*ret = UNKNOWN;
		return true;
	}
	return false;
}

struct access need_has(const struct need_at *at, const struct need *need)
{
	static struct access (*const kinds[])(const struct need_at *, const struct need *) = {
		[NEED_END] = unknown,
		[NEED_ANY] = anybody,
		[NEED_CALL] = calls,
		[NEED_SOCKET] = has_socket,
		[NEED_HOST_NET] = has_host_net,
		[NEED_NET_CAP] = has_net_cap,
		[NEED_USERNS_CAP] = in_userns,
		[NEED_HOST_CAP] = on_host,
		[NEED_DEVICE] = has_device,
		[NEED_BPF] = has_bpf,
		[NEED_PERF] = has_perf,
		[NEED_URING] = has_uring,
		[NEED_MOUNTED] = sees_mount,
		[NEED_MOUNT_USERNS] = mounts_in_userns,
		[NEED_MOUNT_HOST] = mounts_on_host,
		[NEED_BOUND] = is_bound,
		[NEED_TRAFFIC] = by_traffic,
		[NEED_SERVER] = by_server,
		[NEED_PATH] = has_path,
		[NEED_BLOCK] = has_block,
		[NEED_LSM] = has_lsm,
		[NEED_MAYBE] = unknown,
		[NEED_NOBODY] = nobody,
	};
	struct access a;

	return is_elsewhere(at, &a) ? a : kinds[need->kind](at, need);
}
