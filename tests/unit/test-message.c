/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/message.h"
#include "trust/manifest.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

#define BAD_ASK    "the question to the worker is malformed"
#define BAD_ANSWER "the worker's answer is malformed"
#define CUT        "a message between the agent's processes is cut"

static struct message_answer good_answer(enum message_action action)
{
	struct message_answer a;

	message_answer_init(&a);
	a.action = action;
	if (action != MESSAGE_NOTHING && action != MESSAGE_CVES)
		a.level = 7;
	if (action == MESSAGE_CVES)
		memcpy(a.cves_sha256, HEX, sizeof(HEX));
	if (action == MESSAGE_APPLY || action == MESSAGE_WAIT) {
		memcpy(a.manifest_sha256, HEX, sizeof(HEX));
		memcpy(a.order_sha256, HEX, sizeof(HEX));
	}
	(void)snprintf(a.text, sizeof(a.text), "level 7 is there");
	return a;
}

TEST(message_ask_carries_the_journal)
{
	struct journal_view v = { .reverted_by_hand = 4, .n_quarantined = JOURNAL_KEPT_MAX };
	struct message_ask ask, got;
	struct oak_error err;

	for (uint32_t i = 0; i < JOURNAL_KEPT_MAX; i++)
		v.quarantined[i].level = i + 1;
	message_ask_init(&ask, &v);
	ask.by_hand = 1;
	EXPECT(message_check_ask(&ask, sizeof(ask), &got, &err) == 0);
	EXPECT(got.reverted_by_hand == 4 && got.n_quarantined == JOURNAL_KEPT_MAX && got.by_hand);
	EXPECT(got.quarantined[0] == 1 && got.quarantined[JOURNAL_KEPT_MAX - 1] == JOURNAL_KEPT_MAX);
}

TEST(message_ask_refuses)
{
	struct journal_view v = { 0 };
	struct message_ask good, bad, got = { .magic = 5 };
	struct oak_error err = { .code = OAK_OK };

	message_ask_init(&good, &v);
	for (size_t len = 0; len < sizeof(good); len++)
		EXPECT(message_check_ask(&good, len, &got, &err) == -OAK_E_FORMAT);
	EXPECT(message_check_ask(&good, sizeof(good) + 1, &got, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, BAD_ASK);
	bad = good;
	bad.magic ^= 1;
	EXPECT(message_check_ask(&bad, sizeof(bad), &got, &err) == -OAK_E_FORMAT);
	bad = good;
	bad.n_quarantined = JOURNAL_KEPT_MAX + 1;
	EXPECT(message_check_ask(&bad, sizeof(bad), &got, &err) == -OAK_E_FORMAT);
	bad = good;
	bad.by_hand = 2;
	EXPECT(message_check_ask(&bad, sizeof(bad), &got, &err) == -OAK_E_FORMAT);
	bad = good;
	bad.cves = 2;
	EXPECT(message_check_ask(&bad, sizeof(bad), &got, &err) == -OAK_E_FORMAT);
	/* An answer is no question. */
	EXPECT(got.magic == 5);
}

TEST(message_answer_takes)
{
	for (enum message_action act = MESSAGE_NOTHING; act < MESSAGE_ACTIONS; act++) {
		struct message_answer a = good_answer(act), got;
		struct oak_error err = { .code = OAK_OK };

		EXPECT(message_check_answer(&a, sizeof(a), &got, &err) == 0);
		EXPECT(got.level == a.level && got.action == a.action);
		for (size_t len = 0; len < sizeof(a); len++)
			EXPECT(message_check_answer(&a, len, &got, &err) == -OAK_E_FORMAT);
		EXPECT(message_check_answer(&a, sizeof(a) + 1, &got, &err) == -OAK_E_FORMAT);
	}
}

static void magic(struct message_answer *a)
{
	a->magic++;
}

static void action(struct message_answer *a)
{
	a->action = MESSAGE_ACTIONS;
}

static void action_great(struct message_answer *a)
{
	a->action = UINT32_MAX;
}

static void level_none(struct message_answer *a)
{
	a->level = 0;
}

static void level_great(struct message_answer *a)
{
	a->level = MANIFEST_LEVEL_MAX + 1;
}

static void level_greatest(struct message_answer *a)
{
	a->level = MANIFEST_LEVEL_MAX;
}

static void code(struct message_answer *a)
{
	a->code = OAK_E_IO;
}

static void code_great(struct message_answer *a)
{
	a->code = OAK_E_AGAIN + 1;
}

static void again_before(struct message_answer *a)
{
	a->again_s = INT64_MIN;
}

static void expires_before(struct message_answer *a)
{
	a->expires_s = -1;
}

static void news_great(struct message_answer *a)
{
	a->news = MESSAGE_NEWS_KINDS;
}

static void again_late(struct message_answer *a)
{
	a->again_s = INT64_MAX;
}

static void text_endless(struct message_answer *a)
{
	memset(a->text, 'x', sizeof(a->text));
}

static void text_full(struct message_answer *a)
{
	memset(a->text, 'x', sizeof(a->text) - 1);
	a->text[sizeof(a->text) - 1] = '\0';
}

static void text_escape(struct message_answer *a)
{
	a->text[3] = '\033';
}

static void text_newline(struct message_answer *a)
{
	a->text[3] = '\n';
}

static void text_delete(struct message_answer *a)
{
	a->text[3] = 0x7f;
}

/* A control sequence introducer of eight bits. */
static void text_csi(struct message_answer *a)
{
	a->text[3] = (char)0x9b;
}

/* Behind the text's end nobody looks. */
static void text_behind(struct message_answer *a)
{
	a->text[sizeof(a->text) - 1] = '\033';
}

static void manifest_upper(struct message_answer *a)
{
	a->manifest_sha256[63] = 'A';
}

static void manifest_short(struct message_answer *a)
{
	a->manifest_sha256[63] = '\0';
}

static void manifest_endless(struct message_answer *a)
{
	a->manifest_sha256[64] = 'a';
}

static void order_none(struct message_answer *a)
{
	a->order_sha256[0] = '\0';
}

static void order_endless(struct message_answer *a)
{
	a->order_sha256[64] = 'a';
}

static void cves_none(struct message_answer *a)
{
	a->cves_sha256[0] = '\0';
}

static void cves_of_a_level(struct message_answer *a)
{
	a->level = 1;
}

/* What a taken-over worker might say. */
static const struct {
	const char *name;
	enum message_action action;
	void (*tell)(struct message_answer *a);
	bool fine;
} lies[] = {
	{ "magic", MESSAGE_NOTHING, magic, false },
	{ "action", MESSAGE_NOTHING, action, false },
	{ "action, great", MESSAGE_NOTHING, action_great, false },
	{ "no level to apply", MESSAGE_APPLY, level_none, false },
	{ "no level to wait for", MESSAGE_WAIT, level_none, false },
	{ "no level to revert", MESSAGE_REVERT, level_none, false },
	{ "level, great", MESSAGE_APPLY, level_great, false },
	{ "level, great, nothing to do", MESSAGE_NOTHING, level_great, false },
	{ "level, greatest", MESSAGE_APPLY, level_greatest, true },
	{ "failed", MESSAGE_NOTHING, code, true },
	{ "failed, and still to apply", MESSAGE_APPLY, code, false },
	{ "failed, and still to revert", MESSAGE_REVERT, code, false },
	{ "code", MESSAGE_NOTHING, code_great, false },
	{ "again, in the past", MESSAGE_NOTHING, again_before, false },
	{ "expired before the epoch", MESSAGE_NOTHING, expires_before, false },
	{ "no kind of news", MESSAGE_NOTHING, news_great, false },
	{ "again, late", MESSAGE_NOTHING, again_late, true },
	{ "text, endless", MESSAGE_NOTHING, text_endless, false },
	{ "text, full", MESSAGE_NOTHING, text_full, true },
	{ "text, escape", MESSAGE_APPLY, text_escape, false },
	{ "text, newline", MESSAGE_NOTHING, text_newline, false },
	{ "text, delete", MESSAGE_NOTHING, text_delete, false },
	{ "text, eight bits", MESSAGE_NOTHING, text_csi, false },
	{ "text, behind its end", MESSAGE_NOTHING, text_behind, true },
	{ "manifest, upper case", MESSAGE_APPLY, manifest_upper, false },
	{ "manifest, short", MESSAGE_APPLY, manifest_short, false },
	{ "manifest, endless", MESSAGE_WAIT, manifest_endless, false },
	{ "manifest, of nothing", MESSAGE_NOTHING, manifest_endless, true },
	{ "order, none", MESSAGE_APPLY, order_none, false },
	{ "order, endless", MESSAGE_APPLY, order_endless, false },
	{ "cves, no hash", MESSAGE_CVES, cves_none, false },
	{ "cves, a level", MESSAGE_CVES, cves_of_a_level, false },
	{ "cves, failed", MESSAGE_CVES, code, false },
};

TEST(message_answer_refuses_lies)
{
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct message_answer a = good_answer(lies[i].action), got = { .magic = 5 };
		struct oak_error err = { .code = OAK_OK };
		int r;

		test_case = lies[i].name;
		lies[i].tell(&a);
		r = message_check_answer(&a, sizeof(a), &got, &err);
		EXPECT(r == (lies[i].fine ? 0 : -OAK_E_FORMAT));
		EXPECT_STR(err.msg, lies[i].fine ? "" : BAD_ANSWER);
		EXPECT(lies[i].fine || got.magic == 5);
	}
}

static size_t n_open(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t n = 0;

	EXPECT(d);
	while (readdir(d))
		n++;
	EXPECT(closedir(d) == 0);
	return n;
}

static void pair(int ret[2])
{
	EXPECT(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret) == 0);
}

static void unpair(const int s[2])
{
	EXPECT(close(s[0]) == 0 && close(s[1]) == 0);
}

/* As a hostile worker sends, with as many descriptors as it likes. */
static void send_raw(int sock, const void *data, size_t len, const int *fds, size_t n)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int) * 16)];
	} control = { 0 };
	char copy[64];
	struct iovec iov = { .iov_base = copy, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control.bytes,
			      .msg_controllen = CMSG_SPACE(sizeof(int) * n) };

	memcpy(copy, data, len);
	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(sizeof(int) * n);
	memcpy(CMSG_DATA(&control.head), fds, sizeof(int) * n);
	EXPECT(sendmsg(sock, &msg, MSG_NOSIGNAL) == (ssize_t)len);
}

TEST(message_travels_with_descriptors)
{
	struct message_answer a = good_answer(MESSAGE_APPLY), got;
	int s[2], fds[MESSAGE_FDS], sent[MESSAGE_FDS];
	struct oak_error err;
	char byte;

	pair(s);
	for (int i = 0; i < MESSAGE_FDS; i++) {
		int p[2];

		EXPECT(pipe2(p, O_CLOEXEC) == 0);
		EXPECT(write(p[1], &(char){ (char)('0' + i) }, 1) == 1 && close(p[1]) == 0);
		sent[i] = p[0];
	}
	EXPECT(message_send(s[0], &a, sizeof(a), sent, MESSAGE_FDS, &err) == 0);
	EXPECT(message_receive(s[1], &got, sizeof(got), fds, &err) == (int)sizeof(a));
	EXPECT(got.level == a.level && got.action == a.action);
	for (int i = 0; i < MESSAGE_FDS; i++) {
		EXPECT(fcntl(fds[i], F_GETFD) == FD_CLOEXEC);
		EXPECT(read(fds[i], &byte, 1) == 1 && byte == '0' + i);
		EXPECT(close(fds[i]) == 0 && close(sent[i]) == 0);
	}
	EXPECT(message_send(s[0], &a, sizeof(a), NULL, 0, &err) == 0);
	EXPECT(message_receive(s[1], &got, sizeof(got), fds, &err) == (int)sizeof(a));
	EXPECT(fds[0] == -1 && fds[1] == -1 && fds[2] == -1);
	unpair(s);
}

/* One more than asked for once fitted into the padding, and was written behind the array. */
TEST(message_too_many_descriptors_are_closed)
{
	static const int many[16];

	for (size_t n = 1; n <= 16; n++) {
		struct {
			int fds[MESSAGE_FDS];
			int behind[16];
		} room = { .behind = { 0x5a5a5a5a, 0x5a5a5a5a } };
		struct oak_error err = { .code = OAK_OK };
		size_t before;
		char got[8];
		int s[2], r;

		pair(s);
		before = n_open();
		send_raw(s[0], "hello", 5, many, n);
		r = message_receive(s[1], got, sizeof(got), room.fds, &err);
		EXPECT(room.behind[0] == 0x5a5a5a5a && room.behind[1] == 0x5a5a5a5a);
		EXPECT(r == (n <= MESSAGE_FDS ? 5 : -OAK_E_FORMAT));
		EXPECT_STR(err.msg, n <= MESSAGE_FDS ? "" : CUT);
		for (size_t i = 0; i < MESSAGE_FDS; i++) {
			EXPECT((room.fds[i] >= 0) == (r > 0 && i < n));
			closep(&room.fds[i]);
		}
		EXPECT(n_open() == before);
		unpair(s);
	}
}

TEST(message_cut_or_empty_leaks_nothing)
{
	static const int three[3];
	struct oak_error err;
	int s[2], fds[MESSAGE_FDS];
	size_t before;
	char got[4];

	pair(s);
	before = n_open();
	send_raw(s[0], "hello", 5, three, 3);
	EXPECT(message_receive(s[1], got, sizeof(got), fds, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, CUT);
	EXPECT(fds[0] == -1 && n_open() == before);
	/* Empty: taken for the end. */
	send_raw(s[0], "", 0, three, 3);
	EXPECT(message_receive(s[1], got, sizeof(got), fds, &err) == 0);
	EXPECT(fds[0] == -1 && fds[1] == -1 && fds[2] == -1 && n_open() == before);
	unpair(s);
}

TEST(message_peer_gone)
{
	struct oak_error err;
	int s[2], fds[MESSAGE_FDS];
	char got[4];

	pair(s);
	EXPECT(fcntl(s[1], F_SETFL, O_NONBLOCK) == 0);
	EXPECT(message_receive(s[1], got, sizeof(got), fds, &err) == -OAK_E_AGAIN);
	EXPECT_STR(err.msg, "no message");
	EXPECT(close(s[0]) == 0);
	EXPECT(message_receive(s[1], got, sizeof(got), fds, &err) == 0);
	EXPECT(message_send(s[1], "x", 1, NULL, 0, &err) == -OAK_E_IO);
	EXPECT_STR(err.msg, "the agent's other process: Broken pipe");
	EXPECT(close(s[1]) == 0);
	/* Killed with our message unread. */
	pair(s);
	EXPECT(message_send(s[1], "x", 1, NULL, 0, &err) == 0 && close(s[0]) == 0);
	EXPECT(message_receive(s[1], got, sizeof(got), fds, &err) == 0);
	EXPECT(message_receive(-1, got, sizeof(got), fds, &err) == -OAK_E_IO);
	EXPECT(close(s[1]) == 0);
}
