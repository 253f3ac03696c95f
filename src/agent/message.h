/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * message: what the two processes of the agent say to each other, over a SOCK_SEQPACKET pair: one
 * struct of fixed size a message, and descriptors beside it.
 *
 * Root asks (MESSAGE_ASK), the worker answers (MESSAGE_ANSWER): once for each question. With a question may
 * come one descriptor: what root knows of this host, for the fleet's server (agent/fleet/facts.h). With an answer
 * that wants a level applied come three descriptors, sealed memory: the module, the order (agent/order.h)
 * and the manifest's text; with a newer CVE database one, the database. The root side believes nothing: message_check_answer() looks at every byte
 * of the struct, and the descriptors' contents are hashed again.
 */
#ifndef OAK_AGENT_MESSAGE_H
#define OAK_AGENT_MESSAGE_H

#include <stdint.h>

#include "base/error.h"
#include "host/journal.h"

#define MESSAGE_TEXT_MAX 512

/* What the host knows that the worker cannot read, or that must not change under it. */
struct message_ask {
	uint32_t magic;
	uint32_t reverted_by_hand;
	uint32_t n_quarantined;
	uint32_t quarantined[JOURNAL_KEPT_MAX];
	uint32_t cached; /* answer with this level from the local cache, without network; 0: ask the repository */
	uint32_t by_hand; /* 1: somebody waits: windows and delays do not hold it */
	uint32_t cves;    /* 1: it is not about levels, but about the CVE database */
	uint32_t report;  /* 1: nothing but a report to the fleet's server, where there is one */
};

enum message_action {
	MESSAGE_NOTHING, /* the host has what it should have, or has to wait */
	MESSAGE_APPLY,   /* with descriptors */
	MESSAGE_WAIT, /* the level is in the kernel, its transition has not ended; with descriptors */
	MESSAGE_REVERT, /* the level in the kernel was withdrawn, and no other takes its place */
	MESSAGE_CVES,   /* a newer CVE database; with one descriptor, MESSAGE_FD_CVES */
	MESSAGE_TAKE_BACK, /* the fleet wants the level in the kernel back; what takes its place root knows */
	MESSAGE_ACTIONS
};

/* What kind of nothing MESSAGE_NOTHING is. */
enum message_news {
	MESSAGE_NEWS_NONE,
	MESSAGE_NEWS_WITHHELD, /* a newer level waits */
	MESSAGE_NEWS_NO_LEVEL, /* the repository has none for this kernel */
	MESSAGE_NEWS_KINDS
};

struct message_answer {
	uint32_t magic;
	uint32_t action;   /* enum message_action */
	uint32_t code;     /* enum oak_code of the check; OAK_OK where it worked */
	uint32_t level;    /* of the action; 0 with MESSAGE_NOTHING */
	uint32_t retry_s;  /* the server asks for that much patience; 0: it does not */
	uint32_t news;     /* enum message_news */
	int64_t expires_s; /* the first role of the trusted metadata to expire; 0: not known */
	int64_t again_s;   /* when the answer may be another one (a window opens); 0: not known */
	uint64_t until_ms; /* of CLOCK_BOOTTIME: applied before, or not now; 0: at any time */
	char manifest_sha256[65]; /* of its text; "" without */
	char order_sha256[65];
	char cves_sha256[65];
	char text[MESSAGE_TEXT_MAX]; /* for people: the error, or why nothing, or why it is left */
};

enum message_fd {
	MESSAGE_FD_MODULE,
	MESSAGE_FD_CVES = MESSAGE_FD_MODULE, /* one or the other */
	MESSAGE_FD_ORDER,
	MESSAGE_FD_MANIFEST,
	MESSAGE_FDS
};

void message_ask_init(struct message_ask *ask, const struct journal_view *v);
void message_answer_init(struct message_answer *answer);

/* Strings end, numbers are in range, characters are printable. Pure. Errors: OAK_E_FORMAT. */
int message_check_ask(const void *data, size_t len, struct message_ask *ret, struct oak_error *err)
	_must_check_;
int message_check_answer(const void *data, size_t len, struct message_answer *ret,
			 struct oak_error *err) _must_check_;

/* @fds: @n_fds of them, borrowed. Errors: OAK_E_IO. */
int message_send(int sock, const void *data, size_t len, const int *fds, size_t n_fds,
		 struct oak_error *err) _must_check_;

/**
 * message_receive() - one message
 * @data: room for @size bytes
 * @fds:  MESSAGE_FDS of them, filled with descriptors or -1; the caller closes them
 *
 * Return: its length; 0: the other end is gone (then there are no descriptors). Errors: OAK_E_IO,
 * OAK_E_FORMAT (cut, or too many descriptors), OAK_E_AGAIN (nothing there, on a socket that does not
 * block).
 */
int message_receive(int sock, void *data, size_t size, int fds[MESSAGE_FDS], struct oak_error *err)
	_must_check_;

#endif
