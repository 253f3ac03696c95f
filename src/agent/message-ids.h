/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * message-ids: what is told to the journal of systemd. The ids never change and never return;
 * packaging/catalog/oakum.catalog explains each.
 */
#ifndef OAK_AGENT_MESSAGE_IDS_H
#define OAK_AGENT_MESSAGE_IDS_H

enum message {
	MESSAGE_LEVEL_APPLIED,
	MESSAGE_LEVEL_REVERTED,
	MESSAGE_TRANSITION_STALLED,
	MESSAGE_LEVEL_SETTLED,
	MESSAGE_LEVEL_QUARANTINED,
	MESSAGE_CRASH_FOUND,
	MESSAGE_CHECK_FAILED,
	MESSAGE_WITHHELD,
	MESSAGE_HOOK_FAILED,
	MESSAGE_LEVEL_WITHDRAWN,
	MESSAGE_NO_LEVEL_FOR_KERNEL,
	MESSAGE_TRUST_EXPIRING,
	MESSAGE_AGENT_STARTED,
	MESSAGE_PREFLIGHT_FAILED,
	MESSAGE_MITIGATION_LIFTED,
	MESSAGE_FLEET_TAKES_BACK,
	MESSAGES
};

static const struct message_id {
	const char *id; /* MESSAGE_ID= */
	const char *name;
} message_ids[MESSAGES] = {
	[MESSAGE_LEVEL_APPLIED] = { "bed4bc4610544678b5340d8376df1354", "level-applied" },
	[MESSAGE_LEVEL_REVERTED] = { "f244a664aea347d3a94923506e625f9f", "level-reverted" },
	[MESSAGE_TRANSITION_STALLED] = { "773593cf1a7f4f75a95cd6840b648199", "transition-stalled" },
	[MESSAGE_LEVEL_SETTLED] = { "33f16a39af7e487889944d87d13b72fb", "level-settled" },
	[MESSAGE_LEVEL_QUARANTINED] = { "8577eb4eeffb41399e0ce741b57cab49", "level-quarantined" },
	[MESSAGE_CRASH_FOUND] = { "adb06895ac0a458291dedc80d956d3fe", "crash-found" },
	[MESSAGE_CHECK_FAILED] = { "098f494cca5144b6b6016df5e93aec4a", "check-failed" },
	[MESSAGE_WITHHELD] = { "b94f21212d5d482a9b9ff2a8fd923c15", "withheld" },
	[MESSAGE_HOOK_FAILED] = { "127c045c986540d3a711e388aaaadf4b", "hook-failed" },
	[MESSAGE_LEVEL_WITHDRAWN] = { "614d0ee0f9414eac96a4940dba0354a2", "level-withdrawn" },
	[MESSAGE_NO_LEVEL_FOR_KERNEL] = { "39d68957c7e049e399c89590e0822248",
					  "no-level-for-kernel" },
	[MESSAGE_TRUST_EXPIRING] = { "1b46e90805ac4791ad05f751a860f29c", "trust-expiring" },
	[MESSAGE_AGENT_STARTED] = { "c4eb3079748547d2b2aed31f91237f78", "agent-started" },
	[MESSAGE_PREFLIGHT_FAILED] = { "67947838d3da48c09d98950515a90733", "preflight-failed" },
	[MESSAGE_MITIGATION_LIFTED] = { "334a9c2a0485411eb9eda15331d4a649", "mitigation-lifted" },
	[MESSAGE_FLEET_TAKES_BACK] = { "5b0a7c6a3f5e4c6f9a4d7f2e8c1b9d30", "fleet-takes-back" },
};

#endif
