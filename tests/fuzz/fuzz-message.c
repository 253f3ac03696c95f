/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What root takes from its worker is in range, and every text of it ends and can be printed. */
#include "fuzz.h"

#include <string.h>

#include "agent/message.h"
#include "host/plain.h"
#include "trust/manifest.h"

static void check_answer(const struct message_answer *a)
{
	FUZZ_CHECK(a->action < MESSAGE_ACTIONS && a->code <= OAK_E_AGAIN);
	FUZZ_CHECK(a->level <= MANIFEST_LEVEL_MAX && a->again_s >= 0);
	FUZZ_CHECK(plain_is(a->text, sizeof(a->text)));
	if (a->action == MESSAGE_NOTHING)
		return;
	FUZZ_CHECK(a->code == OAK_OK && (a->level == 0) == (a->action == MESSAGE_CVES));
	if (a->action == MESSAGE_CVES)
		FUZZ_CHECK(strlen(a->cves_sha256) == 64);
	else if (a->action == MESSAGE_APPLY || a->action == MESSAGE_WAIT)
		FUZZ_CHECK(strlen(a->order_sha256) == 64 && strlen(a->manifest_sha256) == 64);
}

_Static_assert(sizeof(struct message_ask) <= sizeof(struct message_answer), "the input below");

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct message_answer answer;
	struct message_ask ask;
	/* The receiver's buffer is a struct as well; an answer is the larger of the two. */
	struct message_answer in;
	struct oak_error err;

	if (size > sizeof(in))
		return 0;
	memset(&in, 0, sizeof(in));
	if (size)
		memcpy(&in, data, size);
	if (message_check_answer(&in, size, &answer, &err) == 0)
		check_answer(&answer);
	if (message_check_ask(&in, size, &ask, &err) == 0)
		FUZZ_CHECK(ask.n_quarantined <= JOURNAL_KEPT_MAX && ask.by_hand <= 1 &&
			   ask.cves <= 1);
	return 0;
}
