/* SPDX-License-Identifier: Apache-2.0 */
/* secagg-vectors: compare the library with files of test vectors. See
 * secagg-vectors(1). */
#define _POSIX_C_SOURCE 200809L /* directories */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "vectors/vectors.h"

static void fail(vec_tally *sum, const char *path, const char *what)
{
    printf("%s: %s\n", path, what);
    sum->failed++;
}

static int is_json(const struct dirent *entry)
{
    const size_t len = strlen(entry->d_name);

    return entry->d_name[0] != '.' && len > 5
        && strcmp(entry->d_name + len - 5, ".json") == 0;
}

/* Runs one file, or all .json files of a directory. */
static void run_path(const char *path, vec_tally *sum)
{
    struct dirent **entries;
    const int count = scandir(path, &entries, is_json, alphasort);

    if (count < 0) {
        vec_run_file(path, sum);
        return;
    }
    if (count == 0)
        fail(sum, path, "it has no .json file");
    for (int i = 0; i < count; i++) {
        char file[4096];
        snprintf(file, sizeof file, "%s/%s", path, entries[i]->d_name);
        vec_run_file(file, sum);
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char **argv)
{
    vec_tally sum = { 0 };

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc > 1 && argv[1][0] == '-') {
        fputs("usage: secagg-vectors [file-or-directory ...]\n", stderr);
        return 2;
    }
    if (sa_init() != SECAGG_OK)
        return 2;
    if (argc < 2)
        run_path(VECTORS_DIR, &sum);
    for (int i = 1; i < argc; i++)
        run_path(argv[i], &sum);
    if (sum.left_out > 0)
        printf("%zu tests of suite 1 left out\n", sum.left_out);
    printf("%zu files: %zu passed, %zu failed\n", sum.files, sum.passed,
        sum.failed);
    return sum.failed > 0;
}
