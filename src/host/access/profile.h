/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * profile: what a seccomp filter lets through, from the OCI configuration that the runtime was given.
 *
 * The kernel does not show a filter's content; config.json of the bundle does, with all conditions
 * that the engine put in by capability resolved. Rules are taken as runc and libseccomp take them:
 * those with the default's action are nothing; several conditions on one argument are alternatives;
 * where rules contradict one another, or ask for what is not known here, the result is unknown.
 *
 * Pure, bounded; fuzzed by tests/fuzz/fuzz-oci.c. Source: the OCI runtime specification, config-linux.md,
 * libseccomp's seccomp_rule_add(3), runc's patchbpf and seccomp_linux.go as they behave.
 */
#ifndef OAK_HOST_ACCESS_PROFILE_H
#define OAK_HOST_ACCESS_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "host/security/kinds.h"

#define OCI_CONFIG_MAX (4u << 20)
#define FAMILIES       46u /* AF_MCTP is the last */

enum access_call {
	CALL_UNSHARE, /* with CLONE_NEWUSER */
	CALL_CLONE,   /* the same */
	CALL_CLONE3,
	CALL_MOUNT,
	CALL_FSMOUNT,
	CALL_BPF,
	CALL_PERF,
	CALL_URING,
	CALL_KEYCTL,
	CALL_ADD_KEY,
	CALL_USERFAULTFD,
	CALL_PTRACE,
	CALL_FANOTIFY,
	CALL_IO_SETUP,
	CALL_SHMGET,
	CALL_MQ_OPEN,
	CALL_MKNOD,
	CALL_VMSPLICE,
	CALL_MBIND,
	CALL_SOCKETCALL, /* of 32 bits: arguments lie in memory, which no filter sees */
	CALLS,
};

enum filter_word {
	FILTER_UNKNOWN,
	FILTER_DENIES,
	FILTER_ALLOWS,
};

struct access_profile {
	uint8_t call[CALLS]; /* enum filter_word */
	uint8_t family[FAMILIES];
	bool x86; /* 32-bit calls are filtered by the same rules; without, they are denied */
};

/* "unshare"; and does the default profile of docker deny it to who has no capability? */
const char *call_name(enum access_call c);
bool call_is_denied_by_default(enum access_call c);

/* @seccomp: the object "linux.seccomp". False where it is none. */
bool profile_parse(const json_t *seccomp, struct access_profile *ret);

struct oci_span {
	const char *p;
	size_t len;
};

/*
 * The value of a member of the object at @in, without building anything: of a hundred containers
 * most have the same profile, byte for byte. False where there is none, or the text is no JSON.
 */
bool oci_member(struct oci_span in, const char *key, struct oci_span *ret);

/* A list of device rules, "linux.resources.devices": may (type, major, minor) be opened? */
enum filter_word oci_device(const json_t *devices, char type, unsigned major, unsigned minor);

#endif
