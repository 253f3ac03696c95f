/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/plain.h"
#include "trust/manifest.h"

#define ASK_MAGIC    0x4f41534bu /* "OASK" */
#define ANSWER_MAGIC 0x4f414e53u /* "OANS" */

void message_ask_init(struct message_ask *ask, const struct journal_view *v)
{
	*ask = (struct message_ask){
		.magic = ASK_MAGIC,
		.reverted_by_hand = v->reverted_by_hand,
		.n_quarantined = (uint32_t)v->n_quarantined,
	};
	for (size_t i = 0; i < v->n_quarantined; i++)
		ask->quarantined[i] = v->quarantined[i].level;
}

void message_answer_init(struct message_answer *answer)
{
	*answer = (struct message_answer){ .magic = ANSWER_MAGIC };
}

int message_check_ask(const void *data, size_t len, struct message_ask *ret, struct oak_error *err)
{
	const struct message_ask *ask = data;

	if (len != sizeof(*ask) || ask->magic != ASK_MAGIC ||
	    ask->n_quarantined > JOURNAL_KEPT_MAX || ask->by_hand > 1 || ask->cves > 1 ||
	    ask->report > 1)
		return oak_fail(err, OAK_E_FORMAT, "the question to the worker is malformed");
	*ret = *ask;
	return 0;
}

static bool is_hash(const char *p, size_t size)
{
	return plain_is(p, size) && strspn(p, "0123456789abcdef") == 64 && p[64] == '\0';
}

int message_check_answer(const void *data, size_t len, struct message_answer *ret,
			 struct oak_error *err)
{
	const struct message_answer *a = data;
	bool good = len == sizeof(*a) && a->magic == ANSWER_MAGIC && a->action < MESSAGE_ACTIONS &&
		    a->level <= MANIFEST_LEVEL_MAX && a->code <= OAK_E_AGAIN && a->again_s >= 0 &&
		    a->expires_s >= 0 && a->news < MESSAGE_NEWS_KINDS &&
		    plain_is(a->text, sizeof(a->text));

	if (good && a->action != MESSAGE_NOTHING)
		good = (a->level >= 1) == (a->action != MESSAGE_CVES) && a->code == OAK_OK;
	if (good && a->action == MESSAGE_CVES)
		good = is_hash(a->cves_sha256, sizeof(a->cves_sha256));
	if (good && (a->action == MESSAGE_APPLY || a->action == MESSAGE_WAIT))
		good = is_hash(a->manifest_sha256, sizeof(a->manifest_sha256)) &&
		       is_hash(a->order_sha256, sizeof(a->order_sha256));
	if (!good)
		return oak_fail(err, OAK_E_FORMAT, "the worker's answer is malformed");
	*ret = *a;
	return 0;
}

int message_send(int sock, const void *data, size_t len, const int *fds, size_t n_fds,
		 struct oak_error *err)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int) * MESSAGE_FDS)];
	} control = { 0 };
	struct iovec iov = { .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	/* sendmsg(2) does not write to it. */
	memcpy(&iov.iov_base, &data, sizeof(data));
	if (n_fds > 0) {
		msg.msg_control = control.bytes;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * n_fds);
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(int) * n_fds);
		memcpy(CMSG_DATA(&control.head), fds, sizeof(int) * n_fds);
	}
	do
		n = sendmsg(sock, &msg, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? oak_fail_errno(err, errno, "the agent's other process") : 0;
}

static void close_all(int fds[MESSAGE_FDS])
{
	for (int i = 0; i < MESSAGE_FDS; i++) {
		if (fds[i] >= 0)
			(void)close(fds[i]);
		fds[i] = -1;
	}
}

/* More descriptors than there is room for are cut off by the kernel: MSG_CTRUNC. */
static void take_fds(struct msghdr *msg, int fds[MESSAGE_FDS])
{
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);

	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
	    c->cmsg_len > CMSG_LEN(sizeof(int) * MESSAGE_FDS))
		return;
	memcpy(fds, CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0));
}

int message_receive(int sock, void *data, size_t size, int fds[MESSAGE_FDS], struct oak_error *err)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * MESSAGE_FDS)] = { 0 };
	struct iovec iov = { .iov_base = data, .iov_len = size };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      /* Not CMSG_SPACE(): its padding is room for one descriptor more. */
			      .msg_controllen = CMSG_LEN(sizeof(int) * MESSAGE_FDS) };
	ssize_t n;

	for (int i = 0; i < MESSAGE_FDS; i++)
		fds[i] = -1;
	do
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return oak_fail(err, OAK_E_AGAIN, "no message");
	/* A peer that was killed with our message unread. */
	if (n < 0 && errno == ECONNRESET)
		return 0;
	if (n < 0)
		return oak_fail_errno(err, errno, "the agent's other process");
	take_fds(&msg, fds);
	if (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
		close_all(fds);
		return oak_fail(err, OAK_E_FORMAT, "a message between the agent's processes is cut");
	}
	/* An empty message is as none: nobody looks for descriptors beside it. */
	if (n == 0)
		close_all(fds);
	return (int)n;
}
