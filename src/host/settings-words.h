/* SPDX-License-Identifier: GPL-2.0-or-later */
/* settings-words: what settings that are one of several words come to; see host/settings.h. */
#ifndef OAK_HOST_SETTINGS_WORDS_H
#define OAK_HOST_SETTINGS_WORDS_H

enum settings_apply {
	APPLY_AUTOMATIC,
	APPLY_REPORT
};
enum settings_boot {
	BOOT_CACHE,
	BOOT_NETWORK,
	BOOT_OFF
};
enum settings_reboot {
	REBOOT_KEEP,
	REBOOT_CLEAR
}; /* /run/reboot-required */
enum settings_cves {
	CVES_YES,
	CVES_NO
};
/* The words "yes" and "no", of the settings about the fleet. */
enum settings_yes {
	SETTINGS_YES,
	SETTINGS_NO
};
enum settings_containers {
	CONTAINERS_COUNTED,
	CONTAINERS_NAMED,
	CONTAINERS_SECRET
}; /* report-containers = yes, names, no */

#endif
