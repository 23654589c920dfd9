/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* getrandom() */
#include "core/system_random.h"

#if defined(__linux__)
#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* Linux can refuse: a filter of system calls may forbid getrandom(), a root
 * directory may have no devices, and a process may have no descriptor left.
 * libsodium ends the process then. The two sources here are those that
 * libsodium tries, in its order, so that it finds one if they do. */

static bool from_call(uint8_t *out, size_t len)
{
    size_t done = 0;

    while (done < len) {
        const ssize_t n = getrandom(out + done, len - done, 0);
        if (n > 0)
            done += (size_t)n;
        else if (errno != EINTR)
            return false;
    }
    return true;
}

static bool read_all(int file, uint8_t *out, size_t len)
{
    size_t done = 0;

    while (done < len) {
        const ssize_t n = read(file, out + done, len - done);
        if (n > 0)
            done += (size_t)n;
        else if (n == 0 || errno != EINTR)
            return false;
    }
    return true;
}

static bool from_device(uint8_t *out, size_t len)
{
    const int file = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    struct stat status;
    bool filled;

    if (file < 0)
        return false;
    filled = fstat(file, &status) == 0 && S_ISCHR(status.st_mode)
        && read_all(file, out, len);
    (void)close(file);
    return filled;
}

bool sa_system_random(uint8_t *out, size_t len)
{
    const int saved = errno; /* the host's */
    const bool filled = from_call(out, len) || from_device(out, len);

    errno = saved;
    return filled;
}

#else
#include <sodium.h>

/* The generators of other systems do not fail. */
bool sa_system_random(uint8_t *out, size_t len)
{
    randombytes_buf(out, len);
    return true;
}
#endif
