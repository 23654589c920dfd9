/* SPDX-License-Identifier: Apache-2.0 */
/* Replay of a corpus with any compiler: each file that is named is one input.
 * libFuzzer brings a main of its own in place of this. */
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
            fprintf(stderr, "%s: more than is read\n", argv[i]);
            return 1;
        }
        fprintf(stderr, "%s\n", argv[i]);
        (void)LLVMFuzzerTestOneInput(input, len);
    }
    printf("%d inputs\n", argc - 1);
    return argc < 2;
}
