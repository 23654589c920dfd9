/* SPDX-License-Identifier: Apache-2.0 */
#include "common/table.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 1024

FILE *table_open(const char *program, const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fprintf(stderr, "%s: %s: %s; --data FILE names another\n", program,
            path, strerror(errno));
    return file;
}

void table_free(table *t)
{
    free(t->values);
    free(t->labels);
    t->values = NULL;
    t->labels = NULL;
}

static bool parse_row(table *t, size_t row, const char *line)
{
    char *end;
    float *values = t->values + row * t->columns;
    for (size_t i = 0; i < t->columns; i++) {
        values[i] = strtof(line, &end);
        if (end == line || *end != ',' || !isfinite(values[i]))
            return false;
        line = end + 1;
    }
    long label = strtol(line, &end, 10);
    if (end == line || end[strspn(end, "\r\n")] != '\0')
        return false;
    t->labels[row] = label == 1;
    return label == 0 || label == 1;
}

static bool parse_head(table *t, const char *line)
{
    char *end;
    t->count = strtoul(line, &end, 10);
    return *end == ',' && strtoul(end + 1, &end, 10) == t->columns
        && t->count >= t->least && t->count <= t->most;
}

static bool parse_file(table *t, FILE *file)
{
    char line[LINE_BYTES];
    if (fgets(line, sizeof line, file) == NULL || !parse_head(t, line)) {
        fprintf(stderr, "%s: %s: line 1 should say \"%s,%zu,...\", %zu to %zu "
                        "%s\n", t->program, t->path, t->rows, t->columns,
            t->least, t->most, t->rows);
        return false;
    }
    t->values = calloc(t->count * t->columns, sizeof *t->values);
    t->labels = calloc(t->count, sizeof *t->labels);
    if (t->values == NULL || t->labels == NULL) {
        fprintf(stderr, "%s: no memory\n", t->program);
        return false;
    }
    for (size_t i = 0; i < t->count; i++) {
        if (fgets(line, sizeof line, file) == NULL || !parse_row(t, i, line)) {
            fprintf(stderr, "%s: %s: line %zu should have %zu numbers and a "
                            "label, 0 or 1\n", t->program, t->path, i + 2,
                t->columns);
            return false;
        }
    }
    return true;
}

bool table_read(table *t)
{
    FILE *file = table_open(t->program, t->path);
    if (file == NULL)
        return false;
    bool good = parse_file(t, file);
    fclose(file);
    if (!good)
        table_free(t);
    return good;
}
