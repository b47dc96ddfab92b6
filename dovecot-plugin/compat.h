/*
 * Dovecot's side of the plugins, for Dovecot 2.3 and 2.4 from one source tree:
 * the only header of ours that includes Dovecot's.  Files that speak with
 * Dovecot include it first, and nothing else of Dovecot's that is here.
 *
 * Plugins are linked with nothing of Dovecot: the process that loads them has
 * every function.  What not every process has is weak, so that a plugin that is
 * named for all services is inert in those it is not for, instead of ending
 * them (Dovecot resolves all names when it loads).
 *
 * What differs between the two versions, and is not used for that reason:
 * client->event and client->service_user (client->user->event is in both),
 * settings of plugins (ours are in mailvouch.conf), dlopen checks of
 * NAME_binary_dependency (another binary is an error there).  What differs and
 * is used is at the end.
 */
#ifndef MV_DOVECOT_COMPAT_H
#define MV_DOVECOT_COMPAT_H

#include <config.h>
#include <lib.h>
#include <array.h>
#include <istream.h>
#include <istream-concat.h>
#include <istream-crlf.h>
#include <mail-deliver.h>
#include <mail-namespace.h>
#include <mail-storage-hooks.h>
#include <mail-storage-private.h>
#include <mail-storage-service.h>
#include <mail-user.h>
#include <master-service.h>
#include <master-service-settings.h>
#include <message-size.h>
#include <module-context.h>
#include <net.h>
#include <raw-storage.h>
#include <smtp-address.h>
#include <submission-common.h>

#pragma weak mail_deliver_hook_set
#pragma weak mail_deliver_save
#pragma weak submission_client_created_hook_set
#pragma weak submission_module_register

/* Dovecot looks for the names that begin with the plugin's; everything else of ours stays hidden. */
#define MV_DOVECOT_EXPORT __attribute__((visibility("default")))

struct module;

/* The owner of mails that are in no mailbox. */
static inline struct mail_user *mv_raw_user(struct mail_user *user)
{
#if DOVECOT_PREREQ(2, 4, 0)
    return raw_storage_create_from_set(mail_storage_service_user_get_service_ctx(user->service_user),
                                       mail_storage_service_user_get_settings_instance(user->service_user));
#else
    return raw_storage_create_from_set(user->set_info, master_service_settings_get_others(master_service)[0]);
#endif
}

#endif
