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
 * NAME_binary_dependency (another binary is an error there).
 */
#ifndef MV_DOVECOT_COMPAT_H
#define MV_DOVECOT_COMPAT_H

#include <config.h>
#include <lib.h>
#include <array.h>
#include <istream.h>
#include <istream-concat.h>
#include <istream-crlf.h>
#include <mail-user.h>
#include <module-context.h>
#include <net.h>
#include <smtp-address.h>
#include <submission-common.h>

#pragma weak submission_client_created_hook_set
#pragma weak submission_module_register

/* Dovecot looks for the names that begin with the plugin's; everything else of ours stays hidden. */
#define MV_DOVECOT_EXPORT __attribute__((visibility("default")))

struct module;

#endif
