/* SPDX-License-Identifier: Apache-2.0 */
/* example_bytes: numbers in what the hosts send each other, most significant
 * byte first. */
#ifndef EXAMPLE_BYTES_H
#define EXAMPLE_BYTES_H

#include <stddef.h>
#include <stdint.h>

uint32_t read_be32(const uint8_t *at);
uint8_t *write_be32(uint8_t *at, size_t value); /* behind what was written */

#endif
