/* SPDX-License-Identifier: Apache-2.0 */
#include "banks/data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/deck.h"
#include "common/table.h"

#define LINE_BYTES 256
#define LEAST_COUNT 400
#define MOST_COUNT 20000

/* Features come in three groups, in this order: numbers, in standard
 * deviations from their mean; what is derived; words, as 0 or 1. */
enum { NUMBERS = 9, FINANCED = NUMBERS, NO_INCOME, WORDS };

const char *const feature_names[FEATURES] = { "years in the job",
    "months to pay", "age", "expenses", "income", "assets", "debt",
    "amount of the loan", "price of the goods", "financed part of the price",
    "income unknown", "has defaulted before", "home: owned", "home: rented",
    "home: parents'", "home: private", "home: other", "married", "single",
    "separated", "widowed", "divorced", "work: permanent", "work: freelance",
    "work: part time", "work: other" };

/* A column of the file. A number has a place among the features; of words the
 * one at place k sets feature first + k. */
typedef struct column {
    const char *name;
    size_t first;
    bool logarithm; /* money and years: many small ones, few large ones */
    const char *words[6];
} column;

static const column columns[] = {
    { "Status", 0, false, { NULL } },
    { "Seniority", 0, true, { NULL } },
    { "Home", 12, false,
        { "owner", "rent", "parents", "priv", "other", "ignore" } },
    { "Time", 1, false, { NULL } },
    { "Age", 2, false, { NULL } },
    { "Marital", 17, false,
        { "married", "single", "separated", "widow", "divorced", NULL } },
    { "Records", 11, false, { "yes", "no", NULL } },
    { "Job", 22, false, { "fixed", "freelance", "partime", "others", NULL } },
    { "Expenses", 3, true, { NULL } },
    { "Income", 4, true, { NULL } },
    { "Assets", 5, true, { NULL } },
    { "Debt", 6, true, { NULL } },
    { "Amount", 7, true, { NULL } },
    { "Price", 8, true, { NULL } },
};
#define COLUMNS (sizeof columns / sizeof *columns)

/* ---- reading ------------------------------------------------------------- */

/* A missing number is NAN until there is a mean to take its place. */
static bool parse_number(loan *l, const column *c, const char *text)
{
    char *end;
    float *at = &l->features[c->first];
    *at = NAN;
    if (*text == '\0')
        return true;
    double value = strtod(text, &end);
    if (*end != '\0' || !(value >= 0 && value <= 1e9))
        return false;
    *at = (float)(c->logarithm ? log1p(value) : value);
    return true;
}

/* A missing word is none of them; the last word of two, and "ignore", too. */
static bool parse_word(loan *l, const column *c, const char *text)
{
    if (*text == '\0')
        return true;
    for (size_t k = 0; k < 6 && c->words[k] != NULL; k++) {
        if (strcmp(text, c->words[k]) != 0)
            continue;
        if (strcmp(text, "no") != 0 && strcmp(text, "ignore") != 0)
            l->features[c->first + k] = 1;
        return true;
    }
    return false;
}

static bool parse_field(loan *l, size_t number, const char *text)
{
    if (number == 0) {
        l->defaulted = strcmp(text, "bad") == 0;
        return l->defaulted || strcmp(text, "good") == 0;
    }
    if (columns[number].words[0] != NULL)
        return parse_word(l, &columns[number], text);
    return parse_number(l, &columns[number], text);
}

/* Cut a line at its commas: as many fields as there are columns, no more. */
static bool split(char *line, char *fields[COLUMNS])
{
    line[strcspn(line, "\r\n")] = '\0';
    for (size_t i = 0; i < COLUMNS; i++) {
        fields[i] = line;
        line = line != NULL ? strchr(line, ',') : NULL;
        if ((line == NULL) != (i + 1 == COLUMNS))
            return false;
        if (line != NULL)
            *line++ = '\0';
    }
    return true;
}

static bool parse_loan(loan *l, char *line)
{
    char *fields[COLUMNS];
    if (!split(line, fields))
        return false;
    memset(l, 0, sizeof *l);
    for (size_t i = 0; i < COLUMNS; i++)
        if (!parse_field(l, i, fields[i]))
            return false;
    l->features[NO_INCOME] = isnan(l->features[4]) ? 1.0f : 0.0f;
    l->features[FINANCED] = l->features[7] - l->features[8]; /* logarithms */
    return true;
}

static bool parse_head(char *line)
{
    char *fields[COLUMNS];
    bool good = split(line, fields);
    for (size_t i = 0; good && i < COLUMNS; i++)
        good = strcmp(fields[i], columns[i].name) == 0;
    return good;
}

static bool parse_file(dataset *data, FILE *file, const char *path)
{
    char line[LINE_BYTES];
    if (fgets(line, sizeof line, file) == NULL || !parse_head(line)) {
        fprintf(stderr, "banks: %s: line 1 should say \"Status,Seniority,"
                        "Home,...\"\n", path);
        return false;
    }
    while (fgets(line, sizeof line, file) != NULL) {
        if (data->count == MOST_COUNT
            || !parse_loan(&data->loans[data->count], line)) {
            fprintf(stderr, "banks: %s: line %zu is no loan, or one too many"
                            "\n", path, data->count + 2);
            return false;
        }
        data->count++;
    }
    if (data->count < LEAST_COUNT)
        fprintf(stderr, "banks: %s: %zu loans are too few, %d are needed\n",
            path, data->count, LEAST_COUNT);
    return data->count >= LEAST_COUNT;
}

/* ---- dealing ------------------------------------------------------------- */

/* Bank i gets a share that grows with i: the largest has some five times the
 * loans of the smallest. */
static void size_banks(dataset *data, uint32_t banks)
{
    size_t parts = 0, done = 0;
    for (uint32_t i = 0; i < banks; i++)
        parts += i + 3;
    for (uint32_t i = 0; i < banks; i++) {
        done += i + 3;
        data->first[i + 1] = data->training * done / parts;
    }
}

/* Mean 0 and deviation 1 for what is a number; what is missing is at the mean.
 * Here the two are taken as known to all; banks can find them by a secure sum
 * of their own. */
static void standardise(dataset *data)
{
    for (size_t f = 0; f <= FINANCED; f++) {
        double sum = 0, squares = 0, count = 0;
        for (size_t i = 0; i < data->training; i++) {
            double value = (double)data->loans[i].features[f];
            if (isnan(value))
                continue;
            count++;
            sum += value;
            squares += value * value;
        }
        double mean = count > 0 ? sum / count : 0;
        double variance = count > 0 ? squares / count - mean * mean : 0;
        double deviation = variance > 1e-9 ? sqrt(variance) : 1;
        for (size_t i = 0; i < data->count; i++) {
            float *at = &data->loans[i].features[f];
            *at = isnan(*at) ? 0 : (float)(((double)*at - mean) / deviation);
        }
    }
}

/* Banks have their own luck with their debtors, each third of them another:
 * that is why they want to learn together. */
static const uint32_t defaulted_percent[3] = { 14, 28, 42 };

bool data_read(dataset *data, const char *path, uint32_t banks,
    uint64_t seed)
{
    memset(data, 0, sizeof *data);
    FILE *file = table_open("banks", path);
    if (file == NULL)
        return false;
    data->loans = calloc(MOST_COUNT, sizeof *data->loans);
    if (data->loans == NULL)
        fprintf(stderr, "banks: no memory\n");
    bool good = data->loans != NULL && parse_file(data, file, path);
    fclose(file);
    if (!good)
        return false;
    deck all = { data->loans, sizeof(loan), offsetof(loan, defaulted) };
    data->training = data->count - data->count / 5;
    deck_shuffle(&all, data->count, dice_new(seed, 1, 0));
    standardise(data);
    size_banks(data, banks);
    deck_deal(&all, data->first, banks, defaulted_percent,
        dice_new(seed, 2, 0));
    for (uint32_t i = 0; i < banks; i++) {
        if (data->first[i + 1] - data->first[i] > MAX_LOANS) {
            fprintf(stderr, "banks: %s: a bank would have more than %d "
                            "loans\n", path, MAX_LOANS);
            return false;
        }
    }
    return true;
}

void data_free(dataset *data)
{
    free(data->loans);
    data->loans = NULL;
}
