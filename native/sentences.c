/* Whether sentences of one text have no counterpart in another: harness/checks/sentence_alignment.py in C, operation
   by operation, so that both give the same bits. What is said there about the method is not said again here.

   Weights of words are whole numbers, so that their sums do not depend on an order. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

#define CODE_POINTS 0x110000u
#define UNITS 10000.0 /* in a nat */

/* What a character is; the bits of sentence_kernel.py. Above DIGIT stands the value of a decimal. */
enum {
    ALPHANUMERIC = 2,
    ACCENT = 4,
    DECIMAL = 8,
    BLANK = 16,
    JOINT = 32,
    AT_THE_END = 64,
    CLOSES = 128,
    QUESTION = 256,
    EXCLAMATION = 512,
    DIGIT = 12
};

/* What of a sentence is expected again on the other side; the numbers of sentence_signs.py. */
enum { ACROSS_LANGUAGES = 0, WORDS = 1, COUPLES = 2 };

enum { NUMBER_SIGN = 31000, WORD_SIGN = 25800, COUPLE_SIGN = 12530, NUMBER_LOST = 3000, WORD_LOST = 400 };

static const int32_t WORD_BY_LENGTH[] = {1790, 1790, 4475, 8950, 13425, 17900, 21480};
enum { LONGEST_WORD = 6, LONG_WORD = 5, SHORT_WORD = 4 };

typedef struct {
    uint32_t id;
    int32_t weight;
} Sign;

typedef struct {
    Sign *signs;
    int64_t *starts;  /* sentence i has the signs starts[i] to starts[i + 1] */
    int64_t *absence; /* absence[i]: what it costs if the sentences before i share nothing */
} Signs;

typedef struct {
    const Sentences *whole, *part;
    const Weights *weights;
    double ratio, scale;
    Signs of_whole, of_part;
    Table table;
    uint32_t *seen; /* by sign: its place among those of a sentence, or the last sentence that has it */
    int64_t lowest, width;
    int64_t *shared; /* by cell: of the sentences before it */
    double *complete, *lossy;
} Alignment;

static uint32_t class_of(const Alignment *a, uint32_t c) {
    return c < CODE_POINTS ? a->weights->classes[c] : 0;
}

/* Adds a sign to the sentence that begins at `first`, or gives it another weight if it is there. */
static void put(Alignment *a, Signs *signs, int64_t first, int64_t *length, uint32_t id, int32_t weight) {
    int64_t place = (int64_t)a->seen[id] - 1;
    if (place < first) {
        place = (*length)++;
        a->seen[id] = (uint32_t)(place + 1);
    }
    signs->signs[place] = (Sign){id, weight};
}

/* The sign of a number: its value if it has digits only, else how it is written. */
static uint32_t number_of(Alignment *a, const uint32_t *word, int64_t length) {
    uint32_t id = table_insert(&a->table, NONE, '#');
    int64_t from = 0;
    int all = 1;
    for (int64_t k = 0; k < length; k++) all = all && (class_of(a, word[k]) & DECIMAL);
    if (!all) {
        for (int64_t k = 0; k < length; k++) id = table_insert(&a->table, id, word[k]);
        return id;
    }
    while (from < length - 1 && class_of(a, word[from]) >> DIGIT == 0) from++;
    for (; from < length; from++) id = table_insert(&a->table, id, '0' + (class_of(a, word[from]) >> DIGIT));
    return id;
}

static void read_word(
    Alignment *a, Signs *signs, int64_t first, int64_t *length, int reading, const uint32_t *word, int64_t letters) {
    int decimal = (class_of(a, word[0]) & DECIMAL) != 0;
    if (reading == ACROSS_LANGUAGES && decimal) {
        put(a, signs, first, length, number_of(a, word, letters), NUMBER_SIGN);
        return;
    }
    if (reading == ACROSS_LANGUAGES && letters < SHORT_WORD) return;
    int64_t kept = letters < LONG_WORD ? letters : LONG_WORD;
    if (reading == ACROSS_LANGUAGES && letters < LONGEST_WORD) kept = SHORT_WORD;
    uint32_t id = NONE;
    for (int64_t k = 0; k < kept; k++) id = table_insert(&a->table, id, word[k]);
    int32_t weight = WORD_BY_LENGTH[decimal ? LONG_WORD : letters < LONGEST_WORD ? letters : LONGEST_WORD];
    put(a, signs, first, length, id, reading == ACROSS_LANGUAGES ? WORD_SIGN : weight);
}

static void read_words_of(
    Alignment *a, Signs *signs, int64_t first, int64_t *length, int reading, const uint32_t *text, int64_t size) {
    for (int64_t k = 0; k < size;) {
        if (!(class_of(a, text[k]) & ALPHANUMERIC)) {
            k++;
            continue;
        }
        int64_t start = k;
        while (k < size && (class_of(a, text[k]) & (ALPHANUMERIC | ACCENT))) k++;
        read_word(a, signs, first, length, reading, text + start, k - start);
    }
}

static void read_end(
    Alignment *a, Signs *signs, int64_t first, int64_t *length, const uint32_t *text, int64_t size) {
    while (size > 0 && (class_of(a, text[size - 1]) & CLOSES)) size--;
    uint32_t end = size > 0 ? class_of(a, text[size - 1]) : 0;
    if (end & QUESTION) put(a, signs, first, length, table_insert(&a->table, NONE, '?'), NUMBER_SIGN);
    if (end & EXCLAMATION) put(a, signs, first, length, table_insert(&a->table, NONE, '!'), NUMBER_SIGN);
}

static void read_couples(
    Alignment *a, Signs *signs, int64_t first, int64_t *length, const uint32_t *text, int64_t size) {
    uint32_t before = NONE;
    for (int64_t k = 0; k < size; k++) {
        if (!(class_of(a, text[k]) & ALPHANUMERIC)) continue;
        if (before != NONE) put(a, signs, first, length, table_insert(&a->table, before, text[k]), COUPLE_SIGN);
        before = text[k];
    }
}

/* The most signs that sentences may have: one for each character, and their marks at the end. */
static size_t most_signs(const Sentences *sentences) {
    int64_t written = sentences->bounds[sentences->count], folded = sentences->folded_bounds[sentences->count];
    return (size_t)(written > folded ? written : folded) + 2 * (size_t)sentences->count;
}

/* Whether every character of some sentences has a class. */
static int known(const Alignment *a, const Sentences *sentences) {
    for (int64_t k = 0; k < sentences->bounds[sentences->count]; k++)
        if (!class_of(a, sentences->text[k])) return 0;
    for (int64_t k = 0; k < sentences->folded_bounds[sentences->count]; k++)
        if (!class_of(a, sentences->folded[k])) return 0;
    return 1;
}

static int read_signs(Alignment *a, const Sentences *sentences, int reading, Signs *signs, size_t entries) {
    size_t count = (size_t)sentences->count;
    signs->signs = malloc((most_signs(sentences) + 1) * sizeof *signs->signs);
    signs->starts = malloc((count + 1) * sizeof *signs->starts);
    signs->absence = malloc((count + 1) * sizeof *signs->absence);
    if (!signs->signs || !signs->starts || !signs->absence) return OUT_OF_MEMORY;
    memset(a->seen, 0, entries * sizeof *a->seen);
    int64_t length = 0;
    signs->absence[0] = 0;
    for (size_t i = 0; i < count; i++) {
        const uint32_t *text = sentences->text + sentences->bounds[i];
        const uint32_t *folded = sentences->folded + sentences->folded_bounds[i];
        int64_t size = sentences->bounds[i + 1] - sentences->bounds[i], first = length, cost = 0;
        signs->starts[i] = first;
        if (reading == COUPLES) {
            read_couples(a, signs, first, &length, text, size);
        } else {
            read_words_of(
                a, signs, first, &length, reading, folded, sentences->folded_bounds[i + 1] - sentences->folded_bounds[i]);
            if (reading == ACROSS_LANGUAGES) read_end(a, signs, first, &length, text, size);
        }
        for (int64_t k = first; k < length; k++) {
            int32_t weight = signs->signs[k].weight;
            if (reading == ACROSS_LANGUAGES) cost += weight == NUMBER_SIGN ? NUMBER_LOST : WORD_LOST;
            else cost += 32 * weight / 179;
        }
        signs->absence[i + 1] = signs->absence[i] + cost;
    }
    signs->starts[count] = length;
    return DONE;
}

/* Whether a cell is looked at: nothing far from the diagonal can be best. */
static int inside(const Alignment *a, int64_t i, int64_t j) {
    return i >= 0 && j >= 0 && j <= a->part->count && j - i >= a->lowest && j - i < a->lowest + a->width;
}

static size_t cell(const Alignment *a, int64_t i, int64_t j) {
    return (size_t)(i * a->width + j - i - a->lowest);
}

static void share(Alignment *a, size_t entries) {
    memset(a->seen, 0, entries * sizeof *a->seen);
    for (int64_t j = 1; j <= a->part->count; j++) {
        for (int64_t k = a->of_part.starts[j - 1]; k < a->of_part.starts[j]; k++)
            a->seen[a->of_part.signs[k].id] = (uint32_t)j;
        int64_t first = j - a->lowest - a->width + 1, last = j - a->lowest;
        for (int64_t i = first > 1 ? first : 1; i <= last && i <= a->whole->count; i++) {
            int64_t sum = 0;
            for (int64_t k = a->of_whole.starts[i - 1]; k < a->of_whole.starts[i]; k++)
                if (a->seen[a->of_whole.signs[k].id] == (uint32_t)j) sum += a->of_whole.signs[k].weight;
            a->shared[cell(a, i, j)] = sum;
        }
    }
}

static int has_joint(const Alignment *a, const Sentences *sentences, int64_t sentence, double where) {
    const uint32_t *text = sentences->text + sentences->bounds[sentence];
    int64_t length = sentences->bounds[sentence + 1] - sentences->bounds[sentence], stop = length;
    double middle = where * (double)length;
    double window = a->weights->joint_share * (double)length + a->weights->joint_characters;
    double from = nearbyint(middle - window), to = nearbyint(middle + window) + 1;
    while (stop > 0 && (class_of(a, text[stop - 1]) & AT_THE_END)) stop--;
    if (to < (double)stop) stop = (int64_t)to;
    int64_t k = from < 0 ? 0 : from > (double)length ? length : (int64_t)from;
    for (; k < stop; k++) {
        uint32_t class = class_of(a, text[k]);
        if (class & JOINT) return 1;
        if (text[k] == '-' && k + 1 < stop && text[k + 1] == '-') return 1;
        if ((class & BLANK) && k + 2 < stop && text[k + 1] == '-' && (class_of(a, text[k + 2]) & BLANK)) return 1;
    }
    return 0;
}

static double score(const Alignment *a, int64_t i, int64_t j, int64_t p, int64_t q) {
    const Weights *w = a->weights;
    const double *to_whole = a->whole->to, *to_part = a->part->to;
    int64_t sum = a->of_whole.absence[i - p] - a->of_whole.absence[i] + a->of_part.absence[j - q] - a->of_part.absence[j];
    for (int64_t row = i - p; row < i; row++) sum += a->shared[cell(a, row + 1, j)];
    if (q == 2) sum += a->shared[cell(a, i, j - 1)];
    double words = (double)sum / UNITS;
    double given = to_whole[i] - to_whole[i - p], written = to_part[j] - to_part[j - q];
    double longer = written > given ? written : given;
    double deviation = a->scale * sqrt(w->spread_squared + w->spread_per_character / (longer < 1 ? 1 : floor(longer)));
    double z = (log(written / given) - a->ratio) / deviation, worst = z * z / 2;
    if (words > w->most_words) words = w->most_words;
    if (words < -w->most_words) words = -w->most_words;
    if (worst > w->worst_length) worst = w->worst_length;
    double score = words - worst + log(w->broadest / deviation);
    if (p == q) return score;
    if (p > 2) return score - w->joined_more;
    double first = p == 2 ? to_whole[i - 1] - to_whole[i - 2] : to_part[j - 1] - to_part[j - 2];
    int joint = p == 2 ? has_joint(a, a->part, j - 1, first / longer) : has_joint(a, a->whole, i - 1, first / longer);
    return score - (joint ? w->joined : w->joined_without_mark);
}

static void align_cell(Alignment *a, int64_t i, int64_t j, const int64_t (*shapes)[2], int count) {
    double complete = -INFINITY, lossy = -INFINITY;
    for (int s = 0; s < count; s++) {
        int64_t p = shapes[s][0], q = shapes[s][1];
        if (!inside(a, i - p, j - q)) continue;
        double so_far = a->complete[cell(a, i - p, j - q)], so_far_lossy = a->lossy[cell(a, i - p, j - q)];
        if (so_far == -INFINITY && so_far_lossy == -INFINITY) continue;
        double bead = score(a, i, j, p, q);
        if (so_far + bead > complete) complete = so_far + bead;
        if (so_far_lossy + bead > lossy) lossy = so_far_lossy + bead;
    }
    if (inside(a, i - 1, j)) {
        double lost = a->complete[cell(a, i - 1, j)] - a->weights->lost;
        double lost_lossy = a->lossy[cell(a, i - 1, j)] - a->weights->lost;
        if (lost > lossy) lossy = lost;
        if (lost_lossy > lossy) lossy = lost_lossy;
    }
    a->complete[cell(a, i, j)] = complete;
    a->lossy[cell(a, i, j)] = lossy;
}

static int align(Alignment *a, double *evidence) {
    int64_t count = a->whole->count, count_of_part = a->part->count, more = count - count_of_part;
    const int64_t shapes[4][2] = {{1, 1}, {2, 1}, {1, 2}, {count_of_part > 1 ? 3 : count, 1}};
    size_t cells = (size_t)(count + 1) * (size_t)a->width;
    for (size_t k = 0; k < cells; k++) a->complete[k] = a->lossy[k] = -INFINITY;
    a->complete[cell(a, 0, 0)] = 0;
    for (int64_t i = 0; i <= count; i++)
        for (int64_t j = i + a->lowest > 0 ? i + a->lowest : 0; inside(a, i, j); j++)
            if (i || j) align_cell(a, i, j, shapes, more < 2 ? 3 : 4);
    size_t end = cell(a, count, count_of_part);
    double worst = -a->weights->most_cost;
    *evidence = (a->lossy[end] > worst ? a->lossy[end] : worst) - (a->complete[end] > worst ? a->complete[end] : worst);
    return DONE;
}

static int allocate(Alignment *a, size_t entries) {
    int64_t more = a->whole->count - a->part->count, slack = more == 0;
    a->lowest = -(more > 0 ? more : 0) - slack;
    a->width = (more < 0 ? -more : more) + 2 * slack + 1;
    size_t rows = (size_t)(a->whole->count + 1), cells = rows * (size_t)a->width;
    if (cells / rows != (size_t)a->width || cells > SIZE_MAX / 16) return OUT_OF_MEMORY;
    if (table_reset(&a->table, entries)) return OUT_OF_MEMORY;
    a->seen = malloc(entries * sizeof *a->seen);
    a->shared = calloc(cells, sizeof *a->shared);
    a->complete = malloc(cells * sizeof *a->complete);
    a->lossy = malloc(cells * sizeof *a->lossy);
    return a->seen && a->shared && a->complete && a->lossy ? DONE : OUT_OF_MEMORY;
}

static void release(Alignment *a) {
    Signs *both[] = {&a->of_whole, &a->of_part};
    for (int side = 0; side < 2; side++) {
        free(both[side]->signs);
        free(both[side]->starts);
        free(both[side]->absence);
    }
    table_free(&a->table);
    free(a->seen);
    free(a->shared);
    free(a->complete);
    free(a->lossy);
}

int32_t harness_lost_sentence(const Sentences *whole, const Sentences *part, int32_t reading, double ratio, double scale,
    const Weights *weights, double *evidence) {
    Alignment a = {.whole = whole, .part = part, .weights = weights, .ratio = ratio, .scale = scale};
    if (!known(&a, whole) || !known(&a, part)) return UNKNOWN_CHARACTER;
    size_t entries = most_signs(whole) + most_signs(part) + 3;
    /* Signs are numbered with 32 bits. */
    if (entries > UINT32_MAX / 2) return OUT_OF_MEMORY;
    int failed = allocate(&a, entries) || read_signs(&a, whole, reading, &a.of_whole, entries) ||
                 read_signs(&a, part, reading, &a.of_part, entries);
    if (!failed) {
        share(&a, entries);
        failed = align(&a, evidence);
    }
    release(&a);
    return failed ? OUT_OF_MEMORY : DONE;
}
