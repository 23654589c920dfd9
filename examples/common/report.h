/* SPDX-License-Identifier: Apache-2.0 */
/* example_report: what every example says in the same way. */
#ifndef EXAMPLE_REPORT_H
#define EXAMPLE_REPORT_H

#include <secagg.h>

/* Over the line that shows the phase, where a person looks on. */
#define CLEAR_LINE "\r                                        \r"

/* Say that a session failed: by what the machine could not do, or by its own
 * error and why; of neither, by a sum that was not to be. */
void report_failed(secagg_err err, secagg_err session, const char *why);

/* The exit status. What was not written was not said. */
int report_end(const char *program, bool good);

#endif
