/* SPDX-License-Identifier: Apache-2.0 */
#include "banks/loans.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 256
#define MIN_ROWS 400
#define MAX_ROWS 20000
#define MAX_WORDS 6 /* of a column */

/* The features are numbers, then two derived ones, then words as 0 or 1. */
enum { INCOME = 4, AMOUNT = 7, PRICE = 8, FINANCED = 9, NO_INCOME };

const char *const feature_names[FEATURES] = { "years in the job",
    "months to pay", "age", "expenses", "income", "assets", "debt",
    "amount of the loan", "price of the goods", "financed part of the price",
    "income unknown", "has defaulted before", "home: owned", "home: rented",
    "home: parents'", "home: private", "home: other", "married", "single",
    "separated", "widowed", "divorced", "work: permanent", "work: freelance",
    "work: part time", "work: other" };

/* A column of the file. A number goes to the feature `first`; word k of a list
 * sets the feature first + k to 1. */
typedef struct column {
    const char *name;
    size_t first;
    bool logarithm; /* for money and years: many small ones, few large ones */
    const char *words[MAX_WORDS];
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
    { "Income", INCOME, true, { NULL } },
    { "Assets", 5, true, { NULL } },
    { "Debt", 6, true, { NULL } },
    { "Amount", AMOUNT, true, { NULL } },
    { "Price", PRICE, true, { NULL } },
};
#define COLUMNS (sizeof columns / sizeof *columns)

/* ---- one line ------------------------------------------------------------ */

/* A missing number becomes NAN, which dataset_standardise() replaces. */
static bool parse_number(float *features, const column *c, const char *text)
{
    char *end;
    float *feature = &features[c->first];
    *feature = NAN;
    if (*text == '\0')
        return true;
    double value = strtod(text, &end);
    if (*end != '\0' || !(value >= 0 && value <= 1e9))
        return false;
    *feature = (float)(c->logarithm ? log1p(value) : value);
    return true;
}

/* A missing word sets no feature; nor do "no" and "ignore". */
static bool parse_word(float *features, const column *c, const char *text)
{
    if (*text == '\0')
        return true;
    for (size_t k = 0; k < MAX_WORDS && c->words[k] != NULL; k++) {
        if (strcmp(text, c->words[k]) != 0)
            continue;
        if (strcmp(text, "no") != 0 && strcmp(text, "ignore") != 0)
            features[c->first + k] = 1;
        return true;
    }
    return false;
}

/* Cut a line at its commas. False unless there is a field per column. */
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

/* Amount and price are logarithms here, so that their difference is the
 * logarithm of the financed part. */
static bool parse_loan(dataset *d, size_t row, char *line)
{
    char *fields[COLUMNS];
    float *features = dataset_row(d, row);
    if (!split(line, fields))
        return false;
    d->labels[row] = strcmp(fields[0], "bad") == 0;
    if (!d->labels[row] && strcmp(fields[0], "good") != 0)
        return false;
    for (size_t i = 1; i < COLUMNS; i++)
        if (!(columns[i].words[0] != NULL ? parse_word : parse_number)(
                features, &columns[i], fields[i]))
            return false;
    features[NO_INCOME] = isnan(features[INCOME]) ? 1.0f : 0.0f;
    features[FINANCED] = features[AMOUNT] - features[PRICE];
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

/* ---- the file ------------------------------------------------------------ */

static bool parse_file(dataset *d, FILE *file, const char *path)
{
    char line[LINE_BYTES];
    size_t count = 0;
    if (fgets(line, sizeof line, file) == NULL || !parse_head(line)) {
        fprintf(stderr, "%s: line 1 must begin with \"Status,Seniority,"
                        "Home,...\"\n", path);
        return false;
    }
    while (fgets(line, sizeof line, file) != NULL) {
        if (count == MAX_ROWS || !parse_loan(d, count, line)) {
            fprintf(stderr, "%s: line %zu is no loan, or one too many\n",
                path, count + 2);
            return false;
        }
        count++;
    }
    d->count = count;
    if (count < MIN_ROWS)
        fprintf(stderr, "%s: %zu loans are too few, %d are needed\n", path,
            count, MIN_ROWS);
    return count >= MIN_ROWS;
}

/* The banks differ in their share of defaults: that is why they want to learn
 * together. */
static const uint32_t default_percent[3] = { 14, 28, 42 };

bool loans_read(dataset *d, const char *path, uint32_t banks,
    size_t max_loans, uint64_t seed)
{
    FILE *file = dataset_open_file(path);
    if (file == NULL)
        return false;
    bool good = dataset_allocate(d, FEATURES, MAX_ROWS)
        && parse_file(d, file, path);
    fclose(file);
    if (!good)
        return false;
    dataset_split(d, seed);
    dataset_standardise(d, NO_INCOME); /* all features before it */
    return dataset_deal(d, banks, default_percent, max_loans, seed);
}
