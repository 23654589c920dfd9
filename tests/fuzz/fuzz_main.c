/* SPDX-License-Identifier: Apache-2.0 */
/* Replay a corpus with any compiler: each argument is a file with one input.
 * libFuzzer has its own main() instead of this one. */
#include <stdio.h>

#include "fuzz/fuzz.h"

int main(int argc, char **argv)
{
    static uint8_t input[FUZZ_INPUT + 1];

    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        size_t len;
        if (file == NULL) {
            perror(argv[i]);
            return 1;
        }
        len = fread(input, 1, sizeof input, file);
        fclose(file);
        if (len > FUZZ_INPUT) {
            fprintf(stderr, "%s: longer than an input\n", argv[i]);
            return 1;
        }
        fprintf(stderr, "%s\n", argv[i]);
        (void)LLVMFuzzerTestOneInput(input, len);
    }
    printf("%d inputs\n", argc - 1);
    return argc < 2;
}
